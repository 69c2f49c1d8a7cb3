"""From the invitation to the company, in two browsers and with the mail in between."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from playwright.sync_api import Browser, Page, expect

from portal.accounts.models import Membership, Role
from tests.factories import code_from_mail, make_member, make_user


def link_from_mail(origin: str) -> str:
    found = re.search(r"http://\S+(/einladung/\S+)", str(mail.outbox[-1].body))
    assert found
    return f"{origin}{found[1]}"


def test_from_the_invitation_into_the_company(
    page: Page, browser: Browser, origin, log_in, look, company
):
    log_in()
    page.goto(f"{origin}/betriebe/{company.pk}/")
    page.get_by_role("link", name="Einladen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gibt es einen Betriebsrat?")
    look(page)
    page.get_by_role("button", name="Ja").click()
    expect(page.locator("main")).to_contain_text("vor dem Start")
    look(page)
    page.get_by_role("button", name="Einladung senden").click()
    expect(page.locator("main")).to_contain_text("wohin die Einladung geht")
    look(page)
    page.get_by_label("E-Mail-Adresse").fill("gustav@werk.example")
    page.get_by_label("Persönliche Zeile").fill("Du kennst die Werkstatt am besten.")
    page.get_by_role("button", name="Einladung senden").click()
    expect(page.locator("main")).to_contain_text("ist unterwegs")
    look(page)

    guest = browser.new_context(locale="de-DE", viewport={"width": 360, "height": 740}).new_page()
    link = link_from_mail(origin)
    guest.goto(link)
    expect(guest.get_by_role("heading", level=1)).to_have_text("Dachdeckerei Sommer")
    look(guest)
    guest.locator("main").get_by_role("link", name="Konto anlegen").click()
    guest.get_by_label("Ihr Name").fill("Gustav Neu")
    guest.get_by_label("E-Mail").fill("gustav@werk.example")
    guest.locator("input[type=password]").fill("dachlatten und ziegel")
    guest.locator("main form button[type=submit]").first.click()
    guest.get_by_label("Code").fill(code_from_mail())
    guest.locator("main form button[type=submit]").first.click()
    guest.wait_for_url("**/einladung/**")
    look(guest)
    guest.get_by_role("button", name="Einladung annehmen").click()
    guest.wait_for_url(f"**/betriebe/{company.pk}/")
    expect(guest.locator("main")).to_contain_text("Sie gehören jetzt zu „Dachdeckerei Sommer“")
    assert Membership.objects.get(user__email="gustav@werk.example").role == Role.MEMBER
    guest.goto(link)  # again: it leads home
    guest.wait_for_url(f"**/betriebe/{company.pk}/")

    page.reload()
    expect(page.locator("main")).to_contain_text("Gustav Neu")
    expect(page.locator("main")).not_to_contain_text("gustav@werk.example")


@pytest.mark.sweep  # test_every_page.py opens them too, in one width
@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_about_people_stand_up_to_axe(
    page: Page, browser: Browser, origin, log_in, look, company, width
):
    make_member(company, make_user("Ben"))
    clara = make_member(company, make_user("Clara"), Role.WORKS_COUNCIL)
    make_user("Gustav")
    anna = company.memberships.get(role=Role.LEAD).user
    clara.ask_removal(by=anna)
    page.set_viewport_size({"width": width, "height": 800})
    log_in()
    page.goto(f"{origin}/betriebe/{company.pk}/einladen/?weiter=1")
    page.get_by_label("E-Mail-Adresse").fill("gustav@betrieb.example")
    page.get_by_role("button", name="Einladung senden").click()
    link = link_from_mail(origin)
    for summary in page.locator("main summary").all():
        summary.click()
    look(page)
    for address in ("rechte", "leute"):
        page.goto(f"{origin}/betriebe/{company.pk}/{address}/")
        look(page)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.allowed_errors = re.compile(r"status of 4(03|04|09|22)")
    page.goto(link)
    expect(page.locator("main")).to_contain_text("andere E-Mail-Adresse")
    look(page)
    page.get_by_role("button", name="Abmelden und zur Einladung").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dachdeckerei Sommer")
    page.goto(link + "x/")
    look(page)

    other = browser.new_context(locale="de-DE", viewport={"width": width, "height": 800}).new_page()
    log_in("Gustav", on=other)
    expect(other.locator("main")).to_contain_text("Sie sind eingeladen")
    other.locator("main summary").click()
    look(other)
    other.get_by_role("button", name="Annehmen").click()
    expect(other.locator("main")).to_contain_text("Sie gehören jetzt zu")
    log_in("Clara", on=(third := browser.new_context(locale="de-DE").new_page()))
    third.goto(f"{origin}/betriebe/{company.pk}/leute/")
    look(third)
    third.get_by_role("button", name="Ausscheiden bestätigen").click()
    expect(third.locator("main")).to_contain_text("Sie gehören nicht mehr zu")
    assert not Membership.objects.live().filter(user=clara.user).exists()
