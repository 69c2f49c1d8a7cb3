"""The answer sheet: a round's questions, in the wording it uses, with the firm's answers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from checklists.asked import Asked, asked_by
from checklists.models import (
    Answer,
    Assessment,
    AssessmentTopic,
    DecisionAid,
    Perspective,
    Question,
    Stage,
    Wording,
)
from checklists.results import (
    OFFEN,
    WEISS_NICHT,
    Item,
    Reached,
    Recommendation,
    Tally,
    counted,
    recommend,
    stage_of,
)
from portal.accounts.prepared import prepared


class Given(NamedTuple):
    """The columns of an answer that a sheet shows. A tuple: a round has dozens of them, and model
    instances would cost a fifth of a page."""

    question_id: int
    value: str
    reason: str
    note: str
    version: int
    wording_hash: str
    to_confirm: bool


@dataclass(frozen=True)
class Line:
    """One question of the round and what the firm says to it."""

    asked: Asked
    value: str = OFFEN  # as it counts
    earlier: str = ""  # what an earlier round said, as long as nobody has confirmed it
    reason: str = ""
    note: str = ""
    version: int = 0
    changed: bool = False  # the question was reworded since it was answered: please confirm

    @property
    def question(self) -> Question:
        return self.asked.question

    @property
    def aid(self) -> DecisionAid:
        return self.asked.aid

    @property
    def key(self) -> str:
        return self.asked.key

    @property
    def number(self) -> int:
        return self.question.number

    @property
    def text(self) -> str:
        return self.asked.text

    @property
    def help(self) -> str:
        return self.asked.help

    @property
    def plain(self) -> str:
        return self.asked.plain

    @property
    def stage(self) -> Stage:
        return Stage(self.question.stage)

    @property
    def item(self) -> Item:
        """This line as counting sees it."""
        return Item(
            self.key, self.aid.code, self.question.stage, self.question.step.key, self.value
        )

    @property
    def open(self) -> bool:
        return self.value in (OFFEN, WEISS_NICHT)

    @property
    def shape(self) -> str:
        """Name of its mark: the value, or "ja-frueher" for what is to be confirmed."""
        return f"{self.earlier}-frueher" if self.earlier else self.value


@dataclass
class Topic:
    """A topic's part of the sheet."""

    aid: DecisionAid
    lines: list[Line]
    mark: str = ""  # what the team says of it; only known where the whole sheet was read

    @property
    def state(self) -> str:
        """How the topic stands, in words: what the team says of it, else what the counts say."""
        if self.mark:
            return str(AssessmentTopic.Mark(self.mark).label)
        if self.tally.complete:
            return _("beantwortet")
        return _("in Arbeit") if self.tally.started else _("offen")

    @cached_property
    def tally(self) -> Tally:
        earlier = sum(bool(line.earlier) for line in self.lines)
        return Tally.of((line.value for line in self.lines), to_confirm=earlier)

    @cached_property
    def reached(self) -> Reached:
        return stage_of([line.item for line in self.lines])

    @cached_property
    def next_open(self) -> Line | None:
        """The first unanswered line, else the first "weiß nicht"."""
        unanswered = (line for line in self.lines if line.value == OFFEN)
        return next(unanswered, None) or next((line for line in self.lines if line.open), None)

    @property
    def confirmable(self) -> list[Line]:
        """Lines whose earlier answer can be confirmed unread: the question is still the same."""
        return [line for line in self.lines if line.earlier and not line.changed]

    def line(self, key: str) -> Line | None:
        return next((line for line in self.lines if line.key == key), None)


