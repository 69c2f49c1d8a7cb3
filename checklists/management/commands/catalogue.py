"""`manage.py catalogue check` and `manage.py catalogue load`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from checklists import fixtures


class Command(BaseCommand):
    help = "Prüft oder lädt den Katalog aus fixtures/."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["check", "load"])
        parser.add_argument(
            "--folder", type=Path, default=settings.BASE_DIR / "fixtures", help="Ordner der Dateien"
        )

    def handle(self, *, action: str, folder: Path, **options: Any) -> None:
        try:
            rows = fixtures.read(folder)
            if action == "check":
                if problems := fixtures.check(rows):
                    raise fixtures.BrokenCatalogue(problems)
                self.stdout.write(f"Katalog in Ordnung: {len(rows)} Objekte.")
                return
            edition, new = fixtures.load(rows)
        except fixtures.BrokenCatalogue as broken:
            raise CommandError(f"Katalog nicht geladen.\n{broken}") from None
        held = ", ".join(f"{count} {noun}" for noun, count in fixtures.counts().items())
        state = "neu geladen" if new else "unverändert"
        self.stdout.write(f"Katalog {state}: {held}, Ausgabe {edition.checksum[:16]}.")
