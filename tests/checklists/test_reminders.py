"""Mails about the plan: each occasion once, whatever housekeeping does, in Europe/Berlin."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPException
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from django.utils.formats import date_format

from checklists import reminders
from checklists.models import EffectCheck, Measure, Question, SentReminder, StepDecision
from portal.accounts.mails import Kind
from tests.factories import make_measure, make_member, make_user

pytestmark = pytest.mark.sqlite

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def _host_in_utc(monkeypatch):
    """The machine's own clock speaks UTC, the product Europe/Berlin."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    os.environ.pop("TZ", None)
    time.tzset()


def at(text: str) -> datetime:
    """A moment in Berlin: "2027-03-28 07:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def run(moment: datetime) -> list[str]:
    """What housekeeping sends at this moment: subjects."""
    mail.outbox.clear()
    with time_machine.travel(moment, tick=False):
        sent = reminders.send_due(timezone.now())
    assert sent == len(mail.outbox)
    return [str(message.subject) for message in mail.outbox]


def plain(moment: datetime) -> list[str]:
    """The same without digests."""
    return [subject for subject in run(moment) if not subject.startswith("Ihr Plan in der Woche")]


@pytest.fixture
def due(cast) -> Measure:
    """Ben's measure, due on Friday 4 December 2026, set long before."""
    return make_measure(
        cast.company, "Geräte auflisten", responsible=cast.ben, assigned=True,
        due_on=date(2026, 12, 4), due_set_on=date(2026, 10, 1), created_on=date(2026, 10, 1),
    )  # fmt: skip


# --- Due days -------------------------------------------------------------------------------------


def test_before_on_and_after_the_day_then_weekly_once_each(due):
    found = {}
    for number in range(60):
        moment = at("2026-11-20 09:00") + timedelta(days=number)
        if subjects := plain(moment):
            found[moment.date().isoformat()] = subjects
        assert plain(moment + timedelta(hours=3)) == []
    assert found == {
        "2026-11-27": ["Fällig am 4. Dezember 2026: Geräte auflisten"],
        "2026-12-04": ["Heute fällig: Geräte auflisten"],
        **{
            day: ["War am 4. Dezember 2026 fällig: Geräte auflisten"]
            for day in ("2026-12-11", "2026-12-18", "2026-12-25", "2027-01-01", "2027-01-08",
                        "2027-01-15")
        },
    }  # fmt: skip


def test_after_a_long_silence_only_the_latest_occasion(due):
    assert plain(at("2027-01-05 09:00")) == ["War am 4. Dezember 2026 fällig: Geräte auflisten"]
    assert plain(at("2027-01-06 09:00")) == []
    assert len(plain(at("2027-01-08 09:00"))) == 1


def test_nobody_is_reminded_of_what_they_just_set(due, cast):
    with time_machine.travel(at("2026-12-04 08:00"), tick=False):
        due.move_due(date(2026, 12, 10), version=1, by=cast.ben)
    assert plain(at("2026-12-04 09:00")) == []
    assert plain(at("2026-12-10 09:00")) == ["Heute fällig: Geräte auflisten"]


def test_what_is_done_put_off_or_declined_is_left_alone(due, cast):
    due.finish(version=1, by=cast.ben)
    assert plain(at("2026-12-11 09:00")) == []


def test_four_hundred_days_twice_a_day_with_gaps(cast):
    """Everything due in a year, with housekeeping that runs twice, late, or not at all for days:
    no occasion twice, none after one that was later, each week's digest once."""
    chance = random.Random(20261121)
    first = date(2026, 11, 21)
    for number in range(12):
        make_measure(
            cast.company, f"Maßnahme {number}", responsible=chance.choice([cast.anna, cast.ben]),
            assigned=True, due_on=first + timedelta(days=chance.randrange(400)),
            due_set_on=first - timedelta(days=30), created_on=first - timedelta(days=30),
        )  # fmt: skip
    done = make_measure(
        cast.company, "Erledigt", status="done", done_on=first, responsible=cast.ben, assigned=True
    )
    EffectCheck.schedule(done)
    heard: Counter[tuple[str, str, str]] = Counter()
    digests: Counter[tuple[str, str]] = Counter()
    days_off = 0
    for number in range(400):
        days_off = days_off - 1 if days_off else chance.choice([0] * 9 + [3, 8])
        if days_off:
            continue
        day = datetime(first.year, first.month, first.day, tzinfo=BERLIN) + timedelta(days=number)
        for hour in (8, 20):
            for subject, to in sent_at(day.replace(hour=hour)):
                if subject.startswith("Ihr Plan"):
                    digests[subject, to] += 1
                else:
                    heard[subject, to, day.date().isoformat()] += 1
        if chance.random() < 0.01:
            someone = chance.choice(list(Measure.objects.filter(status="open")) or [None])
            if someone:
                with time_machine.travel(day.replace(hour=12), tick=False):
                    someone.finish(version=someone.version, by=cast.anna)
    assert heard
    assert set(heard.values()) == {1}
    assert set(digests.values()) == {1}
    assert SentReminder.objects.count() == sum(heard.values()) + sum(digests.values())
    occasions = SentReminder.objects.values_list("user", "occasion")
    assert len(occasions) == len(set(occasions))


