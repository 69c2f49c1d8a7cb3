"""Who can fetch what, after any order of inviting, joining, changing, engaging, sharing, revoking
and deleting: a model of the rules beside the portal."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from portal.accounts.models import Company, Engagement, Invitation, Membership, Role
from reports.company import delete_due
from reports.models import Share
from tests.factories import make_company, make_engagement, make_round, make_user
from tests.test_access_matrix import make_report

NAMES = ("Ada", "Bo", "Cem", "Dana", "Eli")
PEOPLE = st.sampled_from(range(len(NAMES)))
ROLES = st.sampled_from(list(Role))
TEAM = {Role.LEAD, Role.MEMBER}


class People(RuleBasedStateMachine):
    """One company with a round and a report. `roles`, `clients`, `shared` and `links` say what must
    hold; the portal is asked after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.users = [make_user(name) for name in NAMES]
        self.clients_of = [Client() for _ in NAMES]
        for client, user in zip(self.clients_of, self.users, strict=True):
            client.force_login(user)
        self.company: Company | None = make_company(self.users[0])
        self.round = make_round(self.company, "E03")
        self.report = make_report(self.round, self.users[0])
        self.roles: dict[int, str] = {0: Role.LEAD}
        self.invited: dict[int, Invitation] = {}
        self.engaged: dict[int, Engagement] = {}  # offered or accepted
        self.sees: dict[int, set[str]] = {}  # accepted: which grants
        self.share: Share | None = None
        self.links: dict[str, Share] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    # --- what people do ----------------------------------------------------------------------

    def leads(self) -> list[int]:
        return [who for who, role in self.roles.items() if role == Role.LEAD]

    def membership(self, who: int) -> Membership:
        return Membership.objects.live().get(company=self.company, user=self.users[who])

    def council(self) -> list[int]:
        return [who for who, role in self.roles.items() if role == Role.WORKS_COUNCIL]

    @precondition(lambda self: self.company)
    @rule(by=PEOPLE, who=PEOPLE, role=ROLES)
    def invite(self, by: int, who: int, role: str) -> None:
        if self.roles.get(by) not in {Role.LEAD, Role.WORKS_COUNCIL}:
            return  # the page's getter refuses; the matrix has that
        # Whoever is in the team or leads may be asked onto the works council.
        joins = who not in self.roles or (
            role == Role.WORKS_COUNCIL and self.roles[who] != Role.WORKS_COUNCIL
        )
        allowed = joins and (
            role == Role.WORKS_COUNCIL
            if self.roles[by] == Role.WORKS_COUNCIL
            else role != Role.WORKS_COUNCIL or not self.council()
        )
        try:
            invitation, _token = Invitation.issue(
                self.company, email=self.users[who].email, role=role, by=self.users[by]
            )
        except ValidationError:
            assert not allowed
        else:
            assert allowed
            self.invited[who] = invitation

    @precondition(lambda self: self.company and self.invited)
    @rule(data=st.data(), by=PEOPLE)
    def accept(self, data: st.DataObject, by: int) -> None:
        who = data.draw(st.sampled_from(sorted(self.invited)))
        invitation = self.invited[who]
        present = self.roles.get(by)
        allowed = (
            by == who
            and invitation.is_live
            and (
                present is None
                or (present == Role.MEMBER and invitation.role == Role.WORKS_COUNCIL)
            )
        )
        try:
            invitation.accept(self.users[by])
        except ValidationError:
            assert not allowed
        else:
            assert allowed
            self.roles[who] = invitation.role
            del self.invited[who]

    @precondition(lambda self: self.company and self.invited)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(sorted(self.invited)))
        self.invited.pop(who).withdraw(by=self.users[self.leads()[0]])

    @precondition(lambda self: self.company)
    @rule(who=PEOPLE, role=ROLES)
    def change_role(self, who: int, role: str) -> None:
        if who not in self.roles:
            return
        last = self.leads() == [who] and role != Role.LEAD
        try:
            self.membership(who).change_role(role, by=self.users[self.leads()[0]])
        except ValidationError:
            assert last or Role.WORKS_COUNCIL in (role, self.roles[who])
        else:
            self.roles[who] = role

    @precondition(lambda self: self.company)
    @rule(who=PEOPLE)
    def leave(self, who: int) -> None:
        if who not in self.roles:
            return
        try:
            self.membership(who).end(by=self.users[who])
        except ValidationError:
            assert self.leads() == [who]
        else:
            del self.roles[who]

    @precondition(lambda self: self.company)
    @rule(who=PEOPLE, grants=st.sets(st.sampled_from(["sees_answers", "sees_reports"])))
    def engage(self, who: int, grants: set[str]) -> None:
        if who in self.roles or who in self.engaged:
            return
        terms = {name: name in grants for name in Engagement.GRANTS}
        self.engaged[who] = make_engagement(self.company, self.users[who], **terms)
        self.sees[who] = grants

    @precondition(lambda self: self.company and self.engaged)
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(sorted(self.engaged)))
        self.engaged.pop(who).end(by=self.users[self.leads()[0]])
        del self.sees[who]

    @precondition(lambda self: self.company)
    @rule()
    def share_with_council(self) -> None:
        self.share = Share.with_works_council(self.report, by=self.users[self.leads()[0]])

    @precondition(lambda self: self.company and len(self.links) < 2)
    @rule()
    def share_by_link(self) -> None:
        share, token = Share.by_link(
            self.report,
            by=self.users[self.leads()[0]],
            purpose="Für die Bank",
            expires_at=timezone.now() + timedelta(days=30),
        )
        self.links[token] = share

    @precondition(lambda self: self.company and self.share)
    @rule()
    def withdraw_share(self) -> None:
        self.share.withdraw(by=self.users[self.leads()[0]])
        self.share = None

    @precondition(lambda self: self.company and self.links)
    @rule(data=st.data())
    def withdraw_link(self, data: st.DataObject) -> None:
        token = data.draw(st.sampled_from(sorted(self.links)))
        if self.links[token].is_live:
            self.links[token].withdraw(by=self.users[self.leads()[0]])

    @precondition(lambda self: self.company and len(self.leads()) > 1)
    @rule()
    def delete_company(self) -> None:
        self.company.ask_deletion(by=self.users[self.leads()[0]])
        Company.objects.filter(pk=self.company.pk).update(delete_at=timezone.now())
        delete_due()
        self.company, self.share = None, None
        self.roles.clear()
        self.engaged.clear()
        self.sees.clear()
        self.invited.clear()

    # --- what must hold ----------------------------------------------------------------------

    @invariant()
    def everybody_fetches_exactly_what_is_theirs(self) -> None:
        for who, client in enumerate(self.clients_of):
            role = self.roles.get(who)
            sees = self.sees.get(who, set())
            reads = (
                role in TEAM
                or (role == Role.WORKS_COUNCIL and self.share is not None)
                or "sees_reports" in sees
            )
            allowed = {
                reverse("topic_state", args=[self.round.pk, "E03"]): role in TEAM,
                reverse("report_progress", args=[self.report.pk]): reads,
                reverse("report_pdf", args=[self.report.pk]): reads,
            }
            for address, expected in allowed.items():
                status = client.get(address).status_code
                assert status == (200 if expected else 404), (NAMES[who], role, sees, address)

    @invariant()
    def links_open_while_they_live(self) -> None:
        for token, share in self.links.items():
            opened = Client().post(reverse("shared", args=[token])).status_code
            live = self.company is not None and share.is_live
            assert (opened == 302) == live

    @invariant()
    def a_company_has_a_lead(self) -> None:
        if self.company:
            stored = Membership.objects.live().filter(company=self.company)
            roles = {NAMES.index(member.user.name): member.role for member in stored}
            assert roles == self.roles
            assert self.leads()


@pytest.mark.django_db
def test_everybody_sees_exactly_what_is_theirs():
    sweep = bool(os.environ.get("SWEEPS"))
    run_state_machine_as_test(
        People,
        settings=settings(
            max_examples=60 if sweep else 7,
            stateful_step_count=20 if sweep else 15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
