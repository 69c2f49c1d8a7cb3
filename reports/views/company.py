"""A whole company: take it home, delete it, keep it after all."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.access import company_to_lead
from portal.accounts.models import Role
from portal.accounts.requests import UserRequest
from reports import archive
from reports.company import taken_along, tell_of_deletion, tell_of_keeping
from reports.forms import DeletionForm
from reports.records import PARTS


@require_http_methods(["GET", "POST"])
def export(request: UserRequest, pk: int) -> HttpResponseBase:
    """Say what the archive holds; a POST is noted in the company's log and sends it."""
    company = company_to_lead(request.user, pk)
    if request.method == "POST":
        company.note_export(by=request.user)
        response = StreamingHttpResponse(archive.stream(company), content_type="application/zip")
        name = archive.file_name(company)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    context = {"company": company, "role": Role.LEAD, "nav": "company", "parts": PARTS}
    return render(request, "reports/company_export.html", context)


@require_http_methods(["GET", "POST"])
def delete(request: UserRequest, pk: int) -> HttpResponse:
    """Say what goes along; ask for the deletion by typing the company's name."""
    company = company_to_lead(request.user, pk)
    form = DeletionForm(request.POST if request.method == "POST" else None, company=company)
    if request.method == "POST" and form.is_valid():
        if company.ask_deletion(by=request.user):
            tell_of_deletion(company)
        return redirect("company_delete", company.pk)
    context = {
        "company": company,
        "role": Role.LEAD,
        "nav": "company",
        "form": form,
        "counts": list(taken_along(company).items()),
    }
    status = 422 if form.errors else 200
    return render(request, "reports/company_delete.html", context, status=status)


@require_POST
def keep(request: UserRequest, pk: int) -> HttpResponse:
    """Take the deletion back."""
    company = company_to_lead(request.user, pk)
    try:
        if company.drop_deletion(by=request.user):
            tell_of_keeping(company)
        messages.success(request, _("Der Betrieb bleibt. Es wurde nichts gelöscht."))
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("company_delete", company.pk)
    return redirect(company)
