"""Ordering a report: once, whatever is clicked; and being told when one has left the page."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from portal.accounts.mails import Kind
from reports import jobs
from reports.models import Report, Share
from reports.renderer import Made, RenderFailed
from tests.factories import make_report
from tests.reports.test_jobs import StubChild, use, work_off

READY = "Ihr Bericht ist fertig: Aktionsbericht 1."


def order(client, assessment, **choice: str):
    return client.post(reverse("report_create", args=[assessment.pk]), choice)


def company_page(client, cast) -> str:
    return client.get(reverse("company", args=[cast.company.pk])).text


def test_a_double_click_is_one_report_and_one_job(cast, assessment, login):
    pages = {order(login(cast.anna), assessment).headers["Location"] for _ in range(2)}
    assert pages == {Report.objects.get().get_absolute_url()}
    assert DBTaskResult.objects.count() == 1


def test_whoever_left_is_told_on_the_next_page_until_they_look(
    cast, assessment, login, monkeypatch
):
    use(monkeypatch, StubChild())
    client = login(cast.anna)
    order(client, assessment)
    assert READY not in company_page(client, cast)
    work_off()
    assert READY in company_page(client, cast)
    assert READY in company_page(client, cast)
    assert READY not in client.get(Report.objects.get().get_absolute_url()).text
    assert READY not in company_page(client, cast)


def test_nobody_else_is_told_and_asks_for_nothing(
    cast, assessment, client, monkeypatch, django_assert_num_queries
):
    use(monkeypatch, StubChild())
    client.force_login(cast.anna)
    order(client, assessment)
    work_off()
    client.force_login(cast.ben)
    page = reverse("mail_settings")
    client.get(page)
    assert READY not in company_page(client, cast)
    with django_assert_num_queries(2):  # the session and the person
        client.get(page)


def test_a_failed_one_can_be_tried_again_from_where_one_is(cast, assessment, login, monkeypatch):
    use(monkeypatch, StubChild(failures=3))
    client = login(cast.anna)
    order(client, assessment)
    work_off()
    page = company_page(client, cast)
    again = reverse("report_retry", args=[Report.objects.get().pk])
    assert "Das PDF zu Aktionsbericht 1 ist nicht fertig geworden." in page
    assert f'action="{again}"' in page
    assert client.post(again).status_code == 302
    work_off()
    assert READY in company_page(client, cast)


def test_what_was_withdrawn_is_not_told(cast, assessment, login, monkeypatch):
    use(monkeypatch, StubChild())
    client = login(cast.anna)
    order(client, assessment)
    work_off()
    Report.objects.get().withdraw(by=cast.anna)
    assert READY not in company_page(client, cast)
    assert client.session["reports_ordered"] == []


def test_whoever_waits_hears_it_once_it_is_there(cast, assessment, login):
    client = login(cast.anna)
    order(client, assessment)
    report = Report.objects.get()
    waiting = client.get(reverse("report_progress", args=[report.pk])).text
    assert "<title>" not in waiting
    assert 'id="report-said"' not in waiting
    report.claim()
    report.finish(b"%PDF", 1)
    there = client.get(reverse("report_progress", args=[report.pk])).text
    assert 'id="report-said"' in there
    assert "Das PDF ist fertig." in there
    assert there.lstrip().startswith("<title>")
    assert READY not in company_page(client, cast), "they have seen it"


# --- By mail, where it took long ------------------------------------------------------------------


class SlowChild(StubChild):
    """Takes an afternoon."""

    def render(self, job, *, seconds, progress) -> Made:
        self.clock.shift(timedelta(hours=3))
        return super().render(job, seconds=seconds, progress=progress)


@pytest.fixture
def slow(cast, assessment, monkeypatch):
    """Orders a report whose PDF takes so many hours and attempts."""

    def work(failures: int) -> Report:
        report = Report.freeze(assessment, by=cast.anna)
        with time_machine.travel(timezone.now(), tick=False) as clock:
            use(monkeypatch, SlowChild(failures)).clock = clock
            jobs.make_pdf.enqueue(report.pk)
            work_off()
        return report

    return work


def test_who_waited_long_gets_one_mail(cast, slow):
    report = slow(failures=1)
    (sent,) = mail.outbox
    assert sent.to == [cast.anna.email]
    assert sent.subject == "Ihr Bericht ist fertig: Aktionsbericht 1"
    assert report.get_absolute_url() in sent.body


def test_also_about_one_that_failed(cast, slow):
    slow(failures=3)
    (sent,) = mail.outbox
    assert sent.subject == "Das PDF fehlt noch: Aktionsbericht 1"
    assert "noch einmal versuchen" in sent.body


def test_not_who_switched_it_off(cast, slow):
    cast.anna.muted_mails = Kind.REPORT
    cast.anna.save()
    slow(failures=0)
    assert mail.outbox == []


def test_a_report_of_seconds_sends_none(cast, assessment, monkeypatch):
    use(monkeypatch, StubChild(failures=1, error=RenderFailed))
    report = Report.freeze(assessment, by=cast.anna)
    jobs.make_pdf.enqueue(report.pk)
    work_off()
    assert Report.objects.get().state == "done"
    assert mail.outbox == []


# --- The way back ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "name"),
    [("anna", "reports"), ("ben", "reports"), ("clara", "council_room"), ("dora", "client")],
)
def test_a_report_leads_back_to_where_one_came_from(cast, assessment, login, who, name):
    report = make_report(assessment, cast.anna)
    Share.with_works_council(report, by=cast.anna)
    place = cast.engagement.pk if name == "client" else cast.company.pk
    back = reverse(name, args=[place])
    client = login(getattr(cast, who))
    assert reverse("report", args=[report.pk]) in client.get(back).text
    page = client.get(report.get_absolute_url()).text
    assert f'href="{back}"' in page.partition('class="gs-crumb"')[2].partition("</p>")[0]
