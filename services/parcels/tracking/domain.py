"""What the public reads: statuses and events in Persian and English, and which of the two. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from services.parcels.vocabulary import Event, Status
from shared.errors import Invalid

Language = Literal["fa", "en"]
DEFAULT: Final[Language] = "fa"

STATUS_TEXTS: Final[Mapping[Status, tuple[str, str]]] = {
    Status.BOOKED: ("سفارش ثبت شد", "Booked"),
    Status.ACCEPTED: ("پذیرش شد", "Accepted by the post"),
    Status.IN_TRANSIT: ("در راه است", "On its way"),
    Status.OUT_FOR_DELIVERY: ("نزد نامه‌رسان برای تحویل", "Out for delivery"),
    Status.READY_FOR_PICKUP: ("آمادهٔ تحویل در دفتر", "Ready for pick-up at the office"),
    Status.DELIVERY_FAILED: ("تحویل ناموفق بود", "Delivery was tried without success"),
    Status.DELIVERED: ("تحویل شد", "Delivered"),
    Status.RETURNING: ("در راه بازگشت به فرستنده", "On its way back to the sender"),
    Status.RETURNED: ("به فرستنده بازگردانده شد", "Returned to the sender"),
    Status.HELD: ("نگه داشته شده است", "Held for now"),
    Status.LOST: ("مفقود اعلام شد", "Declared lost"),
    Status.CANCELLED: ("سفارش لغو شد", "Cancelled"),
    Status.DESTROYED: ("به درخواست فرستنده امحا شد", "Destroyed as its sender ordered"),
}
EVENT_TEXTS: Final[Mapping[Event, tuple[str, str]]] = {
    Event.ACCEPTANCE: ("در دفتر پستی پذیرش شد", "Accepted at a post office"),
    Event.DEPARTURE: ("از مرکز پستی خارج شد", "Left the postal facility"),
    Event.ARRIVAL: ("به مرکز پستی رسید", "Arrived at a postal facility"),
    Event.HANDED_OVER: ("به اپراتور دیگر سپرده شد", "Handed over to another operator"),
    Event.HELD: ("نگه داشته شد", "Held for now"),
    Event.OUT_FOR_DELIVERY: ("برای تحویل به نامه‌رسان سپرده شد", "Out with the courier"),
    Event.DELIVERY_FAILED: ("تلاش برای تحویل ناموفق بود", "Delivery was tried without success"),
    Event.HELD_AT_COUNTER: ("در دفتر منتظر گیرنده است", "Waiting at the office for the recipient"),
    Event.RETURN_STARTED: ("بازگشت به فرستنده آغاز شد", "Return to the sender began"),
    Event.DELIVERED: ("به گیرنده تحویل شد", "Delivered to the recipient"),
    Event.RETURNED: ("به فرستنده بازگردانده شد", "Returned to the sender"),
    Event.DESTROYED: ("به درخواست فرستنده امحا شد", "Destroyed as its sender ordered"),
    Event.LOST: ("مفقود اعلام شد", "Declared lost"),
}


@dataclass(frozen=True, slots=True)
class Texts:
    """One language's, by stored number."""

    language: Language
    statuses: Mapping[int, str]
    events: Mapping[int, str]
    headers: tuple[tuple[bytes, bytes], ...]
    """Of an answer in it, as they go out."""


def _texts(language: Language, place: int) -> Texts:
    return Texts(
        language,
        {int(status): texts[place] for status, texts in STATUS_TEXTS.items()},
        {int(event): texts[place] for event, texts in EVENT_TEXTS.items()},
        ((b"content-language", language.encode()), (b"vary", b"accept-language")),
    )


_TEXTS: Final[Mapping[str, Texts]] = {"fa": _texts("fa", 0), "en": _texts("en", 1)}
_ACCEPT_LENGTH_MAX: Final = 200
_RANGE: Final = re.compile(
    r"\s*(fa|en|\*)(?:-[a-z0-9-]*)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?)\s*)?", re.IGNORECASE
)


def texts(asked: str | None, accept_language: str | None) -> Texts:
    """In the language asked for, else the one that `Accept-Language` prefers, else Persian.

    Invalid where there are no texts in the one that is asked for.
    """
    if asked is not None:
        if asked not in _TEXTS:
            raise Invalid.field("query.lang", "write fa or en")
        return _TEXTS[asked]
    if accept_language is None:
        return _TEXTS[DEFAULT]
    return _TEXTS[_preferred(accept_language[:_ACCEPT_LENGTH_MAX])]


@lru_cache(maxsize=256)
def _preferred(accept_language: str) -> Language:
    """By quality, then by order (RFC 9110, 12.5.4); what is no language range is passed over."""
    best, quality_best = DEFAULT, 0.0
    for part in accept_language.split(","):
        found = _RANGE.fullmatch(part)
        if found is None:
            continue
        quality = float(found[2] or 1)
        if quality > quality_best:
            best, quality_best = ("en" if found[1].lower() == "en" else "fa"), quality
    return best
