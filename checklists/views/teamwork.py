"""The team at work on a round: who is here, what others changed, what is said about a question, who
is to look at a topic and what the team says of it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from checklists import access, presence
from checklists.delegations import hand_over
from checklists.forms import CommentForm, DelegationForm
from checklists.models import Assessment, Thread
from checklists.sheet import Line, Topic
from checklists.talk import talks_of
from checklists.views.answers import checklist_page
from portal.accounts.models import Role
from portal.accounts.requests import UserRequest


@require_GET
def topic_state(request: UserRequest, pk: int, code: str) -> HttpResponseBase:
    """What an open checklist asks every few seconds; 304 as long as nothing changed. Asking says
    that one is here: the only thing this writes, and only into the cache of a minute."""
    here, stale = presence.others_here(pk, code, request.user.pk)
    current = access.current_topic(request.user, pk, code, here)
    if stale:
        presence.stay(pk, code, request.user.pk)
    body = json.dumps(
        {"here": current.here, "mark": current.mark, "questions": current.questions},
        ensure_ascii=False,
        sort_keys=True,
    ).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="application/json", headers={"ETag": etag})
    return get_conditional_response(request, etag=etag, response=response) or response


@require_GET
def question_part(request: UserRequest, pk: int, key: str) -> HttpResponse:
    """One question as it stands, with its thread and the progress."""
    assessment, topic, line = access.question_of_team(request.user, pk, key)
    context = {
        "assessment": assessment,
        "topic": topic,
        "line": line,
        "talk": talks_of(assessment, topic)[key],
        "writable": assessment.is_open,
    }
    return render(request, "checklists/_answer_saved.html", context)


# --- What is said about a question ---------------------------------------------------------------


@require_POST
def comment_create(request: UserRequest, pk: int, key: str) -> HttpResponse:
    """Say something about a question."""
    assessment, topic, line = access.question_of_team(request.user, pk, key)
    form = CommentForm(request.POST)
    error = ""
    if not form.is_valid():
        error = str(form.errors["text"][0])
    else:
        try:
            Thread.say(assessment, line.question, form.cleaned_data["text"], by=request.user)
        except ValidationError as refused:
            error = refused.messages[0]
    if error:
        typed = request.POST.get("text", "").replace("\x00", "")
        state = {"talk_error": error, "typed": typed}
        return _thread(request, assessment, topic, line, status=422, **state)
    return _thread(request, assessment, topic, line)


@require_POST
def comment_delete(request: UserRequest, pk: int, key: str, number: int) -> HttpResponse:
    """Take back one's own comment. Its text goes back into the field, so that it is not lost."""
    assessment, topic, line = access.question_of_team(request.user, pk, key)
    comment = access.comment_to_delete(request.user, assessment, line, number)
    if comment is None:
        return _thread(request, assessment, topic, line)
    comment.delete()
    return _thread(request, assessment, topic, line, typed=comment.text, taken_back=True)


@require_POST
def thread_resolve(request: UserRequest, pk: int, key: str) -> HttpResponse:
    """Say that a thread is settled, or that it is not."""
    assessment, topic, line = access.question_of_team(request.user, pk, key)
    try:
        Thread.settle(assessment, line.question, resolved=request.POST.get("geklaert") == "1")
    except ValidationError as refused:
        error = refused.messages[0]
        return _thread(request, assessment, topic, line, status=422, talk_error=error)
    return _thread(request, assessment, topic, line)


def _thread(
    request: UserRequest,
    assessment: Assessment,
    topic: Topic,
    line: Line,
    *,
    status: int = 200,
    **state: Any,
) -> HttpResponse:
    """The thread for htmx; without it back to the question, or the whole page where `state` has
    something to say."""
    if request.htmx:
        context = {
            "assessment": assessment,
            "line": line,
            "talk": talks_of(assessment, topic)[line.key],
            "writable": assessment.is_open,
            "unfold": True,
            **state,
        }
        return render(request, "checklists/_thread.html", context, status=status)
    if state:
        return checklist_page(request, assessment, topic, status=status, at=line.key, **state)
    return redirect(f"{reverse('checklist', args=[assessment.pk, topic.aid.code])}#{line.key}")


# --- What the team says of a topic ---------------------------------------------------------------


@require_POST
def topic_mark(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """ "bitte ansehen", "fertig", or neither any more. Comes back to where it was pressed."""
    assessment, topic = access.topic_of_team(request.user, pk, code)
    try:
        assessment.mark_topic(topic.aid, request.POST.get("vermerk", ""))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    if request.POST.get("von") == "ueberblick":
        return redirect(f"{reverse('assessment', args=[pk])}#thema-{code}")
    return redirect(f"{reverse('checklist', args=[pk, code])}#vermerk")


# --- Handing a topic over ------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def delegate(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Hand a topic to people, "bitte bis" a date."""
    assessment, topic = access.topic_to_lead(request.user, pk, code)
    handed = list(access.delegations_of(assessment).filter(aid=topic.aid))
    people = access.team_of(assessment.company)
    form = DelegationForm(request.POST if request.method == "POST" else None, people)
    if request.method == "POST" and form.is_valid():
        chosen = list(form.cleaned_data["leute"])
        if not chosen and not handed:
            form.add_error("leute", _("Wählen Sie mindestens eine Person."))
        else:
            return _hand_over(request, assessment, topic, form)
    context = {
        "assessment": assessment,
        "company": assessment.company,
        "role": Role.LEAD,
        "topic": topic,
        "people": people[:200],
        "handed": handed,
        "chosen": request.POST.getlist("leute")
        if form.is_bound
        else [str(each.user_id) for each in handed],
        "due": request.POST.get("bis", "")
        if form.is_bound
        else next((each.due.isoformat() for each in handed if each.due), ""),
        "form": form,
        "nav": "overview",
    }
    return render(request, "checklists/delegate.html", context, status=422 if form.errors else 200)


def _hand_over(
    request: UserRequest, assessment: Assessment, topic: Topic, form: DelegationForm
) -> HttpResponse:
    people, due = form.cleaned_data["leute"], form.cleaned_data["bis"]
    try:
        hand_over(assessment, topic.aid, people, due=due, by=request.user)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        said = _("„%(topic)s“ ist übergeben.") if people else _("„%(topic)s“ ist zurückgenommen.")
        messages.success(request, said % {"topic": topic.aid.short})
    return redirect(f"{reverse('assessment', args=[assessment.pk])}#thema-{topic.aid.code}")


@require_POST
def delegation_end(request: UserRequest, pk: int) -> HttpResponse:
    """Take a topic back, or give it back."""
    handed = access.delegation_to_end(request.user, pk)
    handed.delete()
    messages.success(request, _("„%(topic)s“ ist zurückgenommen.") % {"topic": handed.aid.short})
    return redirect(f"{reverse('assessment', args=[handed.assessment_id])}#themen")
