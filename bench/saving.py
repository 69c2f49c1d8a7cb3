"""Measures saving an answer through gunicorn on PostgreSQL.

    python -m tests.postgres python -m bench.saving

Rounds of bare view, reference save and real save take turns, so that a noisy machine disturbs all
alike; figures are means over the quieter half of the rounds. CPU is the worker's own."""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("DEMO", "1")
SCRATCH = tempfile.TemporaryDirectory()
os.environ["VAR_DIR"] = SCRATCH.name
os.environ.setdefault("PORTAL_URL", "http://localhost:8000")
import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from checklists import fixtures  # noqa: E402
from checklists.models import Assessment, DecisionAid, Question  # noqa: E402
from portal.accounts.models import Company, Membership, Role, User  # noqa: E402
from reports.content import build, checksum, to_json  # noqa: E402
from reports.renderer import Job, RenderChild  # noqa: E402

ROUNDS = 6
REQUESTS = 150
PORT = 8765
CSRF = secrets.token_hex(16)


@dataclass
class Target:
    """One kind of request: path and form data for the i-th one."""

    name: str
    method: str
    path: Callable[[int], str]
    data: Callable[[int], dict[str, str]]


@dataclass
class Sample:
    cpu_ms: float
    wall_ms: list[float]

    @property
    def per_second(self) -> float:
        return 1000 * len(self.wall_ms) / sum(self.wall_ms)


class Server:
    """gunicorn with one sync worker."""

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "bench.wsgi", "-b", f"127.0.0.1:{PORT}",
             "--workers", "1", "--no-control-socket", "--log-level", "error"],
        )  # fmt: skip
        for _ in range(100):
            with contextlib.suppress(OSError, IndexError):
                self.worker = self._find_worker()
                send("GET", "/bench/bare/", {}, "")
                return self
            time.sleep(0.1)
        raise SystemExit("gunicorn did not start")

    def __exit__(self, *exception: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)

    def _find_worker(self) -> int:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text().split()[0])

    def cpu_ms(self) -> float:
        """CPU the worker has used so far, from the scheduler's nanoseconds."""
        return int(Path(f"/proc/{self.worker}/schedstat").read_text().split()[0]) / 1e6


