"""An invitation to a company, bound to one address and good for one acceptance."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models.authority import AuthorityEvent, authority, masked
from portal.accounts.models.company import Company, Role
from portal.accounts.models.membership import Membership
from portal.accounts.models.user import proven_addresses
from portal.accounts.tokens import hashed, new_token

if TYPE_CHECKING:
    from portal.accounts.models.user import User


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        """Neither accepted nor withdrawn; it may have expired."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def live(self) -> InvitationQuerySet:
        return self.open().filter(expires_at__gt=timezone.now())

    def visible_to(self, user: User) -> InvitationQuerySet:
        """Open invitations of companies the user belongs to."""
        return self.open().filter(
            company__memberships__user=user, company__memberships__left_at=None
        )

    def editable_by(self, user: User) -> InvitationQuerySet:
        """Those the user may send again or withdraw: a lead all but the works council's own once
        it has a member, a works council its own."""
        mine = {"company__memberships__user": user, "company__memberships__left_at": None}
        sitting = Membership.objects.live().filter(
            company=models.OuterRef("company"), role=Role.WORKS_COUNCIL
        )
        lead = Q(**mine, company__memberships__role=Role.LEAD) & (
            ~Q(role=Role.WORKS_COUNCIL) | ~models.Exists(sitting)
        )
        council = Q(**mine, company__memberships__role=Role.WORKS_COUNCIL, role=Role.WORKS_COUNCIL)
        return self.open().filter(lead | council).distinct()

    def outdated(self) -> InvitationQuerySet:
        """Those that ended, however, more than 30 days ago: to be deleted."""
        before = timezone.now() - Invitation.KEPT
        return self.filter(
            Q(accepted_at__lt=before) | Q(withdrawn_at__lt=before) | Q(expires_at__lt=before)
        )


class Invitation(models.Model):
    """Asks one address into a company, in one role. Its token is in the mail; only the hash is
    here."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("E-Mail-Adresse"))
    role = models.CharField(_("Rolle"), max_length=13, choices=Role)
    message = models.CharField(_("Persönliche Zeile"), max_length=300, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    VALID = timedelta(days=14)
    KEPT = timedelta(days=30)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Einladung")
        verbose_name_plural = _("Einladungen")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "email"],
                condition=Q(accepted_at=None, withdrawn_at=None),
                name="invitation_one_open_per_address",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
        ]

    def __str__(self) -> str:
        return f"Einladung als {self.get_role_display()} in Betrieb {self.company_id}"

    @property
    def is_live(self) -> bool:
        return not self.accepted_at and not self.withdrawn_at and timezone.now() < self.expires_at

    # --- verbs -------------------------------------------------------------------------------

    @classmethod
    def issue(
        cls, company: Company, *, email: str, role: str, by: User, message: str = ""
    ) -> tuple[Invitation, str]:
        """A new invitation and its token for the mail; an earlier one to the same address dies.
        Raises ValidationError when the address belongs already, or when a lead invites to a works
        council that has a member (from then on it invites its own)."""
        email = email.strip().lower()
        token = new_token()
        with authority(
            company,
            AuthorityEvent.What.INVITED,
            by=by,
            detail=f"{masked(email)}, {Role(role).label}",
        ):
            Company.objects.select_for_update().get(pk=company.pk)
            live = Membership.objects.live().filter(company=company)
            if live.filter(user__email=email).exists():
                raise ValidationError(_("Diese Person gehört schon dazu."), code="member")
            by_council = live.filter(user=by, role=Role.WORKS_COUNCIL).exists()
            if role == Role.WORKS_COUNCIL and not by_council:
                if live.filter(role=Role.WORKS_COUNCIL).exists():
                    raise ValidationError(
                        _("Der Betriebsrat lädt seine Mitglieder selbst ein."), code="council"
                    )
            elif by_council and role != Role.WORKS_COUNCIL:
                raise ValidationError(
                    _("Der Betriebsrat lädt nur in den Betriebsrat ein."), code="council"
                )
            cls.objects.open().filter(company=company, email=email).update(
                withdrawn_at=timezone.now()
            )
            invitation = cls.objects.create(
                company=company,
                email=email,
                role=role,
                message=message,
                token_hash=hashed(token),
                invited_by=by,
                expires_at=timezone.now() + cls.VALID,
            )
        return invitation, token

    def renew(self, *, by: User) -> tuple[Invitation, str]:
        """The same invitation once more, with a new token and 14 new days; the old token dies."""
        return Invitation.issue(
            self.company, email=self.email, role=self.role, by=by, message=self.message
        )

    def withdraw(self, *, by: User) -> None:
        """Take it back. One that was accepted meanwhile stays accepted: ValidationError."""
        with authority(
            self.company,
            AuthorityEvent.What.INVITATION_WITHDRAWN,
            by=by,
            detail=f"{masked(self.email)}, {self.get_role_display()}",
        ):
            self._lock()
            if self.accepted_at:
                raise ValidationError(_("Die Einladung wurde schon angenommen."), code="accepted")
            self.withdrawn_at = self.withdrawn_at or timezone.now()
            self.save(update_fields=["withdrawn_at"])

    def is_for(self, user: User) -> bool:
        """The address is one the user has proven to own."""
        return self.email in proven_addresses(user)

    def accept(self, user: User) -> Membership:
        """Join. Raises ValidationError for another account's address, for an invitation that is
        no longer good, and for a role that excludes the one the user has: codes "address", "over",
        "lead", "member"."""
        with authority(
            self.company,
            AuthorityEvent.What.JOINED,
            by=user,
            about=user,
            detail=str(self.get_role_display()),
        ):
            Company.objects.select_for_update().get(pk=self.company_id)
            self._lock()
            if not self.is_for(user):
                raise ValidationError(
                    _("Diese Einladung gilt für eine andere E-Mail-Adresse."), code="address"
                )
            if not self.is_live:
                raise ValidationError(_("Diese Einladung gilt nicht mehr."), code="over")
            present = Membership.objects.live().filter(company=self.company, user=user).first()
            self._refuse_second_role(present)
            if present:  # from the team into the works council
                present.end(by=user)
            membership = Membership.objects.create(company=self.company, user=user, role=self.role)
            self.accepted_at = timezone.now()
            self.save(update_fields=["accepted_at"])
        return membership

    def _refuse_second_role(self, present: Membership | None) -> None:
        if present is None:
            return
        if self.role == Role.WORKS_COUNCIL and present.role == Role.LEAD:
            raise ValidationError(
                _(
                    "Sie gehören zur Leitung. Leitung und Betriebsrat schließen sich aus: Geben "
                    "Sie zuerst die Leitung ab."
                ),
                code="lead",
            )
        if not (self.role == Role.WORKS_COUNCIL and present.role == Role.MEMBER):
            raise ValidationError(_("Sie gehören schon zu diesem Betrieb."), code="member")

    def _lock(self) -> None:
        locked = Invitation.objects.select_for_update().get(pk=self.pk)
        self.accepted_at, self.withdrawn_at = locked.accepted_at, locked.withdrawn_at


def open_invitations(user: User) -> models.QuerySet[Invitation]:
    """What waits for the user's proven addresses, so that a lost mail locks nobody out."""
    return Invitation.objects.live().filter(email__in=proven_addresses(user))
