"""The type of a request behind login."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from portal.accounts.models import User, Visitor


class ActorRequest(HttpRequest):
    """What a view gets that is open to visitors too (portal/accounts/trial.py)."""

    user: User | Visitor
    htmx: HtmxDetails


class UserRequest(ActorRequest):
    """What a view gets that is not public: LoginRequiredMiddleware has seen to the user."""

    user: User
