"""How often somebody may try something before the portal asks for a pause."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


@dataclass(frozen=True)
class Limit:
    """At most so many tries within so many seconds. Each try takes a slot of its own: taking one
    is a single insert, so that parallel tries never get more slots than there are."""

    name: str
    amount: int
    seconds: int

    def take(self, *of: object) -> str | None:
        """A slot for whatever `of` says; None when all are taken."""
        key = hashlib.sha256(repr((self.name, *of)).encode()).hexdigest()
        slots = [f"limit:{key}:{number}" for number in range(self.amount)]
        taken = cache.get_many(slots)
        free = (slot for slot in slots if slot not in taken)
        return next((slot for slot in free if cache.add(slot, 1, self.seconds)), None)

    def give_back(self, slot: str) -> None:
        """The try was a good one and does not count."""
        cache.delete(slot)


def address_of(request: HttpRequest) -> str:
    """The client's address, seen through as many proxies as the settings trust."""
    return str(get_adapter().get_client_ip(request))
