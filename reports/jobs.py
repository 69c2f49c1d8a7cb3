"""The job that makes a report's PDF, and what keeps it alive when a worker dies."""

from __future__ import annotations

import structlog
from django.conf import settings
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from reports import access
from reports.minutes import minutes_of, to_plain
from reports.models import Report
from reports.renderer import Job, RenderChild, RenderFailed

log = structlog.get_logger(__name__)
_child = RenderChild()


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
    job = Job(report.content, report.number, report.checksum)
    try:
        made = _child.render(job, seconds=settings.REPORT_LEASE_SECONDS, progress=report.keep_lease)
        report.finish(made.pdf, made.pages)
    except (RenderFailed, OSError) as error:
        log.warning("report_failed", report=report.pk, attempt=report.attempts, why=str(error))
        reason = (
            str(error) if isinstance(error, RenderFailed) else "Die Datei ließ sich nicht ablegen."
        )
        if report.give_back(reason):
            make_pdf.enqueue(report.pk)


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


def revive_abandoned() -> int:
    """Queue again what a killed worker left behind: its lease ran out. Returns how many."""
    revived = 0
    ready = DBTaskResult.objects.ready().values_list("args_kwargs", flat=True)
    in_line = {argument for call in ready for argument in call["args"]}
    for report in Report.objects.abandoned().only("pk", "attempts", "state"):
        lost = report.give_back("Der Setzvorgang brach ab.") or report.queue_again()
        if lost and report.pk not in in_line:
            make_pdf.enqueue(report.pk)
            revived += 1
    return revived
