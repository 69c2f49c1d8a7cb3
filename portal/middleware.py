"""What holds for every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.loader import render_to_string

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
    into the session costs queries and makes the page another one for each visitor."""

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class PrivatePages:
    """Pages behind login are kept by no cache, so that Back never shows an older answer. A page
    that did not look at the session knows nobody and decides for itself."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.session.accessed and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
