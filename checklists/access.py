"""The door to rounds. Not visible: 404. Visible but not the user's to change: 403."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, F, QuerySet
from django.db.models.functions import Lower
from django.http import Http404

from checklists.asked import Asked, asked_by
from checklists.current import Current, current_of
from checklists.models import (
    Answer,
    Assessment,
    Comment,
    Delegation,
    Meeting,
    MeetingItem,
    Review,
)
from checklists.models.assessment import AssessmentQuerySet
from checklists.models.meeting import MeetingQuerySet
from checklists.models.review import ReviewQuerySet
from checklists.models.teamwork import DelegationQuerySet
from checklists.sheet import Line, Sheet, Topic, topic_of
from portal.accounts.access import client_to_read
from portal.accounts.models import Company, Engagement, Membership, User, Visitor
from portal.accounts.prepared import prepared


def assessments_of(user: User | Visitor, company: Company) -> AssessmentQuerySet:
    """The company's rounds that the user may see, newest first."""
    return Assessment.objects.visible_to(user).filter(company=company).order_by("-number")


def rounds_to_answer(user: User | Visitor) -> AssessmentQuerySet:
    """The rounds that are open and that the user may answer, in any company."""
    return Assessment.objects.editable_by(user).filter(closed_at=None)


def assessment_to_read(user: User | Visitor, pk: int) -> Assessment:
    """The round with its company. Raises Http404."""
    return _get(Assessment.objects.visible_to(user), pk)


def assessment_to_lead(user: User | Visitor, pk: int) -> Assessment:
    """The round if the user leads its company. Raises Http404 to strangers, PermissionDenied to
    members."""
    assessment = assessment_to_read(user, pk)
    if not Assessment.objects.led_by(user).filter(pk=pk).exists():
        raise PermissionDenied
    return assessment


def topic_to_read(user: User | Visitor, pk: int, code: str) -> tuple[Sheet, Topic]:
    """The round's sheet and one of its topics. Raises Http404, also for a topic that is not in the
    round."""
    try:
        assessment = Assessment.objects.visible_to(user).select_related("company").get(pk=pk)
    except Assessment.DoesNotExist:
        raise Http404 from None
    sheet = Sheet.of(assessment)
    topic = sheet.topic(code)
    if topic is None:
        raise Http404
    return sheet, topic


MOST_NOTES = 2000


def noted_answers(user: User) -> QuerySet[Answer]:
    """Answers with a note in rounds the user may see, newest rounds first: one query."""
    return (
        Answer.objects.filter(assessment__in=Assessment.objects.visible_to(user))
        .exclude(note="")
        .select_related("question__aid")
        .order_by("-assessment", "question")[:MOST_NOTES]
    )


def delegated_topic(user: User, assessment: Assessment) -> str:
    """The code of the topic handed to the user that is due first and has something open; "" where
    there is none."""
    handed = Delegation.objects.live().filter(assessment=assessment, user=user)
    for code in handed.order_by(F("due").asc(nulls_last=True), "pk").values_list(
        "aid__code", flat=True
    ):
        topic = topic_of(assessment, code)
        if topic and topic.next_open:
            return code
    return ""


def question_to_answer(user: User | Visitor, pk: int, key: str) -> tuple[Assessment, Asked]:
    """The round and one of its questions, for somebody who may answer. The round's row stays
    locked until the transaction ends, so call it in one. Raises Http404, also for a question that
    the round does not ask."""
    if pk > BigIntegerField.MAX_BIGINT:  # a filter would know, SQLite's driver does not
        raise Http404
    code = key.partition("-")[0]
    if isinstance(user, Visitor):
        found = list(_rounds_to_answer(user, pk, code))
    else:
        found = _round_to_answer.objects(user, pk, code)
    for assessment in found:
        assessment.held = True
        for asked in asked_by(assessment.edition_id).get(code, ()):
            if asked.key == key:
                return assessment, asked
    raise Http404


def _rounds_to_answer(user: User | Visitor, pk: int, code: str) -> AssessmentQuerySet:
    """The round, locked, if it has the topic. Without the company: hardly any question asks for
    it, and each column costs."""
    rounds = Assessment.objects.editable_by(user).filter(pk=pk, assessmenttopic__aid__code=code)
    return rounds.select_for_update(no_key=True, of=("self",))


@prepared
def _round_to_answer(user: User, pk: int, code: str) -> AssessmentQuerySet:
    """The same, for members: the SQL for a visitor is another."""
    return _rounds_to_answer(user, pk, code)


# --- The team at work: leads and members, nobody else --------------------------------------------


def topic_of_team(user: User, pk: int, code: str) -> tuple[Assessment, Topic]:
    """The round and one of its topics, for whoever answers it. Raises Http404, also to somebody who
    may only read it."""
    rounds = Assessment.objects.editable_by(user).filter(assessmenttopic__aid__code=code)
    assessment = _get(rounds, pk)
    topic = topic_of(assessment, code)
    if topic is None:
        raise Http404
    return assessment, topic


