"""`manage.py links`: ask every place's address whether it still answers. Only by hand."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from checklists.links import Outcome, Reply, ask_all
from checklists.models import AddressCheck, AddressState, Resource


class Command(BaseCommand):
    help = (
        "Fragt die Adressen aller Anlaufstellen, ob sie noch antworten, zwei zugleich, und trägt "
        "den Tag ein. Erst wenn eine Adresse zweimal im Abstand von mindestens sieben Tagen nicht "
        "antwortet, zeigt das Portal sie nur noch als Text. Von selbst läuft der Befehl nie."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="fragen, aber nichts eintragen")
        parser.add_argument("--only", metavar="KEY", help="nur diese Anlaufstelle")

    def handle(self, *, dry_run: bool, only: str | None, **options: Any) -> None:
        places = self._places(only)
        agent = f"Gegenstrom-Linkpruefung (+{settings.PORTAL_URL})"
        by_url: dict[str, list[Resource]] = {}
        for place in places:
            by_url.setdefault(place.url, []).append(place)
        width = max(len(place.key) for place in places)
        replies: dict[str, Reply] = {}
        for url, reply in ask_all(by_url, agent=agent):
            replies[url] = reply
            for place in by_url[url]:
                self.stdout.write(_line(place, reply, width))
                self.stdout.flush()
        silent = sum(reply.outcome is Outcome.SILENT for reply in replies.values())
        if silent == len(replies) > 1:
            raise CommandError(
                "Keine einzige Adresse antwortet. Hat dieser Rechner Verbindung zum Internet? "
                "Nichts eingetragen."
            )
        answered = sum(reply.answered for reply in replies.values())
        self.stdout.write(f"{len(replies)} Adressen gefragt, {answered} antworten.")
        if dry_run:
            self.stdout.write("Nichts eingetragen (--dry-run).")
        else:
            self._record(places, replies)

    def _places(self, only: str | None) -> list[Resource]:
        """Raises CommandError where there is nothing to ask."""
        places = Resource.objects.filter(retired=False)
        if only and not (places := places.filter(key=only)):
            raise CommandError(f"Die Anlaufstelle „{only}“ gibt es nicht.")
        with_address = list(places.exclude(url=""))
        if not with_address:
            raise CommandError("Hier gibt es keine Adresse zu fragen.")
        return with_address

    def _record(self, places: list[Resource], replies: dict[str, Reply]) -> None:
        today = timezone.localdate()
        with transaction.atomic():
            checks = [
                AddressCheck.record(place, place.url, replies[place.url], today) for place in places
            ]
        text_only = [check.resource.key for check in checks if check.state == AddressState.FAILED]
        self.stdout.write(f"Eingetragen mit dem {today:%d.%m.%Y}.")
        if text_only:
            self.stdout.write(f"Nur noch als Text im Portal: {', '.join(text_only)}.")


def _line(place: Resource, reply: Reply, width: int) -> str:
    """One row of the table: key, outcome, status, address and what there is to say."""
    outcome = max(len(outcome.value) for outcome in Outcome)
    detour = f" → {reply.redirected_to}" if reply.redirected_to else ""
    said = f" ({reply.detail})" if reply.detail else ""
    status = reply.status or "–"
    columns = f"{place.key:<{width}}  {reply.outcome.value:<{outcome}}  {status:>3}"
    return f"{columns}  {place.url}{detour}{said}"
