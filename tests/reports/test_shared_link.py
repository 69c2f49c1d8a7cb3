"""What a link opens, for whom, how long; and what somebody who guesses is told."""

from __future__ import annotations

import logging
import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.tokens import hashed, new_token
from reports.models import Report, Share, ShareOpening, Statement
from reports.views.shared import GUESSES, PASSWORDS
from tests.factories import make_report

PASSWORD = "Ziegel und Latten"


@pytest.fixture
def report(cast, assessment) -> Report:
    return make_report(assessment, cast.anna)


def share_of(report: Report, **given) -> tuple[Share, str]:
    terms = {"purpose": "Kammer", "expires_at": timezone.now() + timedelta(days=30)} | given
    return Share.by_link(report, by=report.made_by, **terms)


@pytest.fixture
def link(report) -> tuple[Share, str]:
    return share_of(report)


def door(token: str) -> str:
    return reverse("shared", args=[token])


def inside(share: Share, name: str = "shared_report") -> str:
    return reverse(name, args=[share.pk])


def bare(response) -> tuple[int, bytes, dict[str, str]]:
    """A response without what differs by chance: the CSRF token."""
    content = re.sub(rb'(name="csrfmiddlewaretoken" value=")[^"]*', rb"\1", response.content)
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    return response.status_code, content, headers


# --- Opening --------------------------------------------------------------------------------------


def test_a_get_names_nothing_and_consumes_nothing(client, link, cast):
    share, token = link
    for _ in range(3):
        response = client.get(door(token))
        page = response.content.decode()
        assert response.status_code == 200
        assert cast.company.name not in page
        assert "Kammer" not in page
        assert token not in page
    assert client.head(door(token)).status_code == 200
    assert not ShareOpening.objects.exists()
    assert client.get(inside(share)).status_code == 404
    assert {"freigabe"} & {name.split("-")[0] for name in client.cookies} == set()


def test_a_post_opens_the_report_and_notes_the_moment_alone(client, link, cast):
    share, token = link
    response = client.post(door(token))
    assert (response.status_code, response.headers["Location"]) == (302, inside(share))
    page = client.get(inside(share)).content.decode()
    assert cast.company.name in page
    assert "Termin mit der Kammer vereinbaren." in page
    pdf = client.get(inside(share, "shared_pdf"))
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")
    assert ShareOpening.objects.filter(share=share).count() == 1
    fields = {field.name for field in ShareOpening._meta.get_fields()}
    assert fields == {"id", "share", "at"}


def test_every_page_is_kept_by_nobody_and_leads_nowhere(client, link):
    share, token = link
    client.get(door(token))
    opened = [client.get(door(token)), client.post(door(token)), client.get(inside(share)),
              client.get(inside(share, "shared_pdf")), client.get(door("x" * 43))]  # fmt: skip
    for response in opened:
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert response.headers["Referrer-Policy"] == "same-origin"
        if not response.streaming:
            page = response.content.decode()
            links = set(re.findall(r'<a[^>]*?href="(/[^"]*)"', page))
            allowed = {"/", "/impressum/", "/datenschutz/", inside(share, "shared_pdf")}
            assert links <= allowed, links - allowed
            assert not re.search(r'(?:src|action)="https?:', page)
            assert not re.search(r'<link[^>]*href="https?:', page)


