"""Until when a customer may return what was delivered. Pure.

E-Commerce Act 1382, art. 37: at least seven working days from delivery, at no cost but that of
sending it back.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

import holidays

from services.parcels.booking.models import Parcel, ParcelParty
from services.parcels.redirects.domain import Asker
from services.parcels.tariff.domain import Place
from services.parcels.vocabulary import CHANNEL_WIRE, PRODUCT_WIRE, Payer
from shared.calendar import day_start, tehran_date

FRIDAY: Final = 4
_DAY: Final = timedelta(days=1)
_CODE_DIGITS: Final = 10


@lru_cache(maxsize=32)
def _official(year: int) -> Mapping[date, str]:
    """Iran's holidays of a Gregorian year; the lunar ones are estimates from 2027 on."""
    return dict(holidays.country_holidays("IR", years=year, expand=False))


def is_off(day: date) -> bool:
    """Friday, or an official holiday."""
    return day.weekday() == FRIDAY or day in _official(day.year)


def working_day_after(day: date, count: int, off: Callable[[date], bool] = is_off) -> date:
    """The last of `count` working days that follow a day."""
    while count:
        day += _DAY
        count -= not off(day)
    return day


def hand_in_until(delivered_at: datetime, working_days: int) -> datetime:
    """The first instant at which it is too late: the last day counts to its end."""
    return day_start(working_day_after(tehran_date(delivered_at), working_days) + _DAY)


def new_code() -> str:
    """Ten digits that nobody guesses, for people to read out."""
    return f"{secrets.randbelow(10**_CODE_DIGITS):0{_CODE_DIGITS}d}"


def payer(asker: Asker) -> str | None:
    """Who pays for the way back: the customer who changed their mind (E-Commerce Act, art. 37).

    A shop that asks for it itself pays as it usually does: None.
    """
    return Payer.COUNTER_CASH.wire if asker == "recipient" else None


def order(
    parcel: Parcel, party: ParcelParty, office: str, back_to: Place, asker: Asker
) -> dict[str, object]:
    """The booking (booking.schemas.Booking) that carries an item back to its sender.

    `back_to`: where it was posted, for a sender's town is told nowhere.
    """
    return {
        "product": PRODUCT_WIRE[parcel.product],
        "channel": CHANNEL_WIRE[parcel.channel],
        "weight_g": parcel.weight_g,
        "origin_office": office,
        "payer": payer(asker),
        "declared_value_rials": parcel.declared_value_rials,
        "sender": {
            "name": party.recipient_name,
            "phone": party.recipient_phone,
            "address": party.recipient_address,
            "postal_code": party.recipient_postal_code,
        },
        "recipient": {
            "name": party.sender_name,
            "phone": party.sender_phone,
            "address": party.sender_address,
            "postal_code": party.sender_postal_code,
            "province": back_to.province,
            "town": back_to.town,
        },
    }
