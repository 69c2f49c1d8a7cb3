"""The works council writes its statement about a report, and releases it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.accounts.access import leads_of
from portal.accounts.mails import Kind, absolute, send
from portal.accounts.models import Role
from portal.accounts.requests import UserRequest
from reports import access
from reports.forms import StatementForm
from reports.models import Report, Statement, StatementConflict


@require_http_methods(["GET", "POST"])
def edit(request: UserRequest, pk: int) -> HttpResponse:
    """The draft, for the whole works council and nobody else."""
    report = access.report_to_answer(request.user, pk)
    if request.method == "GET":
        return _page(request, report, StatementForm(report=report, initial=access.draft_of(report)))
    form = StatementForm(request.POST, report=report)
    if not form.is_valid():
        return _page(request, report, form, status=422)
    try:
        Statement.write(report, by=request.user, **form.wanted())
    except StatementConflict as conflict:
        return _conflict(request, report, form, conflict)
    messages.success(request, _("Entwurf gespeichert. Nur der Betriebsrat sieht ihn."))
    return redirect("statement_edit", report.pk)


@require_http_methods(["GET", "POST"])
def release(request: UserRequest, pk: int) -> HttpResponse:
    """Write and release in one: from now on it is final, and lead and team read it."""
    report = access.report_to_answer(request.user, pk)
    if request.method == "GET":
        return redirect("statement_edit", report.pk)
    form = StatementForm(request.POST, report=report, release=True)
    if not form.is_valid():
        return _page(request, report, form, status=422)
    try:
        said, changed = Statement.write(report, by=request.user, **form.wanted(), release=True)
    except StatementConflict as conflict:
        return _conflict(request, report, form, conflict)
    if changed:
        _tell_leads(report, said)
    messages.success(request, _("Die Stellungnahme ist freigegeben. Leitung und Team lesen sie."))
    return redirect("report", report.pk)


def _tell_leads(report: Report, said: Statement) -> None:
    for lead in leads_of(report.company):
        link = f"{absolute('report', report.pk)}#stellungnahmen"
        about = {"company": report.company, "report": report, "statement": said}
        send(Kind.STATEMENT, lead, link, _("Stellungnahme lesen"), **about)


def _conflict(
    request: UserRequest, report: Report, form: StatementForm, conflict: StatementConflict
) -> HttpResponse:
    """Both texts side by side. What was typed stays in the form; sent again it counts."""
    current = conflict.current
    seen = form.again(current.version if current else 0)
    return _page(request, report, seen, status=409, theirs=current)


def _page(
    request: UserRequest, report: Report, form: StatementForm, status: int = 200, **state: Any
) -> HttpResponse:
    context = {
        "report": report,
        "content": report.frozen,
        "company": report.company,
        "role": Role.WORKS_COUNCIL,
        "form": form,
        "released": access.statements_on(report, Role.MEMBER),
        "nav": "council",
        **state,
    }
    return render(request, "reports/statement.html", context, status=status)
