"""`manage.py sheets`: make the paper checklists of the current edition. Safe to run twice."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from checklists.models import Edition
from reports import paper, sheets


class Command(BaseCommand):
    help = "Setzt die Checklisten zum Ausdrucken, die der geladene Katalog noch nicht hat."

    def handle(self, **options: Any) -> None:
        try:
            edition = Edition.current()
        except Edition.DoesNotExist:
            raise CommandError("Zuerst den Katalog laden: manage.py catalogue load") from None
        made = paper.make(edition, sheets.missing(edition))
        self.stdout.write(f"{made} Checklisten gesetzt." if made else "Alle Checklisten sind da.")
