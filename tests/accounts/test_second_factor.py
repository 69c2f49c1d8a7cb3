"""Consultants and operators hold a second factor, or no page behind login opens to them."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.models import Company
from portal.middleware import SecondFactor
from tests.factories import PASSWORD, make_user
from tests.test_pages import settings_say

ROOM = "/beratung/"
SET_UP = "/konto/2fa/"
PROVE = "/konto/2fa/reauthenticate/"


@pytest.fixture(autouse=True)
def _as_in_production(settings):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> SimpleNamespace:
    """The app's clock stands still, so that no code grows old between two lines of a test."""
    standing = SimpleNamespace(now=time.time())
    standing.time = lambda: standing.now
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", standing)
    return standing


def code_of(secret: str) -> str:
    """What the app shows."""
    (counter,) = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, counter))


def give_totp(user) -> str:
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def log_in(user, secret: str = "") -> Client:
    client = Client()
    response = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    if secret:
        assert response.headers["Location"] == reverse("mfa_authenticate")
        client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    return client


def goes_to(client: Client, url: str = ROOM) -> str:
    """Where a request leads: its own address if the page opens."""
    response = client.get(url)
    if response.status_code == 200:
        return url
    return response.headers["Location"].partition("?")[0]


def test_it_is_demanded_in_production_alone():
    production = {
        "SECRET_KEY": "x" * 50,
        "EMAIL_URL": "smtp://localhost",
        "OPERATOR_NAME": "Portal gGmbH",
        "OPERATOR_ADDRESS": "Weg 1|00000 Ort",
        "OPERATOR_EMAIL": "portal@betreiber.example",
        "PRIVACY_CONTACT": "datenschutz@betreiber.example",
    }
    assert settings_say("s.SECOND_FACTOR_REQUIRED", **production) == "true"
    assert settings_say("s.SECOND_FACTOR_REQUIRED", DEMO="1") == "false"
    told = settings_say("s.SECOND_FACTOR_REQUIRED", **production, SECOND_FACTOR_REQUIRED="0")
    assert told == "false"


def test_without_a_factor_only_setting_one_up_is_open(cast, assessment):
    client = log_in(cast.dora)
    for name, args in (
        ("consultant_room", []),
        ("client", [cast.engagement.pk]),
        ("client_round", [cast.engagement.pk, 1]),
        ("consultant_profile", []),
        ("companies", []),
        ("home", []),
        ("account_change_password", []),
    ):
        assert goes_to(client, reverse(name, args=args)) == SET_UP, name
    page = client.get(SET_UP)
    assert page.status_code == 200
    assert "zweiten Nachweis" in page.content.decode()
    for url in ("/", "/themen/", reverse("imprint"), reverse("account_email")):
        assert client.get(url).status_code == 200, url
    assert client.post(reverse("account_logout")).status_code == 302


def test_a_post_is_not_done_either(cast, assessment):
    client = log_in(cast.dora)
    response = client.post(reverse("client_visited", args=[cast.engagement.pk]), {"stand": "x"})
    assert response.headers["Location"] == SET_UP


def test_htmx_is_led_there_as_a_page(cast):
    response = log_in(cast.dora).get(ROOM, headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == SET_UP


def test_with_a_factor_used_at_login_everything_opens(cast):
    client = log_in(cast.dora, give_totp(cast.dora))
    assert goes_to(client) == ROOM


def test_a_wrong_code_logs_nobody_in(cast):
    give_totp(cast.dora)
    client = log_in(cast.dora)
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert goes_to(client) == "/konto/login/"


def test_a_session_from_before_proves_it_once(cast):
    client = log_in(cast.dora)
    secret = give_totp(cast.dora)
    response = client.get(ROOM)
    assert response.headers["Location"] == f"{PROVE}?next=%2Fberatung%2F"
    response = client.post(PROVE, {"code": code_of(secret), "next": ROOM})
    assert response.headers["Location"] == ROOM
    assert goes_to(client) == ROOM


def test_a_session_from_before_cannot_take_the_factor_away_or_add_its_own(cast):
    client = log_in(cast.dora)
    give_totp(cast.dora)
    for name in ("mfa_index", "mfa_deactivate_totp", "mfa_add_webauthn", "account_reauthenticate"):
        assert goes_to(client, reverse(name)) == PROVE, name
        client.post(reverse(name), {"password": PASSWORD})
    assert Authenticator.objects.filter(user=cast.dora).count() == 1


def test_who_becomes_a_consultant_is_asked_at_the_next_request(db):
    ida = make_user("Ida")
    client = log_in(ida)
    assert goes_to(client) == ROOM
    client.post(reverse("consultant_profile"), {"name": "Ida Lang"})
    assert goes_to(client) == SET_UP


def test_removing_the_last_factor_closes_the_session_at_once(cast):
    secret = give_totp(cast.dora)
    client = log_in(cast.dora, secret)
    assert goes_to(client) == ROOM
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=cast.dora).exists()
    assert goes_to(client) == SET_UP


