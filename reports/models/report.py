"""Reports: frozen content, its PDF, and the job that makes it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from checklists.models import Assessment
from portal.accounts.models import Company, Engagement, Membership, Role
from reports.content import Content, StatementRecord, build, checksum, from_json, to_json

if TYPE_CHECKING:
    from portal.accounts.models import User


UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}
)


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> ReportQuerySet:
        """Reports of companies in which the user is lead or member, those shared with the user's
        works council, and those an engagement opens."""
        council = Q(
            models.Exists(_shared()),
            models.Exists(_membership(user, Role.WORKS_COUNCIL)),
        )
        return self.filter(
            Q(models.Exists(_membership(user, Role.LEAD, Role.MEMBER)))
            | council
            | Q(models.Exists(_engagement(user)))
        )

    def editable_by(self, user: User) -> ReportQuerySet:
        """Reports that the user may try again and share."""
        return self.filter(models.Exists(_membership(user, Role.LEAD)))

    def answerable_by(self, user: User) -> ReportQuerySet:
        """Reports that the user's works council may answer: those shared with it."""
        seat = _membership(user, Role.WORKS_COUNCIL)
        return self.filter(models.Exists(_shared()), models.Exists(seat))

    def abandoned(self) -> ReportQuerySet:
        """Jobs that nobody works on any more: the lease ran out without a result."""
        return self.waiting().filter(lease_until__lt=timezone.now())

    def waiting(self) -> ReportQuerySet:
        """Reports whose PDF is still to come."""
        return self.filter(state__in=[Report.State.QUEUED, Report.State.RUNNING])


def _membership(user: User, *roles: Role) -> models.QuerySet[Membership]:
    """The user's live role among these in the company of the report asked about."""
    return Membership.objects.live().filter(
        company=models.OuterRef("company"), user=user, role__in=roles
    )


def _engagement(user: User) -> models.QuerySet[Engagement]:
    """The user's live engagement with that company, if it opens reports."""
    return Engagement.objects.held_by(user).filter(
        company=models.OuterRef("company"), sees_reports=True
    )


def _shared() -> models.QuerySet[Report]:
    """The report asked about, if a live share lets its works council read it."""
    return Report.objects.filter(
        Q(shares__expires_at=None) | Q(shares__expires_at__gt=timezone.now()),
        pk=models.OuterRef("pk"),
        shares__kind="works_council",
        shares__withdrawn_at=None,
    )


def _released(reports: Iterable[Report]) -> list[StatementRecord]:
    """What the works council released about these reports, in order."""
    return [
        StatementRecord(
            report=report.number,
            number=statement.number,
            kind=statement.kind,
            result=statement.get_kind_display(),
            dated=statement.dated,
            text=statement.text,
            author=str(statement.author or ""),
        )
        for report in reports
        for statement in sorted(report.statements.all(), key=lambda each: each.number or 0)
        if statement.number
    ]


def _lease() -> datetime:
    """Until when whoever has the job must be heard of again."""
    return timezone.now() + timedelta(seconds=settings.REPORT_LEASE_SECONDS)


