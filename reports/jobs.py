"""The job that makes a report's PDF, and what keeps it alive when a worker dies."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from portal.accounts.mails import Kind, absolute, send
from portal.accounts.models import Company
from reports import access
from reports.minutes import minutes_of, to_plain
from reports.models import Report
from reports.renderer import Job, RenderChild, RenderFailed

FILES: tuple[tuple[type[Report | Company], str, str], ...] = (
    (Report, "pdf", "reports"),
    (Company, "logo", "logos"),
)
ORPHANS_WAIT = timedelta(hours=1)
PATIENCE = timedelta(minutes=2)  # whoever waits longer has left the page, and gets a mail
log = structlog.get_logger(__name__)
_child = RenderChild()


def verification_address(report: Report) -> str:
    """What the report's QR code says."""
    return absolute("report_verify", report.token)


@task()
def make_pdf(report_id: int) -> None:
    """Claim the report, render it in the child, store it; on failure queue the next attempt."""
    report = access.report_to_make(report_id)
    if report is None:
        Report.objects.filter(pk=report_id, state=Report.State.QUEUED).update(
            state=Report.State.FAILED,
            failure="Wer den Bericht bestellt hat, ist nicht mehr Leitung.",
        )
        return
    if not report.claim():
        return
    job = Job(report.content, report.number, report.checksum, address=verification_address(report))
    try:
        made = _child.render(job, seconds=settings.REPORT_LEASE_SECONDS, progress=report.keep_lease)
        report.finish(made.pdf, made.pages)
        _tell(report)
    except (RenderFailed, OSError) as error:
        log.warning("report_failed", report=report.pk, attempt=report.attempts, why=str(error))
        reason = (
            str(error) if isinstance(error, RenderFailed) else "Die Datei ließ sich nicht ablegen."
        )
        if report.give_back(reason):
            make_pdf.enqueue(report.pk)
        else:
            _tell(report)


def _tell(report: Report) -> None:
    """Write to whoever ordered it, if it is over at last and they waited long."""
    report.refresh_from_db(fields=["state", "queued_at"])
    if report.state not in {Report.State.DONE, Report.State.FAILED} or not report.made_by:
        return
    if timezone.now() - report.queued_at >= PATIENCE:
        page = absolute("report", report.pk)
        told = {"report": report, "company": report.company.name}
        send(Kind.REPORT, report.made_by, page, str(_("Zum Bericht")), **told)


def get_ready() -> None:
    """Start the render child, for the worker alone: its first report then finds it warm."""
    _child.start()


@task()
def make_minutes(meeting_id: int) -> None:
    """Set the minutes of a meeting that is over, and keep them in its row. The company's people
    are asked for at download; the minutes belong to no one of them."""
    meeting = access.meeting_to_set(meeting_id)
    if meeting is None:
        return
    job = Job(to_plain(minutes_of(meeting, {})), meeting.number, "", kind="minutes")
    try:
        made = _child.render(
            job, seconds=settings.REPORT_LEASE_SECONDS, progress=lambda _part: None
        )
    except RenderFailed as error:
        log.warning("minutes_failed", meeting=meeting.pk, why=str(error))
        return
    meeting.keep_pdf(made.pdf)


def forget_orphans() -> int:
    """Delete stored reports and logos that no row names: what was left when a process died between
    a row and its file. Returns how many. Young ones wait: their row may be about to name them."""
    return sum(_forget_orphans(model, field, folder) for model, field, folder in FILES)


def _forget_orphans(model: type[Report | Company], field: str, folder: str) -> int:
    storage = getattr(model(), field).storage
    old = timezone.now() - ORPHANS_WAIT
    try:
        files = [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
    except FileNotFoundError:
        return 0
    known = set(model.objects.exclude(**{field: ""}).values_list(field, flat=True))
    gone = [name for name in files if name not in known and storage.get_modified_time(name) < old]
    for name in gone:
        storage.delete(name)
    return len(gone)


def revive_abandoned() -> int:
    """Queue again what a killed worker left behind: its lease ran out. Returns how many."""
    revived = 0
    ready = DBTaskResult.objects.ready().values_list("args_kwargs", flat=True)
    in_line = {argument for call in ready for argument in call["args"]}
    for report in Report.objects.abandoned().defer("content"):
        lost = report.give_back("Der Setzvorgang brach ab.") or report.queue_again()
        if lost and report.pk not in in_line:
            make_pdf.enqueue(report.pk)
            revived += 1
        elif not lost:
            _tell(report)
    return revived
