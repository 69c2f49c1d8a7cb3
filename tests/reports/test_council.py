"""The works council's room: what was shared, what is new, who sits there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Membership
from reports.models import Report, Share, Statement
from tests.factories import make_member, make_report, make_user


@pytest.fixture
def report(cast, assessment) -> Report:
    return make_report(assessment, cast.anna)


@pytest.fixture
def room(client, cast):
    client.force_login(cast.clara)

    def _room() -> str:
        return client.get(reverse("council_room", args=[cast.company.pk])).content.decode()

    return _room


def visit(client, cast) -> None:
    assert client.post(reverse("council_visited", args=[cast.company.pk])).status_code == 302


def test_an_empty_room_says_what_will_be_here(room, report):
    assert "Noch kein Bericht für Sie" in room()
    assert "Bericht 1" not in room()


def test_a_shared_report_waits_for_an_answer(room, report, cast):
    Share.with_works_council(report, by=cast.anna)
    page = room()
    assert "Ein Bericht wartet auf Ihre Stellungnahme" in page
    assert "Noch keine Stellungnahme" in page
    assert reverse("report", args=[report.pk]) in page
    assert reverse("report_pdf", args=[report.pk]) in page
    assert reverse("members", args=[cast.company.pk]) in page


def test_reports_that_are_not_shared_are_not_there(room, report, cast):
    second = make_report(report.assessment, cast.anna)
    Share.with_works_council(report, by=cast.anna)
    page = room()
    assert reverse("report", args=[report.pk]) in page
    assert reverse("report", args=[second.pk]) not in page


def test_the_newest_share_stands_first(room, report, cast):
    second = make_report(report.assessment, cast.anna)
    with time_machine.travel(timezone.now() - timedelta(days=3)):
        Share.with_works_council(second, by=cast.anna)
    Share.with_works_council(report, by=cast.anna)
    page = room()
    assert page.index(f"bericht-{report.pk}") < page.index(f"bericht-{second.pk}")


def test_new_is_what_came_since_ones_own_last_visit(room, client, report, cast):
    Share.with_works_council(report, by=cast.anna)
    assert "neu für Sie" in room()
    assert "neu für Sie" in room()  # looking changes nothing
    visit(client, cast)
    assert "neu für Sie" not in room()
    karl = make_user("Karl")
    make_member(cast.company, karl, "works_council")
    said = {"report": report, "version": 0, "kind": "agreed", "dated": timezone.localdate(),
            "text": ""}  # fmt: skip
    Statement.write(**said, by=karl, release=True)
    assert "neu für Sie" in room()
    client.force_login(karl)
    visit(client, cast)
    seats = Membership.objects.filter(company=cast.company, role="works_council")
    marks = dict(seats.values_list("user__name", "visited_at"))
    assert marks["Karl"] > marks["Clara"]


def test_a_draft_of_a_colleague_is_no_news_but_is_said(room, client, report, cast):
    Share.with_works_council(report, by=cast.anna)
    visit(client, cast)
    karl = make_user("Karl")
    make_member(cast.company, karl, "works_council")
    Statement.write(report, by=karl, version=0, kind="", dated=timezone.localdate(), text="Hm.")
    page = room()
    assert "neu für Sie" not in page
    assert "Ein Entwurf liegt bereit" in page
    assert "Karl" in page  # who else sits there


def test_no_other_person_sees_when_somebody_was_there(client, cast, report):
    Membership.objects.filter(user=cast.clara).update(visited_at="2001-02-03T04:05Z")
    for actor in (cast.anna, cast.ben):
        client.force_login(actor)
        for name in ("company", "members"):
            page = client.get(reverse(name, args=[cast.company.pk]))
            assert "2001" not in page.content.decode()


def test_with_everything_answered_the_heading_says_so(room, report, cast):
    Share.with_works_council(report, by=cast.anna)
    Statement.write(
        report, by=cast.clara, version=0, kind="consulted", dated=timezone.localdate(), text="",
        release=True,
    )  # fmt: skip
    page = room()
    assert "Zu jedem Bericht haben Sie Stellung genommen" in page
    assert "beraten" in page
    assert "Noch einmal Stellung nehmen" in page


def test_the_room_costs_a_fixed_number_of_queries(
    room, report, cast, django_assert_max_num_queries
):
    for _ in range(6):
        made = make_report(report.assessment, cast.anna)
        Share.with_works_council(made, by=cast.anna)
        Statement.write(
            made, by=cast.clara, version=0, kind="agreed", dated=timezone.localdate(), text="x",
            release=True,
        )  # fmt: skip
    with django_assert_max_num_queries(10):
        room()


def test_a_report_page_has_no_way_to_what_a_reader_may_not_see(client, cast, report):
    """Consultants and works council have no role in the round: no link to it, no second try."""
    Share.with_works_council(report, by=cast.anna)
    Report.objects.filter(pk=report.pk).update(state="failed", failure="Der Platz reichte nicht.")
    for actor in (cast.clara, cast.dora):
        client.force_login(actor)
        page = client.get(reverse("report", args=[report.pk])).content.decode()
        assert "/durchgaenge/" not in page
        assert reverse("report_retry", args=[report.pk]) not in page
        assert reverse("shares", args=[report.pk]) not in page
        ways = set(re.findall(r'href="(/(?:berichte|betriebe)/[^"#]*)"', page))
        for address in ways:
            assert client.get(address).status_code == 200, address
