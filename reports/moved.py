"""What a report says about the round before: a part of its content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from checklists.comparison import TopicThenAndNow, compare, with_measures
from checklists.models import Assessment
from checklists.results import Tally
from checklists.sheet import Sheet


@dataclass(frozen=True)
class Moved:
    """A question that was answered otherwise in the round before."""

    key: str
    text: str
    before: str
    after: str
    move: str  # what became of it, in words


@dataclass(frozen=True)
class Meant:
    """A measure done in between that was to close gaps of the round before."""

    title: str
    done_on: date
    closed: tuple[str, ...]  # keys of those gaps that are closed
    standing: tuple[str, ...]


@dataclass(frozen=True)
class TopicChange:
    """A topic then and now, over the questions that both rounds ask in the same words."""

    code: str
    short: str
    then: Tally
    now: Tally
    stage_then: int | None  # None: nothing answered, or all stages reached
    stage_now: int | None
    moved: tuple[Moved, ...]
    measures: tuple[Meant, ...]
    reworded: tuple[str, ...]  # keys of questions that do not compare


@dataclass(frozen=True)
class Comparison:
    """What moved since the round before."""

    round_number: int
    topics: tuple[TopicChange, ...]
    only_then: tuple[str, ...]  # topics that only one of the two asks about, by their short name
    only_now: tuple[str, ...]

    @property
    def then(self) -> Tally:
        return sum((topic.then for topic in self.topics), Tally())

    @property
    def now(self) -> Tally:
        return sum((topic.now for topic in self.topics), Tally())


def comparison_of(sheet: Sheet) -> Comparison | None:
    """With the round before, if it shares a topic with this one."""
    company, number = sheet.assessment.company, sheet.assessment.number
    rounds = Assessment.objects.filter(company=company, number__lt=number)
    before = rounds.order_by("-number").first()
    if before is None:
        return None
    found = with_measures(compare(Sheet.of(before), sheet), company.measures.all())
    return Comparison(
        round_number=before.number,
        topics=tuple(_change(topic) for topic in found.topics),
        only_then=tuple(aid.short for aid in found.only_then),
        only_now=tuple(aid.short for aid in found.only_now),
    )


def _change(topic: TopicThenAndNow) -> TopicChange:
    return TopicChange(
        code=topic.aid.code,
        short=topic.aid.short,
        then=topic.then.tally,
        now=topic.now.tally,
        stage_then=topic.then.reached.stage,
        stage_now=topic.now.reached.stage,
        moved=tuple(
            Moved(
                each.now.key, each.now.text, each.then.value, each.now.value, str(each.move.label)
            )
            for each in topic.moved
        ),
        measures=tuple(
            Meant(
                title=meant.measure.title,
                done_on=meant.measure.done_on or date.max,
                closed=meant.closed,
                standing=meant.standing,
            )
            for meant in topic.measures
        ),
        reworded=topic.reworded,
    )
