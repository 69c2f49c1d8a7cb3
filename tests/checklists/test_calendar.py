"""One's own measures in a calendar, at an address that is a secret."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from checklists.models import CalendarFeed, EffectCheck, Measure
from portal.accounts.tokens import hashed, new_token
from portal.logs import WithoutTokens
from tests.factories import make_measure


@pytest.fixture
def measure(cast) -> Measure:
    return make_measure(
        cast.company, "Geräte; auflisten, alle", responsible=cast.ben, assigned=True,
        due_on=date(2027, 3, 28), done_when="jedes Gerät einen Zettel hat.",
    )  # fmt: skip


def feed(token: str):
    return Client().get(reverse("calendar_feed", args=[token]))


def entries(body: bytes) -> list[tuple]:
    return [
        (str(event["summary"]), event["dtstart"].dt, event["dtend"].dt)
        for event in Calendar.from_ical(body).walk("VEVENT")
    ]


def test_the_feed_holds_ones_own_live_measures_and_looks_at_the_effect(cast, measure):
    make_measure(
        cast.company, "Annas", responsible=cast.anna, assigned=True, due_on=date(2027, 1, 1)
    )
    make_measure(cast.company, "Ohne Tag", responsible=cast.ben, assigned=True)
    done = make_measure(
        cast.company, "Fertig", responsible=cast.ben, assigned=True, status="done",
        done_on=date(2026, 11, 30), due_on=date(2026, 11, 30),
    )  # fmt: skip
    EffectCheck.schedule(done)
    response = feed(CalendarFeed.renew(cast.ben, cast.company))
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/calendar")
    assert response["Cache-Control"] == "private, no-store"
    found = entries(response.content)
    assert found[0] == ("Geräte; auflisten, alle", date(2027, 3, 28), date(2027, 3, 29))
    assert [each[1] for each in found[1:]] == [
        date(2027, 2, 28), date(2027, 5, 30), date(2027, 11, 30),
    ]  # fmt: skip
    assert b"Annas" not in response.content


def test_only_the_hash_is_kept(cast, measure):
    token = CalendarFeed.renew(cast.ben, cast.company)
    row = CalendarFeed.objects.get()
    assert row.token_hash == hashed(token)
    assert token not in str(CalendarFeed.objects.values())


def test_unknown_revoked_and_former_look_alike(cast, measure):
    revoked = CalendarFeed.renew(cast.anna, cast.company)
    CalendarFeed.revoke(cast.anna, cast.company)
    old = CalendarFeed.renew(cast.ben, cast.company)
    left = CalendarFeed.renew(cast.ben, cast.company)
    assert feed(left).status_code == 200
    cast.company.memberships.get(user=cast.ben).end(by=cast.anna)
    answers = [feed(token) for token in (revoked, old, left, new_token(), left[:-1] + "~", "x")]
    assert {answer.status_code for answer in answers} == {404}
    nonce = re.compile(rb"nonce[-=]\S+")
    assert len({nonce.sub(b"", answer.content) for answer in answers}) == 1


def test_the_address_is_shown_once(login, cast, measure):
    client, url = login(cast.ben), reverse("calendar_address", args=[cast.company.pk])
    assert "/kalender/" not in client.get(url).content.decode().replace(url, "")
    shown = client.post(url).content.decode()
    token = re.search(r"/kalender/([\w-]+)\.ics", shown)[1]
    assert feed(token).status_code == 200
    again = client.get(url).content.decode()
    assert token not in again
    assert "Neue Adresse" in again
    client.post(reverse("calendar_revoke", args=[cast.company.pk]))
    assert feed(token).status_code == 404


def test_the_log_never_holds_the_address():
    import logging

    record = logging.LogRecord("x", 30, "", 0, "Not Found: %s", ("/kalender/geheim.ics",), None)
    assert WithoutTokens().filter(record)
    assert "geheim" not in record.getMessage()


def test_one_measure_as_an_entry(login, cast, measure):
    client, url = login(cast.anna), reverse("measure_entry", args=[measure.pk])
    response = client.get(url)
    assert entries(response.content) == [
        ("Geräte; auflisten, alle", date(2027, 3, 28), date(2027, 3, 29))
    ]
    assert "attachment" in response["Content-Disposition"]
    Measure.objects.update(due_on=None)
    assert client.get(url).status_code == 404


def test_words_with_line_breaks_stay_inside_their_entry(login, cast):
    measure = make_measure(
        cast.company, "Titel\r\nBEGIN:VEVENT\r\nSUMMARY:Falsch", due_on=timezone.localdate(),
        done_when="a\nEND:VCALENDAR\n" + "ü" * 200,
    )  # fmt: skip
    body = login(cast.anna).get(reverse("measure_entry", args=[measure.pk])).content
    assert len(entries(body)) == 1
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))


def test_a_measure_that_moves_says_which_is_newer(cast, measure):
    token = CalendarFeed.renew(cast.ben, cast.company)
    first = Calendar.from_ical(feed(token).content).walk("VEVENT")[0]
    measure.move_due(measure.due_on + timedelta(days=7), version=1, by=cast.ben)
    second = Calendar.from_ical(feed(token).content).walk("VEVENT")[0]
    assert first["uid"] == second["uid"]
    assert second["sequence"] > first["sequence"]
