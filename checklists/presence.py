"""Who is on a topic's page just now. It stands in a cache of its own for a minute and nowhere else:
no table, no log, no history."""

from __future__ import annotations

import time
from collections.abc import Collection

from django.conf import settings
from django.core.cache import caches

STAY = 60  # seconds after which somebody who says nothing more is gone
FRESH = 20  # seconds for which one's own mark need not be written again

Seen = dict[int, float]  # user → when they said last that they are here


def others_here(assessment_pk: int, code: str, user_pk: int) -> tuple[Collection[int], bool]:
    """Who else is on the page, and whether the user has to say again that they are."""
    seen = _read(assessment_pk, code)
    stale = seen.pop(user_pk, 0.0) < time.time() - FRESH
    return seen.keys(), stale


def stay(assessment_pk: int, code: str, user_pk: int) -> None:
    """The user is on the page. Two who say so in the same instant may overwrite each other; the
    other one says it again with the next question to the server."""
    seen = _read(assessment_pk, code) | {user_pk: time.time()}
    caches["presence"].set(_key(assessment_pk, code), seen, STAY)


def forget() -> None:
    """Remove what nobody has touched for a minute: the cache itself forgets only when asked."""
    for file in settings.PRESENCE_DIR.glob("*.djcache"):
        try:
            if file.stat().st_mtime < time.time() - STAY:
                file.unlink()
        except FileNotFoundError:
            continue  # another process was quicker


def _read(assessment_pk: int, code: str) -> Seen:
    gone = time.time() - STAY
    seen: Seen = caches["presence"].get(_key(assessment_pk, code), {})
    return {user: at for user, at in seen.items() if at > gone}


def _key(assessment_pk: int, code: str) -> str:
    return f"{assessment_pk}:{code}"
