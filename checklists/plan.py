"""The plan as its pages show it: which measures, in which order, in which groups. Nothing here
counts people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    When,
)
from django.db.models import Value as Constant
from django.utils import timezone
from django.utils.translation import gettext as _

from checklists.models import EffectCheck, Measure, MeasureGap, Stage, StepDecision
from checklists.models.plan_rules import LIVE, TO_DO
from checklists.models.planned import MeasureQuerySet
from portal.accounts.days import add_months
from portal.accounts.models import Company, Membership, User

PER_PAGE = 50
MONTHS_SHOWN = 6


# --- What was decided about a step ----------------------------------------------------------------


@dataclass(frozen=True)
class StepState:
    """What the firm decided about a recommended step; nothing of it: still open."""

    measure: Measure | None = None  # its live or last done measure
    decision: StepDecision | None = None

    @property
    def fresh(self) -> bool:
        """Just taken and not touched since: may simply be taken out again."""
        found = self.measure
        return found is not None and found.version == 1 and found.status == "open"

    @property
    def again(self) -> bool:
        """Put off, and its day has come: to be decided anew."""
        return self.word == "later" and self.decision is not None and self.decision.is_due

    @property
    def word(self) -> str:
        """ "open", "taken", "done", "later" or "declined"."""
        if self.measure:
            return "taken" if self.measure.is_live else "done"
        return str(self.decision.kind) if self.decision else "open"


def step_states(company: Company) -> dict[int, StepState]:
    """What was decided about which step: two queries."""
    states = {
        decision.step_id: StepState(decision=decision)
        for decision in StepDecision.objects.current().filter(company=company)
    }
    taken = Measure.objects.filter(company=company, step__isnull=False)
    taken = taken.filter(status__in=(*LIVE, "done")).select_related("responsible")
    # The live one last, so that it wins over one that was done before.
    for measure in sorted(taken, key=lambda each: (each.is_live, each.pk)):
        standing = states.get(measure.step_id or 0)
        if measure.is_live or standing is None or standing.measure:
            states[measure.step_id or 0] = StepState(measure=measure)
    return states


# --- Rows -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One measure in a list."""

    measure: Measure
    stage: Stage | None
    keys: tuple[str, ...]  # gaps it closes
    who: str  # a person or a role, "" where nobody is named
    former: bool  # the person has left the company
    checks: tuple[EffectCheck, ...]
    late: bool
    may_change: bool

    @property
    def said(self) -> EffectCheck | None:
        """The last answer to whether it helped."""
        return next((check for check in reversed(self.checks) if check.helped), None)

    @property
    def due_check(self) -> EffectCheck | None:
        return next((check for check in self.checks if check.is_due), None)

    @property
    def a_month_later(self) -> date | None:
        return self.measure.due_on and add_months(self.measure.due_on, 1)

    @property
    def a_month_earlier(self) -> date | None:
        """None where that would be past, or before it begins."""
        earlier = self.measure.due_on and add_months(self.measure.due_on, -1)
        first = max(timezone.localdate(), self.measure.starts_on or date.min)
        return earlier if earlier and earlier >= first else None


def arranged(measures: MeasureQuerySet) -> MeasureQuerySet:
    """With `stage` (the lowest among its gaps) and `rank`: overdue first, then what has a due day,
    what has none, what rests, what is done, what was declined."""
    lowest = MeasureGap.objects.filter(measure=OuterRef("pk")).order_by("question__stage")
    today = timezone.localdate()
    rank = Case(
        When(status__in=TO_DO, due_on__lt=today, then=Constant(0)),
        When(status__in=TO_DO, due_on__isnull=False, then=Constant(1)),
        When(status__in=TO_DO, then=Constant(2)),
        When(status="put_off", then=Constant(3)),
        When(status="done", then=Constant(4)),
        default=Constant(5),
        output_field=IntegerField(),
    )
    return measures.annotate(
        stage=Subquery(lowest.values("question__stage")[:1]), rank=rank
    ).order_by("rank", F("due_on").asc(nulls_last=True), "priority", "pk")


