"""Trying the portal without an account: one browser, one round, seven days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from checklists.models import Assessment
from portal.accounts.models import Company, Role
from portal.accounts.tokens import hashed
from reports.models import Report
from tests.factories import make_company, make_user
from tests.test_access_matrix import (
    CANARY,
    LOGIN,
    MATRIX,
    POSTED,
    address,
    body,
    outcome,
    rolled_back,
    world,
)

__all__ = ["world"]

SIGN_UP = "sign up"  # sent to where an account is made
# What a visitor reaches in the own trial; nothing else behind login.
OPEN = {
    "assessment": {"GET": 200},
    "checklist": {"GET": 200},
    "answer": {"POST": 302},
    "results": {"GET": 200},
    "reports": {"GET": 200},
    "report_create": {"POST": 302},
    "report_new": {"GET": 200},
    "report": {"GET": 200},
    "report_progress": {"GET": 200},
    "report_pdf": {"GET": 200},
}
TO_THE_TRIAL = {"home": {"GET": 302}}
# Pages for everybody that ask who is there: a visitor is nobody to them.
TRIALS_OWN = {"trial", "trial_discard", "answer_topic"}


@pytest.fixture
def visitor(client, db) -> Client:
    """A browser with a trial."""
    assert client.post("/probe/").status_code == 302
    return client


@pytest.fixture
def trial(visitor) -> Assessment:
    return Assessment.objects.get(company__trial_until__isnull=False)


def said(response) -> int | str:
    if response.status_code == 302 and response.headers["Location"] == reverse("account_signup"):
        return SIGN_UP
    return outcome(response)


# --- Beginning ------------------------------------------------------------------------------------


def test_a_trial_begins_with_all_topics_and_asks_nothing(client, db):
    page = client.get("/probe/")
    assert page.status_code == 200
    assert "Cookie" in page.content.decode()
    assert not Company.objects.exists()
    response = client.post("/probe/")
    opened = Assessment.objects.get()
    assert response.headers["Location"] == f"/durchgaenge/{opened.pk}/"
    assert opened.topics.count() == 7
    assert not opened.company.memberships.exists()
    cookie = response.cookies["probe"]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
    assert cookie["max-age"] == 7 * 24 * 3600
    assert opened.company.trial_token_hash == hashed(cookie.value)
    left = opened.company.trial_until - timezone.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


def test_the_cookie_travels_encrypted_where_the_portal_does(client, db, settings):
    settings.SESSION_COOKIE_SECURE = True
    assert client.post("/probe/").cookies["probe"]["secure"] is True


def test_beginning_again_goes_on(visitor, trial):
    assert visitor.post("/probe/").headers["Location"] == f"/durchgaenge/{trial.pk}/"
    assert visitor.get("/probe/").headers["Location"] == f"/durchgaenge/{trial.pk}/"
    assert Company.objects.count() == 1


def test_one_press_on_the_start_page_begins_it_and_no_other_site_can_press(db):
    """The start page is the same for everybody and holds no token: the browser says where the
    press came from."""
    html = Client().get("/").content.decode()
    assert html.count('action="/probe/"') == 3
    assert "sieben\xa0Tage lang, mit einem Cookie" in html
    assert "csrfmiddlewaretoken" not in html
    for said, begins in [
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "https://anderswo.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://testserver"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
    ]:
        browser = Client(enforce_csrf_checks=True)
        response = browser.post("/probe/", headers=said)
        assert (response.status_code == 302) is begins, said
        assert ("probe" in browser.cookies) is begins, said
    assert Company.objects.count() == 2


def test_somebody_logged_in_needs_no_trial(cast, login):
    assert login(cast.anna).post("/probe/").headers["Location"] == "/uebersicht/"
    assert not Company.objects.filter(trial_until__isnull=False).exists()


def test_one_address_gets_twenty_trials_an_hour(db):
    for _number in range(20):
        assert Client().post("/probe/").status_code == 302
    refused = Client().post("/probe/")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "3600"
    assert Client(REMOTE_ADDR="203.0.113.9").post("/probe/").status_code == 302


def test_it_begins_with_the_topic_whose_page_one_reads(client, db):
    asked = client.get("/themen/E03/beantworten/").content.decode()
    assert 'name="thema" value="E03"' in asked
    assert "?next=%2Fthemen%2FE03%2Fbeantworten%2F" in asked
    begun = client.post("/probe/", {"thema": "E03"})
    opened = Assessment.objects.get()
    assert begun.headers["Location"] == f"/durchgaenge/{opened.pk}/themen/E03/"
    assert opened.topics.count() == 7
    again = client.get("/themen/E05/beantworten/?frage=E05-02")
    assert again.headers["Location"] == f"/durchgaenge/{opened.pk}/themen/E05/#E05-02"
    for made_up in ("E99", "\x00", "E03/../.."):
        response = Client().post("/probe/", {"thema": made_up})
        assert response.headers["Location"] == f"/durchgaenge/{Assessment.objects.latest('pk').pk}/"


# --- Working in it --------------------------------------------------------------------------------


def test_answers_results_and_report_without_an_account(visitor, trial):
    answer = f"/durchgaenge/{trial.pk}/fragen/E03-02/antwort/"
    assert visitor.post(answer, {"version": "0", "antwort": "nein"}).status_code == 302
    overview = visitor.get(f"/durchgaenge/{trial.pk}/")
    assert overview.headers["Cache-Control"] == "private, no-store"
    html = overview.content.decode()
    assert "Mit Konto behalten" in html
    assert "/betriebe/" not in html
    results = visitor.get(f"/durchgaenge/{trial.pk}/ergebnis/").content.decode()
    assert "Bericht erstellen" in results
    ordered = visitor.post(f"/durchgaenge/{trial.pk}/bericht/", {"with_notes": "1"})
    report = Report.objects.get()
    assert ordered.headers["Location"] == f"/berichte/{report.pk}/"
    assert report.made_by is None
    assert visitor.get(f"/berichte/{report.pk}/").status_code == 200


def test_a_report_carries_the_name_one_gives_it_and_so_does_what_is_kept(visitor, trial):
    results = f"/durchgaenge/{trial.pk}/ergebnis/"
    visitor.post(f"/durchgaenge/{trial.pk}/fragen/E03-02/antwort/", {"version": 0, "antwort": "ja"})
    assert 'name="name"' in visitor.get(results).content.decode()
    order = f"/durchgaenge/{trial.pk}/bericht/"
    refused = visitor.post(order, {"name": "Tischlerei\x00"})
    assert refused.headers["Location"] == results
    assert not Report.objects.exists()
    visitor.post(order, {"name": "Tischlerei Birke"})
    assert Report.objects.get().frozen.firm.name == "Tischlerei Birke"
    visitor.force_login(make_user("Gerd"))
    assert 'value="Tischlerei Birke"' in visitor.get("/probe/behalten/").content.decode()
    done = visitor.post("/probe/behalten/", {"name": "Tischlerei Birke"}, follow=True)
    assert "Der Bericht von vorhin" not in done.content.decode()


def test_only_a_trial_is_named_this_way(cast, login, assessment):
    order = f"/durchgaenge/{assessment.pk}/bericht/"
    login(cast.anna).post(order, {"name": "Ganz anders"})
    cast.company.call("Ganz anders")
    cast.company.refresh_from_db()
    assert cast.company.name == "Dachdeckerei Sommer"


def test_the_first_thing_is_the_shortest_topic_and_then_the_one_begun(visitor, trial):
    overview = f"/durchgaenge/{trial.pk}/"
    html = visitor.get(overview).content.decode()
    assert f'href="{overview}themen/E03/"' in html.partition('class="o-next"')[2][:900]
    assert "Eines genügt für einen Bericht." in html
    visitor.post(f"{overview}fragen/E07-02/antwort/", {"version": "0", "antwort": "nein"})
    html = visitor.get(overview).content.decode()
    assert f'href="{overview}themen/E07/#E07-01"' in html.partition('class="o-next"')[2][:900]
    assert "Eines genügt für einen Bericht." not in html


def test_a_visitors_report_is_set(visitor, trial):
    from reports import access

    visitor.post(f"/durchgaenge/{trial.pk}/bericht/")
    report = Report.objects.get()
    assert access.report_to_make(report.pk) == report
    Company.objects.update(trial_token_hash="", trial_until=None)
    assert access.report_to_make(report.pk) is None


def test_reports_of_a_trial_are_limited(visitor, trial):
    for _number in range(10):
        assert visitor.post(f"/durchgaenge/{trial.pk}/bericht/").status_code == 302
    assert visitor.post(f"/durchgaenge/{trial.pk}/bericht/").status_code == 429


def test_saving_as_a_visitor_locks_the_round_like_any_other(visitor, trial):
    address = f"/durchgaenge/{trial.pk}/fragen/E03-02/antwort/"
    visitor.post(address, {"version": "0", "antwort": "nein"})
    stale = visitor.post(address, {"version": "0", "antwort": "ja"})
    assert stale.status_code == 409
    assert visitor.post(address, {"version": "1", "antwort": "ja"}).status_code == 302


# --- Who gets where -------------------------------------------------------------------------------


def test_a_visitor_reaches_only_the_trial(visitor, trial, world):
    """Every route behind login, for the visitor's own trial as far as it has such a thing."""
    made = Report.freeze(trial, by=None)
    made.claim()
    made.finish(b"%PDF-1.7", pages=1)
    own = {"assessment": trial, "report": made, "company": trial.company}
    mine = type(world.ours)(**{**vars(world.ours), **own})
    for name, row in MATRIX.items():
        for method, outcomes in row.items():
            if outcomes[-1] != LOGIN or name in TRIALS_OWN:
                continue
            with rolled_back():
                response = ask(visitor, name, method, mine)
            expected = (OPEN | TO_THE_TRIAL).get(name, {}).get(method, SIGN_UP)
            # An invitation is for everybody to look at: accepting it leads to the login.
            expected = LOGIN if name == "invitation" else expected
            assert (name, method, said(response)) == (name, method, expected)


