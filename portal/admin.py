"""What the operator sees: accounts, the catalogue, the queue and the audit trail. Everything else
that packages register is taken out again; a test holds the list."""

from __future__ import annotations

from importlib import import_module

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group

# These register their models when imported, which would else happen after this module.
for package in ("allauth.account", "allauth.mfa", "allauth.usersessions", "django.contrib.auth"):
    import_module(f"{package}.admin")

# Whoever may change these could log in as somebody else, or read where they log in from.
admin.site.unregister([EmailAddress, Authenticator, UserSession])
admin.site.unregister([Group])  # nobody is given rights by group
