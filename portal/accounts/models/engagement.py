"""Consultants, and what a company lets them see."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models.authority import AuthorityEvent, authority, masked
from portal.accounts.models.company import Company, Region
from portal.accounts.models.membership import Membership
from portal.accounts.models.user import proven_addresses, proven_addresses_of

if TYPE_CHECKING:
    from portal.accounts.models.user import User


class ConsultantProfile(models.Model):
    """How a consultant presents themselves to the companies that engage them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="consultant_profile"
    )
    organisation = models.CharField(_("Organisation"), max_length=200, blank=True)
    network = models.CharField(_("Beratungsnetzwerk"), max_length=60, blank=True)
    regions = models.CharField(_("Regionen"), max_length=60, blank=True)  # codes, blanks between
    topics = models.CharField(_("Themen"), max_length=200, blank=True)  # codes, blanks between

    class Meta:
        verbose_name = _("Beratungsprofil")
        verbose_name_plural = _("Beratungsprofile")

    def __str__(self) -> str:
        return self.organisation or "Beratung"

    @property
    def region_names(self) -> list[str]:
        return [str(Region(code).label) for code in self.regions.split() if code in Region.values]

    @classmethod
    def as_initial(cls, user: User) -> dict[str, Any]:
        """What the user's form begins with."""
        profile = cls.objects.filter(user=user).first()
        if profile is None:
            return {"name": user.name}
        return {
            "name": user.name,
            "organisation": profile.organisation,
            "network": profile.network,
            "regions": profile.regions.split(),
            "topics": profile.topics.split(),
        }

    @classmethod
    def present(cls, user: User, *, name: str, **fields: str) -> ConsultantProfile:
        """Keep the profile, and the name with the account. Saving twice is once."""
        with transaction.atomic():
            user.name = name
            user.save(update_fields=["name"])
            return cls.objects.update_or_create(user=user, defaults=fields)[0]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The account knows that it has a profile."""
        with transaction.atomic():
            super().save(*args, **kwargs)
            if not self.user.is_consultant:
                self.user.is_consultant = True
                self.user.save(update_fields=["is_consultant"])


class EngagementQuerySet(models.QuerySet["Engagement"]):
    def running(self) -> EngagementQuerySet:
        """Not ended, and not past their last day (Europe/Berlin)."""
        return self.filter(ended_at=None, until__gte=timezone.localdate())

    def live(self) -> EngagementQuerySet:
        """Running and accepted: what gives a consultant sight of anything."""
        return self.running().filter(accepted_at__isnull=False)

    def visible_to(self, user: User) -> EngagementQuerySet:
        """Engagements of companies the user belongs to."""
        return self.filter(company__memberships__user=user, company__memberships__left_at=None)

    def editable_by(self, user: User) -> EngagementQuerySet:
        """Those of companies the user leads. That one has ended says the verb."""
        return self.filter(
            company__memberships__user=user,
            company__memberships__left_at=None,
            company__memberships__role="lead",
        )

    def held_by(self, user: User) -> EngagementQuerySet:
        """Live ones of which the user is the consultant. Who has joined the company since sees it
        in that role and no other."""
        joined = Membership.objects.live().filter(company=models.OuterRef("company"), user=user)
        return self.live().filter(~models.Exists(joined), consultant=user)

    def by_company(self) -> EngagementQuerySet:
        """With their companies, in the order of those's names."""
        return self.select_related("company").order_by("company__name", "pk")

    def following(self, pk: int) -> EngagementQuerySet:
        """Those that come after the engagement `pk` in that order, without another query."""
        name = Engagement.objects.filter(pk=pk).values("company__name")[:1]
        later = Q(company__name__gt=models.Subquery(name))
        return self.filter(later | Q(company__name=models.Subquery(name), pk__gt=pk))

    def offered_to(self, user: User) -> EngagementQuerySet:
        """Running ones that wait for the user's acceptance: one query."""
        return self.running().filter(accepted_at=None, email__in=proven_addresses_of(user))

    def meant_for(self, user: User) -> EngagementQuerySet:
        """Those the user has accepted or may, ended ones too."""
        waiting = Q(accepted_at=None, email__in=proven_addresses_of(user))
        return self.filter(Q(consultant=user) | waiting)


