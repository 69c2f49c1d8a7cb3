"""The works council's room: what was shared with it, and what it said."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.access import council_of
from portal.accounts.models import Role
from portal.accounts.requests import UserRequest
from reports import access


@require_GET
def room(request: UserRequest, pk: int) -> HttpResponse:
    """Reports shared with the works council, newest first, and where its statements stand."""
    seat = access.council_seat(request.user, pk)
    reports = access.council_reports(seat)
    context = {
        "company": seat.company,
        "role": Role.WORKS_COUNCIL,
        "seat": seat,
        "reports": reports,
        "waiting": [each for each in reports if not each.released],
        "has_news": any(each.is_new for each in reports),
        "kept": access.statements_kept(seat),
        "council": council_of(seat.company),
        "nav": "council",
    }
    return render(request, "reports/council.html", context)


@require_POST
def visited(request: UserRequest, pk: int) -> HttpResponse:
    """The member has seen what is new. The mark is the member's own; nobody else reads it."""
    seat = access.council_seat(request.user, pk)
    seat.visit()
    if request.htmx:
        return HttpResponse(status=204)
    return redirect("council_room", seat.company_id)
