"""Use cases of the statistics: keep the roll-ups, report volumes and tasks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.statistics import domain, repository
from services.parcels.statistics.schemas import Tasks, Volumes
from services.parcels.vocabulary import CHANNEL_WIRE, PRODUCT_WIRE, TASK_WIRE
from shared.calendar import Period
from shared.feed import event_items


async def on_scanned(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Consumer of parcels' own events that scans cause: applies differences, adds tasks."""
    items = [item for event in events for item in event_items(event)]
    as_of = datetime.fromisoformat(events[-1]["time"])
    await repository.add(session, domain.differences(items), domain.tasks(items), as_of)


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


async def tasks(session: AsyncSession, period: Period) -> Tasks:
    return Tasks.model_validate(
        {
            "period": str(period),
            "as_of": await repository.as_of(session),
            "rows": [
                {"task": TASK_WIRE[task], "kind": kind, "count": count}
                for task, kind, count in await repository.tasks(session, period)
            ],
        }
    )


def _growth(count: int, previous: int) -> dict[str, Any]:
    return {
        "count": count,
        "previous_count": previous,
        "growth_percent": domain.growth_percent(count, previous),
    }
