"""Handing topics to people, telling them and reminding them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from checklists.delegations import remind_delegations
from checklists.models import DecisionAid, Delegation
from tests.checklists.test_races import at_once
from tests.factories import fill, make_company, make_member, make_round, make_user

COMPLETE = dict.fromkeys([f"E03-0{number}" for number in range(1, 6)], "ja")


@pytest.fixture
def address(assessment) -> str:
    return reverse("delegate", args=[assessment.pk, "E03"])


def hand(client: Client, address: str, *people, due: str = ""):
    return client.post(address, {"leute": [person.pk for person in people], "bis": due})


def handed(assessment) -> dict[str, date | None]:
    return {str(each.user): each.due for each in assessment.delegations.select_related("user")}


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def test_a_lead_hands_over_and_the_person_gets_a_mail(cast, assessment, address, login):
    there = hand(login(cast.anna), address, cast.ben, due=in_days(10).isoformat())
    assert there.headers["Location"] == reverse("assessment", args=[assessment.pk]) + "#thema-E03"
    assert handed(assessment) == {"Ben": in_days(10)}
    (sent,) = mail.outbox
    assert sent.to == ["ben@betrieb.example"]
    assert "Anna übergibt Ihnen ein Thema" in sent.subject
    assert reverse("checklist", args=[assessment.pk, "E03"]) in sent.body
    assert "Bitte bis:" in sent.body


def test_no_mail_to_oneself_and_none_twice(cast, assessment, address, login):
    client = login(cast.anna)
    for _ in range(2):
        hand(client, address, cast.anna, cast.ben)
    assert [sent.to for sent in mail.outbox] == [["ben@betrieb.example"]]
    assert handed(assessment) == {"Anna": None, "Ben": None}


def test_who_switched_these_mails_off_gets_none(cast, assessment, address, login):
    type(cast.ben).objects.filter(pk=cast.ben.pk).update(muted_mails="delegation")
    hand(login(cast.anna), address, cast.ben)
    assert handed(assessment) == {"Ben": None}
    assert mail.outbox == []


def test_changes_replace_the_set(cast, assessment, address, login):
    client = login(cast.anna)
    hand(client, address, cast.ben, due=in_days(5).isoformat())
    hand(client, address, cast.anna, due=in_days(6).isoformat())
    assert handed(assessment) == {"Anna": in_days(6)}
    hand(client, address)
    assert handed(assessment) == {}


def test_the_form_shows_what_stands(cast, assessment, address, login):
    client = login(cast.anna)
    hand(client, address, cast.ben, due=in_days(5).isoformat())
    shown = " ".join(client.get(address).content.decode().split())
    assert f'value="{cast.ben.pk}" checked' in shown
    assert f'value="{cast.anna.pk}" checked' not in shown
    assert f'value="{in_days(5).isoformat()}"' in shown


@pytest.mark.parametrize("who", ["clara", "dora", "emil", "frida", "hanna"])
def test_only_live_leads_and_members_can_be_chosen(cast, assessment, address, login, who):
    client = login(cast.anna)
    outsider = getattr(cast, who)
    assert outsider.email not in client.get(address).content.decode()
    refused = hand(client, address, outsider)
    assert refused.status_code == 422
    assert "Diese Person gehört nicht zum Team. Bitte" in refused.content.decode()
    assert handed(assessment) == {}
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("due", "why"),
    [
        ("2001-01-01", "Dieser Tag ist vorbei"),
        ("2999-01-01", "Bitte wählen Sie einen Tag bis Ende"),
        ("bald", "Schreiben Sie ein Datum"),
        ("2026-02-30", "Schreiben Sie ein Datum"),
        ("a\x00", "Schreiben Sie ein Datum"),
    ],
)
def test_a_bad_date_says_why_and_keeps_what_was_chosen(cast, assessment, address, login, due, why):
    refused = hand(login(cast.anna), address, cast.ben, due=due)
    assert refused.status_code == 422
    shown = " ".join(refused.content.decode().split())
    assert why in shown
    assert f'value="{cast.ben.pk}" checked' in shown
    assert handed(assessment) == {}


def test_nobody_chosen_says_so(cast, assessment, address, login):
    refused = login(cast.anna).post(address, {})
    assert refused.status_code == 422
    assert "Wählen Sie mindestens eine Person." in refused.content.decode()


def test_today_is_not_the_past(cast, assessment, address, login):
    hand(login(cast.anna), address, cast.ben, due=in_days(0).isoformat())
    assert handed(assessment) == {"Ben": in_days(0)}


def test_the_overview_says_with_whom_it_is_and_begins_with_ones_own(cast, assessment, login):
    aid = DecisionAid.objects.get(code="E05")
    Delegation.hand_over(assessment, aid, [cast.ben], due=date(2099, 12, 3), by=cast.anna)
    overview = reverse("assessment", args=[assessment.pk])
    shown = " ".join(login(cast.ben).get(overview).content.decode().split())
    block = shown[shown.index('class="o-next"') : shown.index('id="themen"')]
    assert "Für Sie, bitte bis 3. Dezember" in block
    assert f"{aid.short}: " in block
    assert "bei Ihnen" in shown
    shown = " ".join(login(cast.anna).get(overview).content.decode().split())
    block = shown[shown.index('class="o-next"') : shown.index('id="themen"')]
    assert "Für Sie" not in block
    assert "bei Ben" in shown


def test_ones_own_topic_that_is_answered_is_not_next(cast, assessment, login):
    aid = DecisionAid.objects.get(code="E03")
    Delegation.hand_over(assessment, aid, [cast.ben], due=None, by=cast.anna)
    overview = reverse("assessment", args=[assessment.pk])
    assert "Für Sie" in login(cast.ben).get(overview).content.decode()
    fill(assessment, COMPLETE)
    assert "Für Sie" not in login(cast.ben).get(overview).content.decode()


def test_after_login_one_lands_on_it(cast, assessment, login):
    aid = DecisionAid.objects.get(code="E05")
    Delegation.hand_over(assessment, aid, [cast.ben], due=None, by=cast.anna)
    assert (
        login(cast.ben)
        .get(reverse("home"))
        .headers["Location"]
        .startswith(reverse("checklist", args=[assessment.pk, "E05"]))
    )


def test_taking_back(cast, assessment, address, login):
    client = login(cast.anna)
    hand(client, address, cast.ben, cast.anna)
    anna, ben = assessment.delegations.order_by("user__name")
    client.post(reverse("delegation_end", args=[ben.pk]))
    assert handed(assessment) == {"Anna": None}
    as_ben = login(cast.ben)
    assert as_ben.post(reverse("delegation_end", args=[anna.pk])).status_code == 403
    assert handed(assessment) == {"Anna": None}
    hand(login(cast.anna), address, cast.ben, cast.anna)
    own = assessment.delegations.get(user=cast.ben)
    assert login(cast.ben).post(reverse("delegation_end", args=[own.pk])).status_code == 302
    assert handed(assessment) == {"Anna": None}


def test_who_left_has_it_no_more(cast, assessment, address, login):
    hand(login(cast.anna), address, cast.ben)
    cast.company.memberships.filter(user=cast.ben).update(left_at=timezone.now())
    assert not Delegation.objects.live()
    page = login(cast.anna).get(reverse("assessment", args=[assessment.pk]))
    assert "bei Ben" not in " ".join(page.content.decode().split())


def test_a_closed_round_is_handed_to_nobody(cast, assessment, address, login):
    assessment.close()
    page = hand(login(cast.anna), address, cast.ben)
    assert page.status_code == 302
    assert handed(assessment) == {}


def test_two_hundred_people_and_no_more(cast, assessment, address, login):
    for number in range(205):
        make_member(cast.company, make_user(f"Kollege{number:03}"))
    shown = login(cast.anna).get(address).content.decode()
    assert shown.count('name="leute"') == 200


def test_the_overview_costs_no_query_for_each_delegation(
    cast, assessment, login, django_assert_max_num_queries
):
    people = [cast.anna, cast.ben, *(make_user(f"Kollege{number}") for number in range(5))]
    for person in people[2:]:
        make_member(cast.company, person)
    for code in ("E03", "E05"):
        aid = DecisionAid.objects.get(code=code)
        Delegation.hand_over(assessment, aid, people, due=None, by=cast.anna)
    client = login(cast.anna)
    overview = reverse("assessment", args=[assessment.pk])
    client.get(overview)
    with django_assert_max_num_queries(9):
        client.get(overview)


# --- Reminders -----------------------------------------------------------------------------------

DUE = date(2026, 12, 10)


@pytest.fixture
def delegation(cast, assessment) -> Delegation:
    """E03 with Ben, due on 10 December, handed over long before."""
    aid = DecisionAid.objects.get(code="E03")
    Delegation.hand_over(assessment, aid, [cast.ben], due=DUE, by=cast.anna)
    Delegation.objects.update(created_at=timezone.now() - timedelta(days=600))
    return Delegation.objects.get()


def reminded(*days: int) -> list[int]:
    """How many were reminded when it ran on these days, counted from the date."""
    return [remind_delegations(DUE + timedelta(days=number)) for number in days]


def test_once_two_days_before_and_once_the_day_after(delegation):
    assert reminded(-3, -2, -2, -1, 0, 1, 1, 2, 30) == [0, 1, 0, 0, 0, 1, 0, 0, 0]
    assert [sent.subject for sent in mail.outbox] == [
        "Bitte bis 10. Dezember: Thema „Qualifizierung“ (Dachdeckerei Sommer)",
        "War bis 10. Dezember gedacht: Thema „Qualifizierung“ (Dachdeckerei Sommer)",
    ]


def test_late_is_once_too(delegation):
    assert reminded(-1, 0, 5, 6) == [1, 0, 1, 0]


def test_after_the_date_nobody_hears_that_it_is_near(delegation):
    assert reminded(4, 5) == [1, 0]
    assert mail.outbox[0].subject.startswith("War bis")


def test_a_topic_that_is_answered_or_marked_done_needs_no_reminder(assessment, delegation):
    assessment.mark_topic(delegation.aid, "done")
    assert reminded(-2) == [0]
    assessment.mark_topic(delegation.aid, "review")
    assert reminded(-2) == [1]
    fill(assessment, COMPLETE)
    assert reminded(1) == [0]


def test_no_date_no_reminder(delegation):
    Delegation.objects.update(due=None)
    assert reminded(-2, 1) == [0, 0]


def test_handed_over_the_day_before_it_is_due_needs_no_second_mail(delegation):
    day_before = timezone.make_aware(timezone.datetime(2026, 12, 9, 12))
    Delegation.objects.update(created_at=day_before)
    assert reminded(-1, 0, 1) == [0, 0, 1]


def test_another_date_is_another_occasion(cast, assessment, delegation):
    assert reminded(-2) == [1]
    later = DUE + timedelta(days=7)
    Delegation.hand_over(assessment, delegation.aid, [cast.ben], due=later, by=cast.anna)
    assert reminded(-1, 1, 5, 6) == [0, 0, 1, 0]


def test_nobody_is_reminded_of_a_closed_round_or_after_leaving(cast, assessment, delegation):
    cast.company.memberships.filter(user=cast.ben).update(left_at=timezone.now())
    assert reminded(-2) == [0]
    cast.company.memberships.filter(user=cast.ben).update(left_at=None)
    assessment.close()
    assert reminded(-2) == [0]


@pytest.mark.usefixtures("catalogue")
@pytest.mark.django_db(transaction=True)
def test_two_housekeepers_at_once_remind_once():
    anna, ben = make_user("Anna"), make_user("Ben")
    opened = make_round(make_company(anna), "E03")
    make_member(opened.company, ben)
    aid = DecisionAid.objects.get(code="E03")
    Delegation.hand_over(opened, aid, [ben], due=DUE, by=anna)
    Delegation.objects.update(created_at=timezone.now() - timedelta(days=600))
    handed = [Delegation.objects.get() for _ in range(4)]
    today = DUE - timedelta(days=2)
    outcomes = at_once(*[partial(each.claim_reminder, today) for each in handed])
    assert (outcomes.count(True), outcomes.count(False)) == (1, 3)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.django_db(transaction=True)
def test_two_leads_handing_over_at_once_give_one_row():
    anna, ben = make_user("Anna"), make_user("Ben")
    opened = make_round(make_company(anna), "E03")
    make_member(opened.company, ben)
    aid = DecisionAid.objects.get(code="E03")
    outcomes = at_once(*[partial(Delegation.hand_over, opened, aid, [ben], due=None, by=anna)] * 6)
    assert sorted(map(len, outcomes)) == [0, 0, 0, 0, 0, 1]


def test_the_next_topic_is_one_that_was_begun(login, cast):
    """Handed over, else begun, else untouched, else one that only a "weiß nicht" keeps open."""
    opened = make_round(cast.company, "E01", "E03", "E05")
    page = reverse("assessment", args=[opened.pk])
    keys = [f"E03-0{number}" for number in range(1, 6)]

    def following() -> str:
        return login(cast.anna).get(page).context["next_topic"].aid.code

    assert following() == "E01"
    fill(opened, {keys[0]: "weissnicht"})
    assert following() == "E03"
    fill(opened, dict.fromkeys(keys[1:], "ja"))
    assert following() == "E01"
