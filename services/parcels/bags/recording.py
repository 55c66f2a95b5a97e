"""A bag scanned is its items scanned: one event row, one update of the items, one outbox row.

All in one transaction; the moving rule is scanning's: newest and fitting fast,
anything else by folding the item's history again, in which its bags' events are.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
from pydantic_core import to_json

from services.parcels.bags import domain, repository
from services.parcels.bags.domain import (
    BAG_EVENT_BY_WIRE,
    BAG_STATUS_WIRE,
    BagStatus,
    code_of,
)
from services.parcels.bags.events import BAG_SCANNED, BagState, ScannedBag
from services.parcels.bags.repository import EventRow
from services.parcels.bags.schemas import BagScanIn, BagScanResult, BagScanResults
from services.parcels.caches import Desk
from services.parcels.discrepancies.domain import Misfit
from services.parcels.network.service import Directory, OfficeBook
from services.parcels.scanning import repository as scans
from services.parcels.scanning.domain import CLOCK_AHEAD, OFFLINE_WINDOW, Scan
from services.parcels.scanning.intake import Intake
from services.parcels.scanning.repository import Row, Unmatched
from services.parcels.scanning.service import (
    Context,
    Effect,
    actor_of,
    fold_anew,
    gap_of,
    tell,
    tell_all,
)
from shared import outbox
from shared.auth import Caller
from shared.errors import Invalid
from shared.identifiers import receptacle_of
from shared.text import fold_code

TRIES: Final = 3
ITEMS_MAX: Final = 20_000
"""Of all bags of a request together."""
RECEPTACLES_RETURN_AFTER: Final = timedelta(days=5 * 365)
"""An S9 number names the last digit of its year only: it returns after ten."""
T = TypeVar("T")


@dataclass(slots=True)
class Work:
    """What a transaction works with, and what it has done so far."""

    context: Context
    old: set[int]
    """Places of events that are older than a device may be offline."""
    effect: Effect = field(default_factory=Effect)
    numbers: Iterator[int] = field(default_factory=lambda: count(-1, -1))
    """Places for events that are in no request: none of a request's own."""

    @property
    def connection(self) -> asyncpg.Connection:
        return self.context.connection

    def row(self, item_id: int, scan: Scan) -> Row:
        """An item's event as scanning tells of it."""
        n = next(self.numbers)
        if scan.effective_at < self.context.now - OFFLINE_WINDOW:
            self.old.add(n)
        return Row(
            n,
            item_id,
            str(scan.event_id),
            scan.event,
            scan.flagged,
            scan.office,
            scan.occurred_at,
            scan.effective_at,
            None,
            None,
            None,
        )


@dataclass(frozen=True, slots=True)
class When:
    """A moment as told: what of it counts, and whether it is too old to."""

    occurred_at: datetime
    at: datetime
    flagged: bool

    @classmethod
    def told(cls, occurred_at: datetime, caller: Caller, now: datetime) -> "When":
        occurred_at = occurred_at.astimezone(UTC)  # as events tell times
        old = occurred_at < now - OFFLINE_WINDOW
        flagged = old and "backfill" not in caller.scopes
        return cls(occurred_at, min(occurred_at, now + CLOCK_AHEAD), flagged)


def work_of(connection: asyncpg.Connection, desk: Desk, old: set[int]) -> Work:
    actor = actor_of(desk.caller)
    return Work(Context(connection, desk.caches.directory, desk.now, actor, old), old)


async def carried_out(desk: Desk, intake: Intake, run: Callable[[Work], Awaitable[T]]) -> T:
    """Run in one transaction, and tell what changed; again where a lock's order was against it."""
    for attempt in range(TRIES):
        try:
            async with (
                desk.database.acquire() as connection,
                connection.transaction(),
            ):
                await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
                work = work_of(connection, desk, intake.old)
                answer = await run(work)
                await tell_all(work.context, work.effect)
                return answer
        except (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError):
            if attempt == TRIES - 1:  # else nothing was kept
                raise
    raise AssertionError("the last attempt answers or raises")


