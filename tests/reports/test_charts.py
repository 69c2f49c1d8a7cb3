"""The pictures' geometry: one mark per answer, all of it inside the frame."""

from __future__ import annotations

import re

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from checklists.results import ENTFAELLT, JA, NEIN, OFFEN, WEISS_NICHT, Tally
from reports import charts
from tests.conftest import FIXTURES

VALUES = [JA, NEIN, WEISS_NICHT, ENTFAELLT, OFFEN]
MARKS = {"ja", "nein", "weissnicht", "entfaellt", "offen"}
answers = st.lists(st.sampled_from(VALUES), max_size=24)


def marks(figure: charts.Figure) -> dict[str, int]:
    """How many marks of each kind a picture holds."""
    found: dict[str, int] = {}
    for layer in figure.layers:
        if layer.name in MARKS:
            found[layer.name] = found.get(layer.name, 0) + layer.d.count("M")
    return found


def counts(values: list[str]) -> dict[str, int]:
    names = dict(zip(VALUES, ["ja", "nein", "weissnicht", "entfaellt", "offen"], strict=True))
    return {names[value]: values.count(value) for value in VALUES if value in values}


def inside(figure: charts.Figure) -> bool:
    """Every path starts, and every text stands, inside the frame."""
    starts = [
        (float(x), float(y))
        for layer in figure.layers
        for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", layer.d)
    ]
    starts += [(label.x, label.y) for label in figure.labels]
    return all(
        -0.5 <= x <= figure.width + 0.5 and -0.5 <= y <= figure.height + 0.5 for x, y in starts
    )


@given(answers)
def test_a_cell_holds_every_answer(values):
    figure = charts.cell(values, "")
    assert marks(figure) == counts(values)
    assert inside(figure)


@given(st.lists(st.tuples(st.sampled_from(VALUES), st.integers(1, 6)), max_size=24), st.data())
def test_stairs_hold_every_question_on_its_tread(asked, data):
    current = data.draw(st.one_of(st.none(), st.integers(1, 6)))
    numbered = [(f"{i:02d}", value, stage) for i, (value, stage) in enumerate(asked, 1)]
    figure = charts.stairs(numbered, current, "")
    assert marks(figure) == counts([value for value, _ in asked])
    assert inside(figure)
    assert sorted(label.text for label in figure.labels) == [number for number, *_ in numbered]
    tread = figure.width / 6
    for number, _, stage in numbered:
        x = next(label.x for label in figure.labels if label.text == number)
        assert tread * (stage - 1) < x < tread * stage


def test_stairs_tint_the_stage_where_it_goes_on():
    here = [layer.name for layer in charts.stairs([("01", NEIN, 2)], 2, "").layers]
    done = [layer.name for layer in charts.stairs([("01", JA, 2)], None, "").layers]
    assert "here" in here
    assert "here" not in done
    assert "ahead" not in done


@given(st.lists(answers, min_size=1, max_size=17), st.sampled_from([147.0, 90.0]))
def test_the_cover_holds_every_answer(columns, height):
    named = [(f"E{i:02d}", values) for i, values in enumerate(columns, 1)]
    figure = charts.currents(named, "", height=height)
    every = [value for values in columns for value in values]
    assert marks(figure) == counts(every)
    assert inside(figure)
    assert [label.text for label in figure.labels] == [code for code, _ in named]


def test_the_cover_lets_ja_rise_and_nein_hang():
    figure = charts.currents([("E01", [JA, JA, NEIN, WEISS_NICHT])], "")
    height = {
        layer.name: [float(y) for y in re.findall(r"M[\d.]+ ([\d.]+)", layer.d)]
        for layer in figure.layers
    }
    assert max(height["nein"]) < min(height["weissnicht"]) < min(height["ja"])


def test_a_qr_code_draws_every_dark_module():
    matrix = segno.make("https://www.offensive-mittelstand.de", error="m", micro=False).matrix
    figure = charts.qr(matrix, "", size=21)
    drawn = sum(int(run) for run in re.findall(r"h(\d+)", figure.layers[0].d))
    assert drawn == sum(map(sum, matrix))
    assert figure.width * figure.scale == pytest.approx(21)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1.5, "1.5"), (-0.001, "0"), (2.004, "2"), (10, "10")]
)
def test_numbers_are_short(value, text):
    assert charts.n(value).lstrip("-") == text


def test_a_page_with_room_gets_ruled_lines_and_a_full_one_tight_type():
    short, long = [["Eine Aussage."] * 3], [["Eine lange Aussage mit vielen Wörtern. " * 4] * 14]
    airy, full = (charts.plan_page("Titel", True, 40, rows) for rows in (short, long))
    assert (airy.tight, airy.lines) == (False, 11)
    assert (full.tight, full.lines) == (True, 0)
    assert len(airy.ruled) == airy.lines


def test_lines_of_counts_breaks_and_width():
    assert charts.lines_of("", 100) == 1
    assert charts.lines_of("a\nb\nc", 100) == 3
    assert charts.lines_of("m" * 100, 50) > charts.lines_of("i" * 100, 50)


def test_colours_are_those_of_the_tokens():
    tokens = (FIXTURES.parent / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    light = tokens.split("@media")[0]
    for name, colour in {
        "ink": charts.INK,
        "muted": charts.MUTED,
        "edge": charts.EDGE,
        "acting": charts.ACTING,
        "ja": charts.ACTING,
        "acting-tint": charts.TINT,
        "nein": charts.GAP,
        "weissnicht": charts.WAIT,
        "weissnicht-tint": charts.WAIT_TINT,
    }.items():
        assert re.search(rf"--gs-{name}:\s*{colour};", light), name


@given(*(st.tuples(*[st.integers(0, 8)] * 5) for _ in range(2)))
def test_then_and_now_hold_every_answer_each_in_its_row(then, now):
    rounds = [Tally(*each) for each in (then, now)]
    most = max(each.total for each in rounds)
    figure = charts.then_now(rounds[0], rounds[1], most, "")
    both = [a + b for a, b in zip(then, now, strict=True)]
    names = ["ja", "nein", "weissnicht", "entfaellt", "offen"]
    assert marks(figure) == {name: count for name, count in zip(names, both, strict=True) if count}
    assert inside(figure)
    discs = next((layer.d for layer in figure.layers if layer.name == "ja"), "")
    rows = [float(y) < figure.height / 2 for y in re.findall(r"M[\d.]+ ([\d.]+)", discs)]
    assert rows.count(True) == then[0]
