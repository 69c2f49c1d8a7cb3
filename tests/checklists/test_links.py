"""`manage.py links` against a server of the test's own."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from checklists.links import Outcome, Reply, ask, ask_all
from checklists.models import AddressCheck, Resource

BASE = settings.BASE_DIR
AGENT = "Gegenstrom-Linkpruefung (+https://portal.example)"
DAY = date(2026, 3, 2)
GONE = Reply(Outcome.REFUSED, 404)
THERE = Reply(Outcome.ANSWERED, 200)
ELSEWHERE = {
    "file": "file:///etc/passwd",
    "mail": "mailto:a@b.example",
    "login": "http://u:p@127.0.0.1/",
    "broken": "http://[::1",
}


class Site(BaseHTTPRequestHandler):
    """Answers as the path says and remembers what it was asked."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, str, str]]
    at_once: list[int]
    busy = 0

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        self.asked.append((self.command, self.path, self.headers["User-Agent"]))
        _, name, *rest = self.path.split("/")
        getattr(self, f"on_{name}")(*rest)

    def reply(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def on_status(self, status: str) -> None:
        self.reply(int(status))

    def on_chain(self, length: str) -> None:
        """A redirection with so many more to come."""
        left = int(length)
        self.reply(301, Location=f"/chain/{left - 1}" if left > 1 else "/status/200")

    def on_loop(self, side: str) -> None:
        self.reply(302, Location="/loop/b" if side == "a" else "/loop/a")

    def on_umlaut(self) -> None:
        self.reply(301, Location="/status/200?ort=K\u00c3\u00b6ln#dort")  # UTF-8 on the wire

    def on_away(self, scheme: str) -> None:
        self.reply(301, Location=ELSEWHERE[scheme])

    def on_nowhere(self) -> None:
        self.reply(301)

    def on_headless(self, status: str) -> None:
        self.reply(int(status) if self.command == "HEAD" else 200)

    def on_hangup(self) -> None:
        self.close_connection = True
        if self.command == "GET":
            self.reply(200)

    def on_slow(self, seconds: str) -> None:
        type(self).busy += 1
        self.at_once.append(self.busy)
        time.sleep(float(seconds))
        type(self).busy -= 1
        self.reply(200)

    def on_drip(self) -> None:
        """Never silent for long, and never done."""
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Patience: ")
        for _ in range(100):
            time.sleep(0.05)
            self.wfile.write(b"x")

    def on_endless(self) -> None:
        """A body that nobody reads."""
        self.send_response(200 if self.command == "GET" else 405)
        self.send_header("Content-Length", "1000000000000")
        self.end_headers()

    def on_gibberish(self) -> None:
        self.close_connection = True
        self.wfile.write(b"220 mail.example ESMTP\r\n")

    def log_message(self, *_args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_args: object) -> None:
        """Who asks hangs up early: that is part of the tests."""


def serve(context: ssl.SSLContext | None = None) -> Iterator[tuple[str, type[Site]]]:
    site = type("OneSite", (Site,), {"asked": [], "at_once": []})
    server = Server(("127.0.0.1", 0), site)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}", site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def _straight(monkeypatch) -> None:
    """No proxy of the machine between us and our server."""
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def server() -> Iterator[tuple[str, type[Site]]]:
    yield from serve()


@pytest.fixture
def url(server) -> str:
    return server[0]


@pytest.fixture
def site(server) -> type[Site]:
    return server[1]


def reply(url: str, timeout: float = 5.0, context: ssl.SSLContext | None = None) -> Reply:
    return ask(url, agent=AGENT, timeout=timeout, context=context)


# --- One address ----------------------------------------------------------------------------------


def test_an_answer_takes_one_question_that_says_who_asks(url, site):
    assert reply(f"{url}/status/200") == THERE
    assert site.asked == [("HEAD", "/status/200", AGENT)]


