"""The recommended next steps of a sheet, with all that a reader needs to start one."""

from __future__ import annotations

from dataclasses import dataclass, field

from checklists.directory import places_for
from checklists.models import DecisionAid, Resource, Stage, Step
from checklists.plan import StepState
from checklists.sheet import Sheet


@dataclass(frozen=True)
class NextStep:
    """A step in its place of the explained order."""

    number: int  # from 1
    step: Step
    stage: Stage
    closes: tuple[str, ...]  # keys of the questions it answers
    topics: tuple[DecisionAid, ...]
    places: list[Resource] = field(default_factory=list)  # filled by with_places()
    state: StepState = field(default_factory=StepState)  # filled by planned_steps.with_states()


def next_steps(sheet: Sheet) -> list[NextStep]:
    """Every step that a Nein calls for, once, in order. No query: the sheet knows its steps."""
    steps = {line.question.step.key: line.question.step for line in sheet.lines()}
    aids = {topic.aid.code: topic.aid for topic in sheet.topics}
    return [
        NextStep(
            number=number,
            step=steps[recommended.step],
            stage=Stage(recommended.stage),
            closes=recommended.closes,
            topics=tuple(aids[code] for code in recommended.aids),
        )
        for number, recommended in enumerate(sheet.recommendations, 1)
    ]


def with_places(steps: list[NextStep], region: str = "") -> list[NextStep]:
    """The same steps, each with where to turn, places of `region` first: one query for all."""
    by_step: dict[int, list[Resource]] = {step.step.pk: [] for step in steps}
    through = Step.resources.through
    for row in (
        through.objects.filter(step__in=by_step, resource__retired=False)
        .select_related("resource__address_check")
        .order_by("resource__position", "resource__key")
    ):
        by_step[row.step_id].append(row.resource)
    for step in steps:
        step.places.extend(places_for(region, by_step[step.step.pk]).all)
    return steps
