"""What a company's lead and works council read about who was given which say."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils.html import escape

from portal.accounts.models import AuthorityEvent, Invitation, Membership, Role
from portal.accounts.models.authority import SENTENCES, authority
from portal.accounts.models.membership import end_after_notice
from tests.factories import make_user

What = AuthorityEvent.What


def sentences(cast, client) -> list[str]:
    html = client.get(reverse("authority_log", args=[cast.company.pk])).content.decode()
    return [
        " ".join(found.split()) for found in re.findall(r"</time>\s*<p>(.*?)</p>", html, re.DOTALL)
    ]


@pytest.fixture
def quiet(cast) -> None:
    """Nothing stands in the log yet."""
    cast.company.authority_events.all().delete()


def of(cast, name: str) -> Membership:
    return Membership.objects.get(company=cast.company, user=getattr(cast, name))


def test_each_kind_of_event_has_its_sentence():
    assert set(SENTENCES) == set(What)


@pytest.mark.usefixtures("quiet")
def test_the_log_of_a_lively_day(cast, login, time_machine):
    time_machine.move_to("2027-03-01 10:00+01:00")
    gustav = make_user("Gustav")
    invitation, _token = Invitation.issue(
        cast.company, email=gustav.email, role=Role.MEMBER, by=cast.anna
    )
    other, _token = Invitation.issue(
        cast.company, email="karla@betrieb.example", role=Role.WORKS_COUNCIL, by=cast.clara
    )
    invitation.accept(gustav)
    other.withdraw(by=cast.clara)
    of(cast, "ben").change_role(Role.LEAD, by=cast.anna)
    of(cast, "clara").ask_removal(by=cast.ben)
    of(cast, "clara").drop_removal(by=cast.anna)
    of(cast, "clara").ask_removal(by=cast.ben)
    of(cast, "ben").end(by=cast.ben)
    Membership.objects.get(user=gustav).end(by=cast.anna)
    time_machine.shift(15 * 24 * 3600)
    end_after_notice()
    assert sentences(cast, login(cast.anna)) == [
        "Clara gehört nicht mehr zum Betrieb (Betriebsrat).",
        "Anna hat Gustav entfernt (Team).",
        "Ben gehört nicht mehr zum Betrieb (Leitung).",
        "Ben hat beantragt, dass Clara aus dem Betriebsrat ausscheidet.",
        "Anna hat den Antrag zurückgenommen, dass Clara aus dem Betriebsrat ausscheidet.",
        "Ben hat beantragt, dass Clara aus dem Betriebsrat ausscheidet.",
        "Anna hat die Rolle von Ben geändert: Team → Leitung.",
        "Clara hat die Einladung an k…@betrieb.example als Betriebsrat zurückgezogen.",
        "Gustav gehört zum Betrieb: Team.",
        "Clara hat k…@betrieb.example als Betriebsrat eingeladen.",
        "Anna hat g…@betrieb.example als Team eingeladen.",
    ]


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("what", What)
def test_no_sentence_lacks_a_word(cast, login, what):
    for by, about, detail in (
        (cast.anna, cast.ben, "b…@betrieb.example, Team"),
        (cast.anna, None, ""),
        (None, None, ""),
    ):
        with authority(cast.company, what, by=by, about=about, detail=detail):
            pass
    for said in sentences(cast, login(cast.anna)):
        assert said.endswith(".")
        assert "None" not in said
        assert "%" not in said


@pytest.mark.usefixtures("quiet")
def test_an_erased_person_is_a_former_member(cast, login):
    of(cast, "ben").change_role(Role.LEAD, by=cast.anna)
    of(cast, "ben").change_role(Role.MEMBER, by=cast.anna)
    cast.ben.erase()
    assert sentences(cast, login(cast.anna)) == [
        "Ein ehemaliges Mitglied gehört nicht mehr zum Betrieb (Team).",
        "Anna hat die Rolle von einem ehemaligen Mitglied geändert: Leitung → Team.",
        "Anna hat die Rolle von einem ehemaligen Mitglied geändert: Team → Leitung.",
    ]


@pytest.mark.usefixtures("quiet")
def test_names_and_details_are_text(cast, login):
    cast.ben.name = "<b>%(by)s</b>"
    cast.ben.save()
    with authority(
        cast.company, What.SHARED, by=cast.ben, detail="Bericht 1, Link: 100 % <script>"
    ):
        pass
    [said] = sentences(cast, login(cast.anna))
    assert said == escape("<b>%(by)s</b> hat freigegeben: Bericht 1, Link: 100 % <script>.")


@pytest.mark.parametrize(
    ("who", "status"), [("anna", 200), ("clara", 200), ("ben", 403), ("emil", 404)]
)
def test_lead_and_works_council_read_it(cast, login, who, status):
    url = reverse("authority_log", args=[cast.company.pk])
    assert login(getattr(cast, who)).get(url).status_code == status


def test_fifty_a_page_at_the_same_cost(
    cast, login, django_assert_max_num_queries, django_assert_num_queries
):
    anna, url = login(cast.anna), reverse("authority_log", args=[cast.company.pk])
    anna.get(url)
    with django_assert_max_num_queries(7) as few:
        anna.get(url)
    cast.company.authority_events.all().delete()
    AuthorityEvent.objects.bulk_create(
        AuthorityEvent(
            company=cast.company, what=What.SHARED, by=cast.anna, about=cast.ben, detail=f"Nr. {n}"
        )
        for n in range(120)
    )
    with django_assert_num_queries(len(few.captured_queries)):
        html = anna.get(url).content.decode()
    seen = re.findall(r"Nr\. (\d+)", html)
    while onward := re.search(r'href="\?vor=(\d+)"', html):
        html = anna.get(url, {"vor": onward[1]}).content.decode()
        seen += re.findall(r"Nr\. (\d+)", html)
    assert seen == [str(n) for n in range(119, -1, -1)]


def test_another_companys_events_are_not_among_them(cast, login):
    with authority(cast.other, What.SHARED, by=cast.emil, detail="Kanarienvogel"):
        pass
    assert "Kanarienvogel" not in str(sentences(cast, login(cast.anna)))
