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
    """The draft, for the whole works council and nobody else. Whoever wants to release it sees it
    first as it will be read."""
    report = access.report_to_answer(request.user, pk)
    if request.method == "GET":
        return _page(request, report, StatementForm(report=report, initial=access.draft_of(report)))
    releasing = "weiter" in request.POST
    form = StatementForm(request.POST, report=report, release=releasing)
    if not form.is_valid():
        return _page(request, report, form, status=422)
    try:
        Statement.write(report, by=request.user, **form.wanted())
    except StatementConflict as conflict:
        return _conflict(request, report, form, conflict)
    if releasing:
        return redirect("statement_release", report.pk)
    messages.success(request, _("Entwurf gespeichert. Nur der Betriebsrat sieht ihn."))
    return redirect("statement_edit", report.pk)


@require_http_methods(["GET", "POST"])
def release(request: UserRequest, pk: int) -> HttpResponse:
    """GET shows the draft as it will be read. POST writes and releases in one: from now on it is
    final, and lead and team read it."""
    report = access.report_to_answer(request.user, pk)
    if request.method == "GET":
        return _preview(request, report)
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


def _preview(request: UserRequest, report: Report) -> HttpResponse:
    draft = access.draft_of(report)
    if not draft.get("kind"):
        messages.info(request, _("Wählen Sie erst ein Ergebnis. Dann sehen Sie, was andere lesen."))
        return redirect("statement_edit", report.pk)
    context = {
        "report": report,
        "company": report.company,
        "role": Role.WORKS_COUNCIL,
        "said": Statement.preview(report, by=request.user, **draft),
        "form": StatementForm(report=report, initial=draft),
        "nav": "council",
    }
    return render(request, "reports/statement_release.html", context)


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
