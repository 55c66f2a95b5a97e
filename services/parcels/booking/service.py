"""Use cases of booking: book one, book many, look up, list, cancel."""

import json
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, assert_never

import asyncpg
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking import domain, repository
from services.parcels.booking.errors import (
    NotCancellable,
    ParcelNotFound,
    ReferenceInUse,
)
from services.parcels.booking.models import Parcel
from services.parcels.booking.pricing import (
    Priced,
    give_ids,
    known_of,
    price_one,
    price_valid,
    validated,
)
from services.parcels.booking.repository import Filter, Outcome
from services.parcels.booking.schemas import Booking, ParcelBody
from services.parcels.caches import Desk
from services.parcels.events import CANCELLED, CancelledItem
from services.parcels.network.service import Directory
from services.parcels.postage import repository as accounts
from services.parcels.postage.domain import afford
from services.parcels.vocabulary import (
    CHANNEL_WIRE,
    PRODUCT_WIRE,
    STATUS_WIRE,
    Payer,
    Status,
)
from shared import outbox
from shared.auth import Caller
from shared.database import Database
from shared.errors import Problem
from shared.idempotency import KEEP_MONEY, Answer, Once, fingerprint, in_flight, reused
from shared.identifiers import (
    S10,
    Malformed,
    OtherPost,
    Ours,
    barcode_of,
    format_barcode,
    parse_barcode,
    s10_item_ids,
)
from shared.pagination import Page, cut

_TRIES: Final = 3


async def book(desk: Desk, order: Booking, effect: Once) -> Answer:
    """Book one item; the answer is stored with the booking and replayed byte for byte."""
    partner = desk.caller.account
    priced = await price_one(desk, partner, order)
    body = to_json(domain.answer(priced.item_id, order, priced.terms, effect.now))
    headers = {"Location": f"/v1/parcels/{format_barcode(priced.item_id)}"}
    rows = _rows(partner, [priced])
    answer = (body, json.dumps(headers))
    if priced.terms.account is None:
        outcome = await _until_settled(desk.database, effect, partner, rows, answer)
    else:
        outcome = await _from_account(desk.database, effect, partner, priced, (rows, answer))
    if (replay := _replay(outcome, effect)) is not None:
        return replay
    if not outcome.good:
        async with desk.database.acquire() as connection:
            # the key may have been stored after that statement's snapshot: look with a new one
            again = await repository.book(connection, effect, partner, [_no_row()], None)
            if (replay := _replay(again, effect)) is not None:
                return replay
            raise (await _refusals(connection, partner, [priced], outcome))[0]
    return Answer(201, body, headers)


async def book_within(
    connection: asyncpg.Connection, desk: Desk, partner: uuid.UUID, order: Booking, effect: Once
) -> Priced:
    """Book one item in the caller's transaction, whose business it is that this happens once."""
    priced = await price_one(desk, partner, order)
    (found,) = await _affordable(connection, partner, [priced])
    if isinstance(found, Problem):
        raise found
    rows = _rows(partner, [priced])
    outcome = await repository.book(connection, effect, partner, rows, None)
    if not outcome.good:
        raise (await _refusals(connection, partner, [priced], outcome))[0]
    await _draw(connection, partner, [priced])
    return priced


async def book_many(desk: Desk, orders: Sequence[Any], effect: Once) -> Answer:
    """Book the good items of a batch, set-wise; each item has a result, in the order sent."""
    partner = desk.caller.account
    await desk.caches.tariff.fresh()
    await desk.caches.directory.fresh()
    await desk.caches.limits.fresh()
    await desk.caches.promises.fresh(desk.database)
    valid = [validated(order) for order in orders]
    known = await known_of(desk, partner, [o for o in valid if isinstance(o, Booking)])
    checked = [price_valid(desk, order, known) for order in valid]
    await give_ids(desk.caches, checked)
    for attempt in range(_TRIES):
        try:
            async with (
                desk.database.acquire() as connection,
                connection.transaction(),
            ):
                # plans by the arrays' real lengths: a generic plan would join them in loops
                await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
                return await _book_rows(connection, effect, partner, checked)
        except asyncpg.UniqueViolationError:  # another request stored this key meanwhile
            if attempt == _TRIES - 1:
                raise in_flight() from None
    raise in_flight()


