"""One's measures in one's own calendar, by a secret address."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from checklists import calendar
from checklists import plan_access as access
from checklists.models import CalendarFeed
from portal.accounts.access import role_in
from portal.accounts.mails import absolute
from portal.accounts.requests import UserRequest


@require_http_methods(["GET", "POST"])
def calendar_address(request: UserRequest, pk: int) -> HttpResponse:
    """Whether there is an address; a new one by POST, shown this once."""
    company = access.company_with_plan(request.user, pk)
    address = ""
    if request.method == "POST":
        address = absolute("calendar_feed", CalendarFeed.renew(request.user, company))
    context = {
        "company": company,
        "role": role_in(request.user, company),
        "feed": access.calendar_of(request.user, company),
        "address": address,
        "nav": "plan",
    }
    response = render(request, "plan/calendar.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def calendar_revoke(request: UserRequest, pk: int) -> HttpResponse:
    """The address answers no more."""
    company = access.company_with_plan(request.user, pk)
    CalendarFeed.revoke(request.user, company)
    messages.success(request, _("Die Kalenderadresse gilt nicht mehr."))
    return redirect("calendar_address", company.pk)


@require_safe
@login_not_required
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """For calendar programs: the owner's measures. Unknown and revoked addresses look alike."""
    feed = access.calendar_at(token)
    body = calendar.own_calendar(
        _("Plan: %(company)s") % {"company": feed.company.name}, access.measures_in(feed)
    )
    response = HttpResponse(body, content_type=calendar.CONTENT_TYPE)
    response["Cache-Control"] = "private, no-store"
    return response
