"""A consultant's whole way, from the lead's offer to the review that the lead reads; and logging in
with a passkey."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from checklists.models import Assessment, Review
from portal.accounts.models import Company, Engagement
from tests.factories import PASSWORD, fill, make_engagement, make_round, make_user


def log_out(page: Page, origin: str) -> None:
    page.goto(f"{origin}/konto/logout/")
    page.locator("main").get_by_role("button", name="Abmelden").click()
    page.wait_for_url("**/konto/login/")


def engage_dora(page: Page, origin: str, company: Company, look) -> None:
    page.goto(f"{origin}/betriebe/{company.pk}/beratung/")
    look(page)
    page.get_by_label("E-Mail-Adresse der Beratung").fill("dora@betrieb.example")
    page.get_by_label("Notizen zu den Antworten").check()
    page.get_by_role("button", name="Mandat anbieten").click()
    expect(page.get_by_role("heading", name="dora@betrieb.example")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Ändern").click()
    look(page)
    page.get_by_label("Notizen zu den Antworten").uncheck()
    page.get_by_role("button", name="Speichern").click()


def accept_with_a_new_profile(page: Page, look) -> None:
    page.wait_for_url("**/beratung/")
    look(page)
    page.get_by_role("link", name="Zuerst Profil anlegen").click()
    look(page)
    page.get_by_label("Ihr Name").fill("Dora Lindner")
    page.get_by_label("Organisation").fill("Beratung am Fluss")
    page.get_by_label("Hessen").check()
    page.get_by_role("button", name="Profil speichern").click()
    page.get_by_role("button", name="Annehmen").click()
    page.wait_for_url("**/beratung/mandate/*/")
    look(page)
    page.get_by_role("button", name="Als gesehen markieren").click()
    expect(page.get_by_text("Nichts Neues.")).to_be_visible()


def write_a_draft(page: Page, look) -> None:
    page.get_by_label("Gesamteindruck").fill("Weiter, als er selbst meint.")
    part = page.locator("#teil-E03")
    part.get_by_label("Ich sehe es anders").check()
    part.get_by_label("Empfehlung").fill("Zuerst die Kammer fragen.")
    page.get_by_role("button", name="Entwurf speichern").click()
    expect(page.get_by_label("Gesamteindruck")).to_have_value("Weiter, als er selbst meint.")
    look(page)


def write_in_two_windows_and_release(page: Page, look) -> None:
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Gesamteindruck").fill("Aus dem zweiten Fenster.")
    other.get_by_role("button", name="Entwurf speichern").click()
    expect(other.get_by_label("Gesamteindruck")).to_have_value("Aus dem zweiten Fenster.")
    other.close()
    page.get_by_label("Gesamteindruck").fill("Aus dem ersten Fenster.")
    page.get_by_role("button", name="Entwurf speichern").click()
    expect(page.get_by_role("alert")).to_contain_text("Nichts ist verloren")
    expect(page.locator("main")).to_contain_text("Aus dem zweiten Fenster.")
    look(page)
    page.get_by_role("button", name="Zur Freigabe").click()
    expect(page.locator("h1")).to_contain_text("So liest der Betrieb Ihren Bericht")
    look(page)
    page.get_by_role("button", name="Jetzt freigeben").click()
    expect(page.locator("main")).to_contain_text("Beratungsbericht 1 zu Durchgang 1 ist frei")


def read_and_end(page: Page, origin: str, company: Company, assessment: Assessment, look) -> None:
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/ergebnis/")
    page.get_by_role("link", name="Beratungsbericht lesen").click()
    expect(page.locator("main")).to_contain_text("Zuerst die Kammer fragen.")
    expect(page.locator("main")).to_contain_text("Dora Lindner, Beratung am Fluss")
    look(page)
    page.goto(f"{origin}/betriebe/{company.pk}/beratung/")
    page.get_by_role("button", name="Beenden").click()
    expect(page.locator("main")).to_contain_text("Die Beratung sieht ab sofort nichts mehr")
    assert not Engagement.objects.live().exists()
    look(page)


def test_from_the_offer_to_the_review_that_the_lead_reads(
    page: Page, origin, company, log_in, look
):
    assessment = make_round(company, "E03", "E05")
    fill(assessment, {"E03-01": "ja", "E03-02": "nein", "E05-01": "weissnicht"})
    make_user("Dora")
    page.set_viewport_size({"width": 1280, "height": 900})
    log_in("Anna")
    engage_dora(page, origin, company, look)
    log_out(page, origin)

    log_in("Dora")
    accept_with_a_new_profile(page, look)
    fill(assessment, {"E05-02": "nein"})
    page.goto(f"{origin}/beratung/")
    expect(page.locator("main")).to_contain_text("Eine Antwort geändert")
    look(page)
    page.get_by_role("link", name="Antworten ansehen").click()
    expect(page.locator("#E05-02")).to_contain_text("aus „offen“ wurde „Nein“")
    look(page)
    page.get_by_role("link", name="Beratungsbericht schreiben").click()
    look(page)
    write_a_draft(page, look)
    write_in_two_windows_and_release(page, look)
    assert Review.objects.get(number=1).summary == "Aus dem ersten Fenster."
    log_out(page, origin)

    page.set_viewport_size({"width": 360, "height": 740})
    log_in("Anna")
    read_and_end(page, origin, company, assessment, look)


@pytest.mark.parametrize("width", [320, 768])
def test_nothing_sticks_out(page: Page, origin, company, log_in, width):
    """On the narrowest phone, and with text of 200 % on a tablet."""

    Company.objects.filter(pk=company.pk).update(
        name="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbau GmbH"
    )
    company.refresh_from_db()
    engagement = make_engagement(company, make_user("Dora"))
    fill(make_round(company, "E03"), {"E03-02": "nein"})
    page.set_viewport_size({"width": width, "height": 740})
    log_in("Dora")
    client = f"/beratung/mandate/{engagement.pk}/"
    for address in (
        "/beratung/",
        "/beratung/profil/",
        client,
        f"{client}durchgaenge/1/",
        f"{client}durchgaenge/1/bericht/",
    ):
        page.goto(f"{origin}{address}")
        if width == 768:
            page.evaluate("document.documentElement.style.fontSize = '200%'")
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, address


# --- passkeys -------------------------------------------------------------------------------------


@pytest.fixture
def authenticator(page: Page) -> Iterator[None]:
    """A device that holds passkeys and whose owner always says yes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield
    devtools.detach()


