"""The tenant."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models.authority import AuthorityEvent, authority

if TYPE_CHECKING:
    from portal.accounts.models.user import User


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

    def to_delete(self) -> CompanyQuerySet:
        """Those whose days of grace are over."""
        return self.filter(delete_at__lte=timezone.now())


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
    delete_at = models.DateTimeField(null=True, blank=True)  # a lead asked for it: 7 days' grace

    GRACE = timedelta(days=7)

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
            company.memberships.create(user=by, role=Role.LEAD)
        return company

    def ask_deletion(self, *, by: User) -> None:
        """Everything of the company is deleted in 7 days (housekeeping), unless a lead takes it
        back. Asking twice does not start the days anew."""
        if self.delete_at:
            return
        with authority(self, AuthorityEvent.What.DELETION_ASKED, by=by):
            self.delete_at = timezone.now() + self.GRACE
            self.save(update_fields=["delete_at"])

    def drop_deletion(self, *, by: User) -> None:
        """Keep the company after all."""
        if not self.delete_at:
            return
        with authority(self, AuthorityEvent.What.DELETION_DROPPED, by=by):
            self.delete_at = None
            self.save(update_fields=["delete_at"])
