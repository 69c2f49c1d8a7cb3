"""Whoever tries the portal without an account."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AnonymousUser


class Visitor(AnonymousUser):
    """Nobody, with the key to one company that has no members. Querysets that understand a visitor
    say so; all others find nothing to ask for and fail."""

    is_trying = True
    is_consultant = False

    def __init__(self, company_id: int, until: datetime) -> None:
        super().__init__()
        self.company_id = company_id
        self.until = until  # when the trial is deleted

    def __str__(self) -> str:
        return "Visitor"
