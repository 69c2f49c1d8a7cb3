"""The minutes of a meeting as PDF/UA: in the render child only."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from reports.minutes import from_plain
from reports.pdf import Rendered, clean, typeset

STYLE = "css/minutes.css"


def render_minutes(data: dict[str, Any]) -> Rendered:
    """The minutes as `minutes.to_plain` gave them, as tagged PDF/UA-1."""
    composed = json.loads(unicodedata.normalize("NFC", json.dumps(data, ensure_ascii=False)))
    with translation.override("de"):
        markup = render_to_string("meeting/pdf/minutes.html", {"minutes": from_plain(composed)})
    return typeset(clean(markup), STYLE)
