"""What the team's next meeting has to talk about: what nobody knew, what is being discussed, steps
that wait for a decision, what was put off until now, measures that are late."""

from __future__ import annotations

from dataclasses import dataclass

from checklists.models import Measure, MeetingItem, Thread
from checklists.models.meeting import Point
from checklists.models.planned import MeasureQuerySet
from checklists.next_steps import NextStep, next_steps
from checklists.planned_steps import with_states
from checklists.results import WEISS_NICHT
from checklists.sheet import Line, Sheet, Topic


@dataclass(frozen=True)
class Agenda:
    unclear: list[Line]
    discussed: list[Line]
    steps: list[NextStep]
    again: list[NextStep]  # put off, and their day has come
    resting: list[Measure]  # the same of measures
    late: list[Measure]

    def __len__(self) -> int:
        return len(self.points())

    def points(self) -> list[Point]:
        """In the order in which they are talked about."""
        return [
            *(point_of(line) for line in [*self.unclear, *self.discussed]),
            *(Point(each.step.title, step=each.step) for each in [*self.steps, *self.again]),
            *(Point(measure.title, measure=measure) for measure in [*self.resting, *self.late]),
        ]


def agenda_of(sheet: Sheet, measures: MeasureQuerySet) -> Agenda:
    """The round's agenda: four queries. `measures`: those that whoever asks may see."""
    talked = Thread.objects.filter(assessment=sheet.assessment, resolved=False)
    talked_of = set(talked.exclude(comments=None).values_list("question", flat=True))
    unclear = [line for line in sheet.lines() if line.value == WEISS_NICHT]
    steps = with_states(next_steps(sheet), sheet.assessment.company)
    waiting = (measures.overdue() | measures.resting_too_long()).select_related("responsible")
    waiting = waiting.order_by("due_on", "pk")
    return Agenda(
        unclear=unclear,
        discussed=[
            line for line in sheet.lines() if line.question.pk in talked_of and line not in unclear
        ],
        steps=[each for each in steps if each.state.word == "open"],
        again=[each for each in steps if each.state.again],
        resting=[measure for measure in waiting if not measure.to_do],
        late=[measure for measure in waiting if measure.to_do],
    )


def point_of(line: Line) -> Point:
    return Point(line.text, question=line.question, value=line.value)


def topic_points(topic: Topic) -> list[Point]:
    """All questions of a topic, to go through together."""
    return [point_of(line) for line in topic.lines]


def step_at(sheet: Sheet, item: MeetingItem) -> NextStep | None:
    """The step of a point with what was decided about it; None where no Nein calls for it."""
    steps = [each for each in next_steps(sheet) if each.step.pk == item.step_id]
    return with_states(steps, sheet.assessment.company)[0] if steps else None
