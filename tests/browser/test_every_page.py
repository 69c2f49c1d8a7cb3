"""Every page of every role is accessible, holds together on a small screen, asks no other host."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import states
from tests.browser.every_page import ROLES, Shown, become, every_page, every_refusal
from tests.browser.examine import FOCUS, Watch, axe, measure
from tests.test_access_matrix import world

__all__ = ["world"]

SWEEP = pytest.mark.sweep
HARDEST = {"assessment", "checklist", "results", "plan", "measure", "report", "members", "client",
           "council_room", "agenda", "meeting", "start", "resources", "comparison"}  # fmt: skip


def open_page(page: Page, origin: str, shown: Shown) -> None:
    """As the server shows it; a refusal, which nobody can come back to, from what it answered."""
    url = f"{origin}{shown.url}"
    if shown.csp:
        headers = {"Content-Security-Policy": shown.csp, "Content-Type": "text/html"}
        page.route(url, lambda route: route.fulfill(body=shown.html, headers=headers), times=1)
    page.goto(url, wait_until="load")
    assert page.url == url


def visit(
    browser: Browser, origin: str, world: SimpleNamespace, pages: Iterable[Shown], **media: object
) -> Iterator[tuple[Page, Shown]]:
    """Each of the pages in the browser, logged in as whoever sees it. Fails for whatever a page
    says in the console and for any request to another host."""
    calm = {"locale": "de-DE", "reduced_motion": "reduce"}
    context = browser.new_context(**{**calm, **media})
    page, role = context.new_page(), ""
    with Watch(page, origin) as watch:
        for shown in pages:
            if shown.role != role:
                role = shown.role
                become(context, origin, getattr(world.cast, role, None))
            open_page(page, origin, shown)
            yield page, shown
    context.close()
    assert not watch.said, "\n".join(watch.said)


def complaints(
    found: Iterable[tuple[Page, Shown]], ask: Callable[[Page], list[str]], least: int
) -> None:
    """Ask each page; fail with all that was found, or when there were hardly any pages."""
    wrong, pages = [], 0
    for page, shown in found:
        pages += 1
        wrong += [f"{shown}: {each}" for each in ask(page)]
    assert pages >= least
    assert not wrong, "\n".join(wrong)


DESK = {"viewport": {"width": 1280, "height": 900}}


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=SWEEP)])
def test_axe_finds_nothing_anywhere(browser: Browser, origin, world, theme):
    """No violation of any impact; whatever axe leaves to people stands in LOOKED_AT."""
    pages = every_page(world)
    complaints(visit(browser, origin, world, pages, color_scheme=theme, **DESK), axe, len(HARDEST))


@pytest.mark.sweep
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", ["founded", "begun", "late"])
def test_axe_finds_nothing_in_a_company_that_is_young_or_old(
    browser: Browser, origin, request, state, theme
):
    made = request.getfixturevalue("world" if state == "late" else "cast")
    there = getattr(states, state)(made)
    pages = every_page(there, tuple(role for role in ROLES if role != "anonymous"))
    complaints(visit(browser, origin, there, pages, color_scheme=theme, **DESK), axe, 20)


@pytest.mark.sweep
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_where_a_form_is_refused(browser: Browser, origin, world, theme):
    """Each form sent empty, and with nonsense in every field."""
    pages = every_refusal(world)
    complaints(visit(browser, origin, world, pages, color_scheme=theme, **DESK), axe, 60)


@pytest.mark.parametrize(
    "width", [320, *(pytest.param(width, marks=SWEEP) for width in (360, 768, 1280))]
)
def test_nothing_overflows_overlaps_or_is_too_small(browser: Browser, origin, world, width):
    """Layout at a width: the hardest pages always, all of them in the sweep."""
    everything = bool(os.environ.get("SWEEPS"))
    pages = (page for page in every_page(world) if everything or page.name in HARDEST)
    window = {"viewport": {"width": width, "height": 740}}
    complaints(visit(browser, origin, world, pages, **window), measure, len(HARDEST))


WALKED = {"assessment", "checklist", "results", "plan", "measure", "members"}


def test_the_focus_is_always_seen_and_never_caught(browser: Browser, origin, world):
    """With Tab through the hardest pages of a lead, on a phone with its bars at the bottom."""
    context = browser.new_context(
        locale="de-DE", reduced_motion="reduce", viewport={"width": 360, "height": 740}
    )
    become(context, origin, world.cast.anna)
    page, wrong, walked = context.new_page(), [], set()
    for shown in every_page(world, ("anna",)):
        if shown.name not in WALKED:
            continue
        open_page(page, origin, shown)
        for _step in range(150):
            page.keyboard.press("Tab")
            at = page.evaluate(FOCUS)
            if at is None:  # past the last element
                walked.add(shown.name)
                break
            if not (at["seen"] and at["ring"]):
                wrong.append((str(shown), at))
    context.close()
    assert not wrong, "\n".join(map(str, wrong))
    assert walked == WALKED
