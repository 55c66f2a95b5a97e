"""Use cases of quotes: what something costs or would have cost, and holding that price."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.events import QUOTE_HELD, quote_event
from services.parcels.quotes import domain, repository
from services.parcels.quotes.domain import Held
from services.parcels.quotes.errors import QuoteExpired, QuoteMismatch, QuoteNotFound
from services.parcels.quotes.models import Quote
from services.parcels.quotes.schemas import Asked, QuoteBody, QuoteRequest
from services.parcels.tariff.domain import Consignment, charged_distance
from services.parcels.tariff.service import Tariff
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import day_start, tehran_date
from shared.clock import Clock, world_now
from shared.database import Database
from shared.errors import Invalid
from shared.idempotency import Answer, Once

KEPT: Final = timedelta(days=90)
"""After their hold, for whoever asks why a booking cost what it did."""


def priced(tariff: Tariff, asked: Asked, now: datetime) -> QuoteBody:
    """The price of today or of the day asked for, line by line."""
    wanted = domain.consignment(asked)
    at = now if asked.on is None else day_start(asked.on)
    price = tariff.price(wanted, at)
    return QuoteBody(
        id=None,
        held_until=None,
        on=tehran_date(at),
        product=asked.product,
        weight_g=asked.weight_g,
        distance_class=price.distance,
        price_rials=price.rials,
        tariff_version=price.version,
        lines=domain.explained(price, wanted),
    )


async def quote(
    session: AsyncSession,
    tariff: Tariff,
    asked: QuoteRequest,
    *,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    """200 with the price, or 201 where it is held too."""
    body = priced(tariff, asked, now)
    if not asked.lock:
        return Answer(200, body.model_dump_json().encode())
    caller.require("parcels:book")

    async def make() -> tuple[str, QuoteBody]:
        return await _hold(session, asked, body, caller.account, now)

    return await idempotency.created(session, once, make)


async def _hold(
    session: AsyncSession, asked: QuoteRequest, body: QuoteBody, partner: UUID, now: datetime
) -> tuple[str, QuoteBody]:
    held = Quote(
        id=uuid4(),
        partner=partner,
        asked=asked.model_dump(mode="json"),
        distance=body.distance_class.value,
        version=body.tariff_version,
        priced_on=body.on,
        price_rials=body.price_rials,
        lines=[line.model_dump() for line in body.lines],
        held_from=now,
        held_until=now + domain.HELD,
    )
    session.add(held)
    await session.flush()
    await outbox.append(session, QUOTE_HELD, quote_event(held), time=now, subject=str(held.id))
    return f"/v1/quotes/{held.id}", _body(held)


async def get(session: AsyncSession, caller: Caller, quote_id: UUID) -> QuoteBody:
    held = await repository.get_own(session, caller.account, quote_id)
    if held is None:
        raise QuoteNotFound
    return _body(held)


def _body(held: Quote) -> QuoteBody:
    fields: dict[str, Any] = {
        "id": held.id,
        "held_until": held.held_until,
        "on": held.priced_on,
        "product": held.asked["product"],
        "weight_g": held.asked["weight_g"],
        "distance_class": held.distance,
        "price_rials": held.price_rials,
        "tariff_version": held.version,
        "lines": held.lines,
    }
    return QuoteBody.model_validate(fields)


def check(tariff: Tariff, held: Held | None, wanted: Consignment, at: datetime) -> Held:
    """The quote, if it holds at `at` for this consignment."""
    if held is None:
        raise Invalid.field("body.quote", "you hold no quote of this id")
    if at >= held.held_until:
        raise QuoteExpired(f"quote {held.id} was held until {held.held_until:%Y-%m-%dT%H:%M:%SZ}")
    version = tariff.version(held.version)
    charged = wanted.distance if version is None else charged_distance(version, wanted)
    if found := domain.differences(held, wanted, charged):
        raise QuoteMismatch(f"quote {held.id} was for another {', '.join(found)}: ask anew")
    return held


async def forget_old(database: Database, clock: Clock) -> None:
    """Forget all quotes that nobody can need, a bounded transaction at a time."""
    forgotten = repository.FORGET_ROWS
    while forgotten == repository.FORGET_ROWS:
        async with database.transaction() as session:
            now = await world_now(session, clock)
            forgotten = await repository.forget(session, now - KEPT)
