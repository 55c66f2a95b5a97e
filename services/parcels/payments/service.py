"""Use cases of payment orders: prepare, fetch, answer, void, return; nothing is paid twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.payments import domain, repository
from services.parcels.payments.domain import Purpose, Status
from services.parcels.payments.errors import (
    AmountDiffers,
    NotInThisState,
    PaymentOrderNotFound,
    TraceUsed,
)
from services.parcels.payments.events import (
    EXPIRED,
    FETCHED,
    PAID,
    PREPARED,
    REFUSED,
    RETURNED,
    UNKNOWN,
    VOIDED,
    PaymentOrderState,
    orders_event,
)
from services.parcels.payments.models import PaymentOrder
from services.parcels.payments.repository import Filter, Shown
from services.parcels.payments.schemas import (
    Confirmation,
    Decision,
    Fetch,
    Fetched,
    PaymentOrderOut,
    PaymentOrderWithSteps,
    Refusal,
    ReturnedTransfer,
    StepOut,
)
from shared import ledger, outbox
from shared.auth import Caller
from shared.clock import Clock, happened_at, world_now
from shared.database import Database
from shared.ledger import Entry, Reversal, When
from shared.pagination import Page, cut

TICK_ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be paid: `debit` is the account that owes it, `credit` the one it is paid from.

    `id`: a fresh UUID of version 7, so that the oldest orders are paid first. `expires_at`: until
    when a bank may fetch it; None: as long as it takes.
    """

    id: UUID
    purpose: Purpose
    beneficiary: UUID
    payee: UUID
    amount_rials: int
    debit: str
    credit: str
    expires_at: datetime | None = None


async def prepare(
    session: AsyncSession, wanted: Sequence[Wanted], *, by: str, when: When
) -> list[PaymentOrder]:
    """Orders that banks may fetch; their amounts are reserved, so that none is spent twice."""
    made = []
    for one in wanted:
        reference = f"PO-{one.id.hex[-20:].upper()}"
        entry = Entry(
            one.debit, one.credit, one.amount_rials, one.purpose, f"payment/{reference}", when
        )
        order = PaymentOrder(
            id=one.id,
            purpose=one.purpose,
            reference=reference,
            beneficiary=one.beneficiary,
            payee=one.payee,
            amount_rials=one.amount_rials,
            status="prepared",
            version=1,
            transfer=await ledger.reserve(session, entry),
            prepared_at=when.occurred_at,
            expires_at=one.expires_at,
        )
        session.add(order)
        made.append(order)
    await session.flush()
    for order in made:
        await repository.add_step(session, order, by, when.recorded_at)
    await tell(session, PREPARED, made, when.recorded_at)
    return made


async def fetch(session: AsyncSession, caller: Caller, wanted: Fetch, now: datetime) -> Fetched:
    """The oldest prepared orders are this bank's from now on; they wait for its answer."""
    when = _when(caller, wanted.occurred_at, now)
    orders = await repository.lock_prepared(session, wanted.limit)
    for order in orders:
        order.bank, order.fetched_at = caller.account, when.occurred_at
        await _step(session, order, "fetched", by=caller.id, when=when)
    await tell(session, FETCHED, orders, now)
    shown = await repository.show(session, [order.id for order in orders])
    return Fetched(orders=[out(row) for row in shown])


async def confirm(
    session: AsyncSession, caller: Caller, order_id: UUID, said: Confirmation, now: datetime
) -> PaymentOrderOut:
    """The bank has paid. Said again with the same trace number, it is the same payment."""
    order = await _lock_own(session, caller, order_id)
    if said.amount_rials != order.amount_rials:
        raise AmountDiffers(f"{order.amount_rials} rials were ordered: pay that, or refuse")
    if order.trace_number != said.trace_number:
        when = _when(caller, said.occurred_at, now)
        await pay(session, order, said.trace_number, by=caller.id, when=when)
        await tell(session, PAID, [order], now)
    return await _show(session, order)


async def pay(
    session: AsyncSession, order: PaymentOrder, trace: str, *, by: str, when: When
) -> None:
    """What the bank's word that it paid does to a locked order; the caller tells of it."""
    _check(order, "paid")
    if not await repository.claim_trace(session, order, trace, "paid"):
        raise TraceUsed(f"you gave {trace} to another transfer: say this one's own")
    order.trace_number, order.answered_at, order.reason = trace, when.occurred_at, None
    await _step(session, order, "paid", by=by, when=when)
    await ledger.post(session, order.transfer, order.amount_rials, when)


async def refuse(
    session: AsyncSession, caller: Caller, order_id: UUID, said: Refusal, now: datetime
) -> PaymentOrderOut:
    order = await _lock_own(session, caller, order_id)
    if order.status != "refused":
        when = _when(caller, said.occurred_at, now)
        await leave_unpaid(session, order, said.reason, by=caller.id, when=when)
    return await _show(session, order)


async def leave_unpaid(
    session: AsyncSession, order: PaymentOrder, reason: str, *, by: str, when: When
) -> None:
    """A locked order is refused: its amount is free to be ordered again."""
    _check(order, "refused")
    order.answered_at, order.reason = when.occurred_at, reason
    await _step(session, order, "refused", by=by, when=when)
    await ledger.void(session, order.transfer, when)
    await tell(session, REFUSED, [order], when.recorded_at)


