"""Legal pages: public, made from the settings and from the list of what is kept."""

from __future__ import annotations

import pytest
from django.conf import settings as django_settings

from portal.personal_data import records

PAGES = [
    "impressum",
    "datenschutz",
    "verantwortung",
    "auftragsverarbeitung",
    "aufbewahrung",
    "barrierefreiheit",
]
FIRM = {
    "OPERATOR_NAME": "Portal am Kai e. V.",
    "OPERATOR_ADDRESS": "Am Kai 1| 20457 Hamburg",
    "OPERATOR_EMAIL": "kai@portal.example",
    "OPERATOR_PHONE": "",
    "OPERATOR_REPRESENTED_BY": "Vorstand: Kim <Kai>",
    "OPERATOR_REGISTER": "",
    "OPERATOR_VAT_ID": "DE000000000",
    "PRIVACY_CONTACT": "schutz@portal.example",
    "SUPERVISORY_AUTHORITY": "Aufsicht in Hamburg",
    "HOSTING": "Rechenhaus Kiel",
}


@pytest.fixture
def operated(settings) -> None:
    settings.OPERATOR = FIRM


@pytest.mark.parametrize("path", PAGES)
def test_each_page_is_public_and_linked_to_the_others(client, db, path):
    html = client.get(f"/{path}/").content.decode()
    assert html.count("<h1") == 1
    for other in PAGES:
        assert f'href="/{other}/"' in html


@pytest.mark.parametrize("path", ["/", "/themen/", "/konto/login/", "/impressum/"])
def test_each_page_leads_to_imprint_and_privacy(client, db, path):
    html = client.get(path).content.decode()
    assert 'href="/impressum/"' in html
    assert 'href="/datenschutz/"' in html


def test_the_imprint_says_what_the_settings_say_and_nothing_empty(client, db, operated):
    html = client.get("/impressum/").content.decode()
    for text in ("Portal am Kai e. V.", "Am Kai 1", "20457 Hamburg", "kai@portal.example"):
        assert text in html
    assert "Vorstand: Kim &lt;Kai&gt;" in html
    assert "DE000000000" in html
    assert "Telefon" not in html
    assert "Register" not in html


def test_the_privacy_notice_names_all_that_is_personal(client, db, operated):
    html = client.get("/datenschutz/").content.decode()
    for text in ("schutz@portal.example", "Aufsicht in Hamburg", "Rechenhaus Kiel"):
        assert text in html
    for _heading, group in records():
        for record in group:
            assert str(record.what) in html
            assert str(record.purpose) in html
            assert str(record.basis) in html
    for name in ("sessionid", "csrftoken", "klar", "gs-ansicht", "freigabe-"):
        assert name in html


def test_names_of_cookies_are_those_that_are_set():
    assert django_settings.SESSION_COOKIE_NAME == "sessionid"
    assert django_settings.CSRF_COOKIE_NAME == "csrftoken"
    assert django_settings.SESSION_COOKIE_AGE == 14 * 24 * 3600
    theme = (django_settings.BASE_DIR / "static/js/theme.js").read_text("utf-8")
    assert '"gs-ansicht"' in theme


def test_retention_shows_each_period(client, db):
    html = client.get("/aufbewahrung/").content.decode()
    for _heading, group in records():
        for record in group:
            assert str(record.until) in html


def test_the_contract_can_be_taken_home(client, db, operated):
    response = client.get("/auftragsverarbeitung/datei/")
    assert 'filename="auftragsverarbeitung.html"' in response.headers["Content-Disposition"]
    html = response.content.decode()
    assert "Portal am Kai e. V." in html
    assert "Rechenhaus Kiel" in html
    assert "Art.\u00a028" in html
    assert "<script" not in html


@pytest.mark.parametrize("path", [*PAGES, "auftragsverarbeitung/datei"])
def test_made_up_operators_are_called_made_up(client, db, settings, path):
    assert "erfunden" in client.get(f"/{path}/").content.decode()
    settings.PRODUCTION = True
    page = client.get(f"/{path}/").content.decode()
    assert "Name, Adresse und Kontakt des Betreibers sind erfunden" not in page


def test_a_page_that_has_not_changed_is_not_sent_again(client, db):
    tag = client.get("/datenschutz/").headers["ETag"]
    assert client.get("/datenschutz/", HTTP_IF_NONE_MATCH=tag).status_code == 304
