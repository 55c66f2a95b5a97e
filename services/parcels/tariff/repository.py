"""SQL of the tariff."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from services.parcels.tariff.domain import Distance, Rate
from shared.database import Database

Key = tuple[int, Distance]


@dataclass(frozen=True, slots=True)
class Version:
    code: str
    valid_from: datetime
    rates: dict[Key, list[Rate]]


async def versions(database: Database) -> list[Version]:
    """All versions, newest first, each product's and distance's rates by weight."""
    rows = await database.hot.fetch(
        "SELECT v.code, v.valid_from, r.product, r.distance, r.max_weight_g, r.price_rials,"
        " r.per_kg_rials FROM tariff_version v JOIN tariff_rate r ON r.version = v.code"
        " ORDER BY v.valid_from DESC, r.max_weight_g"
    )
    found: dict[str, Version] = {}
    for row in rows:
        version = found.setdefault(
            row["code"], Version(row["code"], row["valid_from"], defaultdict(list))
        )
        rate = Rate(row["max_weight_g"], row["price_rials"], row["per_kg_rials"])
        version.rates[row["product"], Distance(row["distance"])].append(rate)
    return list(found.values())