def test_a_visitor_finds_nothing_of_other_companies(visitor, trial, world):
    for name, methods in OPEN.items():
        for method in methods:
            for side in (world.ours, world.theirs):
                response = ask(visitor, name, method, side)
                assert (name, said(response)) == (name, 404)
                assert CANARY.encode() not in body(response)


def ask(client: Client, name: str, method: str, objects):
    url = address(name, objects)
    return client.get(url) if method == "GET" else client.post(url, POSTED.get(name, {}))


def test_another_browser_a_made_up_token_and_an_old_one_are_nobody(visitor, trial):
    page = f"/durchgaenge/{trial.pk}/"
    assert outcome(Client().get(page)) == LOGIN
    stranger = Client()
    stranger.cookies["probe"] = "x" * 43
    assert outcome(stranger.get(page)) == LOGIN
    stranger.cookies["probe"] = trial.company.trial_token_hash
    assert outcome(stranger.get(page)) == LOGIN
    Company.objects.update(trial_until=timezone.now())
    assert outcome(visitor.get(page)) == LOGIN


def test_whoever_is_logged_in_is_no_visitor(visitor, trial, cast):
    visitor.force_login(cast.emil)
    assert visitor.get(f"/durchgaenge/{trial.pk}/").status_code == 404


def test_the_cookie_costs_one_query_and_nobody_else_pays(visitor, trial, cast, login):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        Client().get("/uebersicht/")
    assert not [q for q in queries if "trial_token_hash" in q["sql"]]
    with CaptureQueriesContext(connection) as queries:
        visitor.get(f"/durchgaenge/{trial.pk}/ergebnis/")
    assert len([q for q in queries if '"trial_token_hash" =' in q["sql"]]) == 1
    with CaptureQueriesContext(connection) as queries:
        visitor.get("/")
    assert not [q for q in queries if '"trial_token_hash" =' in q["sql"]]


