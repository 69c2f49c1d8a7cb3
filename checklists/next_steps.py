"""The recommended next steps of a sheet, with all that a reader needs to start one."""

from __future__ import annotations

from dataclasses import dataclass

from checklists.models import DecisionAid, Resource, Stage, Step
from checklists.sheet import Sheet


@dataclass(frozen=True)
class NextStep:
    """A step in its place of the explained order."""

    number: int  # from 1
    step: Step
    stage: Stage
    closes: tuple[str, ...]  # keys of the questions it answers
    topics: tuple[DecisionAid, ...]

    @property
    def places(self) -> list[Resource]:
        return [resource for resource in self.step.resources.all() if not resource.retired]


def next_steps(sheet: Sheet) -> list[NextStep]:
    """Every step that a Nein calls for, once, in order: two queries."""
    recommended = sheet.recommendations
    wanted = [recommendation.step for recommendation in recommended]
    steps = {
        step.key: step
        for step in Step.objects.filter(key__in=wanted).prefetch_related("resources")
    }
    aids = {topic.aid.code: topic.aid for topic in sheet.topics}
    return [
        NextStep(
            number=number,
            step=steps[recommendation.step],
            stage=Stage(recommendation.stage),
            closes=recommendation.closes,
            topics=tuple(aids[code] for code in recommendation.aids),
        )
        for number, recommendation in enumerate(recommended, 1)
    ]
