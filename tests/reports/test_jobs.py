"""A report's job: three attempts, nothing left behind, nobody's rights outlived."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from portal.accounts.models import Membership
from reports import jobs
from reports.models import Report
from reports.renderer import Made, RenderFailed
from tests.factories import fill

pytestmark = pytest.mark.sqlite


class StubChild:
    """Stands in for the render child: fails as often as told, then succeeds."""

    def __init__(self, failures: int = 0, error: type[Exception] = RenderFailed) -> None:
        self.failures, self.error, self.calls = failures, error, 0

    def render(self, job, *, seconds, progress) -> Made:
        self.calls += 1
        progress(50)
        if self.calls <= self.failures:
            raise self.error("Der Setzvorgang brach ab.")
        return Made(b"%PDF-1.7 ganz", pages=3)


@pytest.fixture
def report(cast, assessment) -> Report:
    return Report.freeze(assessment, by=cast.anna)


def use(monkeypatch, child: StubChild) -> StubChild:
    monkeypatch.setattr(jobs, "_child", child)
    return child


def work_off() -> int:
    """Run queued jobs as the worker would, oldest first; how many."""
    done = 0
    while (row := DBTaskResult.objects.ready().order_by("enqueued_at").first()) is not None:
        row.claim("test")
        jobs.make_pdf.call(*row.task_result.args)
        row.set_successful(None)
        done += 1
    return done


def test_a_job_stores_the_whole_pdf_with_its_checksum(report, monkeypatch):
    use(monkeypatch, StubChild())
    jobs.make_pdf.call(report.pk)
    report.refresh_from_db()
    assert (report.state, report.pages, report.done_part) == ("done", 3, 100)
    assert report.pdf.read() == b"%PDF-1.7 ganz"
    assert len(report.pdf_checksum) == 64


def test_two_failures_are_made_good_by_the_third_attempt(report, monkeypatch):
    child = use(monkeypatch, StubChild(failures=2))
    jobs.make_pdf.enqueue(report.pk)
    assert work_off() == 3
    report.refresh_from_db()
    assert (report.state, report.attempts, child.calls) == ("done", 3, 3)


@pytest.mark.parametrize("error", [RenderFailed, OSError])
def test_after_three_attempts_it_is_failed_and_a_person_may_try_again(report, monkeypatch, error):
    child = use(monkeypatch, StubChild(failures=3, error=error))
    jobs.make_pdf.enqueue(report.pk)
    assert work_off() == 3
    report.refresh_from_db()
    assert report.state == "failed"
    assert report.failure
    assert not report.pdf
    assert report.retry()
    jobs.make_pdf.enqueue(report.pk)
    work_off()
    report.refresh_from_db()
    assert (report.state, child.calls) == ("done", 4)


def test_a_job_delivered_twice_is_done_once(report, monkeypatch):
    child = use(monkeypatch, StubChild())
    jobs.make_pdf.call(report.pk)
    jobs.make_pdf.call(report.pk)
    assert child.calls == 1


def test_housekeeping_revives_a_job_whose_worker_was_killed(report, monkeypatch):
    use(monkeypatch, StubChild())
    report.claim()  # and then the worker dies
    assert jobs.revive_abandoned() == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        assert jobs.revive_abandoned() == 1
        assert jobs.revive_abandoned() == 0
        work_off()
    report.refresh_from_db()
    assert (report.state, report.attempts) == ("done", 2)


def test_housekeeping_revives_a_job_that_was_lost_before_it_began(report, monkeypatch):
    use(monkeypatch, StubChild())
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        assert jobs.revive_abandoned() == 1
        assert jobs.revive_abandoned() == 0
        work_off()
    report.refresh_from_db()
    assert report.state == "done"


def test_a_worker_killed_three_times_ends_in_failure(report):
    for minutes in (10, 20, 30):
        report.claim()
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            jobs.revive_abandoned()
        Report.objects.filter(pk=report.pk).update(lease_until=timezone.now())
        report.refresh_from_db()
    assert (report.state, report.attempts) == ("failed", 3)


def test_who_leads_no_more_gets_no_report(report, cast, monkeypatch):
    child = use(monkeypatch, StubChild())
    Membership.objects.filter(user=cast.anna).update(left_at=timezone.now())
    jobs.make_pdf.call(report.pk)
    report.refresh_from_db()
    assert (report.state, child.calls) == ("failed", 0)


def test_a_result_that_comes_after_the_lease_was_taken_away_leaves_no_file(report, tmp_path):
    report.claim()
    Report.objects.filter(pk=report.pk).update(state="failed")
    report.finish(b"%PDF zu spaet", pages=1)
    report.refresh_from_db()
    assert (report.state, report.pdf.name) == ("failed", "")
    assert not list((tmp_path / "files").rglob("*.pdf"))


def test_numbers_go_up_per_company(cast, assessment, report, monkeypatch):
    use(monkeypatch, StubChild())
    jobs.make_pdf.call(report.pk)
    assert Report.freeze(assessment, by=cast.anna).number == report.number + 1


def test_a_double_click_makes_one_report(cast, assessment, report):
    assert Report.freeze(assessment, by=cast.anna) == report
    assert assessment.reports.count() == 1


def test_a_company_has_only_few_reports_waiting(cast, assessment, login):
    for number in range(1, 5):
        fill(assessment, {f"E05-{number + 1:02d}": "ja"})
        if number <= Report.MAX_WAITING:
            Report.freeze(assessment, by=cast.anna)
    with pytest.raises(ValidationError, match="warten schon 3 Berichte"):
        Report.freeze(assessment, by=cast.anna)
    response = login(cast.anna).post(f"/durchgaenge/{assessment.pk}/bericht/")
    assert response.headers["Location"] == f"/betriebe/{cast.company.pk}/berichte/"
    assert assessment.reports.count() == Report.MAX_WAITING


def test_housekeeping_leaves_alone_what_merely_waits(report):
    jobs.make_pdf.enqueue(report.pk)
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        assert jobs.revive_abandoned() == 0
    assert DBTaskResult.objects.count() == 1


def test_content_is_frozen(report, assessment):
    before = report.content
    fill(assessment, {"E03-01": "nein"})
    report.refresh_from_db()
    assert report.content == before
    assert report.frozen.topics[0].questions[0].value == "ja"