# --- Keeping it -----------------------------------------------------------------------------------


def test_a_new_account_keeps_everything(visitor, trial):
    answer = f"/durchgaenge/{trial.pk}/fragen/E03-02/antwort/"
    visitor.post(answer, {"version": "0", "antwort": "nein", "notiz": "Termin machen"})
    visitor.post(f"/durchgaenge/{trial.pk}/bericht/")
    gerd = make_user("Gerd")
    visitor.force_login(gerd)
    assert visitor.get("/uebersicht/").headers["Location"] == "/probe/behalten/"
    asked = visitor.get("/probe/behalten/").content.decode()
    assert "1 von 67" in asked
    assert "Wie heißt Ihr Betrieb?" in asked
    assert visitor.post("/probe/behalten/", {"name": ""}).status_code == 422
    assert not gerd.memberships.exists()
    response = visitor.post("/probe/behalten/", {"name": "Café Gerd"})
    company = Company.objects.get()
    assert response.headers["Location"] == f"/betriebe/{company.pk}/"
    assert response.cookies["probe"]["max-age"] == 0
    assert (company.name, company.is_trial) == ("Café Gerd", False)
    assert [(m.user, m.role) for m in company.memberships.all()] == [(gerd, Role.LEAD)]
    assert Report.objects.get().made_by == gerd
    assert "Termin machen" in visitor.get(f"/durchgaenge/{trial.pk}/themen/E03/").content.decode()


