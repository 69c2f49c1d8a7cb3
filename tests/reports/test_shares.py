"""Sharing a report: with the works council, by a link, and taking it back."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import AuthorityEvent, Membership
from portal.accounts.tokens import hashed
from reports.models import Report, Share, ShareOpening
from tests.factories import make_company, make_member, make_report, make_round, make_user

FORM = {"purpose": "Innungsberatung", "days": "30", "password": "", "once": "eins"}


@pytest.fixture
def report(cast, assessment) -> Report:
    return make_report(assessment, cast.anna)


@pytest.fixture
def anna(login, cast):
    return login(cast.anna)


def at(name: str, row) -> str:
    return reverse(name, args=[row.pk])


def token_in(response) -> str:
    found = re.findall(r'value="[^"]*/freigabe/([\w-]{43})/"', response.content.decode())
    assert len(found) == 1
    return found[0]


# --- With the works council -----------------------------------------------------------------------


def test_the_works_council_reads_the_report_and_gets_one_mail_each(anna, cast, report, client):
    assert report not in Report.objects.visible_to(cast.clara)
    for _ in range(2):  # a double click
        assert anna.post(at("share_council", report)).status_code == 302
    assert report in Report.objects.visible_to(cast.clara)
    assert report.shares.count() == 1
    assert [message.to for message in mail.outbox] == [[cast.clara.email]]
    assert f"/berichte/{report.pk}/" in mail.outbox[0].body
    logged = AuthorityEvent.objects.filter(what="shared")
    assert [(event.by, event.detail) for event in logged] == [(cast.anna, "Bericht 1, Betriebsrat")]


def test_who_does_not_want_the_mail_gets_none(anna, cast, report):
    cast.clara.muted_mails = "share"
    cast.clara.save(update_fields=["muted_mails"])
    anna.post(at("share_council", report))
    assert mail.outbox == []


def test_without_anybody_on_the_council_the_page_says_how_to_begin(login, db):
    lead = make_user("Gerda")
    company = make_company(lead, "Tischlerei Ahorn", works_council="yes")
    report = make_report(make_round(company, "E03"), lead)
    client = login(lead)
    page = client.get(at("shares", report)).content.decode()
    assert "Laden Sie die erste Person ein" in page
    assert reverse("invitation_create", args=[company.pk]) in page
    assert "Für den Betriebsrat freigeben" not in page
    client.post(at("share_council", report))
    assert not report.shares.exists()


def test_a_company_without_works_council_is_told_so(login, db):
    lead = make_user("Gerda")
    company = make_company(lead, "Tischlerei Ahorn", works_council="no")
    report = make_report(make_round(company, "E03"), lead)
    page = login(lead).get(at("shares", report)).content.decode()
    assert "kein Betriebsrat" in page
    assert reverse("invitation_create", args=[company.pk]) not in page


def test_ending_the_share_takes_effect_at_the_next_request(anna, cast, report, client):
    share = Share.with_works_council(report, by=cast.anna)
    client.force_login(cast.clara)
    assert client.get(at("report", report)).status_code == 200
    client.force_login(cast.anna)
    for _ in range(2):
        assert client.post(at("share_withdraw", share)).status_code == 302
    assert AuthorityEvent.objects.filter(what="share_withdrawn").count() == 1
    client.force_login(cast.clara)
    for name in ("report", "report_pdf", "report_progress", "statement_edit"):
        assert client.get(at(name, report)).status_code == 404
    client.force_login(cast.anna)
    client.post(at("share_council", report))  # undone by sharing anew
    assert report in Report.objects.visible_to(cast.clara)


# --- By link --------------------------------------------------------------------------------------


def test_a_link_is_shown_once_and_kept_nowhere(anna, report):
    response = anna.post(at("share_link", report), FORM)
    token = token_in(response)
    share = Share.objects.get(kind="link")
    assert share.token_hash == hashed(token)
    assert share.last_day == timezone.localdate() + timedelta(days=30)
    assert token not in anna.get(at("shares", report)).content.decode()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert token not in repr(cursor.fetchall()), table
    assert token not in repr(mail.outbox)


def test_a_double_click_makes_one_link_and_shows_it_both_times(anna, report):
    first, second = (anna.post(at("share_link", report), FORM) for _ in range(2))
    assert token_in(first) == token_in(second)
    assert Share.objects.filter(kind="link").count() == 1
    assert AuthorityEvent.objects.filter(what="shared").count() == 1


def test_two_forms_make_two_links_even_for_the_same_purpose(anna, report):
    tokens = set()
    for _ in range(2):
        page = anna.get(at("shares", report)).content.decode()
        (once,) = re.findall(r'name="once" value="([^"]+)"', page)
        tokens.add(token_in(anna.post(at("share_link", report), {**FORM, "once": once})))
    assert len(tokens) == 2


def test_the_form_of_a_link_that_has_ended_does_not_bring_it_back(anna, report):
    anna.post(at("share_link", report), FORM)
    Share.objects.get(kind="link").withdraw(by=report.made_by)
    response = anna.post(at("share_link", report), FORM, follow=True)
    assert "schon beendet" in response.content.decode()
    assert not Share.objects.live().exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("purpose", "", "für wen der Link ist"),
        ("purpose", "x" * 201, "höchstens 200 Zeichen"),
        ("purpose", "a\x00b", "unsichtbares Zeichen"),
        ("days", "", "wie viele Tage"),
        ("days", "0", "mindestens einen Tag"),
        ("days", "366", "höchstens 365 Tage"),
        ("days", "bald", "ganze Zahl"),
        ("password", "kurz", "mindestens 8 Zeichen"),
        ("password", "x" * 129, "höchstens 128 Zeichen"),
    ],
)
def test_what_cannot_be_is_explained_and_kept(anna, report, field, value, said):
    response = anna.post(at("share_link", report), {**FORM, field: value})
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    if field != "purpose":
        assert 'value="Innungsberatung"' in page
    assert not Share.objects.exists()


def test_the_password_is_stored_hashed_and_never_shown(anna, report):
    response = anna.post(at("share_link", report), {**FORM, "password": "Ziegel und Latten"})
    share = Share.objects.get()
    assert "Ziegel" not in share.password
    assert share.opens_with("Ziegel und Latten")
    assert not share.opens_with("ziegel und latten")
    assert "Ziegel" not in response.content.decode()


def test_openings_are_listed_by_moment_for_ninety_days(anna, report, cast):
    share, _ = Share.by_link(
        report, by=cast.anna, purpose="Kammer", expires_at=timezone.now() + timedelta(days=200)
    )
    for day in (1, 80, 100):
        with time_machine.travel(timezone.now() - timedelta(days=day), tick=False):
            ShareOpening.objects.create(share=share)
    page = anna.get(at("shares", report)).content.decode()
    assert "2 Mal geöffnet" in page
    assert len(re.findall(r"Uhr\s*</li>", page)) == 2


def test_the_works_council_sees_openings_and_others_do_not(login, cast, report):
    share, _ = Share.by_link(
        report, by=cast.anna, purpose="Kammer Nord", expires_at=timezone.now() + timedelta(days=9)
    )
    share.opened()
    Share.with_works_council(report, by=cast.anna)
    page = login(cast.clara).get(at("report", report)).content.decode()
    assert "Kammer Nord" in page
    assert "einmal geöffnet" in page
    assert "Link beenden" not in page
    for actor in (cast.ben, cast.dora):
        assert "Kammer Nord" not in login(actor).get(at("report", report)).content.decode()


def test_the_page_says_how_long_each_is_good(anna, report, cast):
    share, _ = Share.by_link(
        report, by=cast.anna, purpose="Kammer", expires_at=timezone.now() + timedelta(days=2)
    )
    assert "gilt bis" in anna.get(at("shares", report)).content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert "abgelaufen am" in anna.get(at("shares", report)).content.decode()
    share.withdraw(by=cast.anna)
    assert "beendet am" in anna.get(at("shares", report)).content.decode()


@pytest.mark.parametrize(
    ("today", "last"),
    [
        (date(2027, 3, 27), date(2027, 3, 29)),  # the clocks go forward in between
        (date(2027, 10, 30), date(2027, 11, 1)),  # and back
        (date(2028, 2, 27), date(2028, 2, 29)),
    ],
)
def test_a_link_is_good_until_the_end_of_its_last_day(login, cast, report, today, last):
    with time_machine.travel(f"{today}T22:30:00+01:00", tick=False):
        login(cast.anna).post(at("share_link", report), {**FORM, "days": "2"})
    share = Share.objects.get()
    assert share.last_day == last
    assert timezone.localtime(share.expires_at).strftime("%d %H:%M") == (
        f"{last + timedelta(days=1):%d} 00:00"
    )


def test_many_links_cost_no_more_queries(anna, report, cast, django_assert_max_num_queries):
    for number in range(12):
        share, _ = Share.by_link(
            report, by=cast.anna, purpose=f"{number}", expires_at=timezone.now() + timedelta(9)
        )
        share.opened()
    with django_assert_max_num_queries(10):
        anna.get(at("shares", report))


# --- Revocation at enqueue, at work and at download -----------------------------------------------


def end_share(cast, report):
    report.shares.get(kind="works_council").withdraw(by=cast.anna)
    return cast.clara


def end_membership(cast, report):
    cast.company.memberships.get(user=cast.ben).end(by=cast.anna)
    return cast.ben


def end_seat(cast, report):
    make_member(cast.company, make_user("Karl"), "works_council")
    cast.company.memberships.get(user=cast.clara).end(by=cast.clara)
    return cast.clara


def end_engagement(cast, report):
    cast.engagement.end(by=cast.anna)
    return cast.dora


@pytest.mark.parametrize("point", ["waiting", "at work", "done"])
@pytest.mark.parametrize("end", [end_share, end_membership, end_seat, end_engagement])
def test_a_file_is_out_of_reach_whenever_the_right_ended(client, cast, assessment, end, point):
    """Before the job began, while it ran, and with the finished file's page open."""
    report = Report.freeze(assessment, by=cast.anna)
    Share.with_works_council(report, by=cast.anna)
    reader = {end_share: cast.clara, end_seat: cast.clara, end_membership: cast.ben}.get(
        end, cast.dora
    )
    client.force_login(reader)
    assert client.get(at("report", report)).status_code == 200
    if point == "waiting":
        assert end(cast, report) == reader
    report.claim()
    if point == "at work":
        assert end(cast, report) == reader
    report.finish(b"%PDF-1.7 ganz", pages=1)
    if point == "done":
        assert client.get(at("report_pdf", report)).status_code == 200
        assert end(cast, report) == reader
    for name in ("report", "report_progress", "report_pdf"):
        assert client.get(at(name, report)).status_code == 404


def test_the_works_council_and_consultants_cannot_order_a_report(client, cast, assessment):
    for actor in (cast.clara, cast.dora):
        client.force_login(actor)
        assert client.post(at("report_create", assessment)).status_code in {403, 404}
    assert not Report.objects.exists()


def test_a_lead_who_left_gets_nothing_made(cast, assessment):
    from reports.access import report_to_make

    second = make_user("Gustav")
    make_member(cast.company, second, "lead")
    report = Report.freeze(assessment, by=cast.anna)
    assert report_to_make(report.pk) == report
    Membership.objects.get(user=cast.anna, company=cast.company).end(by=second)
    assert report_to_make(report.pk) is None
