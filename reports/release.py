"""Which release of the portal sets a report: the same mark, the same bytes."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version

from django.conf import settings

# What decides how a PDF looks: our code, templates and styles, and those who set and draw.
OURS = (
    ("reports", "*.py"),
    ("reports/templatetags", "*.py"),
    ("templates/reports", "**/*.html"),
    ("static/css", "report.css"),
    ("static/css", "sheet.css"),
    ("static/css", "tokens.css"),
    ("static/img", "*.svg"),
    ("static/vendor/fonts/pdf", "*.woff2"),
)
THEIRS = ("weasyprint", "pydyf", "fonttools", "pillow", "segno", "django")


@cache
def release() -> str:
    """16 hex digits, the same on every machine that runs the same release."""
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in THEIRS).encode())
    for folder, pattern in OURS:
        for path in sorted((settings.BASE_DIR / folder).glob(pattern)):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
