"""Reports: make one, watch it being made, read it, take it home."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from checklists.models import Assessment
from checklists.reviews import released_reviews
from portal.accounts.access import company_to_read, role_in
from portal.accounts.forms import TrialNameForm
from portal.accounts.models import Company, Role, Visitor
from portal.accounts.requests import ActorRequest, UserRequest
from portal.accounts.trial import REPORTS, pause, trial_allowed
from reports import access, ordered
from reports.forms import OrderForm
from reports.jobs import make_pdf, verification_address
from reports.kinds import PURPOSES, Kind
from reports.logo import Logo
from reports.models import Report


@trial_allowed
@require_POST
def create(request: ActorRequest, pk: int) -> HttpResponse:
    """Freeze the round as it stands and queue its PDF, both or neither."""
    assessment = access.assessment_to_report(request.user, pk)
    by = None if isinstance(request.user, Visitor) else request.user
    if by is None and not REPORTS.take(assessment.company_id):
        return pause(request, REPORTS)
    if by is None and (wrong := _name_trial(request, assessment.company)):
        messages.error(request, wrong)
        return redirect("results", assessment.pk)
    form = OrderForm(request.POST, assessment=assessment)
    if not form.is_valid():
        return _order(request, assessment, form, status=422)
    try:
        with transaction.atomic():
            report, is_new = Report.order(assessment, form.wanted(), by=by)
            if is_new:
                make_pdf.enqueue(report.pk)
    except ValidationError as error:
        messages.info(request, error.messages[0])
        return redirect("reports", assessment.company_id)
    if by:
        ordered.remember(request.session, report)
    return redirect(report)


def _name_trial(request: ActorRequest, company: Company) -> str:
    """The name a visitor wants on the report, if any; returns what is wrong with it."""
    if not request.POST.get("name", "").strip():
        return ""
    form = TrialNameForm(request.POST)
    if not form.is_valid():
        return str(form.errors["name"][0])
    company.call(form.cleaned_data["name"])
    return ""


@trial_allowed
@require_GET
def new(request: ActorRequest, pk: int) -> HttpResponse:
    """The kinds of report, each with what it is for, and what can be chosen."""
    assessment = access.assessment_to_report(request.user, pk)
    return _order(request, assessment, OrderForm(assessment=assessment))


def _order(
    request: ActorRequest, assessment: Assessment, form: OrderForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "assessment": assessment,
        "company": assessment.company,
        "role": Role.LEAD,
        "form": form,
        "kinds": [(kind, PURPOSES[kind]) for kind in Kind],
        "chosen_kind": form.data.get("kind") or Kind.ACTION,
        "has_reviews": bool(released_reviews(assessment)),
        "nav": "reports",
    }
    return render(request, "reports/new.html", context, status=status)


@trial_allowed
@require_GET
def reports(request: ActorRequest, pk: int) -> HttpResponse:
    """All reports of a company, newest first."""
    company = company_to_read(request.user, pk)
    context = {
        "company": company,
        "role": role_in(request.user, company),
        "reports": access.reports_of(request.user, company),
        "nav": "reports",
    }
    return render(request, "reports/reports.html", context)


@trial_allowed
@require_GET
@gzip_page
def report(request: ActorRequest, pk: int) -> HttpResponse:
    """The report as a page: the same content as the PDF."""
    shown = access.report_to_read(request.user, pk)
    ordered.looked_at(request.session, shown)
    role = role_in(request.user, shown.company)
    context = {
        "report": shown,
        "company": shown.company,
        "role": role,
        "engagement": None if role else access.engagement_about(request.user, shown),
        "nav": {"": "consulting", Role.WORKS_COUNCIL: "council"}.get(role, "reports"),
    }
    if shown.is_withdrawn:
        return render(request, "reports/withdrawn.html", context)
    context |= {
        "content": shown.frozen,
        "address": verification_address(shown),
        "assessment": shown.assessment,
        "can_retry": role == Role.LEAD,
        "can_share": role == Role.LEAD,
        "can_answer": role == Role.WORKS_COUNCIL,
        "statements": access.statements_on(shown, role),
        "links": access.links_of(shown, role),
    }
    return render(request, "reports/report.html", context)


@require_GET
def logo(request: UserRequest, pk: int) -> HttpResponse:
    """The firm's logo as the report keeps it. Raises Http404 where it has none."""
    return picture_of(access.logo_of(access.report_to_read(request.user, pk)))


def picture_of(kept: Logo) -> HttpResponse:
    headers = {"Content-Disposition": "inline", "Cache-Control": "private, no-store"}
    return HttpResponse(kept.picture, content_type=kept.type, headers=headers)


@trial_allowed
@require_GET
def progress(request: ActorRequest, pk: int) -> HttpResponse:
    """How far the PDF is; asked for every second while it is being made."""
    shown = access.report_to_read(request.user, pk)
    ordered.looked_at(request.session, shown)
    role = role_in(request.user, shown.company)
    context = {"report": shown, "can_retry": role == Role.LEAD}
    return render(request, "reports/_progress_told.html", context)


@trial_allowed
@require_GET
def pdf(request: ActorRequest, pk: int) -> FileResponse:
    """The stored PDF. Raises Http404 while there is none."""
    shown = access.report_to_read(request.user, pk)
    return FileResponse(
        access.pdf_of(shown),
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
            ordered.remember(request.session, failed)
    return redirect(failed)
