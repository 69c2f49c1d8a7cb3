"""`manage.py demo`: a metal workshop with two rounds, for looking around. Safe to run twice."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal import demo


class Command(BaseCommand):
    help = "Legt den Beispielbetrieb „Metallbau Brandt GmbH“ an, wenn es ihn noch nicht gibt."

    def handle(self, **options: Any) -> None:
        made = demo.build()
        self.stdout.write("Beispielbetrieb angelegt." if made else "Beispielbetrieb ist schon da.")
