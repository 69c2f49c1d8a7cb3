"""What holds for every request."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from portal.accounts.models import User, Visitor
from portal.accounts.trial import visitor_of

Handler = Callable[[HttpRequest], HttpResponse]


class RefuseNulBytes:
    """A NUL byte in the address is nobody's mistake: 400 instead of a database error."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest(render_to_string("400.html"))
        return self.get_response(request)


class PlainWords:
    """Whether a page is to speak in plain words: `request.klar`.

    `?klar=1` says so for one page, `?klar=1&merken=1` from now on in a cookie, `?klar=0&merken=1`
    not any more. The cookie holds nothing else. A page that reads `request.klar` and may be kept
    by caches varies on it (checklists/views/public.py)."""

    COOKIE = "klar"
    KEEP_SECONDS = 365 * 24 * 3600

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = request.GET.get("klar", "")
        if "merken" in request.GET and request.method in ("GET", "HEAD"):
            return self.remember(request, said == "1")
        request.klar = (said or request.COOKIES.get(self.COOKIE)) == "1"  # type: ignore[attr-defined]
        return self.get_response(request)

    def remember(self, request: HttpRequest, on: bool) -> HttpResponse:
        """Keep the choice and show the same page without it in the address."""
        query = request.GET.copy()
        for name in ("klar", "merken"):
            query.pop(name, None)
        here = "/" + request.path.lstrip("/")  # "//elsewhere/" would lead away from us
        response = HttpResponseRedirect(f"{here}?{query.urlencode()}" if query else here)
        if on:
            response.set_cookie(
                self.COOKIE,
                "1",
                max_age=self.KEEP_SECONDS,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        else:
            response.delete_cookie(self.COOKIE, samesite="Lax")
        return response


class LoginRequired(LoginRequiredMiddleware):
    """Login is the default. A public view is let through before anybody asks who is there: looking
    into the session costs queries and makes the page another one for each visitor.

    Who is not logged in and tries the portal is `request.user` as a Visitor in the views that are
    marked for it, and sent from all others to where an account is made."""

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        if not request.user.is_authenticated and (visitor := visitor_of(request)):
            if not getattr(view_func, "trial_allowed", False):
                return self._ask_for_account(request)
            request.user = visitor
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def _ask_for_account(self, request: HttpRequest) -> HttpResponse:
        messages.info(
            request,
            _(
                "Dafür brauchen Sie ein Konto. Was Sie ohne Konto beantwortet haben, nehmen Sie "
                "mit."
            ),
        )
        address = reverse("account_signup")
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(address)
        return HttpResponseRedirect(address)


class PrivatePages:
    """Pages behind login are kept by no cache, so that Back never shows an older answer. A page
    that did not look at the session knows nobody and decides for itself."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.session.accessed and (
            request.user.is_authenticated or isinstance(request.user, Visitor)
        ):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class SecondFactor:
    """Consultants and operators see what belongs to others: where SECOND_FACTOR_REQUIRED, no page
    behind login opens to them before they have proven in this session that they hold a second
    factor that still exists.

    Nobody else costs a query. A proof is remembered in the session for a few minutes, so that an
    authenticator removed elsewhere counts soon, and forgotten with every change of one's own."""

    MARK = "second_factor_at"
    GOOD_FOR = timedelta(minutes=5)
    PROVE = frozenset({"mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_logout"})
    ADD = frozenset({"mfa_activate_totp", "mfa_add_webauthn"})
    SET_UP = PROVE | {
        "account_email",
        "account_reauthenticate",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_index",
    }

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        found = request.resolver_match
        if request.method == "POST" and found and (found.url_name or "").startswith("mfa_"):
            request.session.pop(self.MARK, None)
            if getattr(request, "adds_first_factor", False):
                self._remember_first(request)
        return response

    def _remember_first(self, request: HttpRequest) -> None:
        """Who has just set up their first factor has shown it: no second code is asked for."""
        user = request.user
        first = Authenticator.objects.filter(user_id=user.pk)
        for made in first.exclude(type=Authenticator.Type.RECOVERY_CODES):
            record_authentication(request, user, "mfa", id=made.pk, type=made.type)

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not settings.SECOND_FACTOR_REQUIRED or not getattr(view_func, "login_required", True):
            return None
        user = request.user
        if not user.is_authenticated or not (user.is_consultant or user.is_staff):
            return None
        if time.time() - request.session.get(self.MARK, 0) < self.GOOD_FOR.total_seconds():
            return None
        held = dict(
            Authenticator.objects.filter(user=user)
            .exclude(type=Authenticator.Type.RECOVERY_CODES)
            .values_list("pk", "type")
        )
        if held and self._proven(request, user, held):
            request.session[self.MARK] = int(time.time())
            return None
        found = request.resolver_match
        if found and found.url_name in (self.PROVE if held else self.SET_UP):
            adds = found.url_name in self.ADD and not held
            request.adds_first_factor = adds  # type: ignore[attr-defined]
            return None
        return self._ask(request, held)

    def _proven(self, request: HttpRequest, user: User, held: dict[int, str]) -> bool:
        """One of those held was used in this session, or a recovery code in its place."""
        return any(
            record.get("method") == "mfa"
            and (
                record.get("id") in held or record.get("type") == Authenticator.Type.RECOVERY_CODES
            )
            for record in get_authentication_records(request, user)
        )

    def _ask(self, request: HttpRequest, held: dict[int, str]) -> HttpResponse:
        """Send to where a factor is set up or, where there is one, proven."""
        if not held:
            messages.warning(
                request,
                _(
                    "Wer Betriebe berät oder das Portal betreibt, meldet sich mit einem zweiten "
                    "Nachweis an. Richten Sie zuerst einen ein; danach geht es weiter."
                ),
            )
            address = reverse("mfa_index")
        else:
            messages.info(request, _("Bitte bestätigen Sie mit Ihrem zweiten Nachweis."))
            by_key = Authenticator.Type.TOTP not in held.values()
            name = "mfa_reauthenticate_webauthn" if by_key else "mfa_reauthenticate"
            address = reverse(name)
            if request.method == "GET" and not request.htmx:  # type: ignore[attr-defined]
                address += f"?{urlencode({'next': request.get_full_path()})}"
        if request.htmx:  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(address)
        return HttpResponseRedirect(address)