class Engagement(models.Model):
    """A company's grant (Mandat) to a consultant: what they see, until when; revocable at once.
    Engaged by address: it begins when whoever owns the address accepts it."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="engagements")
    email = models.EmailField(_("E-Mail-Adresse"))
    consultant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="engagements",
    )
    sees_answers = models.BooleanField(_("Antworten und Ergebnis"), default=True)
    sees_notes = models.BooleanField(_("Notizen zu den Antworten"), default=False)
    sees_plan = models.BooleanField(_("Plan mit Maßnahmen"), default=False)
    sees_reports = models.BooleanField(_("Berichte"), default=True)
    until = models.DateField(_("gilt bis"))
    message = models.CharField(_("Persönliche Zeile"), max_length=300, blank=True)
    engaged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # The consultant's own mark: what stood when they last looked (checklists/clients.py).
    seen = models.JSONField(default=dict, blank=True)
    visited_at = models.DateTimeField(null=True, blank=True)

    GRANTS = ("sees_answers", "sees_notes", "sees_plan", "sees_reports")

    objects = EngagementQuerySet.as_manager()

    class Meta:
        verbose_name = _("Mandat")
        verbose_name_plural = _("Mandate")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["email"],
                condition=Q(ended_at=None, accepted_at=None),
                name="engagement_offered",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["company", "email"],
                condition=Q(ended_at=None),
                name="engagement_one_per_address",
            ),
        ]

    def __str__(self) -> str:
        return f"Mandat in Betrieb {self.company_id}"

    @property
    def is_running(self) -> bool:
        return self.ended_at is None and self.until >= timezone.localdate()

    @property
    def is_live(self) -> bool:
        return self.is_running and self.accepted_at is not None

    @property
    def granted(self) -> list[str]:
        """What the consultant sees, in words."""
        return [
            str(self._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            for name in self.GRANTS
            if getattr(self, name)
        ]

    # --- verbs -------------------------------------------------------------------------------

    @classmethod
    def engage(cls, company: Company, *, email: str, by: User, **terms: Any) -> Engagement:
        """Offer an engagement. `terms`: the grants, until, message. An older one for the same
        address that is past its day makes room. Raises ValidationError when one is running (code
        "running") or the address belongs to the company ("member")."""
        email = email.strip().lower()
        with authority(company, AuthorityEvent.What.ENGAGED, by=by, detail=masked(email)):
            Company.objects.select_for_update().get(pk=company.pk)
            if Membership.objects.live().filter(company=company, user__email=email).exists():
                raise ValidationError(
                    _(
                        "Diese Person gehört zum Betrieb und kann ihn nicht beraten. Bitte geben "
                        "Sie eine andere Adresse an."
                    ),
                    code="member",
                )
            same = cls.objects.filter(company=company, email=email, ended_at=None)
            if same.running().exists():
                raise ValidationError(
                    _("Für diese Adresse läuft schon ein Mandat."), code="running"
                )
            same.update(ended_at=timezone.now(), seen={})
            return cls.objects.create(company=company, email=email, engaged_by=by, **terms)

    def accept(self, user: User) -> None:
        """The consultant takes it on. Accepting twice is once. Raises ValidationError for another
        account's address, without a profile, for an ended one, and for members of the company."""
        with transaction.atomic():
            self._lock()
            if self.accepted_at and self.consultant_id == user.pk:
                return
            if self.accepted_at or self.email not in proven_addresses(user):
                raise ValidationError(
                    _("Dieses Mandat gilt für eine andere E-Mail-Adresse."), code="address"
                )
            if not user.is_consultant:
                raise ValidationError(_("Legen Sie zuerst Ihr Beratungsprofil an."), code="profile")
            if Membership.objects.live().filter(company=self.company, user=user).exists():
                raise ValidationError(
                    _("Sie gehören zu diesem Betrieb und können ihn nicht beraten."),
                    code="member",
                )
            with self._noted(AuthorityEvent.What.ENGAGEMENT_ACCEPTED, by=user, about=user):
                self.consultant, self.accepted_at = user, timezone.now()
                self.save(update_fields=["consultant", "accepted_at"])

    def change(self, *, by: User, **terms: Any) -> None:
        """Other grants, or another last day. Raises ValidationError for one that ended."""
        with transaction.atomic():
            self._lock()
            with self._noted(AuthorityEvent.What.ENGAGEMENT_CHANGED, by=by, about=self.consultant):
                for name, value in terms.items():
                    setattr(self, name, value)
                self.save(update_fields=[*terms])

    def end(self, *, by: User | None) -> None:
        """Nothing of the company is visible to the consultant from the next request on, and what
        they had marked as seen is forgotten. One that has ended stays as it is."""
        with transaction.atomic():
            try:
                self._lock()
            except ValidationError:
                return
            with self._noted(
                AuthorityEvent.What.ENGAGEMENT_ENDED,
                by=by,
                about=self.consultant,
                detail=masked(self.email),
            ):
                self.ended_at, self.seen = timezone.now(), {}
                self.save(update_fields=["ended_at", "seen"])

    def mark_seen(self, standing: dict[str, Any]) -> None:
        """The consultant has seen what stands now. One that ended meanwhile stays as it is."""
        Engagement.objects.live().filter(pk=self.pk).update(
            seen=standing, visited_at=timezone.now()
        )

    def _noted(
        self, what: AuthorityEvent.What, *, by: User | None, about: User | None, detail: str = ""
    ) -> AbstractContextManager[None]:
        return authority(self.company, what, by=by, about=about, detail=detail)

    def _lock(self) -> None:
        """Hold the row and look again. Raises ValidationError for an engagement that ended."""
        locked = Engagement.objects.select_for_update().get(pk=self.pk)
        self.ended_at, self.accepted_at = locked.ended_at, locked.accepted_at
        self.consultant_id, self.until = locked.consultant_id, locked.until
        if not self.is_running:
            raise ValidationError(_("Dieses Mandat ist beendet."), code="ended")
