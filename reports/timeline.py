"""The plan over its months as geometry, in millimetres: a row for each measure or, where they are
many, a column for each month. No markup.

Bar = from beginning to due day, diamond = a due day alone, white with a tick = done, ring = look
again, triangle = it goes on beyond the picture: shape first, so that grey print says as much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format

from reports.charts import ACTING, EDGE, INK, MUTED, WHITE, Figure, Label, Layer, n
from reports.planned import PlannedMeasure

MOST_ROWS = 25
WIDTH, PITCH, HEAD, FOOT = 100.0, 5.3, 8.0, 4.5
BAR = 3.2  # height of a bar
COLUMNS = 30.0  # height of the highest column where months are counted
BACK, AHEAD = timedelta(days=366), timedelta(days=3 * 366)  # what the picture shows around today
MONTHS = ("Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez")
SHORT = 46  # letters of a title
WORDS = {
    "span": "Balken: von Beginn bis Frist",
    "due": "Raute: Frist ohne Beginn",
    "begun": "Offener Balken: Beginn ohne Frist",
    "done": "Weißer Balken mit Haken: erledigt",
    "again": "Ring: Wiedervorlage",
    "beyond": "Dreieck: reicht über das Bild hinaus",
}
LOOKS = {
    "span": (ACTING, "", 0.0),
    "due": (ACTING, "", 0.0),
    "begun": (WHITE, ACTING, 0.35),
    "done": (WHITE, EDGE, 0.3),
    "tick": ("none", INK, 0.55),
    "again": (WHITE, INK, 0.4),
    "beyond": (INK, "", 0.0),
}


@dataclass(frozen=True)
class Row:
    """What stands beside a row of the picture."""

    number: str  # of the report's step, "+" for a measure of the firm's own
    title: str


@dataclass(frozen=True)
class Timeline:
    figure: Figure | None  # None where no measure has a date
    rows: tuple[Row, ...]  # empty where the picture counts by month
    key: str  # what the shapes mean
    undated: tuple[Row, ...]


@dataclass(frozen=True)
class _Stretch:
    """When a measure happens: from `start` (None: that day alone) to `end` (None: no end)."""

    row: Row
    kind: str
    start: date | None
    end: date | None

    @property
    def days(self) -> list[date]:
        return [day for day in (self.start, self.end) if day]

    @property
    def said(self) -> str:
        start, end = (day and date_format(day, "j. F Y") for day in (self.start, self.end))
        said = {
            "span": f"{start} bis {end}",
            "due": f"bis {end}",
            "begun": f"ab {start}",
            "done": f"erledigt am {end}",
            "again": f"Wiedervorlage am {end}",
        }
        return f"{self.row.number} {self.row.title}: {said[self.kind]}."


def timeline(measures: Iterable[PlannedMeasure], today: date) -> Timeline:
    """The picture of a plan as it stood on a day."""
    dated: list[_Stretch] = []
    undated: list[Row] = []
    for measure in measures:
        row = Row(str(measure.step or "+"), _short(measure.title))
        stretch = _stretch(measure, row)
        if stretch:
            dated.append(stretch)
        else:
            undated.append(row)
    if not dated:
        return Timeline(None, (), "", tuple(undated))
    axis = _Axis.of(dated, today)
    if len(dated) > MOST_ROWS:
        key = "Säule: Maßnahmen mit Frist in diesem Monat. Weiß: erledigt. Strich: heute."
        return Timeline(_columns(dated, axis), (), key, tuple(undated))
    figure, used = _rows(dated, axis)
    key = ". ".join(words for name, words in WORDS.items() if name in used)
    rows = tuple(stretch.row for stretch in dated)
    return Timeline(figure, rows, f"{key}. Strich: heute.", tuple(undated))


def _short(title: str) -> str:
    """A title on one line, cut at a word where that leaves something of it."""
    line = " ".join(title.split())
    if len(line) <= SHORT:
        return line
    head = line[: SHORT - 1]
    return f"{head[: head.rfind(' ')] if ' ' in head[SHORT // 2 :] else head}…"


def _stretch(measure: PlannedMeasure, row: Row) -> _Stretch | None:
    start, due = measure.starts_on, measure.due_on
    if measure.status == "done" and (end := measure.done_on or due):
        return _Stretch(row, "done", start if start and start < end else None, end)
    if measure.status == "put_off" and measure.look_again_on:
        return _Stretch(row, "again", None, measure.look_again_on)
    if start and due:
        return _Stretch(row, "span", *sorted((start, due)))
    if due:
        return _Stretch(row, "due", None, due)
    return _Stretch(row, "begun", start, None) if start else None


# --- The months ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Axis:
    first: date  # a first of a month
    count: int  # of months
    today: date

    @classmethod
    def of(cls, stretches: Sequence[_Stretch], today: date) -> _Axis:
        """All that happens, as far as it is not long ago or far ahead; three months at least."""
        days = [day for stretch in stretches for day in stretch.days]
        first = max(min(*days, today), today - BACK).replace(day=1)
        last = min(max(*days, today), today + AHEAD)
        return cls(first, max(_months(first, last) + 1, 3), today)

    @property
    def unit(self) -> float:
        return WIDTH / self.count

    def month(self, index: int) -> date:
        year, month = divmod(self.first.month - 1 + index, 12)
        return date(self.first.year + year, month + 1, 1)

    def at(self, day: date, *, end: bool = False) -> float:
        """Where a day begins (or ends), also outside of the picture."""
        of_month = (day.day - (not end)) / 31
        return self.unit * (_months(self.first, day) + of_month)

    def said(self) -> str:
        last = self.month(self.count - 1)
        return f"von {date_format(self.first, 'F Y')} bis {date_format(last, 'F Y')}"

    def labels(self) -> list[Label]:
        """Months as far as there is room for their names, and each year where it begins."""
        step = next(step for step in (1, 2, 3, 6, 12) if self.unit * step >= 6 or step == 12)
        shown = [i for i in range(self.count) if (self.month(i).month - 1) % step == 0]
        years = [i for i in range(self.count) if i == 0 or self.month(i).month == 1]
        if len(years) > 1 and (years[1] - years[0]) * self.unit < 8:
            years = years[1:]
        return [
            *(Label(self.unit * i + 0.6, 2.4, str(self.month(i).year), 2.5) for i in years),
            *(
                Label(self.unit * i + 0.6, 5.9, MONTHS[self.month(i).month - 1], 2.5, MUTED)
                for i in shown
                if self.unit * i + 5 <= WIDTH
            ),
        ]

    def grid(self, height: float) -> Layer:
        lines = "".join(f"M{n(self.unit * i)} {n(HEAD - 1)}V{n(height)}" for i in range(self.count))
        return Layer("grid", lines, "none", EDGE, 0.12)

    def now(self, height: float) -> tuple[Layer, Label]:
        """Today's line with its word below, which stays within the picture."""
        x = self.at(self.today)
        word = Label(round(min(max(x - 3, 0), WIDTH - 7), 2), height + 3.4, "heute", 2.5)
        return Layer("today", f"M{n(x)} {n(HEAD - 1)}V{n(height + 0.8)}", "none", INK, 0.45), word


