"""Use cases of payouts: order one, follow what became of its payment order.

The ledger holds the amount from the order on; the payment order's outcome posts it or frees it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.chargebacks import service as charge_backs
from services.complaints.claims import life
from services.complaints.claims import repository as claim_rows
from services.complaints.claims import service as claims
from services.complaints.claims.errors import ClaimState
from services.complaints.claims.models import Claim
from services.complaints.payouts import domain, repository
from services.complaints.payouts.domain import EXPENSE, ORDERED, reference
from services.complaints.payouts.errors import LivePayment
from services.complaints.payouts.models import Payout
from services.complaints.payouts.schemas import PayoutOut, PayoutsOut
from services.complaints.rules.domain import Terms
from shared import ledger, ledger_batch
from shared.auth import Caller
from shared.feed import event_items
from shared.ledger import AccountKind, Entry, Reversal, When

log = structlog.get_logger(__name__)

BANK: Final = "payment order"
PURPOSE: Final = "compensation"


class OrderState(BaseModel):
    """Our copy of an item of parcels' `payment_order.*`."""

    id: UUID
    status: str
    version: int
    reference: str
    trace_number: str | None
    reason: str | None
    answered_at: datetime | None


async def order(session: AsyncSession, claim: Claim, terms: Terms, *, by: str, when: When) -> None:
    """A transfer of an approved claim, its parcel and claim locked; the worker tells parcels."""
    before = await repository.of_claim(session, claim.id)
    if await repository.live(session, claim) is not None:
        raise LivePayment("a payment of this parcel and cause is paid or on its way")
    if len(before) >= repository.TRANSFERS_MAX:
        raise ClaimState(f"{len(before)} transfers came to nothing: decline the claim")
    first = None
    if claim.supplements is not None:
        first = await repository.live_of(session, claim.supplements)
        if first is None:
            raise ClaimState("what it adds to is not paid any more: assess the first claim again")
    payout_id = await repository.new_id(session)
    amount = claim.amount_rials or 0
    accounts: dict[str, AccountKind] = {EXPENSE: "expense", ORDERED: "liability"}
    await ledger_batch.open_all(session, accounts, when.recorded_at)
    entry = Entry(EXPENSE, ORDERED, amount, PURPOSE, reference(payout_id), when)
    payout = Payout(
        id=payout_id,
        claim=claim.id,
        transfer=len(before) + 1,
        barcode=claim.barcode,
        cause=claim.cause,
        supplements=first.id if first is not None else None,
        amount_rials=amount,
        status="pending",
        ledger_transfer=await ledger.reserve(session, entry),
        order_version=0,
        send_at=when.recorded_at,
        # from when banks can fetch it: what a backfill orders is not over before it is written
        expires_at=when.recorded_at + timedelta(days=terms.fetched_within_days),
        ordered_at=when.occurred_at,
        recorded_at=when.recorded_at,
    )
    await repository.add(session, payout)
    await life.step(session, claim, "ordered", by=by, at=when.occurred_at)


async def follow(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Consumer of `payment_order.*`: each of ours goes where its order went."""
    found: dict[UUID, list[tuple[OrderState, datetime]]] = {}
    for event in events:
        at = datetime.fromisoformat(event["time"])
        for item in event_items(event):
            if item["purpose"] == PURPOSE:
                state = OrderState.model_validate(item)
                found.setdefault(state.id, []).append((state, at))
    for barcode, claim_id, payout_id in await repository.claims_of(session, found.keys()):
        newest = found[payout_id][-1][1]
        await claim_rows.lock_item(session, barcode, newest)
        claim = await claim_rows.lock(session, claim_id)
        payout = await repository.lock(session, payout_id)
        if claim is None or payout is None:
            continue
        for state, at in found[payout_id]:
            await apply(session, claim, payout, state, When(_when(state, at), at))


def _when(state: OrderState, at: datetime) -> datetime:
    """A bank's answer has its own time; all else happened when it was told."""
    answered = state.status in {"paid", "refused"} and state.answered_at is not None
    return state.answered_at if answered and state.answered_at is not None else at


async def apply(
    session: AsyncSession, claim: Claim, payout: Payout, state: OrderState, when: When
) -> None:
    """The order's state on a locked payout; what is known already, or older, is passed over."""
    if state.version <= payout.order_version:
        return
    payout.order_version, payout.reference = state.version, state.reference
    then = domain.status_of(state.status)
    if then == payout.status:
        return
    if not domain.may(payout.status, then):
        log.error("payout_out_of_order", payout=str(payout.id), known=payout.status, told=then)
        return
    payout.status, payout.reason = then, state.reason
    payout.trace_number = state.trace_number
    payout.send_at, payout.void_reason = None, None
    await _settle(session, claim, payout, when)
    await session.flush()


async def _settle(session: AsyncSession, claim: Claim, payout: Payout, when: When) -> None:
    at = when.occurred_at
    match payout.status:
        case "paid":
            payout.answered_at = at
            await ledger.post(session, payout.ledger_transfer, payout.amount_rials, when)
            await life.step(session, claim, "paid", by=BANK, at=at, note=payout.trace_number)
            paid = (payout.id, payout.amount_rials)
            await charge_backs.announce(session, claim, paid, by=BANK, at=at)
        case "refused" | "voided" | "expired":
            payout.answered_at = at
            await ledger.void(session, payout.ledger_transfer, when)
            await life.step(session, claim, payout.status, by=BANK, at=at, note=payout.reason)
        case "returned":
            payout.returned_at = at
            back = Reversal("payment_returned", f"{reference(payout.id)}/returned", when)
            await ledger.reverse(session, payout.ledger_transfer, back)
            await life.step(session, claim, "returned", by=BANK, at=at, note=payout.reason)
            await charge_backs.withdraw(session, payout.id, by=BANK, at=at)
        case "pending" | "unknown":
            pass  # the order waits for its bank; so does the claim


async def take_back(session: AsyncSession, claim: Claim, reason: str, now: datetime) -> None:
    """Have parcels void what no bank has fetched; what is fetched is paid or refused by it."""
    payout = await repository.live_of(session, claim.id)
    if payout is not None and payout.status == "pending":
        payout.void_reason, payout.send_at = reason, now


async def of_claim(
    session: AsyncSession, claim_id: UUID, secret: str | None, *, caller: Caller
) -> PayoutsOut:
    claim = await claims.visible(session, claim_id, secret, caller=caller)
    rows = await repository.of_claim(session, claim.id)
    return PayoutsOut(items=[PayoutOut.model_validate(row) for row in rows])


def wanted_order(due: repository.Due) -> Mapping[str, Any]:
    """What parcels is asked to have paid; the beneficiary is the partner, or the claim itself.

    Cash on delivery is the sender's own money: its settlement is then less by it.
    """
    payout, claim, payee = due.payout, due.claim, due.payee
    cod_of = (claim.facts or {}).get("partner") if claim.cause == "cod_not_remitted" else None
    beneficiary = cod_of or claim.partner or claim.id
    return {
        "id": str(payout.id),
        "claim": str(claim.id),
        "transfer": payout.transfer,
        "beneficiary": str(beneficiary),
        "sheba": payee.sheba,
        "holder_name": payee.holder_name,
        "amount_rials": payout.amount_rials,
        "expires_at": payout.expires_at.isoformat(),
        "cod_of": cod_of,
        "occurred_at": payout.ordered_at.isoformat() if claim.backfill else None,
    }
