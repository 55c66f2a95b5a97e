"""Use case of scanning: record a batch, move the items, tell what changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from services.parcels.caches import Desk
from services.parcels.discrepancies import service as discrepancies
from services.parcels.discrepancies.domain import Misfit
from services.parcels.events import CORRECTED, MOVED, STATUS_CHANGED
from services.parcels.network.service import OfficeBook
from services.parcels.scanning import domain, repository
from services.parcels.scanning.intake import Intake, bring_in, other_codes, sort_out
from services.parcels.scanning.repository import Row, Unmatched
from services.parcels.scanning.schemas import ScanIn
from services.parcels.vocabulary import (
    CHANNEL_WIRE,
    EVENT_WIRE,
    PRODUCT_WIRE,
    STATUS_WIRE,
    Custodian,
    Event,
    Status,
)
from shared import outbox
from shared.auth import Caller
from shared.identifiers import barcode_of

_TRIES: Final = 3
_PATIENCE_MS: Final = 200
"""How long a batch that locks in no order waits: less than PostgreSQL's deadlock_timeout (1 s), so
that it gives way itself and never makes a victim of one that locked in order."""


@dataclass(slots=True)
class Effect:
    """What a batch did, gathered over its waves."""

    result: dict[int, str] = field(default_factory=dict)
    told: list[tuple[str, list[dict[str, Any]]]] = field(default_factory=list)
    """Outbox rows to be: type and items."""
    discrepancies: list[Misfit] = field(default_factory=list)
    folded: dict[int, tuple[str, list[Misfit]]] = field(default_factory=dict)
    """Items whose history was folded again: the event that made it so, and what it showed."""
    _told_in: dict[int, int] = field(default_factory=dict)
    """The row that last told of an item."""

    def tell(self, item_id: int, event_type: str, item: dict[str, Any]) -> None:
        """Few rows, but an item's versions in their order: never in a row before its last one."""
        first = self._told_in.get(item_id, 0)
        for n in range(first, len(self.told)):
            if self.told[n][0] == event_type:
                break
        else:
            n = len(self.told)
            self.told.append((event_type, []))
        self.told[n][1].append(item)
        self._told_in[item_id] = n


async def record(desk: Desk, scans: Sequence[ScanIn]) -> bytes:
    """Record a batch in one transaction; the answer (schemas.ScanBatchResult) as JSON."""
    directory = await desk.caches.directory.fresh()
    intake = sort_out(scans, directory, desk.caller, desk.now)
    for attempt in range(_TRIES):
        try:
            effect = await _in_transaction(desk, scans, intake, locked=attempt > 0)
            break
        except (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError):
            if attempt == _TRIES - 1:  # else nothing was kept: again, locking all beforehand
                raise
    results = [_result(n, scan, intake, effect) for n, scan in enumerate(scans)]
    recorded = sum(1 for result in results if result["result"] == "recorded")
    return to_json({"recorded": recorded, "results": results})


async def _in_transaction(
    desk: Desk, scans: Sequence[ScanIn], intake: Intake, *, locked: bool
) -> Effect:
    new_ids = await desk.caches.serials.take(len(other_codes(intake))) if intake.foreign else []
    async with desk.database.acquire() as connection, connection.transaction():
        # plans by the arrays' real lengths: a generic plan would join them in loops
        settings = "SET LOCAL plan_cache_mode = force_custom_plan"
        if not locked:
            settings += f"; SET LOCAL lock_timeout = '{_PATIENCE_MS}ms'"
        await connection.execute(settings)
        if intake.foreign:
            await bring_in(connection, intake, new_ids, desk.now)
        if locked:
            await repository.lock(connection, [row.item_id for row in intake.rows])
        directory, actor = desk.caches.directory, actor_of(desk.caller)
        context = Context(connection, directory, desk.now, actor, intake.old, locked=locked)
        effect = await record_rows(context, intake.rows)
        await keep_unmatched(context, scans, intake, effect)
    return effect


async def record_rows(context: "Context", rows: Sequence[Row]) -> Effect:
    """Record rows in the caller's transaction, move their items, tell what changed."""
    effect = Effect()
    for wave in waves(rows):
        await record_wave(context, wave, effect)
    await tell_all(context, effect)
    return effect


async def tell_all(context: "Context", effect: Effect) -> None:
    """Write down what did not fit, and the outbox rows: after everything, under all locks."""
    await _note(context, effect)
    for event_type, items in effect.told:
        data = to_json({"items": items}).decode()
        await context.connection.execute(outbox.APPEND_SQL, event_type, None, context.now, data)


@dataclass(frozen=True, slots=True)
class Fact:
    """What a command brings about for one item; `event_id` makes it the same however often."""

    item_id: int
    event_id: UUID
    event: Event
    office: int | None
    occurred_at: datetime
    reason: str | None = None
    action: str | None = None


