"""The door to reports. Not visible: 404. Visible but not the user's to change: 403."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404

from checklists.access import assessment_to_lead
from checklists.models import Assessment
from portal.accounts.models import Company, User
from reports.models import Report, ReportQuerySet


def reports_of(user: User, company: Company) -> ReportQuerySet:
    """The company's reports that the user may read, newest first, without their content."""
    return Report.objects.visible_to(user).filter(company=company).defer("content")


def report_to_read(user: User, pk: int) -> Report:
    """The report with its company. Raises Http404."""
    try:
        return Report.objects.visible_to(user).select_related("company", "assessment").get(pk=pk)
    except Report.DoesNotExist:
        raise Http404 from None


def report_to_change(user: User, pk: int) -> Report:
    """The report if the user leads its company. Raises Http404 to strangers, PermissionDenied to
    members."""
    report = report_to_read(user, pk)
    if not Report.objects.editable_by(user).filter(pk=pk).exists():
        raise PermissionDenied
    return report


def assessment_to_report(user: User, pk: int) -> Assessment:
    """The round if the user may make a report of it: reports are the lead's to make."""
    return assessment_to_lead(user, pk)


def report_to_make(pk: int) -> Report | None:
    """The report for the job that makes it; None when whoever asked for it leads the company no
    more, because an ended membership takes effect for queued work too."""
    report = Report.objects.filter(pk=pk).select_related("made_by").first()
    if report is None or report.made_by is None:
        return None
    if not Report.objects.editable_by(report.made_by).filter(pk=pk).exists():
        return None
    return report
