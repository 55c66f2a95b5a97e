"""What is told of which event, when, and until when it is worth telling. Pure."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from string import Formatter
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from services.parcels.vocabulary import Status

Kind = Literal[
    "booked",
    "out_for_delivery",
    "delivery_failed",
    "ready_for_pickup",
    "returning",
    "code_reissued",
    "survey",
]
Language = Literal["fa", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("fa", "en")
KIND_OF: Final[Mapping[str, Kind]] = {
    Status.OUT_FOR_DELIVERY.wire: "out_for_delivery",
    Status.DELIVERY_FAILED.wire: "delivery_failed",
    Status.READY_FOR_PICKUP.wire: "ready_for_pickup",
    Status.RETURNING.wire: "returning",
}
"""What a change to this status lets the recipient hear."""
STILL_TRUE: Final[Mapping[Kind, frozenset[Status]]] = {
    "booked": frozenset(Status) - {Status.CANCELLED, Status.DELIVERED, Status.RETURNED},
    "out_for_delivery": frozenset({Status.OUT_FOR_DELIVERY}),
    "delivery_failed": frozenset({Status.DELIVERY_FAILED}),
    "ready_for_pickup": frozenset({Status.READY_FOR_PICKUP}),
    "returning": frozenset({Status.RETURNING}),
    "code_reissued": frozenset({Status.OUT_FOR_DELIVERY, Status.READY_FOR_PICKUP}),
    "survey": frozenset({Status.DELIVERED}),
}
"""A message that had to wait is sent only while the parcel is so."""
FIELDS: Final = frozenset({"barcode", "code", "until", "office", "link"})
NEWS_FOR: Final = timedelta(hours=12)
"""Older events, as from a phone that was offline, are no news."""
TRIES_MAX: Final = 6
LEASE: Final = timedelta(minutes=2)
_FIRST_PAUSE: Final = timedelta(seconds=30)
_TEHRAN: Final = ZoneInfo("Asia/Tehran")
BOOKING: Final = UUID(int=0)
"""The event of a booking, which has no scan's id."""


def survey_link(page: str, secret: str, survey: UUID) -> str:
    """Behind the `#`, so that a page's server does not see the secret."""
    return f"{page}#{survey}.{secret}"


def language_of(phone: str) -> Language:
    return "fa" if phone.startswith("+98") else "en"


def is_quiet(at: time, quiet_from: time, quiet_until: time) -> bool:
    if quiet_from <= quiet_until:
        return quiet_from <= at < quiet_until
    return at >= quiet_from or at < quiet_until


def due(at: datetime, quiet_from: time, quiet_until: time) -> datetime:
    """`at`, or the end of the quiet hours in which it falls."""
    local = at.astimezone(_TEHRAN)
    if not is_quiet(local.time(), quiet_from, quiet_until):
        return at
    end = datetime.combine(local.date(), quiet_until, _TEHRAN)
    if end <= local:
        end = datetime.combine(local.date() + timedelta(days=1), quiet_until, _TEHRAN)
    return end.astimezone(at.tzinfo)


def pause_after(attempts: int) -> timedelta:
    """30 s, 2 min, 8 min, 32 min, 2 h."""
    times: int = 4 ** (attempts - 1)
    return _FIRST_PAUSE * times


def unknown_fields(template: str) -> list[str]:
    """Places that nothing can fill, or that say how to format; a brace out of place is `{`."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        return ["{"]
    return [
        name
        for _, name, spec, conversion in parts
        if name is not None and (name not in FIELDS or spec or conversion)
    ]


def rendered(template: str, values: Mapping[str, str]) -> str:
    return template.format_map(values)