async def record_scans(desk: Desk, sent: Sequence[BagScanIn]) -> BagScanResults:
    """Record bag scans, a result each; a repeated one is a `duplicate`."""
    directory = await desk.caches.directory.fresh()

    async def run(work: Work) -> list[BagScanResult]:
        bags = await _bags(work, sent)
        locked = await repository.lock(work.connection, (b for b in bags if b is not None))
        await lock_items(work, locked)
        results: dict[int, BagScanResult] = {}
        told: list[tuple[int, EventRow, int]] = []
        rows = {
            n: _row(scan, bag, directory, desk)
            for n, (scan, bag) in enumerate(zip(sent, bags, strict=True))
            if bag in locked
        }
        for n, row in sorted(rows.items(), key=lambda r: (r[1].at, r[1].event, r[1].event_id)):
            items = await apply(work, row)
            flagged = "flagged" if row.flagged else "recorded"
            result = "duplicate" if items is None else flagged
            results[n] = _result(sent[n], result, items or 0)
            if items is not None:
                told.append((n, row, items))
        await _keep_unmatched(work, sent, bags, results)
        await tell_bags(work, [(row, items) for _, row, items in told], locked)
        return [results[n] for n in range(len(sent))]

    results = await carried_out(desk, Intake(), run)
    recorded = sum(1 for result in results if result.result == "recorded")
    return BagScanResults(recorded=recorded, results=results)


async def lock_items(work: Work, bags: Sequence[int] | dict[int, Any]) -> list[int]:
    """Lock all that was ever in the bags, in the order of the items' ids."""
    items = await repository.members_ever(work.connection, bags)
    if len(items) > ITEMS_MAX:
        raise Invalid.field(
            "body.scans", f"these bags hold {len(items)} items: send fewer bags at once"
        )
    if items:
        await scans.lock(work.connection, items)
    return items


async def apply(work: Work, row: EventRow) -> int | None:
    """Record a bag's event and do it to the items in the bag, under the locks of bag and items.

    How many it was a scan of; None where it had been recorded.
    """
    context, now = work.context, work.context.now
    if not await repository.record(work.connection, row, now, context.actor):
        return None
    event = domain.item_event(row.event)
    if event is None:
        return 0
    # read again under the items' locks: one may have been put elsewhere meanwhile
    members = await repository.members_at(work.connection, row.bag, row.at)
    if row.flagged or row.office is None:
        kind = "outside_offline_window" if row.flagged else "unknown_office"
        work.effect.discrepancies += [
            Misfit(item, str(row.event_id), kind, row.office) for item in members
        ]
    if row.flagged or not members:
        return 0
    scan = Scan(row.event_id, event, row.occurred_at, now, row.office, operator=row.operator)
    left = set(members)
    for found in await repository.move(work.connection, members, row, now):
        left.remove(found["item_id"])
        after = (found["status"], found["accepted_at"])
        told = work.row(found["item_id"], scan)
        tell(context, work.effect, told, found, found["version"], after)
        if (gap := found["gap"]) is not None:
            work.effect.discrepancies.append(gap_of(told, gap))
    if left:
        facts = await repository.facts(work.connection, left)
        again = [(work.row(item, scan), facts[item]) for item in sorted(left)]
        await fold_anew(context, again, work.effect)
    return len(members)


async def fold_bag(work: Work, bag: asyncpg.Record) -> asyncpg.Record:
    """Write the state of a bag whose events have changed, and what does not fit about them."""
    events = await repository.events(work.connection, bag["id"])
    state, remarks = domain.fold_bag(events, bag["from_office"], bag["to_office"])
    flagged = {(e.event_id, "outside_offline_window") for e in events if e.flagged}
    found = ((bag["id"], event_id, kind) for event_id, kind in remarks | flagged)
    await repository.note(work.connection, found, work.context.now)
    return await repository.save(work.connection, bag["id"], state, work.context.now)


