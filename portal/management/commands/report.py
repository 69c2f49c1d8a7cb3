"""`manage.py report ASSESSMENT_ID [--kind KIND] --out FILE`: a report of a round, from the shell;
`manage.py report --rebuild REPORT_ID --out FILE`: a stored report, set again from its content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from checklists.models import Assessment
from reports.content import build, checksum, to_json
from reports.jobs import verification_address
from reports.kinds import Kind, Options
from reports.models import Report
from reports.pdf import Rendered, render
from reports.release import release


class Command(BaseCommand):
    help = (
        "Schreibt einen Bericht über einen Durchgang als PDF, ohne ihn im Portal abzulegen, oder "
        "setzt einen abgelegten Bericht noch einmal."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("assessment_id", type=int, nargs="?")
        parser.add_argument("--rebuild", type=int, metavar="REPORT_ID")
        parser.add_argument("--kind", choices=Kind.values, default=Kind.ACTION)
        parser.add_argument("--out", type=Path, required=True)
        parser.add_argument("--without-notes", action="store_true")

    def handle(
        self,
        *,
        assessment_id: int | None,
        rebuild: int | None,
        kind: str,
        out: Path,
        without_notes: bool,
        **options: Any,
    ) -> None:
        if (assessment_id is None) == (rebuild is None):
            raise CommandError("Bitte einen Durchgang nennen oder --rebuild mit einem Bericht.")
        if rebuild is not None:
            rendered = self._again(rebuild)
        else:
            rendered = _new(assessment_id, Options(kind=kind, with_notes=not without_notes))
        try:
            out.write_bytes(rendered.pdf)
        except OSError as error:
            raise CommandError(f"{out} lässt sich nicht schreiben: {error.strerror}.") from None
        self.stdout.write(f"{out}: {rendered.pages} Seiten, {len(rendered.pdf) // 1000} kB")

    def _again(self, pk: int) -> Rendered:
        """The report set anew: byte by byte the original within its release, marked as rebuilt by
        any other."""
        report = Report.objects.filter(pk=pk).first()
        if report is None or report.is_withdrawn:
            raise CommandError(f"Den Bericht {pk} gibt es nicht, oder er ist zurückgezogen.")
        rebuilt = report.release != release()
        rendered = render(
            report.frozen,
            number=report.number,
            checksum=report.checksum,
            address=verification_address(report),
            rebuilt=rebuilt,
            stored=report.content,
        )
        if rebuilt:
            self.stdout.write("Von einer anderen Version des Portals, als neu gesetzt vermerkt.")
        elif hashlib.sha256(rendered.pdf).hexdigest() == report.pdf_checksum:
            self.stdout.write("Byte für Byte das Original.")
        else:
            raise CommandError("Es ist nicht das Original, obwohl die Version dieselbe ist.")
        return rendered


def _new(assessment_id: int | None, options: Options) -> Rendered:
    found = Assessment.objects.select_related("company", "edition").filter(pk=assessment_id or 0)
    assessment = found.first()
    if assessment is None:
        raise CommandError(f"Den Durchgang {assessment_id} gibt es nicht.")
    content = build(assessment, options)
    return render(content, number=0, checksum=checksum(to_json(content)))
