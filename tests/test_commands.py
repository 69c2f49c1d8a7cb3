"""The commands an operator types."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pypdf import PdfReader

from portal.management.commands import serve
from reports import jobs
from reports.models import Report

ROOT = Path(settings.BASE_DIR)


@pytest.mark.sqlite
@pytest.mark.parametrize(("kind", "title"), [(None, "Aktionsbericht"), ("short", "Kurzbericht")])
def test_report_writes_a_pdf(assessment, tmp_path, capsys, kind, title):
    out = tmp_path / "bericht.pdf"
    call_command("report", str(assessment.pk), out=out, **({"kind": kind} if kind else {}))
    assert out.read_bytes().startswith(b"%PDF-1.7")
    assert PdfReader(out).metadata.title.startswith(title)
    assert "Seiten" in capsys.readouterr().out


def test_report_says_what_is_wrong(assessment, tmp_path):
    with pytest.raises(CommandError, match="gibt es nicht"):
        call_command("report", "0", out=tmp_path / "bericht.pdf")
    with pytest.raises(CommandError, match="lässt sich nicht schreiben"):
        call_command("report", str(assessment.pk), out=tmp_path)


def test_housekeeping_revives_reports_and_forgets_old_jobs(cast, assessment, capsys):
    report = Report.freeze(assessment, by=cast.anna)
    jobs.make_pdf.enqueue(report.pk)
    DBTaskResult.objects.update(status="RUNNING")  # and then its worker died
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        call_command("housekeeping")
        call_command("housekeeping")
    assert capsys.readouterr().out.count("neu eingereiht") == 1
    assert DBTaskResult.objects.count() == 1


def test_serve_starts_as_many_workers_as_set():
    names = [child.name for child in serve.helpers(2)]
    assert names == ["Auftragsdienst 1", "Auftragsdienst 2", "Hausmeister"]


def test_serve_says_in_one_line_that_the_port_is_in_use():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{port}"],
            cwd=ROOT,
            env={**os.environ, "DEMO": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode != 0
    assert f"Port {port}" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