async def record_within(
    connection: asyncpg.Connection, desk: Desk, facts: Sequence[Fact]
) -> list[str]:
    """Record facts in the transaction of a command, which holds the locks of all these items.

    What became of each, in the order given: `recorded` or `duplicate`. Needs a fresh directory.
    """
    oldest, latest = desk.now - domain.OFFLINE_WINDOW, desk.now + domain.CLOCK_AHEAD
    rows = [
        Row(
            n,
            fact.item_id,
            str(fact.event_id),
            fact.event,
            False,  # noqa: FBT003 - a command that may speak of long ago is never in doubt
            fact.office,
            fact.occurred_at,
            min(fact.occurred_at, latest),
            fact.reason,
            fact.action,
            None,
        )
        for n, fact in enumerate(facts)
    ]
    old = {row.n for row in rows if row.occurred_at < oldest}
    directory, actor = desk.caches.directory, actor_of(desk.caller)
    effect = await record_rows(Context(connection, directory, desk.now, actor, old), rows)
    return [effect.result[row.n] for row in rows]


@dataclass(frozen=True, slots=True)
class Context:
    """`old`: places of rows of a backfill; `locked`: every item was locked beforehand."""

    connection: asyncpg.Connection
    directory: OfficeBook
    now: datetime
    actor: UUID | None
    old: Collection[int] = ()
    locked: bool = True
    names: dict[UUID, str] = field(default_factory=dict)
    """Partners' ids as text."""


def actor_of(caller: Caller) -> UUID | None:
    try:
        return UUID(caller.id)
    except ValueError:
        return None


