"""Use cases of corrections: declare an event wrong, rule on one that came too late.

An event stays as it was recorded; the mark `flagged` says that it does not count.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking import service as booking
from services.parcels.booking.errors import ParcelNotFound
from services.parcels.corrections import repository
from services.parcels.corrections.errors import (
    AlreadyDeclared,
    AlreadyRuled,
    EventNotFound,
    NotFlagged,
)
from services.parcels.corrections.events import DECLARED, RULED, Reason
from services.parcels.corrections.models import EventDeclaration, FlaggedRuling
from services.parcels.corrections.schemas import (
    DeclarationOut,
    NewDeclaration,
    NewRuling,
    RecordedEvent,
    RecordedEvents,
    RulingOut,
    UnmatchedOut,
)
from services.parcels.discrepancies import service as discrepancies
from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.network.service import OfficeBook
from services.parcels.scanning import domain as folding
from services.parcels.scanning import repository as scans
from services.parcels.scanning import service as scanning
from services.parcels.scanning.service import Context, Refolded
from services.parcels.vocabulary import (
    CHANNEL_WIRE,
    EVENT_WIRE,
    PRODUCT_WIRE,
    STATUS_WIRE,
    Status,
)
from shared import outbox
from shared.auth import Caller
from shared.database import driver
from shared.errors import Invalid
from shared.identifiers import barcode_of
from shared.pagination import Page, cut


async def declare(
    session: AsyncSession,
    offices: OfficeBook,
    barcode: str,
    wanted: NewDeclaration,
    *,
    caller: Caller,
    now: datetime,
) -> DeclarationOut:
    """Declare an event wrong; the same once more answers the same."""
    item_id = await booking.resolve(session, barcode)
    context = Context(await driver(session), offices, now, caller.account)
    before = await _locked(context.connection, item_id)
    known = await repository.declaration(session, item_id, wanted.event_id)
    if known is not None:
        if known.reason != wanted.reason:
            raise AlreadyDeclared(f"it was declared {known.reason} at {known.declared_at}")
        return _declaration(known)
    corrective = list(dict.fromkeys(wanted.corrective_event_ids))
    await _check_corrective(context.connection, item_id, wanted.event_id, corrective)
    return await declare_locked(
        session, context, before, wanted.event_id, (wanted.reason, wanted.note), corrective
    )


async def _locked(connection: asyncpg.Connection, item_id: int) -> asyncpg.Record:
    before = await scans.locked_item(connection, item_id)
    if before is None:
        raise ParcelNotFound
    return before


async def _check_corrective(
    connection: asyncpg.Connection, item_id: int, event_id: UUID, corrective: Sequence[UUID]
) -> None:
    wrong = set(corrective) - await repository.counting(connection, item_id, corrective)
    if wrong or event_id in corrective:
        raise Invalid.field(
            "body.corrective_event_ids", "name events of this parcel that count; scan them first"
        )


async def declare_locked(
    session: AsyncSession,
    context: Context,
    before: asyncpg.Record,
    event_id: UUID,
    why: tuple[Reason, str],
    corrective: Sequence[UUID] = (),
) -> DeclarationOut:
    """The same for an item whose row is locked, of an event that was not declared wrong yet."""
    item_id, connection, now = before["item_id"], context.connection, context.now
    event = await repository.event(connection, item_id, event_id)
    if event is None:
        raise EventNotFound
    reason, note = why
    made = EventDeclaration(
        item_id=item_id,
        event_id=event_id,
        reason=reason,
        note=note,
        corrective=list(corrective),
        counted=not event["flagged"],
        declared_by=str(context.actor),
        declared_at=now,
    )
    session.add(made)
    await session.flush()
    if made.counted:
        await repository.mark(connection, item_id, event_id, flagged=True)
        if before["status"] != Status.CANCELLED:
            refolded = await scanning.refold(context, before, event_id)
            told = _item(event, refolded, context.directory) | {
                "declared": reason,
                "corrective_event_ids": [str(one) for one in corrective],
            }
            await _tell(connection, CORRECTED, told, now)
    decision = (f"{reason}: {note}", made.declared_by, now)
    await discrepancies.close_all(
        connection, context.directory, item_id, event_id=event_id, decision=decision
    )
    state = _declaration(made)
    await outbox.append(
        session,
        DECLARED,
        {"declaration": state.model_dump(mode="json")},
        time=now,
        subject=state.barcode,
    )
    return state


async def rule(
    session: AsyncSession,
    offices: OfficeBook,
    barcode: str,
    wanted: NewRuling,
    *,
    caller: Caller,
    now: datetime,
) -> RulingOut:
    """Let an event from outside the offline window count, or dismiss it; once, for good."""
    item_id = await booking.resolve(session, barcode)
    context = Context(await driver(session), offices, now, caller.account)
    before = await _locked(context.connection, item_id)
    event = await repository.event(context.connection, item_id, wanted.event_id)
    if event is None:
        raise EventNotFound
    accepted = wanted.ruling == "accepted"
    known = await repository.ruling(session, item_id, wanted.event_id)
    if known is not None:
        if known.accepted != accepted:
            raise AlreadyRuled("scan it anew, or declare it wrong")
        return _ruling(known)
    if not event["flagged"] or await repository.declaration(session, item_id, wanted.event_id):
        raise NotFlagged("the event counts already, or was declared wrong")
    made = FlaggedRuling(
        item_id=item_id,
        event_id=wanted.event_id,
        accepted=accepted,
        note=wanted.note,
        decided_by=caller.id,
        decided_at=now,
    )
    session.add(made)
    await session.flush()
    if accepted:
        await _let_count(context, before, event)
    await discrepancies.close_all(
        context.connection,
        offices,
        item_id,
        kinds=["outside_offline_window"],
        event_id=wanted.event_id,
        decision=(f"{wanted.ruling}: {wanted.note}", caller.id, now),
    )
    state = _ruling(made)
    data = {"ruling": state.model_dump(mode="json")}
    await outbox.append(session, RULED, data, time=now, subject=state.barcode)
    return state


async def _let_count(context: Context, before: asyncpg.Record, event: asyncpg.Record) -> None:
    """Fold an event that was flagged, and tell of it as of a late scan."""
    item_id, connection = before["item_id"], context.connection
    await repository.mark(connection, item_id, event["event_id"], flagged=False)
    if before["status"] == Status.CANCELLED:
        history = (await scans.histories(connection, [item_id]))[item_id]
        folded = folding.fold(history, cancelled=True)
        found = scanning.misfits(item_id, folded)
        await discrepancies.note(connection, context.directory, found, context.now)
        return
    refolded = await scanning.refold(context, before, event["event_id"])
    item = _item(event, refolded, context.directory)
    kind = STATUS_CHANGED
    if item["status"] == item["previous"]:
        kind = MOVED if item["accepted_at"] == item["accepted_before"] else CORRECTED
    await _tell(connection, kind, item, context.now)


def _item(event: asyncpg.Record, refolded: Refolded, offices: OfficeBook) -> dict[str, Any]:
    """As events.ScannedItem."""
    before, state = refolded.before, refolded.state
    return {
        "barcode": barcode_of(before["item_id"]),
        "partner": str(before["partner"]),
        "reference": before["reference"],
        "product": PRODUCT_WIRE[before["product"]],
        "channel": CHANNEL_WIRE[before["channel"]],
        "event": EVENT_WIRE[event["event"]],
        "event_id": str(event["event_id"]),
        "office": offices.code_of(event["office"]),
        "status": state.status.wire,
        "previous": STATUS_WIRE[before["status"]],
        "occurred_at": event["effective_at"],
        "version": refolded.version,
        "accepted_at": state.accepted_at,
        "accepted_before": before["accepted_at"],
        "backfill": before["backfill"],
    }


async def _tell(
    connection: asyncpg.Connection, event_type: str, item: dict[str, Any], now: datetime
) -> None:
    data = to_json({"items": [item]}).decode()
    await connection.execute(outbox.APPEND_SQL, event_type, None, now, data)


async def recorded(session: AsyncSession, offices: OfficeBook, barcode: str) -> RecordedEvents:
    """All that was ever recorded of an item, with what was decided about it."""
    item_id = await booking.resolve(session, barcode)
    if not await repository.exists(session, item_id):
        raise ParcelNotFound
    declared, ruled = await repository.decisions(session, item_id)
    events = [
        RecordedEvent.model_validate(
            {
                "event_id": row.event_id,
                "event": EVENT_WIRE[row.event],
                "office": offices.code_of(row.office),
                "occurred_at": row.occurred_at,
                "recorded_at": row.recorded_at,
                "device": row.device,
                "counts": not row.flagged,
                "declaration": _declaration(d) if (d := declared.get(row.event_id)) else None,
                "ruling": _ruling(r) if (r := ruled.get(row.event_id)) else None,
            }
        )
        for row in await repository.recorded(session, item_id)
    ]
    return RecordedEvents(barcode=barcode_of(item_id), events=events)


async def unmatched(session: AsyncSession, page: Page) -> tuple[list[UnmatchedOut], str | None]:
    rows = await repository.unmatched(session, before=page.after_int(), limit=page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.id])
    return [
        UnmatchedOut.model_validate(
            {
                "id": row.id,
                "barcode": row.barcode,
                "event_id": row.event_id,
                "reason": row.reason,
                "waiting": row.item_id is not None and row.matched_at is None,
                "recorded_at": row.recorded_at,
                "matched_at": row.matched_at,
            }
        )
        for row in shown
    ], cursor


def _declaration(made: EventDeclaration) -> DeclarationOut:
    return DeclarationOut.model_validate(
        {
            "barcode": barcode_of(made.item_id),
            "event_id": made.event_id,
            "reason": made.reason,
            "note": made.note,
            "corrective_event_ids": made.corrective,
            "declared_at": made.declared_at,
        }
    )


def _ruling(made: FlaggedRuling) -> RulingOut:
    return RulingOut(
        barcode=barcode_of(made.item_id),
        event_id=made.event_id,
        ruling="accepted" if made.accepted else "dismissed",
        note=made.note,
        decided_at=made.decided_at,
    )
