"""Pictures of every page, to be looked at: each route a demo login finds by following links, at
three widths, light and dark.

    ./run                                     # in another terminal: a demo
    python -m bench.pictures [ADDRESS] [FOLDER]

Writes FOLDER (var/pictures) / role / route-width-theme.png."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("DEMO", "1")
django.setup()

from django.conf import settings  # noqa: E402
from django.urls import Resolver404, resolve  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402
from playwright.sync_api import Error as PlaywrightError  # noqa: E402

from portal.demo import LOGINS  # noqa: E402

WIDTHS = (360, 768, 1280)
THEMES = ("light", "dark")
HEIGHT = 800
TALLEST = 6000
LEAVES_OUT = ("admin", "account_logout")


def route_of(address: str) -> str:
    """The name of the page behind an address of ours; "" for none."""
    try:
        found = resolve(urlsplit(address).path)
    except Resolver404:
        return ""
    return "" if found.namespaces else found.url_name or ""


def log_in(page: Page, origin: str, email: str, password: str) -> None:
    page.goto(f"{origin}/konto/login/")
    page.locator("input[type=email]").fill(email)
    page.locator("input[type=password]").fill(password)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/konto/login" not in url)


def pages_of(page: Page, origin: str) -> Iterator[str]:
    """Opens one page of each route that links lead to; its name."""
    waiting, known = [page.url if page.url.startswith(origin) else f"{origin}/"], set()
    while waiting:
        address = waiting.pop(0)
        name = route_of(address)
        if not name or name in known or name in LEAVES_OUT:
            continue
        known.add(name)
        try:
            answer = page.goto(address, wait_until="load")
        except PlaywrightError:  # a download
            continue
        if not answer or "html" not in answer.headers.get("content-type", ""):
            continue
        shown = route_of(page.url)
        if shown != name and shown in known:  # the login, say
            continue
        known.add(shown)
        yield shown or name
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map((a) => a.href)")
        waiting += [link.split("#")[0] for link in links if link.startswith(origin)]


def take(page: Page, folder: Path, name: str) -> None:
    """The open page at all widths in both themes, as tall as it is."""
    address = page.url
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            tall = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": min(max(tall, HEIGHT), TALLEST)})
            page.screenshot(path=folder / f"{name}-{width}-{theme}.png")
    assert page.url == address


def look_around(browser: Browser, origin: str, folder: Path) -> None:
    for role, email, password in [("Ohne Konto", "", ""), *LOGINS]:
        place = folder / role.lower().replace(" ", "-")
        place.mkdir(parents=True)
        context = browser.new_context(locale="de-DE", reduced_motion="reduce")
        page = context.new_page()
        if email:
            log_in(page, origin, email, password)
        for name in pages_of(page, origin):
            take(page, place, name)
            print(role, name)
        context.close()


def main() -> None:
    origin = (sys.argv[1] if len(sys.argv) > 1 else settings.PORTAL_URL).rstrip("/")
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else settings.VAR_DIR / "pictures"
    shutil.rmtree(folder, ignore_errors=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        look_around(browser, origin, folder)
        browser.close()


if __name__ == "__main__":
    main()
