"""The render child survives whatever a report does to it: the next job finishes."""

from __future__ import annotations

import importlib
import time

import pytest
from django.core.management import get_commands

import reports.pdf
import reports.preloaded
from reports import jobs
from reports.management.commands import db_worker
from reports.renderer import Job, RenderChild, RenderFailed
from tests.reports.poison import fail, work


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
    assert pids[0] != pids[1] == pids[2], "the fresh one starts right after the second"


def test_a_killed_child_is_noticed(child):
    child.render(job("fine"), seconds=30, progress=lambda part: None)
    child._process.kill()
    child._process.join()
    assert child.render(job("fine"), seconds=30, progress=lambda part: None).pages == 1


def test_a_child_gets_ready_before_its_first_job(child):
    child.start()
    pid = child.pid
    assert child.wait(seconds=60)
    child.render(job("fine"), seconds=30, progress=lambda part: None)
    assert child.pid == pid


def test_a_child_is_born_with_everything_read(child):
    """A fresh child is as good as a warm one: it forks after a first report was set."""
    assert child.render(job("what is read"), seconds=60, progress=lambda part: None).pages == 1


def test_what_stops_getting_ready_stops_no_child(monkeypatch):
    monkeypatch.setattr(reports.pdf, "prepare", fail)
    importlib.reload(reports.preloaded)


def test_the_worker_starts_the_child_and_a_batch_does_not(monkeypatch):
    assert get_commands()["db_worker"] == "reports"
    started: list[bool] = []
    monkeypatch.setattr(db_worker.db_worker.Command, "handle", lambda self, **options: None)
    monkeypatch.setattr(jobs, "get_ready", lambda: started.append(True))
    db_worker.Command().handle(batch=True)
    assert started == []
    db_worker.Command().handle(batch=False)
    assert started == [True]
