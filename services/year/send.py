"""Sends the plan through the public API, month by month, so that it can stop and go on anywhere.

A month is booked first and then scanned in order of time; scans that fall in a later month wait for
it, so that the clock's watermark is true: all that happened before it has been sent. Sending twice
does nothing twice: a batch carries the same Idempotency-Key, what was booked earlier than keys are
kept is found by its reference, a scan by its event id, and a month whose last scan is there is
passed over (that scan is sent alone, after all others of its month).
"""

import zlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from services.year.bounded import bounded, chunks
from services.year.cash import Cash
from services.year.client import Api
from services.year.compensation import Compensation
from services.year.days import Month, rfc3339
from services.year.errors import ApiError, Refused
from services.year.login import Key
from services.year.performed import Performed
from services.year.plan import Item, Plan
from services.year.progress import Bar
from services.year.registrar import Registrar
from services.year.tasks import tasks_of

PARCELS_PER_BATCH = 1000
SCANS_PER_BATCH = 5000
LOOKUPS_AT_ONCE = 8


class Keys(NamedTuple):
    """API keys. The same ones, in the same order, when a run is resumed."""

    shops: Sequence[str]
    clerks: Sequence[str]
    manager: str
    registrar: str
    cashier: Key
    bank: Key
    officer: str
    decider: str
    surveyor: str


@dataclass(slots=True)
class Tally:
    parcels_booked: int = 0
    parcels_found: int = 0
    """Booked by an earlier run."""
    scans_recorded: int = 0
    scans_duplicate: int = 0
    scans_flagged: int = 0
    months_passed_over: int = 0


class Due(NamedTuple):
    """One scan to send; orders by time."""

    at: int
    number: int
    step: int