def sent_at(moment: datetime) -> list[tuple[str, str]]:
    run(moment)
    return [(str(message.subject), message.to[0]) for message in mail.outbox]


# --- Whom, and whether ----------------------------------------------------------------------------


def test_without_a_person_the_leads_hear_of_it(due, cast):
    second = make_member(cast.company, make_user("Gerda"), "lead").user
    Measure.objects.update(responsible=None, assigned=False, responsible_role="Werkstatt")
    run(at("2026-12-04 09:00"))
    assert sorted(message.to[0] for message in mail.outbox) == [
        cast.anna.email, second.email
    ]  # fmt: skip


def test_muted_mails_are_not_sent_and_nothing_is_noted(due, cast):
    cast.ben.muted_mails = f"{Kind.MEASURE} {Kind.DIGEST}"
    cast.ben.save()
    assert run(at("2026-12-04 09:00")) == []
    assert not SentReminder.objects.filter(user=cast.ben).exists()


def test_a_mail_that_the_server_refuses_is_tried_again(due, monkeypatch):
    def refuse(self):
        raise SMTPException

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
        assert run(at("2026-12-04 09:00")) == []
    assert plain(at("2026-12-04 09:01")) == ["Heute fällig: Geräte auflisten"]


def test_a_mail_leads_to_the_measure(due, settings):
    run(at("2026-12-04 09:00"))
    message = next(m for m in mail.outbox if m.subject.startswith("Heute"))
    assert f"{settings.PORTAL_URL}/massnahmen/{due.pk}/" in message.body
    assert "Diese Mails" in message.body


# --- The weekly digest ----------------------------------------------------------------------------


def digests(moment: datetime) -> dict[str, str]:
    run(moment)
    return {
        m.to[0]: str(m.body) for m in mail.outbox if m.subject.startswith("Ihr Plan in der Woche")
    }


def test_on_monday_everybody_hears_what_is_due_and_leads_what_is_late(due, cast):
    make_measure(
        cast.company, "Annas Sache", responsible=cast.anna, assigned=True,
        due_on=date(2026, 12, 9), due_set_on=date(2026, 10, 1),
    )  # fmt: skip
    assert digests(at("2026-11-30 06:00")) == {}  # still the night
    monday = digests(at("2026-11-30 07:30"))
    assert set(monday) == {cast.ben.email}
    assert "Geräte auflisten" in monday[cast.ben.email]
    assert digests(at("2026-11-30 20:00")) == {}
    assert digests(at("2026-12-02 20:00")) == {}
    week_after = digests(at("2026-12-07 08:00"))
    assert set(week_after) == {cast.anna.email, cast.ben.email}
    assert "Sonst überfällig" in week_after[cast.anna.email]
    assert "Annas Sache" in week_after[cast.anna.email]
    assert "Annas Sache" not in week_after[cast.ben.email]


def test_a_monday_that_was_missed_is_made_up_once(due, cast):
    assert set(digests(at("2026-12-02 10:00"))) == {cast.ben.email}
    assert digests(at("2026-12-03 10:00")) == {}


def test_nothing_due_no_digest(cast):
    make_measure(cast.company, "Irgendwann")
    assert digests(at("2026-11-30 08:00")) == {}


