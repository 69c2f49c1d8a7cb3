"""Withdrawing a report at every point of its life: its content and file go, its number stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import access, archive, jobs
from reports.models import Report, Share
from reports.renderer import Made
from tests.factories import make_report


class Child:
    """Stands in for the render child: does something to the report while it is being set."""

    def __init__(self, meanwhile) -> None:
        self.meanwhile = meanwhile

    def render(self, job, *, seconds, progress) -> Made:
        self.meanwhile()
        progress(60)
        return Made(b"%PDF-1.7 zu spaet", pages=2)


@pytest.fixture
def report(cast, assessment) -> Report:
    return make_report(assessment, cast.anna)


def stored() -> list[str]:
    return default_storage.listdir("reports")[1] if default_storage.exists("reports") else []


def withdraw(report, by, why="", commit=None) -> bool:
    with commit(execute=True):
        return report.withdraw(by=by, why=why)


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


def test_content_and_file_go_number_day_and_checksum_stay(report, cast, commit):
    kept = (report.number, report.made_at, report.checksum)
    assert stored()
    assert withdraw(report, cast.anna, "Falscher Durchgang", commit)
    assert (report.state, report.content, report.pdf.name) == ("withdrawn", {}, "")
    assert (report.number, report.made_at, report.checksum) == kept
    assert report.withdrawn_why == "Falscher Durchgang"
    assert stored() == []


def test_withdrawing_twice_is_once(report, cast, commit):
    assert withdraw(report, cast.anna, "Zuerst", commit)
    first = report.withdrawn_at
    assert not withdraw(Report.objects.get(pk=report.pk), cast.anna, "Danach", commit)
    report.refresh_from_db()
    assert (report.withdrawn_at, report.withdrawn_why) == (first, "Zuerst")


def test_the_next_report_gets_the_next_number(report, cast, assessment, commit):
    withdraw(report, cast.anna, commit=commit)
    following = Report.freeze(assessment, by=cast.anna)
    assert following.number == report.number + 1
    assert following.frozen.since is None, "compared with what no longer exists"


def test_shares_end_and_none_begins(report, cast, commit):
    Share.with_works_council(report, by=cast.anna)
    later = timezone.now() + timedelta(5)
    _share, token = Share.by_link(report, by=cast.anna, purpose="Kammer", expires_at=later)
    withdraw(report, cast.anna, commit=commit)
    assert access.share_to_open(token) is None
    assert not Share.objects.live().exists()
    with pytest.raises(ValidationError):
        Share.with_works_council(report, by=cast.anna)
    with pytest.raises(ValidationError):
        Share.by_link(report, by=cast.anna, purpose="Kammer", expires_at=later)


def test_what_an_open_link_showed_is_gone_at_the_next_request(report, cast, commit, client):
    later = timezone.now() + timedelta(5)
    share, token = Share.by_link(report, by=cast.anna, purpose="Kammer", expires_at=later)
    client.post(reverse("shared", args=[token]))
    assert client.get(reverse("shared_pdf", args=[share.pk])).status_code == 200
    withdraw(report, cast.anna, commit=commit)
    assert client.get(reverse("shared_report", args=[share.pk])).status_code == 404
    assert client.get(reverse("shared_pdf", args=[share.pk])).status_code == 404


# --- At every point -------------------------------------------------------------------------------


def test_while_it_waits_no_job_makes_it(cast, assessment, commit, monkeypatch):
    report = Report.freeze(assessment, by=cast.anna)
    withdraw(report, cast.anna, commit=commit)
    monkeypatch.setattr(jobs, "_child", Child(lambda: pytest.fail("set all the same")))
    jobs.make_pdf.call(report.pk)
    report.refresh_from_db()
    assert (report.state, stored()) == ("withdrawn", [])


def test_while_it_is_being_set_the_job_leaves_no_file(cast, assessment, commit, monkeypatch):
    report = Report.freeze(assessment, by=cast.anna)
    child = Child(lambda: withdraw(report, cast.anna, commit=commit))
    monkeypatch.setattr(jobs, "_child", child)
    jobs.make_pdf.call(report.pk)
    report.refresh_from_db()
    assert (report.state, report.pdf.name, stored()) == ("withdrawn", "", [])


def test_cancelled_while_it_is_being_set_it_leaves_no_file(cast, assessment, monkeypatch):
    report = Report.freeze(assessment, by=cast.anna)
    monkeypatch.setattr(jobs, "_child", Child(report.cancel))
    jobs.make_pdf.call(report.pk)
    report.refresh_from_db()
    assert (report.state, stored()) == ("cancelled", [])


def test_between_asking_and_opening_the_file_it_is_not_found(report, cast, commit):
    asked = access.report_to_read(cast.anna, report.pk)
    withdraw(report, cast.anna, commit=commit)
    with pytest.raises(access.Http404):
        access.pdf_of(asked)


def test_a_download_that_began_ends_whole(report, cast, commit, login):
    response = login(cast.anna).get(reverse("report_pdf", args=[report.pk]))
    withdraw(report, cast.anna, commit=commit)
    assert b"".join(response.streaming_content).startswith(b"%PDF-1.7")


def test_the_companys_archive_does_without_it(report, cast, commit):
    withdraw(report, cast.anna, commit=commit)
    data = b"".join(archive.stream(cast.company))
    assert b"berichte/bericht-001" not in data
    assert b"berichte.json" in data


# --- Pages ----------------------------------------------------------------------------------------


def test_the_page_before_says_what_goes_along(report, cast, login):
    Share.with_works_council(report, by=cast.anna)
    page = login(cast.anna).get(reverse("report_withdraw", args=[report.pk])).content.decode()
    assert "nicht rückgängig" in page
    assert "Eine Freigabe endet sofort." in page


def test_list_and_page_say_it_is_withdrawn_and_why(report, cast, client, login):
    login(cast.anna).post(reverse("report_withdraw", args=[report.pk]), {"why": "Tippfehler"})
    for name, pk in (("reports", cast.company.pk), ("report", report.pk)):
        page = client.get(reverse(name, args=[pk])).content.decode()
        assert "Tippfehler" in page
        assert "zurückgezogen" in page
    assert client.get(reverse("report_pdf", args=[report.pk])).status_code == 404
    assert client.get(reverse("shares", args=[report.pk])).status_code == 404
    assert client.get(reverse("report_progress", args=[report.pk])).status_code == 200
    again = client.post(reverse("report_withdraw", args=[report.pk]), {"why": "Noch einmal"})
    assert again.status_code == 302


def test_a_reason_too_long_is_refused_and_kept(report, cast, login):
    response = login(cast.anna).post(
        reverse("report_withdraw", args=[report.pk]), {"why": "x" * 201}
    )
    assert response.status_code == 422
    assert "x" * 201 in response.content.decode()


def test_a_pdf_can_be_called_off_and_asked_for_again(cast, assessment):
    report = Report.freeze(assessment, by=cast.anna)
    client = Client()
    client.force_login(cast.anna)
    client.post(reverse("report_cancel", args=[report.pk]))
    page = client.get(reverse("report", args=[report.pk])).content.decode()
    assert "Das PDF ist abgebrochen" in page
    client.post(reverse("report_retry", args=[report.pk]))
    report.refresh_from_db()
    assert report.state == "queued"
    assert not make_report_done(report).cancel(), "too late"


def make_report_done(report: Report) -> Report:
    report.claim()
    report.finish(b"%PDF-1.7", pages=1)
    return report
