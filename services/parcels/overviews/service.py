"""Use cases of the overviews."""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from services.parcels.cod.domain import Place
from services.parcels.network.service import Directory
from services.parcels.overviews import repository
from services.parcels.overviews.errors import OfficeNotFound
from services.parcels.overviews.schemas import OfficeFigures, PartnerFigures
from services.parcels.vocabulary import PRODUCT_WIRE, STATUS_WIRE
from shared.calendar import Period
from shared.database import Database


async def partner(
    database: Database, account: UUID, period: Period, now: datetime
) -> PartnerFigures:
    rows = await repository.booked(database.hot, account, period.start_at, period.end_at, now)
    cash = await repository.cash(database.hot, account)
    products: Counter[int] = Counter()
    statuses: Counter[int] = Counter()
    for row in rows:
        products[row["product"]] += row["count"]
        statuses[row["status"]] += row["count"]
    judged, kept = sum(row["judged"] for row in rows), sum(row["kept"] for row in rows)
    figures: dict[str, Any] = {
        "period": str(period),
        "booked": sum(products.values()),
        "by_product": [{"product": PRODUCT_WIRE[p], "count": n} for p, n in products.items()],
        "by_status": [{"status": STATUS_WIRE[s], "count": n} for s, n in sorted(statuses.items())],
        "judged": judged,
        "within_promise": kept,
        "within_promise_percent": round(100 * kept / judged, 2) if judged else None,
        "overdue": sum(row["overdue"] for row in rows),
        "cash": {
            "with_us_rials": cash.get(Place.COURIER, 0) + cash.get(Place.OFFICE, 0),
            "due_rials": cash.get(Place.DUE, 0),
            "ordered_rials": cash.get(Place.ORDERED, 0),
        },
    }
    return PartnerFigures.model_validate(figures)


async def office(
    database: Database, directory: Directory, code: str, now: datetime
) -> OfficeFigures:
    known = directory.by_code.get(code)
    if known is None:
        raise OfficeNotFound("there is no office with this code")
    row = await repository.office(database.hot, known.id, now)
    return OfficeFigures(
        office=code,
        waiting_at_counter=row["waiting"],
        waiting_too_long=row["too_long"],
        drawer_rials=row["drawer"],
    )
