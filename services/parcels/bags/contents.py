"""What goes into bags and what comes out: packings, openings, and where items were by them.

A packing or an opening may come late: then events of bags are given to items, or taken from them,
after the fact, and their histories are folded again under their locks.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, cast
from uuid import UUID

from asyncpg import Record
from pydantic_core import to_json

from services.parcels.bags import domain, repository
from services.parcels.bags.domain import BagEvent, Stay, code_of
from services.parcels.bags.errors import BagFull, BagNotFound
from services.parcels.bags.events import BAG_OPENED, BAG_PACKED, BagOpened, PackedItem
from services.parcels.bags.recording import (
    ITEMS_MAX,
    When,
    Work,
    append,
    apply,
    carried_out,
    fold_bag,
    office_id,
    state_of,
)
from services.parcels.bags.repository import EventRow, PackingRow
from services.parcels.bags.schemas import (
    FoundResult,
    OpeningIn,
    OpeningOut,
    PackingIn,
    PackingResult,
    PackingResults,
)
from services.parcels.caches import Desk
from services.parcels.directions import repository as directions
from services.parcels.discrepancies.domain import Misfit
from services.parcels.scanning import domain as scanning
from services.parcels.scanning import repository as scans
from services.parcels.scanning.domain import Scan
from services.parcels.scanning.intake import Intake, bring_in, other_codes, sort_out
from services.parcels.scanning.schemas import ScanIn
from services.parcels.scanning.service import keep_unmatched, misfits, record_wave, tell, waves
from services.parcels.vocabulary import Event, Status
from shared.identifiers import barcode_of, receptacle_of
from shared.text import fold_code

MISSING: Final = "missing_at_opening"
UNEXPECTED: Final = "unexpected_at_opening"
DOUBLED: Final = "in_two_bags"
_Events = Mapping[int, Mapping[tuple[int, UUID], Scan]]


async def pack(desk: Desk, code: str, sent: Sequence[PackingIn]) -> PackingResults:
    """Record what went into a bag and out of it, a result each. No packing is refused."""
    directory = await desk.caches.directory.fresh()
    told = [_as_scan(p.barcode, p.event_id, p.office, p) for p in sent]
    intake = sort_out(told, directory, desk.caller, desk.now)
    new_ids = await desk.caches.serials.take(len(other_codes(intake))) if intake.foreign else []

    async def run(work: Work) -> list[PackingResult]:
        bag = await _locked(work, code)
        if intake.foreign:
            await bring_in(work.connection, intake, new_ids, desk.now)
        facts = await repository.facts(work.connection, (row.item_id for row in intake.rows))
        known = [row for row in intake.rows if row.item_id in facts]
        rows = {
            row.n: PackingRow(
                row.item_id,
                row.event_id,
                sent[row.n].event == "packed",
                row.flagged,
                row.office,
                row.effective_at,
                row.occurred_at,
            )
            for row in known
        }
        before = await repository.inherited(work.connection, facts)
        new = await _record(work, bag, rows)
        where = await _resettle(work, facts, before)
        fresh = {n: row for n, row in rows.items() if (row.item_id, row.event_id) in new}
        _remark_flagged(work, fresh.values())
        await _missed(work, bag["id"], fresh.values(), where)
        for row in known:
            work.effect.result[row.n] = "recorded"
        await keep_unmatched(work.context, told, intake, work.effect)
        await _tell_packed(work, bag["id"], sent, fresh)
        return [_packing_result(n, p, intake, rows, fresh) for n, p in enumerate(sent)]

    results = await carried_out(desk, intake, run)
    recorded = sum(1 for result in results if result.result == "recorded")
    return PackingResults(recorded=recorded, results=results)


async def open_bag(desk: Desk, code: str, sent: OpeningIn) -> OpeningOut:
    """Record that a bag was opened and what was in it: each item found is scanned as arrived."""
    directory = await desk.caches.directory.fresh()
    told = [_as_scan(barcode, sent.event_id, sent.office, sent) for barcode in sent.items]
    intake = sort_out(told, directory, desk.caller, desk.now)
    new_ids = await desk.caches.serials.take(len(other_codes(intake))) if intake.foreign else []
    when = When.told(sent.occurred_at, desk.caller, desk.now)
    event_id = UUID(sent.event_id)

    async def run(work: Work) -> OpeningOut:
        bag = await _locked(work, code)
        if intake.foreign:
            await bring_in(work.connection, intake, new_ids, desk.now)
        found = {row.item_id for row in intake.rows}
        ever = await repository.members_ever(work.connection, [bag["id"]])
        facts = await repository.facts(work.connection, found | set(ever))
        expected = set(await repository.members_at(work.connection, bag["id"], when.at))
        before = await repository.inherited(work.connection, facts)
        opening = EventRow(
            bag["id"],
            event_id,
            BagEvent.OPENED,
            when.flagged,
            office_id(directory, sent.office),
            when.at,
            when.occurred_at,
            seal=sent.seal,
            device=sent.device,
        )
        new = await apply(work, opening) is not None
        for wave in waves(intake.rows):
            await record_wave(work.context, wave, work.effect)
        await keep_unmatched(work.context, told, intake, work.effect)
        found &= facts.keys()
        ours = bag["from_office"] is not None
        if new and not when.flagged:
            await _pack_found(work, opening, found - expected, packed=not ours)
            await _resettle(work, facts, before)
            _remark(work, event_id, MISSING, expected - found, opening.office)
        if new and not when.flagged and ours:
            _remark(work, event_id, UNEXPECTED, found - expected, opening.office)
        if new:
            bag = await fold_bag(work, bag)
        missing, unexpected = await _differences(work, facts, event_id)
        if new and not when.flagged:
            await _tell_opened(work, bag, opening, found, (missing, unexpected))
        counted = "flagged" if when.flagged else "recorded"
        return OpeningOut(
            bag=code_of(bag["id"]),
            event_id=event_id,
            result=cast("Any", counted if new else "duplicate"),
            missing=missing,
            unexpected=unexpected,
            results=[_found(n, barcode, intake, work) for n, barcode in enumerate(sent.items)],
        )

    return await carried_out(desk, intake, run)


def _as_scan(barcode: str, event_id: str, office: str, moment: PackingIn | OpeningIn) -> ScanIn:
    """As the scan of an arrival, for which barcode, office and age are sorted out the same way."""
    return ScanIn(
        barcode=barcode,
        event_id=event_id,
        event="arrival",
        office=office,
        occurred_at=moment.occurred_at,
    )


async def _locked(work: Work, code: str) -> Record:
    bag = domain.bag_of(code)
    if bag is None and (receptacle := receptacle_of(fold_code(code))) is not None:
        bag = await repository.newest_of(work.connection, receptacle)
    locked = {} if bag is None else await repository.lock(work.connection, [bag])
    if bag is None or bag not in locked:
        raise BagNotFound("there is no bag of this number: create it first")
    return locked[bag]


async def _record(work: Work, bag: Record, rows: Mapping[int, PackingRow]) -> set[tuple[int, str]]:
    inside = await repository.members_ever(work.connection, [bag["id"]])
    if len(inside) + len(rows) > ITEMS_MAX:
        raise BagFull(f"a bag may have had {ITEMS_MAX} items: use another one")
    context = work.context
    every = sorted(rows.values(), key=lambda row: row.item_id)
    return await repository.pack(work.connection, bag["id"], every, context.now, context.actor)


async def _resettle(
    work: Work, facts: Mapping[int, Record], before: _Events
) -> dict[int, list[Stay]]:
    """Find out anew where items were, and give them their bags' events by it.

    `facts` and `before` are of the time before the change, under the items' locks.
    """
    connection = work.connection
    packings = await repository.packings(connection, facts)
    bags = {packing.bag for every in packings.values() for packing in every}
    opened = {bag: list(at) for bag, at in (await repository.openings(connection, bags)).items()}
    found: dict[int, list[Stay]] = {}
    for item, every in packings.items():
        found[item], doubled = domain.stays(every, opened)
        work.effect.discrepancies += [Misfit(item, str(event), DOUBLED) for event in doubled]
    await repository.save_stays(connection, found)
    after = await repository.inherited(connection, facts)
    changed = {item: facts[item] for item in sorted(facts) if after[item] != before[item]}
    if changed:
        await _refold(work, changed, before, after)
        await _turn(work, changed, before, after)
    return found


async def _turn(work: Work, changed: Iterable[int], before: _Events, after: _Events) -> None:
    """An item may have been handed over in a bag after all, or not."""
    handed = Event.HANDED_OVER
    turned = [
        item
        for item in changed
        if any(scan.event is handed for scan in (*before[item].values(), *after[item].values()))
    ]
    if turned:
        await directions.find_out(work.connection, turned)


async def _refold(
    work: Work, changed: Mapping[int, Record], before: _Events, after: _Events
) -> None:
    """Fold the histories again; each event that is given or taken away is told of."""
    connection = work.connection
    now = await repository.facts(connection, changed)  # a scan may have moved them since
    histories = await scans.histories(connection, list(changed))
    states: dict[int, scanning.State] = {}
    told: dict[int, int] = {}
    for item in changed:
        cancelled = now[item]["previous"] == Status.CANCELLED
        folded = scanning.fold(histories[item], cancelled=cancelled)
        cause = max(before[item].keys() ^ after[item].keys())[1]
        work.effect.folded[item] = (str(cause), misfits(item, folded))
        if cancelled:
            continue
        states[item] = folded.state
        told[item] = _tell_changes(work, now[item], folded.state, before[item], after[item])
    if states:
        await scans.save_states(connection, states, work.context.now)
        await repository.raise_versions(connection, told)


def _tell_changes(
    work: Work,
    facts: Record,
    state: scanning.State,
    before: Mapping[tuple[int, UUID], Scan],
    after: Mapping[tuple[int, UUID], Scan],
) -> int:
    """Tell an item's new events and its withdrawn ones, a version each; how many."""
    gone = [(scan, True) for key, scan in before.items() if key not in after]
    come = [(scan, False) for key, scan in after.items() if key not in before]
    found: dict[str, Any] = dict(facts)
    changes = sorted(gone + come, key=lambda change: change[0].order)
    for n, (scan, withdrawn) in enumerate(changes, start=1):
        row = work.row(facts["item_id"], scan)
        after_it = (state.status, state.accepted_at)
        version = facts["version"] + n
        tell(work.context, work.effect, row, found, version, after_it, withdrawn=withdrawn)
        found |= {"previous": state.status, "accepted_before": state.accepted_at}
    return len(changes)


