"""Use cases of performance: record what offices did, reverse a record, list, report."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.catalogue.domain import Span
from services.offices.events import performed_event
from services.offices.performance import domain, repository
from services.offices.performance.domain import Record, Service
from services.offices.performance.errors import AlreadyReversed, IsReversal
from services.offices.performance.repository import Row, SumRow
from services.offices.performance.schemas import (
    RecordBatch,
    RecordBatchResult,
    RecordOut,
    RecordResult,
    Refusal,
    Result,
    ServiceStatistics,
)
from services.offices.registry import repository as registry
from shared import outbox, pagination
from shared.auth import Caller
from shared.calendar import Period, tehran_date
from shared.database import driver
from shared.pagination import Page, not_a_cursor

PERFORMED: Final = "service.performed"
REVERSED: Final = "service.reversed"
_NO_ID: Final = UUID(int=0)


@dataclass(slots=True)
class Sorted:
    """A batch sorted before it is recorded: rows to keep, and why others are not kept."""

    rows: dict[UUID, Row]
    refused: dict[UUID, Refusal]


async def record(
    session: AsyncSession, batch: RecordBatch, *, caller: Caller, now: datetime
) -> RecordBatchResult:
    """Each record once, however often and by however many it is sent; the roll-up with it."""
    sent = [Record(**vars(each)) for each in batch.records]
    firsts: dict[UUID, Record] = {}
    for each in sent:
        firsts.setdefault(each.record_id, each)
    connection = await driver(session)
    batch_ = await _sort(connection, firsts.values(), tehran_date(now), caller)
    fresh = await repository.insert(connection, list(batch_.rows.values()), caller.id, now)
    known = await repository.known(connection, batch_.rows.keys() - fresh)
    await _count_and_tell(session, [batch_.rows[key] for key in batch_.rows if key in fresh], now)
    stored = known | {key: batch_.rows[key].record for key in fresh}
    results = _results(sent, batch_, stored, set(fresh))
    return RecordBatchResult(recorded=len(fresh), results=results)


async def _sort(
    connection: asyncpg.Connection, records: Iterable[Record], today: date, caller: Caller
) -> Sorted:
    records = list(records)
    backfills = "backfill" in caller.scopes
    offices = await repository.offices(connection, {each.office for each in records})
    services = {
        code: Service(
            Span(row["valid_from"], row["valid_until"]), row["electronic"], row["at_counter"]
        )
        for code, row in (
            await repository.services(connection, {each.service for each in records})
        ).items()
    }
    ids = [row["id"] for row in offices.values()]
    spans: defaultdict[tuple[int, str], list[Span]] = defaultdict(list)
    for row in await repository.offered(connection, ids, services):
        span = Span(row["valid_from"], row["valid_until"])
        spans[row["office_id"], row["service"]].append(span)
    made = Sorted({}, {})
    for each in records:
        problem = domain.refusal(
            each, offices, services, today, backfills=backfills, at=caller.office
        )
        if problem is not None:
            made.refused[each.record_id] = problem
            continue
        office = offices[each.office]
        flags = domain.flags(each, services[each.service], spans[office["id"], each.service])
        made.rows[each.record_id] = Row(each, office["id"], office["kind"], flags)
    return made


async def _count_and_tell(session: AsyncSession, rows: Sequence[Row], now: datetime) -> None:
    if not rows:
        return
    cells = domain.rolled_up((row.record, row.kind) for row in rows)
    connection = await driver(session)
    await repository.add(connection, cells)
    await repository.add_by_office(connection, [row.record.record_id for row in rows])
    items = (
        {**_fields(row.record), "kind": row.kind, "flags": row.flags, "reverses": None}
        for row in rows
    )
    await outbox.append(session, PERFORMED, performed_event(items), time=now)


def _fields(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in Record.__slots__}


def _results(
    sent: Sequence[Record], batch: Sorted, stored: Mapping[UUID, Record], fresh: set[UUID]
) -> list[RecordResult]:
    """In the order sent; `fresh` is used up, so that a record's second time is a duplicate."""
    results = []
    for each in sent:
        key = each.record_id
        result: Result = "refused"
        problem = batch.refused.get(key)
        if problem is None:
            if stored[key] != each:
                problem = "record_id_reused"
            else:
                result = "recorded" if key in fresh else "duplicate"
                fresh.discard(key)
        kept = batch.rows[key].flags if problem is None else []
        results.append(
            RecordResult.model_validate(
                {"record_id": key, "result": result, "problem": problem, "flags": kept}
            )
        )
    return results


