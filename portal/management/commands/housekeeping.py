"""`manage.py housekeeping`: what has to happen without anybody clicking. Safe to run twice."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from reports.jobs import revive_abandoned

KEEP_TASK_ROWS = timedelta(days=7)


class Command(BaseCommand):
    help = "Nimmt liegen gebliebene Berichte wieder auf und räumt Abgelaufenes weg."

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
        DBTaskResult.objects.filter(enqueued_at__lt=old).delete()
