"""A consultant's clients: where each stands, as far as its engagement shows it, and what is new
since the consultant last looked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.db.models import Max

from checklists.models import Answer, Assessment, AssessmentTopic, Edition, Perspective, Question
from checklists.results import OFFEN, Tally, counted
from checklists.sheet import Sheet
from portal.accounts.models import Company, Engagement


@dataclass(frozen=True)
class Round:
    """A round with the value of each question it asks, "" for an open one."""

    number: int
    is_open: bool
    values: dict[str, str]  # by key, in catalogue order

    @cached_property
    def tally(self) -> Tally:
        return Tally.of(self.values.values())


@dataclass(frozen=True)
class Change:
    """A question that is answered otherwise than the consultant saw it."""

    key: str
    text: str
    before: str
    after: str


@dataclass(frozen=True)
class News:
    """What is new to the consultant. Never who did it, or when."""

    new_round: bool = False
    answers: tuple[Change, ...] = ()
    reports: int = 0

    def __bool__(self) -> bool:
        return self.new_round or bool(self.answers) or self.reports > 0


@dataclass(frozen=True)
class Client:
    """An engagement with what stands at the firm."""

    engagement: Engagement
    round: Round | None  # the newest; None without one, and where answers are not granted
    report: int  # number of the newest; 0 without one, and where reports are not granted
    texts: dict[str, str] = field(default_factory=dict, repr=False)  # of questions, by key

    @property
    def standing(self) -> dict[str, Any]:
        """What stands now, to be remembered when the consultant has seen it."""
        standing: dict[str, Any] = {}
        if self.round:
            answered = {key: value for key, value in self.round.values.items() if value}
            standing |= {"round": self.round.number, "answers": answered}
        if self.engagement.sees_reports:
            standing["report"] = self.report
        return standing

    @property
    def stand(self) -> str:
        """Tells two standings apart: 16 hex digits."""
        text = json.dumps(self.standing, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def news(self) -> News:
        """Nothing where the consultant has never looked: then all of it is new."""
        seen = self.engagement.seen
        new_round = False
        answers: tuple[Change, ...] = ()
        if self.round and "round" in seen:
            new_round = seen["round"] != self.round.number
            answers = () if new_round else tuple(self._changes(seen["answers"]))
        reports = self.report - seen["report"] if self.report and "report" in seen else 0
        return News(new_round, answers, max(reports, 0))

    def _changes(self, before: dict[str, str]) -> list[Change]:
        assert self.round
        return [
            Change(key, self.texts.get(key, ""), before.get(key, OFFEN), value)
            for key, value in self.round.values.items()
            if value != before.get(key, OFFEN)
        ]


def clients(engagements: Collection[Engagement]) -> list[Client]:
    """The engagements with what stands at their firms, in order: six queries for all."""
    answering = [each.company_id for each in engagements if each.sees_answers]
    latest: dict[int, Assessment] = {}
    for assessment in Assessment.objects.filter(company__in=answering).order_by("number"):
        latest[assessment.company_id] = assessment
    questions = _questions()
    rounds = _rounds(list(latest.values()), questions)
    shown = {company: rounds[assessment.pk] for company, assessment in latest.items()}
    return _clients(engagements, shown, questions)


def client_with_rounds(engagement: Engagement) -> tuple[Client, list[Round]]:
    """One client with all its rounds, newest first, none where answers are not granted: six
    queries."""
    found = []
    if engagement.sees_answers:
        found = list(Assessment.objects.filter(company=engagement.company_id).order_by("-number"))
    questions = _questions()
    by_pk = _rounds(found, questions)
    rounds = [by_pk[assessment.pk] for assessment in found]
    shown = {engagement.company_id: rounds[0]} if rounds else {}
    return _clients([engagement], shown, questions)[0], rounds


def _questions() -> list[Question]:
    return list(Question.objects.select_related("aid").defer("help", "plain"))


def _clients(
    engagements: Collection[Engagement], latest: dict[int, Round], questions: list[Question]
) -> list[Client]:
    """With the latest round of each company; one query, for the newest reports."""
    reporting = [each.company_id for each in engagements if each.sees_reports]
    reports = dict(
        Company.objects.filter(pk__in=reporting)
        .annotate(newest=Max("reports__number"))
        .values_list("pk", "newest")
    )
    texts = {question.key: question.text for question in questions}
    return [
        Client(
            engagement=each,
            round=latest.get(each.company_id) if each.sees_answers else None,
            report=(each.sees_reports and reports.get(each.company_id)) or 0,
            texts=texts,
        )
        for each in engagements
    ]


def sheet_for(engagement: Engagement, assessment: Assessment) -> Sheet:
    """A client's sheet, with notes only where they are granted."""
    sheet = Sheet.of(assessment)
    if not engagement.sees_notes:
        for topic in sheet.topics:
            topic.lines = [replace(line, note="") for line in topic.lines]
    return sheet


def _rounds(assessments: list[Assessment], questions: list[Question]) -> dict[int, Round]:
    """Rounds by primary key, counted from values alone: three queries, however many rounds."""
    keys = {question.pk: question.key for question in questions}
    editions = {assessment.edition_id for assessment in assessments}
    asked = dict(Edition.objects.filter(pk__in=editions).values_list("pk", "questions"))
    codes: dict[int, set[str]] = {assessment.pk: set() for assessment in assessments}
    for pk, code in AssessmentTopic.objects.filter(assessment__in=codes).values_list(
        "assessment", "aid__code"
    ):
        codes[pk].add(code)
    values: dict[int, dict[str, str]] = {
        assessment.pk: dict.fromkeys(
            (
                key
                for key in sorted(asked[assessment.edition_id])
                if key.partition("-")[0] in codes[assessment.pk]
            ),
            OFFEN,
        )
        for assessment in assessments
    }
    for pk, question, value, to_confirm in Answer.objects.filter(
        assessment__in=codes, perspective=Perspective.JOINT
    ).values_list("assessment", "question", "value", "to_confirm"):
        if keys.get(question) in values[pk]:
            values[pk][keys[question]] = counted(value, to_confirm)
    return {
        assessment.pk: Round(assessment.number, assessment.is_open, values[assessment.pk])
        for assessment in assessments
    }
