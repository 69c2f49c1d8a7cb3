"""From a Nein to a measure that is done, and to the question whether it helped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from checklists.models import EffectCheck, Measure, Question
from tests.browser.conftest import answered
from tests.factories import fill, make_round


@pytest.fixture
def assessment(company):
    opened = make_round(company, "E03")
    fill(opened, {"E03-01": "ja"})
    return opened


def test_from_a_nein_into_the_plan(page: Page, origin, log_in, look, company, assessment):
    page.set_viewport_size({"width": 360, "height": 740})
    log_in()
    page.goto(f"{origin}/betriebe/{company.pk}/plan/")
    look(page)
    expect(page.locator("main")).to_contain_text("Nehmen Sie einen oder zwei in den Plan")

    # A Nein offers its step.
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/themen/E03/")
    page.locator("#E03-02 button[data-answer=nein]").click()
    page.locator("#E03-02").get_by_text("Nächster Schritt").click()
    page.locator("#E03-02").get_by_role("link", name="Den ganzen Schritt ansehen").click()
    look(page)
    page.get_by_role("button", name="In den Plan").click()
    expect(page.locator(".gs-message")).to_contain_text("steht im Plan")
    look(page)
    assert Measure.objects.get().assessment == assessment

    # Out again, and in again.
    page.get_by_role("button", name="Rückgängig").first.click()
    assert not Measure.objects.exists()
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/ergebnis/")
    look(page)
    page.get_by_role("button", name="In den Plan").first.click()
    page.get_by_role("link", name="Zur Maßnahme").first.click()
    look(page)


@pytest.fixture
def measure(company, assessment) -> Measure:
    """Taken from the step behind E03-02, Anna's."""
    fill(assessment, {"E03-02": "nein"})
    question = Question.objects.get(aid__code="E03", number=2)
    lead = company.memberships.get().user
    return Measure.take(company, question.step, by=lead, assessment=assessment, gaps=[question])


def test_from_a_taken_step_to_a_done_measure_that_helped(
    page: Page, origin, log_in, look, company, assessment, measure
):
    page.set_viewport_size({"width": 360, "height": 740})
    log_in()
    page.goto(f"{origin}/massnahmen/{measure.pk}/")
    # Who and until when.
    page.get_by_role("link", name="Bearbeiten").click()
    look(page)
    due = timezone.localdate() + timedelta(days=40)
    page.get_by_label("Richtung").fill("Wissen, wer was kann.")
    page.get_by_label("Frist").fill(due.isoformat())
    page.get_by_role("button", name="Speichern").click()
    expect(page.locator("main")).to_contain_text("Wissen, wer was kann.")
    measure.refresh_from_db()
    assert measure.due_on == due

    # Begun and a month later, by presses in the list.
    page.goto(f"{origin}/betriebe/{company.pk}/plan/")
    look(page)
    page.get_by_role("button", name="Als begonnen melden").click()
    expect(page.get_by_role("button", name="Erledigt melden")).to_be_visible()
    page.locator("summary", has_text="Ändern").click()
    look(page)
    page.get_by_role("button", name="Frist + 1 Monat").click()
    expect(page.locator(".gs-message")).to_contain_text("verschoben")
    for view in ("Nach Stufe", "Als Zeitplan"):
        page.get_by_role("link", name=view).click()
        expect(page.locator("main")).to_contain_text(measure.title)
        look(page)

    # Done: the question behind it is asked anew.
    page.goto(f"{origin}/massnahmen/{measure.pk}/")
    page.get_by_role("button", name="Erledigt").click()
    look(page)
    page.get_by_role("link", name="Neu beantworten").click()
    page.locator("#E03-02 button[data-answer=ja]").click()
    expect(page.locator("#E03-02 .gs-saved")).to_be_visible()
    assert answered(assessment)["E03-02"] == "ja"

    # Three months later.
    EffectCheck.objects.filter(months=3).update(due_on=timezone.localdate())
    page.goto(f"{origin}/betriebe/{company.pk}/plan/")
    page.get_by_role("link", name="Wirkung prüfen").click()
    check = page.locator("#wirkung-3")
    check.get_by_label("teils").check()
    check.get_by_label("Woran merken Sie das?").fill("Im Büro klappt es.")
    look(page)
    check.get_by_role("button", name="Festhalten").click()
    expect(page.locator("#wirkung-3")).to_contain_text("Im Büro klappt es.")
    assert EffectCheck.objects.get(months=3).helped == "teils"


def test_the_plan_on_a_wide_dark_screen_and_by_keyboard(
    page: Page, origin, log_in, look, company, assessment
):
    today = timezone.localdate()
    for number in range(8):
        Measure.objects.create(
            company=company,
            title=f"Maßnahme {number}",
            starts_on=today - timedelta(days=20),
            due_on=today + timedelta(days=30 * number - 10),
        )
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1280, "height": 900})
    log_in()
    for view in ("liste", "stufen", "zeit"):
        page.goto(f"{origin}/betriebe/{company.pk}/plan/?ansicht={view}")
        look(page)
    page.goto(f"{origin}/betriebe/{company.pk}/plan/")
    tick = page.get_by_role("button", name="Maßnahme 0")
    tick.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Maßnahme 0: begonnen")).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 700})
    for view in ("liste", "stufen", "zeit"):
        page.goto(f"{origin}/betriebe/{company.pk}/plan/?ansicht={view}")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, view


def test_a_plan_works_without_scripts(page: Page, origin, log_in, company, assessment, browser):
    fill(assessment, {"E03-02": "nein"})
    context = browser.new_context(java_script_enabled=False, locale="de-DE")
    bare = context.new_page()
    log_in(on=bare)
    bare.goto(f"{origin}/durchgaenge/{assessment.pk}/ergebnis/")
    bare.locator("summary", has_text="Nicht für uns").first.click()
    bare.get_by_label("Warum ist das nichts für uns?").fill("Wir sind zu zweit.")
    bare.get_by_role("button", name="So festhalten").click()
    expect(bare.locator("main")).to_contain_text("Wir sind zu zweit.")
    bare.get_by_role("button", name="Doch wieder offen").click()
    expect(bare.get_by_role("button", name="In den Plan").first).to_be_visible()
    context.close()
