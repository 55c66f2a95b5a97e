"""Delegated services performed, month by month: exact sums, the same for a seed and scale."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from services.year.days import OPENS, Month, closes, is_working
from services.year.figures import (
    OUTSIDE_TASKS_PERCENT,
    PERFORMED_OUTSIDE_BEFORE,
    SEASON,
    performed,
)
from services.year.network import Network
from services.year.plan import Plan, dealt
from services.year.tasks import delegated_outside
from shared.apportion import apportion

RECORD_NAMESPACE = uuid5(NAMESPACE_URL, "urn:susa:year:performed")
RECORDS_MAX = 200
"""Of a month and side: at a large scale a record is one service, at a small one it is many."""


class Side(NamedTuple):
    """How it was ordered, and whether it was done outside the state part."""

    electronic: bool
    outside: bool


Offers = Mapping[Side, list[tuple[str, str]]]
"""Codes of offices, each with a service that it offers so."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record of POST /v1/services/performed, by its names."""

    record_id: str
    office: str
    service: str
    day: str
    count: int
    electronic: bool

    @property
    def body(self) -> dict[str, Any]:
        return asdict(self)


def offers(
    network: Network,
    services: Iterable[Mapping[str, Any]],
    offered: Mapping[str, Iterable[str]],
) -> Offers:
    """From the items of GET /v1/services, and the codes that each office offers."""
    by_code = {service["code"]: service for service in services}
    found: dict[Side, list[tuple[str, str]]] = defaultdict(list)
    for office in sorted(offered):
        for code in sorted(by_code.keys() & set(offered[office])):
            for electronic, name in ((True, "electronic"), (False, "at_counter")):
                if by_code[code][name]:
                    side = Side(electronic, network.is_outside(office))
                    found[side].append((office, code))
    return dict(found)


@dataclass(slots=True)
class Performed:
    """Of the year and the year before; nothing is published of the half after it."""

    plan: Plan
    offers: Offers
    _months: dict[Month, dict[Side, int]] = field(init=False)

    def __post_init__(self) -> None:
        plan = self.plan
        counts = performed(plan.year, plan.counts, plan.scale)
        before, this = (sum(counts[year].values()) for year in (plan.year - 1, plan.year))
        state_before = 100 - PERFORMED_OUTSIDE_BEFORE
        outside_before, _ = apportion(before, (PERFORMED_OUTSIDE_BEFORE, state_before))
        outside = delegated_outside(plan.tasks(plan.year), this, OUTSIDE_TASKS_PERCENT)
        self._months = _of_year(plan.year - 1, counts[plan.year - 1], outside_before)
        self._months |= _of_year(plan.year, counts[plan.year], outside)

    def count(self, months: Iterable[Month]) -> int:
        return sum(sum(self._months[month].values()) for month in months if month in self._months)

    def records(self, month: Month) -> list[Record]:
        plan = self.plan
        label = f"{plan.seed}/{plan.scale}/{month}/performed"
        rng = Random(label)  # noqa: S311 - test data that must repeat
        days = [day for day in month.days() if is_working(day)]
        hours = [closes(day) - OPENS for day in days]
        found: list[Record] = []
        for side, count in self._months.get(month, {}).items():
            if not count:
                continue
            pairs, records = self._pairs(side), min(count, RECORDS_MAX)
            counts = apportion(count, [1] * records)
            for day, times in zip(dealt(rng, records, days, hours), counts, strict=True):
                record_id = str(uuid5(RECORD_NAMESPACE, f"{label}/{len(found)}"))
                office, service = rng.choice(pairs)
                found.append(
                    Record(record_id, office, service, day.isoformat(), times, side.electronic)
                )
        return found

    def _pairs(self, side: Side) -> list[tuple[str, str]]:
        pairs = self.offers.get(side)
        if not pairs:
            where = "outside the state part" if side.outside else "of the state part"
            how = "electronically" if side.electronic else "at the counter"
            raise ValueError(f"no office {where} offers a delegated service {how}: seed them")
        return pairs


def _of_year(year: int, counts: Mapping[str, int], outside: int) -> dict[Month, dict[Side, int]]:
    """The year's sums shared out over channels, sides and months; every sum is exact."""
    electronic, counter = counts["electronic"], counts["counter"]
    if not electronic + counter:
        return {}
    outside_electronic, outside_counter = apportion(outside, (electronic, counter))
    sums = {
        Side(electronic=True, outside=True): outside_electronic,
        Side(electronic=True, outside=False): electronic - outside_electronic,
        Side(electronic=False, outside=True): outside_counter,
        Side(electronic=False, outside=False): counter - outside_counter,
    }
    shared = {side: apportion(count, SEASON) for side, count in sums.items()}
    return {
        Month(year, number): {side: of_month[number - 1] for side, of_month in shared.items()}
        for number in range(1, 13)
    }
