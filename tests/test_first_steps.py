"""The first round: which topic to begin with, and a list of first steps that can be put away."""

from __future__ import annotations

import re

import pytest

from checklists.first_steps import PRESSING, SIZE, TRADE, Pressing, Size, Trade, in_order
from checklists.models import DecisionAid
from portal.accounts.models import Company, Invitation
from tests.factories import fill, make_member, make_report, make_round, make_user

CODES = ["E01", "E02", "E03", "E04", "E05", "E06", "E07"]


# --- The order ------------------------------------------------------------------------------------


def test_nothing_said_is_the_catalogues_order_without_reasons():
    assert [place.code for place in in_order(CODES)] == CODES
    assert not any(place.reasons for place in in_order(CODES))
    assert in_order(CODES, trade="x", size="y", pressing="z") == in_order(CODES)


@pytest.mark.parametrize(
    ("pressing", "first"),
    [
        (Pressing.PEOPLE, "E03"),
        (Pressing.DATA, "E05"),
        (Pressing.MACHINES, "E02"),
        (Pressing.ORDERS, "E01"),
        (Pressing.STRAIN, "E06"),
        (Pressing.TEAM, "E07"),
    ],
)
@pytest.mark.parametrize("trade", ["", *Trade.values])
def test_what_presses_comes_first_whatever_the_trade(pressing, first, trade):
    order = in_order(CODES, pressing=pressing, trade=trade)
    ahead = [place.code for place in order[:1]]
    rule = list(PRESSING[pressing])
    # A trade may lift another of the topics that press, never one that does not.
    assert ahead == [first] or ahead[0] in rule
    assert in_order(CODES, pressing=pressing)[0].code == first


def test_reasons_stand_in_the_order_of_their_weight():
    order = in_order(CODES, pressing=Pressing.DATA, trade=Trade.CARE, size=Size.LARGE)
    assert order[0].code == "E05"
    assert order[0].reasons == (PRESSING[Pressing.DATA]["E05"], TRADE[Trade.CARE]["E05"])
    assert {place.code: place.reasons for place in order}["E07"] == (SIZE[Size.LARGE]["E07"],)


def test_every_topic_is_listed_once_also_one_that_no_rule_knows():
    order = in_order(["E99", *CODES], pressing=Pressing.TEAM, trade=Trade.MAKING)
    assert sorted(place.code for place in order) == sorted([*CODES, "E99"])
    known = [place for place in order if place.reasons]
    assert order[: len(known)] == known
    assert in_order([], pressing=Pressing.TEAM) == []


def test_the_rules_name_topics_of_the_catalogue_and_every_choice(db):
    asked = set(DecisionAid.objects.with_questions().values_list("code", flat=True))
    for rules, choices in ((PRESSING, Pressing), (TRADE, Trade), (SIZE, Size)):
        assert set(rules) == set(choices.values)
        for rule in rules.values():
            assert rule
            assert set(rule) <= asked


# --- The page -------------------------------------------------------------------------------------


def test_three_answers_put_a_topic_first_and_tick_it(cast, login):
    anna = login(cast.anna)
    address = f"/betriebe/{cast.company.pk}/durchgang/"
    plain = anna.get(address).content.decode()
    assert "Welches zuerst?" in plain
    assert "checked" not in plain
    html = anna.get(address, {"anlass": "daten", "branche": "handwerk"}).content.decode()
    assert html.index('value="E05"') < html.index('value="E01"')
    assert str(PRESSING[Pressing.DATA]["E05"]) in html
    assert html.count("checked") == 1
    assert Company.objects.get(pk=cast.company.pk).trade == ""  # nothing is stored


@pytest.mark.parametrize(
    ("headcount", "chosen"), [(None, ""), (0, "klein"), (9, "klein"), (10, "mittel"), (50, "gross")]
)
def test_what_the_firm_has_told_of_its_size_is_chosen_and_not_yet_an_answer(
    cast, login, headcount, chosen
):
    Company.objects.filter(pk=cast.company.pk).update(headcount=headcount)
    html = login(cast.anna).get(f"/betriebe/{cast.company.pk}/durchgang/").content.decode()
    assert re.findall(r'value="(\w+)" selected', html) == [chosen] * bool(chosen)
    assert "Unser Vorschlag" not in html


def test_answers_that_make_no_sense_are_as_if_left_out(cast, login):
    html = login(cast.anna).get(
        f"/betriebe/{cast.company.pk}/durchgang/", {"anlass": "<b>", "groesse": "riesig"}
    )
    assert html.status_code == 200
    assert "checked" not in html.content.decode()


def test_whoever_had_a_round_is_not_asked_again(cast, assessment, login):
    assessment.close()
    html = login(cast.anna).get(f"/betriebe/{cast.company.pk}/durchgang/").content.decode()
    assert "Welches zuerst?" not in html


# --- The list on the overview ---------------------------------------------------------------------


@pytest.fixture
def alone(db):
    """A lead alone with a first round: user and round."""
    gerd = make_user("Gerd")
    company = Company.found(by=gerd, name="Café Gerd")
    return gerd, make_round(company, "E03")


def test_the_list_says_what_is_done(alone, login):
    gerd, opened = alone
    client = login(gerd)
    page = f"/durchgaenge/{opened.pk}/"
    assert client.get(page).context["first_steps"] == {
        "answered": False,
        "reported": False,
        "invited": False,
    }
    fill(opened, {"E03-01": "ja"})
    Invitation.issue(opened.company, email="neu@betrieb.example", role="member", by=gerd)
    assert client.get(page).context["first_steps"] == {
        "answered": True,
        "reported": False,
        "invited": True,
    }
    make_report(opened, gerd)
    assert client.get(page).context["first_steps"] == {}
    assert "Erste Schritte" not in client.get(page).content.decode()


def test_the_list_is_the_leads_alone(cast, assessment, login):
    page = f"/durchgaenge/{assessment.pk}/"
    assert "Erste Schritte" in login(cast.anna).get(page).content.decode()
    assert "Erste Schritte" not in login(cast.ben).get(page).content.decode()


def test_put_away_is_for_good_and_for_all_leads(alone, login):
    gerd, opened = alone
    client = login(gerd)
    address = f"/betriebe/{opened.company_id}/erste-schritte/ausblenden/"
    for _click in range(2):
        assert client.post(address).status_code == 302
    html = client.get(f"/durchgaenge/{opened.pk}/").content.decode()
    assert "Erste Schritte" not in html
    hilde = make_user("Hilde")
    make_member(opened.company, hilde, "lead")
    assert "Erste Schritte" not in login(hilde).get(f"/durchgaenge/{opened.pk}/").content.decode()
