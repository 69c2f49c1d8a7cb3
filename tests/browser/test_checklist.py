"""The checklist as people really use it: fast, together, offline, by keyboard, without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from checklists.models import Assessment
from portal.accounts.models import Company
from tests.browser.conftest import answered
from tests.factories import make_member, make_round, make_user


@pytest.fixture
def assessment(company: Company) -> Assessment:
    return make_round(company, "E03")


@pytest.fixture
def checklist(page: Page, origin: str, log_in, assessment) -> Page:
    """Anna on the checklist of E03."""
    log_in()
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/themen/E03/")
    return page


def press(page: Page, key: str, value: str) -> None:
    page.locator(f"#{key} button[data-answer={value}]").click()


def test_quick_clicks_end_in_the_last_one_with_the_note(checklist, assessment):
    question = checklist.locator("#E03-01")
    question.get_by_text("Notiz schreiben").click()
    question.locator("textarea[name=notiz]").fill("Liste vom Mai.")
    press(checklist, "E03-01", "ja")
    press(checklist, "E03-01", "nein")
    expect(question.locator(".gs-saved")).to_be_visible()
    expect(question.locator("button[data-answer=nein]")).to_have_attribute("aria-pressed", "true")
    checklist.wait_for_load_state("networkidle")
    answer = assessment.answers.get()
    assert (answer.value, answer.note) == ("nein", "Liste vom Mai.")
    assert checklist.locator("[data-conflict]").count() == 0


def test_progress_moves_and_focus_stays(checklist):
    press(checklist, "E03-01", "ja")
    expect(checklist.locator("#fortschritt")).to_contain_text("1 von 5")
    expect(checklist.locator("#E03-01 button[data-answer=ja]")).to_be_focused()
    clock = re.compile(r"zuletzt gespeichert\s+\d\d:\d\d")
    expect(checklist.locator("#fortschritt")).to_contain_text(clock)
    press(checklist, "E03-01", "ja")  # pressing the chosen one takes it back
    expect(checklist.locator("#fortschritt")).to_contain_text("0 von 5")


def test_two_people_on_one_question_decide_together(
    checklist, browser: Browser, origin, log_in, look, assessment, company
):
    make_member(company, make_user("Ben"))
    other = browser.new_context(locale="de-DE").new_page()
    log_in("Ben", on=other)
    other.goto(f"{origin}/durchgaenge/{assessment.pk}/themen/E03/")
    press(other, "E03-02", "ja")
    expect(other.locator("#E03-02").locator(".gs-saved")).to_be_visible()
    press(checklist, "E03-02", "nein")
    conflict = checklist.locator("#E03-02 [data-conflict]")
    expect(conflict).to_contain_text("Zwei Antworten zur selben Frage")
    look(checklist)
    assert answered(assessment) == {"E03-02": "ja"}
    conflict.get_by_role("button", name="Mein „Nein“ nehmen").click()
    expect(conflict).to_have_count(0)
    assert answered(assessment) == {"E03-02": "nein"}


def test_offline_says_so_keeps_the_choice_and_saves_later(checklist, look, assessment):
    checklist.allowed_errors = re.compile("ERR_INTERNET_DISCONNECTED")
    checklist.context.set_offline(True)
    press(checklist, "E03-03", "nein")
    question = checklist.locator("#E03-03")
    expect(question.get_by_role("alert")).to_contain_text("Nicht gespeichert")
    expect(question.locator("button[data-answer=nein]")).to_have_attribute("aria-pressed", "true")
    assert answered(assessment) == {}
    checklist.context.set_offline(False)
    expect(question.locator(".gs-saved")).to_be_visible(timeout=20_000)
    assert answered(assessment) == {"E03-03": "nein"}
    look(checklist)


def test_a_session_that_ended_is_no_silent_loss(checklist, assessment):
    checklist.context.clear_cookies(name="sessionid")
    press(checklist, "E03-01", "ja")
    expect(checklist.locator("#E03-01").get_by_role("alert")).to_contain_text("Nicht gespeichert")
    assert checklist.locator("input[type=password]").count() == 0
    assert answered(assessment) == {}


def test_keys_answer_the_focused_question_only(checklist, assessment):
    checklist.keyboard.press("j")
    checklist.locator("#E03-01 button[data-answer=ja]").focus()
    checklist.keyboard.press("n")
    expect(checklist.locator("#fortschritt")).to_contain_text("1 von 5")
    checklist.keyboard.press("ArrowDown")
    checklist.keyboard.press("w")
    expect(checklist.locator("#E03-02").locator(".gs-saved")).to_be_visible()
    assert answered(assessment) == {"E03-01": "nein", "E03-02": "weissnicht"}
    checklist.locator("#E03-03 summary", has_text="Notiz").click()
    checklist.locator("#E03-03 textarea[name=notiz]").press_sequentially("jnw")
    assert answered(assessment) == {"E03-01": "nein", "E03-02": "weissnicht"}


def test_keys_do_nothing_where_one_writes(checklist, assessment):
    checklist.locator("#E03-03 summary", has_text="Notiz").click()
    checklist.get_by_role("button", name="Notiz speichern").focus()
    checklist.keyboard.type("jen")
    expect(checklist.locator("#fortschritt")).to_contain_text("0 von 5")
    expect(checklist.locator("#E03-03 .gs-reason")).not_to_have_attribute("open", "")


def test_on_a_phone_the_bar_at_the_bottom_leads_on(checklist):
    checklist.set_viewport_size({"width": 360, "height": 740})
    bar = checklist.locator(".gs-thumb")
    for number in range(1, 6):
        expect(bar.get_by_role("link", name="Nächste offene Frage")).to_be_in_viewport()
        press(checklist, f"E03-0{number}", "nein")
        expect(checklist.locator("#fortschritt")).to_contain_text(f"{number} von 5")
    expect(bar.get_by_role("link", name="Nächste offene Frage")).to_be_hidden()
    bar.get_by_role("link", name="Ergebnis und Bericht").click()
    expect(checklist.locator("h1")).to_contain_text("0 von 5 mit Ja")
    expect(checklist.get_by_role("link", name="Den Bericht mitnehmen")).to_be_in_viewport()


def test_a_nein_unfolds_its_next_step_in_place(checklist):
    press(checklist, "E03-02", "nein")
    step = checklist.locator("#E03-02 .gs-q__step")
    step.get_by_text("Nächster Schritt").click()
    expect(step.get_by_text("Aufwand:")).to_be_visible()
    press(checklist, "E03-02", "ja")
    expect(step).to_have_count(0)


def test_the_second_skip_link_leads_to_the_questions(checklist):
    checklist.keyboard.press("Tab")
    checklist.keyboard.press("Tab")
    expect(checklist.get_by_role("link", name="Zu den Fragen springen")).to_be_focused()
    checklist.keyboard.press("Enter")
    checklist.keyboard.press("Tab")
    assert checklist.evaluate("document.activeElement.closest('#E03-01') !== null")


def test_e_opens_the_reason_and_escape_keeps_the_old_answer(checklist, assessment):
    press(checklist, "E03-01", "ja")
    expect(checklist.locator("#fortschritt")).to_contain_text("1 von 5")
    checklist.keyboard.press("e")
    reason = checklist.locator("#E03-01 textarea[name=grund]")
    expect(reason).to_be_focused()
    checklist.keyboard.press("Escape")
    expect(reason).not_to_be_visible()
    assert answered(assessment) == {"E03-01": "ja"}


def test_keys_can_be_switched_off(checklist, assessment):
    checklist.get_by_role("button", name="Tastenkürzel").click()
    checklist.locator("#E03-01 button[data-answer=ja]").focus()
    checklist.keyboard.press("n")
    checklist.wait_for_timeout(400)
    assert answered(assessment) == {}


def test_the_question_mark_shows_the_keys_and_can_be_switched_off_there(checklist):
    keys = checklist.get_by_role("dialog", name="Tasten")
    field = checklist.locator("#E03-01 textarea[name=notiz]")
    checklist.locator("#E03-01 summary", has_text="Notiz").click()
    field.press("?")
    expect(field).to_have_value("?")
    expect(keys).to_have_count(0)
    checklist.locator("#E03-01 button[data-answer=ja]").focus()
    checklist.keyboard.press("?")
    expect(keys).to_contain_text("in der Sitzung")
    checklist.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(checklist.locator("#E03-01 button[data-answer=ja]")).to_be_focused()
    checklist.get_by_role("contentinfo").get_by_role("link", name="Tastatur").click()
    keys.get_by_role("button", name="Tastenkürzel aus").click()
    keys.get_by_role("button", name="Schließen").click()
    checklist.keyboard.press("?")
    expect(keys).to_be_hidden()


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_scrolls_sideways(checklist, width):
    checklist.set_viewport_size({"width": width, "height": 700})
    assert checklist.evaluate("document.documentElement.scrollWidth") <= width


def test_the_same_page_works_without_script(browser: Browser, origin, log_in, assessment):
    page = browser.new_context(locale="de-DE", java_script_enabled=False).new_page()
    log_in(on=page)
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/themen/E03/")
    press(page, "E03-01", "ja")
    assert page.url.endswith("#E03-01")
    expect(page.locator("#E03-01 button[data-answer=ja]")).to_have_attribute("aria-pressed", "true")
    question = page.locator("#E03-02")
    question.locator("summary", has_text="Grund angeben").click()
    question.locator("textarea[name=grund]").fill("Wir sind zu zweit.")
    question.get_by_role("button", name="Als entfällt speichern").click()
    expect(page.locator("#fortschritt")).to_contain_text("2 von 5")
    page.locator("#E03-03 summary", has_text="Notiz").click()
    page.locator("#E03-03 textarea[name=notiz]").fill("Offen.")
    page.locator("#E03-03").get_by_role("button", name="Notiz speichern").click()
    answer = assessment.answers.get(question__number=3)
    assert (answer.value, answer.note) == ("", "Offen.")
    page.context.close()
