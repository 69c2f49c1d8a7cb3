"""The picture of the plan: a row for each measure, all of it inside the frame, in words as well."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.planned import PlannedMeasure
from reports.timeline import AHEAD, BACK, HEAD, MOST_ROWS, PITCH, WIDTH, timeline
from tests.reports.test_charts import inside

TODAY = date(2026, 11, 20)
near = st.dates(TODAY - BACK, TODAY + AHEAD)
whenever = st.none() | near | st.dates(date(2000, 1, 1), date(2100, 12, 31))


def measure(title: str = "Geräte auflisten", **fields) -> PlannedMeasure:
    known = {
        "step": 6, "closes": (), "direction": "", "done_when": "", "who": "", "team": "",
        "effort": "", "starts_on": None, "due_on": None, "status": "open", "status_name": "",
        "look_again_on": None, "done_on": None, "effects": (),
    }  # fmt: skip
    return PlannedMeasure(title=title, **(known | fields))


measures = st.lists(
    st.builds(
        measure,
        starts_on=whenever,
        due_on=whenever,
        done_on=whenever,
        look_again_on=whenever,
        status=st.sampled_from(["open", "in_work", "put_off", "done"]),
    ),
    max_size=40,
)


def layer(figure, name: str) -> list[tuple[float, float]]:
    """Where the shapes of a kind begin."""
    found = next((each.d for each in figure.layers if each.name == name), "")
    return [(float(x), float(y)) for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", found)]


@given(measures)
def test_every_measure_stands_in_it_or_below_and_nothing_outside(plan):
    made = timeline(plan, TODAY)
    if made.figure is None:
        assert len(made.undated) == len(plan)
        return
    assert inside(made.figure)
    assert len(layer(made.figure, "today")) == 1
    dated = len(plan) - len(made.undated)
    if dated > MOST_ROWS:
        counts = re.findall(r": (\d+) offen, (\d+) erledigt", made.figure.title)
        assert sum(int(number) for pair in counts for number in pair) == dated
        assert made.rows == ()
        return
    assert len(made.rows) == dated
    assert made.figure.title.count("Geräte auflisten") == dated
    shapes = [layer(made.figure, name) for name in ("span", "due", "begun", "done", "again")]
    rows = {round((y - HEAD) / PITCH - 0.5) for ys in shapes for _, y in ys}
    rows |= {round((y - HEAD) / PITCH - 0.5) for _, y in layer(made.figure, "beyond")}
    assert rows == set(range(dated)), "a row without a shape"


def test_bars_stand_at_their_days():
    """From January to April 2026: each month takes a quarter of the width."""
    plan = [
        measure(starts_on=date(2026, 1, 1), due_on=date(2026, 4, 30)),
        measure(starts_on=date(2026, 2, 1), due_on=date(2026, 2, 28)),
        measure(due_on=date(2026, 3, 31)),
        measure(starts_on=date(2026, 4, 1)),
        measure(status="done", starts_on=date(2026, 1, 1), done_on=date(2026, 1, 31)),
        measure(status="put_off", due_on=date(2026, 1, 3), look_again_on=date(2026, 4, 2)),
        measure(),
    ]
    made = timeline(plan, date(2026, 1, 1))
    figure, quarter = made.figure, WIDTH / 4
    assert [x for x, _ in layer(figure, "span")] == [0, quarter]
    assert [x for x, _ in layer(figure, "due")] == [3 * quarter]
    assert [x for x, _ in layer(figure, "begun")] == [3 * quarter]
    assert [x for x, _ in layer(figure, "done")] == [0]
    assert layer(figure, "again")[0][0] == pytest.approx(3 * quarter, abs=2)
    assert len(layer(figure, "tick")) == 1
    assert [x for x, _ in layer(figure, "today")] == [0]
    assert [label.text for label in figure.labels] == [
        "2026", "Jan", "Feb", "Mär", "Apr", "heute",
    ]  # fmt: skip
    assert [row.number for row in made.undated] == ["6"]


def test_it_says_in_words_what_it_shows():
    plan = [
        measure("Zuerst", starts_on=date(2026, 11, 2), due_on=date(2026, 12, 4)),
        measure("Dann", step=None, status="done", done_on=date(2026, 11, 30)),
    ]
    made = timeline(plan, TODAY)
    assert made.figure.title == (
        "Der Plan von November 2026 bis Januar 2027. "
        "6 Zuerst: 2. November 2026 bis 4. Dezember 2026. + Dann: erledigt am 30. November 2026."
    )
    assert made.key == (
        "Balken: von Beginn bis Frist. Weißer Balken mit Haken: erledigt. Strich: heute."
    )


def test_many_are_counted_by_month():
    plan = [measure(due_on=TODAY + timedelta(days=n % 90)) for n in range(500)]
    made = timeline([*plan, measure(status="done", done_on=TODAY)], TODAY)
    assert made.rows == ()
    highest = min(y for _, y in layer(made.figure, "span"))
    assert highest > HEAD
    assert "November 2026: 66 offen, 1 erledigt." in made.figure.title
    assert "67" in [label.text for label in made.figure.labels]


def test_names_of_months_leave_each_other_room():
    for months in (3, 8, 14, 20, 30, 40):
        plan = [measure(due_on=TODAY), measure(due_on=TODAY + timedelta(days=30 * months))]
        labels = timeline(plan, TODAY).figure.labels
        for line in (2.4, 5.9):
            xs = sorted(label.x for label in labels if label.y == line)
            assert all(b - a >= 5.5 for a, b in pairwise(xs)), months


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("kurz", "kurz"),
        ("Zeile\n\nund noch eine", "Zeile und noch eine"),
        ("Herausfinden, was bei uns im Betrieb noch digital werden kann", 45),
        ("x" * 200, 46),
    ],
)
def test_titles_are_short(title, short):
    row = timeline([measure(title, due_on=TODAY)], TODAY).rows[0]
    if isinstance(short, str):
        assert row.title == short
    else:
        assert len(row.title) <= short
        assert row.title.endswith("…")
        assert not row.title.endswith(" …")