def wanted(measures: MeasureQuerySet, asked: dict[str, str], user: User) -> MeasureQuerySet:
    """Those that the filters ask for (forms.PlanForm)."""
    match asked.get("stand"):
        case "offen":
            measures = measures.live()
        case "ueberfaellig":
            measures = measures.overdue()
        case status if status:
            measures = measures.filter(status=status)
    if asked.get("wer") == "meine":
        measures = measures.filter(responsible=user)
    if code := asked.get("thema"):
        of_topic = MeasureGap.objects.filter(measure=OuterRef("pk"), question__aid__code=code)
        measures = measures.filter(Exists(of_topic))
    if stage := asked.get("stufe"):
        measures = measures.filter(stage=int(stage))  # type: ignore[misc] # see arranged()
    return measures


def rows_of(
    measures: MeasureQuerySet, company: Company, *, user: User | None, leads: bool
) -> list[Row]:
    """The measures with all that a list says of them: four queries, five for a member. `user`
    None: read only."""
    measures = measures.select_related("responsible").prefetch_related(
        Prefetch("closes", MeasureGap.objects.select_related("question__aid").order_by("pk")),
        "checks",
    )
    here = set(Membership.objects.team().filter(company=company).values_list("user", flat=True))
    own = set() if user is None or leads else _changed_by(user, company)
    return [
        Row(
            measure=measure,
            stage=Stage(measure.stage) if measure.stage else None,  # type: ignore[attr-defined]
            keys=tuple(gap.question.key for gap in measure.closes.all()),
            who=name_of(measure),
            former=measure.is_live and measure.assigned and measure.responsible_id not in here,
            checks=tuple(measure.checks.all()),
            late=bool(measure.days_late),
            may_change=user is not None and (leads or measure.pk in own),
        )
        for measure in measures
    ]


def _changed_by(user: User, company: Company) -> set[int]:
    """The company's measures that the user may change."""
    own = Measure.objects.editable_by(user).filter(company=company)
    return set(own.values_list("pk", flat=True))


def name_of(measure: Measure) -> str:
    """Who carries it: a name, a role, or "" where nobody does."""
    if measure.responsible:
        return str(measure.responsible)
    if measure.assigned:
        return _("ehemaliges Mitglied")
    return measure.responsible_role


@dataclass(frozen=True)
class Summary:
    """How many measures stand where. The total is of those that are to be done; what was declined
    is counted apart."""

    total: int = 0
    done: int = 0
    in_work: int = 0
    late: int = 0
    declined: int = 0


def summary_of(measures: MeasureQuerySet) -> Summary:
    today = timezone.localdate()
    return Summary(
        **measures.order_by().aggregate(
            total=Count("pk", filter=~Q(status="declined")),
            done=Count("pk", filter=Q(status="done")),
            in_work=Count("pk", filter=Q(status="in_work")),
            late=Count("pk", filter=Q(status__in=TO_DO, due_on__lt=today)),
            declined=Count("pk", filter=Q(status="declined")),
        )
    )


def in_stages(measures: MeasureQuerySet) -> MeasureQuerySet:
    """In the order of the way: stage by stage, own measures that close no gap last."""
    return measures.exclude(status="declined").order_by(
        F("stage").asc(nulls_last=True), F("rank"), F("due_on").asc(nulls_last=True), "pk"
    )


def by_stage(rows: Iterable[Row]) -> list[tuple[Stage | None, list[Row]]]:
    """Rows that come in order of their stage, grouped; what closes no gap comes last."""
    return [(stage, list(group)) for stage, group in groupby(rows, key=lambda row: row.stage)]


# --- By month -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Month:
    first: date
    is_now: bool
    rows: list[Row] = field(default_factory=list)
    checks: list[tuple[Row, EffectCheck]] = field(default_factory=list)


@dataclass(frozen=True)
class Bar:
    """A measure drawn on the months: places as percent of their width, "11.5%"."""

    row: Row
    x: str
    width: str
    kind: str  # "act", "plan", "done" or "" (no bar)
    late_x: str = ""  # where it is late: from the due day to today
    late_width: str = ""
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timeline:
    """Half a year of the plan."""

    first: date
    months: list[Month]
    bars: list[Bar]
    today: str  # "" where today is not in these months

    @property
    def last(self) -> date:
        return self.months[-1].first

    @property
    def before(self) -> date:
        return add_months(self.first, -MONTHS_SHOWN)

    @property
    def after(self) -> date:
        return add_months(self.first, MONTHS_SHOWN)


