"""The database is killed under load: what was acknowledged is there afterwards."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings

from tests.postgres import server

pytestmark = pytest.mark.sweep

ROOT = Path(settings.BASE_DIR)
PREPARE = """
import django; django.setup()
from django.core.management import call_command
for command in (["migrate", "-v0"], ["createcachetable"], ["catalogue", "load"]):
    call_command(*command)
from django.conf import settings
from django.test import Client
from checklists.models import Assessment, DecisionAid, Question
from portal.accounts.models import Company, User
user = User.objects.create_user("anna@betrieb.example", "x" * 12)
company = Company.found(by=user, name="Absturz GmbH")
opened = Assessment.start(company, DecisionAid.objects.with_questions())
client = Client(); client.force_login(user)
print(client.cookies["sessionid"].value, opened.pk)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def click(port: int, session: str, path: str, version: int, value: str) -> int:
    """Save one answer; the status, 0 where the server was not to be reached."""
    token = "c" * 32
    headers = {
        "Host": "localhost",
        "Cookie": f"sessionid={session}; csrftoken={token}",
        "X-CSRFToken": token,
        "HX-Request": "true",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        data = urllib.parse.urlencode({"version": version, "antwort": value})
        connection.request("POST", path, data, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def test_acknowledged_answers_survive_a_killed_database(tmp_path):
    with server() as postgres:
        environment = {
            **os.environ,
            "DATABASE_URL": postgres.url,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DEMO": "1",
            "VAR_DIR": str(tmp_path),
        }
        prepared = subprocess.run(
            [sys.executable, "-c", PREPARE],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
        ).stdout.split()[-2:]  # fmt: skip
        session, pk = prepared
        port = free_port()
        web = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "portal.wsgi", "-b", f"127.0.0.1:{port}",
             "--no-control-socket", "--log-level", "critical"],
            cwd=ROOT, env=environment, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            lost = _answer_and_kill(postgres, port, session, pk)
        finally:
            web.terminate()
            web.wait(20)
    assert lost == []


def _answer_and_kill(postgres, port: int, session: str, pk: str) -> list[str]:
    """Click through E01 and E05 while the database dies; which acknowledged answers are gone."""
    keys = [f"E01-{n:02d}" for n in range(1, 15)] + [f"E05-{n:02d}" for n in range(1, 11)]
    paths = {key: f"/durchgaenge/{pk}/fragen/{key}/antwort/" for key in keys}
    for _ in range(100):
        if click(port, session, paths["E01-01"], 0, "ja") == 200:
            break
        time.sleep(0.1)
    threading.Timer(0.4, postgres.kill).start()
    acknowledged: dict[str, int] = {"E01-01": 1}
    failed = 0
    deadline = time.monotonic() + 8
    while failed < 5 and time.monotonic() < deadline:
        for key in keys:
            version = acknowledged.get(key, 0)
            status = click(port, session, paths[key], version, ("ja", "nein")[version % 2])
            if status == 200:
                acknowledged[key] = version + 1
            else:
                failed += 1
    assert failed >= 5, "the database was killed and nobody noticed"
    postgres.start()
    with psycopg2.connect(postgres.url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.code || '-' || lpad(q.number::text, 2, '0'), a.version"
            " FROM checklists_answer a JOIN checklists_question q ON q.id = a.question_id"
            " JOIN checklists_decisionaid t ON t.id = q.aid_id"
        )
        stored = dict(cursor.fetchall())
    return [key for key, version in acknowledged.items() if stored.get(key, 0) < version]
