"""`manage.py housekeeping`: what has to happen without anybody clicking. Safe to run twice."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from checklists.models import Edition
from reports import sheets
from reports.jobs import revive_abandoned

KEEP_TASK_ROWS = timedelta(days=7)


class Command(BaseCommand):
    help = "Nimmt liegen gebliebene Berichte wieder auf und räumt Abgelaufenes weg."

    _looked_at: int | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=int, metavar="SECONDS", help="wiederholen, bis Strg-C")

    def handle(self, *, every: int | None, **options: Any) -> None:
        if not every:
            self._once()
            return
        while True:
            try:
                self._once()
            except DatabaseError as error:  # the database may be away for a moment: try again later
                self.stderr.write(f"Aufräumen später: {error}")
            close_old_connections()
            time.sleep(every)

    def _once(self) -> None:
        if revived := revive_abandoned():
            self.stdout.write(f"{revived} liegen gebliebene Berichte neu eingereiht.")
        SessionStore.clear_expired()
        old = timezone.now() - KEEP_TASK_ROWS
        DBTaskResult.objects.filter(enqueued_at__lt=old).exclude(status="READY").delete()
        self._sheets()

    def _sheets(self) -> None:
        """Have the paper checklists made that a newly loaded catalogue lacks, in a process
        that gives WeasyPrint's memory back. Once per edition: a broken one stays broken."""
        edition = Edition.objects.order_by("-loaded_at", "-pk").first()
        if edition is None or edition.pk == self._looked_at:
            return
        self._looked_at = edition.pk
        if sheets.missing(edition):
            command = [sys.executable, "manage.py", "sheets"]
            done = subprocess.run(command, cwd=settings.BASE_DIR, check=False)
            if done.returncode:
                self.stderr.write("Die Checklisten zum Ausdrucken fehlen: manage.py sheets")
