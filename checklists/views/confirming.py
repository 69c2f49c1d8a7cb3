"""Answers of an earlier round: saying of a topic that they still hold, and taking that back."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from checklists import access
from checklists.forms import ConfirmedForm
from checklists.models import Assessment
from checklists.sheet import Topic
from checklists.views.undo import say_with_way_back
from portal.accounts.requests import UserRequest


@require_POST
def topic_confirm(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Confirm all earlier answers of a topic whose questions are still the same; with "zurueck"
    take just that back."""
    assessment, topic = access.topic_of_team(request.user, pk, code)
    try:
        if "zurueck" in request.POST:
            _take_back(request, assessment, topic)
        else:
            _confirm(request, assessment, topic)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    return redirect("checklist", pk, code)


def _confirm(request: UserRequest, assessment: Assessment, topic: Topic) -> None:
    lines = topic.confirmable
    confirmed = assessment.confirm(line.question for line in lines)
    if not confirmed:
        return
    said = ngettext(
        "Eine Antwort ist bestätigt.", "%(n)d Antworten sind bestätigt.", len(confirmed)
    )
    versions = {line.key: confirmed.get(line.question.pk) for line in lines}
    kept = " ".join(f"{key}:{version}" for key, version in versions.items() if version)
    say_with_way_back(request, said % {"n": len(confirmed)}, request.path, {"zurueck": kept})


def _take_back(request: UserRequest, assessment: Assessment, topic: Topic) -> None:
    form = ConfirmedForm(request.POST)
    versions = form.cleaned_data["zurueck"] if form.is_valid() else {}
    questions = {line.key: line.question.pk for line in topic.lines}
    taken = assessment.take_back_confirming(
        {questions[key]: version for key, version in versions.items() if key in questions}
    )
    if taken:
        said = ngettext(
            "Eine Antwort ist wieder zu bestätigen.",
            "%(n)d Antworten sind wieder zu bestätigen.",
            taken,
        )
        messages.success(request, said % {"n": taken})
    else:
        messages.info(request, _("Hier war nichts mehr zurückzunehmen."))
