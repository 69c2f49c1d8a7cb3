"""The report's pictures as geometry: what is drawn where, in millimetres. No markup.

Every picture is a unit chart: one mark is one answer. Marks of one kind share one path, which keeps
the PDF small and its rendering quick. Disc = Ja, empty box to fill with a pen = Nein, diamond =
weiß nicht, dash = entfällt, ring = not answered yet: shape first, colour second."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from checklists.results import ENTFAELLT, JA, NEIN, OFFEN, WEISS_NICHT, Tally

# Values of static/css/tokens.css: inline SVG takes no style from a stylesheet in the PDF.
INK, MUTED, EDGE = "#1B2220", "#4A5551", "#7F7869"
ACTING, TINT = "#0B5A5E", "#DFECEA"
GAP, WAIT, WAIT_TINT = "#A33A18", "#7A5000", "#FAEED0"
WHITE = "#FFFFFF"

KINDS = (JA, NEIN, WEISS_NICHT, ENTFAELLT, OFFEN)
STAGES = 6

# Advance widths of Atkinson Hyperlegible Next 600 in thousandths of the size. Centred by hand:
# text-anchor makes one form object of each text.
_ADVANCES = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-",
        (
            656,
            430,
            569,
            592,
            621,
            602,
            617,
            529,
            621,
            578,
            662,
            634,
            654,
            683,
            589,
            562,
            711,
            699,
            415,
            546,
            654,
            548,
            848,
            710,
            737,
            617,
            747,
            639,
            604,
            592,
            687,
            628,
            877,
            666,
            627,
            615,
            369,
        ),
        strict=True,
    )
)


@dataclass(frozen=True)
class Layer:
    """One path: all shapes of one kind in one picture."""

    name: str  # "ja", "nein" … or "line", "way", "here"
    d: str
    fill: str = "none"
    stroke: str = ""
    width: float = 0.0


@dataclass(frozen=True)
class Label:
    """A short text; x is its left end, y its baseline."""

    x: float
    y: float
    text: str
    size: float
    fill: str = INK


@dataclass(frozen=True)
class Figure:
    name: str
    width: float
    height: float
    title: str  # the whole picture in words
    layers: tuple[Layer, ...]
    labels: tuple[Label, ...] = ()
    scale: float = 1.0  # millimetres per unit
    small: bool = False  # its size stands in the stylesheet


@dataclass
class _Ink:
    """Collects shapes by kind and size, in the order in which kinds first appear."""

    paths: dict[tuple[str, float], list[str]] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)

    def mark(self, x: float, y: float, kind: str, size: float, number: str = "") -> None:
        """One answer centred on x, y; `size` is the disc's diameter."""
        self.paths.setdefault((kind, size), []).append(_shape(x, y, kind, size, bool(number)))
        if number:
            fill = WHITE if kind == JA else INK if kind in (NEIN, WEISS_NICHT) else MUTED
            self.text(x, y + size * 0.165, number, size * 0.46, fill)

    def text(self, x: float, y: float, text: str, size: float, fill: str = INK) -> None:
        """A text centred on x."""
        wide = sum(_ADVANCES.get(letter, 600) for letter in text) / 1000 * size
        self.labels.append(Label(round(x - wide / 2, 2), round(y, 2), text, round(size, 2), fill))

    def layers(self) -> list[Layer]:
        return [
            Layer(_NAMES[kind], "".join(shapes), *_look(kind, size))
            for (kind, size), shapes in self.paths.items()
        ]


_NAMES = {JA: "ja", NEIN: "nein", WEISS_NICHT: "weissnicht", ENTFAELLT: "entfaellt", OFFEN: "offen"}


def _look(kind: str, size: float) -> tuple[str, str, float]:
    """Fill, stroke and stroke width."""
    if kind == JA:
        return ACTING, "", 0.0
    if kind == NEIN:
        return WHITE, GAP, round(size * 0.09, 2)
    if kind == WEISS_NICHT:
        return WAIT_TINT, WAIT, round(size * 0.07, 2)
    if kind == ENTFAELLT:
        return MUTED, "", 0.0
    return WHITE, EDGE, round(size * 0.06, 2)