async def _bags(work: Work, sent: Sequence[BagScanIn]) -> list[int | None]:
    """The bag of each scan; None for a malformed number. An unseen receptacle comes from abroad."""
    numbers = [domain.bag_of(scan.bag) for scan in sent]
    foreign = {
        n: code
        for n, scan in enumerate(sent)
        if numbers[n] is None and (code := receptacle_of(fold_code(scan.bag))) is not None
    }
    if not foreign:
        return numbers
    codes = sorted(set(foreign.values()))
    now = work.context.now
    since = now - RECEPTACLES_RETURN_AFTER
    known = await repository.of_receptacles(work.connection, codes, since)
    for n, code in foreign.items():
        if code not in known:
            begun = min(When.told(sent[n].occurred_at, _NOBODY, now).at, now)
            made = await repository.create(
                work.connection, int(BagStatus.CLOSED), (None, None), code, begun, "exchange"
            )
            known[code] = made["id"]
        numbers[n] = known[code]
    return numbers


_NOBODY: Final = Caller("exchange", "service", frozenset())


def _row(scan: BagScanIn, bag: int | None, directory: Directory, desk: Desk) -> EventRow:
    assert bag is not None  # noqa: S101 - rows are made of bags that were locked
    when = When.told(scan.occurred_at, desk.caller, desk.now)
    return EventRow(
        bag,
        UUID(scan.event_id),
        BAG_EVENT_BY_WIRE[scan.event],
        when.flagged,
        office_id(directory, scan.office),
        when.at,
        when.occurred_at,
        seal=scan.seal,
        trip=scan.trip,
        device=scan.device,
    )


def office_id(directory: Directory, code: str) -> int | None:
    office = directory.by_code.get(code) or directory.by_code.get(fold_code(code))
    return office.id if office else None


def _result(scan: BagScanIn, result: Any, items: int) -> BagScanResult:
    event_id = UUID(scan.event_id)
    return BagScanResult(bag=scan.bag, event_id=event_id, result=result, items=items)


async def _keep_unmatched(
    work: Work,
    sent: Sequence[BagScanIn],
    bags: Sequence[int | None],
    results: dict[int, BagScanResult],
) -> None:
    """What is of no bag is kept as it was sent."""
    kept = []
    for n, (scan, bag) in enumerate(zip(sent, bags, strict=True)):
        if n not in results:
            reason = "malformed" if bag is None else "unknown"
            results[n] = _result(scan, reason, 0)
            kept.append(Unmatched(scan.bag, scan.event_id, reason, scan.model_dump_json(), None))
    if kept:
        await scans.keep_unmatched(work.connection, kept, work.context.now)


async def tell_bags(
    work: Work, told: Sequence[tuple[EventRow, int]], bags: dict[int, asyncpg.Record]
) -> None:
    """Write the bags' states; one outbox row for all scans that are new."""
    if not told:
        return
    touched = sorted({row.bag for row, _ in told})
    directory = work.context.directory
    states = {bag: state_of(await fold_bag(work, bags[bag]), directory) for bag in touched}
    items = [
        ScannedBag(
            event=row.event.wire,
            event_id=row.event_id,
            occurred_at=row.at.isoformat().replace("+00:00", "Z"),
            items=items,
            bag=states[row.bag],
        )
        for row, items in told
        if not row.flagged
    ]
    if items:
        await append(work, BAG_SCANNED, to_json({"items": items}))


async def append(work: Work, event_type: str, data: bytes, subject: str | None = None) -> None:
    await work.connection.execute(
        outbox.APPEND_SQL, event_type, subject, work.context.now, data.decode()
    )


def state_of(row: asyncpg.Record, directory: OfficeBook) -> BagState:
    """Of a bag's row, as events and answers tell it."""
    return BagState(
        bag=code_of(row["id"]),
        receptacle=row["receptacle"],
        from_office=directory.code_of(row["from_office"]),
        to_office=directory.code_of(row["to_office"]),
        status=BAG_STATUS_WIRE[row["status"]],
        office=directory.code_of(row["office"]),
        seal=row["seal"],
        weight_g=row["weight_g"],
        dispatch=row["dispatch"],
        version=row["version"],
    )
