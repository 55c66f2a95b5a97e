"""The worker's side of the promise: what scans, the calendar and the clock make of it.

Everything goes one way: `_settle` reads items as they are, judges them by `promise.domain.judge`,
and writes what differs. So a page that comes twice, an event that comes late and a change that
overlaps another leave the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import asyncpg
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.breaches import repository
from services.parcels.breaches.repository import Due
from services.parcels.events import MOVED, STATUS_CHANGED
from services.parcels.promise import repository as promises
from services.parcels.promise.domain import PAUSING, Verdict, judge
from services.parcels.promise.events import (
    BREACH_WITHDRAWN,
    BREACHED,
    PROMISE_CHANGED,
    BreachItem,
    PromisedItem,
)
from services.parcels.promise.known import Promises
from services.parcels.vocabulary import PRODUCT_WIRE, STATUS_WIRE, TERMINAL, Status
from shared import outbox
from shared.clock import Clock, world_now
from shared.database import Database, driver
from shared.identifiers import barcode_of, item_id_fast

ITEMS: Final = 1_000
"""Of a step, and of an event."""

_PAUSING: Final = frozenset(event.wire for event in PAUSING)
_TURNS: Final = frozenset(status.wire for status in (*TERMINAL, Status.RETURNING, Status.BOOKED))
_TURNED: Final = frozenset({Status.RETURNING, Status.RETURNED})


@dataclass(slots=True)
class Asked:
    """Items to settle; of those in `in_full`, the history is looked at too."""

    items: set[int] = field(default_factory=set)
    in_full: set[int] = field(default_factory=set)
    moved: set[int] = field(default_factory=set)
    """Items that matter only if their events may pause them."""


def asked(events: Sequence[Mapping[str, Any]]) -> Asked:
    """What a page of events about items calls for; all but those that scans cause, in full."""
    found = Asked()
    for event in events:
        scanned = event["type"] in {STATUS_CHANGED, MOVED}
        for item in event["data"]["items"]:
            item_id = item_id_fast(item["barcode"])
            if item_id is None:  # inbound: nothing was promised by us
                continue
            in_full = not scanned or item["event"] in _PAUSING
            if in_full:
                found.in_full.add(item_id)
            if in_full or item["status"] in _TURNS or item["previous"] in _TURNS:
                found.items.add(item_id)
            else:
                found.moved.add(item_id)
    found.moved -= found.items
    return found


class Keeper:
    """Keeps the promises of every world that its worker has."""

    def __init__(self) -> None:
        self._known: dict[str, Promises] = {}

    async def on_scanned(self, session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
        """Consumer of the events that scans and corrections cause."""
        connection = await driver(session)
        wanted = asked(events)
        await repository.lock(connection)
        dues = await repository.dues(connection, wanted.items | wanted.moved)
        wanted.items.update(i for i in wanted.moved if i in dues and dues[i].pausing)
        if wanted.items:
            now = datetime.fromisoformat(events[-1]["time"])
            await self._settle(connection, dues, wanted, now)

    async def sweep(self, database: Database, clock: Clock) -> None:
        """Take changes of the calendar through the items, a bounded transaction at a time."""
        more = True
        while more:
            async with database.transaction() as session:
                now = await world_now(session, clock)
                more = await self._sweep_step(await driver(session), now)

    async def _sweep_step(self, connection: asyncpg.Connection, now: datetime) -> bool:
        await repository.lock(connection)
        sweep = await repository.sweep(connection)
        if sweep is None:
            return False
        items = await repository.swept(connection, sweep, ITEMS)
        dues = await repository.dues(connection, items)
        if items:
            await self._settle(connection, dues, Asked(set(items), set(items)), now)
        await repository.advance(connection, sweep, items[-1] if len(items) == ITEMS else None)
        return True

    async def find_breaches(self, database: Database, clock: Clock) -> None:
        """Tell of promises that ran out, a bounded transaction at a time."""
        more = True
        while more:
            async with database.transaction() as session:
                now = await world_now(session, clock)
                connection = await driver(session)
                await repository.lock(connection)
                items = await repository.overdue(connection, now, ITEMS)
                dues = await repository.dues(connection, items)
                if items:
                    wanted = Asked(set(items), set(items))
                    await self._settle(connection, dues, wanted, now, by_clock=True)
                more = len(items) == ITEMS

    async def _promises(self, connection: asyncpg.Connection) -> Promises:
        world = await repository.world(connection)
        known = self._known.setdefault(world, Promises())
        await known.look(connection)
        return known

    async def _settle(
        self,
        connection: asyncpg.Connection,
        dues: Mapping[int, Due],
        wanted: Asked,
        now: datetime,
        *,
        by_clock: bool = False,
    ) -> None:
        """Make it so: promise, due and breaches of items, and tell what changed."""
        known = await self._promises(connection)
        rows = {row["item_id"]: row for row in await promises.facts(connection, wanted.items)}
        full = {i for i, row in rows.items() if _in_full(row, dues.get(i), wanted)}
        moments = await promises.moments(connection, full)
        verdicts = {i: judge(known.facts(row, moments.get(i, ()))) for i, row in rows.items()}
        doubtful = {i for i, verdict in verdicts.items() if verdict.late} - full
        for i, history in (await promises.moments(connection, doubtful)).items():
            verdicts[i] = judge(known.facts(rows[i], history))
        until = now if by_clock else None
        cases = [_case(row, verdicts[i], dues.get(i), until) for i, row in rows.items()]
        await _write(connection, cases, now)
        over = {i for i, verdict in verdicts.items() if not verdict.live}
        gone = wanted.items - rows.keys()
        await repository.forget_dues(connection, dues.keys() & (over | gone))


def _in_full(row: Mapping[str, Any], due: Due | None, wanted: Asked) -> bool:
    pausing = due is not None and due.pausing
    return pausing or row["item_id"] in wanted.in_full or row["status"] in _TURNED


@dataclass(frozen=True, slots=True)
class _Case:
    """An item as it was read, what holds of it, and what was noted of it."""

    row: Mapping[str, Any]
    verdict: Verdict
    due: Due | None
    late: bool

    @property
    def item_id(self) -> int:
        item_id: int = self.row["item_id"]
        return item_id

    @property
    def promised_at(self) -> datetime:
        return self.verdict.promised_at

    @property
    def noted(self) -> bool:
        """Whether what is under way is on record as it is."""
        due, verdict = self.due, self.verdict
        return due is not None and (due.promised_at, due.pausing, due.paused) == (
            verdict.promised_at,
            verdict.pausing,
            verdict.paused,
        )

    @property
    def breach_noted(self) -> bool:
        due = self.due
        return due is not None and due.breached and due.promised_at == self.promised_at


def _case(
    row: Mapping[str, Any], verdict: Verdict, due: Due | None, until: datetime | None
) -> _Case:
    """`until`: when it is, where the clock is to decide of what is under way."""
    runs = verdict.live and not verdict.paused
    ran_out = runs and until is not None and verdict.promised_at < until
    case = _Case(row, verdict, due, late=verdict.late or ran_out)
    return replace(case, late=case.late or (runs and case.breach_noted))


async def _write(connection: asyncpg.Connection, cases: Sequence[_Case], now: datetime) -> None:
    await _move(connection, cases, now)
    await repository.save_dues(
        connection,
        [
            (c.item_id, c.row["office_id"], c.promised_at, c.verdict.pausing, c.verdict.paused)
            for c in cases
            if c.verdict.live and not c.noted
        ],
    )
    late = {c.item_id: c for c in cases if c.late and not c.breach_noted}
    rows = [(c.item_id, c.promised_at, c.row["partner"]) for c in late.values()]
    news = await repository.breach(connection, rows, now)
    told = [_breached(case, case.promised_at) for i, case in late.items() if i in news]
    await _tell(connection, BREACHED, told, now)
    by_id = {c.item_id: c for c in cases if c.due is None or c.due.breached}
    kept = [(i, c.promised_at if c.late else None) for i, c in by_id.items()]
    withdrawn = await repository.withdraw(connection, kept, now)
    told = [_breached(by_id[i], promised_at) for i, promised_at in withdrawn]
    await _tell(connection, BREACH_WITHDRAWN, told, now)


async def _move(connection: asyncpg.Connection, cases: Sequence[_Case], now: datetime) -> None:
    moved = {c.item_id: c for c in cases if c.promised_at != c.row["promised_at"]}
    rows = [
        (i, c.row["promised_at"], c.row["accepted_at"], c.promised_at) for i, c in moved.items()
    ]
    versions = await repository.move(connection, rows, now)
    told = [_promised(moved[i], version) for i, version in versions.items()]
    await _tell(connection, PROMISE_CHANGED, told, now)


def _promised(case: _Case, version: int) -> dict[str, Any]:
    row = case.row
    return PromisedItem(
        barcode=barcode_of(case.item_id),
        partner=str(row["partner"]),
        reference=row["reference"],
        promised_at=case.promised_at,
        previous=row["promised_at"],
        version=version,
        backfill=row["backfill"],
    ).model_dump(mode="json")


def _breached(case: _Case, promised_at: datetime) -> dict[str, Any]:
    row = case.row
    return BreachItem(
        barcode=barcode_of(case.item_id),
        partner=str(row["partner"]),
        reference=row["reference"],
        product=PRODUCT_WIRE[row["product"]],
        origin_office=row["code"],
        status=STATUS_WIRE[row["status"]],
        promised_at=promised_at,
        backfill=row["backfill"],
    ).model_dump(mode="json")


async def _tell(
    connection: asyncpg.Connection, event_type: str, items: Sequence[Any], now: datetime
) -> None:
    """Few rows, none without bound."""
    for first in range(0, len(items), ITEMS):
        data = to_json({"items": items[first : first + ITEMS]}).decode()
        await connection.execute(outbox.APPEND_SQL, event_type, None, now, data)
