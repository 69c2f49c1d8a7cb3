"""Counting: one function each for progress, stage and order of steps, used by every surface.

Pure: takes values and numbers, touches no database. The rules are those of the product
(progress is activity, never quality; open is unanswered or "weiß nicht"; "entfällt" is no gap).
An answer carried over from the round before is open until somebody has confirmed it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

JA, NEIN, WEISS_NICHT, ENTFAELLT, OFFEN = "ja", "nein", "weissnicht", "entfaellt", ""


def counted(value: str, to_confirm: bool) -> str:
    """What an answer counts as: one that is still to be confirmed is open, whatever it said."""
    return OFFEN if to_confirm else value


@dataclass(frozen=True)
class Item:
    """One question with the firm's answer, as far as counting needs it."""

    key: str  # "E01-03"
    aid: str  # "E01"
    stage: int  # 1 to 6
    step: str  # key of the step that closes it
    value: str  # JA, NEIN, WEISS_NICHT, ENTFAELLT or OFFEN, as counted()


@dataclass(frozen=True)
class Tally:
    """How many questions were answered how."""

    ja: int = 0
    nein: int = 0
    weissnicht: int = 0
    entfaellt: int = 0
    offen: int = 0
    to_confirm: int = 0  # of those open: with an answer of an earlier round

    @classmethod
    def of(cls, values: Iterable[str], to_confirm: int = 0) -> Tally:
        """Count values as counted(); `to_confirm` of the open ones wait to be confirmed."""
        counts = {JA: 0, NEIN: 0, WEISS_NICHT: 0, ENTFAELLT: 0, OFFEN: 0}
        for value in values:
            counts[value] += 1
        return cls(
            counts[JA],
            counts[NEIN],
            counts[WEISS_NICHT],
            counts[ENTFAELLT],
            counts[OFFEN],
            to_confirm,
        )

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.ja + other.ja,
            self.nein + other.nein,
            self.weissnicht + other.weissnicht,
            self.entfaellt + other.entfaellt,
            self.offen + other.offen,
            self.to_confirm + other.to_confirm,
        )

    @property
    def total(self) -> int:
        return self.ja + self.nein + self.weissnicht + self.entfaellt + self.offen

    @property
    def answered(self) -> int:
        """Counts towards progress: Ja, Nein and entfällt."""
        return self.ja + self.nein + self.entfaellt

    @property
    def open(self) -> int:
        """Still to do: unanswered or weiß nicht."""
        return self.offen + self.weissnicht

    @property
    def progress(self) -> float:
        """Answered ÷ questions, 0.0 to 1.0; 0.0 where there is no question."""
        return self.answered / self.total if self.total else 0.0

    @property
    def relevant(self) -> int:
        """Base of the share of Ja: answered with Ja or Nein."""
        return self.ja + self.nein

    @property
    def complete(self) -> bool:
        return self.total > 0 and self.open == 0

    @property
    def started(self) -> bool:
        return self.total > self.offen


@dataclass(frozen=True)
class Reached:
    """A topic's place on the way. `stage` is None where nothing is answered or all is reached."""

    stage: int | None = None
    all_reached: bool = False


def stage_of(items: Sequence[Item]) -> Reached:
    """The lowest stage that still has a Nein or an open question."""
    if not any(item.value != OFFEN for item in items):
        return Reached()
    waiting = [item.stage for item in items if item.value in (NEIN, WEISS_NICHT, OFFEN)]
    return Reached(stage=min(waiting)) if waiting else Reached(all_reached=True)


@dataclass(frozen=True)
class Recommendation:
    """A step that a Nein calls for, with the gaps it closes."""

    step: str  # key
    stage: int  # lowest stage among its Nein questions
    closes: tuple[str, ...]  # question keys, in order
    aids: tuple[str, ...]  # topics it helps, in order


def recommend(items: Iterable[Item]) -> list[Recommendation]:
    """Steps for every Nein, each once: lowest stage first, then more gaps closed, then the code of
    the first question."""
    gaps: dict[str, list[Item]] = {}
    for item in items:
        if item.value == NEIN:
            gaps.setdefault(item.step, []).append(item)
    found = []
    for step, missing in gaps.items():
        missing.sort(key=lambda item: item.key)
        found.append(
            Recommendation(
                step=step,
                stage=min(item.stage for item in missing),
                closes=tuple(item.key for item in missing),
                aids=tuple(dict.fromkeys(item.aid for item in missing)),
            )
        )
    return sorted(found, key=lambda r: (r.stage, -len(r.closes), r.closes[0]))