def _months(first: date, day: date) -> int:
    return 12 * (day.year - first.year) + day.month - first.month


# --- A row for each measure ----------------------------------------------------------------------


def _rows(stretches: Sequence[_Stretch], axis: _Axis) -> tuple[Figure, set[str]]:
    """The picture and the kinds of shapes in it."""
    shapes: dict[str, list[str]] = {name: [] for name in LOOKS}
    for index, stretch in enumerate(stretches):
        for name, d in _shapes(stretch, HEAD + PITCH * (index + 0.5), axis):
            shapes[name].append(d)
    height = HEAD + PITCH * len(stretches)
    today, word = axis.now(height)
    layers = (
        axis.grid(height),
        *(Layer(name, "".join(ds), *LOOKS[name]) for name, ds in shapes.items() if ds),
        today,
    )
    title = f"Der Plan {axis.said()}. {' '.join(stretch.said for stretch in stretches)}"
    labels = (*axis.labels(), word)
    used = {name for name, ds in shapes.items() if ds}
    return Figure("months", WIDTH, height + FOOT, title, layers, labels), used


def _shapes(stretch: _Stretch, y: float, axis: _Axis) -> Iterable[tuple[str, str]]:
    start = axis.at(stretch.start) if stretch.start else None
    end = axis.at(stretch.end, end=True) if stretch.end else WIDTH + 1
    if end < 0 or (start or 0) > WIDTH or (start is None and end > WIDTH):
        yield "beyond", _triangle(WIDTH if end > WIDTH else 0, y, ahead=end > WIDTH)
        return
    if stretch.kind in ("span", "begun", "done") and start is not None:
        left, right = max(start, 0), min(end, WIDTH - 1.4 if end > WIDTH else WIDTH)
        left = min(left, right - 1.2)
        size = f"h{n(right - left)}v{n(BAR)}h{n(left - right)}z"
        yield stretch.kind, f"M{n(left)} {n(y - BAR / 2)}{size}"
        if end > WIDTH:
            yield "beyond", _triangle(WIDTH, y, ahead=True)
    elif stretch.kind == "due":
        x = min(max(end, 1.7), WIDTH - 1.7)
        yield "due", f"M{n(x)} {n(y - 1.7)}l1.7 1.7l-1.7 1.7l-1.7 -1.7z"
    elif stretch.kind == "again":
        x = min(max(end, 1.5), WIDTH - 1.5)
        yield "again", f"M{n(x - 1.3)} {n(y)}a1.3 1.3 0 1 0 2.6 0a1.3 1.3 0 1 0 -2.6 0z"
    elif stretch.kind == "done":
        x = min(max(end - BAR / 2, 0), WIDTH - BAR)
        yield "done", f"M{n(x)} {n(y - BAR / 2)}h{n(BAR)}v{n(BAR)}h{n(-BAR)}z"
    if stretch.kind == "done":
        x = min(max(end - 1.6, 1.6), WIDTH - 1.6)
        yield "tick", f"M{n(x - 1)} {n(y)}l.8 .9l1.4 -1.9"


