"""A person with an account."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A user whose address is stored in lower case. Raises ValueError without an address."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email=(email or "").lower())


class User(AbstractUser):
    """A person. Logs in by e-mail address; the name is what colleagues see."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(
        _("E-Mail-Adresse"),
        unique=True,
        error_messages={"unique": _("Mit dieser Adresse gibt es schon ein Konto.")},
    )
    name = models.CharField(_("Ihr Name"), max_length=120, blank=True)
    # Has a profile as a consultant; here, so that each request knows it without another query.
    is_consultant = models.BooleanField(_("berät Betriebe"), default=False)
    # Kinds of mail the person does not want, separated by blanks (portal/accounts/mails.py).
    muted_mails = models.CharField(max_length=200, blank=True)

    is_trying = False  # that is what a Visitor does
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("Konto")
        verbose_name_plural = _("Konten")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_ignoring_case")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    def mute_mails(self, kinds: Iterable[str]) -> None:
        """Do not get these kinds of mail from now on, and all others."""
        self.muted_mails = " ".join(sorted(kinds))
        self.save(update_fields=["muted_mails"])

    def erase(self) -> None:
        """Delete the account and what is about this person alone; what belongs to companies stays
        without the name ("ehemaliges Mitglied"). Raises ValidationError (code "last_lead") while a
        company would be left without a lead: then nothing has changed."""
        from django.contrib.admin.models import LogEntry as AdminEntry  # noqa: PLC0415 - as below

        with transaction.atomic():
            for membership in self.memberships.filter(left_at=None).order_by("company_id"):
                membership.end(by=self)
            self._leave_engagements(proven_addresses(self))
            self._forget_sessions()
            AdminEntry.objects.filter(
                content_type__app_label="accounts", content_type__model="user", object_id=self.pk
            ).update(object_repr="")
            self.delete()

    def _leave_engagements(self, addresses: set[str]) -> None:
        """End those that run, decline those offered, and take the address out of all; invitations
        to it go. Only for addresses that were proven: others may belong to somebody else."""
        from portal.accounts.models.engagement import Engagement  # noqa: PLC0415 - it imports us
        from portal.accounts.models.invitation import Invitation  # noqa: PLC0415

        for engagement in Engagement.objects.running().filter(consultant=self):
            engagement.end(by=self)
        Engagement.objects.filter(email__in=addresses, ended_at=None).update(
            ended_at=timezone.now()
        )
        Engagement.objects.filter(models.Q(consultant=self) | models.Q(email__in=addresses)).update(
            email="", message="", seen={}
        )
        Invitation.objects.filter(email__in=addresses).delete()

    def _forget_sessions(self) -> None:
        """Log out everywhere, and take the address out of the operator's audit trail."""
        from allauth.usersessions.models import UserSession  # noqa: PLC0415 - as below
        from auditlog.models import LogEntry  # noqa: PLC0415
        from django.contrib.sessions.models import Session  # noqa: PLC0415

        keys = UserSession.objects.filter(user=self).values_list("session_key", flat=True)
        Session.objects.filter(session_key__in=list(keys)).delete()
        LogEntry.objects.filter(actor=self).update(actor=None, actor_email="")


def proven_addresses(user: User) -> set[str]:
    """The addresses the user has proven to own, in lower case."""
    return set(proven_addresses_of(user))


def proven_addresses_of(user: User) -> models.QuerySet[Any, str]:
    """The same as a query, to be part of another."""
    from allauth.account.models import EmailAddress  # noqa: PLC0415 - needs the user model first

    proven = EmailAddress.objects.filter(user=user, verified=True)
    found: models.QuerySet[Any, str] = proven.values_list(Lower("email"), flat=True)
    return found
