"""Every route × role of the access matrix as a page in one browser, each different page once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext

from tests.test_access_matrix import ACTORS, MATRIX, address

ROLES = ("anna", "ben", "clara", "dora", "anonymous")  # the others are one of these elsewhere
# What a page says anew each time; without it two equal pages are equal.
EACH_TIME = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"')
# allauth's own routes that show a page of ours.
ACCOUNT = {
    "anonymous": ("account_login", "account_signup", "account_reset_password"),
    "anna": (
        "account_email",
        "account_change_password",
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
        "usersessions_list",
    ),
}


class Shown(NamedTuple):
    """A route as one role sees it."""

    name: str
    role: str
    url: str

    def __str__(self) -> str:
        return f"{self.name} as {self.role}"


def session_of(user: AbstractBaseUser | None) -> Client:
    client = Client(SERVER_NAME="localhost")
    if user:
        client.force_login(user)
    return client


def every_page(world: SimpleNamespace, roles: tuple[str, ...] = ROLES) -> Iterator[Shown]:
    """Route × role, by role. A page that another role was shown just like this is left out."""
    seen: set[bytes] = set()
    for role in reversed(roles):  # what everybody may see is seen as nobody in particular
        client = session_of(getattr(world.cast, role, None))
        urls = {
            name: address(name, world.ours)
            for name, row in MATRIX.items()
            if "GET" in row and row["GET"][ACTORS.index(role)] == 200
        }
        for name, url in (urls | {name: reverse(name) for name in ACCOUNT.get(role, ())}).items():
            response = client.get(url)
            kind = response.headers.get("Content-Type", "")
            if response.status_code != 200 or response.streaming or "text/html" not in kind:
                continue
            if "attachment" in response.headers.get("Content-Disposition", ""):
                continue
            html = EACH_TIME.sub(b"", response.content)
            if b"<html" in html and html not in seen:  # else a part for a swap
                seen.add(html)
                yield Shown(name, role, url)


def become(context: BrowserContext, origin: str, user: AbstractBaseUser | None) -> None:
    """From now on the browser is logged in as the user, or not at all."""
    context.clear_cookies()
    for name in (settings.SESSION_COOKIE_NAME,) if user else ():
        value = session_of(user).cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": origin}])
