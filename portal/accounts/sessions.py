"""Whose request it is: session and user, asked for at every click by statements written once
(portal/accounts/prepared.py). Everything else is Django's and allauth's."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.prepared import prepared


class SessionStore(DatabaseSessions):
    """Sessions in the database (SESSION_ENGINE)."""

    def _get_session_from_db(self) -> Session | None:
        found: list[Session] = _sessions.objects(self.session_key or "")
        if found and found[0].expire_date > timezone.now():
            return found[0]
        self._session_key = None
        return None


class Backend(AuthenticationBackend):
    """Login by e-mail address, as allauth has it."""

    def get_user(self, user_id: Any) -> AbstractBaseUser | None:
        found = _users.objects(user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None


@prepared
def _sessions(key: str) -> QuerySet[Any, Any]:
    return Session.objects.filter(session_key=key)


@prepared
def _users(pk: int) -> QuerySet[Any, Any]:
    return User.objects.filter(pk=pk)
