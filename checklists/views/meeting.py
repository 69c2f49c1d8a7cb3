"""The agenda of the next meeting, and the meeting itself: one point at a time, for a projector."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from checklists import access
from checklists.agenda import Agenda, agenda_of, step_at, topic_points
from checklists.meeting_forms import AddForm, BeginForm, MinuteForm
from checklists.models import Assessment, ItemConflict, Meeting, MeetingItem
from checklists.models.meeting import Point
from checklists.plan_access import measures_of
from checklists.sheet import Sheet, topic_of
from portal.accounts.access import role_in
from portal.accounts.models import Role
from portal.accounts.requests import UserRequest

AGENDA = "tagesordnung"


@require_GET
def agenda(request: UserRequest, pk: int) -> HttpResponse:
    """What there is to talk about."""
    assessment = access.assessment_to_read(request.user, pk)
    return _agenda_page(request, assessment)


def _agenda_page(
    request: UserRequest, assessment: Assessment, form: BeginForm | None = None
) -> HttpResponse:
    sheet = Sheet.of(assessment)
    found = agenda_of(sheet, measures_of(request.user, assessment.company))
    meetings = list(access.meetings_of(request.user, assessment))
    context = {
        "assessment": assessment,
        "company": assessment.company,
        "role": role_in(request.user, assessment.company),
        "agenda": found,
        "choices": _choices(sheet, found),
        "running": next((each for each in meetings if each.in_session), None),
        "meetings": [each for each in meetings if not each.in_session],
        "error": form.errors["was"][0] if form else "",
        "nav": "overview",
    }
    return render(request, "meeting/agenda.html", context, status=422 if form else 200)


def _choices(sheet: Sheet, found: Agenda) -> list[tuple[str, str]]:
    """What a meeting can go through: the agenda, if there is one, or any topic."""
    count = len(found)
    said = ngettext("Tagesordnung (ein Punkt)", "Tagesordnung (%(n)d Punkte)", count)
    first = [(AGENDA, said % {"n": count})] if count else []
    topics = [
        (topic.aid.code, _("Alle Fragen zu: %(topic)s") % {"topic": topic.aid.short})
        for topic in sheet.topics
    ]
    return first + topics


@require_http_methods(["GET", "POST"])
def meeting(request: UserRequest, pk: int) -> HttpResponse:
    """The point that `punkt` names; a POST begins the meeting."""
    assessment, running = access.meeting_in_session(request.user, pk)
    if request.method == "POST":
        return _begin(request, assessment)
    if running is None:
        return redirect("agenda", pk)
    items = _items(running)
    said = request.GET.get("punkt", "")
    number = int(said) if said.isdecimal() and len(said) < 6 else 1
    item = items[min(max(number, 1), len(items)) - 1]
    return _item_page(request, assessment, item, items)


def _begin(request: UserRequest, assessment: Assessment) -> HttpResponse:
    sheet = Sheet.of(assessment)
    found = agenda_of(sheet, measures_of(request.user, assessment.company))
    form = BeginForm(request.POST, _choices(sheet, found))
    if not form.is_valid():
        return _agenda_page(request, assessment, form)
    chosen = form.cleaned_data["was"]
    topic = sheet.topic(chosen)
    points: list[Point] = topic_points(topic) if topic else found.points()
    Meeting.begin(assessment, points)
    return redirect(place(assessment.pk, 1))


def _items(meeting: Meeting) -> list[MeetingItem]:
    items = meeting.items.select_related("question__aid", "step", "measure__responsible")
    return list(items.order_by("position"))


def place(pk: int, number: int) -> str:
    """The address of a point in the round's meeting."""
    return f"{reverse('meeting', args=[pk])}?punkt={number}"


def _item_page(
    request: UserRequest,
    assessment: Assessment,
    item: MeetingItem,
    items: list[MeetingItem],
    *,
    status: int = 200,
    **state: Any,
) -> HttpResponse:
    item = items[items.index(item)]
    question = item.question
    topic = topic_of(assessment, question.aid.code) if question else None
    sheet = Sheet.of(assessment) if item.step_id else None
    role = role_in(request.user, assessment.company)
    place_in = items.index(item)
    context = {
        "assessment": assessment,
        "company": assessment.company,
        "role": role,
        "can_decide": role == Role.LEAD,
        "meeting": items[0].meeting,
        "item": item,
        "items": items,
        "number": place_in + 1,
        "before": place_in,
        "after": place_in + 2 if place_in + 1 < len(items) else 0,
        "topic": topic,
        "line": topic.line(question.key) if topic and question else None,
        "each": step_at(sheet, item) if sheet else None,
        "here": place(assessment.pk, place_in + 1),
        "writable": assessment.is_open,
        "mine": item.text,
        "theirs": None,
        **state,
    }
    return render(request, "meeting/meeting.html", context, status=status)


@require_POST
def meeting_minute(request: UserRequest, pk: int) -> HttpResponse:
    """Write down what was decided at a point, and go on to where the pressed button leads."""
    item = access.item_to_minute(request.user, pk)
    meeting, assessment = item.meeting, item.meeting.assessment
    form = MinuteForm(request.POST)
    state: dict[str, Any] = {}
    try:
        if form.is_valid():
            item.minute(form.cleaned_data["text"], version=form.cleaned_data["version"])
        else:
            state = {"error": next(iter(form.errors.values()))[0], "status": 422}
    except ItemConflict as conflict:
        state = {"theirs": conflict.current.text, "status": 409}
    except ValidationError as over:
        messages.error(request, over.messages[0])
        return redirect("minutes", meeting.pk)
    if state:
        state["mine"] = request.POST.get("text", "").replace("\x00", "")
        return _item_page(request, assessment, item, _items(meeting), **state)
    going = form.cleaned_data["nach"]
    if going == "protokoll":
        return redirect("minutes", meeting.pk)
    return redirect(place(assessment.pk, int(going or item.position)))


@require_POST
def meeting_add(request: UserRequest, pk: int) -> HttpResponse:
    """Another point, with a title of one's own."""
    meeting = access.meeting_to_read(request.user, pk)
    form = AddForm(request.POST)
    try:
        if form.is_valid():
            item = meeting.add(form.cleaned_data["titel"])
            return redirect(place(meeting.assessment_id, item.position))
    except ValidationError as over:
        messages.error(request, over.messages[0])
        return redirect("minutes", meeting.pk)
    items = _items(meeting)
    added = {"add_error": form.errors["titel"][0], "add_text": request.POST.get("titel", "")}
    return _item_page(request, meeting.assessment, items[-1], items, status=422, **added)