def test_redirections_are_followed_and_recorded(url, site):
    assert reply(f"{url}/chain/5") == Reply(Outcome.ANSWERED, 200, f"{url}/status/200")
    assert len(site.asked) == 6
    assert reply(f"{url}/umlaut").redirected_to == f"{url}/status/200?ort=K%C3%B6ln"


def test_nobody_is_followed_for_ever(url, site):
    endless = reply(f"{url}/chain/6")
    assert (endless.outcome, endless.status) == (Outcome.ASTRAY, 301)
    assert endless.detail == "Mehr als 5 Weiterleitungen."
    assert len(site.asked) == 6
    site.asked.clear()
    loop = reply(f"{url}/loop/a")
    assert (loop.outcome, loop.detail) == (
        Outcome.ASTRAY,
        "Die Weiterleitung dreht sich im Kreis.",
    )
    assert len(site.asked) == 2


@pytest.mark.parametrize("scheme", ELSEWHERE)
def test_only_web_addresses_are_followed(url, site, scheme):
    assert reply(f"{url}/away/{scheme}").outcome is Outcome.ASTRAY
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "ftp://127.0.0.1/", "data:,x", "//x", "http://", "http://a b/"],
)
def test_only_web_addresses_are_asked(address):
    assert reply(address).outcome is Outcome.ASTRAY


@pytest.mark.parametrize("status", [404, 410, 500, 503])
def test_an_error_page_is_no_answer_and_asked_for_twice(url, site, status):
    assert reply(f"{url}/status/{status}") == Reply(
        Outcome.REFUSED, status, "", f"Die Seite meldet Status {status}."
    )
    assert [method for method, *_ in site.asked] == ["HEAD", "GET"]


def test_a_redirection_without_aim_is_no_answer(url):
    assert reply(f"{url}/nowhere").outcome is Outcome.REFUSED


@pytest.mark.parametrize("status", [401, 403, 429])
def test_who_only_lets_people_in_is_there(url, status):
    assert reply(f"{url}/status/{status}") == Reply(
        Outcome.ANSWERED, status, "", "Die Seite weist Programme ab."
    )


@pytest.mark.parametrize("path", ["headless/405", "headless/501", "headless/404", "hangup"])
def test_get_where_head_is_refused(url, site, path):
    assert reply(f"{url}/{path}") == THERE
    assert [method for method, *_ in site.asked] == ["HEAD", "GET"]


def test_what_a_page_holds_is_not_read(url):
    started = time.monotonic()
    assert reply(f"{url}/endless") == THERE
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("path", ["slow/5", "drip"])
def test_patience_ends(url, path):
    started = time.monotonic()
    late = reply(f"{url}/{path}", timeout=0.3)
    assert (late.outcome, late.status, late.detail) == (Outcome.SILENT, None, "Zeit abgelaufen.")
    assert time.monotonic() - started < 2


def test_silence_has_its_reasons(url):
    assert reply(f"{url}/gibberish").detail == "Die Antwort ist unverständlich."
    nobody = reply("http://127.0.0.1:1/")
    assert (nobody.outcome, nobody.detail) == (Outcome.SILENT, "Die Verbindung wird abgelehnt.")


def test_two_at_a_time_in_order_and_each_once(url, site):
    addresses = [f"{url}/slow/0.1?{number}" for number in range(5)]
    site.on_slow = lambda self, rest: Site.on_slow(self, rest.partition("?")[0])
    found = list(ask_all([*addresses, addresses[0]], agent=AGENT, timeout=5))
    assert found == [(address, THERE) for address in addresses]
    assert max(site.at_once) == 2
    assert len(site.asked) == 5


# --- Certificates --------------------------------------------------------------------------------


