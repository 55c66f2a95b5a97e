"""What was charged against what a version asks. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.parcels.tariff.domain import Consignment, Place, Size, distance_class
from services.parcels.vocabulary import Product


@dataclass(frozen=True, slots=True)
class Booked:
    """A priced item as it was booked; `size` where its sides were told."""

    item_id: int
    partner: UUID
    product: int
    weight_g: int
    origin_office: int
    to_province: str
    to_town: str | None
    price_rials: int
    tariff: str
    declared_value_rials: int
    cod_rials: int
    booked_at: datetime
    advice_of_delivery: bool
    pickup: bool
    size: Size | None


@dataclass(frozen=True, slots=True)
class Charge:
    booked: Booked
    due_rials: int

    @property
    def difference(self) -> int:
        """Above zero: charged too much."""
        return self.booked.price_rials - self.due_rials


@dataclass(frozen=True, slots=True)
class Totals:
    """Of a step, to be added to its run's."""

    examined: int
    without_price: int
    over_count: int
    over_rials: int
    under_count: int
    under_rials: int
    refunds_count: int
    refunds_rials: int


def consignment(booked: Booked, origin: Place, origin_town_name: str) -> Consignment:
    town = origin.town if booked.to_town == origin_town_name else booked.to_town
    return Consignment(
        Product(booked.product),
        booked.weight_g,
        distance_class(origin, Place(booked.to_province, town)),
        booked.declared_value_rials,
        booked.cod_rials,
        booked.advice_of_delivery,
        booked.pickup,
        booked.size,
    )


def refunds(charges: Iterable[Charge], proposed: Mapping[int, int]) -> dict[int, int]:
    """What is still to be proposed for each item, by its id, beyond `proposed` before."""
    found = {}
    for charge in charges:
        item_id = charge.booked.item_id
        amount = charge.difference - proposed.get(item_id, 0)
        if amount > 0:
            found[item_id] = amount
    return found


def totals(
    examined: int, priced: int, charges: Iterable[Charge], refunded: Mapping[int, int]
) -> Totals:
    differences = [charge.difference for charge in charges]
    over = [rials for rials in differences if rials > 0]
    under = [-rials for rials in differences if rials < 0]
    return Totals(
        examined,
        examined - priced,
        len(over),
        sum(over),
        len(under),
        sum(under),
        len(refunded),
        sum(refunded.values()),
    )
