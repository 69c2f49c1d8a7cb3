"""Trying the portal without an account: the cookie, and which views are open to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from portal.accounts.access import trial_opened_with
from portal.accounts.limits import Limit
from portal.accounts.models import Company, Visitor

COOKIE = "probe"
TRIALS = Limit("trial", amount=20, seconds=3600)  # for one address
REPORTS = Limit("trial report", amount=10, seconds=3600)  # for one trial

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def trial_allowed(view: View) -> View:
    """Lets a visitor in (portal.middleware.LoginRequired); the outermost decorator. All that the
    view reads has to come through getters that understand a visitor."""
    view.trial_allowed = True  # type: ignore[attr-defined]
    return view


def trial_of(request: HttpRequest) -> Company | None:
    """The trial of this browser: one query, none without the cookie."""
    token = request.COOKIES.get(COOKIE)
    return trial_opened_with(token) if token else None


def visitor_of(request: HttpRequest) -> Visitor | None:
    """Whoever tries the portal in this browser."""
    company = trial_of(request)
    return company.visitor if company else None


def remember(response: Any, token: str) -> None:
    """Give the browser its key. No script can read it, and no other site can send it along."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(Company.TRIAL.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget(response: Any) -> None:
    response.delete_cookie(COOKIE, samesite="Lax")


def pause(request: HttpRequest, limit: Limit) -> HttpResponse:
    """Too much for now, and when it goes on."""
    response = render(request, "accounts/trial_pause.html", status=429)
    response.headers["Retry-After"] = str(limit.seconds)
    return response
