"""A lead orders a report for a purpose, takes it back, and somebody checks the paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from portal.accounts.models import Role
from reports.models import Report
from tests.factories import fill, make_report, make_round


@pytest.fixture
def assessment(company):
    opened = make_round(company, "E03", "E05")
    fill(opened, {"E03-01": "ja", "E03-02": "nein", "E05-01": "weissnicht"})
    return opened


def test_a_kind_is_chosen_read_and_taken_back(page: Page, origin, log_in, look, assessment):
    lead = assessment.company.memberships.get(role=Role.LEAD).user
    make_report(assessment, lead)
    log_in("Anna")
    page.goto(f"{origin}/durchgaenge/{assessment.pk}/ergebnis/")
    page.get_by_role("link", name="Andere Fassung oder Auswahl").click()
    look(page)
    page.get_by_role("radio", name="Betriebsratsfassung").check()
    page.get_by_role("button", name="Bericht erstellen").click()
    expect(page.get_by_role("heading", name="Beteiligung bisher")).to_be_visible()
    expect(page.get_by_role("heading", name="Seit dem letzten Bericht")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Abbrechen").click()
    expect(page.get_by_role("heading", name="Das PDF ist abgebrochen")).to_be_visible()
    page.get_by_role("link", name="Bericht zurückziehen").click()
    look(page)
    page.get_by_label("Warum?").fill("Falsche Fassung")
    page.get_by_role("button", name="Bericht zurückziehen").click()
    expect(page.get_by_text("zurückgezogen: Falsche Fassung")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Bericht 2").click()
    expect(page.get_by_role("heading", name="Dieser Bericht ist zurückgezogen")).to_be_visible()
    look(page)
    page.goto(f"{origin}/pruefung/{Report.objects.get(number=2).token}/")
    expect(page.get_by_role("heading", name="Dieser Bericht wurde zurückgezogen.")).to_be_visible()
    look(page)
