"""Reports: frozen content, its PDF, and the job that makes it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
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
from portal.accounts.models import TEAM, Company, Engagement, Membership, Role, Visitor
from portal.accounts.tokens import derived_token, hashed
from reports.content import Content, StatementRecord, build, checksum, from_json, to_json
from reports.kinds import PARTS, Kind, Options
from reports.release import release
from reports.since import Participation
from reports.summary import since_last

if TYPE_CHECKING:
    from portal.accounts.models import User


UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}
)


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User | Visitor) -> ReportQuerySet:
        """Reports of companies in which the user is lead or member, those shared with the user's
        works council, and those an engagement opens; to a visitor those of the trial."""
        if isinstance(user, Visitor):
            return self.filter(company=user.company_id)
        council = Q(
            models.Exists(_shared()),
            models.Exists(Membership.objects.seats(user, Role.WORKS_COUNCIL)),
        )
        return self.filter(
            Q(models.Exists(Membership.objects.seats(user, *TEAM)))
            | council
            | Q(models.Exists(_engagement(user)))
        )

    def editable_by(self, user: User) -> ReportQuerySet:
        """Reports that the user may try again and share."""
        return self.filter(models.Exists(Membership.objects.seats(user, Role.LEAD)))

    def answerable_by(self, user: User) -> ReportQuerySet:
        """Reports that the user's works council may answer: those shared with it."""
        seat = Membership.objects.seats(user, Role.WORKS_COUNCIL)
        return self.filter(models.Exists(_shared()), models.Exists(seat))

    def abandoned(self) -> ReportQuerySet:
        """Jobs that nobody works on any more: the lease ran out without a result."""
        return self.waiting().filter(lease_until__lt=timezone.now())

    def waiting(self) -> ReportQuerySet:
        """Reports whose PDF is still to come."""
        return self.filter(state__in=[Report.State.QUEUED, Report.State.RUNNING])


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


def _token(company_id: int, number: int) -> str:
    return derived_token("report", company_id, number)