async def _pack_found(
    work: Work, opening: EventRow, items: Collection[int], *, packed: bool
) -> None:
    """Of items found in a bag that we did not put them into: they are in no bag now.

    What another post had packed (`packed`) was in this one until it was opened.
    """
    rows = [
        PackingRow(
            item,
            str(opening.event_id),
            packed=packed,
            flagged=False,
            office=opening.office,
            at=opening.at,
            occurred_at=opening.occurred_at,
        )
        for item in sorted(items)
    ]
    if rows:
        context = work.context
        await repository.pack(work.connection, opening.bag, rows, context.now, context.actor)


async def _missed(
    work: Work, bag: int, rows: Iterable[PackingRow], where: Mapping[int, Sequence[Stay]]
) -> None:
    """Of items told late to have been put in, those that an opening had not found."""
    opened = (await repository.openings(work.connection, [bag])).get(bag, {})
    if not opened:
        return
    expected = {
        (row.item_id, opened[stay.until])
        for row in rows
        for stay in where[row.item_id]
        if stay.bag == bag and stay.until is not None and stay.until in opened
    }
    for item, event_id in expected - await repository.seen_at(work.connection, expected):
        _remark(work, event_id, MISSING, [item])


def _remark(
    work: Work, event_id: UUID, kind: str, items: Iterable[int], office: int | None = None
) -> None:
    work.effect.discrepancies += [Misfit(item, str(event_id), kind, office) for item in items]


