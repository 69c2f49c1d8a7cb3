"""What all public pages share: they know nobody, and answer 304 when nothing has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from checklists.directory import addresses_checked
from checklists.reading import Library

Arguments = ParamSpec("Arguments")
# Elsewhere compression could give away a secret of the page; these pages have none.
_gzip = GZipMiddleware(lambda request: HttpResponse())


class ReaderRequest(HttpRequest):
    """The request of a public page; portal.middleware.PlainWords has looked at it."""

    klar: bool


View = Callable[Concatenate[ReaderRequest, Library, Arguments], HttpResponseBase]


def public(view: View[Arguments]) -> Callable[..., HttpResponseBase]:
    """A page for everybody: GET and HEAD only. The view is given what there is to read; neither it
    nor its template looks at session, user or messages, so the page is the same for all and may
    be compressed and kept. Two queries are spent here."""

    @require_safe
    @login_not_required
    @wraps(view)
    def answer(
        request: ReaderRequest, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponseBase:
        library = Library.current()
        tag = _tag(request, library)
        response: Any = get_conditional_response(request, etag=tag)
        if response is None:
            response = view(request, library, *args, **kwargs)
        if response.status_code in (200, 304):
            response.headers["ETag"] = tag
            response.headers["Cache-Control"] = "no-cache"  # keep it, but ask before using it
            if "klar" not in request.GET:
                patch_vary_headers(response, ["Cookie"])
        return response if response.streaming else _gzip.process_response(request, response)

    return answer


def page(
    request: ReaderRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A public page. What base.html would ask the session for is answered here: nobody, nothing."""
    nobody = {"public": True, "user": AnonymousUser(), "messages": ()}
    return render(request, template, {**context, **nobody}, status=status)


def _tag(request: ReaderRequest, library: Library) -> str:
    """Changes with whatever a public page shows. Weak: compressed or not is the same page."""
    said = (
        request.get_full_path(),
        str(request.klar),
        library.checksum,
        addresses_checked(),
        _release() if not settings.DEBUG else _release.__wrapped__(),
    )
    return f'W/"{hashlib.sha256(repr(said).encode()).hexdigest()[:32]}"'


@cache
def _release() -> str:
    """A mark of this installation: our own code, templates and styles, and the settings that pages
    show. The same on every machine that runs the same release."""
    shown = (settings.DEMO, settings.PORTAL_URL, settings.OPERATOR, settings.OPERATOR_PRICE)
    digest = hashlib.sha256(repr(shown).encode())
    folders = {"templates": "*.html", "static": "*.*", "locale": "*.mo"}
    folders |= dict.fromkeys(("portal", "checklists", "reports"), "*.py")
    for folder, kind in folders.items():
        for path in sorted((settings.BASE_DIR / folder).rglob(kind)):
            digest.update(path.read_bytes())
    return digest.hexdigest()
