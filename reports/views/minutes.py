"""The minutes of a meeting: to read, to finish, as PDF."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from checklists.access import meeting_to_read
from checklists.meeting_forms import MeetingForm
from checklists.models import Meeting
from checklists.sheet import Sheet
from checklists.views.undo import say_with_way_back
from portal.accounts.access import role_in
from portal.accounts.requests import UserRequest
from reports.jobs import make_minutes
from reports.minutes import minutes_of


@require_GET
def minutes(request: UserRequest, pk: int) -> HttpResponse:
    """What was decided, and who was there."""
    return _page(request, meeting_to_read(request.user, pk))


def _values(meeting: Meeting) -> dict[int, str]:
    """The round's answers of now, by question."""
    return {line.question.pk: line.value for line in Sheet.of(meeting.assessment).lines()}


def _page(request: UserRequest, meeting: Meeting, form: MeetingForm | None = None) -> HttpResponse:
    said = {"held_on": meeting.held_on, "participants": meeting.participants}
    context = {
        "meeting": meeting,
        "assessment": meeting.assessment,
        "company": meeting.assessment.company,
        "role": role_in(request.user, meeting.assessment.company),
        "minutes": minutes_of(meeting, _values(meeting) if meeting.in_session else {}),
        "form": form or MeetingForm(initial=said),
        "nav": "overview",
    }
    return render(request, "meeting/minutes.html", context, status=422 if form else 200)


@require_POST
def close(request: UserRequest, pk: int) -> HttpResponse:
    """End the meeting with its day and its people; with "zurueck" go on with it."""
    meeting = meeting_to_read(request.user, pk)
    if "zurueck" in request.POST:
        return _resume(request, meeting)
    form = MeetingForm(request.POST)
    if not form.is_valid():
        return _page(request, meeting, form)
    try:
        meeting.say(**form.cleaned_data)
        ended = meeting.close(_values(meeting))
    except ValidationError as refused:
        messages.info(request, refused.messages[0])
        return redirect("minutes", pk)
    if ended:
        make_minutes.enqueue(pk)
        back: dict[str, Any] = {"zurueck": "1"}
        say_with_way_back(request, _("Das Protokoll ist fertig."), request.path, back)
    return redirect("minutes", pk)


def _resume(request: UserRequest, meeting: Meeting) -> HttpResponse:
    try:
        meeting.resume()
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    return redirect("minutes", meeting.pk)


@require_http_methods(["GET", "POST"])
def pdf(request: UserRequest, pk: int) -> HttpResponse:
    """The minutes on paper. A POST has them set again, where that failed."""
    meeting = meeting_to_read(request.user, pk)
    if request.method == "POST":
        if not meeting.in_session and not meeting.pdf:
            make_minutes.enqueue(pk)
            messages.success(request, _("Das PDF wird gesetzt. Es dauert ein paar Sekunden."))
        return redirect(reverse("minutes", args=[pk]))
    if not meeting.pdf:
        raise Http404
    name = f"protokoll-{meeting.assessment.number}-{meeting.number}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(bytes(meeting.pdf), content_type="application/pdf", headers=headers)