def test_a_factor_lost_elsewhere_closes_the_session_within_minutes(cast, monkeypatch):
    client = log_in(cast.dora, give_totp(cast.dora))
    assert goes_to(client) == ROOM
    Authenticator.objects.filter(user=cast.dora).delete()
    later = time.time() + SecondFactor.GOOD_FOR.total_seconds() + 1
    monkeypatch.setattr("portal.middleware.time.time", lambda: later)
    assert goes_to(client) == SET_UP


def test_a_new_factor_set_up_by_somebody_else_does_not_open_an_old_session(cast, monkeypatch):
    client = log_in(cast.dora, give_totp(cast.dora))
    Authenticator.objects.filter(user=cast.dora).delete()
    give_totp(cast.dora)
    assert goes_to(client) == PROVE


def test_a_recovery_code_stands_in_and_alone_is_no_factor(cast):
    give_totp(cast.dora)
    codes = RecoveryCodes.activate(cast.dora)
    client = log_in(cast.dora)
    client.post(reverse("mfa_authenticate"), {"code": codes.get_unused_codes()[0]})
    assert goes_to(client) == ROOM
    Authenticator.objects.filter(user=cast.dora, type="totp").delete()
    assert goes_to(log_in(cast.dora)) == SET_UP


def test_the_admin_asks_for_it_too(cast):
    type(cast.emil).objects.filter(pk=cast.emil.pk).update(is_staff=True, is_superuser=True)
    client = log_in(cast.emil)
    assert goes_to(client, reverse("admin:index")) == SET_UP
    assert goes_to(client, reverse("admin:accounts_user_changelist")) == SET_UP
    secret = give_totp(cast.emil)
    assert goes_to(log_in(cast.emil, secret), reverse("admin:index")) == reverse("admin:index")


def test_others_are_asked_nothing_and_pay_nothing(cast, assessment):
    client = log_in(cast.anna)
    url = reverse("companies")
    assert goes_to(client, url) == url
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    assert not [query for query in queries if "mfa_authenticator" in query["sql"]]
    assert Company.objects.visible_to(cast.anna).exists()


def test_a_proof_is_remembered(cast):
    client = log_in(cast.dora, give_totp(cast.dora))
    client.get(ROOM)
    with CaptureQueriesContext(connection) as queries:
        client.get(ROOM)
    assert not [query for query in queries if "mfa_authenticator" in query["sql"]]


def test_totp_set_up_and_login(cast, clock):
    """From the page that shows the secret to the next login with a code."""
    client = log_in(cast.dora)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = client.session["mfa.totp.secret"]
    assert secret in page
    response = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert response.status_code == 302
    assert goes_to(client) == ROOM  # the code just shown is proof enough
    again = log_in(cast.dora, secret)
    assert goes_to(again) == ROOM
    third = Client()
    third.post(reverse("account_login"), {"login": cast.dora.email, "password": PASSWORD})
    used = third.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert used.status_code == 200  # a code counts once
    clock.now += 30
    third.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert goes_to(third) == ROOM


def test_the_demo_says_that_it_does_not_ask(cast, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client()
    client.force_login(cast.dora)
    for name in ("consultant_room", "consultant_profile"):
        assert "In dieser Demo nicht." in client.get(reverse(name)).content.decode()
    settings.SECOND_FACTOR_REQUIRED = True
    client = log_in(cast.dora, give_totp(cast.dora))
    for name in ("consultant_room", "consultant_profile"):
        assert "In dieser Demo" not in client.get(reverse(name)).content.decode()
