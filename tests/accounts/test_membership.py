"""Roles of people: who gives them, who ends them, and that a company always has a lead."""

from __future__ import annotations

from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.accounts.models import AuthorityEvent, Company, Membership, Role
from portal.accounts.models.membership import end_after_notice
from tests.checklists.test_races import at_once
from tests.factories import make_company, make_member, make_user

What = AuthorityEvent.What


def of(company: Company, user) -> Membership:
    return Membership.objects.filter(company=company, user=user).latest("pk")


def noted(company: Company) -> list[str]:
    return list(company.authority_events.order_by("pk").values_list("what", flat=True))


def noted_after(company: Company, count: int) -> list[str]:
    return noted(company)[count:]


@pytest.fixture
def before(cast) -> int:
    """How much stands in the log before the test does anything."""
    return len(noted(cast.company))


def test_a_member_becomes_lead_and_back(cast, before):
    ben = of(cast.company, cast.ben)
    ben.change_role(Role.LEAD, by=cast.anna)
    assert of(cast.company, cast.ben).role == Role.LEAD
    ben.change_role(Role.MEMBER, by=cast.anna)
    assert of(cast.company, cast.ben).role == Role.MEMBER
    assert noted_after(cast.company, before) == [What.ROLE_CHANGED] * 2
    assert cast.company.authority_events.first().detail == "Leitung → Team"


def test_the_role_one_has_changes_nothing(cast, before):
    of(cast.company, cast.ben).change_role(Role.MEMBER, by=cast.anna)
    assert noted_after(cast.company, before) == []


@pytest.mark.parametrize("role", [Role.WORKS_COUNCIL, "", "boss", "lead "])
def test_no_other_role_is_given_by_a_press(cast, role):
    with pytest.raises(ValidationError, match="Einladung"):
        of(cast.company, cast.ben).change_role(role, by=cast.anna)


@pytest.mark.parametrize("role", [Role.LEAD, Role.MEMBER])
def test_the_works_council_gets_no_other_role(cast, role, before):
    with pytest.raises(ValidationError, match="nicht zugleich"):
        of(cast.company, cast.clara).change_role(role, by=cast.anna)
    assert of(cast.company, cast.clara).role == Role.WORKS_COUNCIL
    assert noted_after(cast.company, before) == []


def test_the_last_lead_neither_steps_down_nor_leaves(cast, before):
    anna = of(cast.company, cast.anna)
    for verb in (partial(anna.change_role, Role.MEMBER), anna.end, anna.remove):
        with pytest.raises(ValidationError, match="immer eine Leitung"):
            verb(by=cast.anna)
    anna.refresh_from_db()
    assert (anna.role, anna.left_at) == (Role.LEAD, None)
    assert noted_after(cast.company, before) == []


def test_with_a_second_lead_the_first_may_go(cast):
    of(cast.company, cast.ben).change_role(Role.LEAD, by=cast.anna)
    of(cast.company, cast.anna).end(by=cast.anna)
    assert list(Company.objects.editable_by(cast.ben)) == [cast.company]
    assert not Company.objects.visible_to(cast.anna).exists()


def test_ending_twice_is_once(cast, before):
    ben = of(cast.company, cast.ben)
    ben.end(by=cast.anna)
    first = of(cast.company, cast.ben).left_at
    Membership.objects.get(pk=ben.pk).end(by=cast.anna)
    assert of(cast.company, cast.ben).left_at == first
    assert noted_after(cast.company, before) == [What.LEFT]


def test_an_ended_role_is_not_changed(cast):
    ben = of(cast.company, cast.ben)
    Membership.objects.filter(pk=ben.pk).update(left_at=timezone.now())
    with pytest.raises(ValidationError, match="nicht mehr"):
        ben.change_role(Role.LEAD, by=cast.anna)


def test_who_may_end_which_role(cast):
    second = make_member(cast.company, make_user("Ines"), Role.WORKS_COUNCIL)
    everybody = set(Membership.objects.live().filter(company=cast.company))
    council = {of(cast.company, cast.clara), second}

    def ended_by(user) -> set[Membership]:
        return set(Membership.objects.editable_by(user).live())

    assert ended_by(cast.anna) == everybody
    assert ended_by(cast.ben) == {of(cast.company, cast.ben)}
    assert ended_by(cast.clara) == council
    assert ended_by(cast.dora) == ended_by(cast.frida) == set()
    assert ended_by(cast.emil) == {of(cast.other, cast.emil)}


# --- Removing from the works council: 14 days ---------------------------------------------------


def test_a_lead_only_asks_a_council_member_to_leave(cast, before):
    clara = of(cast.company, cast.clara)
    assert [clara.remove(by=cast.anna), clara.remove(by=cast.anna)] == [True, False]
    assert (clara.left_at, bool(clara.removal_at)) == (None, True)
    assert Company.objects.visible_to(cast.clara).exists()
    assert noted_after(cast.company, before) == [What.REMOVAL_ASKED]


def test_the_council_removes_its_own_at_once(cast, before):
    ines = make_user("Ines")
    make_member(cast.company, ines, Role.WORKS_COUNCIL)
    for user in (ines, cast.clara):
        of(cast.company, user).remove(by=cast.clara)
        assert not Company.objects.visible_to(user).exists()
    assert noted_after(cast.company, before) == [What.LEFT] * 2


