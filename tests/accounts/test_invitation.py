"""Inviting, and being invited: one address, one use, and nothing to learn from what is over."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import (
    AuthorityEvent,
    Company,
    Invitation,
    Membership,
    Role,
    WorksCouncil,
    open_invitations,
)
from portal.accounts.tokens import hashed
from tests.checklists.test_races import at_once
from tests.factories import make_company, make_member, make_user

NEW = "gustav@betrieb.example"


def invite(cast, email: str = NEW, role: str = Role.MEMBER, **more) -> tuple[Invitation, str]:
    return Invitation.issue(
        cast.company, email=email, role=role, by=more.pop("by", cast.anna), **more
    )


def address(token: str) -> str:
    return reverse("invitation", args=[token])


@pytest.fixture
def gustav(db):
    return make_user("Gustav")


@pytest.fixture
def asked(cast) -> Client:
    """Anna, who has said that there is a works council."""
    Company.objects.filter(pk=cast.company.pk).update(works_council=WorksCouncil.YES)
    client = Client()
    client.force_login(cast.anna)
    return client


def fill_in(client: Client, cast, **changes: str):
    given = {"email": NEW, "role": "member", "message": "", **changes}
    return client.post(reverse("invitation_create", args=[cast.company.pk]), given)


def link_in_mail() -> str:
    found = re.search(r"http://localhost:8000(/einladung/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


# --- The verbs ----------------------------------------------------------------------------------


def test_only_the_hash_of_the_token_is_stored(cast):
    invitation, token = invite(cast)
    assert invitation.token_hash == hashed(token)
    assert len(token) >= 43  # 256 bits
    row = Invitation.objects.filter(pk=invitation.pk).values().get()
    assert token not in str(row)
    assert cast.company.authority_events.first().detail == "g…@betrieb.example, Team"


def test_accepting_joins_in_the_role_of_the_invitation(cast, gustav):
    invitation, _token = invite(cast, role=Role.LEAD)
    invitation.accept(gustav)
    membership = Membership.objects.get(company=cast.company, user=gustav)
    assert (membership.role, membership.left_at) == (Role.LEAD, None)
    assert cast.company.authority_events.first().what == AuthorityEvent.What.JOINED


def test_accepting_twice_is_once(cast, gustav):
    invitation, _token = invite(cast)
    assert invitation.accept(gustav) == Invitation.objects.get(pk=invitation.pk).accept(gustav)
    assert Membership.objects.filter(company=cast.company, user=gustav).count() == 1


def test_another_account_cannot_accept(cast):
    invitation, _token = invite(cast)
    for user in (cast.emil, cast.frida, cast.dora):
        with pytest.raises(ValidationError, match="andere E-Mail-Adresse"):
            invitation.accept(user)


def test_an_unproven_address_is_not_ones_own(cast):
    invitation, _token = invite(cast)
    EmailAddress.objects.create(user=cast.emil, email=NEW, verified=False)
    with pytest.raises(ValidationError, match="andere E-Mail-Adresse"):
        invitation.accept(cast.emil)


def test_a_second_proven_address_and_capital_letters_are_fine(cast):
    invitation, _token = invite(cast, email="  Gustav@Betrieb.example ")
    EmailAddress.objects.create(user=cast.emil, email="Gustav@betrieb.example", verified=True)
    assert invitation.accept(cast.emil).role == Role.MEMBER


@pytest.mark.parametrize("end", ["withdrawn", "expired", "renewed"])
def test_what_is_over_is_not_accepted(cast, gustav, time_machine, end):
    time_machine.move_to("2027-03-01 10:00+01:00")
    invitation, _token = invite(cast)
    if end == "withdrawn":
        invitation.withdraw(by=cast.anna)
    elif end == "renewed":
        Invitation.objects.get(pk=invitation.pk).renew(by=cast.anna)
    else:
        time_machine.shift(14 * 24 * 3600)
    with pytest.raises(ValidationError, match="gilt nicht mehr"):
        Invitation.objects.get(pk=invitation.pk).accept(gustav)
    assert not Membership.objects.filter(user=gustav).exists()


def test_inviting_again_kills_the_older_token(cast, client):
    _first, old = invite(cast)
    _second, new = invite(cast, role=Role.LEAD)
    assert client.get(address(old)).status_code == 404
    assert client.get(address(new)).status_code == 200
    assert Invitation.objects.open().filter(company=cast.company).count() == 1


def test_a_double_click_sends_one(cast):
    first, token = invite(cast)
    again, nothing = invite(cast)
    assert (again, nothing) == (first, "")
    assert token
    assert cast.company.invitations.count() == 1


def test_renewing_twice_with_one_press_is_once(cast):
    invitation, _token = invite(cast)
    stale = Invitation.objects.get(pk=invitation.pk)
    invitation.renew(by=cast.anna)
    with pytest.raises(ValidationError, match="erledigt"):
        stale.renew(by=cast.anna)
    assert Invitation.objects.open().filter(company=cast.company).count() == 1


def test_withdrawing_twice_is_once_and_accepted_stays(cast, gustav):
    invitation, _token = invite(cast)
    invitation.withdraw(by=cast.anna)
    invitation.withdraw(by=cast.anna)
    what = AuthorityEvent.What.INVITATION_WITHDRAWN
    assert cast.company.authority_events.filter(what=what).count() == 1
    taken, _token = invite(cast, message="noch einmal")
    stale = Invitation.objects.get(pk=taken.pk)
    taken.accept(gustav)
    with pytest.raises(ValidationError, match="schon angenommen"):
        stale.withdraw(by=cast.anna)
    assert Membership.objects.live().filter(user=gustav).exists()


def test_one_that_was_cleared_away_meanwhile_is_over(cast, gustav):
    invitation, _token = invite(cast)
    Invitation.objects.filter(pk=invitation.pk).delete()
    with pytest.raises(ValidationError, match="gilt nicht mehr"):
        invitation.accept(gustav)


def test_who_invites_to_the_works_council(cast):
    with pytest.raises(ValidationError, match="selbst"):
        invite(cast, role=Role.WORKS_COUNCIL)  # Clara sits there
    invite(cast, role=Role.WORKS_COUNCIL, by=cast.clara)
    with pytest.raises(ValidationError, match="nur in den Betriebsrat"):
        invite(cast, role=Role.MEMBER, by=cast.clara)
    invite_first = partial(Invitation.issue, cast.other, role=Role.WORKS_COUNCIL, by=cast.emil)
    assert invite_first(email=NEW)[0].role == Role.WORKS_COUNCIL


def test_whoever_belongs_is_not_invited_again(cast):
    for email in (cast.ben.email, cast.anna.email, cast.clara.email):
        with pytest.raises(ValidationError, match="schon dazu"):
            invite(cast, email=email)
    with pytest.raises(ValidationError, match="schon dazu"):
        invite(cast, email=cast.clara.email, role=Role.WORKS_COUNCIL, by=cast.clara)


def test_from_the_team_into_the_works_council(cast):
    invitation, _token = invite(cast, email=cast.ben.email, role=Role.WORKS_COUNCIL, by=cast.clara)
    invitation.accept(cast.ben)
    live = Membership.objects.live().filter(company=cast.company, user=cast.ben)
    assert [membership.role for membership in live] == [Role.WORKS_COUNCIL]


def test_a_lead_does_not_join_the_works_council_too(cast):
    invitation, _token = invite(cast, email=cast.anna.email, role=Role.WORKS_COUNCIL, by=cast.clara)
    with pytest.raises(ValidationError, match="schließen sich aus"):
        invitation.accept(cast.anna)
    assert Company.objects.editable_by(cast.anna).exists()


def test_thirty_an_hour_and_not_one_more(cast, time_machine):
    time_machine.move_to("2027-03-01 10:00+01:00")
    for number in range(29):
        invite(cast, email=f"neu{number}@betrieb.example")
    last, _token = invite(cast, email="neu29@betrieb.example")
    with pytest.raises(ValidationError, match="In einer Stunde"):
        invite(cast)
    with pytest.raises(ValidationError, match="In einer Stunde"):
        last.renew(by=cast.anna)
    Invitation.issue(cast.other, email=NEW, role=Role.MEMBER, by=cast.emil)  # counted by company
    time_machine.shift(3601)
    assert invite(cast)[1]


def test_outdated_ones_are_those_over_for_30_days(cast, time_machine):
    time_machine.move_to("2027-03-01 10:00+01:00")
    invitation, _token = invite(cast)
    time_machine.shift(timedelta(days=43))
    assert not Invitation.objects.outdated().exists()
    time_machine.shift(timedelta(days=2))
    assert list(Invitation.objects.outdated()) == [invitation]


# --- The form -----------------------------------------------------------------------------------


def test_before_the_first_invitation_the_works_council_is_asked_for(cast, login):
    anna = login(cast.anna)
    url = reverse("invitation_create", args=[cast.company.pk])
    html = anna.get(url).content.decode()
    assert "Gibt es einen Betriebsrat?" in html
    assert "§ 94" in html
    assert 'name="email"' not in html
    assert 'name="email"' in anna.get(url + "?weiter=1").content.decode()
    answered = anna.post(
        reverse("company_council", args=[cast.company.pk]), {"works_council": "no"}
    )
    assert answered.headers["Location"] == url
    cast.company.refresh_from_db()
    assert cast.company.works_council == WorksCouncil.NO
    assert 'name="email"' in anna.get(url).content.decode()


@pytest.mark.parametrize("given", ["", "maybe", "yes "])
def test_no_other_answer_about_the_works_council_is_stored(cast, login, given):
    url = reverse("company_council", args=[cast.company.pk])
    assert login(cast.anna).post(url, {"works_council": given}).status_code == 302
    cast.company.refresh_from_db()
    assert cast.company.works_council in {"", "yes"}  # "yes " is stripped


def test_the_roles_offered_are_those_one_may_give(cast, login, asked):
    html = asked.get(reverse("invitation_create", args=[cast.company.pk])).content.decode()
    assert 'value="works_council"' not in html  # Clara sits there
    Membership.objects.filter(user=cast.clara).update(left_at=timezone.now())
    html = asked.get(reverse("invitation_create", args=[cast.company.pk])).content.decode()
    assert 'value="works_council"' in html
    assert "vor dem Start" in html


def test_where_there_is_no_works_council_nobody_is_invited_to_it(cast, asked):
    Membership.objects.filter(user=cast.clara).update(left_at=timezone.now())
    Company.objects.filter(pk=cast.company.pk).update(works_council=WorksCouncil.NO)
    html = asked.get(reverse("invitation_create", args=[cast.company.pk])).content.decode()
    assert 'value="works_council"' not in html
    assert fill_in(asked, cast, role="works_council").status_code == 422
    assert not Invitation.objects.exists()


def test_the_works_council_invites_to_itself_alone(cast, login):
    clara = login(cast.clara)
    html = clara.get(reverse("invitation_create", args=[cast.company.pk])).content.decode()
    assert 'name="role"' not in html
    assert fill_in(clara, cast, role="lead").status_code == 302
    assert Invitation.objects.get(email=NEW).role == Role.WORKS_COUNCIL


def test_the_mail_says_who_where_as_what_and_whose_words(cast, asked):
    Company.objects.filter(pk=cast.company.pk).update(name="Dach & Fach\n\nGmbH <b>")
    response = fill_in(asked, cast, message="Wir brauchen dich.\n\nKlick https://boese.example")
    assert response.headers["Location"] == reverse("members", args=[cast.company.pk])
    [sent] = mail.outbox
    text = str(sent.body)
    assert sent.to == [NEW]
    assert sent.subject == "Anna lädt Sie in den Betrieb „Dach & Fach GmbH <b>“ ein"
    assert "im Team" in text
    assert "Anna schreibt dazu:\n„Wir brauchen dich. Klick https://boese.example“" in text
    assert "gilt bis" in text
    assert "Ihren Namen und Ihre Rolle" in text
    html = sent.alternatives[0].content
    assert "<b>" not in html
    assert "Dach &amp; Fach" in html
    assert Client().get(link_in_mail()).status_code == 200


def test_an_unsent_mail_is_said_with_the_way_out(cast, asked, settings):
    settings.EMAIL_BACKEND = "tests.accounts.test_invitation.NoPost"
    response = fill_in(asked, cast)
    html = asked.get(response.headers["Location"]).content.decode()
    assert "ging nicht hinaus" in html
    assert "Noch einmal senden" in html
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    invitation = Invitation.objects.get(email=NEW)
    asked.post(reverse("invitation_renew", args=[invitation.pk]))
    assert Client().get(link_in_mail()).status_code == 200


class NoPost:
    """A mail server that is away."""

    def __init__(self, **_options) -> None: ...

    def send_messages(self, _messages) -> int:
        raise ConnectionRefusedError


def test_known_and_unknown_addresses_get_the_same_answer(cast, asked):
    def answer(email: str) -> str:
        page = asked.get(fill_in(asked, cast, email=email).headers["Location"]).content.decode()
        Invitation.objects.all().delete()
        page = re.sub(r'csrfmiddlewaretoken" value="\w+"|einladung-\d+|einladungen/\d+', "", page)
        return page.replace(email, "")

    assert answer(cast.emil.email) == answer("nobody@betrieb.example")
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(
    "email",
    [
        "",
        "kein",
        "a@b",
        "gustav@betrieb.example\nBcc: alle@betrieb.example",
        "gustav@betrieb.example\r\n\r\nText",
        "x" * 290 + "@b.example",
        "gustav\x00@betrieb.example",
        "ben@betrieb.example",
    ],
)
def test_a_wrong_address_is_explained_and_kept(cast, asked, email):
    response = fill_in(asked, cast, email=email, message="Bis bald")
    assert response.status_code == 422
    html = response.content.decode()
    assert 'id="error_1_id_email"' in html
    assert 'value="Bis bald"' in html
    assert not Invitation.objects.exists()
    assert not mail.outbox


def test_a_line_of_301_characters_or_a_role_of_ones_own_making_is_refused(cast, asked):
    assert fill_in(asked, cast, message="x" * 301).status_code == 422
    assert fill_in(asked, cast, role="works_council").status_code == 422
    assert fill_in(asked, cast, role="admin").status_code == 422
    assert fill_in(asked, cast, message="x" * 300).status_code == 302


def test_too_many_are_told_to_wait(cast, asked, monkeypatch):
    monkeypatch.setattr(Invitation, "MOST_PER_HOUR", 1)
    fill_in(asked, cast, email="einer@betrieb.example")
    response = fill_in(asked, cast)
    assert (response.status_code, response.headers["Retry-After"]) == (429, "3600")
    assert NEW in response.content.decode()
    waiting = Invitation.objects.get()
    told = asked.post(reverse("invitation_renew", args=[waiting.pk]), follow=True)
    assert "In einer Stunde geht es weiter" in told.content.decode()
    assert len(mail.outbox) == 1


# --- The page behind the link -------------------------------------------------------------------


def test_the_page_says_what_it_is_about_and_changes_nothing(cast, client):
    invitation, token = invite(cast, role=Role.WORKS_COUNCIL, by=cast.clara)
    response = client.get(address(token))
    html = response.content.decode()
    for words in ("Dachdeckerei Sommer", "Clara", "in den Betriebsrat", "Was niemand sieht"):
        assert words in html
    assert NEW not in html
    assert "g…@betrieb.example" in html
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert f"?next={address(token)}" in html
    assert client.post(address(token)).headers["Location"].startswith("/konto/login/?next=/einl")
    invitation.refresh_from_db()
    assert invitation.is_live


def test_accepting_by_the_link(cast, client, gustav):
    _invitation, token = invite(cast)
    client.force_login(gustav)
    assert "Einladung annehmen" in client.get(address(token)).content.decode()
    home = reverse("company", args=[cast.company.pk])
    assert client.post(address(token)).headers["Location"] == home
    assert "Sie gehören jetzt zu" in client.get(home).content.decode()
    assert client.post(address(token)).headers["Location"] == home
    assert client.get(address(token)).headers["Location"] == home
    assert Membership.objects.filter(user=gustav).count() == 1


def test_another_account_learns_nothing_and_how_to_switch(cast, client):
    _invitation, token = invite(cast)
    client.force_login(cast.emil)
    for response in (client.get(address(token)), client.post(address(token))):
        html = response.content.decode()
        assert response.status_code == 403
        assert "andere E-Mail-Adresse" in html
        assert NEW not in html
        assert cast.company.name not in html
        assert "Anna" not in html
        assert f'name="next" value="{address(token)}"' in html
    assert not Membership.objects.filter(company=cast.company, user=cast.emil).exists()
    left = client.post("/konto/logout/", {"next": address(token)})
    assert left.headers["Location"] == address(token)


def neutral(response) -> bytes:
    text = re.sub(rb'(csrfmiddlewaretoken" value|nonce)="[^"]*"', b"", response.content)
    return re.sub(rb"/einladung/[^/]+/", b"", text)


@pytest.mark.parametrize("who", [None, "emil", "gustav"])
def test_all_that_is_not_good_looks_the_same(cast, gustav, who):
    client = Client()
    if who:
        client.force_login(gustav if who == "gustav" else cast.emil)
    _good, good = invite(cast)
    _, renewed = invite(cast, email="a@betrieb.example")
    invite(cast, email="a@betrieb.example", message="neu")
    gone, withdrawn = invite(cast, email="b@betrieb.example")
    gone.withdraw(by=cast.anna)
    taken, accepted = invite(cast, email="hanna@betrieb.example")
    taken.accept(cast.hanna)
    old, expired = invite(cast, email=NEW if who == "gustav" else "c@betrieb.example", message="x")
    Invitation.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    changed = good[:-1] + ("A" if good[-1] != "A" else "B")
    dead = [renewed, withdrawn, accepted, expired, changed, "x", "x" * 3000, "ä-%20"]
    seen = {
        (response.status_code, neutral(response))
        for token in dead
        for response in (client.get(address(token)), client.post(address(token)))
    }
    assert len(seen) == 1
    [(status, page)] = seen
    assert status == 404
    assert cast.company.name.encode() not in page
    assert b"Diese Einladung gilt nicht" in page


def test_what_the_model_refuses_is_said_plainly(cast, client):
    _invitation, token = invite(cast, email=cast.anna.email, role=Role.WORKS_COUNCIL, by=cast.clara)
    client.force_login(cast.anna)
    html = client.post(address(token), follow=True).content.decode()
    assert "schließen sich aus" in html
    assert Membership.objects.live().get(company=cast.company, user=cast.anna).role == Role.LEAD


def test_withdrawn_while_the_page_was_open(cast, client, gustav):
    invitation, token = invite(cast)
    client.force_login(gustav)
    client.get(address(token))
    invitation.withdraw(by=cast.anna)
    assert client.post(address(token)).status_code == 404
    assert not Membership.objects.filter(user=gustav).exists()


# --- Without the mail ---------------------------------------------------------------------------


def test_a_lost_mail_locks_nobody_out(cast, client, gustav):
    invitation, _token = invite(cast)
    assert list(open_invitations(gustav)) == [invitation]
    client.force_login(gustav)
    assert client.get(reverse("home")).headers["Location"] == reverse("companies")
    html = client.get(reverse("companies")).content.decode()
    assert "Sie sind eingeladen" in html
    assert cast.company.name in html
    accept = reverse("invitation_accept_own", args=[invitation.pk])
    for _press in range(2):
        answer = client.post(accept)
        assert answer.headers["Location"] == reverse("company", args=[cast.company.pk])
    assert Membership.objects.filter(company=cast.company, user=gustav).count() == 1


def test_open_ones_are_those_for_proven_addresses_alone(cast, client, gustav):
    invitation, _token = invite(cast)
    EmailAddress.objects.filter(user=gustav).update(verified=False)
    client.force_login(gustav)
    assert not open_invitations(gustav).exists()
    assert cast.company.name not in client.get(reverse("companies")).content.decode()
    accept = reverse("invitation_accept_own", args=[invitation.pk])
    assert client.post(accept).status_code == 404


# --- At once ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_twenty_accepts_at_once_give_one_membership():
    anna, gustav = make_user("Anna"), make_user("Gustav")
    company = make_company(anna)
    invitation, _token = Invitation.issue(company, email=NEW, role=Role.MEMBER, by=anna)
    outcomes = at_once(*[lambda: Invitation.objects.get(pk=invitation.pk).accept(gustav)] * 20)
    assert all(isinstance(outcome, Membership) for outcome in outcomes), outcomes
    assert company.memberships.filter(user=gustav).count() == 1
    joined = company.authority_events.filter(what=AuthorityEvent.What.JOINED)
    assert joined.count() == 1


@pytest.mark.django_db(transaction=True)
def test_accepting_and_withdrawing_at_once_is_one_of_both():
    anna, gustav = make_user("Anna"), make_user("Gustav")
    for turn in range(5):
        company = make_company(anna, f"Betrieb {turn}")
        invitation, _token = Invitation.issue(company, email=NEW, role=Role.MEMBER, by=anna)
        other = Invitation.objects.get(pk=invitation.pk)
        accepted, withdrawn = at_once(
            partial(invitation.accept, gustav), partial(other.withdraw, by=anna)
        )
        assert isinstance(accepted, Membership | ValidationError)
        assert isinstance(accepted, Membership) == isinstance(withdrawn, ValidationError)
        stored = Invitation.objects.get(pk=invitation.pk)
        assert bool(stored.accepted_at) == isinstance(accepted, Membership)
        assert bool(stored.accepted_at) != bool(stored.withdrawn_at)
        assert company.memberships.filter(user=gustav).exists() == bool(stored.accepted_at)


@pytest.mark.django_db(transaction=True)
def test_forty_invitations_at_once_are_thirty():
    anna = make_user("Anna")
    company = make_company(anna)
    make_member(company, make_user("Ben"))

    def one(number: int) -> object:
        email = f"neu{number}@betrieb.example"
        return Invitation.issue(company, email=email, role=Role.MEMBER, by=anna)

    outcomes = at_once(*[partial(one, number) for number in range(40)])
    assert sum(isinstance(outcome, tuple) for outcome in outcomes) == Invitation.MOST_PER_HOUR
    assert company.invitations.count() == Invitation.MOST_PER_HOUR
