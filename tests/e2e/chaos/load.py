"""A mixed load of clients who never give up, and remember what was acknowledged to them."""

import asyncio
import os
import random
import time
import uuid
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import httpx

from tests.e2e.actors import Actor
from tests.factories.offices import office
from tests.factories.parcels import order, scan

WAY: Final = ("acceptance", "departure", "arrival", "out_for_delivery", "delivered")
PATHS: Final = (
    "/v1/parcels",
    "/v1/parcels/batch",
    "/v1/scans",
    "/v1/offices",
    "/v1/complaints",
)
GIVE_UP_S: Final = 600
PROGRESS_S_MAX: Final = 600
PAUSE_S_MAX: Final = 0.5
THINK_S_MAX: Final = 0.08 if os.environ.get("SUSA_SOAK") == "1" else 0.3
"""In every run the clients leave a process that starts again some of the 2 cores."""
RARELY_S: Final = 0.1
BATCH_MAX: Final = 20
SCANS_MAX: Final = 40


class _Leg(NamedTuple):
    """The scan of WAY that comes next, and where the parcel is: no gap in custody."""

    barcode: str
    step: int
    office: str

    @property
    def arrives(self) -> bool:
        return WAY[self.step] == "arrival"


@dataclass
class Acknowledged:
    """`bookings`: barcodes by reference; `scans`: (barcode, event id); `offices`: codes by name."""

    bookings: dict[str, str] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    scans: set[tuple[str, str]] = field(default_factory=set)
    offices: dict[str, str] = field(default_factory=dict)
    cases: list[str] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    """By path."""
    retries: int = 0


