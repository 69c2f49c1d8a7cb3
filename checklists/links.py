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
from urllib.error import URLError
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

TIMEOUT_SECONDS = 10.0
MAX_REDIRECTS = 5
AT_ONCE = 2
REDIRECTS = {301, 302, 303, 307, 308}
SHUT_OUT = {401, 403, 429}  # somebody is there, but lets no program in
HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
SAFE = "%/:=&?~+!$,;'@()*[]"  # the rest of an address is sent as %XX
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
    REFUSED = "Fehlerseite"
    ASTRAY = "führt ins Leere"
    CERTIFICATE = "Zertifikat"
    SILENT = "keine Antwort"


@dataclass(frozen=True)
class Reply:
    """What an address replied: the last status of HTTP (None without any), the address it led to
    ("" where it stayed), and German words on what was wrong."""

    outcome: Outcome
    status: int | None = None
    redirected_to: str = ""
    detail: str = ""

    @property
    def answered(self) -> bool:
        return self.outcome is Outcome.ANSWERED


class Astray(Exception):
    """An address or a redirection that is not followed; says why, in German."""


def ask_all(
    urls: Iterable[str],
    *,
    agent: str,
    timeout: float = TIMEOUT_SECONDS,
    context: ssl.SSLContext | None = None,
) -> Iterator[tuple[str, Reply]]:
    """Each distinct address once, AT_ONCE at a time, in the order given."""
    distinct = list(dict.fromkeys(urls))
    one = partial(ask, agent=agent, timeout=timeout, context=context)
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        yield from zip(distinct, pool.map(one, distinct), strict=True)
    finally:  # after Ctrl-C nobody else is asked
        pool.shutdown(cancel_futures=True)


def ask(
    url: str,
    *,
    agent: str,
    timeout: float = TIMEOUT_SECONDS,
    context: ssl.SSLContext | None = None,
) -> Reply:
    """Ask one address with HEAD, then with GET where HEAD is refused; follows up to MAX_REDIRECTS.
    `timeout`: seconds to connect and to answer. Whatever goes wrong is a Reply as well."""
    opener = _opener(context)
    visited: list[str] = []
    status = None
    try:
        target: str | None = _wired(url)
        while target:
            visited.append(target)
            status, location = _visit(opener, target, agent, timeout)
            target = _follow(visited, location) if location else None
        outcome, detail = _judge(status)
    except Astray as astray:
        outcome, detail = Outcome.ASTRAY, str(astray)
    except (OSError, http.client.HTTPException, ValueError) as error:
        status = None
        outcome, detail = _describe(error)
    return Reply(outcome, status, visited[-1] if visited[1:] else "", detail)


def _judge(status: int | None) -> tuple[Outcome, str]:
    if status in SHUT_OUT:
        return Outcome.ANSWERED, "Die Seite weist Programme ab."
    if 200 <= (status or 0) < 300:
        return Outcome.ANSWERED, ""
    return Outcome.REFUSED, f"Die Seite meldet Status {status}."


