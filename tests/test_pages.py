"""The roof: start page, home, health, demo, headers, and settings that refuse to start."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.mail import send_mail
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from checklists.models import Assessment
from checklists.sheet import Sheet
from portal import demo, pages, wsgi
from portal.accounts.models import Company, Membership, User
from reports.models import Report
from tests.factories import make_company, make_member, make_round, make_user

ROOT = Path(django_settings.BASE_DIR)


# --- Start and home -------------------------------------------------------------------------------


def test_start_page_shows_the_topics_and_a_real_question(client, db):
    html = client.get("/").content.decode()
    for title in ("IT-Sicherheit", "Prävention 4.0", "Cyber-Physical Systems"):
        assert title in html


def test_home_leads_to_the_next_thing(client, db):
    user = make_user("Gerd")
    client.force_login(user)
    assert client.get("/uebersicht/").headers["Location"] == "/betriebe/neu/"
    company = make_company(user)
    assert client.get("/uebersicht/").headers["Location"] == f"/betriebe/{company.pk}/"
    opened = make_round(company, "E03")
    assert client.get("/uebersicht/").headers["Location"] == f"/durchgaenge/{opened.pk}/"
    make_company(user, "Zweitbetrieb")
    assert client.get("/uebersicht/").headers["Location"] == "/betriebe/"


def test_a_works_council_member_sees_people_but_no_round(cast, assessment, login):
    html = login(cast.clara).get(f"/betriebe/{cast.company.pk}/").content.decode()
    assert "Anna" in html
    assert f"/durchgaenge/{assessment.pk}/" not in html


# --- Companies ------------------------------------------------------------------------------------


def test_company_needs_only_a_name(client, db):
    client.force_login(make_user("Gerd"))
    assert client.post("/betriebe/neu/", {"name": "Café Gerd"}).status_code == 302
    founded = Company.objects.get(name="Café Gerd")
    assert (founded.trade, founded.headcount, founded.region) == ("", None, "")


@pytest.mark.parametrize(
    "data",
    [
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 201},
        {"name": "vor\x00nach"},
        {"name": "Café", "headcount": "viele"},
        {"name": "Café", "headcount": "-3"},
        {"name": "Café", "headcount": "9" * 20},
        {"name": "Café", "region": "XX"},
        {"name": "Café", "works_council": "vielleicht"},
    ],
)
def test_bad_company_data_is_refused_and_kept_in_the_form(client, db, data):
    client.force_login(make_user("Gerd"))
    response = client.post("/betriebe/neu/", {"trade": "Konditorei", **data})
    assert response.status_code == 422
    assert "Konditorei" in response.content.decode()
    assert not Company.objects.exists()


def test_a_refused_change_does_not_rename_the_page(cast, login):
    response = login(cast.anna).post(
        f"/betriebe/{cast.company.pk}/aendern/", {"name": "Umbenannt", "headcount": "viele"}
    )
    html = response.content.decode()
    assert response.status_code == 422
    assert ">Dachdeckerei Sommer<span" in html  # the head, with the way to one's companies
    cast.company.refresh_from_db()
    assert cast.company.name == "Dachdeckerei Sommer"


# --- Rounds through their pages -------------------------------------------------------------------


def test_starting_twice_ends_in_one_round(cast, login):
    anna = login(cast.anna)
    address = f"/betriebe/{cast.company.pk}/durchgang/"
    first = anna.post(address, {"topics": ["E03"]})
    second = anna.post(address, {"topics": ["E05"]})
    assert first.headers["Location"] == second.headers["Location"]
    assert cast.company.assessments.count() == 1


@pytest.mark.parametrize("topics", [[], ["E08"], ["E99"], ["E03", "x\x00"]])
def test_a_round_needs_known_topics_with_questions(cast, login, topics):
    response = login(cast.anna).post(f"/betriebe/{cast.company.pk}/durchgang/", {"topics": topics})
    assert response.status_code == 422
    assert not cast.company.assessments.exists()


def test_close_and_reopen_through_the_pages(cast, assessment, login):
    anna = login(cast.anna)
    anna.post(f"/durchgaenge/{assessment.pk}/abschliessen/")
    page = anna.get(f"/durchgaenge/{assessment.pk}/")
    assert "wieder öffnen" in page.content.decode().lower()
    anna.post(f"/durchgaenge/{assessment.pk}/wieder-oeffnen/")
    assert Assessment.objects.get(pk=assessment.pk).is_open


# --- Health ---------------------------------------------------------------------------------------


def test_ready_when_all_is_well(client, db):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": True, "migrations": True, "jobs": True, "disk": True}


def test_not_ready_with_a_job_that_nobody_does(client, assessment, cast):
    report = Report.freeze(assessment, by=cast.anna)
    Report.objects.filter(pk=report.pk).update(queued_at=timezone.now() - timedelta(hours=1))
    response = client.get("/readyz")
    assert (response.status_code, response.json()["jobs"]) == (503, False)


def test_not_ready_without_database(client, db, monkeypatch):
    def gone(*args: object) -> None:
        raise DatabaseError("gone")

    monkeypatch.setattr(pages, "MigrationExecutor", gone)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, False)


def test_not_ready_without_disk(client, db, monkeypatch):
    monkeypatch.setattr(pages, "LEAST_FREE_BYTES", 1 << 62)
    assert client.get("/readyz").status_code == 503


# --- Demo -----------------------------------------------------------------------------------------


def test_demo_twice_is_one_firm_with_two_rounds_and_its_people(db, capsys):
    call_command("demo")
    call_command("demo")
    company = Company.objects.get(name="Metallbau Brandt GmbH")
    assert Company.objects.count() == 2
    finished, half_way = company.assessments.order_by("number")
    assert not finished.is_open
    assert Sheet.of(finished).tally.offen == 0
    assert half_way.is_open
    assert 0.4 < Sheet.of(half_way).tally.progress < 0.9
    assert [role for role, _, _ in demo.LOGINS] == ["Leitung", "Team", "Betriebsrat", "Beratung"]
    for _, email, password in demo.LOGINS:
        assert User.objects.get(email=email).check_password(password)


def test_mailbox_shows_mails_only_in_the_demo(client, db, settings):
    settings.EMAIL_BACKEND = "portal.mailbox.DemoMailbox"
    send_mail("Ihr Code", "Der Code ist 1234.", None, ["petra@dach.example"])
    assert client.get("/postfach/").status_code == 404
    settings.DEMO = True
    html = client.get("/postfach/").content.decode()
    assert "Ihr Code" in html
    assert "petra@dach.example" in html


# --- Headers and logs -----------------------------------------------------------------------------


def test_policy_allows_only_our_own_files(client, db):
    response = client.get("/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["X-Frame-Options"] == "DENY"


def test_pages_behind_login_are_kept_by_no_cache(cast, assessment, login):
    response = login(cast.anna).get(f"/durchgaenge/{assessment.pk}/")
    assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("path", ["/%00", "/durchgaenge/%00/", "/?q=%00", "/konto/login/?next=%00"])
def test_nul_in_the_address_is_refused(client, db, path):
    assert client.get(path).status_code in {400, 404}


def test_failed_logins_are_limited_and_logged_without_the_address(db, caplog):
    client = Client()
    statuses = [
        client.post(
            "/konto/login/", {"login": "anna@betrieb.example", "password": "falsch"}
        ).status_code
        for _ in range(12)
    ]
    assert (
        429 in statuses
        or b"zu viele"
        in client.post(
            "/konto/login/", {"login": "anna@betrieb.example", "password": "falsch"}
        ).content.lower()
    )
    assert "anna@betrieb.example" not in caplog.text


# --- Settings -------------------------------------------------------------------------------------


def settings_say(expression: str, **environment: str) -> str:
    """What the settings say in a process of its own with nothing but this environment."""
    code = f"import json, portal.settings as s; print(json.dumps({expression}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_production_refuses_to_start_without_a_secret():
    assert "SECRET_KEY is missing" in settings_say("s.DEBUG")


def test_production_refuses_a_short_secret_and_to_go_without_mail():
    assert "shorter than 50" in settings_say("s.DEBUG", SECRET_KEY="x" * 49)
    assert "EMAIL_URL is missing" in settings_say("s.DEBUG", SECRET_KEY="x" * 50)


OPERATOR = {
    "OPERATOR_NAME": "Portal e. V.",
    "OPERATOR_ADDRESS": "Weg 1|00000 Ort",
    "OPERATOR_EMAIL": "portal@portal.example",
    "PRIVACY_CONTACT": "datenschutz@portal.example",
}


@pytest.mark.parametrize("name", OPERATOR)
def test_production_refuses_to_start_without_its_operator(name):
    said = settings_say(
        "s.OPERATOR",
        SECRET_KEY="x" * 50,
        EMAIL_URL="smtp://localhost:25",
        **{**OPERATOR, name: " "},
    )
    assert f"{name} missing" in said
    assert "README.md" in said


def test_production_is_strict():
    said = settings_say(
        "[s.DEBUG, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0,"
        " s.ALLOWED_HOSTS]",
        SECRET_KEY="x" * 50,
        PORTAL_URL="https://portal.example",
        EMAIL_URL="smtp://localhost:25",
        **OPERATOR,
    )
    assert json.loads(said) == [False, True, True, True, ["portal.example"]]


def test_membership_is_unique_per_person(cast):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        make_member(cast.company, cast.ben, "works_council")
    assert Membership.objects.filter(company=cast.company, user=cast.ben).count() == 1


def test_a_company_page_costs_the_same_with_many_rounds(cast, login, django_assert_max_num_queries):
    for _ in range(6):
        make_round(cast.company, "E03").close()
    anna = login(cast.anna)
    anna.get(f"/betriebe/{cast.company.pk}/")
    with django_assert_max_num_queries(9):
        anna.get(f"/betriebe/{cast.company.pk}/")


def test_a_round_says_which_edition_it_uses(cast, assessment, login):
    html = login(cast.anna).get(f"/durchgaenge/{assessment.pk}/").content.decode()
    assert f"Ausgabe {assessment.edition.checksum[:8]}" in html


@pytest.mark.parametrize("charset", ["hex", "idna", "unicode_escape", "undefined", "utf-16"])
def test_another_character_set_is_refused_before_it_is_used(charset):
    said: list[str] = []
    environ = {"CONTENT_TYPE": f"text/plain; charset={charset}", "QUERY_STRING": "a=%61"}
    body = wsgi.application(environ, lambda status, headers: said.append(status))
    assert (said, list(body)) == (["400 Bad Request"], [b"Bitte senden Sie UTF-8.\n"])


@pytest.mark.parametrize("kind", ["text/html; charset=UTF-8", 'text/plain; charset="utf8"', ""])
def test_utf_8_is_let_through(db, kind):
    said: list[str] = []
    environ = RequestFactory().get("/healthz").environ | {"CONTENT_TYPE": kind}
    wsgi.application(environ, lambda status, headers: said.append(status))
    assert said == ["200 OK"]


# --- What a browser or an aid may fill in ---------------------------------------------------------

ONESELF = {
    "account_login": {"login": "email", "password": "current-password"},
    "account_signup": {"name": "name", "email": "email", "password1": "new-password"},
    "account_reset_password": {"email": "email"},
    "account_email": {"email": "email"},
    "account_change_password": {
        "oldpassword": "current-password", "password1": "new-password", "password2": "new-password",
    },
    "account_reauthenticate": {"password": "current-password"},
    "company_create": {"name": "organization"},
    "consultant_profile": {"name": "name", "organisation": "organization"},
}  # fmt: skip


@pytest.mark.parametrize("name", ONESELF)
def test_fields_about_oneself_say_what_they_are_for(client, cast, name):
    """WCAG 1.3.5."""
    if name not in ("account_login", "account_signup", "account_reset_password"):
        client.force_login(cast.anna)
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session.save()
    response = client.get(reverse(name))
    assert response.status_code == 200
    inputs = re.findall(r"<input[^>]*>", response.content.decode())
    found = {
        re.search(r'name="([^"]*)"', each)[1]: re.search(r'autocomplete="([^"]*)"', each)[1]
        for each in inputs
        if "autocomplete=" in each
    }
    assert {key: found.get(key) for key in ONESELF[name]} == ONESELF[name]
