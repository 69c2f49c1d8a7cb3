"""A person's role in a company."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models.authority import AuthorityEvent, authority
from portal.accounts.models.company import TEAM, Company, Role

if TYPE_CHECKING:
    from portal.accounts.models.user import User


class MembershipQuerySet(models.QuerySet["Membership"]):
    def live(self) -> MembershipQuerySet:
        return self.filter(left_at=None)

    def team(self) -> MembershipQuerySet:
        """Live roles of those who answer and carry measures."""
        return self.live().filter(role__in=TEAM)

    def seats(self, user: User | OuterRef, *roles: Role) -> MembershipQuerySet:
        """The user's live role among these in the company of the row that asks, for Exists()."""
        return self.live().filter(company=OuterRef("company"), user=user, role__in=roles)

    def visible_to(self, user: User) -> MembershipQuerySet:
        """Live roles in companies the user belongs to, in whatever role."""
        return self.live().filter(
            company__memberships__user=user, company__memberships__left_at=None
        )

    def editable_by(self, user: User) -> MembershipQuerySet:
        """Roles the user may end: a lead those of everybody (a works council's with notice), a
        works council those of its own, everybody the own one. Ended ones too, so that a second
        click finds what the first one did."""
        mine = {"company__memberships__user": user, "company__memberships__left_at": None}
        leading = Q(**mine, company__memberships__role=Role.LEAD)
        council = Q(**mine, company__memberships__role=Role.WORKS_COUNCIL, role=Role.WORKS_COUNCIL)
        return self.filter(leading | council | Q(user=user)).distinct()

    def notice_over(self) -> MembershipQuerySet:
        """Works-council roles whose end a lead asked for at least 14 days ago."""
        return self.live().filter(removal_asked_at__lte=timezone.now() - Membership.NOTICE)


class Membership(models.Model):
    """A person's role in a company. One live role per person and company, so that nobody is lead
    and works council of the same firm; a role that ended stays with its date. Without a user: the
    account was deleted, "ehemaliges Mitglied"."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="memberships",
    )
    role = models.CharField(_("Rolle"), max_length=13, choices=Role)
    joined_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(null=True, blank=True)
    removal_asked_at = models.DateTimeField(null=True, blank=True)
    visited_at = models.DateTimeField(null=True, blank=True)  # own mark: what is new to oneself

    NOTICE = timedelta(days=14)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("Mitgliedschaft")
        verbose_name_plural = _("Mitgliedschaften")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "user"],
                condition=Q(left_at=None),
                name="membership_one_live_role",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(
                condition=Q(left_at__isnull=False) | Q(user__isnull=False),
                name="membership_live_has_user",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} in Betrieb {self.company_id}"

    @property
    def removal_at(self) -> datetime | None:
        """When the role ends because a lead asked for it; None where nobody did."""
        return self.removal_asked_at and self.removal_asked_at + self.NOTICE

    @property
    def notice_is_over(self) -> bool:
        return self.removal_at is not None and self.removal_at <= timezone.now()

    # --- verbs -------------------------------------------------------------------------------

    def change_role(self, role: str, *, by: User) -> None:
        """Make a member lead or a lead member; the role one has already changes nothing. The works
        council is elected, not appointed: that role comes by invitation alone. Raises
        ValidationError for it, for an ended role and for the last lead."""
        if role not in {Role.LEAD, Role.MEMBER}:
            raise ValidationError(_("Diese Rolle vergibt nur eine Einladung."), code="role")
        with transaction.atomic():
            self._lock()
            if self.left_at:
                raise ValidationError(_("Diese Person gehört nicht mehr zum Betrieb."), code="left")
            if self.role == Role.WORKS_COUNCIL:
                raise ValidationError(
                    _("Wer im Betriebsrat ist, kann nicht zugleich Leitung oder Team sein."),
                    code="works_council",
                )
            if self.role == role:
                return
            if self.role == Role.LEAD:
                self._keep_a_lead()
            detail = f"{self.get_role_display()} → {Role(role).label}"
            with self._noted(AuthorityEvent.What.ROLE_CHANGED, by=by, detail=detail):
                self.role = role
                self.save(update_fields=["role"])

    def end(self, *, by: User | None) -> None:
        """End the role now; an ended one stays as it is. `by` None: its notice is over. Raises
        ValidationError for the last lead."""
        with transaction.atomic():
            self._lock()
            if self.left_at:
                return
            if self.role == Role.LEAD:
                self._keep_a_lead()
            with self._noted(AuthorityEvent.What.LEFT, by=by, detail=str(self.get_role_display())):
                self.left_at = timezone.now()
                self.save(update_fields=["left_at"])

    def remove(self, *, by: User) -> bool:
        """What whoever presses "Entfernen" may do: end the role, or ask for the end of a
        works-council role as somebody who is not on it. Whether this press asked for it. Raises
        ValidationError for the last lead."""
        council = Membership.objects.live().filter(company=self.company_id, user=by)
        if self.role == Role.WORKS_COUNCIL and not council.filter(role=self.role).exists():
            return self.ask_removal(by=by)
        self.end(by=by)
        return False

    def ask_removal(self, *, by: User) -> bool:
        """A lead wants a works-council member to leave: it takes effect when that member leaves or
        after 14 days. Asking twice does not start the 14 days anew: False."""
        return self._set_removal(timezone.now(), AuthorityEvent.What.REMOVAL_ASKED, by=by)

    def drop_removal(self, *, by: User) -> None:
        """The lead takes the request back; where there is none, nothing happens."""
        self._set_removal(None, AuthorityEvent.What.REMOVAL_DROPPED, by=by)

    def _set_removal(self, at: datetime | None, what: AuthorityEvent.What, *, by: User) -> bool:
        with transaction.atomic():
            self._lock()
            if self.left_at or bool(at) == bool(self.removal_asked_at):
                return False
            with self._noted(what, by=by):
                self.removal_asked_at = at
                self.save(update_fields=["removal_asked_at"])
        return True

    def _noted(
        self, what: AuthorityEvent.What, *, by: User | None, detail: str = ""
    ) -> AbstractContextManager[None]:
        return authority(self.company, what, by=by, about=self.user, detail=detail)

    def visit(self) -> None:
        """The member has seen what is new to them: their own mark, read by nobody else."""
        Membership.objects.filter(pk=self.pk).update(visited_at=timezone.now())

    def _lock(self) -> None:
        """Hold the company, so that two changes of roles take turns, and look again."""
        Company.objects.select_for_update(no_key=True).get(pk=self.company_id)
        self.refresh_from_db(fields=["role", "left_at", "removal_asked_at"])

    def _keep_a_lead(self) -> None:
        others = Membership.objects.live().filter(company=self.company_id, role=Role.LEAD)
        if not others.exclude(pk=self.pk).exists():
            raise ValidationError(
                _(
                    "Ein Betrieb hat immer eine Leitung. Geben Sie die Leitung zuerst an jemanden "
                    "weiter oder löschen Sie den Betrieb."
                ),
                code="last_lead",
            )


def end_after_notice() -> int:
    """End the works-council roles whose 14 days are over (housekeeping): how many. A request that
    is taken back at the same moment counts as taken back."""
    ended = 0
    for membership in Membership.objects.notice_over().select_related("company", "user"):
        with transaction.atomic():
            membership._lock()
            if membership.left_at or not membership.notice_is_over:
                continue
            membership.end(by=None)
            ended += 1
    return ended
