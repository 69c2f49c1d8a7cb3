"""Entry point for gunicorn."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
_django = get_wsgi_application()
_CHARSET = re.compile(r"charset\s*=\s*(?!\"?utf-?8\b)", re.IGNORECASE)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The portal. Other character sets than UTF-8 are refused here: Django reads the address with
    whatever codec the request names before any middleware could say no."""
    if _CHARSET.search(environ.get("CONTENT_TYPE", "")):
        start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"Bitte senden Sie UTF-8.\n"]
    return _django(environ, start_response)
