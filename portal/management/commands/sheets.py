"""`manage.py sheets`: make what everybody may print, the checklists of the current edition and the
sample report. Safe to run twice."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from checklists.models import Edition
from reports import paper, sheets


class Command(BaseCommand):
    help = "Setzt, was noch fehlt: Checklisten zum Ausdrucken und den Musterbericht als PDF."

    def handle(self, **options: Any) -> None:
        try:
            edition = Edition.current()
        except Edition.DoesNotExist:
            raise CommandError("Zuerst den Katalog laden: manage.py catalogue load") from None
        made = paper.make(edition, sheets.missing(edition))
        self.stdout.write(f"{made} Checklisten gesetzt." if made else "Alle Checklisten sind da.")
        if paper.make_sample():
            self.stdout.write("Musterbericht gesetzt.")
