"""Use cases of pre-advice: what an operator says is coming, against what came.

A list may arrive before its items, among them or after them: items are marked as their scans are
told (a consumer), and what had come before is marked when the list arrives.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.bags.recording import RECEPTACLES_RETURN_AFTER
from services.parcels.caches import Desk
from services.parcels.directions.repository import INBOUND
from services.parcels.exchange import domain, repository
from services.parcels.exchange.errors import PreAdviceExists, PreAdviceNotFound
from services.parcels.exchange.events import (
    PRE_ADVICE_COMPARED,
    PRE_ADVICE_RECEIVED,
    ComparedPreAdvice,
    ReceivedPreAdvice,
    told,
)
from services.parcels.exchange.models import PreAdvice
from services.parcels.exchange.schemas import AdvisedOut, NewPreAdvice, PreAdviceOut
from services.parcels.exchange.service import found_operator
from services.parcels.scanning import repository as scans
from services.parcels.scanning.intake import REUSE_AFTER
from shared import idempotency, outbox
from shared.calendar import tehran_date
from shared.database import driver
from shared.errors import Invalid
from shared.feed import event_items
from shared.idempotency import Answer, Once
from shared.identifiers import (
    S10,
    OtherPost,
    barcode_of,
    item_id_fast,
    parse_barcode,
    parse_s8,
    parse_s9,
    s10_item_ids,
)
from shared.pagination import Page, cut

OPENED: Final = "bag.opened"
_DISPATCH_CHARACTERS: Final = 20


async def receive(
    session: AsyncSession, desk: Desk, wanted: NewPreAdvice, *, once: Once | None
) -> Answer:
    """A list of a dispatch, once per operator, number and year."""
    parsed = [_foreign(n, item.barcode) for n, item in enumerate(wanted.items)]
    others = sorted({code.code for code in parsed if isinstance(code, OtherPost)})
    new_ids = await desk.caches.serials.take(len(others)) if others else []
    now = desk.now

    async def make() -> tuple[str, PreAdviceOut]:
        sender = await found_operator(session, wanted.operator, lock=True)
        year = domain.year_of(parse_s8(wanted.dispatch).year_digit, tehran_date(now).year)
        if await repository.pre_advice_of(session, wanted.dispatch, sender.id, year) is not None:
            raise PreAdviceExists(f"{sender.code} pre-advised {wanted.dispatch} of {year} before")
        row = PreAdvice(
            id=await repository.new_id(session),
            operator=sender.id,
            dispatch=wanted.dispatch,
            year=year,
            items=len(wanted.items),
            received_at=now,
            recorded_by=desk.caller.id,
        )
        session.add(row)
        await session.flush()
        await repository.lock_matching(session)
        connection = await driver(session)
        barcodes = await _barcodes(connection, parsed, others, new_ids)
        if len(set(barcodes)) < len(barcodes):
            raise Invalid.field("body.items", "write each item once")
        seen = await _seen_before(connection, parsed, barcodes, now)
        await _list(connection, row.id, wanted, barcodes, seen, now)
        state = ReceivedPreAdvice(
            id=row.id, operator=sender.code, dispatch=row.dispatch, items=row.items
        )
        data = told("pre_advice", state)
        await outbox.append(session, PRE_ADVICE_RECEIVED, data, time=now, subject=str(row.id))
        return f"/v1/pre-advices/{row.id}", await _out(session, row, sender.code)

    return await idempotency.created(session, once, make)


def _foreign(n: int, text: str) -> S10 | OtherPost:
    code = parse_barcode(text)
    if isinstance(code, S10 | OtherPost):
        return code
    message = getattr(code, "message", "write another post's number: this one is ours")
    raise Invalid.field(f"body.items.{n}.barcode", message)


async def _barcodes(
    connection: Connection,
    parsed: Sequence[S10 | OtherPost],
    others: Sequence[str],
    new_ids: Sequence[int],
) -> list[str]:
    """As events will tell them: other posts' numbers get an item id at their first mention."""
    known = await scans.aliases(connection, others, new_ids) if others else {}
    return [code.code if isinstance(code, S10) else barcode_of(known[code.code]) for code in parsed]


async def _seen_before(
    connection: Connection,
    parsed: Sequence[S10 | OtherPost],
    barcodes: Sequence[str],
    now: datetime,
) -> dict[str, datetime]:
    """When those began that have come already; a number's life of more than a year ago is over."""
    ranges = [
        s10_item_ids(code.item_id) if isinstance(code, S10) else _one(barcode)
        for code, barcode in zip(parsed, barcodes, strict=True)
    ]
    lives = await scans.newest_lives(connection, ranges)
    return {
        barcode: life[1]
        for barcode, life in zip(barcodes, lives, strict=True)
        if life is not None and now - life[1] <= REUSE_AFTER
    }