@dataclass(slots=True)
class Sender:
    api: Api
    plan: Plan
    performed: Performed
    registrar: Registrar
    cash: Cash
    compensation: Compensation
    keys: Keys
    bar: Bar
    lanes: int
    hold: Callable[[], Awaitable[None]]
    """Waited for before each batch."""
    tally: Tally = field(default_factory=Tally)
    tasks: dict[Month, int] = field(default_factory=dict)
    """How many of the scans sent for a month, now or by an earlier run, are tasks."""
    deliveries: dict[Month, int] = field(default_factory=dict)
    """Likewise, how many are deliveries."""
    _items: dict[int, Item] = field(default_factory=dict)
    """Items of the month at hand and those carried into it, by number."""
    _barcodes: dict[int, str] = field(default_factory=dict)

    async def send(self, months: Sequence[Month]) -> Tally:
        """What a scan's time puts past the last month is left unsent: those items stay open."""
        try:
            await self._send(months)
        except BaseException:
            with suppress(ApiError):  # the first error is the one to tell
                await self._clock({"mode": "wall"})
            raise
        await self._clock({"mode": "wall"})
        return self.tally

    async def _send(self, months: Sequence[Month]) -> None:
        parcels_left = sum(sum(self.plan.counts[month].values()) for month in months)
        for month in months:
            items = self.plan.items(month)
            self._items |= {item.number: item for item in items}
            due = self._due(month)
            self.tasks[month] = self._tasks(due)
            self.deliveries[month] = self._deliveries(due)
            self.cash.delivered += self._delivered(due)
            self.compensation.note(month, items)
            self.bar.month(str(month), len(due) * parcels_left / max(len(items), 1))
            if await self._is_done(due):
                self.tally.months_passed_over += 1
                self.bar.parcels(len(items))
                self.bar.scans(len(due))
            else:
                await self._send_month(month, items, due)
            parcels_left -= len(items)
            self._carry_over(month.next.starts_at())

    async def _send_month(self, month: Month, items: list[Item], due: list[Due]) -> None:
        await self._clock({"mode": "backfill", "at": rfc3339(month.starts_at())})
        await self._book_all(month, items)
        await self.registrar.record(self.performed.records(month))
        await self._find_carried(due)
        await self._scan_all(due)
        await self.cash.close(month)
        await self._clock({"mode": "backfill", "at": rfc3339(month.next.starts_at())})

    def _due(self, month: Month) -> list[Due]:
        start, end = month.starts_at(), month.next.starts_at()
        return sorted(
            Due(scan.at, item.number, step)
            for item in self._items.values()
            for step, scan in enumerate(item.scans)
            if start <= scan.at < end
        )

    def _tasks(self, due: list[Due]) -> int:
        scans = (self._items[one.number].scans[one.step] for one in due)
        return tasks_of(scans, self.plan.network).total()

    def _deliveries(self, due: list[Due]) -> int:
        scans = (self._items[one.number].scans[one.step] for one in due)
        return sum(scan.event == "delivered" for scan in scans)

    def _delivered(self, due: list[Due]) -> int:
        """Rials of cash on delivery."""
        sent = ((self._items[one.number], one.step) for one in due)
        return sum(item.cod_rials for item, step in sent if item.scans[step].event == "delivered")

    def _carry_over(self, end: int) -> None:
        self._items = {n: item for n, item in self._items.items() if item.scans[-1].at >= end}
        self._barcodes = {n: code for n, code in self._barcodes.items() if n in self._items}

    async def _is_done(self, due: list[Due]) -> bool:
        """Whether the month's last scan is on the parcel's public history."""
        if not due:
            return False
        item = self._items[due[-1].number]
        barcode = await self._lookup(item)
        if barcode is None:
            return False
        scan = item.scans[due[-1].step]
        tracking = await self.api.get(f"/v1/tracking/{barcode}")
        return any(
            event["event"] == scan.event and _instant(event["occurred_at"]) == scan.at
            for event in tracking["events"]
        )

    async def _book_all(self, month: Month, items: list[Item]) -> None:
        by_key: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            by_key[self._key(item)].append(item)
        await bounded(
            self.lanes,
            (
                self._book_batch(f"year/{self.plan.seed}/{self.plan.scale}/{month}", key, batch)
                for key, of_key in by_key.items()
                for batch in chunks(of_key, PARCELS_PER_BATCH)
            ),
        )

    async def _book_batch(self, label: str, key: str, items: list[Item]) -> None:
        """A batch is one transaction: if its first item is there, an earlier run has sent it."""
        if await self._lookup(items[0]) is not None:
            items = await self._still_missing(items)
        if items:
            await self.hold()
            await self._post_parcels(f"{label}/{items[0].number}-{items[-1].number}", key, items)

    async def _still_missing(self, items: list[Item]) -> list[Item]:
        found = await bounded(LOOKUPS_AT_ONCE, (self._lookup(item) for item in items))
        for item, barcode in zip(items, found, strict=True):
            if barcode is not None:
                self._barcodes[item.number] = barcode
        missing = [item for item, code in zip(items, found, strict=True) if code is None]
        self.tally.parcels_found += len(items) - len(missing)
        self.bar.parcels(len(items) - len(missing))
        return missing

    async def _post_parcels(self, idempotency_key: str, key: str, items: list[Item]) -> None:
        body = {"parcels": [item.booking for item in items]}
        answer = await self.api.post("/v1/parcels/batch", key, body, idempotency_key)
        refused = [result for result in answer["results"] if result["status"] != 201]
        if refused:
            first = refused[0]
            reference = items[first["index"]].reference
            raise Refused(f"{len(refused)} parcels refused, {reference}: {first.get('problem')}")
        for result in answer["results"]:
            self._barcodes[items[result["index"]].number] = result["parcel"]["barcode"]
        self.tally.parcels_booked += len(items)
        self.bar.parcels(len(items))

    async def _lookup(self, item: Item) -> str | None:
        """The barcode under the item's reference, if its sender has booked it."""
        page = await self.api.get("/v1/parcels", self._key(item), {"reference": item.reference})
        for parcel in page["items"]:
            if parcel["status"] == "cancelled":
                continue
            same = ("reference", "product", "channel", "weight_g", "origin_office")
            if any(parcel.get(name, item.booking[name]) != item.booking[name] for name in same):
                raise Refused(
                    f"{item.reference} is of another plan (other scale, offices or keys): "
                    "take another seed"
                )
            return str(parcel["barcode"])
        return None

    async def barcodes_of(self, items: Mapping[Month, Item]) -> dict[Month, str]:
        """Of items that were sent, now or by an earlier run."""
        found = {month: await self._lookup(item) for month, item in items.items()}
        return {month: barcode for month, barcode in found.items() if barcode is not None}

    async def _find_carried(self, due: list[Due]) -> None:
        """Barcodes of items booked in a month that was passed over."""
        numbers = sorted({d.number for d in due} - self._barcodes.keys())
        items = [self._items[number] for number in numbers]
        found = await bounded(LOOKUPS_AT_ONCE, (self._lookup(item) for item in items))
        for item, barcode in zip(items, found, strict=True):
            if barcode is None:
                raise Refused(f"{item.reference} should have been booked by an earlier run")
            self._barcodes[item.number] = barcode

    async def _scan_all(self, due: list[Due]) -> None:
        """An item's scans keep their order in its lane; the month's last waits for all lanes."""
        lanes: list[list[Due]] = [[] for _ in range(self.lanes)]
        for one in due[:-1]:
            lanes[one.number % self.lanes].append(one)
        await bounded(self.lanes, (self._scan_lane(n, lane) for n, lane in enumerate(lanes)))
        await self._scan_lane(0, due[-1:])

    async def _scan_lane(self, number: int, due: list[Due]) -> None:
        key = self.keys.clerks[number % len(self.keys.clerks)]
        for batch in chunks(due, SCANS_PER_BATCH):
            await self.hold()
            body = {"scans": [self._scan(one) for one in batch]}
            answer = await self.api.post("/v1/scans", key, body)
            self._count(answer["results"])
            self.bar.scans(len(batch))

    def _scan(self, due: Due) -> dict[str, Any]:
        item = self._items[due.number]
        scan = item.scans[due.step]
        return {
            "barcode": self._barcodes[due.number],
            "event_id": item.event_id(due.step),
            "event": scan.event,
            "office": scan.office,
            "occurred_at": rfc3339(scan.at),
        }

    def _count(self, results: Iterable[dict[str, Any]]) -> None:
        for result in results:
            match result["result"]:
                case "recorded":
                    self.tally.scans_recorded += 1
                case "duplicate":
                    self.tally.scans_duplicate += 1
                case "flagged":
                    self.tally.scans_flagged += 1
                case _:
                    raise Refused(f"scan refused: {result}")

    def _key(self, item: Item) -> str:
        """E-commerce by a shop; the rest by the clerk who serves the office."""
        if item.cell.channel == "ecommerce":
            return self.keys.shops[item.party % len(self.keys.shops)]
        office = zlib.crc32(item.booking["origin_office"].encode())
        return self.keys.clerks[office % len(self.keys.clerks)]

    async def _clock(self, body: dict[str, str]) -> None:
        await self.api.put("/v1/clock", self.keys.manager, body)


def _instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
