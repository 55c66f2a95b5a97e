"""Use cases of bags: create, list, show. What befalls them is in recording.py and contents.py."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, cast

from asyncpg import Connection, Record
from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.bags import domain, reading, repository
from services.parcels.bags.domain import BAG_EVENT_WIRE, BAG_STATUS_BY_WIRE, BagStatus
from services.parcels.bags.errors import BagNotFound
from services.parcels.bags.events import BAG_CREATED, bag_event
from services.parcels.bags.reading import Filter
from services.parcels.bags.recording import office_id, state_of
from services.parcels.bags.schemas import (
    BagHistoryEvent,
    BagInFull,
    BagOut,
    BagRemark,
    MemberOut,
    NewBag,
)
from services.parcels.network.service import Directory
from shared import idempotency, outbox
from shared.auth import Caller
from shared.database import driver
from shared.errors import Invalid
from shared.fields import Instant
from shared.idempotency import Answer, Once
from shared.identifiers import barcode_of, receptacle_of
from shared.pagination import Page, cut, not_a_cursor
from shared.text import fold_code

_ItemId = Annotated[int, Field(strict=True, ge=0, lt=2**63)]
_MEMBER: Final = TypeAdapter[tuple[int, datetime]](tuple[_ItemId, Instant])


async def create(
    session: AsyncSession,
    directory: Directory,
    wanted: NewBag,
    *,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    """An empty bag; its number is its barcode."""
    caller.require_office(wanted.from_office)

    async def make() -> tuple[str, BagOut]:
        offices = tuple(
            named_office(directory, f"body.{name}", getattr(wanted, name))
            for name in ("from_office", "to_office")
        )
        connection = await driver(session)
        row = await repository.create(
            connection, int(BagStatus.OPEN), cast("Any", offices), None, now, caller.id
        )
        state = state_of(row, directory)
        told = bag_event(state)
        await outbox.append(session, BAG_CREATED, told, time=now, subject=state.bag)
        return f"/v1/bags/{state.bag}", _out(row, directory, 0)

    return await idempotency.created(session, once, make)


def named_office(directory: Directory, field: str, code: str | None) -> int | None:
    if code is None:
        return None
    office = office_id(directory, code)
    if office is None:
        raise Invalid.field(field, f"there is no office {code}", "unknown_office")
    return office


async def listing(
    session: AsyncSession, directory: Directory, wanted: Mapping[str, Any], page: Page
) -> tuple[list[BagOut], str | None]:
    """Newest first. `wanted`: codes of offices, a status and a dispatch, or None."""
    status = wanted["status"]
    found = Filter(
        named_office(directory, "query.from_office", wanted["from_office"]),
        named_office(directory, "query.to_office", wanted["to_office"]),
        None if status is None else int(BAG_STATUS_BY_WIRE[status]),
        wanted["dispatch"],
    )
    connection = await driver(session)
    rows = await reading.listing(connection, found, page.after_int(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row["id"])])
    return [_out(row, directory, row["items"]) for row in shown], cursor


async def get(session: AsyncSession, directory: Directory, code: str) -> BagInFull:
    connection = await driver(session)
    row = await _found(connection, code)
    by_id = directory.by_id

    def event(row: Record) -> BagHistoryEvent:
        office = by_id.get(row["office"] or 0)
        told = dict(row) | {
            "event": BAG_EVENT_WIRE[row["event"]],
            "office": office.code if office else None,
        }
        return BagHistoryEvent.model_validate(told)

    return BagInFull(
        **_out(row, directory, row["items"]).model_dump(),
        events=[event(found) for found in await reading.history(connection, row["id"])],
        discrepancies=[
            BagRemark.model_validate(dict(found))
            for found in await reading.remarks(connection, row["id"])
        ],
    )


async def members(
    session: AsyncSession, code: str, page: Page
) -> tuple[list[MemberOut], str | None]:
    """All that ever were in the bag, by item."""
    connection = await driver(session)
    row = await _found(connection, code)
    rows = await reading.members(connection, row["id"], _after(page), page.limit + 1)
    shown, cursor = cut(rows, page, lambda r: [r["item_id"], r["from_at"].isoformat()])
    return [
        MemberOut(barcode=barcode_of(r["item_id"]), since=r["from_at"], until=r["until_at"])
        for r in shown
    ], cursor


def _after(page: Page) -> tuple[int, datetime] | None:
    try:
        return None if page.after is None else _MEMBER.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None


async def _found(connection: Connection, code: str) -> Record:
    bag = domain.bag_of(code)
    if bag is None and (receptacle := receptacle_of(fold_code(code))) is not None:
        bag = await repository.newest_of(connection, receptacle)
    row = None if bag is None else await reading.get(connection, bag)
    if row is None:
        raise BagNotFound("there is no bag of this number")
    return row


def _out(row: Record, directory: Directory, items: int) -> BagOut:
    return BagOut.model_validate(
        state_of(row, directory).model_dump()
        | {"items": items, "created_at": row["created_at"], "updated_at": row["updated_at"]}
    )
