"""The portal in one foreground process tree: web server, job worker and housekeeping."""

import contextlib
import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.demo import LOGINS

POLL_SECONDS = 0.2
# Time to finish a request or a report after the first Ctrl-C.
PATIENCE_SECONDS = 30
# A child that dies is started again after 1, 2, 4, … seconds; one that has lived for
# HEALTHY_SECONDS starts with a clean record.
RESTARTS = 6
HEALTHY_SECONDS = 60
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A process of the tree, in a process group of its own: Ctrl-C reaches only its parent."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = field(default=0, init=False)
    due: float = field(default=0.0, init=False)

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=end_with(os.getpid()),  # noqa: PLW1509 - this process has one thread
        )

    def exit_code(self) -> int | None:
        """As a shell would give it, 128 + n after signal n; None while it runs or rests."""
        code = self.process.poll() if self.process else None
        return 128 - code if code is not None and code < 0 else code

    def rest(self) -> float | None:
        """Seconds until it is started again, or None when it has died too often."""
        self.clear()
        now = time.monotonic()
        self.restarts = 0 if now - self.started > HEALTHY_SECONDS else self.restarts
        if self.restarts == RESTARTS:
            return None
        seconds = 2.0**self.restarts
        self.restarts += 1
        self.process, self.due = None, now + seconds
        return seconds

    def ask_to_stop(self) -> None:
        """To be called while it runs; it may finish what it is doing."""
        if self.process is not None:
            self.process.terminate()

    def clear(self) -> None:
        """End by force what is left of its group: itself, or orphans of a process killed -9."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Command(BaseCommand):
    help = "Runs the web server, the job worker and the housekeeping until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bind", default="localhost:8000", metavar="HOST:PORT")
        parser.add_argument("--workers", type=int, default=2, help="web server processes")

    def handle(self, *, bind: str, workers: int, **_options: Any) -> None:
        check_address(bind)
        self.greet(bind)
        web = Child("Webserver", [sys.executable, "-m", "gunicorn", *gunicorn(bind, workers)])
        sys.exit(self.supervise(web, helpers(settings.REPORT_WORKERS)))

    def greet(self, bind: str) -> None:
        """The address first and, in the demo, who can log in."""
        address = settings.PORTAL_URL
        if not address.endswith(f"://{bind}"):
            address += f" über {bind}"
        self.stdout.write(f"Gegenstrom läuft: {address}  (Beenden mit Strg+C)")
        if settings.DEMO:
            self.stdout.write("Anmelden im Beispielbetrieb:")
            for role, email, password in LOGINS:
                self.stdout.write(f"  {email:<34} {password:<20} {role}")
        self.stdout.flush()

    def supervise(self, web: Child, helpers: Sequence[Child]) -> int:
        """Keep the tree up until a signal comes or the web server ends; the exit code."""
        stopping: list[int] = []
        children = [web, *helpers]

        def stop(signum: int, _frame: FrameType | None) -> None:
            stopping.append(signum)

        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(signum) != signal.SIG_IGN:  # nohup stays nohup
                signal.signal(signum, stop)
        try:
            for child in children:
                child.start()
            while not stopping:
                if (code := web.exit_code()) is not None:
                    self.stderr.write(f"Der Webserver hat sich beendet (Code {code}).")
                    return code
                if not all(self.keep(helper) for helper in helpers):
                    return 1
                time.sleep(POLL_SECONDS)
            return 0
        finally:
            wind_down(children, hurry=lambda: len(stopping) > 1)

    def keep(self, helper: Child) -> bool:
        """Start a helper again when it has died; False when it has died too often."""
        if helper.process is None:
            if time.monotonic() >= helper.due:
                helper.start()
            return True
        code = helper.exit_code()
        if code is None:
            return True
        seconds = helper.rest()
        if seconds is None:
            self.stderr.write(f"{helper.name} endet immer wieder (Code {code}): Portal hält an.")
            return False
        self.stderr.write(f"{helper.name} hat sich beendet (Code {code}): neu in {seconds:.0f} s.")
        return True


def helpers(workers: int) -> list[Child]:
    """What works beside the web server: each job worker has a render child of its own."""
    manage = [sys.executable, "manage.py"]
    worker = ["db_worker", "--queue-name", "*", "--interval", "0.2", "--no-reload"]
    return [
        *(
            Child(f"Auftragsdienst {number}", [*manage, *worker])
            for number in range(1, workers + 1)
        ),
        Child("Hausmeister", [*manage, "housekeeping", "--every", "30"]),
    ]


def gunicorn(bind: str, workers: int) -> list[str]:
    """gunicorn's arguments: processes, no threads (they wait for each other on SQLite)."""
    options = ["--bind", bind, "--workers", str(workers), "--no-control-socket"]
    return ["portal.wsgi", *options, "--log-level", "warning"]


def wind_down(children: Sequence[Child], *, hurry: Callable[[], bool]) -> None:
    """Ask all children to stop and wait; end by force what outlasts patience or a second Ctrl-C."""
    running = [child for child in children if child.process and child.exit_code() is None]
    for child in running:
        child.ask_to_stop()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while running and time.monotonic() < deadline and not hurry():
        time.sleep(POLL_SECONDS / 4)
        running = [child for child in running if child.exit_code() is None]
    for child in children:
        child.clear()


def end_with(parent: int) -> Callable[[], None]:
    """For the new process: on Linux, end when the parent does, even if that is killed -9."""
    libc = ctypes.CDLL(None)

    def ask_the_system() -> None:
        if sys.platform == "linux":
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:  # it died in between
                os.kill(os.getpid(), signal.SIGTERM)

    return ask_the_system


def check_address(bind: str) -> None:
    """Say in one line what to do when HOST:PORT cannot be bound; raises CommandError."""
    if bind.startswith("unix:"):
        return
    host, _, port = bind.rpartition(":")
    if not port.isdecimal():
        raise CommandError(f"--bind erwartet HOST:PORT, nicht {bind!r}")
    try:
        addresses = socket.getaddrinfo(host.strip("[]") or None, int(port), type=socket.SOCK_STREAM)
    except (OSError, OverflowError):
        raise CommandError(f"--bind: unbekannte Adresse {bind!r}") from None
    for family, kind, protocol, _name, address in addresses:
        try:
            with socket.socket(family, kind, protocol) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                advice = f"anderes Programm beenden oder PORT={int(port) + 1} ./run"
                raise CommandError(f"Port {port} ist belegt: {advice}") from None
            if error.errno == errno.EACCES:
                advice = "braucht Administratorrechte, sonst PORT=8000 ./run"
                raise CommandError(f"Port {port} {advice}") from None
            # An address family that this machine does not have is no obstacle.