# --- Clocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-12-03 23:59", 0),
        ("2026-12-04 00:01", 0),  # a new day, but nobody is woken up
        ("2026-12-04 06:59", 0),
        ("2026-12-04 07:00", 1),
        ("2026-12-04 23:59", 1),
    ],
)
def test_the_day_begins_in_the_morning_in_berlin(due, moment, expected):
    SentReminder.objects.create(
        user=due.responsible, company=due.company, occasion=f"measure:{due.pk}:due:2026-12-04:-1"
    )
    assert len(plain(at(moment))) == expected


def test_utc_is_not_asked_what_day_it_is(due):
    """23:30 UTC on the 3rd is half past midnight on the 4th in Berlin; still the night."""
    assert plain(datetime(2026, 12, 3, 23, 30, tzinfo=UTC)) == [
        "Fällig am 4. Dezember 2026: Geräte auflisten"
    ]
    assert plain(datetime(2026, 12, 4, 5, 59, tzinfo=UTC)) == []
    assert plain(datetime(2026, 12, 4, 6, 0, tzinfo=UTC)) == ["Heute fällig: Geräte auflisten"]


@pytest.mark.parametrize("night", ["2027-03-28", "2027-10-31", "2028-02-29", "2027-12-31"])
def test_nights_of_changing_clocks_and_leap_days(cast, night):
    due_on = date.fromisoformat(night)
    make_measure(
        cast.company, "Nachts", responsible=cast.ben, assigned=True, due_on=due_on,
        due_set_on=date(2026, 1, 1), created_on=date(2026, 1, 1),
    )  # fmt: skip
    subjects = []
    start = datetime(due_on.year, due_on.month, due_on.day, tzinfo=UTC) - timedelta(hours=6)
    for half_hour in range(36 * 2):  # as UTC counts them
        subjects += plain(start + timedelta(minutes=30 * half_hour))
    said = date_format(due_on, "j. F Y")
    assert subjects == [f"Fällig am {said}: Nachts", "Heute fällig: Nachts"]


# --- What else comes up ---------------------------------------------------------------------------


def test_effect_checks_and_put_off_steps_come_up_once(cast, assessment):
    done = make_measure(
        cast.company, "Erledigt", status="done", done_on=date(2026, 11, 30), responsible=cast.ben,
        assigned=True,
    )  # fmt: skip
    EffectCheck.schedule(done)
    step = Question.objects.get(aid__code="E03", number=2).step
    StepDecision.put_off(
        cast.company, step, date(2027, 3, 1), assessment=assessment, by=cast.anna
    )  # fmt: skip
    assert plain(at("2027-02-27 09:00")) == []
    assert plain(at("2027-02-28 09:00")) == ["Hat es geholfen? Erledigt"]
    assert plain(at("2027-03-01 09:00")) == [f"Wiedervorlage: {step.title}"]
    assert mail.outbox[0].to == [cast.anna.email]
    assert plain(at("2027-03-02 09:00")) == []
    # Nobody answered, and nobody came by for months: the latest, not both.
    assert plain(at("2027-12-24 09:00")) == ["Hat es geholfen? Erledigt"]
    done.checks.get(months=12).answer("ja", "", by=cast.ben)
    assert plain(at("2027-12-25 09:00")) == []


def test_a_measure_put_off_comes_up_on_its_day(due, cast):
    with time_machine.travel(at("2026-11-21 12:00"), tick=False):
        due.put_off(date(2027, 2, 1), version=1, by=cast.ben)
    assert plain(at("2026-12-11 09:00")) == []
    assert plain(at("2027-02-03 09:00")) == ["Wiedervorlage: Geräte auflisten"]
    assert plain(at("2027-02-04 09:00")) == []


def test_housekeeping_sends_them(due):
    mail.outbox.clear()
    with time_machine.travel(at("2026-12-04 09:00"), tick=False):
        call_command("housekeeping")
        call_command("housekeeping")
    assert sum(m.subject == "Heute fällig: Geräte auflisten" for m in mail.outbox) == 1


def test_a_quiet_run_is_cheap(due, cast, django_assert_max_num_queries):
    run(at("2026-12-04 09:00"))
    with time_machine.travel(at("2026-12-04 09:01"), tick=False), django_assert_max_num_queries(10):
        assert reminders.send_due(timezone.now()) == 0


def test_two_runs_at_once_send_one(due):
    """Both saw that nothing was sent yet; the row is there once."""
    first, second = (SentReminder.claim(due.responsible, "x", due.company) for _ in range(2))
    assert first
    assert second is None
