"""Use cases of refunds: what recomputations proposed is approved, and so posted, or rejected."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.postage import domain, events
from services.parcels.postage import repository as postage
from services.parcels.postage.domain import ACCOUNTS, Item, Kind, Posted
from services.parcels.postage.service import open_accounts, record
from services.parcels.refunds import repository
from services.parcels.refunds.schemas import DecidedOut, DecisionIn, DecisionsOut, Result, ResultOut
from services.parcels.vocabulary import Status
from shared import idempotency, ledger_batch, outbox
from shared.auth import Caller
from shared.idempotency import Answer, Once
from shared.identifiers import Ours, barcode_of, parse_barcode
from shared.ledger import Entry, When
from shared.pagination import Page, cut, not_a_cursor

_AFTER: Final = TypeAdapter[tuple[int, UUID]](
    tuple[Annotated[int, Field(strict=True, ge=0, lt=2**63)], UUID]
)


@dataclass(frozen=True, slots=True)
class _Refund:
    item: Item
    amount_rials: int
    seq: int

    @property
    def vat_rials(self) -> int:
        return domain.vat_within(self.amount_rials, self.item.vat_basis_points)


async def decide(
    session: AsyncSession, wanted: DecisionIn, *, caller: Caller, once: Once, now: datetime
) -> Answer:
    """Each proposal is decided once; an approved one is given back in the same transaction."""

    async def work() -> Answer:
        return Answer(200, (await _decide(session, wanted, caller, now)).model_dump_json().encode())

    return await idempotency.once(session, once, work)


async def _decide(
    session: AsyncSession, wanted: DecisionIn, caller: Caller, now: datetime
) -> DecisionsOut:
    await postage.lock(session)
    ids = {barcode: _item_id(barcode) for barcode in dict.fromkeys(wanted.barcodes)}
    known = [item_id for item_id in ids.values() if item_id is not None]
    proposed = await repository.proposed(session, known, wanted.recomputation)
    before = await repository.decided(session, known, wanted.recomputation)
    refunded = await postage.refunded(session, known)
    items = await postage.items(session, proposed.keys() - before)
    refunds: dict[int, _Refund] = {}
    results: list[ResultOut] = []
    for barcode, item_id in ids.items():
        result: Result = "no_proposal"
        if item_id is not None and item_id in before:
            result = "decided_before"
        elif item_id is not None and item_id in items:
            earlier = refunded.get(item_id, [])
            amount, status = proposed[item_id]
            refund = _Refund(items[item_id], amount, len(earlier) + 1)
            result = _result(refund, status, sum(one[1] for one in earlier), wanted)
            if result in {"approved", "rejected"}:
                refunds[item_id] = refund
        amount_rials = refunds[item_id].amount_rials if item_id and result == "approved" else 0
        results.append(ResultOut(barcode=barcode, result=result, amount_rials=amount_rials))
    await _save(session, refunds, wanted, caller, now)
    counted = Counter(one.result for one in results)
    given = sum(one.amount_rials for one in results)
    return DecisionsOut(approved=counted["approved"], amount_rials=given, results=results)


def _item_id(barcode: str) -> int | None:
    parsed = parse_barcode(barcode)
    return parsed.item_id if isinstance(parsed, Ours) else None


def _result(refund: _Refund, status: int, before_rials: int, wanted: DecisionIn) -> Result:
    """Nothing is given back that was not charged, whatever was proposed."""
    if not wanted.approve:
        return "rejected"
    if status == Status.CANCELLED:
        return "cancelled"
    if before_rials + refund.amount_rials > refund.item.price_rials:
        return "beyond_charge"
    return "approved"


async def _save(
    session: AsyncSession,
    refunds: Mapping[int, _Refund],
    wanted: DecisionIn,
    caller: Caller,
    now: datetime,
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "item_id": item_id,
            "recomputation": wanted.recomputation,
            "approved": wanted.approve,
            "amount_rials": refund.amount_rials,
            "vat_rials": refund.vat_rials,
            "reason": wanted.reason,
            "decided_by": caller.id,
            "decided_at": now,
        }
        for item_id, refund in refunds.items()
    ]
    await repository.add(session, rows)
    if wanted.approve:
        await _post(session, refunds, wanted.recomputation, now)
    if rows:
        told = [
            events.DecidedRefund(
                barcode=barcode_of(row["item_id"]),
                partner=refunds[row["item_id"]].item.partner,
                **{name: row[name] for name in ("recomputation", "approved", "amount_rials")},
            ).model_dump(mode="json")
            for row in rows
        ]
        data, subject = {"items": told}, str(wanted.recomputation)
        await outbox.append(session, events.REFUNDS_DECIDED, data, time=now, subject=subject)


async def _post(
    session: AsyncSession, refunds: Mapping[int, _Refund], run: UUID, now: datetime
) -> None:
    """To the partner's account; who paid otherwise fetches the money."""
    await open_accounts(session, [refund.item for refund in refunds.values()], now)
    transfers: list[Entry] = []
    entries: list[Posted] = []
    for refund in refunds.values():
        item, vat = refund.item, refund.vat_rials
        account = item.account if item.payer in ACCOUNTS else domain.REFUNDS
        reference = domain.refund_reference(barcode_of(item.item_id), run)
        back = domain.parts(-refund.amount_rials, -vat)
        transfers += domain.transfers(account, back, "refund", reference, When(now, now))
        entries.append(
            Posted(item, Kind.REFUNDED, refund.seq, item.payer, -refund.amount_rials, -vat, now)
        )
    await ledger_batch.transfer_all(session, transfers)
    await record(session, entries, now)


async def listing(session: AsyncSession, page: Page) -> tuple[list[DecidedOut], str | None]:
    try:
        after = None if page.after is None else _AFTER.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None
    rows = await repository.listing(session, after, page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.item_id, str(row.recomputation)])
    return [
        DecidedOut(
            barcode=barcode_of(row.item_id),
            recomputation=row.recomputation,
            approved=row.approved,
            amount_rials=row.amount_rials,
            vat_rials=row.vat_rials,
            reason=row.reason,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )
        for row in shown
    ], cursor