def _build(assessment: Assessment, options: Options, reports: ReportQuerySet) -> Content:
    """The content, with what rows of this app say about the round."""
    about = reports.filter(assessment=assessment).prefetch_related("statements__author")
    statements = _released(about.defer("content").order_by("number"))
    participation = None
    if options.kind == Kind.COUNCIL:
        shared = about.filter(shares__kind="works_council").order_by("shares__created_at")
        participation = Participation(
            meetings=assessment.meetings.filter(closed_at__isnull=False).count(),
            shared_on=tuple(
                timezone.localdate(at) for at in shared.values_list("shares__created_at", flat=True)
            ),
            statements=len(statements),
        )
    return build(assessment, options, statements=statements, participation=participation)


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
        CANCELLED = "cancelled", _("abgebrochen")
        WITHDRAWN = "withdrawn", _("zurückgezogen")

    company = models.ForeignKey(Company, models.CASCADE, related_name="reports")
    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="reports")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ACTION)
    content = models.JSONField(help_text="Empty once it is withdrawn")
    checksum = models.CharField(max_length=64, help_text="SHA-256 of the canonical content")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True, default=_lease)
    done_part = models.PositiveSmallIntegerField(default=0, help_text="Progress in percent")
    failure = models.CharField(max_length=300, blank=True)
    pdf = models.FileField(upload_to="reports/", blank=True)
    pdf_checksum = models.CharField(max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField(default=0)
    release = models.CharField(max_length=16, blank=True)  # that set the stored PDF
    # Of the token in its QR code; the token itself is derived anew whenever the PDF is set.
    token_hash = models.CharField(max_length=64, unique=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(_("Warum"), max_length=200, blank=True)

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
            models.CheckConstraint(
                condition=(Q(state="withdrawn", pdf="") & Q(withdrawn_at__isnull=False))
                | (~Q(state="withdrawn") & Q(withdrawn_at=None)),
                name="report_withdrawn_has_no_pdf",
            ),
        ]

    def __str__(self) -> str:
        return f"Bericht {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("report", args=[self.pk])

    @property
    def frozen(self) -> Content:
        """The content as it was frozen. Raises ValueError for a schema of another release, and
        for a withdrawn report, which has none."""
        return from_json(self.content)

    @property
    def is_withdrawn(self) -> bool:
        return self.state == self.State.WITHDRAWN

    @property
    def is_waiting(self) -> bool:
        """Whether its PDF is still to come."""
        return self.state in {self.State.QUEUED, self.State.RUNNING}

    @property
    def file_name(self) -> str:
        return self.named("pdf")

    def named(self, ending: str) -> str:
        """The name of a file with this report."""
        firm = slugify(self.frozen.firm.name.translate(UMLAUTS))[:60] or "betrieb"
        return f"{slugify(self.get_kind_display())}-{self.number}-{firm}.{ending}"

    @property
    def token(self) -> str:
        """What its QR code says: enough to ask whether the report is good, and for nothing else."""
        return _token(self.company_id, self.number)

    # --- verbs -------------------------------------------------------------------------------

    @classmethod
    def freeze(
        cls, assessment: Assessment, options: Options | None = None, *, by: User | None
    ) -> Report:
        """A new report of the round as it stands now, or the one that waits with this content."""
        return cls.order(assessment, options, by=by)[0]

    @classmethod
    def order(
        cls, assessment: Assessment, options: Options | None = None, *, by: User | None
    ) -> tuple[Report, bool]:
        """A new report of the round as it stands now, with the company's next number, and whether
        it is new. While one with the same content waits for its PDF, it is that one: a double click
        makes one report and one job. Raises ValidationError while too many of the company wait."""
        options = options or Options()
        with transaction.atomic():
            # The company row is the lock: two clicks get two numbers, never one twice.
            locked = Company.objects.select_for_update().get(pk=assessment.company_id)
            assessment.company = locked  # with the logo that is there while we hold it
            reports = cls.objects.filter(company=assessment.company_id)
            frozen = _build(assessment, options, reports)
            content = to_json(frozen)
            waiting = list(reports.waiting())
            for report in waiting:
                if {**report.content, "since": None} == content:
                    return report, False
            if len(waiting) >= cls.MAX_WAITING:
                raise ValidationError(
                    _("Es warten schon %(count)s Berichte auf ihr PDF. Bitte einen Moment Geduld."),
                    params={"count": cls.MAX_WAITING},
                    code="waiting",
                )
            before = reports.exclude(state=cls.State.WITHDRAWN).first()
            if before and "since" in PARTS[options.kind]:
                frozen = replace(frozen, since=since_last(before.number, before.frozen, frozen))
                content = to_json(frozen)
            last = reports.aggregate(last=models.Max("number"))["last"] or 0
            made = cls.objects.create(
                company=assessment.company,
                assessment=assessment,
                number=last + 1,
                kind=options.kind,
                content=content,
                checksum=checksum(content),
                token_hash=hashed(_token(assessment.company_id, last + 1)),
                made_by=by,
            )
            return made, True

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
            release=release(),
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
        """A person asks for another try after the last one failed or was cancelled."""
        over = [self.State.FAILED, self.State.CANCELLED]
        return bool(
            Report.objects.filter(pk=self.pk, state__in=over).update(
                state=self.State.QUEUED,
                attempts=0,
                failure="",
                done_part=0,
                lease_until=_lease(),
                queued_at=timezone.now(),
            )
        )

    def cancel(self) -> bool:
        """A person does not want the PDF any more while it waits or is being set."""
        return bool(
            Report.objects.waiting()
            .filter(pk=self.pk)
            .update(state=self.State.CANCELLED, lease_until=None, done_part=0)
        )

    def withdraw(self, *, by: User, why: str = "") -> bool:
        """Take the report back: its content and its file go, its shares end; number, day, checksum
        and reason stay. A job that is setting it finds the row gone over and drops its file. False
        when it was withdrawn already."""
        with transaction.atomic():
            row = Report.objects.select_for_update().defer("content").get(pk=self.pk)
            if row.is_withdrawn:
                return False
            for share in row.shares.filter(withdrawn_at=None):
                share.withdraw(by=by)
            name, storage = row.pdf.name, row.pdf.storage
            Report.objects.filter(pk=self.pk).update(
                state=self.State.WITHDRAWN,
                content={},
                pdf="",
                failure="",
                lease_until=None,
                withdrawn_at=timezone.now(),
                withdrawn_why=why[:200],
            )
            if name:
                # Should this fail, housekeeping finds a file that no row names.
                transaction.on_commit(partial(storage.delete, name), robust=True)
        self.refresh_from_db()
        return True