def test_the_cookie_opens_one_report_for_two_hours_and_nothing_else(client, report, link):
    share, token = link
    other, _ = share_of(report, purpose="Andere")
    client.post(door(token))
    cookie = client.cookies[f"freigabe-{share.pk}"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == inside(share)
    assert cookie["max-age"] == 7200
    assert client.get(inside(other)).status_code == 404
    for name in ("report", "report_pdf", "shares", "statement_edit"):
        assert client.get(reverse(name, args=[report.pk])).status_code == 302  # to the login
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        assert client.get(inside(share)).status_code == 404


def test_a_cookie_of_one_share_is_no_key_to_another(client, report, link):
    share, token = link
    other, _ = share_of(report, purpose="Andere")
    client.post(door(token))
    client.cookies[f"freigabe-{other.pk}"] = client.cookies[f"freigabe-{share.pk}"].value
    assert client.get(inside(other)).status_code == 404
    client.cookies[f"freigabe-{other.pk}"] = f"{other.pk}:1u:erfunden"
    assert client.get(inside(other)).status_code == 404


@pytest.mark.parametrize("name", ["shared_report", "shared_pdf"])
def test_withdrawal_and_expiry_take_effect_at_the_next_request(client, link, cast, name):
    share, token = link
    client.post(door(token))
    assert client.get(inside(share, name)).status_code == 200
    with time_machine.travel(share.expires_at - timedelta(seconds=1), tick=False):
        client.post(door(token))
        assert client.get(inside(share, name)).status_code == 200
    with time_machine.travel(share.expires_at, tick=False):
        assert client.get(inside(share, name)).status_code == 404
        assert client.post(door(token)).status_code == 404
    client.post(door(token))
    share.withdraw(by=cast.anna)
    assert client.get(inside(share, name)).status_code == 404
    assert client.post(door(token)).status_code == 404


def test_while_the_pdf_is_made_the_page_says_so(client, cast, assessment):
    report = Report.freeze(assessment, by=cast.anna)
    share, token = share_of(report)
    client.post(door(token))
    page = client.get(inside(share)).content.decode()
    assert "noch nicht fertig" in page
    assert inside(share, "shared_pdf") not in page
    assert client.get(inside(share, "shared_pdf")).status_code == 404


def test_whoever_is_logged_in_sees_the_same_page(client, link, cast):
    _, token = link
    stranger, lead = client, Client()
    lead.force_login(cast.anna)
    for each in (stranger, lead):
        each.get(door(token))
    assert bare(stranger.get(door(token))) == bare(lead.get(door(token)))
    assert cast.anna.name not in lead.get(door(token)).content.decode()


def test_a_link_shows_the_frozen_report_and_not_what_was_said_since(client, link, cast):
    share, token = link
    Statement.write(
        share.report, by=cast.clara, version=0, kind="objects", dated=timezone.localdate(),
        text="Das geht so nicht.", release=True,
    )  # fmt: skip
    client.post(door(token))
    assert "Das geht so nicht." not in client.get(inside(share)).content.decode()


def test_a_form_of_another_site_opens_nothing(link):
    client = Client(enforce_csrf_checks=True)
    assert client.post(door(link[1])).status_code == 403
    assert not ShareOpening.objects.exists()


# --- Password -------------------------------------------------------------------------------------


def test_the_password_is_asked_for_and_needed(client, report):
    share, token = share_of(report, password=PASSWORD)
    assert 'type="password"' in client.get(door(token)).content.decode()
    for wrong in ("", "ziegel und latten", "x" * 200, "a\x00b"):
        response = client.post(door(token), {"password": wrong})
        assert response.status_code == 422
        assert 'id="passwort-fehler"' in response.content.decode()
        assert client.get(inside(share)).status_code == 404
    assert not ShareOpening.objects.exists()
    assert client.post(door(token), {"password": PASSWORD}).status_code == 302
    assert client.get(inside(share)).status_code == 200


def test_five_wrong_passwords_and_the_portal_takes_a_break(client, report):
    _, token = share_of(report, password=PASSWORD)
    _, free = share_of(report, purpose="Andere", password=PASSWORD)
    for _ in range(PASSWORDS.amount):
        assert client.post(door(token), {"password": "falsch"}).status_code == 422
    for password in ("falsch", PASSWORD):
        response = client.post(door(token), {"password": password})
        assert response.status_code == 429
        assert response.headers["Retry-After"] == "900"
    assert client.post(door(free), {"password": PASSWORD}).status_code == 302
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert elsewhere.post(door(token), {"password": PASSWORD}).status_code == 302
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert client.post(door(token), {"password": PASSWORD}).status_code == 302


def test_right_passwords_are_not_counted(client, report):
    _, token = share_of(report, password=PASSWORD)
    for _ in range(PASSWORDS.amount + 2):
        assert client.post(door(token), {"password": PASSWORD}).status_code == 302


# --- Guessing -------------------------------------------------------------------------------------


def dead_tokens(report: Report, cast) -> dict[str, str]:
    _, good = share_of(report, purpose="gut")
    withdrawn, withdrawn_token = share_of(report, purpose="beendet", password=PASSWORD)
    withdrawn.withdraw(by=cast.anna)
    _, expired = share_of(report, expires_at=timezone.now() - timedelta(seconds=1))
    swapped = good[:-1] + ("A" if good[-1] != "A" else "B")
    return {
        "unknown": new_token(),
        "withdrawn": withdrawn_token,
        "expired": expired,
        "one character": swapped,
        "case": good.swapcase(),
        "truncated": good[:-1],
        "longer": good + "A",
        "short": "x",
        "10 kB": "x" * 10_000,
        "unicode": "ключ-🔑-schlüssel",
        "hash": hashed(good),
        "quotes": "'; DROP TABLE reports_share; --",
        "word": "bericht",
        "blank": " ",
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_dead_links_are_told_apart_by_nothing(report, cast, method):
    answers = {}
    for kind, token in dead_tokens(report, cast).items():
        client = Client()
        response = getattr(client, method)(door(token))
        assert response.status_code == 404, kind
        if len(token) > 10:
            assert token not in response.content.decode(), kind
        assert not client.cookies, kind
        answers[kind] = bare(response)
    assert len({repr(answer) for answer in answers.values()}) == 1
    assert not ShareOpening.objects.exists()


def test_dead_links_cost_the_same_work(report, cast, django_assert_num_queries):
    from django.test.utils import CaptureQueriesContext

    counts = set()
    for token in dead_tokens(report, cast).values():
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            Client().post(door(token))
        asked = [q["sql"] for q in queries if not re.search("portal_cache|SAVEPOINT", q["sql"])]
        counts.add(len(asked))
    assert counts == {1}


def test_a_nul_byte_is_no_token(client, report):
    assert client.get("/freigabe/abc%00def/").status_code == 400
    assert client.post("/freigabe/%00/").status_code == 400


def test_guessing_in_bulk_is_stopped_even_for_links_that_are_good(client, link):
    _, token = link
    for _ in range(GUESSES.amount):
        assert client.get(door(new_token())).status_code == 404
    for address in (new_token(), token):
        for method in (client.get, client.post):
            response = method(door(address))
            assert response.status_code == 429
            assert response.headers["Retry-After"] == "900"
            assert response.headers["Cache-Control"] == "no-store"
    assert Client(REMOTE_ADDR="198.51.100.7").get(door(token)).status_code == 200


def test_opening_a_good_link_often_is_no_guessing(client, link):
    for _ in range(GUESSES.amount + 3):
        assert client.get(door(link[1])).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_fifty_guesses_at_once_get_no_more_than_there_are(catalogue):
    statuses = []
    ready = threading.Barrier(50)

    def guess() -> None:
        ready.wait()
        statuses.append(Client().get(door(new_token())).status_code)
        connection.close()

    threads = [threading.Thread(target=guess) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(404) <= GUESSES.amount
    assert set(statuses) == {404, 429}


# --- Logs -----------------------------------------------------------------------------------------


def test_no_token_is_in_the_log(report, cast, caplog, settings):
    """Refused requests name their address in Django's log: not these."""
    caplog.set_level(logging.DEBUG)
    share, token = share_of(report, password=PASSWORD)
    careful = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client = Client(raise_request_exception=False)
    careful.post(door(token))  # 403
    client.post(door(token), {"password": "falsch"})  # 422
    client.put(door(token))  # 405
    share.withdraw(by=cast.anna)
    client.get(door(token))  # 404
    client.get(f"/einladung/{token}/")
    for _ in range(GUESSES.amount + 1):
        client.get(door(token))  # 429
    said = caplog.text
    assert said.count("/freigabe/…/") >= 5
    assert token not in said
    assert token[:20] not in said


def test_no_token_is_in_the_log_of_a_crash(link, caplog, monkeypatch):
    monkeypatch.setattr(Share, "opened", lambda self: 1 / 0)
    client = Client(raise_request_exception=False)
    assert client.post(door(link[1])).status_code == 500
    assert "/freigabe/…/" in caplog.text
    assert link[1] not in caplog.text
