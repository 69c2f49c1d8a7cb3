"""The plan's small words, and the way back in a message."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from checklists.models import Measure
from checklists.plan import query_of

register = template.Library()


@register.filter
def way_back(tags: str | None) -> dict[str, Any] | None:
    """The address and the fields that undo what a message tells (views/undo.py); None where the
    message offers nothing."""
    try:
        offered = json.loads(tags or "")
    except ValueError:
        return None
    return offered if isinstance(offered, dict) and "url" in offered else None


@register.filter
def short_day(day: date | None) -> str:
    """ "4. Dez." this year, "4. Dez. 2027" in another."""
    if day is None:
        return ""
    this_year = day.year == timezone.localdate().year
    return date_format(day, "j. N" if this_year else "j. N Y")


@register.filter
def late_words(measure: Measure) -> str:
    """ "seit zwei Tagen fällig" in figures; "" where it is not late."""
    days = measure.days_late
    if not days:
        return ""
    return ngettext("seit %(n)d Tag fällig", "seit %(n)d Tagen fällig", days) % {"n": days}


@register.filter
def status_word(measure: Measure) -> str:
    """The status as a list says it: nothing for what is simply still to come."""
    if measure.status == Measure.Status.OPEN:
        return ""
    if measure.status == Measure.Status.PUT_OFF:
        day = short_day(measure.look_again_on).replace(" ", "\N{NO-BREAK SPACE}")
        return _("wieder am %(day)s") % {"day": day}
    return str(measure.get_status_display())


@register.simple_tag
def asked_with(asked: dict[str, str], **changed: Any) -> str:
    """The page's query with something changed: `?{% asked_with asked ansicht="zeit" %}`."""
    return query_of(asked, **{name: str(value) for name, value in changed.items()})
