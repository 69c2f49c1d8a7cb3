"""What a report says of the plan: a part of its content."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q

from checklists.models import EffectCheck, Measure, MeasureGap, StepDecision
from checklists.models.plan_rules import LIVE, TO_DO
from checklists.next_steps import NextStep
from checklists.plan import name_of
from portal.accounts.models import Company

DONE_FOR = timedelta(
    days=366
)  # how long a report names what was done: the last look is after a year


@dataclass(frozen=True)
class EffectRecord:
    """A look at whether a done measure helped."""

    months: int
    due_on: date
    helped: str  # EffectCheck.Helped, "" while nobody said
    helped_name: str
    why: str


@dataclass(frozen=True)
class PlannedMeasure:
    title: str
    step: int | None  # number of the report's step that it follows from
    closes: tuple[str, ...]  # question keys
    direction: str
    done_when: str
    who: str  # a person or a role, "" where nobody is named
    team: str
    effort: str
    starts_on: date | None
    due_on: date | None
    status: str  # Measure.Status
    status_name: str
    look_again_on: date | None
    done_on: date | None
    effects: tuple[EffectRecord, ...]
    affects_staff: str = ""  # Measure.Said, "" where nobody said

    def is_late(self, day: date) -> bool:
        """Whether it should have been done before `day`, and is not."""
        return self.status in TO_DO and self.due_on is not None and self.due_on < day

    @property
    def looked_at(self) -> EffectRecord | None:
        """The last answer to whether it helped."""
        return next((each for each in reversed(self.effects) if each.helped), None)

    @property
    def next_look(self) -> EffectRecord | None:
        return next((each for each in self.effects if not each.helped), None)


@dataclass(frozen=True)
class Decision:
    """A step put off or declined, or a measure of the firm's own that was declined."""

    title: str
    step: int | None
    kind: str  # StepDecision.Kind
    kind_name: str
    look_again_on: date | None
    reason: str


@dataclass(frozen=True)
class Plan:
    """What the firm decided, as it stood on the report's day."""

    measures: tuple[PlannedMeasure, ...]
    decisions: tuple[Decision, ...]
    left_out: int = 0  # measures of which the lead says that they do not affect the staff


def plan_of(
    company: Company,
    steps: Iterable[NextStep],
    today: date,
    *,
    closed: Collection[str] = (),
    for_staff: bool = False,
) -> Plan | None:
    """The plan in the order of its due days: what is to be done, and what was done within a year.
    `for_staff`: without decisions and without the measures that do not affect the staff, which are
    counted only. `closed`: questions that the round answers with Ja; a measure taken in another
    round is not said to close them. None where there is nothing of it."""
    numbers = {step.step.pk: step.number for step in steps}
    shown = Q(status__in=LIVE) | Q(status="done", done_on__gte=today - DONE_FOR)
    measures = (
        Measure.objects.filter(shown, company=company)
        .select_related("responsible")
        .order_by(F("due_on").asc(nulls_last=True), "priority", "pk")
    )
    shown_here = [
        measure
        for measure in measures
        if not (for_staff and measure.affects_staff == Measure.Said.NO)
    ]
    plan = Plan(
        measures=_measures(shown_here, numbers, closed),
        decisions=() if for_staff else _decisions(company, numbers),
        left_out=len(measures) - len(shown_here),
    )
    return plan if plan.measures or plan.decisions or plan.left_out else None


def _measures(
    measures: list[Measure], numbers: dict[int, int], closed: Collection[str]
) -> tuple[PlannedMeasure, ...]:
    gaps: dict[int, list[str]] = {}
    for gap in MeasureGap.objects.filter(measure__in=measures).select_related("question__aid"):
        gaps.setdefault(gap.measure_id, []).append(gap.question.key)
    checks: dict[int, list[EffectCheck]] = {}
    for check in EffectCheck.objects.filter(measure__in=measures).order_by("months"):
        checks.setdefault(check.measure_id, []).append(check)
    return tuple(
        PlannedMeasure(
            title=measure.title,
            step=numbers.get(measure.step_id or 0),
            closes=tuple(sorted({*gaps.get(measure.pk, [])}.difference(closed))),
            direction=measure.direction,
            done_when=measure.done_when,
            who=name_of(measure),
            team=measure.team,
            effort=measure.effort,
            starts_on=measure.starts_on,
            due_on=measure.due_on,
            status=measure.status,
            status_name=str(measure.get_status_display()),
            look_again_on=measure.look_again_on,
            done_on=measure.done_on,
            effects=tuple(_effect(check) for check in checks.get(measure.pk, [])),
            affects_staff=measure.affects_staff,
        )
        for measure in measures
    )


def _effect(check: EffectCheck) -> EffectRecord:
    return EffectRecord(
        months=check.months,
        due_on=check.due_on,
        helped=check.helped,
        helped_name=str(check.get_helped_display()),
        why=check.why,
    )


def _decisions(company: Company, numbers: dict[int, int]) -> tuple[Decision, ...]:
    """Decisions about steps that hold, and own measures that were declined."""
    about_steps = StepDecision.objects.current().filter(company=company).select_related("step")
    own = Measure.objects.filter(company=company, step=None, status="declined").order_by("pk")
    return (
        *(
            Decision(
                title=decision.step.title,
                step=numbers.get(decision.step_id),
                kind=decision.kind,
                kind_name=str(decision.get_kind_display()),
                look_again_on=decision.look_again_on,
                reason=decision.reason,
            )
            for decision in about_steps.order_by("pk")
        ),
        *(
            Decision(
                title=measure.title,
                step=None,
                kind=StepDecision.Kind.DECLINED,
                kind_name=str(StepDecision.Kind.DECLINED.label),
                look_again_on=None,
                reason=measure.reason,
            )
            for measure in own
        ),
    )
