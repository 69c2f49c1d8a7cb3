"""Reckoning with days. Days are dates in Europe/Berlin."""

from __future__ import annotations

import calendar
from datetime import date


def add_months(day: date, months: int) -> date:
    """The same day so many months later; the month's last day where that month is shorter:
    31 January + 1 is 28 or 29 February, 29 February + 12 is 28 February."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
