"""Words of the team at work."""

from __future__ import annotations

from datetime import date, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.accounts.models import User

register = template.Library()


@register.filter
def day(said_on: date) -> str:
    """ "heute", "gestern", else the date. Never the minute."""
    today = timezone.localdate()
    if said_on == today:
        return _("heute")
    if said_on == today - timedelta(days=1):
        return _("gestern")
    return date_format(said_on, "j. F Y")


@register.filter
def person(user: User | None) -> str:
    """A colleague's name; whose account was erased is "ehemaliges Mitglied"."""
    return str(user) if user else _("ehemaliges Mitglied")