class Load:
    """Shops book one by one and in batches, and cancel; clerks scan; some send again.

    A little beside: the manager founds offices, citizens complain.
    """

    def __init__(
        self, people: tuple[Actor, Actor, Actor], offices: Sequence[str], dice: random.Random
    ) -> None:
        """`people`: a shop, a clerk, a manager."""
        self.known = Acknowledged()
        self._shop, self._clerk, self._manager = people
        self._offices = offices
        self._dice = dice
        self._under_way: deque[_Leg] = deque()
        self._stopping = False
        self._number = 0

    async def run(self) -> None:
        """Until `stop`; then every client ends when its last request was acknowledged."""
        clients = (self._single, self._single, self._batch, self._scan, self._scan)
        async with asyncio.TaskGroup() as group:
            for client in (*clients, self._found, self._complain):
                group.create_task(self._keep_on(client))

    def stop(self) -> None:
        self._stopping = True

    async def progress(self, requests: int) -> None:
        """Wait until so many more requests were acknowledged, some to each kind of client."""
        before = self.known.requests.copy()
        target = before.total() + requests
        deadline = time.monotonic() + PROGRESS_S_MAX
        while waiting := [path for path in PATHS if self.known.requests[path] == before[path]]:
            assert time.monotonic() < deadline, f"did not recover: {waiting}"
            await asyncio.sleep(0.01)
        while self.known.requests.total() < target:
            assert time.monotonic() < deadline, "did not recover"
            await asyncio.sleep(0.01)

    async def _keep_on(self, client: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping:
            await client()
            await asyncio.sleep(self._dice.uniform(0, THINK_S_MAX))

    async def _persist(self, actor: Actor, path: str, body: Any, key: str = "") -> httpx.Response:
        """Send the same until it is answered for good."""
        deadline = time.monotonic() + GIVE_UP_S
        pause_s = 0.02
        headers = {"Idempotency-Key": key} if key else {}
        while True:
            outcome = "no answer"
            try:
                answer = await actor.send("POST", path, json=body, headers=headers, timeout=15)
            except httpx.TransportError as error:
                outcome = repr(error)
            else:
                if not _passing(answer):
                    self.known.requests[path] += 1
                    return answer
                outcome = answer.text
            assert time.monotonic() < deadline, f"gave up on {path}: {outcome}"
            self.known.retries += 1
            await asyncio.sleep(self._dice.uniform(0.5, 1) * pause_s)
            pause_s = min(pause_s * 2, PAUSE_S_MAX)

    def _order(self) -> dict[str, Any]:
        self._number += 1
        reference = f"C-{self._number}"
        return order(self._dice.choice(self._offices), reference=reference)

    async def _single(self) -> None:
        wanted, key = self._order(), str(uuid.uuid4())
        answer = await self._persist(self._shop, "/v1/parcels", wanted, key)
        assert answer.status_code == 201, answer.text
        barcode = answer.json()["barcode"]
        self._booked(wanted["reference"], barcode)
        if self._dice.random() < 0.1:
            again = await self._persist(self._shop, "/v1/parcels", wanted, key)
            assert (again.status_code, again.content) == (201, answer.content)
        if self._dice.random() < 0.1:
            path = f"/v1/parcels/{barcode}/cancel"
            cancelled = await self._persist(self._shop, path, None)
            assert cancelled.status_code == 200, cancelled.text
            self.known.cancelled.add(barcode)
        else:
            self._under_way.append(_Leg(barcode, 0, wanted["origin_office"]))

    async def _batch(self) -> None:
        wanted = [self._order() for _ in range(self._dice.randint(1, BATCH_MAX))]
        key = str(uuid.uuid4())
        answer = await self._persist(self._shop, "/v1/parcels/batch", {"parcels": wanted}, key)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body["failed"] == 0, body
        for asked, result in zip(wanted, body["results"], strict=True):
            barcode = result["parcel"]["barcode"]
            self._booked(asked["reference"], barcode)
            self._under_way.append(_Leg(barcode, 0, asked["origin_office"]))

    def _booked(self, reference: str, barcode: str) -> None:
        assert reference not in self.known.bookings
        self.known.bookings[reference] = barcode

    async def _scan(self) -> None:
        count = min(len(self._under_way), self._dice.randint(1, SCANS_MAX))
        taken = [self._under_way.popleft() for _ in range(count)]
        if not taken:
            return
        arrived_at = self._dice.choice(self._offices)
        taken = [leg._replace(office=arrived_at) if leg.arrives else leg for leg in taken]
        scans = [scan(leg.barcode, WAY[leg.step], leg.office) for leg in taken]
        for again in (False, True):
            answer = await self._persist(self._clerk, "/v1/scans", {"scans": scans})
            assert answer.status_code == 200, answer.text
            # a scan of a request whose answer was lost is a duplicate the next time
            good = {"duplicate"} if again else {"recorded", "duplicate"}
            results = {result["result"] for result in answer.json()["results"]}
            assert results <= good, answer.text
            if self._dice.random() < 0.9:
                break
        self.known.scans |= {(one["barcode"], one["event_id"]) for one in scans}
        later = (leg._replace(step=leg.step + 1) for leg in taken)
        self._under_way.extend(leg for leg in later if leg.step < len(WAY))

    async def _found(self) -> None:
        name = f"دفتر {uuid.uuid4()}"
        answer = await self._persist(self._manager, "/v1/offices", office(name=name), name[-36:])
        assert answer.status_code == 201, answer.text
        self.known.offices[name] = answer.json()["code"]
        await asyncio.sleep(RARELY_S)

    async def _complain(self) -> None:
        if self.known.bookings:
            complaint = {
                "about": {"kind": "parcel", "barcode": next(iter(self.known.bookings.values()))},
                "category": "delay",
                "text": "کجاست؟",
                "complainant": {"name": "مریم احمدی", "phone": "09123456789"},
            }
            answer = await self._persist(self._shop, "/v1/complaints", complaint, str(uuid.uuid4()))
            assert answer.status_code == 201, answer.text
            self.known.cases.append(answer.json()["number"])
        await asyncio.sleep(RARELY_S)


def _passing(answer: httpx.Response) -> bool:
    """What a client must try again: trouble of the service, or its own request in flight."""
    if answer.status_code == 409:
        code: str = answer.json()["code"]
        return code == "idempotency_key_in_flight"
    return answer.status_code >= 500
