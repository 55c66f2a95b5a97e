"""Rules of the registry: codes, who sorts for whom, when an office may be suspended or reopened."""

import math
from typing import Final, Literal, assert_never

from services.offices.registry.errors import (
    NotASortingCentre,
    OfficeNotActive,
    OfficeNotSuspended,
    SortsForItself,
)

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

EARTH_RADIUS_M: Final = 6_371_008.8  # mean radius R1 (IUGG)


def office_code(prefix: str, number: int) -> str:
    """The code on the door: KZ00012 is the province's twelfth."""
    return f"{prefix}{number:05d}"


def metres(chord: float) -> int:
    """Along the surface, from the straight chord between two points of the unit sphere."""
    return round(2 * EARTH_RADIUS_M * math.asin(min(chord / 2, 1.0)))


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


def reopened(status: Status) -> Status:
    match status:
        case "suspended":
            return "active"
        case "active" | "closed":
            raise OfficeNotSuspended(f"the office is {status}, not suspended")
        case _:
            assert_never(status)
