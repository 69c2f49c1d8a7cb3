"""Leaving: the company with its archive and its days of grace, then the account."""

from __future__ import annotations

import re
import zipfile

import pytest
from playwright.sync_api import Page, expect

from portal.accounts.models import Company, User
from tests.factories import PASSWORD, make_round

LEGAL = ["impressum", "datenschutz", "verantwortung", "auftragsverarbeitung", "aufbewahrung"]


def test_from_the_archive_to_the_deleted_account(
    page: Page, origin, company, log_in, look, tmp_path
):
    page.set_viewport_size({"width": 360, "height": 740})
    assessment = make_round(company, "E03")
    log_in()

    page.goto(f"{origin}/konto/loeschen/")
    look(page)
    page.get_by_role("link", name=re.compile("Betrieb löschen")).click()
    look(page)
    page.get_by_role("link", name="Zum Archiv").click()
    look(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Archiv herunterladen").click()
    path = tmp_path / "archiv.zip"
    waiting.value.save_as(path)
    with zipfile.ZipFile(path) as archived:
        assert archived.testzip() is None
        assert "LIESMICH.txt" in archived.namelist()

    page.goto(f"{origin}/betriebe/{company.pk}/loeschen/")
    page.get_by_label("Name des Betriebs").fill("Dachdecker Winter")
    page.get_by_role("button", name="in sieben Tagen löschen").click()
    expect(page.locator(".invalid-feedback")).to_contain_text("Dachdeckerei Sommer")
    look(page)
    page.get_by_label("Name des Betriebs").fill("Dachdeckerei Sommer")
    page.get_by_role("button", name="in sieben Tagen löschen").click()
    look(page)

    page.goto(f"{origin}/durchgaenge/{assessment.pk}/")
    banner = page.get_by_role("region", name="Löschung des Betriebs")
    expect(banner).to_contain_text("wird am")
    look(page)
    banner.get_by_role("button", name="Löschung zurücknehmen").click()
    expect(page.get_by_role("status").first).to_contain_text("Der Betrieb bleibt")
    expect(banner).to_have_count(0)

    Company.objects.all().delete()
    page.goto(f"{origin}/konto/loeschen/")
    look(page)
    page.locator("main").get_by_role("button", name="Konto löschen").click()
    page.locator("input[type=password]").fill(PASSWORD)
    look(page)
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ihr Konto ist gelöscht")
    look(page)
    assert not User.objects.exists()
    page.goto(f"{origin}/betriebe/")
    expect(page).to_have_url(re.compile("/konto/login/"))


def test_pages_of_the_account_read_well(page: Page, origin, company, log_in, look):
    log_in()
    page.goto(f"{origin}/konto/mails/")
    look(page)
    box = page.get_by_label("Jemand übergibt Ihnen ein Thema")
    expect(box).to_be_checked()
    box.uncheck()
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("status").first).to_contain_text("Gespeichert")
    expect(box).not_to_be_checked()
    assert User.objects.get().muted_mails == "delegation"
    page.goto(f"{origin}/konto/meine-daten/")
    look(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Meine Daten herunterladen").click()
    assert waiting.value.suggested_filename == "gegenstrom-meine-daten.json"


@pytest.mark.parametrize("name", LEGAL)
def test_legal_pages_read_well_and_fit(page: Page, origin, catalogue, look, name):
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"{origin}/{name}/")
    look(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_password_can_be_looked_at_and_is_hidden_again_when_sent(page: Page, origin):
    page.goto(f"{origin}/konto/login/")
    field = page.locator("input[name=password]")
    field.fill("dachlatten und ziegel")
    show = page.get_by_role("button", name="Passwort anzeigen")
    expect(show).to_have_attribute("aria-pressed", "false")
    show.press("Enter")
    expect(field).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")
    field.evaluate("(field) => field.form.addEventListener('submit', (e) => e.preventDefault())")
    page.get_by_role("button", name="Anmelden", exact=True).click()
    expect(field).to_have_attribute("type", "password")
