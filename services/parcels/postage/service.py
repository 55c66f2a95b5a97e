"""Use cases of charges: parcels' own events become postings, entries and balances.

Exactly once: the cursor moves in the same transaction, and the ledger's references are used once.
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.events import BOOKED, CANCELLED
from services.parcels.postage import domain, repository
from services.parcels.postage.domain import Item, Kind, Parts, Posted
from services.parcels.postage.repository import Month, Sums
from services.parcels.vocabulary import Payer, Status
from shared import ledger_batch
from shared.calendar import tehran_date
from shared.database import Database
from shared.feed import event_items
from shared.identifiers import Ours, barcode_of, parse_barcode
from shared.ledger import AccountKind, Entry, When
from shared.ledger_batch import Undoing

REFRESH_S: Final = 1.0
REPRICED: Final = "parcel.repriced"
REDIRECTED: Final = "parcel.redirected"
"""After both an item's row has the price that holds: the charge follows it."""
_ENDS: Final[Mapping[str, tuple[Kind, Kind]]] = {
    Status.DELIVERED.wire: (Kind.DELIVERED, Kind.DELIVERY_UNDONE),
    Status.RETURNED.wire: (Kind.RETURNED, Kind.RETURN_UNDONE),
}
Told = dict[int, dict[str, Any]]
"""What an event says of items, by item id."""


class Limits:
    """Partners whose credit is limited, `REFRESH_S` old at most.

    A booking that comes before that is known is not refused, but charged like any other: the
    consumer takes it from the balance.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._limited: frozenset[UUID] = frozenset()

    async def fresh(self) -> "Limits":
        if time.monotonic() - self._read_at <= REFRESH_S:
            return self
        async with self._reading:  # one request of many reads, the others wait for it
            if time.monotonic() - self._read_at <= REFRESH_S:
                return self
            self._limited = await repository.limited(self._database)
            self._read_at = time.monotonic()
        return self

    def account(self, partner: UUID, payer: Payer) -> Payer | None:
        """The account that has to bear a booking's price; None where nothing is to be checked."""
        if payer is Payer.PARTNER_PREPAID:
            return payer
        return payer if payer is Payer.PARTNER_CREDIT and partner in self._limited else None


