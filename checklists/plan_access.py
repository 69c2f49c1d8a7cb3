"""The door to the plan: leads and members; consultants on a page of their own. Not visible: 404.
Visible but not the user's to change: 403."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404

from checklists.access import assessment_to_read, assessments_of, team_of
from checklists.asked import asked_by
from checklists.models import (
    Assessment,
    CalendarFeed,
    EffectCheck,
    Measure,
    Question,
    ReviewTopic,
    Step,
    StepDecision,
)
from checklists.models.decision import StepDecisionQuerySet
from checklists.models.planned import MeasureQuerySet
from checklists.results import NEIN
from checklists.sheet import Sheet
from portal.accounts.access import client_to_read, role_in
from portal.accounts.models import Company, Engagement, Membership, Role, User
from portal.accounts.tokens import hashed

MOST_FOUND = 2000  # measures that a search looks through


def company_with_plan(user: User, pk: int) -> Company:
    """The company if the user is lead or member. Raises Http404, also to its works council, which
    reads measures in reports."""
    mine = Membership.objects.team().filter(user=user, company=pk)
    membership = mine.select_related("company").first()
    if membership is None:
        raise Http404
    return membership.company


def people_to_carry(role: str, company: Company) -> QuerySet[User] | None:
    """Whom this role may make responsible: a lead anybody of lead and team. None for members, who
    hand nothing to others."""
    return team_of(company) if role == Role.LEAD else None


def measures_of(user: User, company: Company) -> MeasureQuerySet:
    """The company's measures that the user may see."""
    return Measure.objects.visible_to(user).filter(company=company)


def measures_seen(user: User) -> MeasureQuerySet:
    """The measures of all the user's companies, the newest first: one query."""
    seen = Measure.objects.visible_to(user).only("title", "direction", "way")
    return seen.order_by("-pk")[:MOST_FOUND]


def measure_to_read(user: User, pk: int) -> Measure:
    """The measure with its company. Raises Http404."""
    found = Measure.objects.visible_to(user).select_related(
        "company", "responsible", "taken_over_from", "step"
    )
    try:
        return found.get(pk=pk)
    except Measure.DoesNotExist:
        raise Http404 from None


def measure_to_change(user: User, pk: int) -> Measure:
    """The measure if the user leads its company, is responsible for it or planned it. Raises
    PermissionDenied to other members."""
    measure = measure_to_read(user, pk)
    if not may_change(user, measure):
        raise PermissionDenied
    return measure


def measure_to_undo(user: User, pk: int) -> Measure:
    """The measure, of which a lead takes back any last change and a member their own: what the
    lead handed to somebody or declined stays so."""
    measure = measure_to_change(user, pk)
    last = measure.last_change()
    if last and last.by_id != user.pk and role_in(user, measure.company) != Role.LEAD:
        raise PermissionDenied
    return measure


def has_say(role: str, measure: Measure) -> bool:
    """Whether this role may say that the firm does not do it after all: where it comes from a step
    the lead alone, as with every decision about steps."""
    return role == Role.LEAD or measure.step_id is None


def need_say(user: User, measure: Measure, press: str) -> None:
    """Raises PermissionDenied where declining, or taking that back, is not the user's to say."""
    decisive = press == "nicht" or measure.status == Measure.Status.DECLINED
    if decisive and not has_say(role_in(user, measure.company), measure):
        raise PermissionDenied


def may_change(user: User, measure: Measure) -> bool:
    return Measure.objects.editable_by(user).filter(pk=measure.pk).exists()


def measure_with_due(user: User, pk: int) -> Measure:
    """The measure if it has a due day. Raises Http404."""
    measure = measure_to_read(user, pk)
    if measure.due_on is None:
        raise Http404
    return measure


def has_left(measure: Measure) -> bool:
    """Whether its responsible person belongs to the company no more."""
    return Measure.objects.orphaned().filter(pk=measure.pk).exists()


def closed_by(measure: Measure) -> list[int]:
    """The questions whose gap it closes."""
    return list(measure.closes.values_list("question", flat=True))


def check_to_answer(user: User, pk: int, months: int) -> EffectCheck:
    """A look at the effect of a measure that the user may change. Raises Http404."""
    measure = measure_to_change(user, pk)
    check = measure.checks.filter(months=months).first()
    if check is None:
        raise Http404
    check.measure = measure
    return check


def step_to_decide(user: User, pk: int, key: str) -> tuple[Assessment, Step]:
    """The round and a step that its questions lead to. Raises Http404."""
    assessment = assessment_to_read(user, pk)
    for topic in asked_by(assessment.edition_id).values():
        for asked in topic:
            if asked.question.step.key == key:
                return assessment, asked.question.step
    raise Http404


def decisions_about(user: User, company: Company, step: Step) -> StepDecisionQuerySet:
    """What was decided about the step, for whoever may decide otherwise."""
    return StepDecision.objects.editable_by(user).filter(company=company, step=step)


def questions_by_key(assessment: Assessment, keys: Collection[str]) -> list[Question]:
    """Questions of the round by their keys: no query."""
    return [
        asked.question
        for topic in asked_by(assessment.edition_id).values()
        for asked in topic
        if asked.key in keys
    ]


def gaps_for(sheet: Sheet | None, closed: Iterable[int] = ()) -> QuerySet[Question]:
    """Questions that a measure may close: those with a Nein in the sheet, and those it `closed`."""
    keys = {line.question.pk for line in sheet.lines() if line.value == NEIN} if sheet else set()
    return (
        Question.objects.filter(pk__in={*keys, *closed})
        .select_related("aid")
        .order_by("aid", "number")
    )


def latest_sheet(user: User, company: Company) -> Sheet | None:
    """The answers of the company's latest round; None before the first."""
    latest = assessments_of(user, company).select_related("company", "edition").first()
    return Sheet.of(latest) if latest else None


def reviewed_topic(user: User, company: Company, said: str) -> ReviewTopic | None:
    """A topic of a released review of the company that proposes a step; None for anything else."""
    if not said.isdecimal() or len(said) > 9:
        return None
    released = ReviewTopic.objects.filter(
        review__number__isnull=False, review__assessment__company=company
    )
    visible = Assessment.objects.visible_to(user)
    return (
        released.filter(pk=int(said), review__assessment__in=visible)
        .exclude(next_step="")
        .select_related("aid", "review")
        .first()
    )


def client_with_plan(user: User, pk: int) -> Engagement:
    """A live engagement of the user that opens the plan. Raises Http404."""
    engagement = client_to_read(user, pk)
    if not engagement.sees_plan:
        raise Http404
    return engagement


def plan_of_client(user: User, engagement: Engagement) -> MeasureQuerySet:
    return Measure.objects.opened_to(user).filter(company=engagement.company)


def calendar_at(token: str) -> CalendarFeed:
    """The calendar at a secret address. Raises Http404 alike for one that was never there and one
    that was revoked."""
    feed = (
        CalendarFeed.objects.live()
        .filter(token_hash=hashed(token))
        .select_related("user", "company")
        .first()
    )
    if feed is None:
        raise Http404
    return feed


def measures_in(feed: CalendarFeed) -> MeasureQuerySet:
    """The owner's own measures of that company."""
    return Measure.objects.filter(company=feed.company, responsible=feed.user).prefetch_related(
        "checks"
    )


def calendar_of(user: User, company: Company) -> CalendarFeed | None:
    """The user's own live feed of the company."""
    return CalendarFeed.objects.live().filter(user=user, company=company).first()
