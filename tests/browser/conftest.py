"""A real Chromium against a real server, with the job worker beside it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page

from checklists.models import Assessment
from portal.accounts.models import Company, User
from tests.browser.examine import axe
from tests.factories import make_company, make_user

# Playwright's own event loop makes Django think that test code is asynchronous; it is not.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": shutil.which("chromium"),
        "args": CHROMIUM_FLAGS,
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "de-DE", "timezone_id": "Europe/Berlin"}


@pytest.fixture
def origin(live_server) -> str:
    return live_server.url.replace("127.0.0.1", "localhost")


@pytest.fixture(autouse=True)
def _catalogue(catalogue) -> None:
    """Tests that commit flush the tables afterwards: each begins by loading the catalogue."""


@pytest.fixture(autouse=True)
def _own_address(settings, live_server) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]


@pytest.fixture
def page(page: Page, origin: str) -> Iterator[Page]:
    """A page that fails the test for anything said in the console, any script error, and any
    request to another host."""
    said: list[str] = []
    page.set_default_timeout(15_000)

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request",
        lambda request: (
            said.append(f"leaves the server: {request.url}")
            if not request.url.startswith((origin, "data:", "blob:"))
            else None
        ),
    )
    yield page
    # Leaving may still save a note: let the server finish before the tables are emptied.
    page.goto("about:blank")
    page.wait_for_timeout(300)
    expected = re.compile(r"status of 4(09|22)")  # refused saves that the page explains
    allowed = getattr(page, "allowed_errors", expected)
    assert [text for text in said if not allowed.search(text)] == []


@pytest.fixture
def company(catalogue) -> Company:
    return make_company(make_user("Anna"))


@pytest.fixture
def log_in(page: Page, origin: str) -> Callable[..., None]:
    """Be in, where the form would have led: log_in("Anna")."""

    def _log_in(name: str = "Anna", on: Page = page) -> None:
        client = Client()
        client.force_login(User.objects.get(email=f"{name.lower()}@betrieb.example"))
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        on.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": origin}]
        )
        on.goto(f"{origin}/uebersicht/")

    return _log_in


@pytest.fixture
def worker(tmp_path) -> Iterator[None]:
    """The real job worker on the test's database and files."""
    database = connection.get_connection_params()
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{database['user']}@/{database['dbname']}?host={database['host']}",
        "MEDIA_ROOT": str(tmp_path / "files"),
        "DEMO": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "db_worker", "--queue-name", "*", "--interval", "0.2",
         "--no-reload", "--no-startup-delay"],
        cwd=settings.BASE_DIR,
        env=environment,
    )  # fmt: skip
    yield
    process.terminate()
    process.wait(30)


@pytest.fixture
def look() -> Callable[[Page], None]:
    """axe finds nothing on the page as it stands."""

    def _look(page: Page) -> None:
        page.wait_for_load_state("networkidle")
        assert [each for each in axe(page) if each.startswith("violation")] == []

    return _look


def answered(assessment: Assessment) -> dict[str, str]:
    return {
        f"{code}-{number:02d}": value
        for code, number, value in assessment.answers.values_list(
            "question__aid__code", "question__number", "value"
        )
    }
