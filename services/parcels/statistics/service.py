"""Use cases of the statistics: keep the roll-ups, report volumes and tasks, show what counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.network.service import Directory
from services.parcels.statistics import domain, repository
from services.parcels.statistics.domain import Kind, Tasking
from services.parcels.statistics.schemas import (
    Recount,
    TaskItem,
    Tasks,
    Volume,
    VolumeItem,
    Volumes,
)
from services.parcels.transit import repository as rolled_up
from services.parcels.transit import service as transit
from services.parcels.transit.domain import cursor_after, ranges_of
from services.parcels.transit.export import Table, table
from services.parcels.vocabulary import (
    CHANNEL_WIRE,
    PRODUCT_WIRE,
    STATUS_WIRE,
    TASK_OF,
    TASK_WIRE,
    Event,
)
from shared.calendar import Period
from shared.database import driver
from shared.identifiers import barcode_of
from shared.pagination import Page, cut

CONSUMER: Final = "parcels.statistics"
TYPES: Final = (
    *(STATUS_CHANGED, MOVED, CORRECTED),
    *("parcel.promise_changed", "parcel.redirected"),
)
"""Whatever may change what an item counts as: how it does is read from the item, not the event."""


def items_of(event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The items that an event tells of: many, or the one whose barcode it names."""
    data = event["data"]
    if "items" in data:
        many: Sequence[Mapping[str, Any]] = data["items"]
        return many
    return [one for one in data.values() if isinstance(one, dict) and "barcode" in one]


async def on_scanned(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Consumer of what parcels tell of their items: counts anew what is touched, adds tasks."""
    items = [item for event in events for item in items_of(event)]
    connection = await driver(session)
    await rolled_up.lock(connection)
    found = domain.touched(items)
    await transit.count(connection, found.items, found.lives)
    await repository.add_tasks(connection, domain.tasks(items))
    await rolled_up.caught_up(connection, datetime.fromisoformat(events[-1]["time"]))


async def request_recount(session: AsyncSession) -> Recount:
    """Have everything counted again by the worker; what is under way begins anew."""
    await repository.request_recount(session)
    return Recount(recounting=True)


async def volumes(session: AsyncSession, period: Period, kind: Kind) -> Volumes:
    before = period.previous()
    rows = await repository.volumes(session, period, before, kind)
    count, previous = sum(r.count for r in rows), sum(r.previous for r in rows)
    return Volumes.model_validate(
        {
            "period": str(period),
            "previous": str(before),
            "as_of": await rolled_up.as_of(session),
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


def as_table(found: Volumes) -> Table:
    head = {"period": found.period, "previous": found.previous, "as_of": found.as_of}
    return table(f"volumes-{found.period}", head, Volume, found.rows)


async def tasks(session: AsyncSession, period: Period) -> Tasks:
    return Tasks.model_validate(
        {
            "period": str(period),
            "as_of": await rolled_up.as_of(session),
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
        within = ranges_of(page.after)
    rows = await repository.items(session, period, kind, within, page.limit)
    shown, cursor = cut(rows, page, lambda row: cursor_after(within, row.item_id))
    return [_item(row, directory) for row in shown], cursor


async def task_items(
    session: AsyncSession, period: Period, wanted: Tasking, page: Page
) -> tuple[list[TaskItem], str | None]:
    """The scans that a figure of tasks counts; by item id, so the oldest booking first."""
    if page.after is None:
        event, within = None, await repository.task_ranges(session, period)
    else:
        event, within = domain.tasks_after(page.after)
    rows = await repository.task_items(session, period, wanted, (event, within), page.limit)
    shown, cursor = cut(
        rows, page, lambda row: [str(row.event_id), *cursor_after(within, row.item_id - 1)]
    )
    return [_task(row) for row in shown], cursor


def _task(row: Row[Any]) -> TaskItem:
    return TaskItem(
        barcode=barcode_of(row.item_id),
        product=PRODUCT_WIRE[row.product],
        channel=CHANNEL_WIRE[row.channel],
        status=STATUS_WIRE[row.status],
        task=TASK_OF[Event(row.event)].wire,
        office=row.office,
        kind=row.kind,
        at=row.at,
    )


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
