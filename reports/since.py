"""What a report says of the company's last report and of how its works council took part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from checklists.results import Tally


@dataclass(frozen=True)
class TopicSince:
    """A topic in the last report and in this one."""

    code: str
    short: str
    then: Tally
    now: Tally


@dataclass(frozen=True)
class SinceLast:
    """What changed since the company's last report that was not withdrawn."""

    number: int
    made_on: date
    topics: tuple[TopicSince, ...]  # those that both report on
    only_now: tuple[str, ...]  # short names of the others
    steps_new: tuple[str, ...]  # titles of steps that the last report did not name
    steps_closed: tuple[str, ...]  # titles of those that this one names no more
    measures_done: tuple[str, ...]  # titles of measures done since the last one's day

    @property
    def moved(self) -> tuple[TopicSince, ...]:
        return tuple(topic for topic in self.topics if topic.then != topic.now)


@dataclass(frozen=True)
class Participation:
    """How the works council took part in the round: counts and days, never persons."""

    meetings: int  # of the team that are over
    shared_on: tuple[date, ...]  # when reports of the round were shared with the works council
    statements: int  # that it released about them
