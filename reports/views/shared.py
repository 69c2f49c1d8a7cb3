"""A shared report, for whoever holds a link: no account, no way further into the portal."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.signing import BadSignature
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from checklists.views.public import page
from portal.accounts.limits import Limit, address_of
from reports import access
from reports.forms import OpenForm
from reports.jobs import verification_address
from reports.models import Share
from reports.views.reports import picture_of

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[Any, Arguments], HttpResponseBase]

# Only addresses that open nothing count, and only passwords that are wrong.
GUESSES = Limit("share link", amount=30, seconds=15 * 60)
PASSWORDS = Limit("share password", amount=5, seconds=15 * 60)
OPEN_SECONDS = 2 * 3600


def unlisted(view: View[Arguments]) -> Callable[..., HttpResponseBase]:
    """A page for whoever holds its link: kept by no cache and found by no search engine."""

    @login_not_required
    @wraps(view)
    def answer(
        request: HttpRequest, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answer


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def shared(request: Any, token: str) -> HttpResponse:
    """GET says that somebody shares something and changes nothing; POST opens it."""
    guess = GUESSES.take(address_of(request))
    if guess is None:
        return _pause(request, GUESSES)
    share = access.share_to_open(token)
    if share is None:
        return _gone(request)
    GUESSES.give_back(guess)
    if request.method != "POST":
        return _door(request, share, OpenForm())
    return _open(request, share)


def _open(request: Any, share: Share) -> HttpResponse:
    """Let the holder in for two hours, after the right password if the link has one."""
    form = OpenForm(request.POST)
    password = form.cleaned_data["password"] if form.is_valid() else ""
    if share.password:
        attempt = PASSWORDS.take(share.pk, address_of(request))
        if attempt is None:
            return _pause(request, PASSWORDS)
        if not share.opens_with(password):
            if not form.errors:
                wrong = _(
                    "Das Passwort stimmt nicht. Prüfen Sie Ihre Eingabe, oder fragen Sie dort "
                    "nach, woher Sie den Link haben."
                )
                form.add_error("password", wrong)
            return _door(request, share, form, status=422)
        PASSWORDS.give_back(attempt)
    share.opened()
    response = redirect("shared_report", share.pk)
    response.set_signed_cookie(
        _cookie(share.pk),
        str(share.pk),
        salt="shared report",
        max_age=OPEN_SECONDS,
        path=reverse("shared_report", args=[share.pk]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@unlisted
@require_safe
@gzip_page
def report(request: Any, pk: int) -> HttpResponse:
    """The shared report, as long as its link is good."""
    share = _let_in(request, pk)
    if share is None:
        return _gone(request)
    content = share.report.frozen
    context = {
        "report": share.report,
        "share": share,
        "content": content,
        "address": verification_address(share.report),
    }
    return page(request, "reports/shared_report.html", context)


@unlisted
@require_safe
def pdf(request: Any, pk: int) -> HttpResponseBase:
    """The shared report's stored PDF, as long as its link is good."""
    share = _let_in(request, pk)
    if share is None:
        return _gone(request)
    try:
        file = access.pdf_of(share.report)
    except Http404:
        return _gone(request)
    return FileResponse(
        file,
        as_attachment=True,
        filename=share.report.file_name,
        content_type="application/pdf",
    )


@unlisted
@require_safe
def logo(request: Any, pk: int) -> HttpResponse:
    """The firm's logo as the shared report keeps it, as long as its link is good."""
    share = _let_in(request, pk)
    if share is None or not share.report.frozen.logo:
        return _gone(request)
    return picture_of(access.logo_of(share.report))


def _cookie(pk: int) -> str:
    return f"freigabe-{pk}"


def _let_in(request: HttpRequest, pk: int) -> Share | None:
    """The share that this browser opened, if it is still live. The cookie's name is signed with it,
    so that one of another share is none of this."""
    try:
        request.get_signed_cookie(_cookie(pk), salt="shared report", max_age=OPEN_SECONDS)
    except (KeyError, BadSignature):
        return None
    return access.share_opened(pk)


def _door(request: Any, share: Share, form: OpenForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "password": bool(share.password)}
    return page(request, "reports/shared.html", context, status=status)


def _gone(request: Any) -> HttpResponse:
    """The one answer for links that are unknown, withdrawn or out of date."""
    return page(request, "reports/shared_gone.html", {}, status=404)


def _pause(request: Any, limit: Limit) -> HttpResponse:
    response = page(request, "reports/shared_pause.html", {}, status=429)
    response.headers["Retry-After"] = str(limit.seconds)
    return response
