"""Engagements: offered by a lead, taken on by whoever owns the address, over at once."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from portal.accounts.days import add_months
from portal.accounts.models import AuthorityEvent, ConsultantProfile, Engagement, Invitation
from tests.factories import make_engagement, make_member, make_user

IDA = "ida@beratung.example"


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def offer(company, by, email=IDA, **terms) -> Engagement:
    return Engagement.engage(company, email=email, by=by, until=in_days(30), **terms)


def make_consultant(name: str, email: str = ""):
    user = make_user(name)
    if email:
        user.emailaddress_set.update(email=email)
        type(user).objects.filter(pk=user.pk).update(email=email)
        user.refresh_from_db()
    ConsultantProfile.objects.create(user=user, organisation="Beratung am Fluss")
    return user


def posted(**fields):
    return {"email": IDA, "sees_answers": "on", "until": in_days(90).isoformat(), **fields}


# --- verbs ----------------------------------------------------------------------------------------


def test_nothing_is_seen_before_acceptance_and_all_that_is_granted_after(cast):
    ida = make_consultant("Ida", IDA)
    offered = offer(cast.company, cast.anna)
    assert not Engagement.objects.held_by(ida).exists()
    assert list(Engagement.objects.offered_to(ida)) == [offered]
    offered.accept(ida)
    assert list(Engagement.objects.held_by(ida)) == [offered]
    assert not Engagement.objects.offered_to(ida).exists()


def test_accepting_twice_is_once(cast):
    ida = make_consultant("Ida", IDA)
    offered = offer(cast.company, cast.anna)
    offered.accept(ida)
    first = Engagement.objects.get(pk=offered.pk).accepted_at
    Engagement.objects.get(pk=offered.pk).accept(ida)
    assert Engagement.objects.get(pk=offered.pk).accepted_at == first
    accepted = AuthorityEvent.What.ENGAGEMENT_ACCEPTED
    assert (
        AuthorityEvent.objects.filter(company=cast.company, what=accepted, about=ida).count() == 1
    )


def test_another_account_cannot_accept(cast):
    offered = offer(cast.company, cast.anna)
    with pytest.raises(ValidationError) as refused:
        offered.accept(cast.dora)
    assert refused.value.code == "address"
    assert Engagement.objects.get(pk=offered.pk).accepted_at is None


def test_an_address_that_was_not_proven_accepts_nothing(cast):
    ida = make_consultant("Ida", IDA)
    ida.emailaddress_set.update(verified=False)
    offered = offer(cast.company, cast.anna)
    assert not Engagement.objects.offered_to(ida).exists()
    with pytest.raises(ValidationError):
        offered.accept(ida)


def test_nobody_accepts_without_a_profile(cast):
    ida = make_user("Ida")
    offered = offer(cast.company, cast.anna, email=ida.email)
    with pytest.raises(ValidationError) as refused:
        offered.accept(ida)
    assert refused.value.code == "profile"


def test_who_belongs_to_the_company_is_not_engaged(cast):
    with pytest.raises(ValidationError) as refused:
        offer(cast.company, cast.anna, email=cast.ben.email)
    assert refused.value.code == "member"
    assert not AuthorityEvent.objects.filter(detail__startswith="b…").exists()


def test_who_joins_after_being_engaged_sees_the_company_in_that_role_only(cast):
    make_member(cast.company, cast.dora)
    assert not Engagement.objects.held_by(cast.dora).exists()


def test_who_joined_after_the_offer_cannot_accept(cast):
    ida = make_consultant("Ida", IDA)
    offered = offer(cast.company, cast.anna)
    make_member(cast.company, ida)
    with pytest.raises(ValidationError) as refused:
        offered.accept(ida)
    assert refused.value.code == "member"


def test_ended_is_ended_and_can_be_given_anew(cast):
    ida = make_consultant("Ida", IDA)
    first = offer(cast.company, cast.anna)
    first.accept(ida)
    Engagement.objects.filter(pk=first.pk).update(seen={"round": 1, "answers": {"E03-01": "ja"}})
    first.end(by=cast.anna)
    assert not Engagement.objects.held_by(ida).exists()
    assert Engagement.objects.get(pk=first.pk).seen == {}
    first.end(by=cast.anna)
    ended = AuthorityEvent.objects.filter(what=AuthorityEvent.What.ENGAGEMENT_ENDED, about=ida)
    assert ended.count() == 1
    with pytest.raises(ValidationError):
        first.change(by=cast.anna, sees_notes=True)
    again = offer(cast.company, cast.anna)
    assert not again.is_live
    again.accept(ida)
    assert list(Engagement.objects.held_by(ida)) == [again]


def test_the_last_day_ends_at_midnight_in_berlin(cast, monkeypatch):
    ida = make_consultant("Ida", IDA)
    engagement = offer(cast.company, cast.anna)
    engagement.accept(ida)
    Engagement.objects.filter(pk=engagement.pk).update(until=date(2027, 3, 31))
    for moment, live in (
        (datetime(2027, 3, 31, 21, 59, tzinfo=UTC), True),  # 23:59 in summer time
        (datetime(2027, 3, 31, 22, 0, tzinfo=UTC), False),
        (datetime(2027, 3, 31, 23, 30, tzinfo=UTC), False),  # the host's day is not over yet
    ):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert Engagement.objects.held_by(ida).exists() is live, moment
        assert Engagement.objects.get(pk=engagement.pk).is_live is live


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
        (date(2026, 11, 21), date(2027, 5, 21)),
    ],
)
def test_six_months_later(day, later):
    assert add_months(day, 6) == later


# --- the lead's page ------------------------------------------------------------------------------


def test_a_lead_engages_and_the_address_gets_a_mail(login, cast):
    client = login(cast.anna)
    page = client.get(reverse("engagements", args=[cast.company.pk])).content.decode()
    assert add_months(timezone.localdate(), 6).isoformat() in page
    response = client.post(
        reverse("engagement_create", args=[cast.company.pk]),
        posted(message="Wie am Telefon besprochen."),
    )
    assert response.status_code == 302
    made = Engagement.objects.get(email=IDA)
    assert (made.sees_answers, made.sees_notes, made.sees_plan, made.sees_reports) == (
        True, False, False, False,
    )  # fmt: skip
    (sent,) = mail.outbox
    assert sent.to == [IDA]
    assert "Dachdeckerei Sommer" in sent.subject
    assert reverse("consultant_room") in sent.body
    assert "Wie am Telefon besprochen." in sent.body


def test_the_same_answer_whether_the_address_is_known_or_not(login, cast):
    make_consultant("Ida", IDA)
    client = login(cast.anna)
    pages, mails = [], []
    for email in (IDA, "idb@beratung.example"):
        response = client.post(
            reverse("engagement_create", args=[cast.company.pk]), posted(email=email), follow=True
        )
        made = Engagement.objects.get(email=email)
        text = response.content.decode().replace(email, "X").replace(f"/{made.pk}/", "/N/")
        text = re.sub(r'(csrfmiddlewaretoken" value=)"\w+"', r"\1", text)
        pages.append(text.partition('id="laufend"')[2].partition("</li>")[0])
        mails.append(mail.outbox[-1].body.replace(email, "X"))
        made.delete()
    assert pages[0] == pages[1]
    assert mails[0] == mails[1]


def test_a_double_click_engages_once(login, cast):
    client = login(cast.anna)
    for _click in range(2):
        response = client.post(reverse("engagement_create", args=[cast.company.pk]), posted())
        assert response.status_code == 302
    assert Engagement.objects.filter(email=IDA).count() == 1
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"email": ""}, "Adresse"),
        ({"email": "ida@beratung.example\nBcc: alle@betrieb.example"}, "E-Mail-Adresse"),
        ({"email": "i" * 300 + "@beratung.example"}, "kürzen"),
        ({"email": "ben@betrieb.example"}, "gehört zum Betrieb"),
        ({"until": ""}, "bis wann"),
        ({"until": "morgen"}, "Datum"),
        ({"until": in_days(-1).isoformat()}, "vorbei"),
        ({"until": in_days(800).isoformat()}, "zwei Jahre"),
        ({"message": "x" * 301}, "kürzen"),
        ({"message": "x\x00y"}, "unsichtbares"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(login, cast, fields, word):
    response = login(cast.anna).post(
        reverse("engagement_create", args=[cast.company.pk]), posted(**fields)
    )
    assert response.status_code == 422
    assert word in response.content.decode()
    assert Engagement.objects.filter(company=cast.company).count() == 2
    assert mail.outbox == []


def test_a_message_of_several_lines_becomes_one(login, cast):
    login(cast.anna).post(
        reverse("engagement_create", args=[cast.company.pk]),
        posted(message="Guten Tag\n\nLink: hier\r\n"),
    )
    assert Engagement.objects.get(email=IDA).message == "Guten Tag Link: hier"


def test_other_grants_count_at_the_next_request(login, cast, assessment):
    dora = type(login(cast.dora))()
    dora.force_login(cast.dora)
    page = reverse("client_round", args=[cast.engagement.pk, assessment.number])
    assert dora.get(page).status_code == 200
    anna = type(dora)()
    anna.force_login(cast.anna)
    response = anna.post(
        reverse("engagement_edit", args=[cast.engagement.pk]),
        {"sees_reports": "on", "until": in_days(10).isoformat()},
    )
    assert response.status_code == 302
    assert dora.get(page).status_code == 404
    changed = Engagement.objects.get(pk=cast.engagement.pk)
    assert (changed.sees_answers, changed.until) == (False, in_days(10))


def test_ended_between_two_clicks_of_a_lead(login, cast):
    client = login(cast.anna)
    url = reverse("engagement_edit", args=[cast.engagement.pk])
    assert client.get(url).status_code == 200
    cast.engagement.end(by=cast.dora)
    response = client.post(url, posted(), follow=True)
    assert response.status_code == 200
    assert "beendet" in response.content.decode()
    assert not Engagement.objects.get(pk=cast.engagement.pk).is_running


def test_ended_between_two_clicks_of_a_consultant(login, cast, assessment):
    client = login(cast.dora)
    assert client.get(reverse("client", args=[cast.engagement.pk])).status_code == 200
    cast.engagement.end(by=cast.anna)
    for name, method in (
        ("client", "get"), ("client_visited", "post"), ("client_round", "get"),
        ("review_edit", "get"), ("review_edit", "post"), ("review_release", "post"),
    ):  # fmt: skip
        args = [cast.engagement.pk]
        if name in {"client_round", "review_edit", "review_release"}:
            args.append(assessment.number)
        assert getattr(client, method)(reverse(name, args=args)).status_code == 404, name


def test_withdrawn_between_two_clicks_cannot_be_accepted(login, cast):
    ida = make_consultant("Ida", IDA)
    offered = offer(cast.company, cast.anna)
    client = login(ida)
    assert "Annehmen" in client.get(reverse("consultant_room")).content.decode()
    offered.end(by=cast.anna)
    response = client.post(reverse("engagement_accept", args=[offered.pk]), follow=True)
    assert "Dieses Mandat ist beendet." in response.content.decode()
    assert not Engagement.objects.held_by(ida).exists()


def test_ending_twice_is_once_and_neither_click_fails(login, cast):
    client = login(cast.anna)
    for _click in range(2):
        assert client.post(reverse("engagement_end", args=[cast.engagement.pk])).status_code == 302
    ended = AuthorityEvent.What.ENGAGEMENT_ENDED
    assert AuthorityEvent.objects.filter(what=ended, about=cast.dora).count() == 1


def test_an_ended_one_can_be_given_anew_from_the_page(login, cast):
    client = login(cast.anna)
    cast.engagement.end(by=cast.anna)
    page = reverse("engagements", args=[cast.company.pk])
    assert f"?neu={cast.engagement.pk}#neu" in client.get(page).content.decode()
    filled = client.get(f"{page}?neu={cast.engagement.pk}").content.decode()
    assert 'value="dora@betrieb.example"' in filled
    assert client.get(f"{page}?neu=x").status_code == 200


def test_another_companys_engagement_does_not_fill_the_form(login, cast):
    theirs = make_engagement(cast.other, make_user("Jule"))
    page = reverse("engagements", args=[cast.company.pk])
    assert login(cast.anna).get(f"{page}?neu={theirs.pk}").status_code == 404


def test_a_member_reads_and_does_not_see_addresses(login, cast):
    offer(cast.company, cast.anna)
    page = login(cast.ben).get(reverse("engagements", args=[cast.company.pk])).content.decode()
    assert "Dora" in page
    assert IDA not in page
    assert cast.dora.email not in page
    assert "<form" not in page.partition("<main")[2]


# --- the consultant's answer ----------------------------------------------------------------------


def test_from_the_offer_over_the_profile_to_the_client(login, cast):
    ida = make_user("Ida")
    offered = offer(cast.company, cast.anna, email=ida.email)
    client = login(ida)
    assert client.get(reverse("home")).headers["Location"] == reverse("consultant_room")
    response = client.post(reverse("engagement_accept", args=[offered.pk]))
    assert response.headers["Location"] == reverse("consultant_profile")
    client.post(reverse("consultant_profile"), {"name": "Ida Lang"})
    response = client.post(reverse("engagement_accept", args=[offered.pk]))
    assert response.headers["Location"] == reverse("client", args=[offered.pk])
    assert client.get(response.headers["Location"]).status_code == 200


def test_declining_is_seen_by_the_lead_as_over(login, cast):
    ida = make_consultant("Ida", IDA)
    offered = offer(cast.company, cast.anna)
    client = login(ida)
    for _click in range(2):
        response = client.post(reverse("engagement_leave", args=[offered.pk]))
        assert response.headers["Location"] == reverse("consultant_room")
    assert Engagement.objects.get(pk=offered.pk).ended_at


def test_an_engagement_is_no_way_into_the_company(login, cast):
    client = login(cast.dora)
    for name in (
        "company",
        "members",
        "engagements",
        "reports",
        "council_room",
        "invitation_create",
    ):
        assert client.get(reverse(name, args=[cast.company.pk])).status_code == 404, name
    assert not Invitation.objects.visible_to(cast.dora).exists()
