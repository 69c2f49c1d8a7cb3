"""A person's role in a company."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models.authority import AuthorityEvent, authority
from portal.accounts.models.company import Company, Role

if TYPE_CHECKING:
    from portal.accounts.models.user import User


class MembershipQuerySet(models.QuerySet["Membership"]):
    def live(self) -> MembershipQuerySet:
        return self.filter(left_at=None)

    def visible_to(self, user: User) -> MembershipQuerySet:
        """Live roles in companies the user belongs to, in whatever role."""
        return self.live().filter(
            company__memberships__user=user, company__memberships__left_at=None
        )

    def editable_by(self, user: User) -> MembershipQuerySet:
        """Live roles the user may end: a lead those of everybody (a works council's with notice),
        a works council those of its own, everybody the own one."""
        mine = {"company__memberships__user": user, "company__memberships__left_at": None}
        leading = Q(**mine, company__memberships__role=Role.LEAD)
        council = Q(**mine, company__memberships__role=Role.WORKS_COUNCIL, role=Role.WORKS_COUNCIL)
        return self.live().filter(leading | council | Q(user=user)).distinct()

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

    # --- verbs -------------------------------------------------------------------------------

    def change_role(self, role: str, *, by: User) -> None:
        """Make a member lead or a lead member. The works council is elected, not appointed: that
        role comes by invitation alone. Raises ValidationError for it, for an ended role and for the
        last lead."""
        if role not in {Role.LEAD, Role.MEMBER}:
            raise ValidationError(_("Diese Rolle vergibt nur eine Einladung."), code="role")
        detail = f"{self.get_role_display()} → {Role(role).label}"
        with authority(
            self.company, AuthorityEvent.What.ROLE_CHANGED, by=by, about=self.user, detail=detail
        ):
            self._lock()
            if self.role == Role.WORKS_COUNCIL:
                raise ValidationError(
                    _("Wer im Betriebsrat ist, kann nicht zugleich Leitung oder Team sein."),
                    code="works_council",
                )
            if self.role == Role.LEAD and role != Role.LEAD:
                self._keep_a_lead()
            self.role = role
            self.save(update_fields=["role"])

    def end(self, *, by: User | None) -> None:
        """End the role now. Raises ValidationError for the last lead; an ended role stays ended."""
        with authority(
            self.company,
            AuthorityEvent.What.LEFT,
            by=by,
            about=self.user,
            detail=str(self.get_role_display()),
        ):
            self._lock()
            if self.role == Role.LEAD:
                self._keep_a_lead()
            self.left_at = timezone.now()
            self.save(update_fields=["left_at"])

    def ask_removal(self, *, by: User) -> None:
        """A lead wants a works-council member to leave: it takes effect when that member leaves or
        after 14 days. Asking twice does not start the 14 days anew."""
        if self.removal_asked_at:
            return
        with authority(self.company, AuthorityEvent.What.REMOVAL_ASKED, by=by, about=self.user):
            self._lock()
            self.removal_asked_at = timezone.now()
            self.save(update_fields=["removal_asked_at"])

    def drop_removal(self, *, by: User) -> None:
        """The lead takes the request back."""
        with authority(self.company, AuthorityEvent.What.REMOVAL_DROPPED, by=by, about=self.user):
            self._lock()
            self.removal_asked_at = None
            self.save(update_fields=["removal_asked_at"])

    def _lock(self) -> None:
        """Hold the company, so that two changes of roles take turns, and look again. Raises
        ValidationError when the role ended meanwhile."""
        Company.objects.select_for_update().get(pk=self.company_id)
        self.refresh_from_db(fields=["role", "left_at", "removal_asked_at"])
        if self.left_at:
            raise ValidationError(_("Diese Person gehört nicht mehr zum Betrieb."), code="left")

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
