"""Asking an address whether it still answers: politely, and without reading what it holds."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
import urllib.request
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any
from urllib.error import URLError
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

TIMEOUT_SECONDS = 10.0
MAX_REDIRECTS = 5
AT_ONCE = 2
REDIRECTS = {301, 302, 303, 307, 308}
SHUT_OUT = {401, 403, 429}  # somebody is there, but does not let a program in
HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
CERTIFICATE_FAULTS = {  # OpenSSL's X509_V_ERR_…
    9: "noch nicht gültig",
    10: "abgelaufen",
    18: "selbst ausgestellt",
    19: "selbst ausgestellt",
    20: "von unbekannter Stelle",
    21: "von unbekannter Stelle",
    62: "für einen anderen Namen",
    64: "für einen anderen Namen",
}


class Outcome(Enum):
    """How asking ended, in the operator's words."""

    ANSWERED = "antwortet"
    REFUSED = "Fehler"  # a server is there, the page is not
    ASTRAY = "Weiterleitung"
    CERTIFICATE = "Zertifikat"
    SILENT = "keine Antwort"


@dataclass(frozen=True)
class Reply:
    """What an address replied. `status` is that of the last page asked, None without one;
    `redirected_to` is where it led, "" when it stayed."""

    outcome: Outcome
    status: int | None = None
    redirected_to: str = ""
    detail: str = ""

    @property
    def answered(self) -> bool:
        return self.outcome is Outcome.ANSWERED


class Astray(Exception):
    """A redirection that is not followed; says why, in German."""


def ask_all(
    urls: Iterable[str],
    *,
    agent: str,
    timeout: float = TIMEOUT_SECONDS,
    context: ssl.SSLContext | None = None,
) -> Iterator[tuple[str, Reply]]:
    """Each address once, AT_ONCE at a time, in the order given."""
    distinct = list(dict.fromkeys(urls))
    one = partial(ask, agent=agent, timeout=timeout, context=context)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from zip(distinct, pool.map(one, distinct), strict=True)


def ask(
    url: str,
    *,
    agent: str,
    timeout: float = TIMEOUT_SECONDS,
    context: ssl.SSLContext | None = None,
) -> Reply:
    """Ask one address; `timeout` in seconds for each wait. Whatever goes wrong is a Reply too."""
    opener = _opener(context)
    seen: list[str] = []
    status = None
    try:
        target: str | None = _ascii(url)
        while target:
            _refuse_detours(target, seen)
            seen.append(target)
            status, location = _visit(opener, target, agent, timeout)
            target = urljoin(target, _ascii(location, target)) if location else None
    except Astray as astray:
        return Reply(Outcome.ASTRAY, status, seen[-1] if seen[1:] else "", str(astray))
    except (OSError, http.client.HTTPException, ValueError) as error:
        outcome, detail = _describe(error, timeout)
        return Reply(outcome, None, seen[-1] if seen[1:] else "", detail)
    return _judge(status, seen)


def _judge(status: int | None, seen: list[str]) -> Reply:
    redirected_to = seen[-1] if seen[1:] else ""
    if status is not None and (200 <= status < 300 or status in SHUT_OUT):
        detail = "lässt nur Menschen ein" if status in SHUT_OUT else ""
        return Reply(Outcome.ANSWERED, status, redirected_to, detail)
    return Reply(Outcome.REFUSED, status, redirected_to, f"Status {status}")