def in_months(measures: MeasureQuerySet, first: date) -> MeasureQuerySet:
    """Measures due, or to be looked at again, in the half year from `first`; what is overdue stays
    in sight for as long as today does."""
    end = add_months(first, MONTHS_SHOWN)
    today = timezone.localdate()
    looked_at = EffectCheck.objects.filter(
        measure=OuterRef("pk"), due_on__gte=first, due_on__lt=end
    )
    shown = Q(due_on__gte=first, due_on__lt=end) | Q(Exists(looked_at))
    shown |= Q(starts_on__lt=end, due_on__gte=first)
    if first <= today < end:
        shown |= Q(status__in=TO_DO, due_on__lt=today)
    return measures.exclude(status="declined").filter(shown).order_by("due_on", "priority", "pk")


def timeline(rows: list[Row], first: date) -> Timeline:
    """The rows in the half year from `first` (the first of a month)."""
    today = timezone.localdate()
    months = [
        Month(day, (day.year, day.month) == (today.year, today.month)) for day in _months(first)
    ]
    by_first = {month.first: month for month in months}
    for row in rows:
        due = row.measure.due_on
        shown_in = by_first.get(due.replace(day=1)) if due else None
        if shown_in is None and row.late:
            shown_in = by_first.get(today.replace(day=1))
        if shown_in:
            shown_in.rows.append(row)
        for check in row.checks:
            if month := by_first.get(check.due_on.replace(day=1)):
                month.checks.append((row, check))
    scale = _Scale(first)
    bars = [bar for row in rows if (bar := _bar(row, scale, today))]
    return Timeline(first, months, bars, scale.at(today) if scale.holds(today) else "")


def month_start(said: str) -> date:
    """ "2027-01" as its first day; this month for anything else."""
    try:
        first = date.fromisoformat(f"{said}-01")
    except ValueError:
        first = timezone.localdate().replace(day=1)
    return first if 2000 < first.year < 2100 else timezone.localdate().replace(day=1)


def _months(first: date) -> Iterator[date]:
    return (add_months(first, number) for number in range(MONTHS_SHOWN))


@dataclass(frozen=True)
class _Scale:
    """Days as percent of the months shown. Each month is equally wide, as the heads are."""

    first: date

    def holds(self, day: date) -> bool:
        return self.first <= day < add_months(self.first, MONTHS_SHOWN)

    def share(self, day: date) -> float:
        months = (day.year - self.first.year) * 12 + day.month - self.first.month
        share = (months + (day.day - 1) / 31) / MONTHS_SHOWN * 100
        return min(100.0, max(0.0, share))

    def at(self, day: date) -> str:
        return f"{self.share(day):.1f}%"

    def width(self, start: date, end: date) -> str:
        return f"{max(0.8, self.share(end) - self.share(start)):.1f}%"


def _bar(row: Row, scale: _Scale, today: date) -> Bar | None:
    measure = row.measure
    checks = tuple(scale.at(check.due_on) for check in row.checks if scale.holds(check.due_on))
    end = measure.done_on or measure.due_on
    if end is None:
        return None
    start = min(measure.starts_on or end, end)
    kind = {"done": "done", "in_work": "act"}.get(measure.status, "plan")
    if end < scale.first and not row.late:
        kind = ""  # over before these months: only its looks at the effect are drawn
    late = {}
    if row.late and measure.due_on:
        late = {
            "late_x": scale.at(measure.due_on),
            "late_width": scale.width(measure.due_on, today),
        }
    return Bar(row, scale.at(start), scale.width(start, end), kind, checks=checks, **late)


def query_of(asked: dict[str, Any], **changed: Any) -> str:
    """The page's own address query with something changed; "" values are left out."""
    return urlencode({name: value for name, value in (asked | changed).items() if value})
