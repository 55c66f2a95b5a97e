"""Use cases of counted mail: record, take back, list, report apart from what is scanned."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Record
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.bags.domain import bag_of, code_of
from services.parcels.bags.recording import office_id
from services.parcels.bags.service import named_office
from services.parcels.counted import domain, repository
from services.parcels.counted.errors import ConsignmentNotFound, ConsignmentReversed
from services.parcels.counted.events import COUNTED_RECORDED, COUNTED_REVERSED, CountedItem
from services.parcels.counted.models import CountedConsignment
from services.parcels.counted.repository import NewRow
from services.parcels.counted.schemas import (
    ConsignmentIn,
    ConsignmentOut,
    ConsignmentResult,
    ConsignmentResults,
    CountedReport,
    CountedRow,
)
from services.parcels.network.service import Directory
from services.parcels.statistics.domain import growth_percent
from services.parcels.vocabulary import PRODUCT_BY_WIRE, PRODUCT_WIRE
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import Period, tehran_date
from shared.database import driver
from shared.fields import Day
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut, not_a_cursor

_CURSOR: Final = TypeAdapter[tuple[date, UUID]](tuple[Day, UUID])


async def record(
    session: AsyncSession,
    directory: Directory,
    sent: Sequence[ConsignmentIn],
    *,
    caller: Caller,
    now: datetime,
) -> ConsignmentResults:
    """A batch, a result each; what was counted under its reference before is a duplicate."""
    connection = await driver(session)
    named = [bag for one in sent if one.bag and (bag := bag_of(one.bag)) is not None]
    bags = await repository.existing_bags(connection, named)
    rows: dict[int, NewRow] = {}
    faults: dict[int, str] = {}
    for n, one in enumerate(sent):
        fault = _fault(one, directory, bags, caller, now)
        if fault is None:
            rows[n] = _row(one, directory)
        else:
            faults[n] = fault
    added = await repository.add(connection, list(rows.values()), now, caller.id) if rows else []
    await _tell(session, directory, COUNTED_RECORDED, added, now)
    keys = list({row.key for row in rows.values()})
    known = await repository.known(connection, keys) if keys else {}
    fresh = {(row["office"], row["reference"]) for row in added}
    results = []
    for n, one in enumerate(sent):
        result, found = ("refused", None) if n in faults else _result(rows[n], known, fresh)
        results.append(
            ConsignmentResult.model_validate(
                {
                    "reference": one.reference,
                    "result": result,
                    "id": found,
                    "detail": faults.get(n),
                }
            )
        )
    return ConsignmentResults(recorded=len(added), results=results)


def _fault(
    one: ConsignmentIn, directory: Directory, bags: set[int], caller: Caller, now: datetime
) -> str | None:
    for name, code in (("office", one.office), ("to_office", one.to_office)):
        if code is not None and office_id(directory, code) is None:
            return f"{name}: there is no office {code}"
    if caller.office not in {None, one.office}:
        return f"office: you act for office {caller.office} only"
    if one.bag is not None and bag_of(one.bag) not in bags:
        return "bag: there is no bag of this number"
    backfills = "backfill" in caller.scopes
    return domain.day_fault(one.day, tehran_date(now), backfills=backfills)


def _row(one: ConsignmentIn, directory: Directory) -> NewRow:
    office = office_id(directory, one.office)
    assert office is not None  # noqa: S101 - _fault looked
    return NewRow(
        office,
        one.reference,
        int(PRODUCT_BY_WIRE[one.product]),
        one.kind,
        domain.number_of(one.direction),
        None if one.to_office is None else office_id(directory, one.to_office),
        None if one.bag is None else bag_of(one.bag),
        one.day,
        one.items,
        one.weight_g,
    )


def _result(
    row: NewRow, known: dict[tuple[int, str], Record], fresh: set[tuple[int, str]]
) -> tuple[str, UUID]:
    """The first of a reference in a batch is the one recorded."""
    found = known[row.key]
    names = ("product", "kind", "direction", "to_office", "bag", "day", "items", "weight_g")
    same = all(found[name] == getattr(row, name) for name in names)
    if not same:
        return "conflict", found["id"]
    if row.key in fresh:
        fresh.remove(row.key)
        return "recorded", found["id"]
    return "duplicate", found["id"]


async def reverse(
    session: AsyncSession,
    directory: Directory,
    consignment: UUID,
    *,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    """Take a consignment back by another; the count of its day goes down again."""

    async def make() -> tuple[str, ConsignmentOut]:
        found = await repository.get(session, consignment)
        if found is None or found.reverses is not None:
            raise ConsignmentNotFound("there is no consignment of this id to take back")
        caller.require_office(directory.code_of(found.office))
        back = NewRow(
            found.office,
            f"reversal of {found.id}",
            found.product,
            found.kind,
            found.direction,
            found.to_office,
            found.bag,
            found.day,
            found.items,
            found.weight_g,
            found.id,
        )
        added = await repository.add(await driver(session), [back], now, caller.id)
        if not added:
            raise ConsignmentReversed("the consignment is taken back already")
        await _tell(session, directory, COUNTED_REVERSED, added, now)
        return f"/v1/counted/{added[0]['id']}", _out(added[0], directory)

    return await idempotency.created(session, once, make)


async def _tell(
    session: AsyncSession,
    directory: Directory,
    event: str,
    rows: Sequence[Record],
    now: datetime,
) -> None:
    if rows:
        items = [
            CountedItem.model_validate(_out(row, directory).model_dump(mode="json")) for row in rows
        ]
        data = {"items": [item.model_dump(mode="json") for item in items]}
        await outbox.append(session, event, data, time=now)


async def get(session: AsyncSession, directory: Directory, consignment: UUID) -> ConsignmentOut:
    found = await repository.get(session, consignment)
    if found is None:
        raise ConsignmentNotFound("there is no consignment of this id")
    return _out(_mapping(found), directory)


async def listing(
    session: AsyncSession,
    directory: Directory,
    page: Page,
    *,
    office: str | None,
    day: date | None,
) -> tuple[list[ConsignmentOut], str | None]:
    """Newest day first."""
    wanted = named_office(directory, "query.office", office)
    rows = await repository.listing(session, wanted, day, _after(page), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.day.isoformat(), str(row.id)])
    return [_out(_mapping(row), directory) for row in shown], cursor


def _after(page: Page) -> tuple[date, UUID] | None:
    try:
        return None if page.after is None else _CURSOR.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None


async def report(session: AsyncSession, period: Period) -> CountedReport:
    before = period.previous()
    rows = [dict(row) for row in await repository.report(await driver(session), period, before)]
    items, previous = _sum(rows, "items"), _sum(rows, "previous_items")
    return CountedReport(
        period=str(period),
        previous=str(before),
        items=items,
        previous_items=previous,
        growth_percent=growth_percent(items, previous),
        rows=[
            CountedRow.model_validate(
                row
                | {
                    "product": PRODUCT_WIRE[row["product"]],
                    "direction": domain.way_of(row["direction"]),
                    "growth_percent": growth_percent(row["items"], row["previous_items"]),
                }
            )
            for row in rows
            if row["items"] or row["previous_items"]
        ],
    )


def _sum(rows: Iterable[dict[str, Any]], name: str) -> int:
    return sum(row[name] for row in rows)


def _mapping(row: CountedConsignment) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in CountedConsignment.__table__.c}


def _out(row: Record | dict[str, Any], directory: Directory) -> ConsignmentOut:
    def code(number: int | None) -> str | None:
        office = directory.by_id.get(number or 0)
        return office.code if office else None

    return ConsignmentOut.model_validate(
        dict(row)
        | {
            "office": code(row["office"]),
            "to_office": code(row["to_office"]),
            "product": PRODUCT_WIRE[row["product"]],
            "direction": domain.way_of(row["direction"]),
            "bag": None if row["bag"] is None else code_of(row["bag"]),
        }
    )
