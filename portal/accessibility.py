"""How accessible the portal is known to be: docs/barrierefreiheit.md, read once per process."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from django.conf import settings

REGISTER = settings.BASE_DIR / "docs" / "barrierefreiheit.md"
ROW = re.compile(
    r"^\| (\d\.\d\.\d{1,2}) \| ([^|]+) \| (AA?) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE
)
TESTED, SEEN, UNCHECKED, ABSENT = "Test", "gesehen", "nicht geprüft", "ohne Gegenstand"


class Criterion(NamedTuple):
    """A success criterion of WCAG 2.2 and what its state rests on."""

    number: str
    name: str
    level: str
    state: str
    grounds: str


@cache
def register() -> tuple[Criterion, ...]:
    """All criteria of levels A and AA, in order."""
    rows = ROW.findall(REGISTER.read_text(encoding="utf-8"))
    return tuple(Criterion(*(part.strip() for part in row)) for row in rows)


def in_state(state: str) -> list[Criterion]:
    return [criterion for criterion in register() if criterion.state == state]