def _remark_flagged(work: Work, rows: Iterable[PackingRow]) -> None:
    for row in rows:
        if row.flagged:
            _remark(work, UUID(row.event_id), "outside_offline_window", [row.item_id])


async def _differences(
    work: Work, items: Iterable[int], event_id: UUID
) -> tuple[list[str], list[str]]:
    """Barcodes missing and unexpected at an opening, noted by it now or when it was first sent."""
    told = {
        (one.item_id, one.kind)
        for one in work.effect.discrepancies
        if one.event_id == str(event_id)
    }
    noted = await repository.remarked(work.connection, sorted(items), event_id)
    told |= {(item, kind) for kind, every in noted.items() for item in every}
    missing, unexpected = (
        [barcode_of(item) for item, kind in sorted(told) if kind == wanted]
        for wanted in (MISSING, UNEXPECTED)
    )
    return missing, unexpected


async def _tell_packed(
    work: Work, bag: int, sent: Sequence[PackingIn], fresh: Mapping[int, PackingRow]
) -> None:
    directory = work.context.directory
    items = []
    for n, row in fresh.items():
        office = directory.by_id.get(row.office or 0)
        items.append(
            PackedItem(
                bag=code_of(bag),
                barcode=barcode_of(row.item_id),
                event=sent[n].event,
                event_id=UUID(row.event_id),
                office=office.code if office else None,
                occurred_at=row.at.isoformat().replace("+00:00", "Z"),
            )
        )
    if items:
        await append(work, BAG_PACKED, to_json({"items": items}), code_of(bag))


async def _tell_opened(
    work: Work,
    bag: Record,
    opening: EventRow,
    found: Iterable[int],
    differences: tuple[list[str], list[str]],
) -> None:
    state = state_of(bag, work.context.directory)
    opened = BagOpened(
        bag=state,
        event_id=opening.event_id,
        occurred_at=opening.at.isoformat().replace("+00:00", "Z"),
        found=[barcode_of(item) for item in sorted(found)],
        missing=differences[0],
        unexpected=differences[1],
    )
    await append(work, BAG_OPENED, to_json(opened), state.bag)


def _packing_result(
    n: int,
    sent: PackingIn,
    intake: Intake,
    rows: Mapping[int, PackingRow],
    fresh: Mapping[int, PackingRow],
) -> PackingResult:
    if n in fresh:
        result = "flagged" if fresh[n].flagged else "recorded"
    elif n in intake.malformed:
        result = "malformed"
    else:
        result = "duplicate" if n in rows or n in intake.doubled else "unknown"
    event_id = UUID(sent.event_id)
    return PackingResult(barcode=sent.barcode, event_id=event_id, result=cast("Any", result))


def _found(n: int, barcode: str, intake: Intake, work: Work) -> FoundResult:
    if n in intake.malformed:
        result = "malformed"
    elif n in intake.doubled:
        result = "duplicate"
    else:
        result = work.effect.result.get(n, "unknown")
    return FoundResult(barcode=barcode, result=cast("Any", result))