async def give_back(
    session: AsyncSession, caller: Caller, order_id: UUID, said: ReturnedTransfer, now: datetime
) -> PaymentOrderOut:
    """A paid transfer came back: reversed, and owed again."""
    order = await _lock_own(session, caller, order_id)
    if order.return_trace_number != said.trace_number:
        when = _when(caller, said.occurred_at, now)
        await undo(session, order, (said.trace_number, said.reason), by=caller.id, when=when)
        await tell(session, RETURNED, [order], now)
    return await _show(session, order)


async def undo(
    session: AsyncSession, order: PaymentOrder, said: tuple[str, str], *, by: str, when: When
) -> None:
    """What a return, by trace number and reason, does to a locked order; the caller tells of it."""
    trace, reason = said
    _check(order, "returned")
    if not await repository.claim_trace(session, order, trace, "returned"):
        raise TraceUsed(f"you gave {trace} to another transfer: say this one's own")
    order.return_trace_number, order.reason = trace, reason
    await _step(session, order, "returned", by=by, when=when)
    reference = f"payment/{order.reference}/returned"
    await ledger.reverse(session, order.transfer, Reversal("payment_returned", reference, when))


async def void(
    session: AsyncSession, caller: Caller, order_id: UUID, said: Decision, now: datetime
) -> PaymentOrderOut:
    """Take an order back that no bank has fetched."""
    order = await lock(session, order_id)
    if order.status != "voided":
        _check(order, "voided")
        order.reason = said.reason
        when = _when(caller, said.occurred_at, now)
        await _step(session, order, "voided", by=caller.id, when=when)
        await ledger.void(session, order.transfer, when)
        await tell(session, VOIDED, [order], now)
    return await _show(session, order)


async def mark_unanswered(database: Database, clock: Clock) -> None:
    """Timer: what a bank fetched long ago and did not answer is `unknown`, and still the bank's."""
    found = TICK_ROWS
    while found == TICK_ROWS:
        async with database.transaction() as session:
            now = await world_now(session, clock)
            orders = await repository.lock_unanswered(
                session, now - domain.UNANSWERED_AFTER, TICK_ROWS
            )
            for order in orders:
                await _step(session, order, "unknown", by="timer", when=When(now, now))
            await tell(session, UNKNOWN, orders, now)
            found = len(orders)


async def expire_unfetched(database: Database, clock: Clock) -> None:
    """Timer: what no bank fetched in its time is `expired`, and its amount free again."""
    found = TICK_ROWS
    while found == TICK_ROWS:
        async with database.transaction() as session:
            now = await world_now(session, clock)
            orders = await repository.lock_expiring(session, now, TICK_ROWS)
            for order in orders:
                await _step(session, order, "expired", by="timer", when=When(now, now))
                await ledger.void(session, order.transfer, When(now, now))
            await tell(session, EXPIRED, orders, now)
            found = len(orders)


def _when(caller: Caller, told: datetime | None, now: datetime) -> When:
    return When(happened_at(caller, told, now), now)


async def lock(session: AsyncSession, order_id: UUID) -> PaymentOrder:
    order = await repository.lock(session, order_id)
    if order is None:
        raise PaymentOrderNotFound
    return order


async def _lock_own(session: AsyncSession, caller: Caller, order_id: UUID) -> PaymentOrder:
    order = await repository.lock(session, order_id, bank=caller.account)
    if order is None:
        raise PaymentOrderNotFound
    return order


def _check(order: PaymentOrder, then: Status) -> None:
    status: Any = order.status
    if not domain.may(status, then):
        raise NotInThisState(f"the order is {order.status}: it cannot become {then}")


async def _step(
    session: AsyncSession, order: PaymentOrder, status: Status, *, by: str, when: When
) -> None:
    order.status = status
    order.version += 1
    await session.flush()
    await repository.add_step(session, order, by, when.occurred_at)


async def tell(
    session: AsyncSession,
    event_type: str,
    orders: Sequence[PaymentOrder | PaymentOrderState],
    now: datetime,
) -> None:
    """One row for all that changed together; none where nothing did."""
    if orders:
        await outbox.append(session, event_type, orders_event(orders), time=now)


async def _show(session: AsyncSession, order: PaymentOrder) -> PaymentOrderOut:
    await session.flush()
    (row,) = await repository.show(session, [order.id])
    return out(row)


async def get(session: AsyncSession, order_id: UUID) -> PaymentOrderWithSteps:
    """With every step, who decided it and why."""
    rows = await repository.show(session, [order_id])
    if not rows:
        raise PaymentOrderNotFound
    steps = [
        StepOut(**{name: getattr(step, name) for name in StepOut.model_fields})
        for step in await repository.steps(session, order_id)
    ]
    return PaymentOrderWithSteps(**out(rows[0]).model_dump(), steps=steps)


async def listing(
    session: AsyncSession, wanted: Filter, page: Page
) -> tuple[list[PaymentOrderOut], str | None]:
    rows = await repository.listing(session, wanted, page.after_uuid(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row[0].id)])
    return [out(row) for row in shown], cursor


def out(row: Shown) -> PaymentOrderOut:
    order, sheba, holder_name = row
    own = PaymentOrderOut.model_fields.keys() - {"sheba", "holder_name"}
    facts = {name: getattr(order, name) for name in own}
    return PaymentOrderOut(sheba=sheba, holder_name=holder_name, **facts)
