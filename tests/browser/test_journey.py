"""From sign-up to the downloaded report, as a manager would."""

from __future__ import annotations

from io import BytesIO

from playwright.sync_api import Page, expect
from pypdf import PdfReader

from checklists.models import Assessment
from tests.browser.conftest import answered
from tests.factories import code_from_mail


def test_from_sign_up_to_the_report(page: Page, origin, worker, look, tmp_path):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(origin)
    look(page)
    page.get_by_role("link", name="Konto anlegen").first.click()
    look(page)
    page.get_by_label("Ihr Name").fill("Petra Sommer")
    page.get_by_label("E-Mail").fill("petra@dach.example")
    page.locator("input[type=password]").fill("dachlatten und ziegel")
    page.locator("main form button[type=submit]").first.click()
    page.get_by_label("Code").fill(code_from_mail())
    look(page)
    page.locator("main form button[type=submit]").first.click()

    page.get_by_label("Name des Betriebs").fill("Dachdeckerei Sommer")
    look(page)
    page.get_by_role("button", name="Weiter").or_(
        page.get_by_role("button", name="anlegen")
    ).first.click()

    page.locator("input[name=topics][value=E03]").check()
    look(page)
    page.locator("main form button[type=submit], main form .gs-btn--main").first.click()

    look(page)
    page.locator("main a.gs-btn", has_text="").first.click()
    page.wait_for_url("**/themen/E03/**")
    assessment = Assessment.objects.get()
    for number, value in enumerate(("ja", "nein", "weissnicht", "nein"), 1):
        question = page.locator(f"#E03-{number:02d}")
        question.locator(f"button[data-answer={value}]").click()
        expect(question.locator(".gs-saved")).to_be_visible()
    question = page.locator("#E03-05")
    question.locator("button[data-answer=entfaellt]").click()
    question.get_by_label("Warum entfällt").fill("Wir sind zu zweit.")
    question.get_by_role("button", name="Als entfällt speichern").click()
    expect(question.locator("button[data-answer=entfaellt]")).to_have_attribute(
        "aria-pressed", "true"
    )
    look(page)
    assert answered(assessment) == {
        "E03-01": "ja", "E03-02": "nein", "E03-03": "weissnicht", "E03-04": "nein",
        "E03-05": "entfaellt",
    }  # fmt: skip

    page.goto(f"{origin}/durchgaenge/{assessment.pk}/ergebnis/")
    look(page)
    expect(page.locator("main")).to_contain_text("1 von 5")
    page.get_by_role("button", name="Bericht").first.click()
    page.wait_for_url("**/berichte/**")
    with page.expect_download(timeout=60_000) as waiting:
        page.locator("a[href$='/pdf/']").first.click(timeout=60_000)
    look(page)
    download = waiting.value
    assert download.suggested_filename == "aktionsbericht-1-dachdeckerei-sommer.pdf"
    path = tmp_path / "bericht.pdf"
    download.save_as(path)
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(path.read_bytes())).pages)
    assert "Dachdeckerei Sommer" in text
    assert "Wir sind zu zweit." in text
    assert "www.offensive-mittelstand.de" in text
