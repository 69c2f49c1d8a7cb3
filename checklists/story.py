"""A measure's story, and the questions behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from checklists.models import Measure, MeasureEvent, Question
from checklists.results import NEIN
from checklists.sheet import Line, Sheet


@dataclass(frozen=True)
class GapLine:
    """A question that the measure closes, with what the latest round says to it."""

    question: Question
    line: Line | None  # None where the latest round does not ask it
    open_round: int | None  # the round in which it can be answered anew, if one is open

    @property
    def still_nein(self) -> bool:
        return self.line is not None and self.line.value == NEIN


def gap_lines(measure: Measure, sheet: Sheet | None) -> list[GapLine]:
    """The questions behind a measure, in catalogue order: one query."""
    by_key = {line.key: line for line in sheet.lines()} if sheet else {}
    round_open = sheet is not None and sheet.assessment.is_open
    gaps = measure.closes.select_related("question__aid").order_by(
        "question__aid__position", "question__number"
    )
    return [
        GapLine(
            gap.question,
            line := by_key.get(gap.question.key),
            sheet.assessment.pk if sheet and line and round_open else None,
        )
        for gap in gaps
    ]


@dataclass(frozen=True)
class Told:
    """One line of the story: on which day, what, and what is to be said about it."""

    on: date
    what: str
    more: str


def story_of(measure: Measure) -> list[Told]:
    """What was decided when, from the beginning: one query. Days, not minutes."""
    events = measure.events.select_related("by", "about").order_by("pk")
    return [Told(event.on, str(event.get_what_display()), _more(event)) for event in events]


def _more(event: MeasureEvent) -> str:
    parts = [event.told] if event.told else []
    if event.about:
        parts.append(_("jetzt bei %(who)s") % {"who": event.about})
    if event.by:
        parts.append(_("von %(who)s") % {"who": event.by})
    return " · ".join(parts)
