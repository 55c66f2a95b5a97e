"""Use cases of cash on delivery: follow deliveries, show what is owed where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.cod import domain, repository
from services.parcels.cod.domain import (
    PLACE_WIRE,
    End,
    Place,
    Taking,
    courier_account,
    office_account,
    shop_account,
)
from services.parcels.cod.events import REVERSED, TAKEN, TakingsEvent, TakingState
from services.parcels.cod.models import CodTaking
from services.parcels.cod.repository import At
from services.parcels.cod.schemas import Owed, OwnTaking, TakingOut
from services.parcels.events import CORRECTED
from services.parcels.network.service import Directory
from shared import ledger_batch, outbox
from shared.auth import Caller
from shared.feed import event_items
from shared.identifiers import barcode_of, item_id_fast
from shared.ledger import AccountKind, Entry, When
from shared.ledger_batch import Undoing
from shared.pagination import Page, cut, not_a_cursor

ITEMS: Final = 5_000
"""Looked at in one statement."""

_Small = Annotated[int, Field(strict=True, ge=0, lt=2**15)]
_ItemId = Annotated[int, Field(strict=True, ge=0, lt=2**63)]
_TAKING: Final = TypeAdapter[tuple[int, int]](tuple[_ItemId, _Small])
_HOLDER: Final = TypeAdapter[tuple[int, str]](
    tuple[_Small, Annotated[str, Field(max_length=60, pattern="^[0-9A-Za-z-]*$")]]
)
K = TypeVar("K")


async def on_moved(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Consumer of parcels' own events: a delivered item's cash is taken, once, or taken back.

    Looks at the items as they are now, so that late, repeated and corrected events end the same.
    """
    barcodes = set(
        chain.from_iterable(
            domain.touched(event_items(event), corrected=event["type"] == CORRECTED)
            for event in events
        )
    )
    items = sorted(found for code in barcodes if (found := item_id_fast(code)) is not None)
    recorded_at = datetime.fromisoformat(events[-1]["time"])
    for n in range(0, len(items), ITEMS):
        ends = await repository.ends(session, items[n : n + ITEMS])
        if ends:
            await _follow(session, ends, recorded_at)


async def _follow(session: AsyncSession, ends: Sequence[End], recorded_at: datetime) -> None:
    ids = [end.item_id for end in ends]
    plan = domain.plan(ends, await repository.newest(session, ids))
    if plan.reversals:
        await repository.lock_holders(session, set(chain.from_iterable(map(_of, plan.reversals))))
        # their money may have moved on before the locks
        plan = domain.plan(ends, await repository.newest(session, ids))
        await _reverse(session, plan.reversals, recorded_at)
    if plan.takings:
        await _take(session, plan.takings, recorded_at)


def _of(taking: Taking) -> set[str]:
    """Accounts that a reversal may change: whoever moves this taking holds one of their locks."""
    return {taking.holder, shop_account(taking.partner), office_account(taking.office)}


async def _reverse(session: AsyncSession, reversals: Sequence[Taking], at: datetime) -> None:
    await ledger_batch.reverse_all(
        session,
        [
            Undoing(taking.reference, "cod_reversed", f"{taking.reference}/reversed", at, at)
            for taking in reversals
        ],
    )
    for taking in reversals:
        await repository.mark_reversed(session, taking, at)
        await repository.carry(session, domain.carries(taking))
    codes = await repository.office_codes(session, {taking.office for taking in reversals})
    states = [_told(taking, taking.taking, codes) for taking in reversals]
    await _tell(session, REVERSED, states, at)


async def _take(session: AsyncSession, taken: Sequence[tuple[End, int]], at: datetime) -> None:
    debits = {
        end.item_id: courier_account(end.collector) if end.collector else office_account(end.office)
        for end, _ in taken
    }
    kinds: dict[str, AccountKind] = dict.fromkeys(debits.values(), "asset")
    kinds |= {shop_account(end.partner): "liability" for end, _ in taken}
    kinds |= {office_account(end.office): "asset" for end, _ in taken}
    await open_holders(session, kinds, at)
    entries = [
        Entry(
            debit=debits[end.item_id],
            credit=shop_account(end.partner),
            amount_rials=end.amount_rials,
            kind="cod_taken",
            reference=domain.taking_reference(end.item_id, number),
            when=When(end.taken_at or at, at),
        )
        for end, number in taken
    ]
    await ledger_batch.transfer_all(session, entries)
    await repository.add(session, taken)
    codes = await repository.office_codes(session, {end.office for end, _ in taken})
    states = [_told(end, number, codes) for end, number in taken]
    await _tell(session, TAKEN, states, at)


