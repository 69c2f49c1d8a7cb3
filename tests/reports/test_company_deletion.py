"""A company is deleted after seven days: with all its rows and files, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from auditlog.models import LogEntry
from django.apps import apps
from django.core import mail
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import models
from django.utils import timezone

from portal.accounts.models import Company, DeletionReceipt, User
from reports import company as companies
from reports.company import delete_due, notice_idle
from reports.kinds import Options
from reports.models import Report
from tests.factories import make_member, make_round, make_user
from tests.reports.test_company_export import CANARY, fill_up

pytestmark = pytest.mark.sqlite


@pytest.fixture
def full(cast, assessment) -> Report:
    """Anna's company holds one of everything; Emil's too."""
    theirs = make_round(cast.other, "E03")
    fill_up(cast.other, theirs, cast.emil, cast.hanna, cast.hanna, "Hausschwalbe")
    return fill_up(cast.company, assessment, cast.anna, cast.clara, cast.dora, CANARY)


def files() -> list[str]:
    return sorted(default_storage.listdir("reports")[1])


def after(days: float):
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=False)


def ask(cast, login, name: str = "Dachdeckerei Sommer"):
    return login(cast.anna).post(f"/betriebe/{cast.company.pk}/loeschen/", {"name": name})


# --- Asking for it --------------------------------------------------------------------------------


def test_the_page_says_what_goes_and_offers_the_archive_first(cast, full, login):
    page = login(cast.anna).get(f"/betriebe/{cast.company.pk}/loeschen/").content.decode()
    assert "Berichte" in page
    assert f"/betriebe/{cast.company.pk}/export/" in page
    assert "Dachdeckerei Sommer" in page


@pytest.mark.parametrize("typed", ["", "Dachdeckerei", "Bäckerei Korn", "x" * 300])
def test_another_name_is_refused_and_nothing_begins(cast, login, typed):
    assert ask(cast, login, typed).status_code == 422
    assert not Company.objects.exclude(delete_at=None).exists()
    assert mail.outbox == []


@pytest.mark.parametrize("typed", ["dachdeckerei sommer", " „Dachdeckerei  Sommer“ "])
def test_capitals_blanks_and_quotes_do_not_matter(cast, login, typed):
    assert ask(cast, login, typed).status_code == 302
    assert Company.objects.get(pk=cast.company.pk).delete_at


def test_asking_twice_is_once(cast, login):
    ask(cast, login)
    first = Company.objects.get(pk=cast.company.pk).delete_at
    with after(1):
        ask(cast, login)
    assert Company.objects.get(pk=cast.company.pk).delete_at == first
    assert cast.company.authority_events.filter(what="deletion_asked").count() == 1
    assert sorted(message.to[0] for message in mail.outbox) == [
        "anna@betrieb.example",
        "clara@betrieb.example",
    ]


def test_everybody_sees_the_date_and_only_a_lead_the_button(cast, assessment, login):
    ask(cast, login)
    for user, button in ((cast.anna, True), (cast.ben, False), (cast.clara, False)):
        page = login(user).get(f"/betriebe/{cast.company.pk}/").content.decode()
        assert "d-banner" in page
        assert (f"/betriebe/{cast.company.pk}/behalten/" in page) is button
    for path in (f"/durchgaenge/{assessment.pk}/", f"/durchgaenge/{assessment.pk}/themen/E03/"):
        assert "d-banner" in login(cast.ben).get(path).content.decode()
    assert "d-banner" not in login(cast.emil).get("/betriebe/").content.decode()


def test_a_lead_takes_it_back_and_all_are_told(cast, full, login):
    ask(cast, login)
    mail.outbox.clear()
    keep = f"/betriebe/{cast.company.pk}/behalten/"
    assert login(cast.anna).post(keep).status_code == 302
    login(cast.anna).post(keep)
    assert len(mail.outbox) == 2
    with after(8):
        assert delete_due() == 0
    assert Company.objects.filter(pk=cast.company.pk).exists()
    assert cast.company.authority_events.filter(what="deletion_dropped").count() == 1


def test_it_is_too_late_once_the_days_are_over(cast, login):
    ask(cast, login)
    with after(7.1):
        login(cast.anna).post(f"/betriebe/{cast.company.pk}/behalten/")
        assert Company.objects.get(pk=cast.company.pk).delete_at
        assert delete_due() == 1


# --- Doing it -------------------------------------------------------------------------------------


def test_nothing_is_deleted_before_its_time(cast, full, login):
    ask(cast, login)
    with after(6.9):
        assert delete_due() == 0
    assert len(files()) == 2


def rows_of(company: Company) -> dict[str, int]:
    """How many rows of each model hang on the company, along any chain of foreign keys."""
    found: dict[str, int] = {}
    level: list[tuple[type[models.Model], set[object]]] = [(Company, {company.pk})]
    while level:
        model, keys = level.pop()
        for other in apps.get_models():
            for field in other._meta.concrete_fields:
                if field.related_model is model:
                    rows = other._default_manager.filter(**{f"{field.name}__in": keys})
                    below = set(rows.values_list("pk", flat=True))
                    if below and not found.get(other._meta.label, 0) >= len(below):
                        found[other._meta.label] = len(below)
                        level.append((other, below))
    return found


def test_rows_and_files_of_the_company_go_and_of_no_other(cast, full, login):
    theirs = rows_of(cast.other)
    assert len(rows_of(cast.company)) > 15
    ask(cast, login)
    with after(7.1):
        assert delete_due() == 1
        assert delete_due() == 0
    assert rows_of(cast.company) == {}
    assert not Company.objects.filter(pk=cast.company.pk).exists()
    assert rows_of(cast.other) == theirs
    assert len(files()) == 1
    assert User.objects.filter(email="ben@betrieb.example").exists()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, (models.CharField, models.TextField, models.JSONField)):
                texts = model._default_manager.values_list(field.attname, flat=True)
                assert not [text for text in texts if CANARY.lower() in str(text).lower()], field


def test_the_operators_trail_of_it_goes_too(cast, full, login):
    ask(cast, login)
    ours = cast.company.memberships.values_list("pk", flat=True)
    mine = LogEntry.objects.filter(content_type__model="membership", object_id__in=list(ours))
    assert mine.exists()
    with after(7.1):
        delete_due()
    assert not mine.exists()
    assert LogEntry.objects.exists()  # Emil's company keeps its own


def test_the_receipt_says_what_was_deleted_and_forgets_whom_it_told(cast, full, login):
    make_member(cast.company, make_user("Gerd"), "lead")
    ask(cast, login)
    mail.outbox.clear()
    with after(7.1):
        delete_due()
        delete_due()
    assert sorted(message.to[0] for message in mail.outbox) == [
        "anna@betrieb.example",
        "gerd@betrieb.example",
    ]
    receipt = DeletionReceipt.objects.get()
    body = str(mail.outbox[0].body)
    assert receipt.number in body
    assert "Berichte: 1" in body
    assert "\\n" not in body
    assert f"\n\nBelegnummer: {receipt.number}\n\n" in body
    assert "Dachdeckerei Sommer" in body
    assert (receipt.to, receipt.company_name) == ([], "")


def test_a_receipt_that_could_not_be_sent_is_sent_later(cast, login, monkeypatch):
    ask(cast, login)
    with after(7.1):
        with monkeypatch.context() as broken:
            broken.setattr(companies, "send", lambda *args, **kwargs: False)
            delete_due()
        assert DeletionReceipt.objects.get().to == ["anna@betrieb.example"]
        mail.outbox.clear()
        delete_due()
    assert len(mail.outbox) == 1
    with after(15):
        DeletionReceipt.objects.update(to=["anna@betrieb.example"])
        monkeypatch.setattr(companies, "send", lambda *args, **kwargs: False)
        delete_due()
    assert DeletionReceipt.objects.get().to == []


class Killed(BaseException):
    """The process died here."""


@pytest.mark.parametrize("where", ["file", "rows"])
def test_killed_in_between_the_next_run_finishes(cast, full, login, monkeypatch, where):
    """After the first file, or after all files and before the rows: nothing is left over."""
    other = Report.freeze(full.assessment, Options(with_notes=False), by=cast.anna)
    other.claim()
    other.finish(b"%PDF-1.7 zwei", pages=1)
    ask(cast, login)
    mail.outbox.clear()

    def die(*args: object, **kwargs: object) -> None:
        raise Killed

    with after(7.1):
        with monkeypatch.context() as deadly:
            if where == "rows":
                deadly.setattr(Company, "delete", die)
            else:
                delete = FileSystemStorage.delete
                gone: list[str] = []

                def delete_one(self: FileSystemStorage, name: str) -> None:
                    if gone:
                        raise Killed
                    gone.append(name)
                    delete(self, name)

                deadly.setattr(FileSystemStorage, "delete", delete_one)
            with pytest.raises(Killed):
                delete_due()
        assert Company.objects.filter(pk=cast.company.pk).exists()
        assert not DeletionReceipt.objects.exists()
        assert mail.outbox == []
        assert delete_due() == 1
    assert rows_of(cast.company) == {}
    assert len(files()) == 1
    assert len(mail.outbox) == 1


def test_a_report_finished_during_the_deletion_leaves_no_file(cast, assessment, login):
    """The worker had the job when the rows went: what it stores then is taken away again."""
    running = Report.freeze(assessment, by=cast.anna)
    running.claim()
    ask(cast, login)
    with after(7.1):
        delete_due()
        running.finish(b"%PDF-1.7 zu spaet", pages=1)
    assert files() == []


# --- Idle companies -------------------------------------------------------------------------------


@pytest.fixture
def idle(cast) -> Company:
    """Nobody has been in Anna's company for two years; in Emil's somebody was."""
    long_ago = timezone.now() - timedelta(days=731)
    Company.objects.update(created_at=long_ago)
    User.objects.update(last_login=long_ago)
    User.objects.filter(pk=cast.emil.pk).update(last_login=timezone.now())
    return cast.company


def test_idle_companies_are_asked_once_and_deleted_after_notice_and_grace(idle, cast):
    assert notice_idle() == notice_idle() == 0
    assert [message.to for message in mail.outbox] == [["anna@betrieb.example"]]
    assert "noch" in mail.outbox[0].subject
    with after(29):
        assert notice_idle() == 0
    with after(31):
        assert notice_idle() == 1
        assert notice_idle() == 0
        assert delete_due() == 0
    with after(37.9):
        assert delete_due() == 0
    with after(38.1):
        assert delete_due() == 1
    assert [company.name for company in Company.objects.all()] == ["Bäckerei Korn"]


def test_somebody_who_comes_back_keeps_the_company(idle, cast):
    notice_idle()
    with after(20):
        User.objects.filter(pk=cast.ben.pk).update(last_login=timezone.now())
    with after(31):
        assert notice_idle() == 0
    idle.refresh_from_db()
    assert (idle.idle_notice_at, idle.delete_at) == (None, None)


def test_a_former_members_login_does_not_count(idle, cast):
    User.objects.filter(pk=cast.frida.pk).update(last_login=timezone.now())
    notice_idle()
    assert [message.to for message in mail.outbox] == [["anna@betrieb.example"]]


@pytest.mark.parametrize("what", ["begun", "closed", "report"])
def test_rounds_and_reports_count_as_activity(idle, cast, what):
    opened = make_round(idle, "E03")
    if what == "report":
        Report.freeze(opened, by=cast.anna)
    if what != "begun":
        opened.close()
        idle.assessments.update(started_at=timezone.now() - timedelta(days=800))
    if what == "report":
        idle.assessments.update(closed_at=timezone.now() - timedelta(days=800))
    notice_idle()
    assert mail.outbox == []
