"""An invitation to a company, bound to one address and good for one acceptance."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models.authority import AuthorityEvent, authority, masked
from portal.accounts.models.company import Company, Role, WorksCouncil
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
        """Invitations of companies the user belongs to."""
        return self.filter(company__memberships__user=user, company__memberships__left_at=None)

    def editable_by(self, user: User) -> InvitationQuerySet:
        """Those the user may send again or withdraw: a lead all but the works council's own once
        it has a member, a works council its own. Those that are over too, so that a second click
        finds what the first one did."""
        mine = {"company__memberships__user": user, "company__memberships__left_at": None}
        sitting = Membership.objects.live().filter(
            company=models.OuterRef("company"), role=Role.WORKS_COUNCIL
        )
        lead = Q(**mine, company__memberships__role=Role.LEAD) & (
            ~Q(role=Role.WORKS_COUNCIL) | ~models.Exists(sitting)
        )
        council = Q(**mine, company__memberships__role=Role.WORKS_COUNCIL, role=Role.WORKS_COUNCIL)
        return self.filter(lead | council).distinct()

    def of_council(self) -> InvitationQuerySet:
        return self.filter(role=Role.WORKS_COUNCIL)

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
    MOST_PER_HOUR = 30  # of one company, those sent again included
    TWICE = timedelta(seconds=10)  # the same once more within this time is a double click

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

    @property
    def masked_email(self) -> str:
        """Enough for the invited person to know the address, too little for others."""
        return masked(self.email)

    @classmethod
    def roles_from(cls, company: Company, inviter: str) -> list[Role]:
        """The roles somebody of the role `inviter` may invite to."""
        if inviter == Role.WORKS_COUNCIL:
            return [Role.WORKS_COUNCIL]
        council = Membership.objects.live().filter(company=company, role=Role.WORKS_COUNCIL)
        if company.works_council == WorksCouncil.NO or council.exists():
            return [Role.MEMBER, Role.LEAD]
        return [Role.MEMBER, Role.LEAD, Role.WORKS_COUNCIL]

    # --- verbs -------------------------------------------------------------------------------

    @classmethod
    def issue(
        cls, company: Company, *, email: str, role: str, by: User, message: str = ""
    ) -> tuple[Invitation, str]:
        """A new invitation and its token for the mail; an earlier one to the same address dies.
        The token is empty for a double click: that invitation went out a moment ago. Raises
        ValidationError: "member" when the person belongs already, "council" when a lead invites to
        a works council that has a member (from then on it invites its own) or a works council to
        another role, "rate" for too many within an hour."""
        email = email.strip().lower()
        with transaction.atomic():
            Company.objects.select_for_update(no_key=True).get(pk=company.pk)
            wanted = cls(company=company, email=email, role=role, message=message, invited_by=by)
            wanted._refuse_what_is_not_theirs(by)
            if twin := wanted._sent_a_moment_ago():
                return twin, ""
            return wanted, wanted._send_out(by)

    def renew(self, *, by: User) -> tuple[Invitation, str]:
        """The same once more, as an invitation of its own with 14 new days, and its token; this
        one and its token die. Raises ValidationError: "over" when it was accepted, withdrawn or
        sent again meanwhile, "rate" for too many within an hour, else as `issue`."""
        with transaction.atomic():
            Company.objects.select_for_update(no_key=True).get(pk=self.company_id)
            self._lock()
            if self.accepted_at or self.withdrawn_at:
                raise ValidationError(
                    _("Diese Einladung ist schon erledigt. Welche offen sind, steht hier."),
                    code="over",
                )
            again = Invitation(
                company=self.company,
                email=self.email,
                role=self.role,
                message=self.message,
                invited_by=by,
            )
            again._refuse_what_is_not_theirs(by)
            return again, again._send_out(by)

    def withdraw(self, *, by: User) -> None:
        """Take it back; twice is once. One that was accepted meanwhile stays accepted:
        ValidationError."""
        with transaction.atomic():
            self._lock()
            if self.accepted_at:
                raise ValidationError(
                    _("Die Einladung wurde schon angenommen. Die Person steht jetzt in der Liste."),
                    code="accepted",
                )
            if self.withdrawn_at:
                return
            with authority(
                self.company,
                AuthorityEvent.What.INVITATION_WITHDRAWN,
                by=by,
                detail=f"{masked(self.email)}, {self.get_role_display()}",
            ):
                self.withdrawn_at = timezone.now()
                self.save(update_fields=["withdrawn_at"])

    def _sent_a_moment_ago(self) -> Invitation | None:
        same = Invitation.objects.live().filter(
            company=self.company,
            email=self.email,
            role=self.role,
            message=self.message,
            invited_by=self.invited_by,
        )
        return same.filter(created_at__gt=timezone.now() - self.TWICE).first()

    def _refuse_what_is_not_theirs(self, by: User) -> None:
        live = Membership.objects.live().filter(company=self.company)
        present = live.filter(user__email=self.email).first()
        # Whoever is in the team, or leads and is about to hand over, can be asked onto the council.
        if present and (self.role != Role.WORKS_COUNCIL or present.role == Role.WORKS_COUNCIL):
            raise ValidationError(
                _("Diese Person gehört schon dazu. Sie steht unter „Leute“."), code="member"
            )
        by_council = live.filter(user=by, role=Role.WORKS_COUNCIL).exists()
        if self.role == Role.WORKS_COUNCIL and not by_council:
            if live.filter(role=Role.WORKS_COUNCIL).exists():
                raise ValidationError(
                    _("Der Betriebsrat lädt seine Mitglieder selbst ein. Bitten Sie ihn darum."),
                    code="council",
                )
        elif by_council and self.role != Role.WORKS_COUNCIL:
            raise ValidationError(
                _(
                    "Der Betriebsrat lädt nur in den Betriebsrat ein. Ins Team lädt die "
                    "Leitung ein."
                ),
                code="council",
            )

    def _send_out(self, by: User) -> str:
        """Store this new invitation in place of an older one to the same address: its token."""
        lately = Invitation.objects.filter(
            company=self.company, created_at__gt=timezone.now() - timedelta(hours=1)
        )
        if lately.count() >= self.MOST_PER_HOUR:
            raise ValidationError(
                _(
                    "Ihr Betrieb hat in der letzten Stunde sehr viele Einladungen verschickt. "
                    "In einer Stunde geht es weiter."
                ),
                code="rate",
            )
        detail = f"{masked(self.email)}, {self.get_role_display()}"
        with authority(self.company, AuthorityEvent.What.INVITED, by=by, detail=detail):
            Invitation.objects.open().filter(company=self.company, email=self.email).update(
                withdrawn_at=timezone.now()
            )
            token = new_token()
            self.token_hash = hashed(token)
            self.expires_at = timezone.now() + self.VALID
            self.save()
        return token

    def is_for(self, user: User) -> bool:
        """The address is one the user has proven to own."""
        return self.email in proven_addresses(user)

    def accept(self, user: User) -> Membership:
        """Join. Accepting again as the same person is once. Raises ValidationError for another
        account's address, for an invitation that is no longer good, and for a role that excludes
        the one the user has: codes "address", "over", "lead", "member"."""
        with transaction.atomic():
            Company.objects.select_for_update(no_key=True).get(pk=self.company_id)
            self._lock()
            if not self.is_for(user):
                raise ValidationError(
                    _("Diese Einladung gilt für eine andere E-Mail-Adresse."), code="address"
                )
            present = Membership.objects.live().filter(company=self.company, user=user).first()
            if present and self.accepted_at:
                return present
            if not self.is_live:
                raise ValidationError(_("Diese Einladung gilt nicht mehr."), code="over")
            self._refuse_second_role(present)
            if present:  # from the team into the works council
                present.end(by=user)
            role = str(self.get_role_display())
            with authority(
                self.company, AuthorityEvent.What.JOINED, by=user, about=user, detail=role
            ):
                self.accepted_at = timezone.now()
                self.save(update_fields=["accepted_at"])
                return Membership.objects.create(company=self.company, user=user, role=self.role)

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
        """Hold the invitation and look again. One that housekeeping has deleted is withdrawn."""
        locked = Invitation.objects.select_for_update().filter(pk=self.pk).first()
        self.accepted_at = locked.accepted_at if locked else None
        self.withdrawn_at = locked.withdrawn_at if locked else timezone.now()


def open_invitations(user: User) -> models.QuerySet[Invitation]:
    """What waits for the user's proven addresses, so that a lost mail locks nobody out."""
    return Invitation.objects.live().filter(email__in=proven_addresses(user))
