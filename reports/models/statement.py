"""The works council's answer to a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import Role
from reports.models.report import Report

if TYPE_CHECKING:
    from portal.accounts.models import User

STATEMENT_LENGTH = 6000


class StatementQuerySet(models.QuerySet["Statement"]):
    def released(self) -> StatementQuerySet:
        return self.filter(number__isnull=False)

    def visible_to(self, user: User) -> StatementQuerySet:
        """The works council sees its drafts and all it released; lead and member what was
        released."""
        mine = {
            "report__company__memberships__user": user,
            "report__company__memberships__left_at": None,
        }
        council = Q(**mine, report__company__memberships__role=Role.WORKS_COUNCIL)
        team = Q(
            **mine,
            report__company__memberships__role__in=[Role.LEAD, Role.MEMBER],
            number__isnull=False,
        )
        return self.filter(council | team).distinct()

    def editable_by(self, user: User) -> StatementQuerySet:
        """Drafts of the user's works council."""
        return self.filter(
            number=None,
            report__company__memberships__user=user,
            report__company__memberships__left_at=None,
            report__company__memberships__role=Role.WORKS_COUNCIL,
        )


class Statement(models.Model):
    """A Stellungnahme. One draft per report, the works council's alone; released it has a number
    and never changes, another may follow."""

    class Kind(models.TextChoices):
        INFORMED = "informed", _("zur Kenntnis genommen")
        CONSULTED = "consulted", _("beraten")
        AGREED = "agreed", _("zugestimmt")
        OBJECTS = "objects", _("widersprochen")

    report = models.ForeignKey(Report, models.CASCADE, related_name="statements")
    kind = models.CharField(_("Ergebnis"), max_length=9, choices=Kind, blank=True)
    dated = models.DateField(_("Datum"), default=timezone.localdate)
    text = models.TextField(_("Stellungnahme"), max_length=STATEMENT_LENGTH, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="statements"
    )
    number = models.PositiveIntegerField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("Stellungnahme")
        verbose_name_plural = _("Stellungnahmen")
        ordering = ["-number", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="statement_number_once"),
            models.UniqueConstraint(
                fields=["report"], condition=Q(number=None), name="statement_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(number=None, released_at=None)
                | (Q(number__isnull=False, released_at__isnull=False) & ~Q(kind="")),
                name="statement_released_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["", "informed", "consulted", "agreed", "objects"]),
                name="statement_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"Stellungnahme {self.number or '(Entwurf)'}"
