"""Rules of the registry: codes, kinds and their past, who sorts for whom, active or not."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, assert_never

from services.offices.registry.errors import (
    HistoricalKind,
    HistoryUnsound,
    NotASortingCentre,
    OfficeClosed,
    OfficeNotActive,
    OfficeNotSuspended,
    SortsForItself,
)
from shared.text import searched_words

Kind = Literal[
    "post_office",
    "agency",
    "pishkhan",
    "rural_ict",
    "sorting_centre",
    "subscriber_office",
    "communication_office",
]
Status = Literal["active", "suspended", "closed"]
Capability = Literal["counter", "pickup", "parcel_locker", "cod_cash", "international"]
OwnerKind = Literal["post", "company", "person"]

SEARCH_LINE: Final = " \n "
VOCABULARY_LENGTH_MIN: Final = 3
EARTH_RADIUS_M: Final = 6_371_008.8  # mean radius R1 (IUGG)

HISTORICAL: Final[Mapping[Kind, date]] = {
    "subscriber_office": date(1999, 3, 21),
    "communication_office": date(2003, 3, 21),
}
"""Kinds that no new office is of, and the first day of the Jalali year they began (1378, 1382)."""

STATE_KINDS: Final[frozenset[Kind]] = frozenset({"post_office", "sorting_centre"})
"""Held by the post itself."""


def office_code(prefix: str, number: int) -> str:
    """The code on the door: KZ00012 is the province's twelfth."""
    return f"{prefix}{number:05d}"


def metres(chord: float) -> int:
    """Along the surface, from the straight chord between two points of the unit sphere."""
    return round(2 * EARTH_RADIUS_M * math.asin(min(chord / 2, 1.0)))


def usual_capabilities(kind: Kind) -> list[Capability]:
    """Of an office about which nothing was said."""
    return [] if kind == "sorting_centre" else ["counter"]


def usual_owner(kind: Kind) -> OwnerKind | None:
    """Of an office about which nothing was said."""
    return "post" if kind in STATE_KINDS else None


@dataclass(frozen=True, slots=True)
class KindPeriod:
    """What kind an office was, both days included; None: nobody knows since when."""

    kind: Kind
    valid_from: date | None
    valid_until: date


def past_kinds(
    kind: Kind, founded_on: date | None, past: Sequence[tuple[Kind, date]], today: date
) -> list[KindPeriod]:
    """The periods before today's kind, from each one's last day: the next begins the day after.

    Refuses dates that are out of order or to come, and a kind of the past without its founding.
    """
    if founded_on is None:
        if past:
            raise HistoryUnsound("past_kinds: say founded_on too, the day the first of them began")
        check_current(kind)
        return []
    if founded_on > today:
        raise HistoryUnsound("founded_on is yet to come: create the office when it is founded")
    periods, begin = [], founded_on
    for earlier, until in past:
        if not begin <= until < today:
            raise HistoryUnsound(
                f"past_kinds: valid_until {until} of {earlier} must be from {begin} to before today"
            )
        check_began(earlier, begin)
        periods.append(KindPeriod(earlier, begin, until))
        begin = until + timedelta(days=1)
    check_began(kind, begin)
    return periods


def check_current(kind: Kind) -> None:
    if kind in HISTORICAL:
        raise HistoricalKind(
            f"no office becomes a {kind} today: record an old one by creating it with founded_on"
        )


def check_began(kind: Kind, since: date) -> None:
    """No office was of a historical kind before there was one."""
    first = HISTORICAL.get(kind)
    if first is not None and since < first:
        raise HistoricalKind(f"there was no {kind} before {first}, yet this one is from {since}")


def check_open(status: Status) -> None:
    if status == "closed":
        raise OfficeClosed("the office is closed; only its record may be corrected")


def check_sorting(kind: Kind, centre: Kind | None) -> None:
    """Only a sorting centre sorts for others, and none sorts for it: so assignments never circle.

    `centre` is the kind of the office that is to sort, None where there is none.
    """
    if centre is None:
        return
    if kind == "sorting_centre":
        raise SortsForItself("a sorting centre sorts for itself: leave its sorting_centre null")
    if centre != "sorting_centre":
        raise NotASortingCentre("the office named as sorting_centre is of another kind")


def suspended(status: Status) -> Status:
    match status:
        case "active":
            return "suspended"
        case "suspended" | "closed":
            raise OfficeNotActive(f"the office is {status} already")
        case _:
            assert_never(status)


def closed(status: Status) -> Status:
    check_open(status)
    return "closed"


def reopened(status: Status) -> Status:
    match status:
        case "suspended":
            return "active"
        case "active" | "closed":
            raise OfficeNotSuspended(f"the office is {status}, not suspended")
        case _:
            assert_never(status)


def search_text(name: str, address: str, code: str, town: str) -> str:
    """What an office is found by: the words of its name, of its address, of its code and town.

    A line each; a space before and after every word, so that a pattern can ask for its start.
    """
    lines = (name, address, f"{code} {town}")
    return f" {SEARCH_LINE.join(' '.join(searched_words(line)) for line in lines)} "


def vocabulary(texts: Iterable[str]) -> list[str]:
    """The words of search texts that a misspelt one may have meant, in order; no codes."""
    words = {word for text in texts for word in text.split()}
    return sorted(w for w in words if len(w) >= VOCABULARY_LENGTH_MIN and w.isalpha())
