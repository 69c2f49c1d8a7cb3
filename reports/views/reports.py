"""Reports: make one, watch it being made, read it, take it home."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.access import company_to_read, role_in
from portal.accounts.models import Role
from portal.accounts.requests import UserRequest
from reports import access
from reports.jobs import make_pdf
from reports.models import Report


@require_POST
def create(request: UserRequest, pk: int) -> HttpResponse:
    """Freeze the round as it stands and queue its PDF, both or neither."""
    assessment = access.assessment_to_report(request.user, pk)
    try:
        with transaction.atomic():
            report = Report.freeze(
                assessment,
                by=request.user,
                with_notes=bool(request.POST.get("with_notes")),
                with_reviews=bool(request.POST.get("with_reviews")),
            )
            make_pdf.enqueue(report.pk)
    except ValidationError as error:
        messages.info(request, error.messages[0])
        return redirect("reports", assessment.company_id)
    return redirect(report)


@require_GET
def reports(request: UserRequest, pk: int) -> HttpResponse:
    """All reports of a company, newest first."""
    company = company_to_read(request.user, pk)
    context = {
        "company": company,
        "role": role_in(request.user, company),
        "reports": access.reports_of(request.user, company),
        "nav": "reports",
    }
    return render(request, "reports/reports.html", context)


@require_GET
def report(request: UserRequest, pk: int) -> HttpResponse:
    """The report as a page: the same content as the PDF."""
    shown = access.report_to_read(request.user, pk)
    role = role_in(request.user, shown.company)
    context = {
        "report": shown,
        "content": shown.frozen,
        "company": shown.company,
        "assessment": shown.assessment,
        "role": role,
        "can_retry": role == Role.LEAD,
        "can_share": role == Role.LEAD,
        "can_answer": role == Role.WORKS_COUNCIL,
        "statements": access.statements_on(shown, role),
        "links": access.links_of(shown, role),
        "nav": "council" if role == Role.WORKS_COUNCIL else "reports",
    }
    return render(request, "reports/report.html", context)


@require_GET
def progress(request: UserRequest, pk: int) -> HttpResponse:
    """How far the PDF is; asked for every second while it is being made."""
    shown = access.report_to_read(request.user, pk)
    role = role_in(request.user, shown.company)
    context = {"report": shown, "can_retry": role == Role.LEAD}
    return render(request, "reports/_progress.html", context)


@require_GET
def pdf(request: UserRequest, pk: int) -> FileResponse:
    """The stored PDF. Raises Http404 while there is none."""
    shown = access.report_to_read(request.user, pk)
    if shown.state != Report.State.DONE:
        raise Http404
    return FileResponse(
        shown.pdf.open("rb"),
        as_attachment=True,
        filename=shown.file_name,
        content_type="application/pdf",
    )


@require_POST
def retry(request: UserRequest, pk: int) -> HttpResponse:
    """Another try after the last one failed."""
    failed = access.report_to_change(request.user, pk)
    with transaction.atomic():
        if failed.retry():
            make_pdf.enqueue(failed.pk)
    return redirect(failed)
