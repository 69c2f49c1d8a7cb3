"""Reading without an account: from the start page to a topic, a question, its step, a place."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.usefixtures("catalogue")

WIDTHS = [360, 1280]
PAGES = [
    "/themen/",
    "/themen/E05/",
    "/themen/E01/?klar=1",
    "/fragen/E07-10/",
    "/schritte/",
    "/schritte/orientierung-leitung/",
    "/anlaufstellen/?land=BY",
    "/anlaufstellen/?q=nichts-davon",
    "/woerter/",
]


@pytest.mark.sweep  # test_every_page.py opens them too, in one width
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_for_readers_are_accessible(page: Page, origin, look, width):
    page.set_viewport_size({"width": width, "height": 800})
    for path in PAGES:
        page.goto(origin + path)
        if page.locator("[data-unfold]").count():
            page.locator("[data-unfold]").click()
        look(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_reading_from_the_start_page_to_a_place(page: Page, origin, look):
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(origin)
    page.locator("summary", has_text="IT-Sicherheit").click()
    page.get_by_role("link", name="IT-Sicherheit lesen").click()
    fold = page.locator("details#meaning")
    fold.locator("summary").click()
    expect(fold.locator(".w-source")).to_be_visible()
    word = fold.locator(".w-word", has_text=re.compile("^Cloud$")).first
    meaning = page.locator("#wort-cloud")
    expect(meaning).to_be_hidden()
    word.click()
    expect(meaning).to_be_visible()
    look(page)
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    word.focus()
    page.keyboard.press("Enter")
    expect(meaning).to_be_visible()
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Alles aufklappen").click()
    assert page.locator("details.gs-fold[open]").count() == 9
    page.get_by_role("button", name="Alles zuklappen").click()
    assert page.locator("details.gs-fold[open]").count() == 0

    page.locator("a[href='/fragen/E05-04/']").click()
    page.locator("main h3 a[href^='/schritte/']").click()
    expect(page.locator("main")).to_contain_text("Fertig, wenn")
    page.locator("a[href='/fragen/E05-04/']").click()
    page.locator("aside a[href='/anlaufstellen/#stelle-bsi']").click()
    expect(page.locator("#stelle-bsi")).to_be_in_viewport()

    page.get_by_label("Bundesland").select_option("NW")
    page.get_by_role("button", name="Anzeigen").click()
    assert "land=NW" in page.url
    expect(page.get_by_role("heading", name="In Nordrhein-Westfalen")).to_be_visible()
    page.get_by_role("link", name="Mein Betrieb").click()
    page.wait_for_url("**/konto/login/**")


def test_plain_words_stay_from_page_to_page(page: Page, origin):
    page.goto(f"{origin}/themen/E05/")
    page.get_by_role("link", name="In einfachen Worten lesen").click()
    page.locator("a[href^='/fragen/E05-04/']").click()
    expect(page.locator("main")).to_contain_text("Sie lesen die einfachen Worte")
    page.get_by_role("link", name="Auf diesem Gerät immer so").click()
    page.goto(f"{origin}/themen/E03/")
    expect(page.locator("main")).to_contain_text("Sie lesen die einfachen Worte")
    page.get_by_role("link", name="Nicht mehr merken").click()
    expect(page.locator("main")).not_to_contain_text("Sie lesen die einfachen Worte")


def test_without_script_words_and_folds_open_and_paper_shows_all(browser, origin):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{origin}/themen/E05/")
    expect(page.locator("[data-unfold]")).to_be_hidden()
    page.locator("details#meaning summary").click()
    page.locator("#meaning .w-word").first.click()
    expect(page.locator("#meaning .w-meaning").first).to_be_visible()
    page.emulate_media(media="print")
    for source in page.locator(".gs-fold .w-source").all():
        expect(source).to_be_visible()
    page.context.close()
