"""Use cases of tracking: one, many, and an item's history for sister services."""

from collections.abc import Sequence
from typing import Any

import asyncpg
from pydantic_core import to_json

from services.parcels.booking.errors import ParcelNotFound
from services.parcels.caches import Desk
from services.parcels.network.service import Directory
from services.parcels.scanning.domain import leads_to
from services.parcels.tracking import repository
from services.parcels.tracking.domain import Language, Texts
from services.parcels.vocabulary import EVENT_WIRE, PRODUCT_WIRE, STATUS_WIRE, Event, Status
from shared.database import Database
from shared.identifiers import (
    S10,
    Malformed,
    OtherPost,
    Ours,
    barcode_of,
    item_id_fast,
    parse_barcode,
    s10_item_ids,
)


async def resolve(database: Database, barcode: str) -> int | None:
    """The item of whatever was typed: any digits, spaces, S10 or another post's number."""
    fast = item_id_fast(barcode)
    if fast is not None:
        return fast
    match parse_barcode(barcode):
        case Ours(item_id=item_id):
            return item_id
        case S10(item_id=first):
            return await repository.newest_life(database, s10_item_ids(first))
        case OtherPost(code=code):
            return await repository.item_of_alias(database, code)
        case Malformed():
            return None


def _statuses(rows: Sequence[asyncpg.Record]) -> list[str]:
    """The status each event led to, on the way to the item's own."""
    cancelled = bool(rows) and rows[0]["status"] == Status.CANCELLED
    status = Status.CANCELLED if cancelled else Status.BOOKED
    found = []
    for row in rows:
        status = leads_to(status, Event(row["event"]))
        found.append(STATUS_WIRE[status])
    return found


def view(rows: Sequence[asyncpg.Record], directory: Directory, texts: Texts) -> dict[str, Any]:
    """What anyone may see (schemas.Tracking), in a language."""
    first = rows[0]
    events = [row for row in rows if row["event"] is not None]
    return {
        "barcode": barcode_of(first["item_id"]),
        "product": PRODUCT_WIRE[first["product"]],
        "status": STATUS_WIRE[first["status"]],
        "status_text": texts.statuses[first["status"]],
        "booked_at": first["booked_at"],
        "promised_at": first["promised_at"],
        "updated_at": first["updated_at"],
        "events": [
            {
                "event": EVENT_WIRE[row["event"]],
                "status": status,
                "text": texts.events[row["event"]],
                "town": _town(directory, row["office"], texts.language),
                "occurred_at": row["at"],
            }
            for row, status in zip(events, _statuses(events), strict=True)
        ],
    }


def _town(directory: Directory, office_id: int | None, language: Language) -> str | None:
    """In English it is spelt from the town's slug: the replica has no other Latin name."""
    office = directory.by_id.get(office_id or 0)
    if office is None:
        return None
    return office.town.replace("-", " ").title() if language == "en" else office.town_name


async def track(desk: Desk, barcode: str, texts: Texts) -> bytes:
    item_id = await resolve(desk.database, barcode)
    rows = await repository.track(desk.database, item_id) if item_id is not None else []
    if not rows:
        raise ParcelNotFound
    return to_json(view(rows, await desk.caches.directory.fresh(), texts))


async def track_many(desk: Desk, barcodes: Sequence[str], texts: Texts) -> bytes:
    """In the order asked; one that is not found says so."""
    directory = await desk.caches.directory.fresh()
    items = {barcode: await resolve(desk.database, barcode) for barcode in barcodes}
    wanted = sorted({item for item in items.values() if item is not None})
    found = await repository.track_many(desk.database, wanted)
    results = []
    for barcode in barcodes:
        rows = found.get(items[barcode] or -1)
        tracking = view(rows, directory, texts) if rows else None
        results.append({"barcode": barcode, "found": tracking is not None, "tracking": tracking})
    return to_json({"results": results})


async def history(database: Database, directory: Directory, barcode: str) -> dict[str, Any]:
    """An item's whole history (booking.schemas.HistoryBody)."""
    item_id = await resolve(database, barcode)
    rows = await repository.history(database, item_id) if item_id is not None else []
    if item_id is None or not rows:
        raise ParcelNotFound
    first = rows[0]
    events = [row for row in rows if row["event"] is not None]

    def code(office_id: int | None) -> str | None:
        office = directory.by_id.get(office_id or 0)
        return office.code if office else None

    return {
        "barcode": barcode_of(item_id),
        "product": PRODUCT_WIRE[first["product"]],
        "status": STATUS_WIRE[first["status"]],
        "partner": str(first["partner"]),
        "origin_office": code(first["origin_office"]),
        "booked_at": first["booked_at"],
        "version": first["version"],
        "events": [
            {
                "event": EVENT_WIRE[row["event"]],
                "event_id": str(row["event_id"]),
                "office": code(row["office"]),
                "status": status,
                "occurred_at": row["at"],
                "recorded_at": row["recorded_at"],
            }
            for row, status in zip(events, _statuses(events), strict=True)
        ],
    }
