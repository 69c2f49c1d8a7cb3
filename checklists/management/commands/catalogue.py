"""`manage.py catalogue check|load|export|import`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from checklists import fixtures
from checklists.models import Edition

FIXTURES: Path = settings.BASE_DIR / "fixtures"


class Command(BaseCommand):
    help = "Prüft und lädt den Katalog aus fixtures/, schreibt ihn in eine Datei, lädt ihn daraus."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="AKTION")
        check = actions.add_parser("check", help="prüft die Dateien, ohne sie zu laden")
        check.add_argument("--folder", type=Path, default=FIXTURES, help="Ordner der Dateien")
        load = actions.add_parser(
            "load", help="lädt die Dateien; ein eingespielter Katalog bleibt, außer mit --force"
        )
        load.add_argument("--folder", type=Path, help="ein anderer Ordner als fixtures/")
        load.add_argument(
            "--force", action="store_true", help="auch über einen eingespielten Katalog"
        )
        export = actions.add_parser("export", help="schreibt den ganzen Katalog in eine YAML-Datei")
        export.add_argument("--out", type=Path, required=True, metavar="DATEI")
        bring = actions.add_parser(
            "import",
            help="lädt einen ganzen Katalog aus einer YAML-Datei",
            description=(
                "Lädt einen ganzen Katalog aus einer YAML-Datei, etwa aus einem geänderten Export. "
                "Die Datei ersetzt den Katalog und ergänzt ihn nicht: Was in ihr fehlt, fragt das "
                "Portal nicht mehr. Gegebene Antworten bleiben; gleiche Schlüssel gelten als "
                "dieselbe Frage. Eine fehlerhafte Datei ändert nichts."
            ),
        )
        bring.add_argument("file", type=Path, metavar="DATEI")

    def handle(self, *, action: str, **options: Any) -> None:
        try:
            match action:
                case "check":
                    self._check(options["folder"])
                case "load":
                    self._load(options["folder"], force=options["force"])
                case "export":
                    self._export(options["out"])
                case "import":
                    self._import(options["file"])
        except fixtures.BrokenCatalogue as broken:
            raise CommandError(f"Katalog nicht geladen.\n{broken}") from None

    def _check(self, folder: Path) -> None:
        rows = fixtures.read(folder)
        if problems := fixtures.check(rows):
            raise fixtures.BrokenCatalogue(problems)
        self.stdout.write(f"Katalog in Ordnung: {len(rows)} Objekte.")

    def _load(self, folder: Path | None, *, force: bool) -> None:
        current = Edition.objects.first()
        imported = current is not None and current.source == Edition.Source.IMPORT
        if current and imported and folder is None and not force:
            self.stdout.write(
                f"Der eingespielte Katalog bleibt, Ausgabe {current.checksum[:16]}. "
                "Den mitgelieferten lädt „catalogue load --force“."
            )
            return
        # What comes from elsewhere must not be overwritten at the next start either.
        own = folder is None or folder.resolve() == FIXTURES.resolve()
        source = Edition.Source.FIXTURES if own else Edition.Source.IMPORT
        self._report(*fixtures.load(fixtures.read(folder or FIXTURES), source))

    def _export(self, out: Path) -> None:
        edition = Edition.objects.first()
        if edition is None:
            raise CommandError("Es ist noch kein Katalog geladen.")
        text = fixtures.write()
        size = len(text.encode())
        if size > fixtures.MAX_BYTES:
            raise CommandError("Der Katalog ist größer als 2 MB und ließe sich nicht wieder laden.")
        try:
            out.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise CommandError(f"{out} lässt sich nicht schreiben: {error.strerror}.") from None
        self.stdout.write(f"{out}: {size // 1000} kB, Ausgabe {edition.checksum[:16]}.")

    def _import(self, file: Path) -> None:
        self._report(*fixtures.load(fixtures.read_file(file), Edition.Source.IMPORT))

    def _report(self, edition: Edition, new: bool) -> None:
        held = ", ".join(f"{count} {noun}" for noun, count in fixtures.counts().items())
        state = "neu geladen" if new else "unverändert"
        self.stdout.write(f"Katalog {state}: {held}, Ausgabe {edition.checksum[:16]}.")
        if new and edition.source == Edition.Source.IMPORT:
            self.stdout.write(
                "Er bleibt auch beim nächsten Start; zum mitgelieferten führt "
                "„catalogue load --force“ zurück."
            )
