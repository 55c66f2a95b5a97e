"""Shares of targets, items per head. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from services.parcels.transit.domain import Dimension
from services.parcels.transit.views import Total, percent
from services.parcels.vocabulary import PRODUCT_WIRE

ALL_COUNTIES: Final = ""
ALL_PRODUCTS: Final = 0
_DIMENSION: Final = {
    "accepted": Dimension.COUNTY,
    "delivered": Dimension.DESTINATION,
    "within_promise": Dimension.DESTINATION,
}
_FILTER: Final = {Dimension.COUNTY: "county", Dimension.DESTINATION: "destination"}

Figures = Mapping[tuple[int, str, int], Total]
"""By dimension, county and product."""


class People(NamedTuple):
    people: int
    since: date


def achieved(found: Figures, measure: str, county: str, product: int) -> int | None:
    """In the unit of the target: items, or hundredths of a per cent."""
    total = add(found, _DIMENSION[measure], county, product)
    match measure:
        case "accepted":
            return total.accepted
        case "delivered":
            return total.delivered
        case _:
            return total.within * 10_000 // total.promised if total.promised else None


def add(
    found: Figures, dimension: int, county: str = ALL_COUNTIES, product: int = ALL_PRODUCTS
) -> Total:
    """All that fits, added up."""
    fitting = (
        total
        for (of, key, kind), total in found.items()
        if of == dimension and county in {ALL_COUNTIES, key} and product in {ALL_PRODUCTS, kind}
    )
    return sum(fitting, Total())


def items_link(period: str, measure: str, county: str, product: int) -> str:
    asked = {"period": period, "measure": measure}
    if county != ALL_COUNTIES:
        asked[_FILTER[_DIMENSION[measure]]] = county
    if product != ALL_PRODUCTS:
        asked["product"] = PRODUCT_WIRE[product]
    return f"/v1/statistics/transit/items?{urlencode(asked)}"


def share_percent(reached: int | None, value: int | None) -> float | None:
    return None if reached is None or not value else percent(reached, value)


def per_head(
    people: Mapping[str, People], now: Figures, then: Figures
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The total of counties whose people are known, and a row a county, by its code."""
    counties = sorted({*people, *(key for _, key, _ in now)})
    rows = [
        {
            "county": county,
            "population_since": people[county].since if county in people else None,
            **_figures(people.get(county), *_counts(now, then, [county])),
        }
        for county in counties
    ]
    everyone = People(sum(one.people for one in people.values()), date.min)
    known = everyone if people else None
    return _figures(known, *_counts(now, then, people)), rows


def _counts(now: Figures, then: Figures, counties: Iterable[str]) -> tuple[int, int, int]:
    """Accepted, accepted before, delivered."""
    accepted = before = delivered = 0
    for county in counties:
        accepted += add(now, Dimension.COUNTY, county).accepted
        before += add(then, Dimension.COUNTY, county).accepted
        delivered += add(now, Dimension.DESTINATION, county).delivered
    return accepted, before, delivered


def _figures(people: People | None, accepted: int, before: int, delivered: int) -> dict[str, Any]:
    heads = people.people if people else None
    return {
        "people": heads,
        "accepted": accepted,
        "previous_accepted": before,
        "accepted_growth_percent": percent(accepted - before, before),
        "accepted_per_head": round(accepted / heads, 4) if heads else None,
        "delivered": delivered,
        "delivered_per_head": round(delivered / heads, 4) if heads else None,
    }
