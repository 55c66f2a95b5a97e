"""Use cases for complaints: facts of a claim, its payment orders, what an office has to bear.

A bank integrates once: these are payment orders like those of cash on delivery. What is asked a
second time under the same natural key is answered, not done again.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking import service as booking
from services.parcels.booking.errors import ParcelNotFound
from services.parcels.cod import repository as takings
from services.parcels.cod.domain import COLLECTED, PLACE_WIRE, shop_account
from services.parcels.commissions import service as commissions
from services.parcels.commissions.errors import DeductionKnown
from services.parcels.compensation import repository
from services.parcels.compensation.errors import NoSuchTransfer, OrderDiffers
from services.parcels.compensation.schemas import (
    DeductionDone,
    FactsOut,
    NewDeduction,
    NewOrder,
    OrderOut,
    VoidOrder,
)
from services.parcels.network.service import Directory
from services.parcels.payees import repository as payees
from services.parcels.payees.models import Payee
from services.parcels.payments import service as payments
from services.parcels.payments.models import PaymentOrder
from services.parcels.payments.schemas import Decision
from services.parcels.payments.service import Wanted
from services.parcels.settlements import service as settlements
from services.parcels.vocabulary import CHANNEL_WIRE, PRODUCT_WIRE, STATUS_WIRE, Channel
from shared import ledger_batch
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.clock import happened_at
from shared.errors import Invalid
from shared.identifiers import barcode_of
from shared.ledger import When

DUE: Final = "compensation/due"
"""What complaints decided is to be paid; its own ledger has it as an expense."""
PAID_FROM: Final = "compensation/bank"


async def facts(session: AsyncSession, offices: Directory, barcode: str) -> FactsOut:
    item_id = await booking.resolve(session, barcode)
    row = await repository.facts(session, item_id)
    if row is None:
        raise ParcelNotFound
    office = offices.by_id.get(row.origin_office or 0)
    return FactsOut(
        barcode=barcode_of(row.item_id),
        partner=row.partner,
        product=PRODUCT_WIRE[row.product],
        channel=CHANNEL_WIRE[row.channel],
        international=row.channel == Channel.INTERNATIONAL,
        status=STATUS_WIRE[row.status],
        version=row.version,
        price_rials=row.price_rials,
        declared_value_rials=row.declared_value_rials,
        cod_rials=row.cod_rials,
        cod_place=None if row.place is None else PLACE_WIRE[row.place],
        cod_taken_at=row.taken_at,
        origin_office=office.code if office else None,
        booked_at=row.booked_at,
        posted_at=row.accepted_at,
        promised_at=row.promised_at,
        ended_at=row.ended_at,
        backfill=row.backfill,
    )


async def order(
    session: AsyncSession, wanted: NewOrder, *, caller: Caller, now: datetime
) -> OrderOut:
    """A payment order for a claim's transfer, once for ever; other terms are refused."""
    when = When(happened_at(caller, wanted.occurred_at, now), now)
    if await repository.claim_key(session, wanted.claim, wanted.transfer, wanted.id):
        payee = await _payee(session, wanted, caller, when)
        debit, credit = await _accounts(session, wanted, now)
        asked = Wanted(
            wanted.id,
            "compensation",
            wanted.beneficiary,
            payee,
            wanted.amount_rials,
            debit,
            credit,
            wanted.expires_at,
        )
        (made,) = await payments.prepare(session, [asked], by=caller.id, when=when)
        return _out(made, created=True)
    known = await repository.ordered(session, wanted.claim, wanted.transfer)
    if known is None:
        raise NoSuchTransfer("the order of this transfer is not there: ask again")
    found, sheba = known
    same = (found.id, found.amount_rials, sheba) == (wanted.id, wanted.amount_rials, wanted.sheba)
    if not same:
        raise OrderDiffers(f"{found.reference} pays another amount or account: look at it")
    return _out(found, created=False)


async def _accounts(session: AsyncSession, wanted: NewOrder, now: datetime) -> tuple[str, str]:
    """Who owes it, and what it is paid from.

    Cash on delivery is paid ahead of its settlement: what is owed to the shop goes down by it, and
    up again if the order comes to nothing (settlements).
    """
    if wanted.cod_of is None:
        await ledger_batch.open_all(session, {DUE: "asset", PAID_FROM: "asset"}, now)
        return DUE, PAID_FROM
    shop = shop_account(wanted.cod_of)
    await ledger_batch.open_all(session, {shop: "liability", COLLECTED: "asset"}, now)
    await takings.open_holders(session, [shop])
    await takings.lock_holders(session, [shop])
    await takings.carry(session, {shop: -wanted.amount_rials})
    await settlements.ahead(session, wanted.id, wanted.cod_of, wanted.amount_rials)
    return shop, COLLECTED


async def _payee(session: AsyncSession, wanted: NewOrder, caller: Caller, when: When) -> UUID:
    """The claim's own account: a partner's settlements go on to be paid where they were."""
    today = tehran_date(when.occurred_at)
    known = await repository.payee_of(session, wanted.claim, wanted.sheba, today)
    if known is not None:
        return known
    made = Payee(
        id=await payees.new_id(session),
        partner=wanted.claim,
        sheba=wanted.sheba,
        holder_name=wanted.holder_name,
        valid_from=today,
        source=f"compensation {wanted.claim}",
        registered_by=caller.id,
        registered_at=when.recorded_at,
    )
    session.add(made)
    await session.flush()
    return made.id


def _out(order: PaymentOrder, *, created: bool) -> OrderOut:
    found: Any = order  # its status is text in the table
    return OrderOut(
        id=found.id,
        reference=found.reference,
        status=found.status,
        version=found.version,
        created=created,
    )


async def void(
    session: AsyncSession,
    key: tuple[UUID, int],
    said: VoidOrder,
    *,
    caller: Caller,
    now: datetime,
) -> OrderOut:
    """Take back what no bank has fetched; what a bank has waits for the bank."""
    known = await repository.ordered(session, *key)
    if known is None:
        raise NoSuchTransfer("this transfer was never ordered")
    decision = Decision(reason=said.reason, occurred_at=said.occurred_at)
    await payments.void(session, caller, known[0].id, decision, now)
    return _out(known[0], created=False)


async def deduct(
    session: AsyncSession,
    offices: Directory,
    wanted: NewDeduction,
    *,
    caller: Caller,
    now: datetime,
) -> DeductionDone:
    """What an office answers for, from its commission; once for a reference."""
    if wanted.amount_rials == 0:
        raise Invalid.field("body.amount_rials", "zero takes nothing: leave it")
    try:
        row = await commissions.bear(session, offices, wanted, caller=caller, now=now)
    except DeductionKnown:
        known = await commissions.known(session, wanted.reference)
        if known is None or known.amount_rials != wanted.amount_rials:
            raise
        row = known
    return DeductionDone(
        office=wanted.office, amount_rials=row.amount_rials, reference=row.reference
    )
