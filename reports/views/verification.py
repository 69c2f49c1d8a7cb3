"""Whether a printed report is good: for whoever holds the paper."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from checklists.views.public import page
from portal.accounts.limits import Limit, address_of
from reports import access
from reports.views.shared import unlisted

GUESSES = Limit("report check", amount=30, seconds=15 * 60)  # only codes of no report count


@unlisted
@require_safe
def verify(request: Any, token: str) -> HttpResponse:
    """One of three sentences, and nothing else about the report."""
    guess = GUESSES.take(address_of(request))
    if guess is None:
        response = page(request, "reports/verify_pause.html", {}, status=429)
        response.headers["Retry-After"] = str(GUESSES.seconds)
        return response
    report = access.report_to_verify(token)
    if report is not None:
        GUESSES.give_back(guess)
    verdict = "unknown" if report is None else "withdrawn" if report.is_withdrawn else "matches"
    return page(request, "reports/verify.html", {"verdict": verdict})