def send(method: str, path: str, data: dict[str, str], session: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
    headers = {
        "Host": "localhost:8000",
        "Cookie": f"sessionid={session}; csrftoken={CSRF}",
        "HX-Request": "true",
        "X-CSRFToken": CSRF,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request(method, path, urllib.parse.urlencode(data), headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def measure(server: Server, target: Target, session: str, count: int = REQUESTS) -> Sample:
    walls = []
    before = server.cpu_ms()
    for i in range(count):
        started = time.perf_counter()
        status = send(target.method, target.path(i), target.data(i), session)
        walls.append(1000 * (time.perf_counter() - started))
        if status != 200:
            raise SystemExit(f"{target.name}: status {status} for {target.path(i)}")
    return Sample((server.cpu_ms() - before) / count, walls)


def quiet(samples: list[Sample]) -> tuple[float, float, float]:
    """Mean CPU in ms, requests a second and p99 in ms, over the quieter half of the rounds."""
    best = sorted(samples, key=lambda sample: sample.cpu_ms)[: max(1, len(samples) // 2)]
    walls = sorted(wall for sample in best for wall in sample.wall_ms)
    return (
        statistics.mean(sample.cpu_ms for sample in best),
        statistics.mean(sample.per_second for sample in best),
        walls[int(len(walls) * 0.99)],
    )


class Rendering:
    """A render child that makes one report after the other, beside the web server."""

    def __init__(self, assessment: Assessment) -> None:
        content = to_json(build(assessment))
        self.job, self.child, self.stop = Job(content, 1, checksum(content)), RenderChild(), False
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self.stop:
            self.child.render(self.job, seconds=120, progress=lambda part: None)

    def __enter__(self) -> None:
        self.child.render(self.job, seconds=120, progress=lambda part: None)
        self.thread.start()

    def __exit__(self, *exception: object) -> None:
        self.stop = True
        self.thread.join()
        self.child.stop()


def seed(companies: int, user: User) -> Assessment:
    """Fill up to this many companies, each with a round; return the user's own round."""
    aids = list(DecisionAid.objects.with_questions())
    own = Company.objects.filter(memberships__user=user).first()
    if own is None:
        own = Company.found(by=user, name="Bank GmbH")
        Assessment.start(own, aids)
    missing = companies - Company.objects.count()
    made = Company.objects.bulk_create([Company(name=f"Firma {i}") for i in range(missing)])
    Membership.objects.bulk_create(
        [
            Membership(company=company, user=user_of(i), role=Role.LEAD)
            for i, company in enumerate(made)
        ]
    )
    edition = own.assessments.get().edition
    rounds = Assessment.objects.bulk_create(
        [Assessment(company=company, number=1, edition=edition) for company in made]
    )
    through = Assessment.topics.through
    through.objects.bulk_create([through(assessment=r, aid=aid) for r in rounds for aid in aids])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return own.assessments.get()


_users: list[User] = []


def user_of(place: int) -> User:
    """One of 200 other users, so that no single account owns all companies."""
    if not _users:
        _users.extend(
            User.objects.bulk_create([User(email=f"u{i}@bench.example") for i in range(200)])
        )
    return _users[place % len(_users)]


def table() -> list[str]:
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    call_command("collectstatic", interactive=False, verbosity=0)
    fixtures.load(fixtures.read(settings.BASE_DIR / "fixtures"))
    user = User.objects.create_user("bench@bench.example", "x" * 12, name="Bank")
    client = Client()
    client.force_login(user)
    session = client.cookies["sessionid"].value
    assessment = seed(1000, user)
    questions = list(Question.objects.live().select_related("aid").order_by("pk"))
    versions = dict.fromkeys(range(len(questions)), 0)
    turn = [0]

    def real_path(i: int) -> str:
        return f"/durchgaenge/{assessment.pk}/fragen/{questions[turn[0] % 67].key}/antwort/"

    def real_data(i: int) -> dict[str, str]:
        place = turn[0] % 67
        turn[0] += 1
        versions[place] += 1
        value = ["ja", "nein", "weissnicht"][versions[place] % 3]
        return {"version": str(versions[place] - 1), "antwort": value}

    def first_path(i: int) -> str:
        return f"/durchgaenge/{unanswered.pk}/fragen/{questions[i].key}/antwort/"

    bare = Target("bare", "GET", lambda i: "/bench/bare/", lambda i: {})
    save = Target("save", "POST", real_path, real_data)
    first = Target("first", "POST", first_path, lambda i: {"version": "0", "antwort": "ja"})
    reference = Target(
        "reference", "POST",
        lambda i: f"/bench/save/{other.pk}/{questions[i % 67].pk}/",
        lambda i: {"antwort": ["ja", "nein"][i % 2]},
    )  # fmt: skip
    checklist = Target(
        "checklist", "GET", lambda i: f"/durchgaenge/{assessment.pk}/themen/E01/", lambda i: {}
    )
    overview = Target("overview", "GET", lambda i: f"/durchgaenge/{assessment.pk}/", lambda i: {})
    second = Company.found(by=user, name="Vergleich GmbH")
    other = Assessment.start(second, DecisionAid.objects.with_questions())
    third = Company.found(by=user, name="Anfang GmbH")
    unanswered = Assessment.start(third, DecisionAid.objects.with_questions())
    samples: dict[str, list[Sample]] = {}
    with Server() as server:
        for target in (bare, reference, save, checklist, overview):
            measure(server, target, session, 70)
        for _ in range(ROUNDS):
            for target in (bare, reference, save):
                samples.setdefault(target.name, []).append(measure(server, target, session))
            unanswered.answers.all().delete()
            samples.setdefault("first", []).append(measure(server, first, session, 67))
            for target in (checklist, overview):
                samples.setdefault(target.name, []).append(measure(server, target, session, 40))
        with Rendering(assessment):
            for _ in range(ROUNDS):
                samples.setdefault("rendering", []).append(measure(server, save, session))
        seed(10_000, user)
        for _ in range(ROUNDS):
            samples.setdefault("10000", []).append(measure(server, overview, session, 40))
    figures = {name: quiet(of) for name, of in samples.items()}
    return rows(figures)


def rows(figures: dict[str, tuple[float, float, float]]) -> list[str]:
    cpu = {name: figure[0] for name, figure in figures.items()}
    share = 100 * figures["save"][1] / figures["bare"][1]
    return [
        "| what | measured | limit |",
        "|---|---|---|",
        f"| bare view | {cpu['bare']:.2f} ms CPU, {figures['bare'][1]:.0f}/s | – |",
        f"| reference save | {cpu['reference']:.2f} ms CPU | – |",
        f"| saving an answer | {cpu['save']:.2f} ms CPU | – |",
        f"| the same for the first time | {cpu['first']:.2f} ms CPU | – |",
        f"| saving ÷ reference | {cpu['save'] / cpu['reference']:.2f} | 1.5 (aim 1.2) |",
        f"| saving ÷ bare view, requests a second | {share:.0f} % | at least 10 % (aim 15 %) |",
        f"| saving, p99 at one client | {figures['save'][2]:.1f} ms | 10 ms |",
        f"| saving while a PDF renders, p99 | {figures['rendering'][2]:.1f} ms | 15 ms |",
        f"| checklist page of 14 questions | {cpu['checklist']:.1f} ms CPU | 12 ms |",
        f"| overview, 1,000 companies | {cpu['overview']:.1f} ms CPU | – |",
        f"| overview, 10,000 ÷ 1,000 companies | {cpu['10000'] / cpu['overview']:.2f} | 1.15 |",
    ]


def main() -> None:
    if not settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        raise SystemExit("Start it with: python -m tests.postgres python -m bench.saving")
    print("\n".join(table()))


if __name__ == "__main__":
    main()