def _shape(x: float, y: float, kind: str, size: float, numbered: bool) -> str:
    half = size / 2
    if kind in (JA, OFFEN):
        radius = half if kind == JA else half * 0.9
        arc = f"a{n(radius)} {n(radius)} 0 1 0"
        return f"M{n(x - radius)} {n(y)}{arc} {n(2 * radius)} 0{arc} {n(-2 * radius)} 0z"
    if kind == NEIN:
        side = half * 0.9
        return f"M{n(x - side)} {n(y - side)}h{n(2 * side)}v{n(2 * side)}h{n(-2 * side)}z"
    if kind == WEISS_NICHT:
        reach = half * 1.08
        left, right = f"{n(x - reach)} {n(y)}", f"{n(x + reach)} {n(y)}"
        return f"M{n(x)} {n(y - reach)}L{right}L{n(x)} {n(y + reach)}L{left}z"
    top = y + (half * 0.62 if numbered else -size * 0.05)
    return f"M{n(x - half * 0.8)} {n(top)}h{n(half * 1.6)}v{n(size * 0.1)}h{n(-half * 1.6)}z"


def n(value: float) -> str:
    """A number as short as an SVG path may have it."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def cell(values: Sequence[str], title: str) -> Figure:
    """The answers of one topic at one stage, for a table cell: smaller where they are many."""
    name, per_row, size = ("cell", 3, 3.5) if len(values) <= 6 else ("cell4", 4, 2.8)
    pitch = size * 1.243
    ink = _Ink()
    for i, value in enumerate(values):
        ink.mark(pitch * (i % per_row + 0.5), pitch * (i // per_row + 0.5), value, size)
    rows = max(math.ceil(len(values) / per_row), 1)
    return Figure(name, pitch * per_row, pitch * rows, title, tuple(ink.layers()), small=True)


def stairs(marks: Iterable[tuple[str, str, int]], current: int | None, title: str) -> Figure:
    """A topic on its six stages. `marks`: number ("03"), value and stage of each question; they
    stand on their tread. Up to `current` the way is thick; None: all of it."""
    width, rise, size, pitch, foot = 140.0, 3.1, 5.7, 6.5, 9.5
    step = width / STAGES
    on_tread: list[list[tuple[str, str]]] = [[] for _ in range(STAGES)]
    for number, value, stage in marks:
        on_tread[stage - 1].append((number, value))
    depth = max(1, *(math.ceil(len(tread) / 3) for tread in on_tread))
    base = 6 + pitch * depth + rise * (STAGES - 1)
    height = base + foot
    way: list[str] = []
    ahead: list[str] = []
    ink = _Ink()
    for stage, tread in enumerate(on_tread):
        x, y = step * stage, base - rise * stage
        reached = current is None or stage < current
        half = 0.37 if reached else 0.15
        riser = f"M{n(x)} {n(y + rise + half)}V{n(y - half)}" if stage else ""
        (way if reached else ahead).append(f"{riser}M{n(x)} {n(y)}h{n(step)}")
        for i, (number, value) in enumerate(tread):
            at = (x + 1.7 + pitch * (i % 3) + size / 2, y - 1.1 - size / 2 - pitch * (i // 3))
            ink.mark(*at, value, size, number)
    layers = [
        Layer("way", "".join(way), "none", INK, 0.75),
        Layer("ahead", "".join(ahead), "none", EDGE, 0.3),
        *ink.layers(),
    ]
    if current is not None:
        here = f"M{n(step * (current - 1))} 0h{n(step)}v{n(height)}h{n(-step)}z"
        layers.insert(0, Layer("here", here, TINT))
    used = tuple(layer for layer in layers if layer.d)
    return Figure("stairs", width, height, title, used, tuple(ink.labels))


def currents(
    columns: Sequence[tuple[str, Sequence[str]]], title: str, *, height: float = 147.0
) -> Figure:
    """The cover: one column per topic (code, values). Ja rises from below, Nein hangs from above;
    between them lies what is still to be settled."""
    width = 170.0
    most = max(1, *(len(values) for _, values in columns))
    pitch = min(9.85, (height - 10) / most, width / max(len(columns), 1))
    size = min(8.2, pitch * 0.84)
    top, bottom = 1.0, height - 7.5
    ink = _Ink()
    for (code, values), x in zip(columns, _spread(len(columns), width, size), strict=True):
        risen, hung = values.count(JA), values.count(NEIN)
        for i in range(risen):
            ink.mark(x, bottom - size / 2 - 0.9 - pitch * i, JA, size)
        for i in range(hung):
            ink.mark(x, top + size / 2 + 0.9 + pitch * i, NEIN, size)
        between = [
            value for value in (WEISS_NICHT, OFFEN, ENTFAELLT) for _ in range(values.count(value))
        ]
        ceiling, floor = top + 0.9 + pitch * hung, bottom - 0.9 - pitch * risen
        start = ceiling + (floor - ceiling - pitch * len(between)) / 2
        for i, value in enumerate(between):
            ink.mark(x, start + pitch * (i + 0.5), value, size * 0.82)
        ink.text(x, height - 2, code, min(3.2, size * 0.6))
    banks = f"M0 {n(bottom)}H{n(width)}M0 {n(top)}H{n(width)}"
    layers = (*ink.layers(), Layer("way", banks, "none", INK, 0.5))
    return Figure("currents", width, height, title, layers, tuple(ink.labels))


def _spread(count: int, width: float, size: float) -> list[float]:
    """Centres of the columns: the outer ones at the edges, a single one in the middle."""
    if count == 1:
        return [width / 2]
    step = (width - size) / max(count - 1, 1)
    return [size / 2 + step * i for i in range(count)]


def then_now(then: Tally, now: Tally, most: int, title: str) -> Figure:
    """A topic's answers in two rounds, one above the other: a mark each, all of a kind together.
    `most`: questions of the longest topic beside it."""
    width, line = 58.0, 4.24
    pitch = min(3.7, width / max(most, 1))
    ink = _Ink()
    for row, tally in enumerate((then, now)):
        counts = (tally.ja, tally.nein, tally.weissnicht, tally.offen, tally.entfaellt)
        kinds = (JA, NEIN, WEISS_NICHT, OFFEN, ENTFAELLT)
        values = [kind for kind, count in zip(kinds, counts, strict=True) for _ in range(count)]
        for i, value in enumerate(values):
            ink.mark(pitch * (i + 0.5), line * (row + 0.5), value, pitch * 0.8)
    return Figure("thennow", width, line * 2, title, tuple(ink.layers()), small=True)


def qr(modules: Iterable[Iterable[int]], title: str, *, size: float) -> Figure:
    """A QR code drawn as one path of strokes; `modules` are its rows of 0 and 1."""
    rows = [list(row) for row in modules]
    unit = size / len(rows)
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = 0
            while x + run < len(row) and row[x + run]:
                run += 1
            if run:
                runs.append(f"M{x} {y + 0.5}h{run}")
            x += max(run, 1)
    side = len(rows)
    layer = Layer("code", "".join(runs), "none", INK, 1)
    return Figure("qr", side, side, title, (layer,), scale=unit)


# --- Room on a page ------------------------------------------------------------------------------

_NARROW, _WIDE = set("fijlrtI.,:;'!|() "), set("mwMW@%")
FAR_EAST = "\u2e80"  # from here on letters are as wide as high


def lines_of(text: str, width: float, size: float = 9.0) -> int:
    """About how many lines a text takes at `size` pt in `width` mm."""
    em = size * 0.3528
    total = 0
    for part in text.split("\n"):
        wide = sum(
            0.3 if c in _NARROW else 0.85 if c in _WIDE else 0.56 if c < FAR_EAST else 1.0
            for c in part
        )
        total += max(1, math.ceil(wide * em * 1.04 / width))
    return total


@dataclass(frozen=True)
class PagePlan:
    """How a topic's page is set so that it fills one page and rarely two."""

    tight: bool  # smaller type and less air
    lines: int  # ruled lines below, for notes by hand

    @property
    def ruled(self) -> range:
        return range(self.lines)


POINT = 25.4 / 72
PAGE = 254.0  # height of the type area in mm
RULED = 8.75


def plan_page(
    title: str, subtitle: bool, figure: float, tables: Sequence[Sequence[str]]
) -> PagePlan:
    """`figure`: height of the stairs in mm; `tables`: the texts of each table's rows."""
    used = _height(title, subtitle, figure, tables, size=9, line=12, pad=5.8, head=29)
    room = math.floor((PAGE - used - 12) / RULED)
    return PagePlan(tight=used > PAGE - 2, lines=min(room, 11) if room >= 3 else 0)


def _height(
    title: str,
    subtitle: bool,
    figure: float,
    tables: Sequence[Sequence[str]],
    *,
    size: float,
    line: float,
    pad: float,
    head: float,
) -> float:
    """About how many mm a topic takes; `line`, `pad` and `head` in pt."""
    points: float = 5 + 27 * lines_of(title, 140, 24) + 22 * subtitle + 14
    for rows in tables:
        points += head + sum(pad + line * lines_of(text, 112, size) for text in rows)
    return figure + points * POINT
