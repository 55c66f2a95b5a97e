"""Use cases of discrepancies: note, settle, list, assign, close."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.discrepancies import repository
from services.parcels.discrepancies.domain import Misfit
from services.parcels.discrepancies.errors import DiscrepancyClosed, DiscrepancyNotFound
from services.parcels.discrepancies.events import ASSIGNED, CLOSED, NOTED
from services.parcels.discrepancies.models import Discrepancy
from services.parcels.discrepancies.schemas import DiscrepancyOut
from services.parcels.network.service import OfficeBook
from services.parcels.vocabulary import Custodian
from shared import outbox
from shared.auth import Caller
from shared.identifiers import barcode_of
from shared.pagination import Page, cut

_OFFICES: Final = frozenset({Custodian.OFFICE, Custodian.TRIP, Custodian.COURIER})
"""Custodians with an office beside them."""


async def note(
    connection: asyncpg.Connection, offices: OfficeBook, found: Sequence[Misfit], now: datetime
) -> None:
    """Note what did not fit, and tell what was not known; the items' rows are locked."""
    if found:
        noted = await repository.note(connection, found, now)
        await _tell(connection, offices, NOTED, noted, now)


async def settle(
    connection: asyncpg.Connection,
    offices: OfficeBook,
    folded: Mapping[int, str],
    still: Sequence[Misfit],
    now: datetime,
) -> None:
    """Close what items folded again no longer show; `folded`: the event of each that did it."""
    settled = await repository.settle(connection, folded, still, now)
    await _tell(connection, offices, CLOSED, settled, now)


async def close_all(
    connection: asyncpg.Connection,
    offices: OfficeBook,
    item_id: int,
    *,
    kinds: Sequence[str] | None = None,
    event_id: UUID | None = None,
    decision: tuple[str, str, datetime],
) -> None:
    """Close an item's open ones by a decision: why, by whom, when."""
    closed = await repository.close_all(
        connection, item_id, kinds, event_id=event_id, decision=decision
    )
    await _tell(connection, offices, CLOSED, closed, decision[2])


async def settle_timed(connection: asyncpg.Connection, offices: OfficeBook, now: datetime) -> None:
    """Close what was missing and has been seen since, and what nobody contested in time."""
    settled = await repository.settle_missing(connection, now)
    settled += await repository.settle_measured(connection, now)
    await _tell(connection, offices, CLOSED, settled, now)


async def _tell(
    connection: asyncpg.Connection,
    offices: OfficeBook,
    event_type: str,
    rows: Sequence[asyncpg.Record],
    now: datetime,
) -> None:
    if rows:
        data = to_json({"items": [_state(row, offices) for row in rows]}).decode()
        await connection.execute(outbox.APPEND_SQL, event_type, None, now, data)


def _state(row: Any, offices: OfficeBook) -> DiscrepancyOut:
    """Of a record or a model: both have the columns by name."""
    value = row.__getitem__ if isinstance(row, asyncpg.Record) else row.__getattribute__
    custodian = value("last_custodian")
    return DiscrepancyOut(
        id=value("id"),
        barcode=barcode_of(value("item_id")),
        kind=value("kind"),
        event_id=value("event_id"),
        office=offices.code_of(value("office")),
        owner=offices.code_of(value("owner")),
        last_custodian=None if custodian is None else Custodian(custodian).wire,
        last_office=offices.code_of(value("last_custodian_id")) if custodian in _OFFICES else None,
        recorded_at=value("recorded_at"),
        closed_at=value("closed_at"),
        closed_by=value("closed_by"),
        closing_event=value("closing_event"),
        reason=value("reason"),
    )


async def listing(
    session: AsyncSession,
    offices: OfficeBook,
    page: Page,
    *,
    opened: bool | None,
    kind: str | None,
    owner: str | None,
    item_id: int | None,
) -> tuple[list[DiscrepancyOut], str | None]:
    rows = await repository.listing(
        session,
        opened=opened,
        kind=kind,
        owner=None if owner is None else offices.named(owner, "query.owner").id,
        item_id=item_id,
        before=page.after_uuid(),
        limit=page.limit + 1,
    )
    shown, cursor = cut(rows, page, lambda row: [str(row.id)])
    return [_state(row, offices) for row in shown], cursor


async def get(session: AsyncSession, offices: OfficeBook, wanted: UUID) -> DiscrepancyOut:
    found = await repository.get(session, wanted)
    if found is None:
        raise DiscrepancyNotFound
    return _state(found, offices)


async def assign(
    session: AsyncSession, offices: OfficeBook, wanted: UUID, office: str, now: datetime
) -> DiscrepancyOut:
    """Make another office clear it up."""
    found = await _open(session, wanted)
    owner = offices.named(office).id
    if found.owner == owner:
        return _state(found, offices)
    found.owner = owner
    return await _told(session, offices, ASSIGNED, found, now)


async def close(
    session: AsyncSession,
    offices: OfficeBook,
    wanted: UUID,
    reason: str,
    *,
    caller: Caller,
    now: datetime,
) -> DiscrepancyOut:
    """Close it by a decision; what happened to the item is for other commands to say."""
    found = await _open(session, wanted)
    found.closed_at, found.closed_by = now, "decision"
    found.reason, found.decided_by = reason, caller.id
    return await _told(session, offices, CLOSED, found, now)


async def _open(session: AsyncSession, wanted: UUID) -> Discrepancy:
    found = await repository.get(session, wanted, lock=True)
    if found is None:
        raise DiscrepancyNotFound
    if found.closed_at is not None:
        raise DiscrepancyClosed(f"it was closed on {found.closed_at:%Y-%m-%dT%H:%M:%SZ}")
    return found


async def _told(
    session: AsyncSession,
    offices: OfficeBook,
    event_type: str,
    found: Discrepancy,
    now: datetime,
) -> DiscrepancyOut:
    await session.flush()
    state = _state(found, offices)
    data = {"items": [state.model_dump(mode="json")]}
    await outbox.append(session, event_type, data, time=now, subject=str(found.id))
    return state