def waves(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows in waves that have each item once, an item's events in their order."""
    if len({row.item_id for row in rows}) == len(rows):
        return [sorted(rows, key=lambda row: row.item_id)] if rows else []
    by_item: dict[int, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.item_id):
        by_item.setdefault(row.item_id, []).append(row)
    found: list[list[Row]] = []
    for same in by_item.values():
        same.sort(key=lambda row: row.order)
        for n, row in enumerate(same):
            if n == len(found):
                found.append([])
            found[n].append(row)
    return found


async def record_wave(context: Context, wave: Sequence[Row], effect: Effect) -> None:
    by_n = {row.n: row for row in wave}
    try:
        for found in await repository.move(context.connection, wave, context.now, context.actor):
            row = by_n.pop(found["n"])
            effect.result[row.n] = "recorded"
            after = (found["status"], found["accepted_at"])
            tell(context, effect, row, found, found["version"], after)
            if row.office is None:
                effect.discrepancies.append(Misfit(row.item_id, row.event_id, "unknown_office"))
            if (gap := found["gap"]) is not None:
                effect.discrepancies.append(gap_of(row, gap))
    except asyncpg.UniqueViolationError:
        by_n = {row.n: row for row in wave}
    if by_n:
        await _record_carefully(context, by_n, effect)


def gap_of(row: Row, gap: Sequence[int]) -> Misfit:
    """Of who had the item, as the moving statement says it."""
    custodian, holder_id, elapsed_s = gap
    kind = domain.gap_kind((Custodian(custodian), holder_id), timedelta(seconds=elapsed_s))
    return Misfit(row.item_id, row.event_id, kind, row.office, custodian, holder_id)


async def _record_carefully(context: Context, by_n: dict[int, Row], effect: Effect) -> None:
    """What is late, out of order, a misfit, a duplicate, flagged or unknown."""
    left: list[tuple[Row, asyncpg.Record]] = []
    rows = list(by_n.values())
    at = (context.now, context.actor)
    for found in await repository.record(context.connection, rows, at, locked=context.locked):
        row = by_n[found["n"]]
        if not found["fresh"]:
            effect.result[row.n] = "duplicate"
            continue
        effect.result[row.n] = "flagged" if row.flagged else "recorded"
        if row.office is None:
            effect.discrepancies.append(Misfit(row.item_id, row.event_id, "unknown_office"))
        if row.flagged:
            effect.discrepancies.append(Misfit(row.item_id, row.event_id, "outside_offline_window"))
        else:
            left.append((row, found))
    if left:
        await fold_anew(context, left, effect)


async def fold_anew(
    context: Context, left: Sequence[tuple[Row, Mapping[str, Any]]], effect: Effect
) -> None:
    """Fold the items' whole histories again, under their locks."""
    histories = await repository.histories(context.connection, [row.item_id for row, _ in left])
    states: dict[int, domain.State] = {}
    for row, found in left:
        cancelled = found["previous"] == Status.CANCELLED
        folded = domain.fold(histories[row.item_id], cancelled=cancelled)
        effect.folded[row.item_id] = (row.event_id, misfits(row.item_id, folded))
        if cancelled:
            continue
        states[row.item_id] = folded.state
        after = (folded.state.status, folded.state.accepted_at)
        tell(context, effect, row, found, found["version"] + 1, after)
    if states:
        await repository.save_states(context.connection, states, context.now)


def misfits(item_id: int, folded: domain.Folded) -> list[Misfit]:
    """What a fold remarks; before acceptance it is the sender who has the item."""
    return [
        Misfit(item_id, str(event_id), kind, None, int(who or Custodian.SENDER), who_id)
        for event_id, kind, (who, who_id) in folded.remarks()
    ]


async def _note(context: Context, effect: Effect) -> None:
    """Note what does not fit, and settle what by now does."""
    found = [*effect.discrepancies, *(m for _, shown in effect.folded.values() for m in shown)]
    await discrepancies.note(context.connection, context.directory, found, context.now)
    if effect.folded:
        causes = {item_id: event_id for item_id, (event_id, _) in effect.folded.items()}
        await discrepancies.settle(
            context.connection, context.directory, causes, found, context.now
        )


@dataclass(frozen=True, slots=True)
class Refolded:
    """An item's row before (as `repository.locked_item` reads it), and its state since."""

    before: asyncpg.Record
    state: domain.State

    @property
    def version(self) -> int:
        return int(self.before["version"]) + 1


async def refold(context: Context, before: asyncpg.Record, cause: UUID) -> Refolded:
    """Fold an item again, whose row is locked and whose events count otherwise since `cause`.

    The caller tells of it: the item has another version.
    """
    item_id = before["item_id"]
    histories = await repository.histories(context.connection, [item_id])
    folded = domain.fold(histories[item_id])
    await repository.save_states(context.connection, {item_id: folded.state}, context.now)
    await _note(context, Effect(folded={item_id: (str(cause), misfits(item_id, folded))}))
    return Refolded(before, folded.state)


def tell(
    context: Context,
    effect: Effect,
    row: Row,
    found: Mapping[str, Any],
    version: int,
    after: tuple[int, datetime | None],
    *,
    withdrawn: bool = False,
) -> None:
    """Add the item to the event of its kind (events.ScannedItem).

    `withdrawn`: that this event, told before, does not count for the item after all.
    """
    status, accepted_at = after
    partner, previous, before = found["partner"], found["previous"], found["accepted_before"]
    name = context.names.get(partner)
    if name is None:
        name = context.names[partner] = str(partner)
    item = {
        "barcode": barcode_of(row.item_id),
        "partner": name,
        "reference": found["reference"],
        "product": PRODUCT_WIRE[found["product"]],
        "channel": CHANNEL_WIRE[found["channel"]],
        "event": EVENT_WIRE[row.event],
        "event_id": row.event_id,
        "office": context.directory.code_of(row.office),
        "status": STATUS_WIRE[status],
        "previous": STATUS_WIRE[previous],
        "occurred_at": row.effective_at,
        "version": version,
        "accepted_at": accepted_at,
        "accepted_before": before,
        "backfill": row.n in context.old,
    }
    if withdrawn:
        item["withdrawn"] = True
    effect.tell(row.item_id, _event_type(previous, status, before, accepted_at), item)


def _event_type(
    previous: int, status: int, before: datetime | None, accepted_at: datetime | None
) -> str:
    if status != previous:
        return STATUS_CHANGED
    return MOVED if accepted_at == before else CORRECTED


async def keep_unmatched(
    context: Context, scans: Sequence[ScanIn], intake: Intake, effect: Effect
) -> None:
    unknown = {row.n: row.item_id for row in intake.rows if row.n not in effect.result}
    kept = [(n, "unknown", item_id) for n, item_id in unknown.items()]
    found = [
        Unmatched(
            scans[n]["barcode"], scans[n]["event_id"], why, to_json(scans[n]).decode(), item_id
        )
        for n, why, item_id in (*kept, *((n, "malformed", None) for n in intake.malformed))
    ]
    if found:
        await repository.keep_unmatched(context.connection, found, context.now)


def _result(n: int, scan: ScanIn, intake: Intake, effect: Effect) -> dict[str, Any]:
    result: dict[str, Any] = {"barcode": scan["barcode"], "event_id": scan["event_id"]}
    if n in effect.result:
        result["result"] = effect.result[n]
    elif n in intake.doubled:
        result["result"] = "duplicate"
    elif n in intake.malformed:
        result |= {"result": "malformed", "detail": intake.malformed[n]}
    else:
        result |= {
            "result": "unknown",
            "detail": "no item has this barcode; the scan is kept",
        }
    if n in intake.nowhere and n in effect.result:
        result["detail"] = f"recorded, but there is no office {scan['office']}"
    return result
