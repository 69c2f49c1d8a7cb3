"""One's own account: which mails one gets, what is kept, and deleting it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from auditlog.models import LogEntry
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import models
from django.test import Client
from django.utils import timezone

from checklists.models import Comment, Delegation, Question, Review, ReviewTopic, Thread
from portal import person
from portal.accounts import mails
from portal.accounts.models import Engagement, Invitation, Membership, User
from reports.models import Report, Share, Statement
from tests.factories import PASSWORD, make_company, make_engagement, make_member, make_user


def device_of(user: User) -> Client:
    """A browser that logged in through the form, so that the list of devices knows it."""
    client = Client()
    client.post("/konto/login/", {"login": user.email, "password": PASSWORD})
    return client


# --- Mails ----------------------------------------------------------------------------------------


def test_what_is_left_unticked_is_not_sent_any_more(cast, login):
    kept = [kind.value for kind in mails.OPTIONAL if kind != mails.Kind.SHARE]
    assert login(cast.ben).post("/konto/mails/", {"mails": kept}).status_code == 302
    cast.ben.refresh_from_db()
    assert not mails.wants(cast.ben, mails.Kind.SHARE)
    assert all(mails.wants(cast.ben, mails.Kind(kind)) for kind in kept)
    assert not mails.send(mails.Kind.SHARE, cast.ben, "https://x.example/", "Lesen")
    assert mail.outbox == []


def test_essential_mails_come_in_any_case(cast, login):
    login(cast.ben).post("/konto/mails/", {})
    cast.ben.refresh_from_db()
    assert set(cast.ben.muted_mails.split()) == {kind.value for kind in mails.OPTIONAL}
    cast.ben.mute_mails(mails.Kind.values)  # however it came there
    assert all(mails.wants(cast.ben, kind) for kind in mails.ESSENTIAL)
    assert not any(mails.wants(cast.ben, kind) for kind in mails.OPTIONAL)
    assert mails.send(mails.Kind.DELETION, cast.ben, "https://x.example/", "Lesen", what="account")
    assert len(mail.outbox) == 1


def test_an_essential_mail_cannot_be_switched_off_by_a_made_up_form(cast, login):
    response = login(cast.ben).post("/konto/mails/", {"mails": ["deletion"]})
    assert response.status_code == 422
    cast.ben.refresh_from_db()
    assert cast.ben.muted_mails == ""


def test_the_page_shows_each_kind_and_why_some_always_come(cast, login):
    html = login(cast.ben).get("/konto/mails/").content.decode()
    for kind in mails.Kind:
        assert str(kind.label) in html
    for why in mails.ESSENTIAL.values():
        assert str(why) in html


# --- What is kept ---------------------------------------------------------------------------------


@pytest.fixture
def busy(cast, assessment) -> User:
    """Ben has left a trace wherever one can, others about him too. `device` is his browser."""
    ben, anna = cast.ben, cast.anna
    device = device_of(ben)
    User.objects.filter(pk=ben.pk).update(name="Bennogabriel Quastenflosser")
    ben.refresh_from_db()
    question = Question.objects.get(aid__code="E03", number=1)
    thread = Thread.objects.create(assessment=assessment, question=question)
    Comment.objects.create(thread=thread, author=ben, text="Das sehe ich anders.")
    Delegation.objects.create(assessment=assessment, aid=question.aid, user=ben, asked_by=anna)
    Delegation.objects.create(assessment=assessment, aid=question.aid, user=anna, asked_by=ben)
    Invitation.issue(cast.company, email="neu@betrieb.example", role="member", by=ben)
    Invitation.issue(cast.other, email=ben.email, role="member", by=cast.emil)
    report = Report.freeze(assessment, by=ben)
    Share.with_works_council(report, by=ben, purpose="Zur Sitzung")
    Statement.objects.create(report=report, author=ben, text="Entwurf des Betriebsrats")
    elsewhere = make_company(anna, "Zimmerei Ast")
    make_engagement(elsewhere, ben)
    review = Review.objects.create(assessment=assessment, consultant=ben, summary="Nur ein Entwurf")
    ReviewTopic.objects.create(review=review, aid=question.aid, recommendation="Erst messen")
    Review.objects.create(
        assessment=assessment,
        consultant=ben,
        signature="Bennogabriel Quastenflosser, Beratung am Fluss",
        summary="Freigegeben",
        number=1,
        released_at=timezone.now(),
    )
    EmailAddress.objects.create(user=ben, email="zweite@betrieb.example", verified=True)
    Authenticator.objects.create(
        user=ben, type=Authenticator.Type.TOTP, data={"secret": "GEHEIMNIS"}
    )
    ben.device = device
    return ben


def test_the_download_holds_what_one_did_and_no_secret(busy):
    response = busy.device.get("/konto/meine-daten/datei/")
    assert "attachment" in response.headers["Content-Disposition"]
    text = response.content.decode()
    told = json.loads(text)
    assert told["erklaerung"].keys() <= told.keys()
    assert told["konto"]["name"] == "Bennogabriel Quastenflosser"
    assert len(told["konto"]["angemeldete_geraete"]) == 1
    assert {row["betrieb"] for row in told["betriebe"]} == {"Dachdeckerei Sommer"}
    assert told["beratung"]["mandate"][0]["betrieb"] == "Zimmerei Ast"
    assert told["kommentare"][0]["text"] == "Das sehe ich anders."
    assert [row["nummer"] for row in told["beratungsberichte"]] == [None, 1]
    assert told["beratungsberichte"][0]["themen"][0]["empfehlung"] == "Erst messen"
    assert told["stellungnahmen"][0]["text"] == "Entwurf des Betriebsrats"
    assert len(told["uebergaben"]) == 2
    assert {row["an"] for row in told["einladungen"]} == {"neu@betrieb.example", busy.email}
    assert told["rechte"]
    for secret in (busy.password, "GEHEIMNIS", *Invitation.objects.values_list("token_hash")):
        assert str(secret) not in text
    assert Session.objects.get().session_key not in text


def test_the_download_shows_nothing_of_others(busy, cast, login):
    text = login(cast.emil).get("/konto/meine-daten/datei/").content.decode()
    assert "Quastenflosser" not in text
    assert "Dachdeckerei Sommer" not in text


def test_the_download_costs_the_same_for_much_and_little(
    busy, login, django_assert_max_num_queries
):
    thread = Thread.objects.get()
    for _ in range(30):
        Comment.objects.create(thread=thread, author=busy, text="Noch etwas.")
    ben = login(busy)
    ben.get("/konto/meine-daten/datei/")
    with django_assert_max_num_queries(32):
        ben.get("/konto/meine-daten/datei/")


# --- Deleting it ----------------------------------------------------------------------------------


def confirmed(client: Client) -> Client:
    """Type the password as the page before the deletion asks."""
    client.post("/konto/reauthenticate/", {"password": PASSWORD})
    return client


def test_deleting_needs_the_password(cast, login):
    ben = login(cast.ben)
    response = ben.post("/konto/loeschen/")
    assert response.status_code == 302
    assert "reauthenticate" in response.headers["Location"]
    assert User.objects.filter(pk=cast.ben.pk).exists()
    wrong = ben.post(response.headers["Location"], {"password": "falsch geraten"})
    assert wrong.status_code == 200
    assert User.objects.filter(pk=cast.ben.pk).exists()
    done = ben.post(response.headers["Location"], {"password": PASSWORD}, follow=True)
    assert "gelöscht" in done.content.decode()
    assert not User.objects.filter(pk=cast.ben.pk).exists()


def test_a_deleted_account_is_logged_out_everywhere_and_told_so(cast):
    other_device = device_of(cast.ben)
    ben = confirmed(device_of(cast.ben))
    assert UserSession.objects.count() == 2
    assert ben.post("/konto/loeschen/").headers["Location"] == "/konto/geloescht/"
    assert ben.get("/betriebe/").status_code == 302
    assert other_device.get("/betriebe/").status_code == 302
    assert not UserSession.objects.exists()
    assert not Session.objects.exists()
    assert [message.to for message in mail.outbox] == [["ben@betrieb.example"]]
    assert "gelöscht" in mail.outbox[0].subject


def test_the_last_lead_is_refused_with_the_way_out(cast, login):
    anna = confirmed(login(cast.anna))
    page = anna.get("/konto/loeschen/").content.decode()
    assert "Dachdeckerei Sommer" in page
    assert f"/betriebe/{cast.company.pk}/loeschen/" in page
    assert f"/betriebe/{cast.company.pk}/leute/" in page
    assert anna.post("/konto/loeschen/").status_code == 409
    assert User.objects.filter(pk=cast.anna.pk).exists()
    make_member(cast.company, make_user("Gerd"), "lead")
    assert anna.post("/konto/loeschen/").status_code == 302
    assert not User.objects.filter(pk=cast.anna.pk).exists()


def test_a_refused_deletion_has_changed_nothing(cast):
    """Anna is one of two leads here and the last one there: nothing ends."""
    make_member(cast.company, make_user("Gerd"), "lead")
    make_company(cast.anna, "Zimmerei Ast")
    before = list(Membership.objects.order_by("pk").values())
    with pytest.raises(ValidationError):
        person.erase(cast.anna)
    assert list(Membership.objects.order_by("pk").values()) == before


def columns_that_hold(*words: str) -> list[str]:
    """Every column of the database that says one of the words, frozen reports left out."""
    found = []
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.is_relation or (model is Report and field.name == "content"):
                continue
            if isinstance(field, (models.CharField, models.TextField, models.JSONField)):
                found += [
                    f"{model._meta.label}.{field.name}: {value}"
                    for value in model._default_manager.values_list(field.attname, flat=True)
                    if any(word.lower() in str(value).lower() for word in words)
                ]
    return found


def test_nothing_in_the_database_names_a_deleted_person(busy):
    words = (busy.email, "zweite@betrieb.example", "Quastenflosser")
    before = columns_that_hold(*words)
    kinds = ("User.email", "EmailAddress", "Invitation", "Engagement", "signature", "actor_email")
    assert all(any(kind in place for place in before) for kind in kinds), before
    person.erase(busy)
    assert columns_that_hold(*words) == []


def test_what_belongs_to_others_stays_without_the_name(busy, cast):
    person.erase(busy)
    assert Comment.objects.get().author is None
    assert Statement.objects.get().text == "Entwurf des Betriebsrats"
    assert [review.summary for review in Review.objects.all()] == ["Freigegeben"]
    assert Review.objects.get().signature == "ehemaliges Mitglied"
    assert not Membership.objects.live().filter(company=cast.company, user=None).exists()
    assert Engagement.objects.get(company__name="Zimmerei Ast").ended_at
    assert not Delegation.objects.filter(user=None).exists()
    assert not Authenticator.objects.exists()
    assert LogEntry.objects.exists()  # that something happened stays, not who did it
    assert cast.company.authority_events.filter(what="left", about=None).exists()


def test_an_address_never_proven_takes_nothing_of_others_along(cast):
    """Somebody who merely claims an address does not delete invitations to it."""
    Invitation.issue(cast.company, email="chefin@betrieb.example", role="member", by=cast.anna)
    EmailAddress.objects.create(user=cast.emil, email="chefin@betrieb.example", verified=False)
    make_member(cast.other, make_user("Gerd"), "lead")
    person.erase(cast.emil)
    assert Invitation.objects.filter(email="chefin@betrieb.example").exists()


def test_no_link_to_a_person_blocks_or_survives_a_deletion():
    """Each foreign key to a user lets go of it or goes with it."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model is User:
                assert field.remote_field.on_delete in {models.SET_NULL, models.CASCADE}, field


def test_a_page_of_the_company_shows_a_former_member_without_name(busy, cast, login):
    person.erase(busy)
    pages = [f"/betriebe/{cast.company.pk}/", f"/betriebe/{cast.company.pk}/rechte/"]
    for path in pages:
        response = login(cast.anna).get(path)
        assert response.status_code == 200
        assert "Quastenflosser" not in response.content.decode()


def test_deletion_is_possible_for_somebody_without_any_company(db, login):
    lonely = make_user("Gerd")
    User.objects.filter(pk=lonely.pk).update(last_login=timezone.now() - timedelta(days=1))
    assert confirmed(login(lonely)).post("/konto/loeschen/").status_code == 302
    assert not User.objects.filter(pk=lonely.pk).exists()