def question_of_team(user: User, pk: int, key: str) -> tuple[Assessment, Topic, Line]:
    """The same for one question. Raises Http404, also for one that the round does not ask."""
    assessment, topic = topic_of_team(user, pk, key.partition("-")[0])
    line = topic.line(key)
    if line is None:
        raise Http404
    return assessment, topic, line


def topic_to_lead(user: User, pk: int, code: str) -> tuple[Assessment, Topic]:
    """The same if the user leads the company. Raises PermissionDenied to members."""
    assessment, topic = topic_of_team(user, pk, code)
    if not Assessment.objects.led_by(user).filter(pk=pk).exists():
        raise PermissionDenied
    return assessment, topic


def current_topic(user: User, pk: int, code: str, here: Collection[int]) -> Current:
    """The topic as it stands and who of `here` belongs to the team: one query. Raises Http404."""
    current = current_of(user, pk, code, here)
    if current is None:
        raise Http404
    return current


def roles_in_team(assessment: Assessment) -> dict[int, str]:
    """Who answers in this round: user → lead or member."""
    team = Membership.objects.team().filter(company=assessment.company_id)
    return {user: role for user, role in team.values_list("user", "role") if user}


def team_of(company: Company) -> QuerySet[User]:
    """The people who answer and carry measures, by name."""
    team = Membership.objects.team().filter(company=company)
    return User.objects.filter(pk__in=team.values("user")).order_by(Lower("name"), "email")


def delegations_of(assessment: Assessment) -> DelegationQuerySet:
    """What is handed to whom in this round, what is due first in front."""
    handed = Delegation.objects.live().filter(assessment=assessment)
    return handed.select_related("user", "aid").order_by(F("due").asc(nulls_last=True), "pk")


def delegation_to_end(user: User, pk: int) -> Delegation:
    """The delegation if the user may take it back. Raises Http404 to strangers, PermissionDenied to
    members whose it is not."""
    try:
        handed = Delegation.objects.visible_to(user).select_related("aid").get(pk=pk)
    except Delegation.DoesNotExist:
        raise Http404 from None
    if not Delegation.objects.editable_by(user).filter(pk=pk).exists():
        raise PermissionDenied
    return handed


def comment_to_delete(user: User, assessment: Assessment, line: Line, pk: int) -> Comment | None:
    """The user's own comment, None where it is gone already. Raises PermissionDenied for somebody
    else's."""
    comment = Comment.objects.filter(
        pk=pk, thread__assessment=assessment, thread__question=line.question
    ).first()
    if comment and comment.author_id != user.pk:
        raise PermissionDenied
    return comment


# --- Meetings: leads and members, nobody else -----------------------------------------------------


def meetings_of(user: User, assessment: Assessment) -> MeetingQuerySet:
    """The round's meetings, newest first, without their PDF."""
    return Meeting.objects.visible_to(user).filter(assessment=assessment).defer("pdf")


def meeting_in_session(user: User, pk: int) -> tuple[Assessment, Meeting | None]:
    """The round, and its meeting that is in session. Raises Http404."""
    assessment = assessment_to_read(user, pk)
    return assessment, meetings_of(user, assessment).in_session().first()


def meeting_to_read(user: User, pk: int) -> Meeting:
    """The meeting with its round and company. Raises Http404."""
    found = Meeting.objects.visible_to(user).select_related("assessment__company")
    try:
        return found.get(pk=pk)
    except Meeting.DoesNotExist:
        raise Http404 from None


def item_to_minute(user: User, pk: int) -> MeetingItem:
    """A point with its meeting. Raises Http404."""
    item = (
        MeetingItem.objects.filter(pk=pk, meeting__in=Meeting.objects.visible_to(user))
        .select_related("meeting__assessment__company")
        .first()
    )
    if item is None:
        raise Http404
    return item


def client_round_to_read(user: User, pk: int, number: int) -> tuple[Engagement, Assessment]:
    """The live engagement `pk` and the client's round, for its consultant, if answers are granted.
    Raises Http404."""
    engagement = client_to_read(user, pk)
    if not engagement.sees_answers:
        raise Http404
    found = Assessment.objects.filter(company=engagement.company_id, number=number)
    try:
        return engagement, found.select_related("company").get()
    except Assessment.DoesNotExist:
        raise Http404 from None


def reviews_of(user: User, assessment: Assessment) -> ReviewQuerySet:
    """The released reviews of a round that the firm's people may read, newest first."""
    return Review.objects.visible_to(user).filter(assessment=assessment).order_by("-number")


def own_reviews(user: User, assessment: Assessment) -> ReviewQuerySet:
    """What the consultant wrote about a client's round, the draft first, then newest first."""
    return (
        Review.objects.written_by(user)
        .filter(assessment=assessment)
        .order_by(F("number").desc(nulls_first=True))
    )


def released_by(user: User, company: Company) -> ReviewQuerySet:
    """What the consultant released for a client whose answers are granted, with its round, newest
    first."""
    found = Review.objects.written_by(user).released().filter(assessment__company=company)
    return found.select_related("assessment").order_by("-released_at")


def _get(rounds: AssessmentQuerySet, pk: int) -> Assessment:
    try:
        return rounds.select_related("company", "edition").defer("edition__questions").get(pk=pk)
    except Assessment.DoesNotExist:
        raise Http404 from None
