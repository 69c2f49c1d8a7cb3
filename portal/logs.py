"""What the log must never hold."""

from __future__ import annotations

import logging
import re

# Addresses that carry a secret: /freigabe/<token>/, /einladung/<token>/, /kalender/<token>.ics
SECRET_ADDRESS = re.compile(r"(/(?:freigabe|einladung|kalender)/)(?!bericht/)[^/\n]+")


class WithoutTokens(logging.Filter):
    """Takes secrets out of the addresses that Django names when it logs a refused request."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        masked = SECRET_ADDRESS.sub(r"\1…", text)
        if masked != text:
            record.msg, record.args = masked, ()
        return True
