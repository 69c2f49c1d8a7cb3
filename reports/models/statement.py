"""The works council's answer to a report."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.models import TEAM, Role
from reports.models.report import Report

if TYPE_CHECKING:
    from portal.accounts.models import User

STATEMENT_LENGTH = 6000


# Kind → what choosing it says.
MEANING = {
    "informed": _("Wir haben den Bericht gelesen; Näheres steht im Text."),
    "consulted": _("Wir haben mit der Leitung darüber gesprochen."),
    "agreed": _("Wir tragen mit, was der Bericht vorschlägt."),
    "objects": _("Wir tragen etwas darin nicht mit; was, steht im Text."),
}


class StatementQuerySet(models.QuerySet["Statement"]):
    def released(self) -> StatementQuerySet:
        return self.filter(number__isnull=False)

    def shown_to(self, role: str) -> StatementQuerySet:
        """What somebody who may read the report sees of its statements: the works council its draft
        and all it released, lead and team what was released, others nothing."""
        if role == Role.WORKS_COUNCIL:
            return self.all()
        return self.released() if role in TEAM else self.none()


class StatementConflict(Exception):
    """Somebody else of the works council changed the statement meanwhile; `current` is what
    stands now, None when a draft was never there."""

    def __init__(self, current: Statement | None) -> None:
        super().__init__("The statement was changed meanwhile.")
        self.current = current


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
    version = models.PositiveIntegerField(default=1)  # counts the changes to a report's statements
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

    @property
    def is_released(self) -> bool:
        return self.number is not None

    def says(self, *, kind: str, dated: date, text: str) -> bool:
        """Whether this is what it says."""
        return (self.kind, self.dated, self.text) == (kind, dated, text)

    @classmethod
    def preview(
        cls, report: Report, *, by: User, version: int, kind: str, dated: date, text: str
    ) -> Statement:
        """A draft as it would be read, released now; not saved."""
        number = 1 + cls.objects.released().filter(report=report).count()
        return cls(report=report, author=by, kind=kind, dated=dated, text=text, number=number)

    # --- verbs -------------------------------------------------------------------------------

    @classmethod
    def write(
        cls,
        report: Report,
        *,
        by: User,
        version: int,
        kind: str,
        dated: date,
        text: str,
        release: bool = False,
    ) -> tuple[Statement, bool]:
        """Write the works council's draft, guarded by the version the writer saw (0: none), and
        release it if wanted: then it gets the report's next number and never changes. Returns the
        statement and whether this call changed anything; what stands already is a success.

        Raises StatementConflict when somebody else changed it meanwhile, ValidationError for one
        to be released without a result."""
        if release and not kind:
            raise ValidationError(_("Wählen Sie, wozu Sie gekommen sind."), code="kind")
        with transaction.atomic():
            # The report is the lock: two members write one after the other.
            Report.objects.select_for_update().only("pk").get(pk=report.pk)
            rows = list(cls.objects.filter(report=report).order_by("version", "pk"))
            current = rows[-1] if rows else None
            reached = current.version if current else 0
            stands = current is not None and current.says(kind=kind, dated=dated, text=text)
            if current and stands and current.is_released >= release:
                return current, False
            if version != reached and not stands:
                raise StatementConflict(current)
            draft = current if current and not current.is_released else None
            draft = draft or cls(report=report, author=by)
            draft.kind, draft.dated, draft.text = kind, dated, text
            draft.version = reached + 1
            if release:
                draft.author = by
                draft.released_at = timezone.now()
                draft.number = 1 + sum(row.is_released for row in rows)
            draft.save()
        return draft, True