def test_asking_twice_does_not_start_the_days_anew(cast, time_machine, before):
    time_machine.move_to("2027-03-01 10:00+01:00")
    clara = of(cast.company, cast.clara)
    clara.ask_removal(by=cast.anna)
    ends = clara.removal_at
    time_machine.move_to("2027-03-05 10:00+01:00")
    of(cast.company, cast.clara).ask_removal(by=cast.anna)
    assert of(cast.company, cast.clara).removal_at == ends
    assert noted_after(cast.company, before) == [What.REMOVAL_ASKED]


def test_after_14_days_and_not_a_second_earlier_the_role_ends(cast, time_machine, before):
    time_machine.move_to("2027-03-20 10:00+01:00", tick=False)  # the clocks change in between
    clara = of(cast.company, cast.clara)
    clara.ask_removal(by=cast.anna)
    time_machine.shift(14 * 24 * 3600 - 1)
    assert end_after_notice() == 0
    time_machine.shift(1)
    assert end_after_notice() == 1
    assert end_after_notice() == 0
    assert not Company.objects.visible_to(cast.clara).exists()
    assert noted_after(cast.company, before) == [What.REMOVAL_ASKED, What.LEFT]
    left = cast.company.authority_events.first()
    assert (left.by, left.about) == (None, cast.clara)


def test_taken_back_in_time_nothing_ends(cast, time_machine, before):
    time_machine.move_to("2027-03-01 10:00+01:00")
    clara = of(cast.company, cast.clara)
    clara.ask_removal(by=cast.anna)
    clara.drop_removal(by=cast.anna)
    clara.drop_removal(by=cast.anna)
    time_machine.shift(20 * 24 * 3600)
    assert end_after_notice() == 0
    assert Company.objects.visible_to(cast.clara).exists()
    assert noted_after(cast.company, before) == [What.REMOVAL_ASKED, What.REMOVAL_DROPPED]


def test_confirmed_earlier_it_ends_at_once(cast, time_machine):
    time_machine.move_to("2027-03-01 10:00+01:00")
    clara = of(cast.company, cast.clara)
    clara.ask_removal(by=cast.anna)
    clara.remove(by=cast.clara)
    assert clara.left_at
    time_machine.shift(20 * 24 * 3600)
    assert end_after_notice() == 0


# --- At once, with real threads -----------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_leads_demoting_each_other_leave_one():
    for turn in range(5):
        anna, ben = make_user(f"Anna{turn}"), make_user(f"Ben{turn}")
        company = make_company(anna)
        make_member(company, ben, Role.LEAD)
        outcomes = at_once(
            partial(of(company, ben).change_role, Role.MEMBER, by=anna),
            partial(of(company, anna).change_role, Role.MEMBER, by=ben),
        )
        assert sum(outcome is None for outcome in outcomes) == 1
        assert sum(isinstance(outcome, ValidationError) for outcome in outcomes) == 1
        assert company.memberships.live().filter(role=Role.LEAD).count() == 1
        assert noted(company) == [What.ROLE_CHANGED]


@pytest.mark.django_db(transaction=True)
def test_two_leads_leaving_at_once_leave_one():
    for turn in range(5):
        anna, ben = make_user(f"Anna{turn}"), make_user(f"Ben{turn}")
        company = make_company(anna)
        make_member(company, ben, Role.LEAD)
        at_once(
            partial(of(company, anna).end, by=anna),
            partial(of(company, ben).end, by=ben),
        )
        assert company.memberships.live().filter(role=Role.LEAD).count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_equal_presses_are_one():
    anna, ben = make_user("Anna"), make_user("Ben")
    company = make_company(anna)
    make_member(company, ben, Role.WORKS_COUNCIL)
    at_once(*[lambda: of(company, ben).ask_removal(by=anna)] * 20)
    assert noted(company) == [What.REMOVAL_ASKED]
    at_once(*[lambda: of(company, ben).end(by=ben)] * 20)
    assert noted(company) == [What.REMOVAL_ASKED, What.LEFT]


@pytest.mark.django_db(transaction=True)
def test_taken_back_while_time_ends_it_is_one_of_both():
    for turn in range(8):
        anna, ben = make_user(f"Anna{turn}"), make_user(f"Ben{turn}")
        company = make_company(anna)
        role = make_member(company, ben, Role.WORKS_COUNCIL)
        role.ask_removal(by=anna)
        Membership.objects.filter(pk=role.pk).update(
            removal_asked_at=timezone.now() - Membership.NOTICE
        )
        at_once(end_after_notice, partial(of(company, ben).drop_removal, by=anna))
        stayed = of(company, ben).left_at is None
        last = What.REMOVAL_DROPPED if stayed else What.LEFT
        assert noted(company) == [What.REMOVAL_ASKED, last]


def test_what_was_taken_back_after_the_look_does_not_end(cast, monkeypatch):
    clara = of(cast.company, cast.clara)
    clara.ask_removal(by=cast.anna)
    looked = Membership.objects.filter(pk=clara.pk)  # as of a moment ago
    clara.drop_removal(by=cast.anna)
    monkeypatch.setattr(type(Membership.objects.all()), "notice_over", lambda _self: looked)
    assert end_after_notice() == 0
    assert of(cast.company, cast.clara).left_at is None
