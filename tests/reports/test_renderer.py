"""The render child survives whatever a report does to it: the next job finishes."""

from __future__ import annotations

import time

import pytest

from reports.renderer import Job, RenderChild, RenderFailed
from tests.reports.poison import work


@pytest.fixture
def child():
    child = RenderChild(work)
    yield child
    child.stop()


def job(what: str) -> Job:
    return Job({"do": what}, number=1, checksum="0" * 64)


def test_a_warm_child_stays_and_reports_progress(child):
    heard: list[int] = []
    first = child.render(job("fine"), seconds=30, progress=heard.append)
    pid = child.pid
    child.render(job("fine"), seconds=30, progress=heard.append)
    assert (first.pdf, heard, child.pid) == (b"%PDF-1.7", [10, 10], pid)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("raise", "Fehler beim Setzen: ValueError"),
        ("crash", "brach ab"),
        ("huge", "zu viel Speicher"),
        ("hang", "dauerte länger als"),
    ],
)
def test_after_poison_the_next_job_finishes(child, what, why):
    child.render(job("fine"), seconds=30, progress=lambda part: None)
    started = time.monotonic()
    with pytest.raises(RenderFailed, match=why) as caught:
        child.render(job(what), seconds=3, progress=lambda part: None)
    assert time.monotonic() - started < 10
    assert "geheim" not in str(caught.value)
    assert child.render(job("fine"), seconds=30, progress=lambda part: None).pages == 1


def test_the_child_is_replaced_after_its_share_of_reports(child, settings):
    settings.REPORTS_PER_RENDER_CHILD = 2
    pids = []
    for _ in range(3):
        child.render(job("fine"), seconds=30, progress=lambda part: None)
        pids.append(child.pid)
    assert pids[0] == pids[1] != pids[2]


def test_a_killed_child_is_noticed(child):
    child.render(job("fine"), seconds=30, progress=lambda part: None)
    child._process.kill()
    child._process.join()
    assert child.render(job("fine"), seconds=30, progress=lambda part: None).pages == 1
