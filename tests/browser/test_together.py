"""Two people on one checklist, each in a browser of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from checklists.models import Assessment
from portal.accounts.models import Company
from tests.browser.conftest import answered
from tests.factories import make_member, make_round, make_user

SOON = 6_000  # within this many milliseconds one sees what others did


@pytest.fixture
def assessment(company: Company) -> Assessment:
    make_member(company, make_user("Ben"))
    return make_round(company, "E03")


@pytest.fixture
def anna(page: Page, origin: str, log_in, assessment) -> Page:
    log_in()
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/themen/E03/")
    return page


@pytest.fixture
def ben(browser: Browser, origin: str, log_in, assessment) -> Iterator[Page]:
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.set_default_timeout(15_000)
    log_in("Ben", on=page)
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/themen/E03/")
    yield page
    page.goto("about:blank")
    page.wait_for_timeout(300)
    context.close()


def press(page: Page, key: str, value: str) -> None:
    page.locator(f"#{key} button[data-answer={value}]").click()


def test_ben_sees_what_anna_answers_without_doing_anything(anna, ben, look):
    press(anna, "E03-01", "ja")
    chosen = ben.locator("#E03-01 button[data-answer=ja]")
    expect(chosen).to_have_attribute("aria-pressed", "true", timeout=SOON)
    expect(ben.locator("#fortschritt")).to_contain_text("1 von 5")
    press(anna, "E03-01", "ja")
    expect(chosen).to_have_attribute("aria-pressed", "false", timeout=SOON)
    # What Ben does next is no conflict: he saw it.
    press(ben, "E03-01", "nein")
    expect(ben.locator("#E03-01 .gs-saved")).to_be_visible()
    assert ben.locator("[data-conflict]").count() == 0
    look(ben)


def test_a_half_written_note_is_not_lost_and_saving_shows_both(anna, ben, assessment):
    for page, text in ((anna, "Liste vom Mai."), (ben, "Liste vom")):
        page.locator("#E03-02 summary", has_text="Notiz").click()
        page.locator("#E03-02 textarea[name=notiz]").press_sequentially(text)
    press(anna, "E03-02", "ja")  # leaving the field saves the note, too
    expect(ben.locator("#E03-02 [data-changed]")).to_contain_text(
        "wurde inzwischen geändert", timeout=SOON
    )
    note = ben.locator("#E03-02 textarea[name=notiz]")
    expect(note).to_have_value("Liste vom")
    expect(note).to_be_focused()
    note.press_sequentially(" Juni.")
    ben.locator("#E03-02").get_by_role("button", name="Notiz speichern").click()
    conflict = ben.locator("#E03-02 [data-conflict]")
    expect(conflict).to_contain_text("Zwei Notizen zur selben Frage")
    expect(conflict).to_contain_text("Liste vom Juni.")
    expect(conflict).to_contain_text("Liste vom Mai.")
    assert assessment.answers.get().note == "Liste vom Mai."


def test_an_answer_that_arrives_while_one_writes_does_not_stop_the_note(anna, ben, assessment):
    ben.locator("#E03-02 summary", has_text="Notiz").click()
    ben.locator("#E03-02 textarea[name=notiz]").press_sequentially("Von Ben.")
    press(anna, "E03-02", "ja")
    expect(ben.locator("#E03-02 [data-changed]")).to_be_visible(timeout=SOON)
    ben.locator("#E03-02").get_by_role("button", name="Notiz speichern").click()
    expect(ben.locator("#E03-02 .gs-saved")).to_be_visible()
    expect(ben.locator("#E03-02 [data-changed]")).to_have_count(0)
    answer = assessment.answers.get()
    assert (answer.value, answer.note) == ("ja", "Von Ben.")


def test_ones_own_saving_is_not_somebody_elses_change(anna, ben, assessment):
    for value in ("ja", "nein", "ja", "nein", "weissnicht", "ja"):
        press(anna, "E03-03", value)
        anna.wait_for_timeout(900)
        assert anna.locator("[data-changed]").count() == 0
    anna.wait_for_load_state("networkidle")
    assert answered(assessment) == {"E03-03": "ja"}


def test_what_was_asked_before_ones_own_press_does_not_undo_it(anna):
    """A deleted comment comes back into its field, even if an older state arrives after it."""
    question = anna.locator("#E03-04")
    question.locator("summary", has_text="Besprechen").click()
    question.locator("textarea[name=text]").fill("Wer weiß das?")
    question.get_by_role("button", name="Kommentar senden").click()
    expect(question.locator(".gs-talk li")).to_have_count(1)
    held: list[tuple[Route, APIResponse]] = []
    anna.route(
        "**/stand/",
        lambda route: route.continue_() if held else held.append((route, route.fetch())),
    )
    anna.wait_for_timeout(SOON)
    question.get_by_role("button", name="Löschen").click()
    field = question.locator("textarea[name=text]")
    expect(field).to_have_value("Wer weiß das?")
    ((route, response),) = held
    route.fulfill(response=response)
    anna.wait_for_timeout(1500)
    expect(field).to_have_value("Wer weiß das?")
    expect(field).to_be_focused()


def test_names_appear_and_vanish(anna, ben, look, assessment):
    expect(anna.locator("#hier")).to_contain_text("Wer gerade auf dieser Seite ist")
    expect(anna.locator("#hier")).to_contain_text("Gerade auch hier: Ben", timeout=SOON)
    look(anna)
    ben.goto("about:blank")
    from django.core.cache import caches

    # A minute later: what is in the cache has grown old.
    caches["presence"].clear()
    expect(anna.locator("#hier [data-names]")).to_be_hidden(timeout=SOON)


def test_a_conversation_arrives_and_keeps_what_one_is_writing(anna, ben, look):
    ben.locator("#E03-01").get_by_text("Besprechen").click()
    ben.locator("#E03-01 textarea[name=text]").press_sequentially("Ich auch n")
    anna.locator("#E03-01").get_by_text("Besprechen").click()
    anna.locator("#E03-01 textarea[name=text]").fill("Wer weiß das?")
    anna.locator("#E03-01").get_by_role("button", name="Kommentar senden").click()
    expect(anna.locator("#E03-01 .gs-talk")).to_contain_text("Wer weiß das?")
    expect(anna.locator("#E03-01 textarea[name=text]")).to_have_value("")
    thread = ben.locator("#E03-01 .gs-talk")
    expect(thread).to_contain_text("Wer weiß das?", timeout=SOON)
    expect(thread.locator("summary")).to_contain_text("Besprechen (1)")
    field = ben.locator("#E03-01 textarea[name=text]")
    expect(field).to_have_value("Ich auch n")
    expect(field).to_be_focused()
    field.press_sequentially("icht.")
    thread.get_by_role("button", name="Kommentar senden").click()
    expect(anna.locator("#E03-01 .gs-talk")).to_contain_text("Ich auch nicht.", timeout=SOON)
    # Saving an answer leaves the conversation where it is, open.
    press(anna, "E03-01", "nein")
    expect(anna.locator("#E03-01 .gs-saved")).to_be_visible()
    expect(anna.locator("#E03-01 .gs-talk")).to_contain_text("Ich auch nicht.")
    look(anna)
    # Taking it back gives the text back.
    anna.locator("#E03-01 .gs-talk li").first.get_by_role("button", name="Löschen").click()
    expect(anna.locator("#E03-01 textarea[name=text]")).to_have_value("Wer weiß das?")
    expect(thread).not_to_contain_text("Wer weiß das?", timeout=SOON)


def test_a_hidden_page_asks_nothing_and_catches_up(anna, ben):
    asked: list[str] = []
    ben.on("request", lambda request: asked.append(request.url))
    ben.evaluate(
        """() => {
            const get = () => window.seen || "hidden";
            Object.defineProperty(document, "visibilityState", { get });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    ben.wait_for_timeout(500)
    asked.clear()
    press(anna, "E03-01", "ja")
    ben.wait_for_timeout(6000)
    assert asked == []
    ben.evaluate(
        "() => { window.seen = 'visible'; document.dispatchEvent(new Event('visibilitychange')); }"
    )
    expect(ben.locator("#E03-01 button[data-answer=ja]")).to_have_attribute(
        "aria-pressed", "true", timeout=2000
    )


def test_a_mark_arrives_too(anna, ben):
    anna.get_by_role("button", name="Bitte ansehen").click()
    expect(anna.get_by_role("button", name="Bitte ansehen")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(ben.get_by_role("button", name="Bitte ansehen")).to_have_attribute(
        "aria-pressed", "true", timeout=SOON
    )
    ben.get_by_role("button", name="Bitte ansehen").click()
    expect(ben.get_by_role("button", name="Bitte ansehen")).to_have_attribute(
        "aria-pressed", "false"
    )


def test_without_script_comments_work_as_forms(browser: Browser, origin, log_in, assessment):
    page = browser.new_context(locale="de-DE", java_script_enabled=False).new_page()
    log_in(on=page)
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/themen/E03/")
    expect(page.locator("#hier")).to_be_hidden()
    question = page.locator("#E03-02")
    question.get_by_text("Besprechen").click()
    question.locator("textarea[name=text]").fill("Wer weiß das?")
    question.get_by_role("button", name="Kommentar senden").click()
    assert page.url.endswith("#E03-02")
    question.get_by_text("Besprechen (1)").click()
    expect(question).to_contain_text("Wer weiß das?")
    question.get_by_role("button", name="Ist geklärt").click()
    expect(question.locator(".gs-talk__settled")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_scrolls_sideways(anna, width, look, origin, assessment):
    anna.set_viewport_size({"width": width, "height": 700})
    anna.locator("#E03-01").get_by_text("Besprechen").click()
    anna.locator("#E03-01 textarea[name=text]").fill("Donau" * 60)
    anna.locator("#E03-01").get_by_role("button", name="Kommentar senden").click()
    expect(anna.locator("#E03-01 .gs-talk li")).to_have_count(1)
    assert anna.evaluate("document.documentElement.scrollWidth") <= width
    anna.goto(f"{origin}/durchgaenge/{assessment.pk}/themen/E03/uebergeben/")
    assert anna.evaluate("document.documentElement.scrollWidth") <= width
    look(anna)
    anna.get_by_label("Ben").check()
    anna.locator("#bis").fill("2099-01-01")
    anna.get_by_role("button", name="Übergeben", exact=True).click()
    expect(anna.get_by_text("einen Tag bis Ende")).to_be_visible()
    anna.locator("#bis").fill("")
    anna.get_by_role("button", name="Übergeben", exact=True).click()
    anna.wait_for_url(re.compile(r"#thema-E03$"))
    anna.locator("#thema-E03 summary").click()
    expect(anna.locator("#thema-E03")).to_contain_text("bei Ben")
    assert anna.evaluate("document.documentElement.scrollWidth") <= width
    look(anna)
