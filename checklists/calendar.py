"""Measures as calendar entries (RFC 5545), for whatever calendar somebody uses anyway."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from checklists.models import EffectCheck, Measure
from portal.accounts.mails import absolute

CONTENT_TYPE = "text/calendar; charset=utf-8"


def own_calendar(name: str, measures: Iterable[Measure]) -> bytes:
    """A calendar of measures that are to be done and of looks at the effect of those done."""
    calendar = _calendar(name)
    for measure in measures:
        if measure.to_do and measure.due_on:
            calendar.add_component(due_entry(measure))
        for check in measure.checks.all():
            if not check.helped:
                calendar.add_component(_check_entry(measure, check))
    return bytes(calendar.to_ical())


def one_entry(measure: Measure) -> bytes:
    """One measure to take into a calendar by hand."""
    calendar = _calendar(measure.title)
    calendar.add_component(due_entry(measure))
    return bytes(calendar.to_ical())


def due_entry(measure: Measure) -> Event:
    """The due day as an entry of a whole day. Its version tells calendars which is newer."""
    assert measure.due_on is not None
    entry = _entry(f"massnahme-{measure.pk}", measure.due_on, measure.title)
    entry.add("sequence", measure.version)
    entry.add("url", absolute("measure", measure.pk))
    if measure.done_when:
        entry.add("description", _("Fertig, wenn %(when)s") % {"when": measure.done_when})
    return entry


def _check_entry(measure: Measure, check: EffectCheck) -> Event:
    title = _("Hat es geholfen? %(title)s") % {"title": measure.title}
    entry = _entry(f"wirkung-{measure.pk}-{check.months}", check.due_on, title)
    entry.add("url", f"{absolute('measure', measure.pk)}#wirkung-{check.months}")
    return entry


def _entry(uid: str, day: date, title: str) -> Event:
    host = urlsplit(settings.PORTAL_URL).hostname or "gegenstrom"
    entry = Event()
    entry.add("uid", f"{uid}@{host}")
    entry.add("dtstamp", datetime.now(UTC).replace(microsecond=0))
    entry.add("dtstart", day)
    entry.add("dtend", day + timedelta(days=1))
    entry.add("summary", title)
    entry.add("transp", "TRANSPARENT")
    return entry


def _calendar(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Gegenstrom//Plan//DE")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", " ".join(name.split()))  # icalendar escapes only known names
    calendar.add("method", "PUBLISH")
    return calendar