async def _book_rows(
    connection: asyncpg.Connection,
    effect: Once,
    partner: uuid.UUID,
    checked: Sequence["Priced | Problem"],
) -> Answer:
    if any(isinstance(item, Priced) and item.terms.account for item in checked):
        checked = await _affordable(connection, partner, checked)
    priced = [item for item in checked if isinstance(item, Priced)]
    rows = _rows(partner, priced)
    outcome = await repository.book(connection, effect, partner, rows or [_no_row()], None)
    if (replay := _replay(outcome, effect)) is not None:
        return replay
    await _draw(connection, partner, [priced[n] for n in outcome.good])
    refused = [item for n, item in enumerate(priced) if n not in outcome.good]
    problems = await _refusals(connection, partner, refused, outcome, priced)
    refusal_of = {item.item_id: problem for item, problem in zip(refused, problems, strict=True)}
    results: list[dict[str, Any]] = []
    for index, item in enumerate(checked):
        problem = item if isinstance(item, Problem) else refusal_of.get(item.item_id)
        if problem is not None:
            results.append({"index": index, "status": problem.status, "problem": problem.as_dict()})
        elif isinstance(item, Priced):
            parcel = domain.answer(item.item_id, item.order, item.terms, effect.now)
            results.append({"index": index, "status": 201, "parcel": parcel})
    booked = len(outcome.good)
    body = to_json({"booked": booked, "failed": len(results) - booked, "results": results})
    await repository.store_answer(connection, effect, 200, body)
    return Answer(200, body)


async def _until_settled(
    database: Database,
    effect: Once,
    partner: uuid.UUID,
    rows: Sequence[tuple[Any, ...]],
    answer: tuple[bytes, str],
) -> Outcome:
    """The booking statement; once more where another request stored the key after our snapshot."""
    for _ in range(_TRIES):
        try:
            async with database.acquire() as connection:
                return await repository.book(connection, effect, partner, rows, answer)
        except asyncpg.UniqueViolationError:
            continue
    raise in_flight()


async def _from_account(
    database: Database,
    effect: Once,
    partner: uuid.UUID,
    item: Priced,
    booking: tuple[Sequence[tuple[Any, ...]], tuple[bytes, str]],
) -> Outcome:
    """Book one item from an account that has to bear it; what was answered before is replayed."""
    rows, answer = booking
    for _ in range(_TRIES):
        try:
            async with (
                database.acquire() as connection,
                connection.transaction(),
            ):
                (found,) = await _affordable(connection, partner, [item])
                if isinstance(found, Problem):
                    outcome = await repository.book(connection, effect, partner, [_no_row()], None)
                    if outcome.known is None and outcome.free:
                        raise found
                    return outcome
                outcome = await repository.book(connection, effect, partner, rows, answer)
                await _draw(connection, partner, [item] if outcome.good else [])
                return outcome
        except asyncpg.UniqueViolationError:
            continue
    raise in_flight()


async def _affordable(
    connection: asyncpg.Connection, partner: uuid.UUID, checked: Sequence["Priced | Problem"]
) -> list["Priced | Problem"]:
    """With the accounts locked: what they cannot bear, in the order sent, becomes a refusal."""
    priced = [item for item in checked if isinstance(item, Priced)]
    kinds = {item.terms.account for item in priced if item.terms.account is not None}
    available = await accounts.lock_funds(connection, partner, kinds)
    wanted = [(item.terms.account, item.terms.price_rials) for item in priced]
    good = iter(afford(wanted, available))
    return [
        domain.short(item.order, item.terms, available)
        if isinstance(item, Priced) and not next(good)
        else item
        for item in checked
    ]


async def _draw(
    connection: asyncpg.Connection, partner: uuid.UUID, booked: Sequence[Priced]
) -> None:
    drawn: Counter[Payer] = Counter()
    for item in booked:
        if item.terms.account is not None:
            drawn[item.terms.account] += item.terms.price_rials
    await accounts.draw(connection, partner, drawn)


def _replay(outcome: Outcome, effect: Once) -> Answer | None:
    known = outcome.known
    if known is not None:
        if known["fingerprint"] != fingerprint(effect.payload):
            raise reused()
        return Answer(known["status"], known["body"], json.loads(known["headers"]))
    if not outcome.free:
        raise in_flight()
    return None


def _rows(partner: uuid.UUID, items: Sequence[Priced]) -> list[tuple[Any, ...]]:
    plain = all(domain.is_plain(item.order, item.terms) for item in items)
    return [
        _row(partner, item)
        if plain
        else (*_row(partner, item), *domain.wishes(item.order, item.terms))
        for item in items
    ]


def _row(partner: uuid.UUID, item: Priced) -> tuple[Any, ...]:
    event = domain.event_item(item.item_id, partner, item.order, item.terms)
    return domain.row(item.item_id, item.order, item.terms, to_json(event).decode())


