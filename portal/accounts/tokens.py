"""Secrets that travel in an address. Only their hash is ever stored."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, fit for an address."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """SHA-256 as 64 hex digits: enough for a secret that is random itself."""
    return hashlib.sha256(token.encode()).hexdigest()
