"""Use cases of the statistics: keep the roll-ups, report volumes and tasks, show what counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.network.service import Directory
from services.parcels.statistics import domain, repository
from services.parcels.statistics.domain import Kind
from services.parcels.statistics.schemas import Tasks, VolumeItem, Volumes
from services.parcels.vocabulary import CHANNEL_WIRE, PRODUCT_WIRE, STATUS_WIRE, TASK_WIRE
from shared.calendar import Period
from shared.feed import event_items
from shared.identifiers import barcode_of
from shared.pagination import Page, cut


async def on_scanned(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Consumer of parcels' own events that scans cause: applies differences, adds tasks."""
    items = [item for event in events for item in event_items(event)]
    as_of = datetime.fromisoformat(events[-1]["time"])
    await repository.add(session, domain.differences(items), domain.tasks(items), as_of)


async def volumes(session: AsyncSession, period: Period, kind: Kind) -> Volumes:
    before = period.previous()
    rows = await repository.volumes(session, period, before, kind)
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


async def items(
    session: AsyncSession, directory: Directory, period: Period, kind: Kind, page: Page
) -> tuple[list[VolumeItem], str | None]:
    """The items that a figure counts, as they are now; by item id, so the oldest booking first.

    The first page costs what has changed since the period began; each further one, its own items
    among those of the period, for the cursor holds the ids between which they lie.
    """
    if page.after is None:
        within = await repository.ranges(session, period, kind)
    else:
        within = domain.ranges_of(page.after)
    rows = await repository.items(session, period, kind, within, page.limit)
    shown, cursor = cut(rows, page, lambda row: domain.cursor_after(within, row.item_id))
    return [_item(row, directory) for row in shown], cursor


def _item(row: Row[Any], directory: Directory) -> VolumeItem:
    office = directory.by_id.get(row.origin_office or 0)
    return VolumeItem.model_validate(
        {
            "barcode": barcode_of(row.item_id),
            "product": PRODUCT_WIRE[row.product],
            "channel": CHANNEL_WIRE[row.channel],
            "status": STATUS_WIRE[row.status],
            "origin_office": office.code if office else None,
            "accepted_at": row.accepted_at,
        }
    )


def _growth(count: int, previous: int) -> dict[str, Any]:
    return {
        "count": count,
        "previous_count": previous,
        "growth_percent": domain.growth_percent(count, previous),
    }