def _triangle(x: float, y: float, *, ahead: bool) -> str:
    away = -1.3 if ahead else 1.3
    return f"M{n(x)} {n(y)}l{n(away)} -1.3v2.6z"


# --- A column for each month ----------------------------------------------------------------------


def _columns(stretches: Sequence[_Stretch], axis: _Axis) -> Figure:
    """How many are due, to be looked at again or done in which month; what lies outside of the
    picture counts at its edge."""
    done: Counter[int] = Counter()
    due: Counter[int] = Counter()
    for stretch in stretches:
        day = stretch.end or stretch.days[0]
        month = min(max(_months(axis.first, day), 0), axis.count - 1)
        (done if stretch.kind == "done" else due)[month] += 1
    every = due + done
    scale = COLUMNS / max(every.values())
    foot = HEAD + 4 + COLUMNS
    wide = axis.unit * 0.7
    labels = []
    shapes: dict[str, list[str]] = {"span": [], "done": []}
    for month in sorted(every):
        left, y = axis.unit * (month + 0.15), foot
        for name, count in (("done", done[month]), ("span", due[month])):
            high = scale * count
            if count:
                shapes[name].append(f"M{n(left)} {n(y)}h{n(wide)}v{n(-high)}h{n(-wide)}z")
            y -= high
        number = str(every[month])
        size = min(2.5, axis.unit / len(number) * 1.5)
        middle = axis.unit * (month + 0.5) - len(number) * size * 0.3
        labels.append(Label(round(middle, 2), round(y - 1, 2), number, round(size, 2)))
    today, word = axis.now(foot)
    layers = (
        axis.grid(foot),
        *(Layer(name, "".join(ds), *LOOKS[name]) for name, ds in shapes.items() if ds),
        today,
    )
    title = f"Der Plan {axis.said()}, {len(stretches)} Maßnahmen. " + " ".join(
        f"{date_format(axis.month(month), 'F Y')}: {due[month]} offen, {done[month]} erledigt."
        for month in sorted(every)
    )
    return Figure("columns", WIDTH, foot + FOOT, title, layers, (*axis.labels(), *labels, word))
