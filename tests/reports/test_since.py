"""What changed since the last report, without what the comparison of rounds says already."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from reports.content import Content
from reports.pdf import html_of
from reports.summary import since_last
from tests.pdf import sample


def report_of_round(number: int) -> Content:
    return replace(sample.all_answered("N"), round_number=number, made_on=date(2026, 3, 2))


def report_that_compares() -> Content:
    """Of the second round; names two done measures, one of them beside the gap it closed."""
    content = sample.of_kind("action", measures=2)
    assert content.plan
    done = replace(content.plan.measures[0], status="done", done_on=date(2026, 4, 2))
    told = replace(done, title="Geräteliste anlegen")
    return replace(content, plan=replace(content.plan, measures=(told, done)), since=None)


def test_after_a_report_of_the_round_before_the_comparison_tells_of_answers():
    now = report_that_compares()
    since = since_last(1, report_of_round(1), now)
    assert (since.topics, since.only_now) == ((), ())
    assert since.steps_closed
    assert since.measures_done == (now.plan.measures[1].title,)
    html = html_of(replace(now, since=since), number=2, checksum="")
    assert "steht unter" in html
    assert "nichts verändert" not in html


def test_after_another_report_of_this_round_both_tell_of_something_else():
    now = report_that_compares()
    since = since_last(1, report_of_round(2), now)
    assert [topic.code for topic in since.moved] == list(sample.ANSWERS)
    assert len(since.measures_done) == 2
    assert "steht unter" not in html_of(replace(now, since=since), number=2, checksum="")


def test_nothing_moved_is_said():
    now = report_that_compares()
    since = since_last(1, replace(now, made_on=date(2026, 11, 19)), now)
    assert "nichts verändert" in html_of(replace(now, since=since), number=2, checksum="")
