"""The meeting on a projector and on a phone, with keys, without script; and the second round."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from checklists.agenda import topic_points
from checklists.models import Assessment, Meeting
from checklists.sheet import topic_of
from portal.accounts.models import Company
from tests.browser.conftest import answered
from tests.factories import fill, make_round


@pytest.fixture
def assessment(company: Company) -> Assessment:
    return make_round(company, "E03")


@pytest.fixture
def meeting(assessment: Assessment) -> Meeting:
    return Meeting.begin(assessment, topic_points(topic_of(assessment, "E03")))


def sideways(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_keys_answer_and_lead_from_point_to_point(page, origin, log_in, assessment, meeting, look):
    page.set_viewport_size({"width": 1280, "height": 720})
    log_in()
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/sitzung/")
    answers = page.locator(".gs-answer")
    expect(answers).to_be_in_viewport(ratio=1)  # nobody scrolls at a projector
    expect(page.locator("[data-on]")).to_be_in_viewport(ratio=1)
    assert sideways(page) == 0
    look(page)
    page.keyboard.press("n")
    expect(page.locator(".gs-saved")).to_be_visible()
    expect(page.locator("#fortschritt")).to_contain_text("1 von 5")
    page.keyboard.press("ArrowRight")
    expect(page.locator("h1")).to_contain_text("Punkt 2 von 5")
    page.keyboard.press("j")
    expect(page.locator(".gs-saved")).to_be_visible()
    field = page.get_by_label("Was wurde beschlossen?")
    field.click()
    field.press_sequentially("Ja, nein, weiter: jnw")
    page.keyboard.press("ArrowRight")  # while writing it moves the cursor
    expect(page.locator("h1")).to_contain_text("Punkt 2 von 5")
    page.locator("[data-on]").click()
    expect(page.locator("h1")).to_contain_text("Punkt 3 von 5")
    page.keyboard.press("ArrowLeft")
    expect(field).to_have_value("Ja, nein, weiter: jnw")
    assert answered(assessment) == {"E03-01": "nein", "E03-02": "ja"}


def test_keys_can_be_switched_off(page, origin, log_in, assessment, meeting):
    log_in()
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/sitzung/")
    page.get_by_role("button", name="Tastenkürzel aus").click()
    page.locator(".gs-q").focus()
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    expect(page.locator("h1")).to_contain_text("Punkt 1 von 5")
    assert answered(assessment) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_works_on_a_phone(page, origin, log_in, assessment, meeting, look, scheme):
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme=scheme)
    log_in()
    for address in (
        f"durchgaenge/{assessment.pk}/sitzung/",
        f"durchgaenge/{assessment.pk}/tagesordnung/",
        f"sitzungen/{meeting.pk}/protokoll/",
    ):
        page.goto(f"{origin}/{address}")
        assert sideways(page) == 0, address
        look(page)
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/sitzung/")
    page.locator("button[data-answer=weissnicht]").click()
    expect(page.locator("#fortschritt")).to_contain_text("1 weiß nicht")


def test_without_script_everything_is_saved_too(
    browser: Browser, origin, log_in, assessment, meeting
):
    page = browser.new_context(locale="de-DE", java_script_enabled=False).new_page()
    log_in(on=page)
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/sitzung/?punkt=2")
    page.locator("button[data-answer=nein]").click()
    expect(page.locator("h1")).to_contain_text("Punkt 2 von 5")
    expect(page.locator("button[data-answer=nein]")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Was wurde beschlossen?").fill("Angebote einholen.")
    page.get_by_role("button", name="Beenden").click()
    expect(page.locator("main")).to_contain_text("Angebote einholen.")
    page.get_by_label("Wer war dabei?").fill("Anna und Ben")
    page.get_by_role("button", name="Protokoll abschließen").click()
    expect(page.locator("main")).to_contain_text("Das Protokoll ist fertig.")
    page.get_by_role("button", name="Rückgängig").click()
    expect(page.get_by_role("button", name="Protokoll abschließen")).to_be_visible()
    assert answered(assessment) == {"E03-02": "nein"}


def test_a_second_round_shows_what_moved(page, origin, log_in, company, assessment, look):
    """From the end of the first round to the comparison."""
    fill(assessment, {"E03-01": "ja", "E03-02": "nein", "E03-03": "weissnicht"})
    log_in()
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/ergebnis/")
    assessment.close()
    page.goto(f"{origin}/betriebe/{company.pk}/durchgang/")
    expect(page.get_by_label("Vom letzten Durchgang ausgehen")).to_be_checked()
    look(page)
    page.get_by_role("button", name="Durchgang beginnen").click()
    page.wait_for_url(lambda url: "/durchgang/" not in url)
    second = company.assessments.get(number=2)
    page.goto(f"{origin}/durchgaenge/{second.pk}/themen/E03/")
    look(page)
    expect(page.locator("#fortschritt")).to_contain_text("0 von 5")
    expect(page.locator("#fortschritt")).to_contain_text("3 zu bestätigen")
    page.locator("#E03-01").get_by_role("button", name="Stimmt noch").click()
    expect(page.locator("#E03-01 button[data-answer=ja]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#E03-01 button[data-answer=ja]")).to_be_focused()
    expect(page.locator("#uebernommen")).to_contain_text("Alle 2 bestätigen")
    page.locator("#E03-02 button[data-answer=ja]").click()
    expect(page.locator("#fortschritt")).to_contain_text("2 von 5")
    page.get_by_role("button", name="Eine bestätigen").click()
    expect(page.locator("main")).to_contain_text("Eine Antwort ist bestätigt.")
    expect(page.locator("#uebernommen")).to_have_count(0)
    assert answered(second) == {"E03-01": "ja", "E03-02": "ja", "E03-03": "weissnicht"}
    page.goto(f"{origin}/betriebe/{company.pk}/vergleich/")
    expect(page.locator("main")).to_contain_text("Damals 1 von 5 mit Ja, jetzt 2 von 5.")
    expect(page.locator(".v-moved")).to_contain_text("geschlossen")
    look(page)
    for width in (320, 768):
        page.set_viewport_size({"width": width, "height": 740})
        assert sideways(page) == 0