def _wired(url: str) -> str:
    """The address as it is sent: ASCII, no fragment. Raises Astray for anything but http(s)."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = f"[{host}]" if ":" in host else host.encode("idna").decode()
    except ValueError:
        raise Astray("Die Adresse ist unbrauchbar.") from None
    if parts.scheme not in {"http", "https"}:
        raise Astray(f"„{quote(parts.scheme)}:“ ist keine Internetseite.")
    if not HOST.fullmatch(host) or parts.username is not None:
        raise Astray("Die Adresse ist unbrauchbar.")
    place = f"{host}:{port}" if port else host
    path, query = quote(parts.path or "/", SAFE), quote(parts.query, SAFE)
    return urlunsplit((parts.scheme, place, path, query, ""))


def _follow(visited: list[str], location: str) -> str:
    """Where a redirection leads. Raises Astray instead of going round or on and on."""
    try:
        # http.client reads headers as Latin-1, servers write UTF-8.
        joined = urljoin(visited[-1], location.encode("latin-1").decode("utf-8", "replace"))
    except ValueError:
        raise Astray("Die Weiterleitung ist unbrauchbar.") from None
    target = _wired(joined)
    if target in visited:
        raise Astray("Die Weiterleitung dreht sich im Kreis.")
    if len(visited) > MAX_REDIRECTS:
        raise Astray(f"Mehr als {MAX_REDIRECTS} Weiterleitungen.")
    return target


def _visit(
    opener: urllib.request.OpenerDirector, url: str, agent: str, timeout: float
) -> tuple[int, str | None]:
    """The status and, of a redirection, where it leads."""
    try:
        status, location = _request(opener, "HEAD", url, agent, timeout)
    except (http.client.BadStatusLine, ConnectionResetError):  # hangs up on HEAD
        return _request(opener, "GET", url, agent, timeout)
    if status >= 400:
        return _request(opener, "GET", url, agent, timeout)
    return status, location


def _request(
    opener: urllib.request.OpenerDirector, method: str, url: str, agent: str, timeout: float
) -> tuple[int, str | None]:
    headers = {"User-Agent": agent, "Accept": "*/*"}
    request = urllib.request.Request(url, headers=headers, method=method)  # noqa: S310 - http(s) only
    with opener.open(request, timeout=timeout) as response:
        location = response.headers.get("Location") if response.status in REDIRECTS else None
        return response.status, location


def _describe(error: Exception) -> tuple[Outcome, str]:
    """A bad certificate is told apart from silence: the place has to mend it, silence may pass."""
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        fault = CERTIFICATE_FAULTS.get(reason.verify_code, reason.verify_message)
        return Outcome.CERTIFICATE, f"Das Zertifikat ist {fault}."
    words = {
        ssl.SSLError: "Die Verschlüsselung kommt nicht zustande.",
        TimeoutError: "Zeit abgelaufen.",
        socket.gaierror: "Den Namen kennt niemand.",
        ConnectionRefusedError: "Die Verbindung wird abgelehnt.",
        ConnectionError: "Die Verbindung bricht ab.",
        http.client.HTTPException: "Die Antwort ist unverständlich.",
    }
    said = next((text for kind, text in words.items() if isinstance(reason, kind)), None)
    return Outcome.SILENT, said or "Die Verbindung kommt nicht zustande."


# --- An opener of our own: no file://, no redirection and no error page behind our back ---------


def _opener(context: ssl.SSLContext | None) -> urllib.request.OpenerDirector:
    opener = urllib.request.OpenerDirector()
    opener.add_handler(urllib.request.ProxyHandler())  # as the environment says
    opener.add_handler(_PlainHandler())
    opener.add_handler(_SecureHandler(context or ssl.create_default_context()))
    return opener


class _Impatient(http.client.HTTPConnection):
    """The timeout of a socket limits each single wait; a server that sends its head byte by byte
    would keep us for hours."""

    def getresponse(self) -> http.client.HTTPResponse:
        late = threading.Event()
        held = self.sock

        def cut() -> None:
            late.set()
            try:
                held.shutdown(socket.SHUT_RDWR)
            except OSError:  # closed meanwhile
                return

        timer = threading.Timer(self.timeout or TIMEOUT_SECONDS, cut)
        timer.daemon = True
        timer.start()
        try:
            response = super().getresponse()
        except (OSError, http.client.HTTPException):
            if late.is_set():
                raise TimeoutError from None
            raise
        finally:
            timer.cancel()
        if late.is_set():  # a head cut short would pass for a whole one
            response.close()
            raise TimeoutError
        return response


class _ImpatientSecure(_Impatient, http.client.HTTPSConnection):
    pass


class _PlainHandler(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Impatient, req)


class _SecureHandler(urllib.request.HTTPSHandler):
    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self.context = context

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_ImpatientSecure, req, context=self.context)
