"""Every page of every role is accessible and holds together on a small screen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from tests.browser.every_page import become, every_page
from tests.test_access_matrix import world

__all__ = ["world"]

HERE = Path(__file__).parent
ASK_AXE = (HERE / "ask_axe.js").read_text(encoding="utf-8").partition("\n")[2]
MEASURE = (HERE / "measure.js").read_text(encoding="utf-8").partition("\n")[2]
FOCUS = (HERE / "focus.js").read_text(encoding="utf-8").partition("\n")[2]

HARDEST = {"assessment", "checklist", "results", "plan", "measure", "report", "members", "client",
           "council_room", "agenda", "meeting", "start", "resources", "comparison"}  # fmt: skip
# What axe cannot decide, and what was seen when looking at it.
LOOKED_AT: dict[tuple[str, str], str] = {
    ("color-contrast", "bgImage"): "a list's arrow stands beside its words, on the same ground",
    # Figures of a report: numbers lie inside or beside shapes; the pairs are those of the tokens.
    ("color-contrast", "bgOverlap"): "numbers inside the shapes of a figure",
    ("color-contrast", "imgNode"): "numbers beside the shapes of a figure",
    ("color-contrast", "nonBmp"): "arrows as names of keys: ink on a sheet like every other key",
    ("aria-required-children", "aria-required-children"): "sessions: the test client's own login "
    "makes none; whoever looks has one",
}


def open_page(page: Page, origin: str, url: str) -> None:
    page.goto(f"{origin}{url}", wait_until="load")
    assert page.url == f"{origin}{url}"


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.sweep)])
def test_axe_finds_nothing_anywhere(browser: Browser, origin, world, theme):
    """No violation of any impact; whatever axe leaves to people stands in LOOKED_AT."""
    context = browser.new_context(
        locale="de-DE",
        color_scheme=theme,
        reduced_motion="reduce",
        viewport={"width": 1280, "height": 900},
    )
    page, role, wrong, pages = context.new_page(), "", [], 0
    for shown in every_page(world):
        if shown.role != role:
            role = shown.role
            become(context, origin, getattr(world.cast, role, None))
        open_page(page, origin, shown.url)
        pages += 1
        page.evaluate(AXE_SCRIPT)
        found: dict[str, list[Any]] = page.evaluate(ASK_AXE)
        wrong += [(str(shown), *each) for each in found["violations"]]
        wrong += [
            (str(shown), "incomplete", *each)
            for each in found["incomplete"]
            if (each[0], each[2]) not in LOOKED_AT
        ]
    context.close()
    assert pages >= len(HARDEST)
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(
    "width",
    [320, *(pytest.param(width, marks=pytest.mark.sweep) for width in (360, 768, 1280))],
)
def test_nothing_overflows_overlaps_or_is_too_small(browser: Browser, origin, world, width):
    """Layout at a width: the hardest pages always, all of them in the sweep."""
    context = browser.new_context(
        locale="de-DE", reduced_motion="reduce", viewport={"width": width, "height": 740}
    )
    everything = bool(os.environ.get("SWEEPS"))
    page, role, wrong, pages = context.new_page(), "", [], 0
    for shown in every_page(world):
        if not everything and shown.name not in HARDEST:
            continue
        if shown.role != role:
            role = shown.role
            become(context, origin, getattr(world.cast, role, None))
        open_page(page, origin, shown.url)
        pages += 1
        wrong += [f"{shown}: {each}" for each in page.evaluate(MEASURE)]
    context.close()
    assert pages >= len(HARDEST)
    assert not wrong, "\n".join(wrong)


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
        open_page(page, origin, shown.url)
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
