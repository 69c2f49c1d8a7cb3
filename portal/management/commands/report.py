"""`manage.py report ASSESSMENT_ID --out FILE`: the action report of a round, from the shell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from checklists.models import Assessment
from reports.content import build, checksum, to_json
from reports.pdf import render


class Command(BaseCommand):
    help = "Schreibt den Aktionsbericht eines Durchgangs als PDF, ohne ihn im Portal abzulegen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("assessment_id", type=int)
        parser.add_argument("--out", type=Path, required=True)
        parser.add_argument("--without-notes", action="store_true")

    def handle(self, *, assessment_id: int, out: Path, without_notes: bool, **options: Any) -> None:
        try:
            assessment = Assessment.objects.select_related("company", "edition").get(
                pk=assessment_id
            )
        except Assessment.DoesNotExist:
            raise CommandError(f"Den Durchgang {assessment_id} gibt es nicht.") from None
        content = build(assessment, with_notes=not without_notes)
        rendered = render(content, number=0, checksum=checksum(to_json(content)))
        try:
            out.write_bytes(rendered.pdf)
        except OSError as error:
            raise CommandError(f"{out} lässt sich nicht schreiben: {error.strerror}.") from None
        self.stdout.write(f"{out}: {rendered.pages} Seiten, {len(rendered.pdf) // 1000} kB")
