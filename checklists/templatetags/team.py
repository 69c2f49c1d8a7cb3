"""Words of the team at work."""

from __future__ import annotations

from datetime import date, datetime, timedelta

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
def until(begun: datetime, ended: datetime) -> str:
    """ "7. bis 21. September 2026": what both days share is said once."""
    first, last = timezone.localdate(begun), timezone.localdate(ended)
    if first == last:
        return date_format(last, "j. F Y")
    shared = "j. F Y" if first.year != last.year else "j. F" if first.month != last.month else "j."
    return _("%(first)s bis %(last)s") % {
        "first": date_format(first, shared),
        "last": date_format(last, "j. F Y"),
    }


@register.filter
def person(user: User | None) -> str:
    """A colleague's name; whose account was erased is "ehemaliges Mitglied"."""
    return str(user) if user else _("ehemaliges Mitglied")
