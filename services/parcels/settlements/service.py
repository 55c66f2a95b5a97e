"""Use cases of settlements: order what is due to be paid, follow what became of the orders."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.cod import repository as takings
from services.parcels.cod.domain import COLLECTED, Place, shop_account
from services.parcels.payees import repository as payees
from services.parcels.payees.models import Payee
from services.parcels.payments import service as payments
from services.parcels.payments.models import PaymentOrder
from services.parcels.payments.service import Wanted
from services.parcels.settlements import domain, repository
from services.parcels.settlements.models import CodSettlement
from services.parcels.settlements.schemas import (
    PARTNERS_MAX,
    NewSettlements,
    OwnSettlement,
    Settled,
    SettlementsOut,
    Skipped,
)
from shared import ledger_batch
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.clock import happened_at
from shared.feed import event_items
from shared.idempotency import Once
from shared.ledger import When
from shared.pagination import Page, cut


async def settle(
    session: AsyncSession, wanted: NewSettlements, *, caller: Caller, once: Once
) -> SettlementsOut:
    """A payment order for each partner to whom something is due and whose account is known."""
    when = When(happened_at(caller, wanted.occurred_at, once.now), once.now)
    partners = set(wanted.partners or ())
    more = None
    if wanted.partners is None:
        due = await repository.due_partners(session, wanted.after, PARTNERS_MAX)
        partners, more = set(due), due[-1] if len(due) == PARTNERS_MAX else None
    accounts = {shop_account(partner): partner for partner in partners}
    carried = await takings.lock_holders(session, accounts)
    known = await payees.in_force(session, partners, tehran_date(when.occurred_at))
    asked: list[tuple[CodSettlement, Wanted]] = []
    skipped: list[Skipped] = []
    for account, partner in sorted(accounts.items()):
        found = await _order_takings(session, partner, carried.get(account, 0), known)
        if isinstance(found, Skipped):
            skipped.append(found)
        else:
            asked.append(found)
    settled = await _prepare(session, asked, caller, when)
    return SettlementsOut(settled=settled, skipped=skipped, next=more)


async def _order_takings(
    session: AsyncSession, partner: UUID, carried: int, known: Mapping[UUID, Payee]
) -> tuple[CodSettlement, Wanted] | Skipped:
    """What a locked partner is to be paid, its takings ordered; or why it is not."""
    mark = await repository.new_mark(session)
    moved = await takings.move(session, partner, (Place.DUE, Place.ORDERED), mark)
    amount = moved.rials + carried
    payee = known.get(partner)
    reason = domain.skipped(amount, has_payee=payee is not None)
    if reason is not None or payee is None:
        await takings.settle_ordered(session, mark, paid=False)
        return Skipped(partner=partner, due_rials=amount, reason=reason or "no_payee")
    settlement = CodSettlement(
        payment_order=mark,
        partner=partner,
        items=moved.items,
        items_rials=moved.rials,
        carried_rials=carried,
        status="open",
    )
    order = Wanted(
        mark, "cod_settlement", partner, payee.id, amount, shop_account(partner), COLLECTED
    )
    return settlement, order


async def _prepare(
    session: AsyncSession,
    asked: Sequence[tuple[CodSettlement, Wanted]],
    caller: Caller,
    when: When,
) -> list[Settled]:
    if not asked:
        return []
    await ledger_batch.open_all(session, {COLLECTED: "asset"}, when.recorded_at)
    orders = await payments.prepare(
        session, [wanted for _, wanted in asked], by=caller.id, when=when
    )
    session.add_all([settlement for settlement, _ in asked])
    await session.flush()
    await takings.carry(
        session, {shop_account(made.partner): -made.carried_rials for made, _ in asked}
    )
    return [_settled(made, order) for (made, _), order in zip(asked, orders, strict=True)]


async def ahead(session: AsyncSession, order: UUID, partner: UUID, rials: int) -> None:
    """An order that pays a locked partner what it is owed, without naming takings."""
    session.add(
        CodSettlement(
            payment_order=order,
            partner=partner,
            items=0,
            items_rials=0,
            carried_rials=rials,
            status="open",
        )
    )
    await session.flush()


async def on_orders(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Consumer of `payment_order.*`: takings are paid with their order, or due again without."""
    items = [item for event in events for item in event_items(event)]
    await takings.lock_holders(session, _accounts(items))
    for item in items:
        settlement = await repository.lock(session, UUID(item["id"]))
        if settlement is None:
            continue
        if item["status"] == "paid" and settlement.status == "open":
            await takings.settle_ordered(session, settlement.payment_order, paid=True)
            settlement.status = "paid"
        elif item["status"] in domain.UNDOING and settlement.status != "undone":
            await _undo(session, settlement)
        await session.flush()


def _accounts(items: Collection[Mapping[str, Any]]) -> set[str]:
    return {shop_account(UUID(item["beneficiary"])) for item in items}


async def _undo(session: AsyncSession, settlement: CodSettlement) -> None:
    again = await takings.settle_ordered(session, settlement.payment_order, paid=False)
    amount = settlement.items_rials + settlement.carried_rials
    left = domain.left_over(amount, again.rials)
    await takings.carry(session, {shop_account(settlement.partner): left})
    settlement.status = "undone"


async def own(
    session: AsyncSession, caller: Caller, page: Page
) -> tuple[list[OwnSettlement], str | None]:
    rows = await repository.own(session, caller.account, page.after_uuid(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row[0].payment_order)])
    return [_own(row) for row in shown], cursor


def _own(row: Row[CodSettlement, PaymentOrder]) -> OwnSettlement:
    settlement, order = row
    return OwnSettlement(
        status=order.status,
        trace_number=order.trace_number,
        prepared_at=order.prepared_at,
        answered_at=order.answered_at,
        **_settled(settlement, order).model_dump(),
    )


def _settled(settlement: CodSettlement, order: PaymentOrder) -> Settled:
    return Settled(
        payment_order=settlement.payment_order,
        reference=order.reference,
        partner=settlement.partner,
        items=settlement.items,
        items_rials=settlement.items_rials,
        carried_rials=settlement.carried_rials,
        amount_rials=order.amount_rials,
    )
