"""Without an account from the start page to the report, and then keeping it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from checklists.models import Assessment
from portal.accounts.models import Company
from tests.browser.conftest import answered
from tests.factories import code_from_mail


def test_try_answer_read_the_report_and_keep_everything(page: Page, origin, worker, look):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(origin)
    look(page)
    page.get_by_role("link", name="Musterbericht ansehen").click()
    expect(page.locator("h1")).to_contain_text("29 von 67")
    look(page)
    page.get_by_role("button", name="Ohne Konto ausprobieren").first.click()
    page.wait_for_url("**/durchgaenge/*/")
    look(page)
    assessment = Assessment.objects.get()

    page.goto(f"{origin}/durchgaenge/{assessment.pk}/themen/E03/")
    for number, value in enumerate(("ja", "nein"), 1):
        question = page.locator(f"#E03-{number:02d}")
        question.locator(f"button[data-answer={value}]").click()
        expect(question.locator(".gs-saved")).to_be_visible()
    look(page)
    assert answered(assessment) == {"E03-01": "ja", "E03-02": "nein"}

    page.goto(f"{origin}/durchgaenge/{assessment.pk}/ergebnis/")
    look(page)
    expect(page.locator("main")).to_contain_text("1 von 5")
    page.locator("#bericht button").first.click()
    page.wait_for_url("**/berichte/**")
    with page.expect_download(timeout=60_000) as waiting:
        page.locator("a[href$='/pdf/']").first.click(timeout=60_000)
    assert waiting.value.suggested_filename.endswith("-1-mein-betrieb.pdf")
    look(page)

    page.get_by_role("link", name="Mit Konto behalten").click()
    page.get_by_label("Ihr Name").fill("Petra Sommer")
    page.get_by_label("E-Mail").fill("petra@dach.example")
    page.locator("input[type=password]").fill("dachlatten und ziegel")
    page.locator("main form button[type=submit]").first.click()
    page.get_by_label("Code").fill(code_from_mail())
    page.locator("main form button[type=submit]").first.click()

    page.wait_for_url("**/probe/behalten/")
    expect(page.locator("main")).to_contain_text("2 von 67")
    look(page)
    page.get_by_label("Name des Betriebs").fill("Dachdeckerei Sommer")
    page.get_by_role("button", name="Alles behalten").click()
    page.wait_for_url(re.compile(r"/betriebe/\d+/$"))
    expect(page.locator("main")).to_contain_text("Alles ist noch da")
    company = Company.objects.get()
    assert (company.name, company.is_trial) == ("Dachdeckerei Sommer", False)
    assert "probe" not in [cookie["name"] for cookie in page.context.cookies()]
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/")
    look(page)


def test_a_way_that_needs_an_account_says_so_and_loses_nothing(page: Page, origin, look):
    page.goto(f"{origin}/probe/")
    page.get_by_role("button", name="Jetzt ausprobieren").click()
    page.wait_for_url("**/durchgaenge/*/")
    assessment = Assessment.objects.get()
    page.goto(f"{origin}/betriebe/{assessment.company_id}/leute/")
    expect(page).to_have_url(re.compile("/konto/signup/"))
    expect(page.locator("main")).to_contain_text("Dafür brauchen Sie ein Konto")
    look(page)
    page.goto(f"{origin}/probe/")
    expect(page).to_have_url(f"{origin}/durchgaenge/{assessment.pk}/")
    page.get_by_text("Alles löschen", exact=True).click()
    page.get_by_role("button", name="Jetzt alles löschen").click()
    expect(page.locator("main")).to_contain_text("Ihr Versuch ist gelöscht")
    assert not Company.objects.exists()
