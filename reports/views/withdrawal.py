"""Taking a report back, and calling off the making of its PDF."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.models import Role
from portal.accounts.requests import UserRequest
from reports import access
from reports.forms import WithdrawalForm


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: UserRequest, pk: int) -> HttpResponse:
    """What goes along, and why; then the report is gone for good."""
    report = access.report_to_change(request.user, pk)
    if report.is_withdrawn:
        return redirect(report)
    form = WithdrawalForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if report.withdraw(by=request.user, why=form.cleaned_data["why"]):
            messages.success(request, _("Der Bericht ist zurückgezogen."))
        return redirect("reports", report.company_id)
    context = {
        "report": report,
        "company": report.company,
        "role": Role.LEAD,
        "form": form,
        "live_shares": access.live_shares(report),
        "nav": "reports",
    }
    return render(request, "reports/withdraw.html", context, status=422 if form.errors else 200)


@require_POST
def cancel(request: UserRequest, pk: int) -> HttpResponse:
    """Call off a PDF that is not finished; the report itself stays."""
    report = access.report_to_change(request.user, pk)
    report.cancel()
    return redirect(report)
