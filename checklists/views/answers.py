"""The checklist of one topic, and saving an answer: the heart of the portal."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from checklists import access
from checklists.forms import AnswerForm
from checklists.models import Assessment, Conflict
from checklists.sheet import Sheet, Topic, topic_of
from checklists.talk import talks_of
from portal.accounts.models import Role
from portal.accounts.requests import ActorRequest
from portal.accounts.trial import trial_allowed

# What most questions have to say besides themselves. A template looks long for a name it does not
# know, and a checklist has many questions.
QUIET: dict[str, Any] = {"back": "", "conflict": None, "form_error": "", "kept": {}, "saved": False}


@trial_allowed
@require_GET
@gzip_page
def checklist(request: ActorRequest, pk: int, code: str) -> HttpResponse:
    """All questions of a topic on one page."""
    sheet, topic = access.topic_to_read(request.user, pk, code)
    return checklist_page(request, sheet.assessment, topic, sheet=sheet)


@trial_allowed
@require_POST
def answer(request: ActorRequest, pk: int, key: str) -> HttpResponse:
    """Save one click or one note. Answers 200 with the question and the progress, 409 with both
    values, 422 with the reason; without htmx the whole page, or back to the question."""
    form = AnswerForm(request.POST)
    state: dict[str, Any] = {"saved": True}
    status = 200
    with transaction.atomic():
        assessment, asked = access.question_to_answer(request.user, pk, key)
        if not form.is_valid():
            state, status = {"form_error": form.first_error()}, 422
        else:
            try:
                sent = form.sent()
                assessment.record(asked.question, version=form.cleaned_data["version"], **sent)
            except Conflict:
                state, status = {"conflict": {"mine": sent}}, 409
            except ValidationError as error:
                state = {"form_error": error.messages[0]}
                status = 422 if assessment.is_open else 409
    code = asked.aid.code
    topic = topic_of(assessment, code)
    line = topic and topic.line(key)
    if topic is None or line is None:
        raise Http404
    if status != 200:
        state["kept"] = _typed(request)
    if "conflict" in state:
        state["conflict"]["theirs"] = line
    if not request.htmx:
        if status == 200:
            return redirect(_where_from(request, pk, key))
        return checklist_page(request, assessment, topic, status=status, at=key, **state)
    context = {
        "assessment": assessment,
        "topic": topic,
        "line": line,
        "writable": assessment.is_open,
        **QUIET,
        **state,
    }
    return render(request, "checklists/_answer_saved.html", context, status=status)


def _where_from(request: ActorRequest, pk: int, key: str) -> str:
    """Back to the question: on the checklist, or in the meeting that it was answered in."""
    point = request.POST.get("punkt", "")
    if point.isdecimal() and len(point) < 6:
        return f"{reverse('meeting', args=[pk])}?punkt={point}"
    return f"{reverse('checklist', args=[pk, key.partition('-')[0]])}#{key}"


def _typed(request: ActorRequest) -> dict[str, str]:
    """What the person chose or wrote, to be shown again when it could not be saved."""
    fields = {"antwort": "value", "grund": "reason", "notiz": "note"}
    return {
        name: request.POST[field].replace("\x00", "")
        for field, name in fields.items()
        if field in request.POST
    }


def checklist_page(
    request: ActorRequest,
    assessment: Assessment,
    topic: Topic,
    *,
    sheet: Sheet | None = None,
    status: int = 200,
    at: str = "",
    **state: Any,
) -> HttpResponse:
    """The checklist; `at` is the question that `state` (an error, a conflict) belongs to."""
    roles = access.roles_in_team(assessment)
    talks = talks_of(assessment, topic)
    said = any(talk.comments for talk in talks.values())
    role = roles.get(request.user.pk or 0, "")  # a visitor has no key
    together = bool(role) and (len(roles) > 1 or said)  # alone, there is nobody to talk to
    sheet = sheet or Sheet.of(assessment)
    topic.mark = next((each.mark for each in sheet.topics if each.aid == topic.aid), "")
    context = {
        **QUIET,
        "assessment": assessment,
        "company": assessment.company,
        "role": role,
        "can_lead": role == Role.LEAD,
        "topic": topic,
        "rows": [(line, talks[line.key] if together else None) for line in topic.lines],
        "together": together,
        "writable": assessment.is_open,
        "next_topic": _next_topic(sheet, topic),
        "at": at,
        "state": state,
        "nav": "topics",
    }
    return render(request, "checklists/checklist.html", context, status=status)


def _next_topic(sheet: Sheet, topic: Topic) -> Topic | None:
    """The topic to go on with: the next in order with an unanswered question, and round again."""
    topics = sheet.topics
    here = next((i for i, other in enumerate(topics) if other.aid == topic.aid), 0)
    around = topics[here + 1 :] + topics[:here]
    return next((other for other in around if other.tally.offen), None)
