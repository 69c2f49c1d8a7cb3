"""A forgotten password: a code by mail, a new one, and in, past the second factor where there is
one. Nobody types the address a third time."""

from __future__ import annotations

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, code_from_mail, make_user

NEW = "ziegel und dachlatten"


@pytest.fixture
def anna(db):
    return make_user("Anna")


def reset(client: Client, email: str):
    client.post(reverse("account_reset_password"), {"email": email})
    client.post(reverse("account_confirm_password_reset_code"), {"code": code_from_mail()})
    return client.post(
        reverse("account_complete_password_reset"), {"password1": NEW, "password2": NEW}
    )


def test_whoever_sets_a_new_password_is_in(client, anna):
    elsewhere = Client()
    assert elsewhere.login(email=anna.email, password=PASSWORD)
    assert reset(client, anna.email).url == reverse("home")
    assert client.session["_auth_user_id"] == str(anna.pk)
    assert elsewhere.get(reverse("account_email")).status_code == 302, "sessions from before ended"


def test_the_second_factor_is_still_asked_for(client, anna):
    TOTP.activate(anna, generate_totp_secret())
    assert reset(client, anna.email).url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
