"""Every route × role of the access matrix as a page in one browser, each different page once."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin

import lxml.html
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.http import HttpResponse
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
    """A route as one role sees it. `html` is what the server answered, without what it says anew
    each time; `csp` the policy it came with."""

    name: str
    role: str
    url: str
    html: bytes = b""
    csp: str = ""

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
        for name, url in urls_of(world, role).items():
            response = client.get(url)
            if response.status_code != 200 or not is_page(response):
                continue
            html = EACH_TIME.sub(b"", response.content)
            if html not in seen:
                seen.add(html)
                yield Shown(name, role, url, html)


def urls_of(world: SimpleNamespace, role: str) -> dict[str, str]:
    """What a role may see, by name; without what this world has not got."""
    urls = {}
    for name, row in MATRIX.items():
        if "GET" in row and row["GET"][ACTORS.index(role)] == 200:
            with contextlib.suppress(AttributeError, IndexError):  # no such thing in this world
                urls[name] = address(name, world.ours)
    return urls | {name: reverse(name) for name in ACCOUNT.get(role, ())}


def is_page(response: HttpResponse) -> bool:
    """Whole pages of HTML to look at: no file, no part for a swap."""
    return (
        not response.streaming
        and "text/html" in response.headers.get("Content-Type", "")
        and "attachment" not in response.headers.get("Content-Disposition", "")
        and b"<html" in response.content
    )


# What is thrown at each field: nothing at all, and what no field of its kind takes.
NOTHING, NONSENSE = "nothing", "nonsense"


def every_refusal(world: SimpleNamespace, roles: tuple[str, ...] = ROLES) -> Iterator[Shown]:
    """The pages that forms answer with when they were sent empty or full of nonsense. Nothing of
    it stays: each post is rolled back."""
    seen: set[bytes] = set()
    sent: set[tuple[str, str]] = set()
    for page in every_page(world, roles):
        for form in lxml.html.document_fromstring(page.html).iterfind(".//form"):
            url = urldefrag(urljoin(page.url, form.get("action") or page.url)).url
            if form.get("method", "").lower() != "post" or (page.role, url) in sent:
                continue
            sent.add((page.role, url))
            for kind in (NOTHING, NONSENSE):
                with transaction.atomic():
                    client = session_of(getattr(world.cast, page.role, None))
                    response = client.post(url, dict(fields_of(form, kind)))
                    transaction.set_rollback(True)
                html = EACH_TIME.sub(b"", response.content) if is_page(response) else b""
                if html and html not in seen:
                    seen.add(html)
                    name = f"{response.status_code} of {url} sent {kind} from {page.name}"
                    policy = response.headers.get("Content-Security-Policy", "")
                    yield Shown(name, page.role, url, response.content, policy)


def fields_of(form: lxml.html.HtmlElement, kind: str) -> Iterator[tuple[str, str]]:
    """The form's fields with something to be refused; hidden ones as they are."""
    for field in form.xpath(".//input[@name] | .//textarea[@name] | .//select[@name]"):
        if field.get("type") == "hidden":
            yield field.get("name"), field.get("value", "")
        elif field.get("type") != "file":
            wrong = "1066-10-14" if field.get("type") == "date" else "§" + "x" * 20_000
            yield field.get("name"), "" if kind == NOTHING else wrong


def become(context: BrowserContext, origin: str, user: AbstractBaseUser | None) -> None:
    """From now on the browser is logged in as the user, or not at all."""
    context.clear_cookies()
    for name in (settings.SESSION_COOKIE_NAME,) if user else ():
        value = session_of(user).cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": origin}])
