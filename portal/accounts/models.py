"""The ground floor: who somebody is, and which company they belong to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models.functions import Lower
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


class Region(models.TextChoices):
    """The sixteen Länder, by their usual two-letter codes."""

    BW = "BW", "Baden-Württemberg"
    BY = "BY", "Bayern"
    BE = "BE", "Berlin"
    BB = "BB", "Brandenburg"
    HB = "HB", "Bremen"
    HH = "HH", "Hamburg"
    HE = "HE", "Hessen"
    MV = "MV", "Mecklenburg-Vorpommern"
    NI = "NI", "Niedersachsen"
    NW = "NW", "Nordrhein-Westfalen"
    RP = "RP", "Rheinland-Pfalz"
    SL = "SL", "Saarland"
    SN = "SN", "Sachsen"
    ST = "ST", "Sachsen-Anhalt"
    SH = "SH", "Schleswig-Holstein"
    TH = "TH", "Thüringen"


class WorksCouncil(models.TextChoices):
    YES = "yes", _("Ja, es gibt einen Betriebsrat")
    NO = "no", _("Nein")


class Role(models.TextChoices):
    LEAD = "lead", _("Leitung")
    MEMBER = "member", _("Team")
    WORKS_COUNCIL = "works_council", _("Betriebsrat")


class CompanyQuerySet(models.QuerySet["Company"]):
    def visible_to(self, user: User) -> CompanyQuerySet:
        """Companies the user belongs to, in whatever role."""
        return self.filter(memberships__user=user, memberships__left_at=None)

    def editable_by(self, user: User) -> CompanyQuerySet:
        """Companies the user leads."""
        return self.filter(
            memberships__user=user, memberships__left_at=None, memberships__role=Role.LEAD
        )


class Company(models.Model):
    """The tenant: everything a firm writes belongs to it, not to an account."""

    name = models.CharField(_("Name des Betriebs"), max_length=200)
    trade = models.CharField(_("Branche oder Gewerk"), max_length=120, blank=True)
    headcount = models.PositiveIntegerField(_("Zahl der Beschäftigten"), null=True, blank=True)
    region = models.CharField(_("Bundesland"), max_length=2, choices=Region, blank=True)
    works_council = models.CharField(
        _("Gibt es einen Betriebsrat?"), max_length=3, choices=WorksCouncil, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("Betrieb")
        verbose_name_plural = _("Betriebe")
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="company_has_name"),
            models.CheckConstraint(
                condition=models.Q(region__in=["", *Region.values]), name="company_region_known"
            ),
            models.CheckConstraint(
                condition=models.Q(works_council__in=["", *WorksCouncil.values]),
                name="company_works_council_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def found(cls, by: User, **profile: Any) -> Company:
        """Create a company with `by` as its lead. `profile` holds the fields of this model."""
        with transaction.atomic():
            company = cls.objects.create(**profile)
            Membership.objects.create(company=company, user=by, role=Role.LEAD)
        return company


class Membership(models.Model):
    """A person's role in a company. One live role per person and company, so that nobody is lead
    and works council of the same firm; a role that ended stays with its date."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(_("Rolle"), max_length=13, choices=Role)
    joined_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("Mitgliedschaft")
        verbose_name_plural = _("Mitgliedschaften")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "user"],
                condition=models.Q(left_at=None),
                name="membership_one_live_role",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()}, {self.company})"
