"""The people of a company: who sees whom, who may change what, and that it costs the same with
five hundred."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Company, Invitation, Membership, Role, User
from tests.factories import make_member, make_user

WORDS = {  # what a row offers, and to whom
    "Zur Leitung machen": {"anna"},
    "Entfernen": {"anna"},
    "Ausscheiden beantragen": {"anna"},
    "Den Betrieb verlassen": {"anna", "ben", "clara"},
    "Offene Einladungen": {"anna", "clara"},
    "Wer wem welche Rechte gegeben hat": {"anna", "clara"},
}


def page(client, cast, **query) -> str:
    return client.get(reverse("members", args=[cast.company.pk]), query).content.decode()


def membership(cast, name: str) -> Membership:
    return Membership.objects.get(company=cast.company, user=getattr(cast, name))


def press(client, name: str, pk: int, **data: str) -> str:
    return client.post(reverse(name, args=[pk]), data, follow=True).content.decode()


@pytest.mark.parametrize("who", ["anna", "ben", "clara"])
def test_everybody_sees_names_and_roles_and_what_they_may_change(cast, login, who):
    html = page(login(getattr(cast, who)), cast)
    for name, role in (("Anna", "Leitung"), ("Ben", "Team"), ("Clara", "Betriebsrat")):
        assert re.search(rf"<b>{name}</b>\s*<p>\s*{role}", html)
    assert "Frida" not in html
    assert "Dora" not in html
    for words, whose in WORDS.items():
        assert (words in html) == (who in whose), words


def test_without_a_name_the_address_stands_there(cast, login):
    User.objects.filter(pk=cast.ben.pk).update(name="")
    assert "ben@betrieb.example" in page(login(cast.clara), cast)


def test_a_name_is_text(cast, login):
    User.objects.filter(pk=cast.ben.pk).update(name="<script>x</script>")
    html = page(login(cast.anna), cast)
    assert "<script>x" not in html
    assert "&lt;script&gt;x" in html


def test_role_changes_are_said_with_the_way_back(cast, login):
    anna, ben = login(cast.anna), membership(cast, "ben")
    html = press(anna, "membership_role", ben.pk, role="lead")
    assert "gehört jetzt zur Leitung" in html
    assert "„Ins Team zurück“" in html
    html = press(anna, "membership_role", ben.pk, role="member")
    assert "gehört jetzt zum Team" in html
    assert "immer eine Leitung" in press(
        anna, "membership_role", membership(cast, "anna").pk, role="member"
    )
    assert "nur eine Einladung" in press(anna, "membership_role", ben.pk, role="works_council")
    assert membership(cast, "ben").role == Role.MEMBER


def test_a_lead_who_steps_down_loses_the_say_at_once(cast, login):
    make_member(cast.company, make_user("Ines"), Role.LEAD)
    anna, own = login(cast.anna), membership(cast, "anna").pk
    press(anna, "membership_role", own, role="member")
    answer = anna.post(reverse("membership_role", args=[own]), {"role": "lead"})
    assert answer.status_code == 403


def test_removed_from_the_team_it_takes_effect_at_the_next_request(cast, login, client):
    ben = membership(cast, "ben")
    html = press(login(cast.anna), "membership_end", ben.pk)
    assert "Ben gehört nicht mehr zum Betrieb" in html
    assert "gehört nicht mehr" in press(client, "membership_end", ben.pk)  # a second click
    client.force_login(cast.ben)
    for name in ("members", "company", "reports"):
        assert client.get(reverse(name, args=[cast.company.pk])).status_code == 404


def test_everybody_may_leave_but_the_last_lead(cast, login, client):
    html = press(login(cast.anna), "membership_end", membership(cast, "anna").pk)
    assert "löschen Sie den Betrieb" in html
    for name in ("ben", "clara"):
        client.force_login(getattr(cast, name))
        own = membership(cast, name)
        for _click in range(2):
            assert "Sie gehören nicht mehr zu" in press(client, "membership_end", own.pk)
        assert not Company.objects.visible_to(own.user).exists()


def test_the_way_of_a_removal_from_the_works_council(cast, login, client, time_machine):
    time_machine.move_to("2027-03-01 00:30+01:00")  # in UTC it is still February
    clara = membership(cast, "clara")
    assert "am 15. März 2027" in page(login(cast.anna), cast)
    for _click in range(2):
        html = press(client, "membership_end", clara.pk)
        assert "Beantragt. Clara scheidet spätestens am 15. März 2027 aus" in html
    assert "Antrag zurücknehmen" in html
    [sent] = mail.outbox
    assert (sent.to, "15. März 2027" in sent.body) == (["clara@betrieb.example"], True)
    assert "Anna hat beantragt" in str(sent.body)

    client.force_login(cast.clara)
    html = page(client, cast)
    assert "Sie sollen aus dem Betriebsrat ausscheiden" in html
    assert "Ausscheiden bestätigen" in html
    room = client.get(reverse("council_room", args=[cast.company.pk])).content.decode()
    assert "Ausscheiden bestätigen" in room
    client.force_login(cast.ben)
    html = page(client, cast)
    assert "scheidet spätestens" not in html
    assert "Ausscheiden bestätigen" not in html

    client.force_login(cast.anna)
    assert "bleibt im Betriebsrat" in press(client, "membership_keep", clara.pk)
    client.force_login(cast.clara)
    assert "Ausscheiden bestätigen" not in page(client, cast)
    client.force_login(cast.anna)
    press(client, "membership_end", clara.pk)
    client.force_login(cast.clara)
    press(client, "membership_end", clara.pk)
    assert client.get(reverse("company", args=[cast.company.pk])).status_code == 404
    client.force_login(cast.anna)
    assert "gehört nicht mehr" in press(client, "membership_keep", clara.pk)


def test_a_removal_whose_mail_fails_is_said(cast, login, settings):
    settings.EMAIL_BACKEND = "tests.accounts.test_invitation.NoPost"
    html = press(login(cast.anna), "membership_end", membership(cast, "clara").pk)
    assert "Bitte sagen Sie es selbst" in html


def test_a_lead_cannot_do_to_the_council_what_it_does_to_the_team(cast, login):
    anna, clara = login(cast.anna), membership(cast, "clara")
    press(anna, "membership_role", clara.pk, role="lead")
    press(anna, "membership_role", clara.pk, role="member")
    press(anna, "membership_end", clara.pk)
    clara.refresh_from_db()
    assert (clara.role, clara.left_at) == (Role.WORKS_COUNCIL, None)


def test_the_council_manages_its_own_and_nobody_else(cast, login):
    ines = make_member(cast.company, make_user("Ines"), Role.WORKS_COUNCIL)
    clara = login(cast.clara)
    assert "Aus dem Betriebsrat entfernen" in page(clara, cast)
    assert "Ines gehört nicht mehr" in press(clara, "membership_end", ines.pk)
    for name in ("anna", "ben"):
        url = reverse("membership_end", args=[membership(cast, name).pk])
        assert clara.post(url).status_code == 403


# --- Open invitations ---------------------------------------------------------------------------


@pytest.fixture
def invited(cast) -> dict[str, Invitation]:
    team, _token = Invitation.issue(
        cast.company, email="gustav@betrieb.example", role=Role.MEMBER, by=cast.anna
    )
    council, _token = Invitation.issue(
        cast.company, email="karla@betrieb.example", role=Role.WORKS_COUNCIL, by=cast.clara
    )
    return {"team": team, "council": council}


def test_who_sees_and_changes_which_invitation(cast, login, client, invited):
    def row(html: str, which: str) -> str:
        return html.partition(f'id="einladung-{invited[which].pk}"')[2].partition("</li>")[0]

    html = page(login(cast.anna), cast)
    assert "gustav@betrieb.example" in row(html, "team")
    assert "Zurückziehen" in row(html, "team")
    assert "karla@betrieb.example" in row(html, "council")
    assert "Zurückziehen" not in row(html, "council")
    client.force_login(cast.clara)
    html = page(client, cast)
    assert "gustav" not in html
    assert "Zurückziehen" in row(html, "council")
    client.force_login(cast.ben)
    html = page(client, cast)
    assert "gustav" not in html
    assert "karla" not in html


@pytest.mark.parametrize("name", ["invitation_renew", "invitation_withdraw"])
def test_the_councils_invitations_are_its_own(cast, login, client, invited, name):
    url = reverse(name, args=[invited["council"].pk])
    assert login(cast.anna).post(url).status_code == 403
    client.force_login(cast.clara)
    assert client.post(url).status_code == 302


def test_the_first_one_of_the_council_is_the_leads_until_somebody_sits_there(cast, login, client):
    Membership.objects.filter(user=cast.clara).update(left_at=timezone.now())
    invitation, _token = Invitation.issue(
        cast.company, email="karla@betrieb.example", role=Role.WORKS_COUNCIL, by=cast.anna
    )
    assert "Zurückziehen" in page(login(cast.anna), cast)
    assert "ist zurückgezogen" in press(client, "invitation_withdraw", invitation.pk)
    assert "ist zurückgezogen" in press(client, "invitation_withdraw", invitation.pk)


def test_expired_ones_are_marked_and_sent_again(cast, login, client, invited):
    Invitation.objects.filter(pk=invited["team"].pk).update(expires_at=timezone.now())
    assert "abgelaufen am" in page(login(cast.anna), cast)
    assert "ist unterwegs" in press(client, "invitation_renew", invited["team"].pk)
    assert "schon erledigt" in press(client, "invitation_renew", invited["team"].pk)
    assert len(mail.outbox) == 1
    assert "abgelaufen" not in page(client, cast)


# --- Many ---------------------------------------------------------------------------------------


def crowd(company: Company, count: int) -> None:
    users = User.objects.bulk_create(
        User(email=f"p{number}@betrieb.example", name=f"Person {number}") for number in range(count)
    )
    Membership.objects.bulk_create(
        Membership(company=company, user=user, role=Role.MEMBER) for user in users
    )


def asked(company: Company, count: int) -> None:
    Invitation.objects.bulk_create(
        Invitation(
            company=company,
            email=f"neu{number}@betrieb.example",
            role=Role.MEMBER,
            token_hash=f"{number:064}",
            expires_at=timezone.now() + Invitation.VALID,
        )
        for number in range(count)
    )


@pytest.mark.parametrize(
    ("name", "limit", "lists"), [("members", "LIMIT 51", 2), ("company", "LIMIT 9", 1)]
)
def test_five_hundred_people_cost_what_three_do(
    cast, login, django_assert_max_num_queries, django_assert_num_queries, name, limit, lists
):
    anna, url = login(cast.anna), reverse(name, args=[cast.company.pk])
    anna.get(url)
    with django_assert_max_num_queries(10) as few:
        anna.get(url)
    crowd(cast.company, 500)
    asked(cast.company, 120)
    with django_assert_num_queries(len(few.captured_queries)) as many:
        assert anna.get(url).status_code == 200
    assert sum(query["sql"].endswith(limit) for query in many.captured_queries) == lists


def test_each_of_five_hundred_stands_on_one_page(cast, login):
    crowd(cast.company, 500)
    anna, found = login(cast.anna), []
    query: dict[str, str] = {}
    for _page in range(20):
        html = page(anna, cast, **query)
        names = re.findall(r'id="person-(\d+)"', html)
        assert len(names) <= 50
        found += names
        onward = re.search(r'href="\?nach=(\d+)"', html)
        if not onward:
            break
        query = {"nach": onward[1]}
    assert len(found) == len(set(found)) == 503
    assert "Zum Anfang der Liste" in html


def test_open_invitations_come_in_pages_too(cast, login):
    asked(cast.company, 120)
    anna = login(cast.anna)
    html = page(anna, cast)
    assert html.count('id="einladung-') == 50
    onward = re.search(r'href="\?vor=(\d+)"', html)
    assert onward
    html = page(anna, cast, vor=onward[1])
    assert html.count('id="einladung-') == 50
    assert "neu69@" in html
    assert "neu70@" not in html


@pytest.mark.parametrize("key", ["x", "-1", "1e3", "9" * 40, "²", "' OR 1=1", ""])
def test_a_made_up_place_in_the_list_is_no_error(cast, login, key):
    anna = login(cast.anna)
    for query in ({"nach": key}, {"vor": key}):
        answer = anna.get(reverse("members", args=[cast.company.pk]), query)
        assert answer.status_code == 200
    answer = anna.get(reverse("authority_log", args=[cast.company.pk]), {"vor": key})
    assert answer.status_code == 200


# --- The company's page and one's companies -----------------------------------------------------


def test_the_company_page_names_eight_and_leads_to_the_others(cast, login, client):
    crowd(cast.company, 20)
    url = reverse("company", args=[cast.company.pk])
    html = login(cast.anna).get(url).content.decode()
    assert "Person 4" in html
    assert "Person 5" not in html
    assert "Alle Leute" in html
    assert reverse("invitation_create", args=[cast.company.pk]) in html
    client.force_login(cast.ben)
    assert (
        reverse("invitation_create", args=[cast.company.pk]) not in client.get(url).content.decode()
    )


def test_ones_companies_with_ones_roles_and_the_way_between_them(cast, login):
    make_member(cast.other, cast.ben, Role.WORKS_COUNCIL)
    ben = login(cast.ben)
    html = ben.get(reverse("companies")).content.decode()
    assert re.search(r"Bäckerei Korn.*?Betriebsrat.*?Dachdeckerei Sommer.*?Team", html, re.DOTALL)
    header = ben.get(reverse("company", args=[cast.other.pk])).content.decode()
    assert "Betrieb wechseln" in header
    Membership.objects.filter(user=cast.ben, company=cast.other).update(left_at=timezone.now())
    assert "Bäckerei Korn" not in ben.get(reverse("companies")).content.decode()


def test_ones_companies_cost_the_same_with_many(cast, login, django_assert_max_num_queries):
    for number in range(30):
        make_member(Company.objects.create(name=f"Betrieb {number}"), cast.ben)
    ben = login(cast.ben)
    ben.get(reverse("companies"))
    with django_assert_max_num_queries(6):
        ben.get(reverse("companies"))
