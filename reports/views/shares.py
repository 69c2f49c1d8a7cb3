"""Who else reads a report: the lead shares it, and takes it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.access import council_of
from portal.accounts.mails import Kind, absolute, send
from portal.accounts.models import Role
from portal.accounts.requests import UserRequest
from reports import access
from reports.forms import ShareLinkForm
from reports.models import Report, Share


@require_GET
def shares(request: UserRequest, pk: int) -> HttpResponse:
    """With whom the report is shared, and how to share it."""
    return _page(request, access.report_to_share(request.user, pk), ShareLinkForm())


@require_POST
def council(request: UserRequest, pk: int) -> HttpResponse:
    """Let the works council read the report, and tell its members."""
    report = access.report_to_share(request.user, pk)
    members = council_of(report.company)
    if not members:
        messages.error(request, _("Im Betriebsrat hat noch niemand ein Konto."))
        return redirect("shares", report.pk)
    try:
        share = Share.with_works_council(report, by=request.user)
    except ValidationError as error:  # withdrawn at the same moment
        messages.info(request, error.messages[0])
        return redirect(report)
    if share.fresh:
        for member in members:
            link = absolute("report", report.pk)
            names = {"company": report.company, "report": report, "by": request.user}
            send(Kind.SHARE, member, link, _("Bericht lesen"), **names)
    messages.success(request, _("Der Betriebsrat liest den Bericht jetzt mit."))
    return redirect("shares", report.pk)


@require_http_methods(["GET", "POST"])
def link(request: UserRequest, pk: int) -> HttpResponse:
    """Make a link. Its address is in this answer and nowhere else."""
    report = access.report_to_share(request.user, pk)
    if request.method == "GET":
        return redirect("shares", report.pk)
    form = ShareLinkForm(request.POST)
    if not form.is_valid():
        return _page(request, report, form, status=422)
    try:
        share, token = Share.by_link(report, by=request.user, **form.wanted())
    except ValidationError as error:
        messages.info(request, error.messages[0])
        return redirect("shares", report.pk)
    return _page(request, report, ShareLinkForm(), made=share, address=absolute("shared", token))


@require_POST
def withdraw(request: UserRequest, pk: int) -> HttpResponse:
    """End a share, effective at its holder's next request."""
    share = access.share_to_withdraw(request.user, pk)
    try:
        share.withdraw(by=request.user)
    except ValidationError as error:
        messages.info(request, error.messages[0])
    else:
        messages.success(
            request,
            _("Die Freigabe ist beendet. Wenn Sie es sich anders überlegen, geben Sie neu frei."),
        )
    return redirect("shares", share.report_id)


def _page(
    request: UserRequest, report: Report, form: ShareLinkForm, *, status: int = 200, **made: Any
) -> HttpResponse:
    links = access.links_of(report, Role.LEAD)
    context = {
        "report": report,
        "company": report.company,
        "role": Role.LEAD,
        "form": form,
        "council": council_of(report.company),
        "council_share": access.council_share(report),
        "live": [link for link in links if link.is_live],
        "ended": [link for link in links if not link.is_live],
        "nav": "reports",
        **made,
    }
    return render(request, "reports/shares.html", context, status=status)
