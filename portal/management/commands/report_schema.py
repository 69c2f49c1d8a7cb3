"""`manage.py report_schema`: write down what the content of a report may hold."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from reports.schema import schema


class Command(BaseCommand):
    help = "Schreibt das JSON-Schema der Berichte nach docs/bericht-schema.json."

    def handle(self, **options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "bericht-schema.json"
        path.write_text(json.dumps(schema(), ensure_ascii=False, indent=1) + "\n", "utf-8")
        self.stdout.write(f"{path.name} geschrieben.")
