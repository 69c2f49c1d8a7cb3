"""The job worker of django_tasks_db, with the render child already getting ready."""

from __future__ import annotations

from typing import Any

from django_tasks_db.management.commands import db_worker

from reports import jobs


class Command(db_worker.Command):
    def handle(self, **options: Any) -> None:
        if not options["batch"]:
            jobs.get_ready()
        super().handle(**options)
