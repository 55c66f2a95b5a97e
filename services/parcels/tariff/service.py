"""Use cases of the tariff: quote, and the price of a booking."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.parcels.tariff import domain, repository
from services.parcels.tariff.domain import Distance, Line, NoRateError
from services.parcels.tariff.errors import NoTariff
from services.parcels.tariff.schemas import QuoteBody, QuoteLine, QuoteRequest
from services.parcels.vocabulary import PRODUCT_BY_WIRE, Product
from shared.database import Database

REFRESH_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Price:
    version: str
    distance: Distance
    lines: list[Line]

    @property
    def rials(self) -> int:
        return domain.total(self.lines)


class Tariff:
    """The published versions, kept in memory: they never change, only new ones come."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read_at = float("-inf")
        self._versions: list[repository.Version] = []

    async def fresh(self) -> "Tariff":
        if time.monotonic() - self._read_at > REFRESH_S:
            self._versions = await repository.versions(self._database)
            self._read_at = time.monotonic()
        return self

    def price(self, product: Product, weight_g: int, route: tuple[str, str], at: datetime) -> Price:
        """The price under the version in force at `at`; `route` is origin and destination province.

        Raises NoTariff where that version has none.
        """
        distance = domain.distance_class(*route)
        version = next((v for v in self._versions if v.valid_from <= at), None)
        if version is None:
            raise NoTariff(f"no tariff is in force on {at:%Y-%m-%d}")
        try:
            lines = domain.price_lines(version.rates.get((product, distance), []), weight_g)
        except NoRateError:
            raise NoTariff(
                f"tariff {version.code} has no price for {product.wire}, {distance}, {weight_g} g"
            ) from None
        return Price(version.code, distance, lines)


def quote(tariff: Tariff, asked: QuoteRequest, now: datetime) -> QuoteBody:
    product = PRODUCT_BY_WIRE[asked.product]
    route = (asked.origin_province, asked.destination_province)
    price = tariff.price(product, asked.weight_g, route, now)
    return QuoteBody(
        product=asked.product,
        weight_g=asked.weight_g,
        distance_class=price.distance,
        price_rials=price.rials,
        tariff_version=price.version,
        lines=[QuoteLine(code=line.code, amount_rials=line.amount_rials) for line in price.lines],
    )
