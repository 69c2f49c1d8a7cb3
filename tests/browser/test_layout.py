"""Large text, wide spacing, a small window, colours of one's own, no movement, and paper."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.every_page import become, every_page
from tests.browser.examine import MEASURE, script
from tests.browser.test_every_page import DESK, complaints, visit
from tests.test_access_matrix import address, world

__all__ = ["world"]

BARS, FOCUS_ALL, MOVING, SPACING = (
    script(f"{name}.js") for name in ("bars", "focus_all", "moving", "spacing")
)
ALL = 60  # no sweep saw fewer pages than this


@pytest.mark.sweep
@pytest.mark.parametrize("width", [320, 1280])
def test_text_may_be_spaced_out(browser: Browser, origin, world, width):
    """WCAG 1.4.12: nothing is cut off, nothing lies on something else."""

    def spaced(page: Page) -> list[str]:
        page.evaluate(SPACING)  # the targets' sizes are those of the page as it is
        return [each for each in page.evaluate(MEASURE) if not each.startswith("small target")]

    window = {"viewport": {"width": width, "height": 740}}
    complaints(visit(browser, origin, world, every_page(world), **window), spaced, ALL)


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("width", "height"), [(640, 450), (320, 256)], ids=["200 percent", "400 percent"]
)
def test_the_page_may_be_enlarged(browser: Browser, origin, world, width, height):
    """A window of 1280 enlarged: nothing is cut off, bars leave half of it free, and whatever has
    the focus is seen between them."""

    def enlarged(page: Page) -> list[str]:
        page.keyboard.press("Tab")  # from now on somebody uses the keyboard
        bars = page.evaluate(BARS)
        wrong = [f"bars take {bars:.0%} of the window"] if bars > 0.5 else []
        return [*wrong, *page.evaluate(MEASURE), *page.evaluate(FOCUS_ALL)]

    window = {"viewport": {"width": width, "height": height}}
    complaints(visit(browser, origin, world, every_page(world), **window), enlarged, ALL)


@pytest.mark.sweep
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_that_has_the_focus_is_hidden(browser: Browser, origin, world, width):
    """WCAG 2.4.11 on every page."""

    def focused(page: Page) -> list[str]:
        page.keyboard.press("Tab")
        return page.evaluate(FOCUS_ALL)

    window = {"viewport": {"width": width, "height": 740}}
    complaints(visit(browser, origin, world, every_page(world), **window), focused, ALL)


@pytest.mark.sweep
def test_nothing_moves_for_whoever_wants_no_movement(browser: Browser, origin, world):
    pages = every_page(world)
    complaints(visit(browser, origin, world, pages, **DESK), lambda p: p.evaluate(MOVING), ALL)


# --- colours of one's own -------------------------------------------------------------------------

STYLE = "(element, [part, name]) => getComputedStyle(element, part)[name]"


def style(of: Locator, name: str, part: str | None = None) -> str:
    """A computed style of an element, or of its ::after."""
    return of.evaluate(STYLE, [part, name])


@pytest.fixture
def forced(browser: Browser, origin, world: SimpleNamespace):
    """Anna in the colours of her own system."""
    context = browser.new_context(
        locale="de-DE", forced_colors="active", reduced_motion="reduce", **DESK
    )
    become(context, origin, world.cast.anna)
    yield context.new_page()
    context.close()


def test_states_can_be_told_apart_in_forced_colours(forced: Page, origin, world):
    """The chosen answer by its ground, signs by their shapes, the focus by its ring, the progress
    by its words and signs, the page one is on by a line."""
    forced.goto(f"{origin}{address('checklist', world.ours)}")
    paper = style(forced.locator("body"), "backgroundColor")
    chosen = forced.locator("#E03-01 .gs-a[aria-pressed=true]")
    other = forced.locator("#E03-01 .gs-a[aria-pressed=false]").first
    assert style(chosen, "backgroundColor") != style(other, "backgroundColor")
    assert style(other, "borderTopStyle") == "solid"
    assert style(other, "borderTopColor") != paper
    signs = forced.locator("#fortschritt .gs-strip--links .gs-m")
    shapes = signs.locator("use").evaluate_all("all => all.map(use => use.getAttribute('href'))")
    assert set(shapes) == {"#m-ja", "#m-nein", "#m-offen"}
    for sign in signs.all():
        assert sign.is_visible()
        assert style(sign, "color") != paper
    forced.keyboard.press("Tab")
    other.focus()
    assert style(other, "outlineStyle") != "none"
    assert float(style(other, "outlineWidth").removesuffix("px")) >= 2
    assert style(other, "outlineColor") != paper
    here = forced.locator(".gs-nav a[aria-current]").first
    assert style(here, "backgroundColor", "::after") not in (paper, "rgba(0, 0, 0, 0)")


# --- paper ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["checklist", "results"])
def test_paper_shows_the_content_and_nothing_to_press(browser: Browser, origin, world, name):
    context = browser.new_context(locale="de-DE", viewport={"width": 718, "height": 1000})
    become(context, origin, world.cast.anna)
    page = context.new_page()
    page.goto(f"{origin}{address(name, world.ours)}")
    page.emulate_media(media="print", color_scheme="light")
    for gone in (".gs-nav", ".gs-own", ".gs-foot", ".gs-btn:visible", "button.gs-link:visible"):
        assert not page.locator(gone).first.is_visible(), gone
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    if name == "checklist":
        assert page.locator(".gs-q").count() == page.locator(".gs-q:visible").count() == 5
        assert "Termin mit der Kammer" in page.locator(".gs-written--note").inner_text()
        border = "(element) => parseFloat(getComputedStyle(element).borderTopWidth)"
        chosen = page.locator("#E03-01 .gs-a[aria-pressed=true]").evaluate(border)
        assert chosen > page.locator("#E03-01 .gs-a[aria-pressed=false]").first.evaluate(border)
    context.close()
