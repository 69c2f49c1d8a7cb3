"""The counting rules, on generated sheets."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from checklists.results import (
    ENTFAELLT,
    JA,
    NEIN,
    OFFEN,
    WEISS_NICHT,
    Item,
    Tally,
    counted,
    recommend,
    stage_of,
)

VALUES = st.sampled_from([JA, NEIN, WEISS_NICHT, ENTFAELLT, OFFEN])


@st.composite
def sheets(draw) -> list[Item]:
    size = draw(st.integers(0, 40))
    return [
        Item(
            key=f"E{draw(st.integers(1, 4)):02d}-{number:02d}",
            aid=f"E{draw(st.integers(1, 4)):02d}",
            stage=draw(st.integers(1, 6)),
            step=draw(st.sampled_from("abcdefg")),
            value=draw(VALUES),
        )
        for number in range(1, size + 1)
    ]


@given(st.lists(VALUES))
def test_every_question_is_counted_once(values):
    tally = Tally.of(values)
    assert tally.total == len(values)
    assert tally.answered + tally.open == tally.total
    assert 0.0 <= tally.progress <= 1.0
    assert tally.complete == (bool(values) and not {OFFEN, WEISS_NICHT} & set(values))


@given(st.lists(VALUES), st.lists(VALUES))
def test_topics_add_up_to_the_whole(first, second):
    assert Tally.of(first) + Tally.of(second) == Tally.of(first + second)


@given(st.lists(VALUES, min_size=1), st.data())
def test_answering_never_lowers_progress_and_weiss_nicht_is_no_progress(values, data):
    place = data.draw(st.integers(0, len(values) - 1))
    before = [*values[:place], OFFEN, *values[place + 1 :]]
    for value in (JA, NEIN, ENTFAELLT):
        after = [*before[:place], value, *before[place + 1 :]]
        assert Tally.of(after).progress > Tally.of(before).progress
    unsure = [*before[:place], WEISS_NICHT, *before[place + 1 :]]
    assert Tally.of(unsure).progress == Tally.of(before).progress


def test_progress_of_a_known_topic():
    tally = Tally.of([JA, JA, NEIN, WEISS_NICHT, ENTFAELLT, OFFEN])
    assert (tally.answered, tally.open, tally.relevant, tally.progress) == (4, 2, 3, 4 / 6)


@given(sheets(), st.data())
def test_what_is_to_be_confirmed_counts_as_if_it_were_not_answered(items, data):
    waiting = [data.draw(st.booleans()) for _item in items]
    values = [
        counted(item.value, to_confirm) for item, to_confirm in zip(items, waiting, strict=True)
    ]
    bare = [
        OFFEN if to_confirm else item.value for item, to_confirm in zip(items, waiting, strict=True)
    ]
    assert values == bare
    tally = Tally.of(values, to_confirm=sum(waiting))
    assert (tally.answered, tally.open, tally.total) == (
        Tally.of(bare).answered,
        Tally.of(bare).open,
        len(items),
    )
    assert tally.to_confirm <= tally.offen
    asked = [replace(item, value=value) for item, value in zip(items, values, strict=True)]
    held = {item.key for item, to_confirm in zip(items, waiting, strict=True) if to_confirm}
    assert not held & {key for step in recommend(asked) for key in step.closes}
    if any(waiting):
        assert not tally.complete
        assert not stage_of(asked).all_reached


@given(st.lists(VALUES), st.integers(0, 5))
def test_confirming_never_lowers_progress(values, waiting):
    before = Tally.of([*values, *[counted(JA, True)] * waiting], to_confirm=waiting)
    after = Tally.of([*values, *[counted(JA, False)] * waiting])
    assert after.progress >= before.progress
    assert (before + after).to_confirm == waiting


@given(sheets())
def test_stage_is_the_lowest_that_still_waits(items):
    reached = stage_of(items)
    waiting = {item.stage for item in items if item.value in (NEIN, WEISS_NICHT, OFFEN)}
    if all(item.value == OFFEN for item in items):
        assert (reached.stage, reached.all_reached) == (None, False)
    elif not waiting:
        assert (reached.stage, reached.all_reached) == (None, True)
    else:
        assert (reached.stage, reached.all_reached) == (min(waiting), False)


@given(sheets())
def test_each_gap_has_one_step_and_each_step_stands_once(items):
    steps = recommend(items)
    gaps = sorted(item.key for item in items if item.value == NEIN)
    assert sorted(key for step in steps for key in step.closes) == gaps
    assert len({step.step for step in steps}) == len(steps)


@given(sheets(), st.randoms())
def test_order_of_steps_is_explained_and_stable(items, random):
    steps = recommend(items)
    ranks = [(step.stage, -len(step.closes), step.closes[0]) for step in steps]
    assert ranks == sorted(ranks)
    shuffled = list(items)
    random.shuffle(shuffled)
    assert recommend(shuffled) == steps


def test_lower_stage_beats_more_gaps_and_more_gaps_beat_the_code():
    def item(key: str, stage: int, step: str) -> Item:
        return Item(key, key[:3], stage, step, NEIN)

    steps = recommend(
        [
            item("E01-05", 2, "many"),
            item("E02-05", 2, "many"),
            item("E01-02", 2, "few"),
            item("E07-01", 1, "early"),
            item("E03-04", 5, "mixed"),
            item("E03-05", 1, "mixed"),
        ]
    )
    assert [step.step for step in steps] == ["mixed", "early", "many", "few"]
    assert steps[2].aids == ("E01", "E02")
