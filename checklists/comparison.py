"""Round against round: what moved, counted over the questions that both ask in the same words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import models
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from checklists.models import Assessment, DecisionAid, Measure, MeasureGap
from checklists.models.planned import MeasureQuerySet
from checklists.results import ENTFAELLT, JA, NEIN, OFFEN, WEISS_NICHT, Tally
from checklists.sheet import Line, Sheet, Topic


class Move(models.TextChoices):
    """What became of an answer."""

    CLOSED = "closed", _("geschlossen")
    REOPENED = "reopened", _("neu offen")
    YES = "yes", _("jetzt Ja")
    NO = "no", _("jetzt Nein")
    UNCLEAR = "unclear", _("jetzt weiß nicht")
    DROPPED = "dropped", _("entfällt jetzt")


def move_of(before: str, after: str) -> Move | None:
    """How a question moved; None where it did not, or where it is simply not answered yet."""
    if after in {before, OFFEN}:
        return None
    if (before, after) == (NEIN, JA):
        return Move.CLOSED
    if (before, after) == (JA, NEIN):
        return Move.REOPENED
    return {JA: Move.YES, NEIN: Move.NO, WEISS_NICHT: Move.UNCLEAR, ENTFAELLT: Move.DROPPED}[after]


@dataclass(frozen=True)
class Moved:
    """A question that is answered otherwise than before."""

    then: Line
    now: Line
    move: Move


@dataclass(frozen=True)
class Meant:
    """A measure that was done in between and was meant to close gaps of the earlier round."""

    measure: Measure
    closed: tuple[str, ...]  # keys of gaps of this topic that are Ja or entfällt now
    standing: tuple[str, ...]  # keys of those that are not


@dataclass
class TopicThenAndNow:
    """A topic of both rounds, cut down to the questions that compare."""

    then: Topic
    now: Topic
    reworded: tuple[str, ...]  # keys of questions whose text has changed in between
    unpaired: tuple[str, ...]  # keys of questions that only one of the rounds asks
    measures: list[Meant] = field(default_factory=list)

    @property
    def aid(self) -> DecisionAid:
        return self.now.aid

    @property
    def moved(self) -> list[Moved]:
        pairs = zip(self.then.lines, self.now.lines, strict=True)
        found = ((then, now, move_of(then.value, now.value)) for then, now in pairs)
        return [Moved(then, now, move) for then, now, move in found if move]


@dataclass
class Comparison:
    """Two rounds side by side."""

    then: Assessment
    now: Assessment
    topics: list[TopicThenAndNow]
    only_then: list[DecisionAid]
    only_now: list[DecisionAid]

    @property
    def tally_then(self) -> Tally:
        return sum((topic.then.tally for topic in self.topics), Tally())

    @property
    def tally_now(self) -> Tally:
        return sum((topic.now.tally for topic in self.topics), Tally())


def compare(then: Sheet, now: Sheet) -> Comparison:
    """What moved between two rounds. No query."""
    before = {topic.aid.code: topic for topic in then.topics}
    after = {topic.aid.code: topic for topic in now.topics}
    return Comparison(
        then=then.assessment,
        now=now.assessment,
        topics=[_topic(before[code], after[code]) for code in after if code in before],
        only_then=[topic.aid for code, topic in before.items() if code not in after],
        only_now=[topic.aid for code, topic in after.items() if code not in before],
    )


def _topic(then: Topic, now: Topic) -> TopicThenAndNow:
    before = {line.key: line for line in then.lines}
    after = {line.key: line for line in now.lines}
    both = [key for key in after if key in before]
    same = [key for key in both if before[key].asked.wording_hash == after[key].asked.wording_hash]
    return TopicThenAndNow(
        then=Topic(then.aid, [before[key] for key in same]),
        now=Topic(now.aid, [after[key] for key in same]),
        reworded=tuple(key for key in both if key not in same),
        unpaired=tuple(sorted(before.keys() ^ after.keys())),
    )


def with_measures(comparison: Comparison, measures: MeasureQuerySet) -> Comparison:
    """The same with the measures done since the earlier round began, each in the topics whose gaps
    it was to close: two queries."""
    first = timezone.localdate(comparison.then.started_at)
    last = comparison.now.closed_at and timezone.localdate(comparison.now.closed_at)
    done = list(_done(measures, first, last or timezone.localdate()))
    for topic in comparison.topics:
        now = {line.key: line.value for line in topic.now.lines}
        gaps = {line.key for line in topic.then.lines if line.value == NEIN}
        for measure, keys in done:
            meant = [key for key in keys if key in gaps]
            if meant:
                closed = tuple(key for key in meant if now[key] in {JA, ENTFAELLT})
                standing = tuple(key for key in meant if key not in closed)
                topic.measures.append(Meant(measure, closed, standing))
    return comparison


def _done(
    measures: MeasureQuerySet, first: date, last: date
) -> Iterable[tuple[Measure, list[str]]]:
    gaps = MeasureGap.objects.select_related("question__aid").order_by("question")
    done = measures.filter(status=Measure.Status.DONE, done_on__range=(first, last))
    for measure in done.prefetch_related(Prefetch("closes", gaps)).order_by("done_on", "pk"):
        yield measure, [gap.question.key for gap in measure.closes.all()]


@dataclass(frozen=True)
class Row:
    """One topic through all rounds."""

    aid: DecisionAid
    tallies: tuple[Tally | None, ...]  # None where a round does not ask about it


def through_rounds(sheets: Sequence[Sheet]) -> list[Row]:
    """Each topic's counts, round by round, as each round asked it. No query."""
    aids: dict[str, DecisionAid] = {}
    for sheet in sheets:
        aids |= {topic.aid.code: topic.aid for topic in sheet.topics}
    rows = []
    for code, aid in sorted(aids.items()):
        found = [sheet.topic(code) for sheet in sheets]
        rows.append(Row(aid, tuple(topic.tally if topic else None for topic in found)))
    return rows
