"""The main ways with the keyboard alone: Tab, Enter, Space, arrows and letters, the focus always
seen. A sweep, but for one way; saving by keys stands in test_checklist.py and test_meeting.py."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from checklists.models import Assessment, Measure, Meeting, Question, Review, StepDecision
from portal.accounts.models import Role
from reports.models import Report, Share, Statement
from tests.browser.examine import FOCUS
from tests.factories import (
    PASSWORD,
    fill,
    make_engagement,
    make_member,
    make_report,
    make_round,
    make_user,
)

SWEEP = pytest.mark.sweep
MANY = 200  # presses of Tab: more controls than any page has


@pytest.fixture
def assessment(company) -> Assessment:
    opened = make_round(company, "E03", "E05")
    fill(opened, {"E03-01": "ja", "E03-02": "nein", "E05-01": "weissnicht"})
    return opened


def go(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press Tab until `target` has the focus. Whatever has it on the way is seen, with its ring."""
    expect(target).to_be_visible()
    wanted = target.element_handle()
    for _press in range(MANY):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press(key)
        at = page.evaluate(FOCUS)
        assert at is None or (at["seen"] and at["ring"]), at
    raise AssertionError(f"Tab never reaches {target}")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    go(page, target)
    page.keyboard.press(key)


def write(page: Page, target: Locator, text: str) -> None:
    go(page, target)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def come_in(page: Page, origin: str, name: str, path: str) -> None:
    """Log in by keyboard on the way to a page."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(reduced_motion="reduce")  # or the page still rolls when one looks
    page.goto(f"{origin}/konto/login/?next={path}")
    write(page, page.get_by_label("E-Mail"), f"{name.lower()}@betrieb.example")
    write(page, page.locator("input[type=password]"), PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{origin}{path}")


def test_a_report_is_ordered(page: Page, origin, assessment):
    come_in(page, origin, "Anna", f"/durchgaenge/{assessment.pk}/ergebnis/")
    page.keyboard.press("Tab")
    expect(page.locator(".gs-skip")).to_be_focused()
    page.keyboard.press("Enter")  # past the head of the page
    press(page, page.get_by_role("link", name="Andere Fassung oder Auswahl"))
    page.wait_for_url("**/bericht/**")
    chosen = page.locator("input[name=kind]:checked")
    go(page, chosen)
    page.keyboard.press("ArrowDown")
    expect(chosen).to_be_focused()
    press(page, page.get_by_role("button", name="Bericht erstellen"))
    page.wait_for_url("**/berichte/*/")
    assert Report.objects.get().kind != "action"


@SWEEP
def test_a_step_is_decided(page: Page, origin, assessment):
    come_in(page, origin, "Anna", f"/durchgaenge/{assessment.pk}/ergebnis/")
    step = page.locator(".pl-decide").first
    press(page, step.locator("summary", has_text="Nicht für uns"))
    write(page, step.get_by_label("Warum ist das nichts für uns?"), "Wir sind zu zweit.")
    press(page, step.get_by_role("button", name="So festhalten"))
    expect(step).to_contain_text("Wir sind zu zweit.")
    assert StepDecision.objects.get().reason == "Wir sind zu zweit."
    press(page, step.get_by_role("button", name="Doch wieder offen"))
    press(page, step.get_by_role("button", name="In den Plan"))
    expect(step).to_contain_text("Im Plan")
    press(page, step.get_by_role("button", name="Rückgängig"))
    expect(step.get_by_role("button", name="In den Plan")).to_be_visible()
    assert not Measure.objects.exists()


@SWEEP
def test_a_measure_is_edited_moved_and_done(page: Page, origin, company, assessment):
    lead = company.memberships.get().user
    question = Question.objects.get(aid__code="E03", number=2)
    measure = Measure.take(company, question.step, by=lead, assessment=assessment, gaps=[question])
    come_in(page, origin, "Anna", f"/massnahmen/{measure.pk}/")
    press(page, page.get_by_role("link", name="Bearbeiten"))
    write(page, page.get_by_label("Richtung"), "Wissen, wer was kann.")
    go(page, page.get_by_label("Frist"))
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):  # the year, last in any language
        page.keyboard.press(key)
    press(page, page.get_by_role("button", name="Speichern"))
    expect(page.locator("main")).to_contain_text("Wissen, wer was kann.")
    due = measure.due_on
    measure.refresh_from_db()
    assert measure.due_on.year == due.year + 1
    press(page, page.get_by_role("button", name="Beginnen"))
    press(page, page.get_by_role("button", name="Erledigt", exact=True))
    expect(page.locator("#stand")).to_contain_text("Wieder öffnen")
    measure.refresh_from_db()
    assert measure.status == Measure.Status.DONE


@SWEEP
def test_a_works_council_states_its_view(page: Page, origin, company, assessment):
    make_member(company, make_user("Clara"), Role.WORKS_COUNCIL)
    lead = company.memberships.get(role=Role.LEAD).user
    report = make_report(assessment, lead)
    Share.with_works_council(report, by=lead)
    come_in(page, origin, "Clara", f"/berichte/{report.pk}/")
    press(page, page.get_by_role("link", name="Stellungnahme schreiben").first)
    go(page, page.locator("input[name=kind]").first)
    page.keyboard.press("Space")
    write(page, page.get_by_label("Was wir dazu sagen"), "Wir sind dafür.")
    press(page, page.get_by_role("button", name="Zur Freigabe"))
    page.wait_for_url("**/freigeben/")
    press(page, page.get_by_role("button", name="Jetzt freigeben"))
    expect(page.get_by_text("Leitung und Team lesen sie.")).to_be_visible()
    assert Statement.objects.get().is_released


@SWEEP
def test_a_consultant_reviews(page: Page, origin, company, assessment):
    engagement = make_engagement(company, make_user("Dora"))
    come_in(page, origin, "Dora", f"/beratung/mandate/{engagement.pk}/durchgaenge/1/bericht/")
    write(page, page.get_by_label("Gesamteindruck"), "Weiter, als er meint.")
    part = page.locator("#teil-E03")
    go(page, part.locator("input[type=radio]:checked"))
    page.keyboard.press("ArrowDown")
    write(page, part.get_by_label("Empfehlung"), "Zuerst die Kammer fragen.")
    press(page, page.get_by_role("button", name="Zur Freigabe"))
    page.wait_for_url("**/freigeben/")
    press(page, page.get_by_role("button", name="Jetzt freigeben"))
    expect(page.locator("main")).to_contain_text("Beratungsbericht 1 zu Durchgang 1 ist frei")
    assert Review.objects.get(number=1).summary == "Weiter, als er meint."


@SWEEP
def test_a_meeting_is_held(page: Page, origin, company, assessment):
    come_in(page, origin, "Anna", f"/durchgaenge/{assessment.pk}/tagesordnung/")
    press(page, page.locator("main form button").first)
    page.wait_for_url("**/sitzung/**")
    page.locator(".m-mid article").wait_for()
    page.keyboard.press("j")  # the question has the focus already
    expect(page.locator(".gs-saved")).to_be_visible()
    write(page, page.get_by_label("Was wurde beschlossen?"), "Liste bis Mai.")
    press(page, page.get_by_role("button", name="Beenden"))
    expect(page.locator("main")).to_contain_text("Liste bis Mai.")
    write(page, page.get_by_label("Wer war dabei?"), "Anna und Ben")
    press(page, page.get_by_role("button", name="Protokoll abschließen"))
    expect(page.locator("main")).to_contain_text("Das Protokoll ist fertig.")
    assert not Meeting.objects.in_session().exists()


@SWEEP
def test_a_report_is_shared_and_somebody_invited(page: Page, origin, company, assessment):
    report = make_report(assessment, company.memberships.get().user)
    come_in(page, origin, "Anna", f"/berichte/{report.pk}/freigaben/")
    write(page, page.get_by_label("Für wen, wofür"), "Kammer")
    press(page, page.get_by_role("button", name="Link erstellen"))
    expect(page.get_by_label("Adresse des Links")).to_be_visible()
    assert Share.objects.count() == 1
    page.goto(f"{origin}/betriebe/{company.pk}/einladen/?rolle=member")
    if page.get_by_role("button", name="Nein", exact=True).count():
        press(page, page.get_by_role("button", name="Nein", exact=True))
    write(page, page.get_by_label("E-Mail-Adresse"), "gustav@werk.example")
    press(page, page.get_by_role("button", name="Einladung senden"))
    expect(page.locator("main")).to_contain_text("ist unterwegs")
