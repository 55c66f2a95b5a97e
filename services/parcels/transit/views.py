"""What a report is asked for and how its figures are put: dimensions, totals, percentiles. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

from services.parcels.transit.domain import (
    BOUNDS_H,
    BUCKETS,
    SCALARS,
    Dimension,
    lane,
)
from services.parcels.vocabulary import CHANNEL_BY_WIRE, DIRECTION_BY_WIRE, PRODUCT_BY_WIRE
from shared.errors import Invalid

By = Literal[
    "product", "channel", "direction", "office", "county", "destination", "lane", "month", "day"
]
Measure = Literal[
    "accepted",
    "delivered",
    "returned",
    "lost",
    "destroyed",
    "promised",
    "within_promise",
    "late",
]

_DIMENSION: Final[Mapping[str, Dimension]] = {
    "channel": Dimension.CHANNEL,
    "direction": Dimension.DIRECTION,
    "office": Dimension.OFFICE,
    "county": Dimension.COUNTY,
    "destination": Dimension.DESTINATION,
}
_LANE: Final = frozenset({"county", "destination", "lane"})
_PLAIN: Final = frozenset({"product", "month", "day"})


@dataclass(frozen=True, slots=True)
class Words:
    """Which items, as people name them; None is any."""

    product: str | None = None
    channel: str | None = None
    direction: str | None = None
    office: str | None = None
    county: str | None = None
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """The same in numbers; `office` 0 is none. Counties are their codes."""

    product: int | None = None
    channel: int | None = None
    direction: int | None = None
    office: int | None = None
    county: str | None = None
    destination: str | None = None

    @property
    def named(self) -> frozenset[str]:
        """Those given, the product aside, which every dimension is kept by."""
        return frozenset(name for name in _DIMENSION if getattr(self, name) is not None)


def filters(words: Words, office: int | None) -> Filters:
    return Filters(
        None if words.product is None else int(PRODUCT_BY_WIRE[words.product]),
        None if words.channel is None else int(CHANNEL_BY_WIRE[words.channel]),
        None if words.direction is None else int(DIRECTION_BY_WIRE[words.direction]),
        office,
        words.county,
        words.destination,
    )


@dataclass(frozen=True, slots=True)
class View:
    """Cells of one dimension; `group`: what the rows are, as the repository names it.

    Of a lane the origin or the destination may be any: then `key` is null.
    """

    dimension: Dimension
    group: Literal["key", "product", "day", "origin", "destination"]
    product: int | None
    key: str | None
    origin: str | None = None
    destination: str | None = None


def view(by: By, wanted: Filters) -> View:
    """Where the rows of a report are kept; Invalid where what is asked is not kept together."""
    asked = wanted.named | ({by} - _PLAIN)
    if asked and asked <= _LANE and asked not in ({"county"}, {"destination"}):
        return _lanes(by, wanted)
    if len(asked) > 1:
        raise Invalid.field(
            "query.by",
            f"{', '.join(sorted(asked))} are not counted together: ask by one of them, or filter"
            " by product, or by county and destination",
        )
    (name,) = asked or {"channel"}
    one = getattr(wanted, name)
    group: Any = {"month": "day", "day": "day", "product": "product"}.get(by, "key")
    key = None if one is None else str(one)
    return View(_DIMENSION[name], group, wanted.product, key)


def _lanes(by: By, wanted: Filters) -> View:
    groups: Mapping[str, Any] = {
        "lane": "key",
        "county": "origin",
        "destination": "destination",
        "product": "product",
    }
    origin, destination = wanted.county, wanted.destination
    whole = origin is not None and destination is not None
    return View(
        Dimension.LANE,
        groups.get(by, "day"),
        wanted.product,
        lane(origin or "", destination or "") if whole else None,
        origin,
        destination,
    )


def percentile_hours(hours: Sequence[int], percent: int) -> float | None:
    """The transit time that so many per cent kept to: exact to its bucket, even within it.

    In the last bucket, which has no end, it is where that begins.
    """
    total = sum(hours)
    if not total:
        return None
    wanted = total * percent / 100
    below = 0
    for n, (low, high) in enumerate(pairwise((0, *BOUNDS_H))):
        if hours[n] and below + hours[n] >= wanted:
            return round(low + (high - low) * (wanted - below) / hours[n], 1)
        below += hours[n]
    return float(BOUNDS_H[-1])


def percent(part: int, whole: int) -> float | None:
    return round(part * 100 / whole, 2) if whole else None


@dataclass(frozen=True, slots=True)
class Total:
    """Figures added up over cells."""

    accepted: int = 0
    delivered: int = 0
    returned: int = 0
    lost: int = 0
    destroyed: int = 0
    promised: int = 0
    within: int = 0
    minutes: int = 0
    hours: tuple[int, ...] = (0,) * BUCKETS

    def __add__(self, other: "Total") -> "Total":
        scalars = {name: getattr(self, name) + getattr(other, name) for name in SCALARS}
        hours = tuple(a + b for a, b in zip(self.hours, other.hours, strict=True))
        return Total(**scalars, hours=hours)

    @property
    def within_percent(self) -> float | None:
        return percent(self.within, self.promised)

    @property
    def mean_hours(self) -> float | None:
        return round(self.minutes / 60 / self.delivered, 1) if self.delivered else None


def figures(total: Total, previous: Total) -> dict[str, Any]:
    """A row of a report: a period's figures beside those of the same a year before."""
    row: dict[str, Any] = {}
    for name in ("accepted", "delivered"):
        now, before = getattr(total, name), getattr(previous, name)
        row |= {
            name: now,
            f"previous_{name}": before,
            f"{name}_growth_percent": percent(now - before, before),
        }
    return row | {
        "returned": total.returned,
        "lost": total.lost,
        "destroyed": total.destroyed,
        "promised": total.promised,
        "within_promise": total.within,
        "within_promise_percent": total.within_percent,
        "previous_within_promise_percent": previous.within_percent,
        "mean_hours": total.mean_hours,
        "p50_hours": percentile_hours(total.hours, 50),
        "p90_hours": percentile_hours(total.hours, 90),
        "p99_hours": percentile_hours(total.hours, 99),
        "previous_p50_hours": percentile_hours(previous.hours, 50),
        "previous_p90_hours": percentile_hours(previous.hours, 90),
    }
