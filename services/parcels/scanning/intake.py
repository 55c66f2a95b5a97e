"""From the wire to rows: whose barcode, which office, how old. No scan is refused."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg

from services.parcels.directions import repository as directions
from services.parcels.directions.repository import INBOUND
from services.parcels.network.service import Directory
from services.parcels.scanning import domain, repository
from services.parcels.scanning.repository import Inbound, Row
from services.parcels.scanning.schemas import ScanIn
from services.parcels.vocabulary import EVENT_BY_WIRE, Channel, Product
from shared.auth import Caller
from shared.errors import Invalid
from shared.identifiers import (
    S10,
    Malformed,
    OtherPost,
    Ours,
    item_id_fast,
    parse_barcode,
    s10_item_ids,
)
from shared.text import fold_code

REUSE_AFTER: Final = timedelta(days=365)
"""S10 numbers may return after 12 months."""
ITEM_SCANS_MAX: Final = 50
"""Each may have to fold the item's whole history again: past this a batch takes too long."""

_PRODUCT_BY_SERVICE: Final = {"R": Product.SEFARESHI, "E": Product.PISHTAZ, "C": Product.AMANAT}


@dataclass(slots=True)
class Intake:
    """A request's scans, sorted out. Indexes are places in the request."""

    rows: list[Row] = field(default_factory=list)
    malformed: dict[int, str] = field(default_factory=dict)
    doubled: set[int] = field(default_factory=set)
    foreign: dict[int, S10 | OtherPost] = field(default_factory=dict)
    nowhere: set[int] = field(default_factory=set)
    old: set[int] = field(default_factory=set)


def sort_out(
    scans: Sequence[ScanIn], directory: Directory, caller: Caller, now: datetime
) -> Intake:
    intake = Intake()
    seen: set[tuple[str, str]] = set()
    oldest, latest = now - domain.OFFLINE_WINDOW, now + domain.CLOCK_AHEAD
    backfills = "backfill" in caller.scopes
    offices = directory.by_code
    for n, scan in enumerate(scans):
        barcode, occurred_at = scan["barcode"], _utc(scan["occurred_at"])
        key = (barcode, scan["event_id"])
        if key in seen:
            intake.doubled.add(n)
            continue
        seen.add(key)
        item_id = item_id_fast(barcode)
        if item_id is None:
            item_id = _parse(n, barcode, intake)
            if item_id is None:
                continue
        old = occurred_at < oldest
        if old:
            intake.old.add(n)
        office = offices.get(scan["office"]) or offices.get(fold_code(scan["office"]))
        if office is None:
            intake.nowhere.add(n)
        intake.rows.append(
            Row(
                n,
                item_id,
                scan["event_id"],
                EVENT_BY_WIRE[scan["event"]],
                old and not backfills,
                office.id if office else None,
                occurred_at,
                min(occurred_at, latest),
                scan.get("reason"),
                scan.get("action"),
                scan.get("device"),
            )
        )
    _bound(intake)
    return intake


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def _bound(intake: Intake) -> None:
    scans_of: Counter[int | str] = Counter()
    for row in intake.rows:
        item = intake.foreign[row.n].code if row.n in intake.foreign else row.item_id
        scans_of[item] += 1
        if scans_of[item] > ITEM_SCANS_MAX:
            raise Invalid.field(
                f"body.scans.{row.n}.barcode",
                f"a batch may have {ITEM_SCANS_MAX} scans of one item; send the others after it",
            )


def _parse(n: int, barcode: str, intake: Intake) -> int | None:
    """The item id of a barcode that is not plainly ours; notes what it is instead."""
    match parse_barcode(barcode):
        case Ours(item_id=item_id):
            return item_id
        case S10() as code:
            intake.foreign[n] = code
            return 0
        case OtherPost() as code:
            intake.foreign[n] = code
            return 0
        case Malformed(message=message):
            intake.malformed[n] = message
            return None


async def bring_in(
    connection: asyncpg.Connection, intake: Intake, new_ids: Sequence[int], now: datetime
) -> None:
    """Give foreign barcodes their items, creating an inbound item at a number's first scan.

    `new_ids`: one for each of `other_codes`, wasted where the number is known.
    """
    by_n = {row.n: row for row in intake.rows}
    s10 = {n: code for n, code in intake.foreign.items() if isinstance(code, S10)}
    if s10:
        ranges = [s10_item_ids(code.item_id) for code in s10.values()]
        lives = await repository.newest_lives(connection, ranges)
        for (n, code), life in zip(s10.items(), lives, strict=True):
            by_n[n].item_id = _life(code.item_id, life, by_n[n].effective_at)
    if new_ids:
        known = await repository.aliases(connection, other_codes(intake), new_ids)
        for n, other in intake.foreign.items():
            if isinstance(other, OtherPost):
                by_n[n].item_id = known[other.code]
    begun: dict[int, Inbound] = {}
    for n, foreign in intake.foreign.items():
        item = _inbound(by_n[n], foreign, now, old=n in intake.old)
        known_first = begun.setdefault(item.item_id, item)
        if item.booked_at < known_first.booked_at:
            begun[item.item_id] = item
    await repository.create_inbound(
        connection, sorted(begun.values()), int(Channel.INTERNATIONAL), INBOUND, now
    )
    await directions.incoming(connection, sorted(begun))


def other_codes(intake: Intake) -> list[str]:
    """Other posts' numbers among the foreign ones, in the order in which they are locked."""
    return sorted({c.code for c in intake.foreign.values() if isinstance(c, OtherPost)})


def _inbound(row: Row, code: S10 | OtherPost, now: datetime, *, old: bool) -> Inbound:
    """An item as this scan would begin it; one that is too old to count dates nothing."""
    flagged = row.flagged
    product = Product.AMANAT
    if isinstance(code, S10):
        product = _PRODUCT_BY_SERVICE.get(code.code[0], Product.SEFARESHI)
    return Inbound(
        row.item_id,
        int(product),
        now if flagged else row.effective_at,
        old and not flagged,
    )


def _life(first: int, newest: tuple[int, datetime] | None, scanned_at: datetime) -> int:
    """The item that bears an S10 number now: the newest life, or the next one after 12 months."""
    if newest is None:
        return first
    item_id, began_at = newest
    return item_id + 1 if scanned_at - began_at > REUSE_AFTER else item_id