def certificate(folder: Path, *, days: int = 1, address: str = "127.0.0.1") -> Path:
    """Key and self-signed certificate in one file, valid from ten days ago."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Testserver")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return file


def secure_server(file: Path) -> Iterator[tuple[str, type[Site]]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    yield from serve(context)


@pytest.mark.parametrize(
    ("trusted", "details", "said"),
    [
        (False, {}, "Das Zertifikat ist selbst ausgestellt."),
        (True, {"days": -1}, "Das Zertifikat ist abgelaufen."),
        (True, {"address": "127.0.0.2"}, "Das Zertifikat ist für einen anderen Namen."),
    ],
)
def test_a_bad_certificate_is_told_apart(tmp_path, trusted, details, said):
    file = certificate(tmp_path, **details)
    context = ssl.create_default_context(cafile=file) if trusted else None
    for url, site in secure_server(file):
        found = reply(f"{url}/status/200", context=context)
        assert (found.outcome, found.detail) == (Outcome.CERTIFICATE, said)
        assert not site.asked


def test_a_good_certificate_is_answered(tmp_path):
    file = certificate(tmp_path)
    for url, _site in secure_server(file):
        context = ssl.create_default_context(cafile=file)
        assert reply(f"{url}/status/200", context=context) == THERE
        assert reply(f"{url}/drip", timeout=0.3, context=context).detail == "Zeit abgelaufen."


def test_a_server_without_encryption_is_no_bad_certificate(url):
    assert reply(url.replace("http:", "https:")).outcome is Outcome.SILENT


# --- What is written down -------------------------------------------------------------------------


@pytest.fixture
def place(db) -> Resource:
    return Resource.objects.get(key="om")


def state(place: Resource) -> str:
    return Resource.objects.select_related("address_check").get(pk=place.pk).address_state


def note(place: Resource, reply: Reply, day: int) -> AddressCheck:
    return AddressCheck.record(place, place.url, reply, DAY + timedelta(days=day))


def test_text_only_after_two_failures_at_least_seven_days_apart(place):
    assert state(place) == "never"
    note(place, THERE, 0)
    assert state(place) == "answered"
    for day in (1, 2, 7):
        check = note(place, GONE, day)
        assert (check.failures, state(place)) == (1, "answered")
    check = note(place, GONE, 8)
    assert (check.failures, state(place)) == (2, "failed")
    assert (check.answered_on, check.checked_on) == (DAY, DAY + timedelta(days=8))
    assert (check.first_failed_on, check.failed_on) == (
        DAY + timedelta(days=1),
        DAY + timedelta(days=8),
    )
    check = note(place, GONE, 14)
    assert (check.failures, check.failed_on) == (2, DAY + timedelta(days=8))
    assert note(place, GONE, 15).failures == 3


def test_one_answer_brings_the_link_back(place):
    note(place, GONE, 0)
    note(place, GONE, 7)
    assert state(place) == "failed"
    check = note(place, THERE, 8)
    assert (state(place), check.failures, check.failed_on) == ("answered", 0, None)
    note(place, GONE, 9)
    assert state(place) == "answered"
    assert AddressCheck.objects.count() == 1


def test_an_address_that_never_answered_stays_a_link_until_it_failed_twice(place):
    note(place, GONE, 0)
    assert state(place) == "never"
    note(place, GONE, 7)
    assert state(place) == "failed"


def test_another_address_starts_afresh(place):
    note(place, GONE, 0)
    note(place, GONE, 7)
    place.url = "https://www.example.org/"
    place.save(update_fields=["url"])
    assert state(place) == "never"
    check = note(place, GONE, 14)
    assert (check.failures, state(place)) == (1, "never")


def test_failures_without_a_day_are_refused(place):
    check = note(place, GONE, 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        AddressCheck.objects.filter(pk=check.pk).update(failed_on=None)


# --- The command ---------------------------------------------------------------------------------


@pytest.fixture
def three(db, url) -> dict[str, Resource]:
    """Three places at our server; the other ones have no address."""
    places = {"om": "status/200", "ogb": "status/404", "bsi": "chain/1"}
    Resource.objects.exclude(key__in=places).update(url="")
    for key, path in places.items():
        Resource.objects.filter(key=key).update(url=f"{url}/{path}")
    return {key: Resource.objects.get(key=key) for key in places}


def test_the_command_asks_writes_and_tells(three, url, site, capsys, monkeypatch):
    monkeypatch.setattr(settings, "PORTAL_URL", "https://portal.example")
    with time_machine.travel(dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC), tick=True):
        call_command("links")
    assert {agent for *_, agent in site.asked} == {AGENT}
    day = date(2026, 3, 3)  # in Berlin
    checks = {check.resource.key: check for check in AddressCheck.objects.all()}
    assert {key: (c.answered_on, c.failed_on, c.status) for key, c in checks.items()} == {
        "om": (day, None, 200),
        "ogb": (None, day, 404),
        "bsi": (day, None, 200),
    }
    assert checks["bsi"].redirected_to == f"{url}/status/200"
    assert {check.checked_on for check in checks.values()} == {day}
    said = capsys.readouterr().out.splitlines()
    assert [" ".join(line.split()) for line in said[:3]] == [
        f"om antwortet 200 {url}/status/200",
        f"ogb Fehlerseite 404 {url}/status/404 (Die Seite meldet Status 404.)",
        f"bsi antwortet 200 {url}/chain/1 → {url}/status/200",
    ]
    assert len({line.index("http") for line in said[:3]}) == 1
    assert said[3:] == ["3 Adressen gefragt, 2 antworten.", "Eingetragen mit dem 03.03.2026."]


@pytest.mark.sqlite
def test_seven_days_later_the_failed_one_is_text(three, capsys):
    for day in ("2026-03-02 12:00Z", "2026-03-08 12:00Z"):
        with time_machine.travel(day, tick=True):
            call_command("links")
        assert "als Text" not in capsys.readouterr().out
        assert state(three["ogb"]) == "never"
    with time_machine.travel("2026-03-09 12:00Z", tick=True):
        call_command("links")
    assert "Nur noch als Text im Portal: ogb." in capsys.readouterr().out
    assert state(three["ogb"]) == "failed"
    assert state(three["om"]) == "answered"


def test_a_dry_run_writes_nothing(three, site, capsys):
    call_command("links", dry_run=True)
    assert len(site.asked) == 5
    assert not AddressCheck.objects.exists()
    assert "Nichts eingetragen" in capsys.readouterr().out


def test_only_one_is_asked(three, site):
    call_command("links", only="om")
    assert [path for _, path, _ in site.asked] == ["/status/200"]
    assert [check.resource.key for check in AddressCheck.objects.all()] == ["om"]


def test_a_key_that_cannot_be_asked_is_said(three, site):
    with pytest.raises(CommandError, match="„gibtesnicht“ gibt es nicht"):
        call_command("links", only="gibtesnicht")
    with pytest.raises(CommandError, match="keine Adresse"):
        call_command("links", only="uld")
    assert not site.asked


def test_retired_places_are_not_asked(three, site):
    Resource.objects.exclude(key="om").update(retired=True)
    call_command("links")
    assert [path for _, path, _ in site.asked] == ["/status/200"]


def test_a_machine_without_network_accuses_nobody(three, capsys):
    Resource.objects.filter(key__in=three).update(url="http://127.0.0.1:1/")
    Resource.objects.filter(key="om").update(url="http://127.0.0.1:2/")
    with pytest.raises(CommandError, match="Nichts eingetragen"):
        call_command("links")
    assert not AddressCheck.objects.exists()


def test_nothing_but_the_command_asks():
    apps = [BASE / name for name in ("portal", "checklists", "reports")]
    users = {
        str(path.relative_to(BASE))
        for app in apps
        for path in app.rglob("*.py")
        if re.search(
            r"ask_all|call_command\(.links|links import .*\bask\b", path.read_text("utf-8")
        )
    }
    assert users == {"checklists/links.py", "checklists/management/commands/links.py"}
