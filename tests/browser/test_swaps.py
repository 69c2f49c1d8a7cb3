"""What changes on a page without a new page: after each swap axe finds nothing, the focus is where
one was, and what happened is said to those who listen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from checklists.agenda import topic_points
from checklists.models import Assessment, Meeting
from checklists.sheet import topic_of
from tests.browser.examine import axe
from tests.factories import fill, make_member, make_report, make_round, make_user

SOON = 6_000  # within this many milliseconds one sees what others did
pytestmark = pytest.mark.sweep

HERE = "document.activeElement.closest('[id]')?.id || document.activeElement.tagName"


@pytest.fixture
def assessment(company) -> Assessment:
    make_member(company, make_user("Ben"))
    opened = make_round(company, "E03")
    fill(opened, {"E03-01": "ja", "E03-02": "nein"})
    return opened


@pytest.fixture(params=["light", "dark"])
def checklist(page: Page, origin, log_in, assessment, request) -> Page:
    page.emulate_media(color_scheme=request.param, reduced_motion="reduce")
    page.set_viewport_size({"width": 360, "height": 740})
    log_in()
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/themen/E03/")
    return page


def sound(page: Page, inside: str) -> None:
    """Nothing wrong, and the focus within `inside`."""
    page.wait_for_load_state("networkidle")
    assert axe(page) == []
    assert page.evaluate(
        "(inside) => document.querySelector(inside).contains(document.activeElement)", inside
    ), f"{page.evaluate(HERE)} has the focus, not {inside}"


def test_a_question_stays_sound_through_all_that_happens_to_it(checklist, assessment):
    page, question = checklist, checklist.locator("#E03-03")
    status = question.locator("[data-status]")
    expect(status).to_have_attribute("role", "status")  # there before anything is said in it
    before = status.element_handle()

    question.locator("button[data-answer=weissnicht]").press("Enter")
    expect(status).to_contain_text("gespeichert")
    assert before.evaluate("(element) => element.isConnected")  # the same one: it is read out
    sound(page, "#E03-03")

    question.locator("summary", has_text="Notiz").press("Enter")
    question.locator("textarea[name=notiz]").fill("Offen.")
    question.get_by_role("button", name="Notiz speichern").press("Enter")
    expect(question.locator(".gs-written--note")).to_contain_text("Offen.")
    sound(page, "#E03-03")

    question.locator("button[data-answer=entfaellt]").press("Enter")
    expect(question.locator("textarea[name=grund]")).to_be_focused()
    question.get_by_role("button", name="Als entfällt speichern").press("Enter")
    expect(
        question.locator("[data-failed], .gs-wrong, .gs-alert, [role=alert]").first
    ).to_be_visible()
    sound(page, "#E03-03")

    assessment.record(
        assessment.answers.get(question__number=1).question, version=1, value="weissnicht"
    )
    page.locator("#E03-01 button[data-answer=nein]").press("Enter")
    expect(page.locator("#E03-01 [data-conflict]")).to_be_visible()
    sound(page, "#E03-01")


def test_what_is_said_about_a_question_stays_sound(checklist):
    page, question = checklist, checklist.locator("#E03-04")
    question.locator("summary", has_text="Besprechen").press("Enter")
    question.get_by_role("button", name="Kommentar senden").press("Enter")
    expect(question.locator(".gs-talk .gs-wrong")).to_be_visible()  # nothing was written
    sound(page, "#E03-04")
    question.locator("textarea[name=text]").fill("Wer weiß das?")
    question.get_by_role("button", name="Kommentar senden").press("Enter")
    expect(question.locator(".gs-talk li")).to_have_count(1)
    sound(page, "#E03-04")
    question.get_by_role("button", name="Ist geklärt").press("Enter")
    expect(question.get_by_role("button", name="Wieder aufnehmen")).to_be_visible()
    sound(page, "#E03-04")
    question.get_by_role("button", name="Wieder aufnehmen").press("Enter")
    expect(question.get_by_role("button", name="Ist geklärt")).to_be_visible()
    question.locator(".gs-talk li").get_by_role("button", name="Löschen").press("Enter")
    expect(question.locator(".gs-talk li")).to_have_count(0)
    expect(question.locator("textarea[name=text]")).to_be_focused()  # it holds the text again
    sound(page, "#E03-04")


def test_what_others_answer_comes_without_a_word_in_between(checklist, assessment):
    """While somebody writes a note, others' answers arrive: the focus stays, the page is sound."""
    page = checklist
    page.locator("#E03-04 summary", has_text="Notiz").press("Enter")
    note = page.locator("#E03-04 textarea[name=notiz]")
    note.press_sequentially("Ich schreibe noch")
    fill(assessment, {"E03-05": "ja", "E03-04": "ja"}, notes={"E03-04": "Von Ben."})
    expect(page.locator("#E03-05 button[data-answer=ja]")).to_have_attribute(
        "aria-pressed", "true", timeout=SOON
    )
    expect(page.locator("#E03-04 [data-changed]")).to_be_visible(timeout=SOON)
    expect(note).to_be_focused()
    assert axe(page) == []


def test_a_mark_at_a_topic_stays_sound(checklist):
    """A new page, and the keyboard goes on where it was."""
    page, first = checklist, "[data-marks] button[data-mark=review]"
    for mark in ("review", "done"):
        button = page.locator(f"[data-marks] button[data-mark={mark}]")
        button.press("Enter")
        page.wait_for_url("**/#vermerk")
        expect(button).to_have_attribute("aria-pressed", "true")
        assert axe(page) == []
        page.keyboard.press("Tab")
        expect(page.locator(first)).to_be_focused()


def test_each_point_of_a_meeting_stays_sound(checklist, origin, assessment):
    page = checklist
    Meeting.begin(assessment, topic_points(topic_of(assessment, "E03")))
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/sitzung/")
    for point in range(1, 6):
        expect(page.locator("h1")).to_contain_text(f"Punkt {point} von 5")
        page.locator("button[data-answer=weissnicht]").press("Enter")
        expect(page.locator(".gs-saved")).to_be_visible()
        sound(page, "main")
        page.locator("[data-on]").press("Enter")
    page.wait_for_load_state("networkidle")
    assert axe(page) == []


def test_a_report_that_gets_ready_stays_sound(page: Page, origin, log_in, assessment):
    """The part that asks each second leaves the focus alone, and says once that it is done."""
    lead = assessment.company.memberships.get(role="lead").user
    report = make_report(assessment, lead)
    state = type(report).objects.filter(pk=report.pk)
    state.update(state="running", done_part=40)
    log_in()
    page.goto(f"{origin}/berichte/{report.pk}/")
    said = page.locator("#report-said").element_handle()
    cancel = page.get_by_role("button", name="Abbrechen")
    cancel.focus()
    with page.expect_response("**/stand/"):
        pass
    expect(cancel).to_be_focused()
    sound(page, "#report-progress")
    assert said.text_content().strip() == ""
    state.update(state="done")
    expect(page.get_by_role("link", name="PDF herunterladen")).to_be_visible()
    assert said.evaluate(
        "(element) => element.isConnected && element.getAttribute('role') === 'status'"
    )
    assert said.text_content().strip() == "Das PDF ist fertig."
    assert axe(page) == []