def _one(barcode: str) -> range:
    item_id = item_id_fast(barcode)
    assert item_id is not None  # noqa: S101 - our own barcode for another post's number
    return range(item_id, item_id + 1)


async def _list(
    connection: Connection,
    advice_id: UUID,
    wanted: NewPreAdvice,
    barcodes: Sequence[str],
    seen: Mapping[str, datetime],
    now: datetime,
) -> None:
    """Write the list, and what came with the dispatch already without being on it."""
    rows = [
        (barcode, item.barcode, item.receptacle, True, seen.get(barcode))
        for barcode, item in zip(barcodes, wanted.items, strict=True)
    ]
    await repository.advise(connection, advice_id, rows)
    since = now - RECEPTACLES_RETURN_AFTER
    came = await repository.came_with(connection, wanted.dispatch, since)
    found = {barcode_of(row["item_id"]): row for row in came}
    await repository.advise(
        connection,
        advice_id,
        [(barcode, barcode, row["receptacle"], False, row["at"]) for barcode, row in found.items()],
    )


async def pre_advices(
    session: AsyncSession, dispatch: str | None, page: Page
) -> tuple[list[PreAdviceOut], str | None]:
    """Newest first."""
    rows = await repository.pre_advices(session, dispatch, page.after_uuid(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row.id)])
    codes = await repository.codes(session, {row.operator for row in shown})
    return [await _out(session, row, codes[row.operator]) for row in shown], cursor


async def pre_advice(session: AsyncSession, advice_id: UUID) -> PreAdviceOut:
    row = await _found(session, advice_id)
    codes = await repository.codes(session, {row.operator})
    return await _out(session, row, codes[row.operator])


async def items(
    session: AsyncSession, advice_id: UUID, state: str | None, page: Page
) -> tuple[list[AdvisedOut], str | None]:
    """By barcode."""
    await _found(session, advice_id)
    rows = await repository.advised(session, advice_id, state, page.after_text(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.barcode])
    return [
        AdvisedOut.model_validate(
            {
                "barcode": row.barcode,
                "code": row.code,
                "receptacle": row.receptacle,
                "state": _state(listed=row.listed, seen=row.seen_at is not None),
                "seen_at": row.seen_at,
            }
        )
        for row in shown
    ], cursor


def _state(*, listed: bool, seen: bool) -> str:
    if not listed:
        return "surplus"
    return "seen" if seen else "missing"


async def _found(session: AsyncSession, advice_id: UUID) -> PreAdvice:
    row = await repository.pre_advice(session, advice_id)
    if row is None:
        raise PreAdviceNotFound("there is no pre-advice of this id")
    return row


async def _out(session: AsyncSession, row: PreAdvice, operator: str) -> PreAdviceOut:
    counts = await repository.counts(session, row.id)
    return PreAdviceOut(
        id=row.id,
        operator=operator,
        dispatch=row.dispatch,
        received_at=row.received_at,
        **counts,
    )


async def on_events(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Consumer: inbound items that were scanned, and receptacles that were opened."""
    seen: dict[str, datetime] = {}
    opened = []
    for event in events:
        if event["type"] == OPENED:
            opened.append(event)
            continue
        for item in event_items(event):
            if item["partner"] == _INBOUND_TEXT and not item.get("withdrawn"):
                at = datetime.fromisoformat(item["occurred_at"])
                seen[item["barcode"]] = min(at, seen.get(item["barcode"], at))
    if not seen and not opened:
        return
    await repository.lock_matching(session)
    if seen:
        await repository.see(await driver(session), seen)
    for event in opened:
        await _compare(session, event)


_INBOUND_TEXT: Final = str(INBOUND)


async def _compare(session: AsyncSession, event: Mapping[str, Any]) -> None:
    """Of a receptacle that was opened: missing and surplus against its dispatch's list."""
    data = event["data"]
    receptacle, at = data["bag"]["receptacle"], datetime.fromisoformat(data["occurred_at"])
    if receptacle is None:
        return
    year = domain.year_of(parse_s9(receptacle).dispatch.year_digit, tehran_date(at).year)
    dispatch = receptacle[:_DISPATCH_CHARACTERS]
    advice = await repository.pre_advice_of(session, dispatch, None, year)
    if advice is None:
        return
    every, here = await repository.listed_in(session, advice.id, receptacle)
    missing = domain.compared(here, data["found"]).missing
    surplus = domain.compared(every, data["found"]).surplus
    rows = [(barcode, barcode, receptacle, False, at) for barcode in surplus]
    await repository.advise(await driver(session), advice.id, rows)
    state = ComparedPreAdvice(
        id=advice.id, dispatch=dispatch, receptacle=receptacle, missing=missing, surplus=surplus
    )
    compared = told("pre_advice", state)
    await outbox.append(session, PRE_ADVICE_COMPARED, compared, time=at, subject=str(advice.id))