def _told(what: End | Taking, number: int, codes: Mapping[int, str]) -> TakingState:
    return TakingState(
        barcode=barcode_of(what.item_id),
        taking=number,
        partner=what.partner,
        amount_rials=what.amount_rials,
        office=codes.get(what.office),
        collector=what.collector,
    )


async def open_holders(
    session: AsyncSession, kinds: Mapping[str, AccountKind], at: datetime
) -> None:
    """Accounts in the ledger, and their rows that are locked before money moves."""
    await ledger_batch.open_all(session, kinds, at)
    await repository.open_holders(session, kinds)


async def _tell(
    session: AsyncSession, event_type: str, states: list[TakingState], at: datetime
) -> None:
    data = TakingsEvent(items=states).model_dump(mode="json")
    await outbox.append(session, event_type, data, time=at)


async def owed(
    session: AsyncSession, directory: Directory, page: Page
) -> tuple[list[Owed], str | None]:
    """What couriers, offices and the post hold of takings, the oldest of each."""
    rows = await repository.owed(session, _after(_HOLDER, page), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row["place"], row["holder"]])
    return [_owed(row, directory) for row in shown], cursor


def _owed(row: Mapping[Any, Any], directory: Directory) -> Owed:
    place, holder = Place(row["place"]), row["holder"]
    office = directory.by_id.get(int(holder)) if place is Place.OFFICE else None
    return Owed(
        place=place.wire,
        collector=holder if place is Place.COURIER else None,
        office=office.code if office else None,
        partner=UUID(holder) if place is Place.DUE else None,
        items=row["items"],
        amount_rials=row["rials"],
        carried_rials=row["carried"],
        oldest_taken_at=row["oldest_taken_at"],
    )


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose takings: a courier's in hand, an office's in its drawer, a partner's wherever."""

    collector: str | None
    office: str | None
    partner: UUID | None


async def takings(
    session: AsyncSession, directory: Directory, holder: Holder, page: Page
) -> tuple[list[TakingOut], str | None]:
    """One by one what a figure of `owed` sums up; of a partner also those that are paid."""
    office = None
    if holder.office is not None:
        office = directory.named(holder.office, "query.office").id
    place = Place.OFFICE if office is not None else None
    if holder.collector is not None:
        place = Place.COURIER
    at = At(place, holder.collector, office, holder.partner)
    rows = await repository.takings(session, at, _after(_TAKING, page), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.item_id, row.taking])
    return [_out(row, directory) for row in shown], cursor


async def own(
    session: AsyncSession, caller: Caller, payment_order: UUID | None, page: Page
) -> tuple[list[OwnTaking], str | None]:
    at = At(partner=caller.account, payment_order=payment_order)
    rows = await repository.takings(session, at, _after(_TAKING, page), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.item_id, row.taking])
    return [_own(row) for row in shown], cursor


def _after(cursor: TypeAdapter[K], page: Page) -> K | None:
    try:
        return None if page.after is None else cursor.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None


def _own(row: CodTaking) -> OwnTaking:
    """To a shop it is all one who of us has its cash."""
    ours = row.place in {Place.COURIER, Place.OFFICE}
    return OwnTaking(
        barcode=barcode_of(row.item_id),
        amount_rials=row.amount_rials,
        state="taken" if ours else PLACE_WIRE[row.place],
        taken_at=row.taken_at,
        reversed_at=row.reversed_at,
        payment_order=row.payment_order,
    )


def _out(row: CodTaking, directory: Directory) -> TakingOut:
    office = directory.by_id.get(row.office)
    return TakingOut(
        barcode=barcode_of(row.item_id),
        taking=row.taking,
        partner=row.partner,
        amount_rials=row.amount_rials,
        place=PLACE_WIRE[row.place],
        office=office.code if office else None,
        collector=row.collector,
        taken_at=row.taken_at,
        reversed_at=row.reversed_at,
        hand_in=row.hand_in,
        drawer_close=row.drawer_close,
        payment_order=row.payment_order,
    )
