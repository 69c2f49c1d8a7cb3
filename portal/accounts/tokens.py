"""Secrets that travel in an address. Only their hash is ever stored."""

from __future__ import annotations

import base64
import hashlib
import secrets

from django.utils.crypto import salted_hmac


def new_token() -> str:
    """256 random bits, fit for an address."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """SHA-256 as 64 hex digits: enough for a secret that is random itself."""
    return hashlib.sha256(token.encode()).hexdigest()


def derived_token(use: str, *parts: object) -> str:
    """256 bits that only this server can derive: the same parts give the same token, so that a
    form sent twice makes one secret."""
    digest = salted_hmac(use, "\n".join(map(str, parts)), algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
