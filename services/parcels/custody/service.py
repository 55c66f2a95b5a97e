"""Use cases of custody: who has an item, lost by decision, found again; the rules."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import uuid4

import asyncpg
from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking import service as booking
from services.parcels.booking.errors import ParcelNotFound
from services.parcels.corrections import repository as events
from services.parcels.corrections import service as corrections
from services.parcels.custody import repository
from services.parcels.custody.domain import UNDER_WAY
from services.parcels.custody.errors import NotInCustody, NotLost, TermTaken, TermTooEarly
from services.parcels.custody.events import TERM_SET, TermState
from services.parcels.custody.models import CustodyTerm
from services.parcels.custody.schemas import CustodyOut, NewTerm, TermOut
from services.parcels.discrepancies import service as discrepancies
from services.parcels.discrepancies.domain import Misfit
from services.parcels.network.service import OfficeBook
from services.parcels.scanning import repository as scans
from services.parcels.scanning.repository import Row
from services.parcels.scanning.service import Context, record_rows
from services.parcels.vocabulary import STATUS_WIRE, Custodian, Event, Status
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.database import driver
from shared.fields import Day
from shared.idempotency import Answer, Once
from shared.identifiers import barcode_of
from shared.pagination import Page, cut, not_a_cursor

_CURSOR: Final = TypeAdapter[tuple[str, date]](tuple[Annotated[str, Field(max_length=60)], Day])


async def custody(session: AsyncSession, offices: OfficeBook, barcode: str) -> CustodyOut:
    item_id = await booking.resolve(session, barcode)
    return await _custody(await driver(session), item_id, offices)


async def _locked(connection: asyncpg.Connection, item_id: int) -> asyncpg.Record:
    found = await scans.locked_item(connection, item_id)
    if found is None:
        raise ParcelNotFound
    return found


async def _custody(connection: asyncpg.Connection, item_id: int, offices: OfficeBook) -> CustodyOut:
    row = await repository.held(connection, item_id)
    if row is None:
        raise ParcelNotFound
    custodian = row["custodian"]
    return CustodyOut.model_validate(
        {
            "barcode": barcode_of(row["item_id"]),
            "status": STATUS_WIRE[row["status"]],
            "custodian": None if custodian is None else Custodian(custodian).wire,
            "office": offices.code_of(_office(row)),
            "event_id": row["fold_event_id"],
            "since": row["fold_at"],
            "version": row["version"],
        }
    )


def _office(row: asyncpg.Record) -> int | None:
    """The office beside the custodian; beside an operator stands its own number."""
    office: int | None = row["custodian_id"]
    return None if row["custodian"] == Custodian.OPERATOR else office


async def declare_lost(
    session: AsyncSession,
    offices: OfficeBook,
    barcode: str,
    reason: str,
    *,
    caller: Caller,
    now: datetime,
) -> CustodyOut:
    """Nobody has the item any more; a discrepancy names who had it last. Found: see `found`."""
    item_id = await booking.resolve(session, barcode)
    connection = await driver(session)
    before = await _locked(connection, item_id)
    if before["status"] not in UNDER_WAY:
        raise NotInCustody(f"the parcel is {STATUS_WIRE[before['status']]}")
    missing = Misfit(item_id, str(before["fold_event_id"]), "missing")
    await discrepancies.note(connection, offices, [missing], now)
    context = Context(connection, offices, now, caller.account)
    await record_rows(context, [_loss(before, reason, now)])
    decision = (reason, caller.id, now)
    await discrepancies.close_all(connection, offices, item_id, decision=decision)
    return await _custody(connection, item_id, offices)


def _loss(before: asyncpg.Record, reason: str, now: datetime) -> Row:
    """After all that is known of the item, a device's clock ahead of ours included."""
    at = max(now, before["fold_at"])
    office = _office(before) or before["origin_office"]
    return Row(
        n=0,
        item_id=before["item_id"],
        event_id=str(uuid4()),
        event=Event.LOST,
        flagged=False,
        office=office,
        occurred_at=at,
        effective_at=at,
        reason=reason,
        action=None,
        device=None,
    )


async def found(
    session: AsyncSession,
    offices: OfficeBook,
    barcode: str,
    reason: str,
    *,
    caller: Caller,
    now: datetime,
) -> CustodyOut:
    """The loss did not occur: what was scanned before and since holds again."""
    item_id = await booking.resolve(session, barcode)
    connection = await driver(session)
    before = await _locked(connection, item_id)
    event_id = await events.newest(connection, item_id, int(Event.LOST))
    if before["status"] != Status.LOST or event_id is None:
        raise NotLost(f"the parcel is {STATUS_WIRE[before['status']]}")
    context = Context(connection, offices, now, caller.account)
    await corrections.declare_locked(session, context, before, event_id, ("did_not_occur", reason))
    return await _custody(connection, item_id, offices)


async def terms(session: AsyncSession, page: Page) -> tuple[list[TermOut], str | None]:
    rows = await repository.listing(session, after=_after(page), limit=page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.name, row.valid_from.isoformat()])
    return [_term(row) for row in shown], cursor


def _after(page: Page) -> tuple[str, date] | None:
    try:
        return None if page.after is None else _CURSOR.validate_python(tuple(page.after))
    except ValidationError:
        raise not_a_cursor() from None


async def set_term(
    session: AsyncSession, wanted: NewTerm, *, caller: Caller, once: Once | None, now: datetime
) -> Answer:
    async def make() -> tuple[str, TermOut]:
        if wanted.valid_from <= tehran_date(now) and "backfill" not in caller.scopes:
            raise TermTooEarly("valid_from must be a day to come: the past was judged already")
        if await repository.term(session, wanted.name, wanted.valid_from) is not None:
            raise TermTaken(f"{wanted.name} has a value from {wanted.valid_from}: choose another")
        row = CustodyTerm(**wanted.model_dump(), recorded_by=caller.id, recorded_at=now)
        session.add(row)
        await session.flush()
        told = _term(row)
        data = {"custody_term": TermState.model_dump(told, mode="json")}
        await outbox.append(session, TERM_SET, data, time=now, subject=row.name)
        return "/v1/custody-terms", told

    return await idempotency.created(session, once, make)


def _term(row: CustodyTerm) -> TermOut:
    return TermOut(name=row.name, valid_from=row.valid_from, value=row.value, source=row.source)
