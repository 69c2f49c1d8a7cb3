"""From a topic's page, which knows nobody, to where this reader answers it."""

from __future__ import annotations

import re

import pytest

from portal.accounts.models import Role
from tests.factories import make_company, make_member, make_round, make_user

ASK = "/themen/E05/beantworten/"


def leads_to(client, address: str = ASK) -> str:
    return client.get(address).headers["Location"]


def test_the_open_round_at_the_question(cast, login, assessment):
    client = login(cast.ben)
    assert leads_to(client) == f"/durchgaenge/{assessment.pk}/themen/E05/"
    asked = leads_to(client, f"{ASK}?frage=E05-02")
    assert asked == f"/durchgaenge/{assessment.pk}/themen/E05/#E05-02"
    assert leads_to(client, f"{ASK}?frage=//anderswo.example").endswith("/themen/E05/")


def test_a_round_without_the_topic_lets_its_lead_add_it(cast, login, assessment):
    assert leads_to(login(cast.anna), "/themen/E01/beantworten/") == (
        f"/durchgaenge/{assessment.pk}/themen/"
    )
    assert leads_to(login(cast.ben), "/themen/E01/beantworten/") == "/uebersicht/"


def test_a_lead_without_a_round_begins_one_with_it(cast, login):
    client = login(cast.anna)
    to = leads_to(client)
    assert to == f"/betriebe/{cast.company.pk}/durchgang/?thema=E05"
    page = client.get(to).content.decode()
    assert re.findall(r'name="topics"\s+value="(\w+)"\s+checked', page) == ["E05"]


@pytest.mark.parametrize("actor", ["clara", "dora", "frida"])
def test_whoever_answers_nowhere_goes_where_they_work(cast, login, assessment, actor):
    assert leads_to(login(getattr(cast, actor))) == "/uebersicht/"


def test_two_firms_ask_which(cast, login, assessment):
    second = make_company(make_user("Gerd"), "Zweitbetrieb")
    make_member(second, cast.anna, Role.LEAD)
    make_round(second, "E05")
    assert leads_to(login(cast.anna)) == "/uebersicht/"


def test_topics_that_do_not_exist_or_ask_nothing_are_not_found(client, db):
    for code in ("E99", "E09", "nichts"):
        assert client.get(f"/themen/{code}/beantworten/").status_code == 404


def test_the_pages_for_readers_lead_here(client, db):
    assert f'href="{ASK}"' in client.get("/themen/E05/").content.decode()
    assert f'href="{ASK}?frage=E05-02"' in client.get("/fragen/E05-02/").content.decode()
