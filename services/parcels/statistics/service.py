"""Use cases of the statistics: keep the roll-ups, report volumes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.statistics import domain, repository
from services.parcels.statistics.schemas import Volumes
from services.parcels.vocabulary import CHANNEL_WIRE, PRODUCT_WIRE
from shared.calendar import Period
from shared.feed import event_items


async def on_status_changed(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Consumer of parcels' own events that may move acceptances: applies differences."""
    found = domain.differences(item for event in events for item in event_items(event))
    await repository.add(session, found, datetime.fromisoformat(events[-1]["time"]))


async def volumes(session: AsyncSession, period: Period) -> Volumes:
    before = period.previous()
    rows = await repository.volumes(session, period, before)
    count, previous = sum(r.count for r in rows), sum(r.previous for r in rows)
    return Volumes.model_validate(
        {
            "period": str(period),
            "previous": str(before),
            "as_of": await repository.as_of(session),
            "total": _growth(count, previous),
            "rows": [
                {
                    "product": PRODUCT_WIRE[row.product],
                    "channel": CHANNEL_WIRE[row.channel],
                    **_growth(row.count, row.previous),
                }
                for row in rows
            ],
        }
    )


def _growth(count: int, previous: int) -> dict[str, Any]:
    return {
        "count": count,
        "previous_count": previous,
        "growth_percent": domain.growth_percent(count, previous),
    }