async def on_parcel_events(session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
    """Consumer of parcels' own events: of one page, first what was booked, then the rest."""
    at = datetime.fromisoformat(events[-1]["time"])
    told: dict[str, Told] = {BOOKED: {}, REPRICED: {}, CANCELLED: {}}
    moves: list[dict[str, Any]] = []
    for event in events:
        kind = REPRICED if event["type"] == REDIRECTED else event["type"]
        if kind in told:
            told[kind].update(_by_item(event_items(event)))
        else:
            moves += [item for item in event_items(event) if _ends(item)]
    if not any(told.values()) and not moves:
        return
    await repository.lock(session)
    entries = await _charge(session, told[BOOKED], at)
    entries += await _reprice(session, told[REPRICED], at)
    entries += await _cancel(session, told[CANCELLED], at)
    entries += await _end(session, moves, at)
    await record(session, entries, at)


def _by_item(items: Iterable[dict[str, Any]]) -> Told:
    """Of items of our own numbering: nobody is charged for others."""
    found = {}
    for item in items:
        parsed = parse_barcode(item["barcode"])
        if isinstance(parsed, Ours):
            found[parsed.item_id] = item
    return found


async def record(session: AsyncSession, entries: Sequence[Posted], at: datetime) -> None:
    """Enter what was posted, once: the partners' journals, their months, their balances."""
    if not entries:
        return
    closed = await repository.closed_months(session, {one.item.partner for one in entries})
    dated = [
        (one, domain.accounted_on(tehran_date(one.occurred_at), closed.get(one.item.partner)))
        for one in entries
    ]
    fresh = await repository.add_entries(session, dated, at)
    new = [pair for pair in dated if (pair[0].item.item_id, pair[0].kind, pair[0].seq) in fresh]
    months: dict[Month, Sums] = {}
    for one, day in new:
        product = one.item.product
        key = (one.item.partner, domain.month_of(day), int(one.payer), int(one.kind), product)
        count, rials, vat = months.get(key, (0, 0, 0))
        months[key] = (count + 1, rials + one.amount_rials, vat + one.vat_rials)
    await repository.add_months(session, months)
    await repository.add_balances(session, domain.balance_changes(one for one, _ in new))


async def _charge(session: AsyncSession, told: Told, at: datetime) -> list[Posted]:
    """Charge what was booked, to whoever pays it."""
    if not told:
        return []
    items = await repository.items(session, told)
    await open_accounts(session, items.values(), at)
    transfers: list[Entry] = []
    for item in items.values():
        reference = domain.postage_reference(barcode_of(item.item_id))
        charge = domain.parts(item.price_rials, item.vat_rials)
        when = When(item.booked_at, at)
        transfers += domain.transfers(item.account, charge, "postage", reference, when)
    await ledger_batch.transfer_all(session, transfers)
    return [
        Posted(item, Kind.BOOKED, 1, item.payer, item.price_rials, item.vat_rials, item.booked_at)
        for item in items.values()
    ]


async def open_accounts(session: AsyncSession, items: Iterable[Item], at: datetime) -> None:
    await ledger_batch.open_all(session, {**domain.HOUSE, **domain.accounts_of(items)}, at)


async def charged(session: AsyncSession, items: Collection[Item]) -> dict[int, Parts]:
    """What the ledger has charged for each item so far, refunds apart."""
    base = {domain.postage_reference(barcode_of(item.item_id)): item.item_id for item in items}
    vat = {f"vat_{reference}": item_id for reference, item_id in base.items()}
    amounts = await ledger_batch.amounts(session, [*base, *vat])
    found = {item.item_id: [0, 0] for item in items}
    for reference, rials in amounts.items():
        if reference in base:
            found[base[reference]][0] += rials
        else:
            found[vat[reference]][1] += rials
    for item_id, changes in (await repository.repriced(session, found)).items():
        for _, rials, vat_rials in changes:
            found[item_id][0] += rials - vat_rials
            found[item_id][1] += vat_rials
    return {item_id: Parts(*sums) for item_id, sums in found.items()}


async def _reprice(session: AsyncSession, told: Told, at: datetime) -> list[Posted]:
    """Bring the charge of items to the price they have now, by what it lacks or has too much.

    Not of cancelled ones: all that they were charged is taken back, or was.
    """
    if not told:
        return []
    found = await repository.items(session, told)
    items = {item_id: item for item_id, item in found.items() if not item.cancelled}
    before = await charged(session, items.values())
    changed = await repository.repriced(session, items)
    await open_accounts(session, items.values(), at)
    transfers: list[Entry] = []
    entries: list[Posted] = []
    for item_id, item in items.items():
        nth, was = len(changed.get(item_id, ())) + 1, before[item_id]
        change = Parts(
            item.price_rials - item.vat_rials - was.base_rials, item.vat_rials - was.vat_rials
        )
        if not change.total_rials:
            continue
        reference = f"repriced:{barcode_of(item_id)}:{nth}"
        when = When(at, at)
        transfers += domain.transfers(item.account, change, "repriced", reference, when)
        entries.append(
            Posted(item, Kind.REPRICED, nth, item.payer, change.total_rials, change.vat_rials, at)
        )
    await ledger_batch.transfer_all(session, transfers)
    changes = [(one.item.item_id, one.seq, one.amount_rials, one.vat_rials) for one in entries]
    await repository.add_repriced(session, changes, at)
    return entries


async def _cancel(session: AsyncSession, told: Told, at: datetime) -> list[Posted]:
    """Take back all that cancelled items were charged and refunded, each by naming the old."""
    if not told:
        return []
    items = await repository.items(session, told)
    before = await charged(session, items.values())
    repriced = await repository.repriced(session, items)
    refunded = await repository.refunded(session, items)
    undoings: list[Undoing] = []
    entries: list[Posted] = []
    for item_id, item in items.items():
        then = datetime.fromisoformat(told[item_id]["cancelled_at"])
        code, refunds = barcode_of(item_id), refunded.get(item_id, [])
        undone = [domain.postage_reference(code)]
        undone += [f"repriced:{code}:{version}" for version, _, _ in repriced.get(item_id, ())]
        undone += [domain.refund_reference(code, run) for run, _, _ in refunds]
        undoings += [
            Undoing(vat + reference, "cancelled", f"cancelled_{vat}{reference}", then, at)
            for reference in undone
            for vat in ("", "vat_")
        ]
        rials = sum(refund[1] for refund in refunds) - before[item_id].total_rials
        vat_rials = sum(refund[2] for refund in refunds) - before[item_id].vat_rials
        entries.append(Posted(item, Kind.CANCELLED, 1, item.payer, rials, vat_rials, then))
    await ledger_batch.reverse_all(session, undoings)
    return entries


async def _end(
    session: AsyncSession, moves: Sequence[dict[str, Any]], at: datetime
) -> list[Posted]:
    """Deliveries and returns, and those that were taken back; what recipients paid or did not."""
    if not moves:
        return []
    items = await repository.items(session, _by_item(moves))
    entries: list[Posted] = []
    for move in moves:
        parsed = parse_barcode(move["barcode"])
        item = items.get(parsed.item_id) if isinstance(parsed, Ours) else None
        if item is None:
            continue
        then = datetime.fromisoformat(move["occurred_at"])
        for kind in _kinds(move):
            end = Posted(item, kind, move["version"], item.payer, 0, 0, then)
            entries.append(end)
            if item.payer is Payer.RECIPIENT:
                entries += await _settle_due(session, end, move["office"], When(then, at))
    return entries


def _ends(move: dict[str, Any]) -> bool:
    """Whether a scan ended an item, or a correction took its end back."""
    status, previous = move["status"], move["previous"]
    return status != previous and (status in _ENDS or previous in _ENDS)


def _kinds(move: dict[str, Any]) -> list[Kind]:
    kinds = []
    if move["previous"] in _ENDS:
        kinds.append(_ENDS[move["previous"]][1])
    if move["status"] in _ENDS:
        kinds.append(_ENDS[move["status"]][0])
    return kinds


async def _settle_due(
    session: AsyncSession, end: Posted, office: str | None, when: When
) -> list[Posted]:
    """What a recipient has to pay: taken at delivery, or else owed by the partner."""
    item, code = end.item, barcode_of(end.item.item_id)
    match end.kind:
        case Kind.DELIVERED:
            till = domain.payer_account(Payer.COUNTER_CASH, item.partner, office)
            await _pay_due(session, item, till, f"due_paid:{code}:{end.seq}", when)
        case Kind.RETURNED:
            credit = domain.payer_account(Payer.PARTNER_CREDIT, item.partner, None)
            await _pay_due(session, item, credit, f"due_charged:{code}:{end.seq}", when)
            return [_of_partner(end, Kind.DUE_CHARGED, item.price_rials, item.vat_rials)]
        case Kind.DELIVERY_UNDONE:
            await _undo_due(session, f"due_paid:{code}", end.seq, when)
        case Kind.RETURN_UNDONE:
            if await _undo_due(session, f"due_charged:{code}", end.seq, when):
                return [_of_partner(end, Kind.DUE_RELEASED, -item.price_rials, -item.vat_rials)]
        case _:
            pass
    return []


def _of_partner(one: Posted, kind: Kind, rials: int, vat_rials: int) -> Posted:
    return Posted(one.item, kind, one.seq, Payer.PARTNER_CREDIT, rials, vat_rials, one.occurred_at)


async def _pay_due(
    session: AsyncSession,
    item: Item,
    payer: tuple[str, AccountKind],
    reference: str,
    when: When,
) -> None:
    account, kind = payer
    await ledger_batch.open_all(session, {account: kind}, when.recorded_at)
    if item.price_rials:
        entry = Entry(account, domain.DUE, item.price_rials, "due_paid", reference, when)
        await ledger_batch.transfer_all(session, [entry])


async def _undo_due(session: AsyncSession, prefix: str, seq: int, when: When) -> bool:
    """Take back what still stands of an item's payment at its end."""
    standing = await repository.standing(session, [prefix])
    undoings = [
        Undoing(
            reference,
            "due_undone",
            f"undone:{seq}:{reference}",
            when.occurred_at,
            when.recorded_at,
        )
        for reference in standing
    ]
    return bool(await ledger_batch.reverse_all(session, undoings))