def _no_row() -> tuple[Any, ...]:
    """A row of a closed office: for a batch in which nothing can be booked."""
    return (0, *(None,) * 23)


async def _refusals(
    connection: asyncpg.Connection,
    partner: uuid.UUID,
    refused: Sequence[Priced],
    outcome: Outcome,
    priced: Sequence[Priced] | None = None,
) -> list[Problem]:
    """Why the statement left these out: the office may not, or the reference is in use."""
    every = priced if priced is not None else refused
    closed = {every[n].item_id: every[n].terms for n in outcome.closed if n < len(every)}
    offices = {terms.office_id for terms in closed.values()}
    counters = await repository.counters(connection, offices) if offices else {}
    references = [item.order.reference for item in refused if item.order.reference]
    holders = (
        await repository.items_of_references(connection, partner, references) if references else {}
    )
    problems: list[Problem] = []
    for item in refused:
        if item.item_id in closed:
            counter = counters[item.terms.office_id]
            problems.append(domain.refusal(counter, item.order, item.terms.booked_at))
        else:
            holder = holders.get(item.order.reference or "")
            barcode = format_barcode(holder) if holder is not None else "another parcel"
            problems.append(
                ReferenceInUse(f"reference {item.order.reference} is in use by {barcode}")
            )
    return problems


def effect_of(caller: Caller, operation: str, key: str, payload: bytes, now: datetime) -> Once:
    return Once(caller.id, operation, key, payload, now, KEEP_MONEY)


async def resolve(session: AsyncSession, barcode: str) -> int:
    """The item id of whatever was typed; ParcelNotFound where it cannot be one."""
    parsed = parse_barcode(barcode)
    match parsed:
        case Ours(item_id=item_id):
            return item_id
        case S10(item_id=first):
            found = await repository.newest_life(session, s10_item_ids(first))
        case OtherPost(code=code):
            found = await repository.item_of_alias(session, code)
        case Malformed():
            found = None
        case _:
            assert_never(parsed)
    if found is None:
        raise ParcelNotFound
    return found


def body_of(parcel: Parcel, directory: Directory) -> ParcelBody:
    office = directory.by_id.get(parcel.origin_office or 0)
    return ParcelBody.model_validate(
        {
            "barcode": barcode_of(parcel.item_id),
            "status": STATUS_WIRE[parcel.status],
            "reference": parcel.reference,
            "product": PRODUCT_WIRE[parcel.product],
            "channel": CHANNEL_WIRE[parcel.channel],
            "weight_g": parcel.weight_g,
            "price_rials": parcel.price_rials,
            "tariff_version": parcel.tariff,
            "origin_office": office.code if office else None,
            "booked_at": parcel.booked_at,
            "promised_at": parcel.promised_at,
            "accepted_at": parcel.accepted_at,
            "ended_at": parcel.ended_at,
            "updated_at": parcel.updated_at,
            "version": parcel.version,
        }
    )


async def get(session: AsyncSession, caller: Caller, barcode: str) -> Parcel:
    item_id = await resolve(session, barcode)
    parcel = await repository.get_own(session, caller.account, item_id)
    if parcel is None:
        raise ParcelNotFound
    return parcel


async def list_parcels(
    session: AsyncSession, caller: Caller, wanted: Filter, page: Page
) -> tuple[list[Parcel], str | None]:
    rows = await repository.list_own(session, caller.account, wanted, page)
    return cut(rows, page, lambda parcel: [str(parcel.item_id)])


async def cancel(session: AsyncSession, caller: Caller, barcode: str, now: datetime) -> Parcel:
    """Cancel before acceptance; a second call finds it cancelled and answers the same."""
    item_id = await resolve(session, barcode)
    parcel = await repository.get_own(session, caller.account, item_id, lock=True)
    if parcel is None:
        raise ParcelNotFound
    if parcel.status == Status.CANCELLED:
        return parcel
    if parcel.status != Status.BOOKED:
        raise NotCancellable(f"the parcel is {STATUS_WIRE[parcel.status]}; recall it instead")
    parcel.status = int(Status.CANCELLED)
    parcel.version += 1
    parcel.ended_at = parcel.updated_at = now
    await session.flush()
    await repository.free_reference(session, parcel)
    item = CancelledItem(
        barcode=format_barcode(item_id),
        partner=str(parcel.partner),
        reference=parcel.reference,
        status=Status.CANCELLED.wire,
        previous=Status.BOOKED.wire,
        cancelled_at=domain.wire_time(now),
        version=parcel.version,
        backfill=parcel.backfill,
    )
    await outbox.append(session, CANCELLED, {"items": [item.model_dump()]}, time=now)
    return parcel
