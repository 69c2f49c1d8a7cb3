"""What has to happen without anybody clicking: on time, twice without harm, and one failing part
does not stop the others."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from auditlog.models import LogEntry
from django.contrib.admin.models import LogEntry as AdminEntry
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone

from portal.accounts.models import Company, DeletionReceipt, Invitation, User
from portal.management.commands import housekeeping
from reports.models import Report, Share, ShareOpening
from tests.factories import PASSWORD, make_company, make_user


def tidy(days: float = 0) -> None:
    """Housekeeping as it would run in so many days, twice."""
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        call_command("housekeeping")
        call_command("housekeeping")


def test_invitations_go_thirty_days_after_they_ended(cast):
    Invitation.issue(cast.company, email="neu@betrieb.example", role="member", by=cast.anna)
    tidy(14 + 29)
    assert Invitation.objects.exists()
    tidy(14 + 31)
    assert not Invitation.objects.exists()


def test_openings_of_links_go_after_ninety_days(cast, assessment):
    report = Report.freeze(assessment, by=cast.anna)
    share, _token = Share.by_link(
        report, by=cast.anna, purpose="Bank", expires_at=timezone.now() + timedelta(days=9)
    )
    share.opened()
    tidy(89)
    assert ShareOpening.objects.exists()
    tidy(91)
    assert not ShareOpening.objects.exists()
    assert Share.objects.filter(pk=share.pk).exists()


def test_a_works_council_role_ends_after_its_notice(cast):
    council = cast.company.memberships.get(user=cast.clara)
    council.ask_removal(by=cast.anna)
    tidy(13)
    live = cast.company.memberships.live().filter(pk=council.pk)
    assert live.exists()
    tidy(15)
    assert not live.exists()
    assert cast.company.authority_events.filter(what="left").count() == 1


def test_a_company_goes_after_its_days_of_grace(cast):
    cast.company.ask_deletion(by=cast.anna)
    tidy(6)
    assert Company.objects.filter(pk=cast.company.pk).exists()
    tidy(8)
    assert not Company.objects.filter(pk=cast.company.pk).exists()
    assert DeletionReceipt.objects.count() == 1


def test_idle_companies_are_asked(cast):
    User.objects.update(last_login=timezone.now())
    tidy(731)
    assert Company.objects.exclude(idle_notice_at=None).count() == 2
    assert {message.to[0] for message in mail.outbox} >= {
        "anna@betrieb.example",
        "emil@betrieb.example",
    }


def test_accounts_nobody_confirmed_go_and_all_others_stay(cast):
    stranger = User.objects.create_user("fremd@betrieb.example", PASSWORD, name="Fremd")
    EmailAddress.objects.create(user=stranger, email=stranger.email, verified=False, primary=True)
    make_user("Gerd")  # confirmed, and nowhere yet
    operator = User.objects.create_superuser("betrieb@portal.example", PASSWORD)
    before = set(User.objects.exclude(pk=stranger.pk))
    tidy(6)
    assert User.objects.filter(pk=stranger.pk).exists()
    tidy(8)
    assert set(User.objects.all()) == before
    assert operator in before


def test_the_trail_goes_after_a_year(cast):
    AdminEntry.objects.create(user=cast.anna, action_flag=2, object_repr="Ben")
    assert LogEntry.objects.exists()
    tidy(364)
    assert LogEntry.objects.exists()
    assert AdminEntry.objects.exists()
    tidy(366)
    assert not LogEntry.objects.exists()
    assert not AdminEntry.objects.exists()


def test_devices_are_forgotten_when_their_login_is_over(cast):
    Client().post("/konto/login/", {"login": cast.anna.email, "password": PASSWORD})
    tidy(13)
    assert UserSession.objects.count() == 1
    tidy(15)
    assert not UserSession.objects.exists()


@pytest.mark.parametrize("error", [DatabaseError, OSError])
def test_one_failing_part_does_not_stop_the_others(cast, monkeypatch, capsys, error):
    def broken() -> int:
        raise error("kaputt")

    monkeypatch.setattr(
        housekeeping,
        "OFTEN",
        {broken: "", **housekeeping.OFTEN},
    )
    cast.company.ask_deletion(by=cast.anna)
    with (
        time_machine.travel(timezone.now() + timedelta(days=8)),
        pytest.raises(CommandError, match="broken"),
    ):
        call_command("housekeeping")
    assert not Company.objects.filter(pk=cast.company.pk).exists()


def test_what_is_done_daily_is_done_once_a_day_and_again_after_a_failure(db, monkeypatch):
    calls: list[str] = []

    def part() -> None:
        calls.append("x")
        if len(calls) == 1:
            raise OSError("kaputt")

    monkeypatch.setattr(housekeeping, "DAILY", {part: ""})
    command = housekeeping.Command()
    for _ in range(4):
        command._once()
    assert len(calls) == 2
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        command._once()
    assert len(calls) == 3


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_time_delete_once_and_tell_once(catalogue):
    """On PostgreSQL with threads: the company's lock lets one through."""
    company = make_company(make_user("Anna"))
    company.ask_deletion(by=User.objects.get())
    Company.objects.update(delete_at=timezone.now() - timedelta(seconds=1))
    barrier, failed = threading.Barrier(4), []

    def run() -> None:
        try:
            barrier.wait(10)
            failed.extend(housekeeping.Command()._once())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert not Company.objects.exists()
    assert DeletionReceipt.objects.count() == 1
    assert len(mail.outbox) == 1
