"""Messages that offer the way back."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from checklists.models import Measure


def done(request: HttpRequest, text: str, measure: Measure | None = None) -> None:
    """Say what was done; of a measure, with a button that takes just this change back."""
    if measure is None:
        messages.success(request, text)
        return
    fields = {"version": measure.version, "weiter": where_from(request, "")}
    say_with_way_back(request, text, reverse("measure_undo", args=[measure.pk]), fields)


def say_with_way_back(request: HttpRequest, text: str, url: str, fields: dict[str, Any]) -> None:
    """Say what was done, with a button that posts `fields` to `url` to take it back."""
    messages.success(request, text, extra_tags=json.dumps({"url": url, "fields": fields}))


def where_from(request: HttpRequest, otherwise: str) -> str:
    """The page of ours that the form says it stood on, else `otherwise`."""
    said = request.POST.get("weiter", "")
    if said.startswith("/") and url_has_allowed_host_and_scheme(said, allowed_hosts=None):
        return said
    return otherwise
