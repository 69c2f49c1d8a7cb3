"""Rules that measures and decisions share. Days are dates in Europe/Berlin."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
REASON_LENGTH = 500
TO_DO = ("open", "in_work")
LIVE = (*TO_DO, "put_off")  # decided, and not yet done or declined


def need_day(day: date | None) -> None:
    """Raises ValidationError for a day outside 2000 to 2100; None is no day and fine."""
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise ValidationError(_("Bitte ein Jahr zwischen 2000 und 2100 angeben."), code="year")


def need_later(day: date) -> None:
    """Raises ValidationError unless the day is ahead."""
    need_day(day)
    if day <= timezone.localdate():
        raise ValidationError(_("Bitte einen Tag wählen, der noch kommt."), code="past")
