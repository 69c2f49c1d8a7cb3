"""What a browser that shows a topic asks every few seconds: which answers and threads are not as
it knows them any more, and who else is there. One query, whatever there is to say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, Count, IntegerField, Max, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf

from checklists.asked import asked_by
from checklists.models import Answer, Assessment, AssessmentTopic, Comment
from checklists.talk import stamp
from portal.accounts.models import Membership, User
from portal.accounts.prepared import prepared

TOPIC, ANSWER, OPEN, RESOLVED, PERSON = range(5)  # what a row of the query tells of


@dataclass
class Current:
    """A topic as it stands. `here` are names; nothing says who did what, or when."""

    mark: str
    here: list[str] = field(default_factory=list)
    questions: dict[str, tuple[int, str]] = field(default_factory=dict)  # key → version, talk


def current_of(user: User, pk: int, code: str, here: Collection[int]) -> Current | None:
    """The topic as it stands, None where the user may not answer it. `here`: users of whom those
    who still belong to the team are named."""
    rows = sorted((_with_team if here else _alone).rows(user, pk, code))
    if not rows or rows[0][0] != TOPIC:
        return None
    (_kind, edition, _version, _count, mark), *others = rows
    told = Current(mark)
    key_of = {asked.question.pk: asked.key for asked in asked_by(edition).get(code, ())}
    for kind, number, value, count, text in others:
        if kind == PERSON:
            if number in here:
                told.here.append(text)
        elif key := key_of.get(number):
            version, talk = told.questions.get(key, (0, ""))
            if kind == ANSWER:
                version = value
            else:
                talk = stamp(value, count, kind == RESOLVED)
            told.questions[key] = version, talk
    told.here.sort(key=str.casefold)
    return told


# --- The query: rows of kind, key, two numbers and a text ----------------------------------------
# The topic's own row is there only for somebody of the team; without it nothing else is told.


@prepared
def _alone(user: User, pk: int, code: str) -> QuerySet[Any, Any]:
    return _topic(user, pk, code).union(_answers(pk, code), _threads(pk, code), all=True)


@prepared
def _with_team(user: User, pk: int, code: str) -> QuerySet[Any, Any]:
    parts = [_answers(pk, code), _threads(pk, code), _team(pk)]
    return _topic(user, pk, code).union(*parts, all=True)


def _is(number: int) -> Value:
    return Value(number, output_field=IntegerField())


def _topic(user: User, pk: int, code: str) -> QuerySet[Any, Any]:
    rounds = Assessment.objects.editable_by(user)
    chosen = AssessmentTopic.objects.filter(assessment=pk, aid__code=code, assessment__in=rounds)
    return chosen.values_list(_is(TOPIC), "assessment__edition_id", _is(0), _is(0), "mark")


def _answers(pk: int, code: str) -> QuerySet[Any, Any]:
    answers = Answer.objects.filter(assessment=pk, question__aid__code=code)
    return answers.values_list(_is(ANSWER), "question_id", "version", _is(0), Value(""))


def _threads(pk: int, code: str) -> QuerySet[Any, Any]:
    kind = Case(When(thread__resolved=True, then=_is(RESOLVED)), default=_is(OPEN))
    said = Comment.objects.filter(thread__assessment=pk, thread__question__aid__code=code)
    return (
        said.order_by()
        .annotate(kind=kind)
        .values_list("kind", "thread__question_id")
        .annotate(last=Max("pk"), count=Count("pk"), text=Value(""))
    )


def _team(pk: int) -> QuerySet[Any, Any]:
    team = Membership.objects.team().filter(company__assessments=pk)
    given = NullIf("user__name", Value(""))
    name = Coalesce(given, "user__email", output_field=CharField())
    return team.values_list(_is(PERSON), "user_id", _is(0), _is(0), name)
