"""Use cases of operators and dispatches: custody ends at a receipted hand-over."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, cast
from uuid import UUID, uuid5

from asyncpg import Record
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.bags import repository as bags
from services.parcels.bags.domain import BagEvent, BagStatus, bag_of, code_of
from services.parcels.bags.recording import apply, lock_items, tell_bags, work_of
from services.parcels.bags.repository import EventRow
from services.parcels.bags.service import named_office
from services.parcels.caches import Desk
from services.parcels.directions import repository as directions
from services.parcels.exchange import domain, repository
from services.parcels.exchange.errors import (
    BagNotReady,
    DispatchesExhausted,
    DispatchNotFound,
    DispatchNotOpen,
    DispatchNotReady,
    OperatorCodeInUse,
    OperatorEnded,
    OperatorNotFound,
    ReceiptInUse,
)
from services.parcels.exchange.events import (
    DISPATCH_CLOSED,
    DISPATCH_CREATED,
    DISPATCH_FILLED,
    DISPATCH_HANDED_OVER,
    OPERATOR_ENDED,
    OPERATOR_REGISTERED,
    DispatchState,
    OperatorState,
    told,
)
from services.parcels.exchange.models import Dispatch, Operator
from services.parcels.exchange.schemas import (
    DispatchBag,
    DispatchInFull,
    DispatchOut,
    HandOver,
    NewDispatch,
    NewOperator,
    OperatorOut,
    SentBags,
)
from services.parcels.network.service import Directory
from services.parcels.scanning.domain import CLOCK_AHEAD, OFFLINE_WINDOW
from services.parcels.scanning.service import tell_all
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.database import driver
from shared.errors import Forbidden, Invalid
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut
from shared.validity import Span

_HANDED_OVER: Final = UUID("0192f0c1-7e57-7035-8000-000000000035")
"""Namespace of the events of hand-overs: one for each bag of a dispatch."""


async def register(
    session: AsyncSession, wanted: NewOperator, *, caller: Caller, once: Once | None, now: datetime
) -> Answer:
    async def make() -> tuple[str, OperatorOut]:
        await repository.lock_name(session, f"operator/{wanted.code}")
        if await repository.operator(session, wanted.code) is not None:
            raise OperatorCodeInUse(f"there is an operator {wanted.code}: choose another code")
        made = Operator(**wanted.model_dump(), recorded_at=now, recorded_by=caller.id)
        session.add(made)
        await session.flush()
        await _tell_operator(session, OPERATOR_REGISTERED, made, now)
        return f"/v1/operators/{made.code}", OperatorOut.model_validate(made)

    return await idempotency.created(session, once, make)


async def operators(session: AsyncSession, page: Page) -> tuple[list[OperatorOut], str | None]:
    rows = await repository.operators(session, page.after_text(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.code])
    return [OperatorOut.model_validate(row) for row in shown], cursor


async def operator(session: AsyncSession, code: str) -> OperatorOut:
    return OperatorOut.model_validate(await found_operator(session, code))


async def end(session: AsyncSession, code: str, on: date, now: datetime) -> OperatorOut:
    """With `on` as its last day."""
    row = await found_operator(session, code, lock=True)
    row.valid_until = Span(row.valid_from, row.valid_until).ended(on, tehran_date(now)).last
    await session.flush()
    await _tell_operator(session, OPERATOR_ENDED, row, now)
    return OperatorOut.model_validate(row)


async def found_operator(session: AsyncSession, code: str, *, lock: bool = False) -> Operator:
    row = await repository.operator(session, code, lock=lock)
    if row is None:
        raise OperatorNotFound(f"there is no operator {code}")
    return row


async def _tell_operator(session: AsyncSession, event: str, row: Operator, now: datetime) -> None:
    data = told("operator", OperatorState.model_validate(row))
    await outbox.append(session, event, data, time=now, subject=row.code)


async def create(
    session: AsyncSession,
    directory: Directory,
    wanted: NewDispatch,
    *,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    """An empty dispatch; an international one has its number from the beginning."""
    caller.require_office(wanted.from_office)

    async def make() -> tuple[str, DispatchInFull]:
        today = tehran_date(now)
        receiver = await _receiver(session, wanted.operator, today)
        made = Dispatch(
            id=await repository.new_id(session),
            from_office=named_office(directory, "body.from_office", wanted.from_office),
            to_office=named_office(directory, "body.to_office", wanted.to_office),
            operator=receiver,
            status="open",
            bags=0,
            created_at=now,
            created_by=caller.id,
            updated_at=now,
            **await _numbered(session, wanted, today.year),
        )
        session.add(made)
        await session.flush()
        return f"/v1/dispatches/{made.id}", await _tell(
            session, directory, DISPATCH_CREATED, made, now
        )

    return await idempotency.created(session, once, make)


async def _receiver(session: AsyncSession, code: str | None, today: date) -> int | None:
    if code is None:
        return None
    row = await repository.operator(session, code)
    if row is None:
        raise Invalid.field("body.operator", f"there is no operator {code}")
    _check_in_force(row, today)
    return row.id


def _check_in_force(row: Operator, today: date) -> None:
    if not Span(row.valid_from, row.valid_until).covers(today):
        raise OperatorEnded(f"operator {row.code} is not one of ours on {today}")


async def _numbered(session: AsyncSession, wanted: NewDispatch, year: int) -> dict[str, Any]:
    parts = wanted.international
    if parts is None:
        return {}
    series = f"{parts.origin}{parts.destination}{parts.category}{parts.subclass}"
    await repository.lock_name(session, f"dispatch/{series}/{year}")
    number = await repository.last_number(session, series, year) + 1
    if number > domain.NUMBER_MAX:
        raise DispatchesExhausted(f"{series} has had {domain.NUMBER_MAX} dispatches in {year}")
    return {"series": series, "year": year, "number": number}


async def dispatches(
    session: AsyncSession,
    directory: Directory,
    page: Page,
    *,
    status: str | None,
    operator_code: str | None,
) -> tuple[list[DispatchOut], str | None]:
    """Newest first."""
    receiver = None if operator_code is None else (await found_operator(session, operator_code)).id
    rows = await repository.dispatches(session, status, receiver, page.after_uuid(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row.id)])
    codes = await repository.codes(session, {r.operator for r in shown if r.operator is not None})
    return [_out(row, directory, codes) for row in shown], cursor


async def get(session: AsyncSession, directory: Directory, dispatch_id: UUID) -> DispatchInFull:
    return await _in_full(session, directory, await _found(session, dispatch_id))


async def fill(
    session: AsyncSession,
    directory: Directory,
    dispatch_id: UUID,
    wanted: SentBags,
    *,
    caller: Caller,
    now: datetime,
) -> DispatchInFull:
    """Closed bags go with an open dispatch; one that is in it already stays."""
    dispatch = await _found(session, dispatch_id, lock=True)
    caller.require_office(directory.code_of(dispatch.from_office))
    if dispatch.status != "open":
        raise DispatchNotOpen(f"the dispatch is {dispatch.status}: create another one")
    connection = await driver(session)
    weights = {bag_of(sent.bag): sent.weight_g for sent in wanted.bags}
    known = await bags.lock(connection, (bag for bag in weights if bag is not None))
    for n, sent in enumerate(wanted.bags):
        _check_bag(n, sent.bag, known.get(bag_of(sent.bag) or -1), dispatch)
    await repository.put_into(
        connection, dispatch.id, {bag: weights[bag] for bag in sorted(known)}, now
    )
    dispatch.bags = len(await repository.content(connection, dispatch.id))
    dispatch.updated_at = now
    if dispatch.bags > domain.RECEPTACLES_MAX:
        raise BagNotReady(f"a dispatch has {domain.RECEPTACLES_MAX} bags at most")
    await session.flush()
    return await _tell(session, directory, DISPATCH_FILLED, dispatch, now)


def _check_bag(n: int, code: str, bag: Record | None, dispatch: Dispatch) -> None:
    if bag is None:
        raise Invalid.field(f"body.bags.{n}.bag", "there is no bag of this number")
    if bag["dispatch"] not in {None, dispatch.id}:
        raise BagNotReady(f"bag {code} goes with another dispatch")
    if bag["status"] in {BagStatus.OPEN, BagStatus.OPENED, BagStatus.HANDED_OVER}:
        raise BagNotReady(f"bag {code} is {BagStatus(bag['status']).wire}: close it first")


async def close(
    session: AsyncSession, directory: Directory, dispatch_id: UUID, *, caller: Caller, now: datetime
) -> DispatchInFull:
    """No bag comes to it any more; in an international one each gets its S9 number."""
    dispatch = await _found(session, dispatch_id, lock=True)
    caller.require_office(directory.code_of(dispatch.from_office))
    if dispatch.status != "open":
        return await _in_full(session, directory, dispatch)
    connection = await driver(session)
    content = await repository.content(connection, dispatch.id)
    if not content:
        raise DispatchNotReady("the dispatch has no bag: put one into it first")
    number = domain.dispatch_number(dispatch.series, dispatch.year, dispatch.number)
    if number is not None:
        await bags.lock(connection, (row["id"] for row in content))
        weights = [row["weight_g"] for row in content]
        if None in weights:
            bag = code_of(content[weights.index(None)]["id"])
            raise DispatchNotReady(f"bag {bag} has no weight: send it again with weight_g")
        named = domain.receptacles(number, weights)
        ids = (row["id"] for row in content)
        await repository.name_receptacles(connection, dict(zip(ids, named, strict=True)), now)
    dispatch.status, dispatch.updated_at = "closed", now
    await session.flush()
    return await _tell(session, directory, DISPATCH_CLOSED, dispatch, now)


async def hand_over(
    session: AsyncSession, desk: Desk, dispatch_id: UUID, wanted: HandOver, *, once: Once
) -> Answer:
    """Our custody of what is in the dispatch ends; a receipt counts once, however often it is sent.

    Locks: the dispatch, the operator, the bags, the items.
    """

    async def work() -> Answer:
        directory = await desk.caches.directory.fresh()
        dispatch = await _found(session, dispatch_id, lock=True)
        desk.caller.require_office(wanted.office)
        if dispatch.status == "handed_over" and dispatch.receipt == wanted.receipt:
            body = await _in_full(session, directory, dispatch)
            return Answer(200, body.model_dump_json().encode())
        if dispatch.operator is None or dispatch.status != "closed":
            raise DispatchNotReady(_why_not(dispatch))
        at = _moment(desk, wanted)
        taker = await repository.operator_by_id(session, dispatch.operator, lock=True)
        _check_in_force(taker, tehran_date(at))
        if await repository.of_receipt(session, taker.id, wanted.receipt) is not None:
            raise ReceiptInUse(f"{taker.code} gave this receipt for another dispatch: check it")
        office = named_office(directory, "body.office", wanted.office)
        await _hand_over_bags(session, desk, dispatch, office, at)
        dispatch.status, dispatch.receipt = "handed_over", wanted.receipt
        dispatch.handed_over_at, dispatch.updated_at = at, desk.now
        await session.flush()
        body = await _tell(session, directory, DISPATCH_HANDED_OVER, dispatch, desk.now)
        return Answer(200, body.model_dump_json().encode())

    return await idempotency.once(session, once, work)


def _why_not(dispatch: Dispatch) -> str:
    if dispatch.operator is None:
        return "the dispatch goes to an office of ours: unload its bags there"
    if dispatch.status == "open":
        return "the dispatch is open: close it first"
    return "the dispatch was handed over under another receipt"


def _moment(desk: Desk, wanted: HandOver) -> datetime:
    at = (wanted.occurred_at or desk.now).astimezone(UTC)
    if at < desk.now - OFFLINE_WINDOW and "backfill" not in desk.caller.scopes:
        raise Forbidden("occurred_at of more than 72 hours ago needs the scope backfill")
    return min(at, desk.now + CLOCK_AHEAD)


async def _hand_over_bags(
    session: AsyncSession, desk: Desk, dispatch: Dispatch, office: int | None, at: datetime
) -> None:
    connection = await driver(session)
    await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
    work = work_of(connection, desk, set())
    content = await repository.content(connection, dispatch.id)
    locked = await bags.lock(connection, (row["id"] for row in content))
    await lock_items(work, locked)
    told_of = []
    for bag in locked:
        row = EventRow(
            bag,
            uuid5(_HANDED_OVER, f"{dispatch.id}/{bag}"),
            BagEvent.HANDED_OVER,
            flagged=False,
            office=office,
            at=at,
            occurred_at=at,
            operator=dispatch.operator,
        )
        told_of.append((row, await apply(work, row) or 0))
        items = await bags.members_at(connection, bag, at)
        await directions.find_out(connection, items)
    await tell_bags(work, told_of, locked)
    await tell_all(work.context, work.effect)


async def _found(session: AsyncSession, dispatch_id: UUID, *, lock: bool = False) -> Dispatch:
    row = await repository.dispatch(session, dispatch_id, lock=lock)
    if row is None:
        raise DispatchNotFound("there is no dispatch of this id")
    return row


async def _tell(
    session: AsyncSession, directory: Directory, event: str, row: Dispatch, now: datetime
) -> DispatchInFull:
    body = await _in_full(session, directory, row)
    state = DispatchState.model_validate(body.model_dump())
    await outbox.append(session, event, told("dispatch", state), time=now, subject=str(row.id))
    return body


async def _in_full(session: AsyncSession, directory: Directory, row: Dispatch) -> DispatchInFull:
    connection = await driver(session)
    content: Sequence[Record] = await repository.content(connection, row.id)
    codes = await repository.codes(session, {row.operator} if row.operator is not None else set())
    return DispatchInFull(
        **_out(row, directory, codes).model_dump(),
        content=[
            DispatchBag(
                bag=code_of(bag["id"]),
                receptacle=bag["receptacle"],
                weight_g=bag["weight_g"],
                items=bag["items"],
            )
            for bag in content
        ],
    )


def _out(row: Dispatch, directory: Directory, codes: Mapping[int, str]) -> DispatchOut:
    def code(number: int | None) -> str | None:
        office = directory.by_id.get(number or 0)
        return office.code if office else None

    number = domain.dispatch_number(row.series, row.year, row.number)
    return DispatchOut(
        id=row.id,
        number=None if number is None else str(number),
        from_office=code(row.from_office),
        to_office=code(row.to_office),
        operator=codes.get(row.operator or 0),
        status=cast("Any", row.status),
        bags=row.bags,
        receipt=row.receipt,
        handed_over_at=row.handed_over_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