class Report(models.Model):
    """A frozen report of a round, numbered per company. Its PDF is made in the background."""

    class State(models.TextChoices):
        QUEUED = "queued", _("wartet")
        RUNNING = "running", _("wird gesetzt")
        DONE = "done", _("fertig")
        FAILED = "failed", _("fehlgeschlagen")

    company = models.ForeignKey(Company, models.CASCADE, related_name="reports")
    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="reports")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    checksum = models.CharField(max_length=64, help_text="SHA-256 of the canonical content")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=7, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True, default=_lease)
    done_part = models.PositiveSmallIntegerField(default=0, help_text="Progress in percent")
    failure = models.CharField(max_length=300, blank=True)
    pdf = models.FileField(upload_to="reports/", blank=True)
    pdf_checksum = models.CharField(max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField(default=0)

    MAX_WAITING = 3

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("Bericht")
        verbose_name_plural = _("Berichte")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="report_number_once"),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(pdf=""), name="report_done_has_pdf"
            ),
        ]

    def __str__(self) -> str:
        return f"Bericht {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("report", args=[self.pk])

    @property
    def frozen(self) -> Content:
        """The content as it was frozen. Raises ValueError for a schema of another release."""
        return from_json(self.content)

    @property
    def file_name(self) -> str:
        firm = slugify(self.frozen.firm.name.translate(UMLAUTS))[:60] or "betrieb"
        return f"aktionsbericht-{self.number}-{firm}.pdf"

    # --- verbs -------------------------------------------------------------------------------

    @classmethod
    def freeze(
        cls,
        assessment: Assessment,
        *,
        by: User,
        with_notes: bool = True,
        with_reviews: bool = False,
    ) -> Report:
        """A new report of the round as it stands now, with the company's next number. While one
        with the same content waits for its PDF, it is that one: a double click makes one report.
        Raises ValidationError while too many of the company wait."""
        with transaction.atomic():
            # The company row is the lock: two clicks get two numbers, never one twice.
            Company.objects.select_for_update().get(pk=assessment.company_id)
            reports = cls.objects.filter(company=assessment.company_id)
            about = reports.filter(assessment=assessment).prefetch_related("statements__author")
            frozen = build(
                assessment,
                with_notes=with_notes,
                with_reviews=with_reviews,
                statements=_released(about.defer("content").order_by("number")),
            )
            content = to_json(frozen)
            digest = checksum(content)
            if same := reports.waiting().filter(checksum=digest).first():
                return same
            if reports.waiting().count() >= cls.MAX_WAITING:
                raise ValidationError(
                    _("Es warten schon %(count)s Berichte auf ihr PDF. Bitte einen Moment Geduld."),
                    params={"count": cls.MAX_WAITING},
                    code="waiting",
                )
            last = reports.aggregate(last=models.Max("number"))["last"]
            return cls.objects.create(
                company=assessment.company,
                assessment=assessment,
                number=(last or 0) + 1,
                content=content,
                checksum=digest,
                made_by=by,
            )

    def claim(self) -> bool:
        """Take the job for one attempt. False when somebody else has it or it is done."""
        claimed = Report.objects.filter(pk=self.pk, state=self.State.QUEUED).update(
            state=self.State.RUNNING,
            attempts=F("attempts") + 1,
            done_part=0,
            failure="",
            lease_until=_lease(),
        )
        if claimed:
            self.refresh_from_db()
        return bool(claimed)

    def keep_lease(self, done_part: int) -> None:
        """Say that the job still runs, and how far it is (percent)."""
        Report.objects.filter(pk=self.pk, state=self.State.RUNNING).update(
            done_part=done_part, lease_until=_lease()
        )

    def finish(self, pdf: bytes, pages: int) -> None:
        """Store the PDF. The row names the file only after the file is whole."""
        digest = hashlib.sha256(pdf).hexdigest()
        name = self.pdf.storage.save(
            f"reports/{self.pk}-{secrets.token_hex(8)}.pdf", ContentFile(pdf)
        )
        stored = Report.objects.filter(pk=self.pk, state=self.State.RUNNING).update(
            state=self.State.DONE,
            pdf=name,
            pdf_checksum=digest,
            pages=pages,
            done_part=100,
            lease_until=None,
        )
        if not stored:
            self.pdf.storage.delete(name)

    def give_back(self, failure: str) -> bool:
        """The attempt failed: queue the next one, or fail for good after the third. True if it is
        to be tried again."""
        again = self.attempts < settings.REPORT_ATTEMPTS
        changed = Report.objects.filter(
            pk=self.pk, state=self.State.RUNNING, attempts=self.attempts
        ).update(
            state=self.State.QUEUED if again else self.State.FAILED,
            failure=failure[:300],
            lease_until=_lease() if again else None,
        )
        return bool(changed) and again

    def queue_again(self) -> bool:
        """Its job was lost before an attempt began: true if this caller is to enqueue it."""
        lost = Report.objects.filter(pk=self.pk, state=self.State.QUEUED)
        return bool(lost.filter(lease_until__lt=timezone.now()).update(lease_until=_lease()))

    def retry(self) -> bool:
        """A person asks for another try after the last one failed."""
        return bool(
            Report.objects.filter(pk=self.pk, state=self.State.FAILED).update(
                state=self.State.QUEUED,
                attempts=0,
                failure="",
                done_part=0,
                lease_until=_lease(),
                queued_at=timezone.now(),
            )
        )