@dataclass
class Sheet:
    """All topics of a round, in catalogue order."""

    assessment: Assessment
    topics: list[Topic]
    left_out: list[DecisionAid]  # topics of the edition that this round does not ask about

    @classmethod
    def of(cls, assessment: Assessment) -> Sheet:
        """Read the whole sheet: two queries, once the process knows the edition."""
        answers = {
            given.question_id: given for given in map(Given._make, _answers.rows(assessment))
        }
        reworded: Reworded = {}
        sheet = cls._read(assessment, dict(_marks.rows(assessment)), answers, reworded)
        _restore_wording(reworded)
        return sheet

    @classmethod
    def of_many(cls, assessments: Collection[Assessment]) -> list[Sheet]:
        """The sheets of several rounds, in their order: two queries for all."""
        marks: dict[int, dict[str, str]] = {assessment.pk: {} for assessment in assessments}
        chosen = AssessmentTopic.objects.filter(assessment__in=marks)
        for pk, code, mark in chosen.values_list("assessment", "aid__code", "mark"):
            marks[pk][code] = mark
        answers: dict[int, dict[int, Given]] = {assessment.pk: {} for assessment in assessments}
        joint = Answer.objects.filter(assessment__in=marks, perspective=Perspective.JOINT)
        for pk, *columns in joint.values_list("assessment_id", *Given._fields):
            given = Given(*columns)
            answers[pk][given.question_id] = given
        reworded: Reworded = {}
        sheets = [
            cls._read(assessment, marks[assessment.pk], answers[assessment.pk], reworded)
            for assessment in assessments
        ]
        _restore_wording(reworded)
        return sheets

    @classmethod
    def _read(
        cls,
        assessment: Assessment,
        marks: dict[str, str],
        answers: dict[int, Given],
        reworded: Reworded,
    ) -> Sheet:
        topics, left_out = [], []
        for code, questions in asked_by(assessment.edition_id).items():
            if code in marks:
                topics.append(_topic(assessment, questions, answers, reworded))
                topics[-1].mark = marks[code]
            else:
                left_out.append(questions[0].aid)
        return cls(assessment, topics, left_out)

    def topic(self, code: str) -> Topic | None:
        return next((topic for topic in self.topics if topic.aid.code == code), None)

    def lines(self) -> Iterator[Line]:
        for topic in self.topics:
            yield from topic.lines

    @cached_property
    def tally(self) -> Tally:
        return sum((topic.tally for topic in self.topics), Tally())

    @cached_property
    def recommendations(self) -> list[Recommendation]:
        return recommend(line.item for line in self.lines())


def topic_of(assessment: Assessment, code: str) -> Topic | None:
    """One topic of the round's edition with its answers: one query. Whether the round asks about
    the topic is for the caller to know (access.py); None where the edition has no such topic."""
    questions = asked_by(assessment.edition_id).get(code)
    if not questions:
        return None
    answers = map(Given._make, _answers_to.rows(assessment, questions[0].aid))
    reworded: Reworded = {}
    by_question = {answer.question_id: answer for answer in answers}
    topic = _topic(assessment, questions, by_question, reworded)
    _restore_wording(reworded)
    return topic


def _joint(assessment: Assessment) -> QuerySet[Answer]:
    return Answer.objects.filter(assessment=assessment, perspective=Perspective.JOINT)


@prepared
def _answers(assessment: Assessment) -> QuerySet[Answer, Any]:
    """The joint answers of a round."""
    return _joint(assessment).values_list(*Given._fields)


@prepared
def _answers_to(assessment: Assessment, aid: DecisionAid) -> QuerySet[Answer, Any]:
    """The joint answers of a round to a topic's questions."""
    return _joint(assessment).filter(question__aid=aid).values_list(*Given._fields)


@prepared
def _marks(assessment: Assessment) -> QuerySet[AssessmentTopic, Any]:
    """The topics of a round, by code, with what the team says of them."""
    chosen = AssessmentTopic.objects.filter(assessment=assessment)
    return chosen.values_list("aid__code", "mark")


# Question and hash of the text that was answered → the lines it stands in, with their places.
Reworded = dict[tuple[int, str], list[tuple[list[Line], int]]]


def _topic(
    assessment: Assessment,
    questions: tuple[Asked, ...],
    answers: dict[int, Given],
    reworded: Reworded,
) -> Topic:
    lines: list[Line] = []
    for asked in questions:
        answer = answers.get(asked.question.pk)
        if answer is None:
            lines.append(Line(asked))
            continue
        value = counted(answer.value, answer.to_confirm)
        other = answer.value != OFFEN and answer.wording_hash != asked.wording_hash
        if other and value != OFFEN and not assessment.is_open:
            place = lines, len(lines)
            reworded.setdefault((asked.question.pk, answer.wording_hash), []).append(place)
        lines.append(
            Line(
                asked,
                value,
                answer.value if answer.to_confirm else "",
                answer.reason,
                answer.note,
                answer.version,
                changed=other and assessment.is_open,
            )
        )
    return Topic(questions[0].aid, lines)


def _restore_wording(reworded: Reworded) -> None:
    """A closed round shows each answer under the text it was given to, even where it was never
    confirmed after the catalogue changed. One query, and none where nothing was reworded."""
    if not reworded:
        return
    for wording in Wording.objects.filter(question__in={pk for pk, _hash in reworded}):
        for lines, place in reworded.get((wording.question_id, wording.hash), []):
            line = lines[place]
            asked = replace(
                line.asked,
                text=wording.text,
                help=wording.help,
                plain=wording.plain,
                wording_hash=wording.hash,
            )
            lines[place] = replace(line, asked=asked)
