"""The minutes of a meeting: what stands in them, for the page and for the PDF."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from checklists.models import Meeting, MeetingItem
from checklists.results import OFFEN


@dataclass(frozen=True)
class Minute:
    """One point of the minutes."""

    number: int
    title: str
    code: str  # "E05-04", "" for what is no question
    kind: str  # "question", "step", "measure" or "own"
    before: str  # the answer at the beginning
    after: str  # and at the end, or as it stands now
    text: str  # what was decided

    @property
    def changed(self) -> bool:
        return self.before != self.after

    @property
    def worth(self) -> bool:
        """Something happened here."""
        return bool(self.text) or self.changed


@dataclass(frozen=True)
class Minutes:
    company: str
    round_number: int
    number: int
    held_on: date
    participants: str
    items: tuple[Minute, ...]

    @property
    def decided(self) -> list[Minute]:
        return [item for item in self.items if item.worth]

    @property
    def left(self) -> list[Minute]:
        """Points at which nothing was decided."""
        return [item for item in self.items if not item.worth]


def minutes_of(meeting: Meeting, values: dict[int, str]) -> Minutes:
    """The minutes; `values` are the round's answers of now by question, for a meeting that is in
    session: one that is over has kept its own."""
    items = meeting.items.select_related("question__aid").order_by("position")
    return Minutes(
        company=meeting.assessment.company.name,
        round_number=meeting.assessment.number,
        number=meeting.number,
        held_on=meeting.held_on,
        participants=meeting.participants,
        items=tuple(_minute(item, values if meeting.in_session else None) for item in items),
    )


def _minute(item: MeetingItem, values: dict[int, str] | None) -> Minute:
    after = item.after if values is None else values.get(item.question_id or 0, OFFEN)
    kinds = (("question", item.question_id), ("step", item.step_id), ("measure", item.measure_id))
    return Minute(
        number=item.position,
        title=item.title,
        code=item.question.key if item.question else "",
        kind=next((kind for kind, pk in kinds if pk), "own"),
        before=item.before,
        after=after if item.question_id else item.before,
        text=item.text,
    )


def to_plain(minutes: Minutes) -> dict[str, Any]:
    """Plain data for the render child."""
    return asdict(minutes) | {"held_on": minutes.held_on.isoformat()}


def from_plain(data: dict[str, Any]) -> Minutes:
    return Minutes(
        **data
        | {
            "held_on": date.fromisoformat(data["held_on"]),
            "items": tuple(Minute(**item) for item in data["items"]),
        }
    )
