"""A whole company: deleted when its days of grace are over, and asked about when it lies idle.

Order of a deletion: files first, rows last, all under the company's lock and in one transaction. A
process that dies in between leaves rows that name files no longer there; the next run passes over
those and finishes. The other way round would leave files that nobody knows of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from auditlog.context import disable_auditlog
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from checklists.models import Comment, Meeting, Review
from portal.accounts.mails import Kind, absolute, send
from portal.accounts.models import (
    Company,
    CompanyQuerySet,
    DeletionReceipt,
    Engagement,
    Invitation,
    Membership,
    Role,
    User,
)
from reports.models import Report, Share, Statement

IDLE = timedelta(days=730)  # nobody logged in, began or closed a round, or made a report
IDLE_NOTICE = timedelta(days=30)  # and then nobody came within these days after the mail


def taken_along(company: Company) -> dict[str, int]:
    """What goes with the company, in words and numbers. Drafts of others are not counted: who asks
    for the deletion is not to learn of them."""
    report, within = {"report__company": company}, {"assessment__company": company}
    kinds: dict[str, QuerySet[Any]] = {
        _("Menschen mit Zugang"): company.memberships.live(),
        _("Durchgänge mit allen Antworten"): company.assessments.all(),
        _("Kommentare"): Comment.objects.filter(thread__assessment__company=company),
        _("Protokolle"): Meeting.objects.filter(**within),
        _("Maßnahmen"): company.measures.all(),
        _("Berichte"): company.reports.all(),
        _("Freigaben"): Share.objects.filter(**report),
        _("Stellungnahmen des Betriebsrats"): Statement.objects.released().filter(**report),
        _("Beratungsberichte"): Review.objects.released().filter(**within),
        _("Mandate"): company.engagements.all(),
        _("Einladungen"): company.invitations.all(),
    }
    counts = Company.objects.filter(pk=company.pk).values_list(
        *(_number_of(rows) for rows in kinds.values())
    )
    return dict(zip(kinds, counts.get(), strict=True))


def _number_of(rows: QuerySet[Any]) -> Coalesce:
    """How many rows, to be asked within another query."""
    each = rows.order_by().annotate(all_of_them=Value(1)).values("all_of_them")
    return Coalesce(Subquery(each.annotate(number=Count("pk")).values("number")), 0)


def tell_of_deletion(company: Company, *, idle: bool = False) -> None:
    """Write to all leads and to the works council when and what will be deleted."""
    assert company.delete_at
    link = absolute("company_delete", company.pk)
    for role, page, words in (
        (Role.LEAD, link, _("Ansehen und zurücknehmen")),
        (Role.WORKS_COUNCIL, absolute("company", company.pk), _("Zum Betrieb")),
    ):
        for person in _people(company, role):
            send(
                Kind.DELETION,
                person,
                page,
                words,
                what="asked",
                company=company.name,
                day=_day(company.delete_at),
                time=formats.time_format(timezone.localtime(company.delete_at), "H:i"),
                idle=idle,
            )


def tell_of_keeping(company: Company) -> None:
    """Write to the same people that nothing will be deleted."""
    link, words = absolute("company", company.pk), _("Zum Betrieb")
    for person in [*_people(company, Role.LEAD), *_people(company, Role.WORKS_COUNCIL)]:
        send(Kind.DELETION, person, link, words, what="kept", company=company.name)


def delete_due() -> int:
    """Delete the companies whose days of grace are over, and send the receipts. How many."""
    due = list(Company.objects.to_delete().order_by("pk").values_list("pk", flat=True))
    deleted = sum(_delete(pk) for pk in due)
    _send_receipts()
    return deleted


def _delete(pk: int) -> bool:
    """True if this caller deleted it; another one, or a lead who kept it, may have been first."""
    with transaction.atomic():
        company = Company.objects.to_delete().select_for_update().filter(pk=pk).first()
        if company is None:
            return False
        DeletionReceipt.objects.create(
            counts=taken_along(company),
            company_name=company.name,
            to=[person.email for person in _people(company, Role.LEAD)],
        )
        _delete_rows(company)
    return True


def _delete_rows(company: Company) -> None:
    """The files, then the rows. The company is locked."""
    # Locked, so that a worker that finishes a report now finds no row and drops its file.
    reports = Report.objects.select_for_update().filter(company=company)
    for name in list(reports.values_list("pdf", flat=True)):
        if name:
            Report._meta.get_field("pdf").storage.delete(name)
    if company.logo.name:
        company.logo.storage.delete(company.logo.name)
    with disable_auditlog():
        _forget_trail(company)
        company.delete()


def _forget_trail(company: Company) -> None:
    """The operator's audit trail of the company's rows goes with them."""
    tracked: dict[type[models.Model], str] = {
        Membership: "company",
        Invitation: "company",
        Engagement: "company",
        Share: "report__company",
    }
    for model, path in tracked.items():
        rows = model._default_manager.filter(**{path: company}).values("pk")
        kind = ContentType.objects.get_for_model(model)
        LogEntry.objects.filter(content_type=kind, object_id__in=rows).delete()


def _send_receipts() -> None:
    for pk in list(DeletionReceipt.objects.unsent().values_list("pk", flat=True)):
        with transaction.atomic():
            waiting = DeletionReceipt.objects.unsent().select_for_update(skip_locked=True)
            receipt = waiting.filter(pk=pk).first()
            if receipt is None:
                continue
            facts: dict[str, Any] = {
                "what": "deleted",
                "company": receipt.company_name,
                "day": _day(receipt.deleted_at),
                "number": receipt.number,
                "counts": list(receipt.counts.items()),
            }
            link, words = absolute("start"), _("Zur Startseite")
            receipt.sent(
                [to for to in receipt.to if not send(Kind.DELETION, to, link, words, **facts)]
            )


# --- Trials: companies without members ------------------------------------------------------------


def keep_trial(company: Company, *, by: User, name: str) -> bool:
    """Make the trial the user's own company, with its reports. False when somebody kept it a moment
    ago."""
    with transaction.atomic():
        if not company.keep(by=by, name=name):
            return False
        company.reports.filter(made_by=None).update(made_by=by)
    return True


def discard_trial(company: Company) -> None:
    """Delete the trial now; one that was kept or deleted meanwhile stays as it is."""
    _delete_trial(Company.objects.filter(trial_until__isnull=False), company.pk)


def delete_trials() -> int:
    """Delete the trials whose days are over: how many."""
    over = Company.objects.tried_long_enough()
    return sum(_delete_trial(over, pk) for pk in list(over.values_list("pk", flat=True)))


def _delete_trial(trials: CompanyQuerySet, pk: int) -> bool:
    with transaction.atomic():
        company = trials.select_for_update().filter(pk=pk).first()
        if company is None:
            return False
        _delete_rows(company)
    return True


# --- Idle companies -------------------------------------------------------------------------------


def notice_idle() -> int:
    """Ask the leads of companies without any activity for 24 months whether they still need them;
    30 days later, still without activity, begin the deletion with its 7 days of grace. Returns how
    many deletions began."""
    now = timezone.now()
    idle = _idle_since(now - IDLE)
    noticed = Company.objects.filter(idle_notice_at__isnull=False, delete_at=None)
    noticed.exclude(pk__in=idle.values("pk")).update(idle_notice_at=None)  # somebody came back
    for company in idle.filter(idle_notice_at=None):
        # One of two runs side by side gets the row, and sends the mail.
        if Company.objects.filter(pk=company.pk, idle_notice_at=None).update(idle_notice_at=now):
            _ask_whether_needed(company, now + IDLE_NOTICE)
    begun = 0
    for company in idle.filter(idle_notice_at__lte=now - IDLE_NOTICE):
        if company.ask_deletion(by=None):
            tell_of_deletion(company, idle=True)
            begun += 1
    return begun


def _idle_since(moment: datetime) -> CompanyQuerySet:
    """Companies older than the moment in which nothing has happened since."""
    present = Membership.objects.live().filter(user__last_login__gte=moment)
    rounds = models.Q(assessments__started_at__gte=moment) | models.Q(
        assessments__closed_at__gte=moment
    )
    return (
        Company.objects.filter(created_at__lt=moment, delete_at=None)
        .exclude(pk__in=present.values("company"))
        .exclude(pk__in=Company.objects.filter(rounds).values("pk"))
        .exclude(pk__in=Report.objects.filter(made_at__gte=moment).values("company"))
    )


def _ask_whether_needed(company: Company, until: datetime) -> None:
    for person in _people(company, Role.LEAD):
        send(
            Kind.DELETION,
            person,
            absolute("company", company.pk),
            _("Anmelden und behalten"),
            what="idle",
            company=company.name,
            day=_day(until),
        )


def _people(company: Company, role: Role) -> list[User]:
    return list(
        User.objects.filter(
            memberships__company=company, memberships__left_at=None, memberships__role=role
        ).order_by("pk")
    )


def _day(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "j. F Y")
