"""Two job workers side by side: each report is set by one of them."""

from __future__ import annotations

from functools import partial

import pytest

from reports.models import Report
from tests.checklists.test_races import at_once

pytestmark = [pytest.mark.usefixtures("catalogue"), pytest.mark.django_db(transaction=True)]


def test_of_two_workers_one_gets_the_job(cast, assessment):
    report = Report.freeze(assessment, by=cast.anna)
    for attempt in range(1, 6):
        Report.objects.update(state="queued")
        workers = [Report.objects.get(pk=report.pk) for _ in range(2)]
        assert at_once(*(worker.claim for worker in workers)).count(True) == 1
        assert Report.objects.get().attempts == attempt


def test_a_worker_that_lost_its_lease_leaves_one_file(cast, assessment, tmp_path):
    """Housekeeping gave its job to another worker, then both come home."""
    report = Report.freeze(assessment, by=cast.anna)
    slow, quick = (Report.objects.get(pk=report.pk) for _ in range(2))
    assert slow.claim()
    assert Report.objects.get().give_back("Der Setzvorgang brach ab.")
    assert quick.claim()
    at_once(*(partial(worker.finish, b"%PDF-1.7", 1) for worker in (slow, quick)))
    stored = Report.objects.get()
    assert (stored.state, stored.attempts) == ("done", 2)
    assert [path.name for path in (tmp_path / "files").rglob("*.pdf")] == [
        stored.pdf.name.rpartition("/")[2]
    ]
    assert not slow.give_back("zu spät")
