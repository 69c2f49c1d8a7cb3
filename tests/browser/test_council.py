"""Lead, works council and a stranger with a link, each in a browser of their own."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from portal.accounts.models import Role
from reports.models import Share, Statement
from tests.factories import fill, make_member, make_report, make_round, make_user

LEAVING_IS_ASKED_ABOUT = """() => {
  const leaving = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(leaving);
  return leaving.defaultPrevented;
}"""


@pytest.fixture
def report(company):
    make_member(company, make_user("Clara"), Role.WORKS_COUNCIL)
    assessment = make_round(company, "E03", "E05")
    fill(assessment, {"E03-01": "ja", "E03-02": "nein", "E05-01": "weissnicht"})
    return make_report(assessment, company.memberships.get(role=Role.LEAD).user)


@pytest.fixture
def another(browser: Browser, browser_context_args):
    """Pages in browsers of their own: another()."""
    contexts = []

    def _another(**options) -> Page:
        context = browser.new_context(**{**browser_context_args, **options})
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield _another
    for context in contexts:
        context.close()


def test_lead_shares_the_works_council_answers_and_the_lead_reads_it(
    page: Page, origin, log_in, look, report, another
):
    log_in("Anna")
    page.goto(f"{origin}/berichte/{report.pk}/")
    look(page)
    page.get_by_role("link", name="Bericht freigeben").click()
    look(page)
    page.get_by_role("button", name="Für den Betriebsrat freigeben").click()
    expect(page.get_by_text("Der Betriebsrat liest den Bericht jetzt mit.")).to_be_visible()
    look(page)

    clara = another(viewport={"width": 360, "height": 740})
    log_in("Clara", on=clara)
    clara.goto(f"{origin}/betriebe/{report.company_id}/betriebsrat/")
    expect(clara.get_by_text("neu für Sie")).to_be_visible()
    look(clara)
    clara.wait_for_timeout(1500)  # the page says by itself that it was seen
    clara.reload()
    expect(clara.get_by_role("heading", name="wartet auf Ihre Stellungnahme")).to_be_visible()
    expect(clara.get_by_text("neu für Sie")).to_have_count(0)

    clara.get_by_role("link", name="Bericht 1", exact=True).click()
    expect(clara.get_by_role("link", name="Ergebnis")).to_have_count(0)
    look(clara)
    clara.get_by_role("link", name="Stellungnahme schreiben").first.click()
    clara.get_by_label("Was wir dazu sagen").fill("Bitte noch einmal bei uns auf dem Hof.")
    clara.get_by_role("button", name="Entwurf speichern").click()
    expect(clara.get_by_text("Entwurf gespeichert.")).to_be_visible()
    look(clara)
    clara.get_by_role("button", name="Zur Freigabe").click()
    expect(clara.get_by_text("Wählen Sie ein Ergebnis")).to_be_focused()
    assert clara.evaluate(LEAVING_IS_ASKED_ABOUT)  # nobody has the text yet
    look(clara)
    page.goto(f"{origin}/berichte/{report.pk}/")
    expect(page.get_by_text("auf dem Hof")).to_have_count(0)

    clara.get_by_label("Widersprochen").check()
    clara.get_by_role("button", name="Zur Freigabe").click()
    expect(clara.get_by_role("heading", name="Stellungnahme 1: widersprochen")).to_be_visible()
    look(clara)
    clara.get_by_role("button", name="Jetzt freigeben").click()
    expect(clara.get_by_text("Leitung und Team lesen sie.")).to_be_visible()
    look(clara)
    page.reload()
    expect(page.get_by_text("Bitte noch einmal bei uns auf dem Hof.")).to_be_visible()
    expect(page.get_by_role("heading", name="Stellungnahme 1: widersprochen")).to_be_visible()
    look(page)


def test_a_stranger_reads_by_link_and_password_until_it_is_withdrawn(
    page: Page, origin, log_in, look, report, another
):
    log_in("Anna")
    page.goto(f"{origin}/berichte/{report.pk}/freigaben/")
    page.get_by_label("Für wen, wofür").fill("Kammer")
    page.get_by_label("Passwort, wenn Sie eines möchten").fill("kurz")
    page.get_by_role("button", name="Link erstellen").click()
    expect(page.get_by_text("mindestens 8 Zeichen")).to_be_visible()
    look(page)
    page.get_by_label("Passwort, wenn Sie eines möchten").fill("Ziegel und Latten")
    page.get_by_role("button", name="Link erstellen").dblclick()
    address = page.get_by_label("Adresse des Links").input_value()
    look(page)
    assert Share.objects.count() == 1
    token = address.rstrip("/").rsplit("/", 1)[1]

    stranger = another(viewport={"width": 360, "height": 740})
    said: list[str] = []
    stranger.on("request", lambda r: said.append(r.url) if not r.url.startswith(origin) else None)
    stranger.goto(f"{origin}/freigabe/{token}/")
    expect(stranger.get_by_role("heading", name="Jemand gibt Ihnen")).to_be_visible()
    look(stranger)
    stranger.get_by_label("Passwort").fill("falsch")
    stranger.get_by_role("button", name="Bericht öffnen").click()
    expect(stranger.get_by_text("Das Passwort stimmt nicht.")).to_be_visible()
    look(stranger)
    stranger.get_by_label("Passwort").fill("Ziegel und Latten")
    stranger.get_by_role("button", name="Bericht öffnen").click()
    stranger.wait_for_url("**/freigabe/bericht/**")
    expect(stranger.locator("main")).to_contain_text("Dachdeckerei Sommer")
    assert token not in stranger.url
    look(stranger)
    with stranger.expect_download() as waiting:
        stranger.get_by_role("link", name="PDF herunterladen").click()
    assert waiting.value.suggested_filename == "aktionsbericht-1-dachdeckerei-sommer.pdf"

    page.goto(f"{origin}/berichte/{report.pk}/freigaben/")
    page.get_by_text("einmal geöffnet").click()
    look(page)
    page.get_by_role("button", name="Link beenden").click()
    expect(page.get_by_text("Die Freigabe ist beendet.")).to_be_visible()
    for again in (stranger.url, f"{origin}/freigabe/{token}/"):
        stranger.goto(again)
        expect(stranger.get_by_role("heading", name="Dieser Link öffnet nichts")).to_be_visible()
    look(stranger)
    assert said == []


def test_two_members_write_at_once_and_both_texts_are_kept(
    page: Page, origin, log_in, look, report, another, company
):
    make_member(company, make_user("Karl"), Role.WORKS_COUNCIL)
    Share.with_works_council(report, by=company.memberships.get(role=Role.LEAD).user)
    karl = another()
    for name, on in (("Clara", page), ("Karl", karl)):
        log_in(name, on=on)
        on.goto(f"{origin}/berichte/{report.pk}/stellungnahme/")
    for on, text in ((karl, "Karl war schneller."), (page, "Clara kam danach.")):
        on.get_by_label("Was wir dazu sagen").fill(text)
        on.get_by_role("button", name="Entwurf speichern").click()
    expect(page.get_by_role("alert")).to_contain_text("Karl war schneller.")
    expect(page.get_by_label("Was wir dazu sagen")).to_have_value("Clara kam danach.")
    look(page)
    page.get_by_role("button", name="Entwurf speichern").click()
    expect(page.get_by_text("Entwurf gespeichert.")).to_be_visible()
    assert Statement.objects.get().text == "Clara kam danach."