def add_passkey(page: Page, origin: str, look) -> None:

    page.goto(f"{origin}/konto/2fa/")
    look(page)
    page.locator("#mfa-keys").locator("xpath=../..").get_by_role("link", name="Einrichten").click()
    if page.locator("input[type=password]").count():
        look(page)
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
    look(page)
    page.get_by_label("Name").fill("Mein Rechner")
    page.locator("input[type=checkbox]").check()
    page.get_by_role("button", name="Einrichten").click()
    page.wait_for_url("**/recovery-codes/**")


def test_a_passkey_is_added_and_logs_in(page: Page, origin, company, log_in, look, authenticator):
    log_in("Anna")
    add_passkey(page, origin, look)
    look(page)
    page.goto(f"{origin}/konto/2fa/webauthn/")
    expect(page.locator("main")).to_contain_text("Mein Rechner")
    expect(page.locator("main")).to_contain_text("Passkey, auch ohne Passwort")
    look(page)
    log_out(page, origin)
    page.goto(f"{origin}/betriebe/{company.pk}/")
    page.wait_for_url("**/konto/login/**")
    page.get_by_role("button", name="Mit Passkey anmelden").click()
    page.wait_for_url(lambda url: "/konto/" not in url)
    page.goto(f"{origin}/betriebe/{company.pk}/")
    expect(page.get_by_role("heading", name=company.name)).to_be_visible()


def test_a_consultant_in_production_needs_and_uses_the_passkey(
    page: Page, origin, company, log_in, look, authenticator, settings
):

    settings.SECOND_FACTOR_REQUIRED = True
    make_engagement(company, make_user("Dora"))
    page.goto(f"{origin}/konto/login/")
    page.get_by_label("E-Mail").fill("dora@betrieb.example")

    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Anmelden", exact=True).click()
    page.wait_for_url("**/konto/2fa/")
    expect(page.locator("main")).to_contain_text("mit einem zweiten Nachweis an")
    page.goto(f"{origin}/konto/2fa/")
    page.locator("#mfa-keys").locator("xpath=../..").get_by_role("link", name="Einrichten").click()
    if page.locator("input[type=password]").count():
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("main form button[type=submit]").first.click()
    page.get_by_label("Name").fill("Mein Rechner")
    page.locator("input[type=checkbox]").check()
    page.get_by_role("button", name="Einrichten").click()
    page.wait_for_url("**/recovery-codes/**")  # the key just used is proof enough
    look(page)
    page.goto(f"{origin}/beratung/")
    expect(page.get_by_role("heading", name="Ihre Mandate")).to_be_visible()
    log_out(page, origin)
    page.goto(f"{origin}/konto/login/?next=/beratung/")
    page.get_by_role("button", name="Mit Passkey anmelden").click()
    page.wait_for_url(lambda url: "/konto/" not in url)
    page.goto(f"{origin}/beratung/")
    expect(page.get_by_role("heading", name="Ihre Mandate")).to_be_visible()
