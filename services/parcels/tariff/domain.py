"""Prices: product x weight step x distance class under a dated version. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PROVINCES: Final = frozenset(
    """
    alborz ardabil bushehr chaharmahal_bakhtiari east_azerbaijan fars gilan golestan hamadan
    hormozgan ilam isfahan kerman kermanshah khuzestan kohgiluyeh_boyer_ahmad kurdistan lorestan
    markazi mazandaran north_khorasan qazvin qom razavi_khorasan semnan sistan_baluchestan
    south_khorasan tehran west_azerbaijan yazd zanjan
    """.split()  # noqa: SIM905 - a table reads better than 31 quoted items
)
ADJACENT: Final[Mapping[str, frozenset[str]]] = {
    "khuzestan": frozenset(
        {"ilam", "lorestan", "chaharmahal_bakhtiari", "kohgiluyeh_boyer_ahmad", "bushehr"}
    ),
}
"""Neighbours of the provinces that have offices of ours (FACTS: Khuzestan's five)."""


class Distance(StrEnum):
    INTRA_PROVINCE = "intra_province"
    ADJACENT = "adjacent"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Rate:
    """Up to `max_weight_g` for `price_rials`; above, `per_kg_rials` for each further kg begun."""

    max_weight_g: int
    price_rials: int
    per_kg_rials: int | None


@dataclass(frozen=True, slots=True)
class Line:
    code: str
    amount_rials: int


class NoRateError(ValueError):
    """The version has no price for this product, distance or weight."""


def distance_class(origin: str, destination: str) -> Distance:
    if origin == destination:
        return Distance.INTRA_PROVINCE
    if destination in ADJACENT.get(origin, frozenset()):
        return Distance.ADJACENT
    return Distance.OTHER


def price_lines(rates: Sequence[Rate], weight_g: int) -> list[Line]:
    """The price of a weight, line by line; `rates` of one product and distance, by weight."""
    for rate in rates:
        if weight_g <= rate.max_weight_g:
            return [Line("postage", rate.price_rials)]
    top = rates[-1] if rates else None
    if top is None or top.per_kg_rials is None:
        raise NoRateError
    further_kg = -(-(weight_g - top.max_weight_g) // 1000)
    return [
        Line("postage", top.price_rials),
        Line("further_kg", further_kg * top.per_kg_rials),
    ]


def total(lines: Sequence[Line]) -> int:
    return sum(line.amount_rials for line in lines)