async def reverse(
    session: AsyncSession, record_id: UUID, reason: str, *, caller: Caller, now: datetime
) -> RecordOut:
    """A row of its own with the negative count; a record has one reversal at most."""
    found = await repository.shown(session, record_id)
    caller.require_office(found["office"])
    if found["reverses"] is not None:
        raise IsReversal(f"{record_id} is itself a reversal: record anew what was done")
    made = await repository.reverse(
        session, record_id, reason=reason, recorded_by=caller.id, now=now
    )
    if made is None:
        raise AlreadyReversed(f"{record_id} has been reversed")
    row = await repository.shown(session, made)
    cell = (row["day"], row["service"], row["kind"], row["electronic"])
    connection = await driver(session)
    await repository.add(connection, {cell: row["count"]})
    await repository.add_by_office(connection, [made])
    await outbox.append(session, REVERSED, performed_event([row]), time=now, subject=str(record_id))
    return RecordOut.model_validate(row)


async def listing(
    session: AsyncSession, code: str, days: tuple[date, date], page: Page, *, caller: Caller
) -> tuple[list[RecordOut], str | None]:
    """An office's records by day, reversals among them; to who works there, or at none."""
    caller.require_office(code)
    office = await registry.get(session, code)
    rows = await repository.listing(session, office.id, days, _after(page), page.limit + 1)
    return _cut(rows, page)


async def summed(
    session: AsyncSession, service: str, period: Period, page: Page
) -> tuple[list[RecordOut], str | None]:
    """The records whose counts add up to a service's number in the report of a period."""
    rows = await repository.of_service(session, service, period, _after(page), page.limit + 1)
    return _cut(rows, page)


def _cut(rows: list[dict[str, Any]], page: Page) -> tuple[list[RecordOut], str | None]:
    shown = [RecordOut.model_validate(row) for row in rows]
    return pagination.cut(shown, page, lambda row: [row.day.isoformat(), str(row.record_id)])


def _after(page: Page) -> tuple[date, UUID]:
    match page.after:
        case None:
            return date.min, _NO_ID
        case [str(day), str(record_id)]:
            try:
                return date.fromisoformat(day), UUID(record_id)
            except ValueError:
                raise not_a_cursor() from None
        case _:
            raise not_a_cursor()


async def statistics(session: AsyncSession, period: Period, now: datetime) -> ServiceStatistics:
    """Of delegated services; the roll-up is written with the records, so it is as of now."""
    before = period.previous()
    rows = await repository.sums(session, period, before)
    last = min(period.end - timedelta(days=1), tehran_date(now))
    return ServiceStatistics.model_validate(
        {
            "period": str(period),
            "previous": str(before),
            "as_of": now,
            "services": await repository.in_force(session, last),
            "total": _growth(rows),
            "electronic": _growth([row for row in rows if row.electronic]),
            "by_kind": _by_kind(rows),
            "rows": _by_service(rows),
        }
    )


def _growth(rows: Iterable[SumRow]) -> dict[str, Any]:
    rows = list(rows)
    count, previous = sum(row.count for row in rows), sum(row.previous for row in rows)
    growth = domain.growth_percent(count, previous)
    return {"count": count, "previous_count": previous, "growth_percent": growth}


def _by_kind(rows: Iterable[SumRow]) -> list[dict[str, Any]]:
    counts: Counter[str] = Counter()
    previous: Counter[str] = Counter()
    for row in rows:
        counts[row.kind] += row.count
        previous[row.kind] += row.previous
    return [
        {"kind": kind, "count": counts[kind], "previous_count": previous[kind]}
        for kind in sorted(counts)
    ]


def _by_service(rows: Iterable[SumRow]) -> list[dict[str, Any]]:
    """Those with anything in either year, most performed first."""
    of: defaultdict[str, list[SumRow]] = defaultdict(list)
    for row in rows:
        of[row.service].append(row)
    found = [
        {"service": code, "name": each[0].name, "principal": each[0].principal, **_growth(each)}
        for code, each in of.items()
    ]
    found = [row for row in found if row["count"] or row["previous_count"]]
    return sorted(found, key=lambda row: (-row["count"], row["service"]))