def test_keeping_twice_is_once(visitor, trial):
    company = trial.company
    gerd, hilde = make_user("Gerd"), make_user("Hilde")
    assert company.keep(by=gerd, name="Café Gerd")
    assert not company.keep(by=hilde, name="Bar Hilde")
    visitor.force_login(hilde)
    assert visitor.post("/probe/behalten/", {"name": "Bar"}).headers["Location"] == "/uebersicht/"
    assert [m.user for m in company.memberships.all()] == [gerd]
    assert Company.objects.get().name == "Café Gerd"


def test_an_existing_account_is_asked(visitor, trial, cast):
    visitor.force_login(cast.anna)
    asked = visitor.get("/probe/behalten/").content.decode()
    assert "Als neuen Betrieb behalten" in asked
    assert "Versuch verwerfen" in asked
    visitor.post("/probe/verwerfen/")
    assert not Company.objects.filter(pk=trial.company_id).exists()
    assert visitor.get("/uebersicht/").headers["Location"] == f"/betriebe/{cast.company.pk}/"


def test_a_visitor_may_delete_everything_at_once(visitor, trial):
    assert visitor.post("/probe/verwerfen/").headers["Location"] == "/probe/"
    assert not Company.objects.exists()
    assert visitor.post("/probe/verwerfen/").status_code == 302  # twice is once


def test_discarding_without_the_cookie_deletes_nothing(visitor, trial, cast):
    Client().post("/probe/verwerfen/")
    stranger = Client()
    stranger.force_login(cast.anna)
    stranger.post("/probe/verwerfen/")
    assert Company.objects.filter(pk=trial.company_id).exists()


def test_a_kept_company_is_not_discarded_by_an_old_page(visitor, trial):
    from reports.company import discard_trial

    company = Company.objects.get()
    company.keep(by=make_user("Gerd"), name="Café Gerd")
    discard_trial(trial.company)
    assert Company.objects.filter(pk=company.pk).exists()


# --- The end --------------------------------------------------------------------------------------


def test_housekeeping_deletes_trials_that_are_over_with_their_files(visitor, trial):
    made = Report.freeze(trial, by=None)
    made.claim()
    made.finish(b"%PDF-1.7", pages=1)
    made.refresh_from_db()
    kept = make_company(make_user("Gerd"))
    Company.objects.filter(pk=trial.company_id).update(
        trial_until=timezone.now() + timedelta(seconds=60)
    )
    call_command("housekeeping")
    assert Company.objects.count() == 2
    assert default_storage.exists(made.pdf.name)
    Company.objects.filter(pk=trial.company_id).update(trial_until=timezone.now())
    call_command("housekeeping")
    assert list(Company.objects.all()) == [kept]
    assert not default_storage.exists(made.pdf.name)
