"""Rules of training: how long a certificate is good for, and when its end is told."""

import calendar
from datetime import date
from typing import Final

from services.offices.training.errors import ExpiresTooEarly
from shared.validity import DAY_MAX

WARN_DAYS: Final = (60, 30, 7)
"""How many days ahead an expiry is told, once each."""


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def expiry(issued_on: date, sent: date | None, validity_months: int | None) -> date | None:
    """The last day it is good for: as sent, or by the course; None: for good."""
    if sent is not None:
        last = sent
    elif validity_months is None:
        return None
    else:
        last = min(months_after(issued_on, validity_months), DAY_MAX)
    if last <= issued_on:
        raise ExpiresTooEarly(f"expires_on must be after {issued_on}, the day of issue")
    return last


def due_warning(days_left: int, warned: int | None) -> int | None:
    """Which of 60, 30 and 7 days ahead is to be told; None if that was told or none is due.

    After a pause the tightest that is due is told alone: the wider ones are no news any more.
    """
    due = [days for days in WARN_DAYS if 0 <= days_left <= days]
    if not due or (warned is not None and warned <= due[-1]):
        return None
    return due[-1]
