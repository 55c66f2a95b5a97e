"""Random scans, packings, bag scans and openings: custody against the audit after every step."""

import asyncio
import os
import random
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any, Final, get_args

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.parcels.audit import audit_custody
from services.parcels.scanning.schemas import ScannedName
from tests.services.parcels.bags.conftest import Bags
from tests.services.parcels.bags.test_routes import check
from tests.services.parcels.conftest import Parcels, office_event
from tests.services.parcels.scanning.test_agreement import rows_are_folds

pytestmark = pytest.mark.anyio

ITEMS, BAGS = 3, 2
minutes = st.integers(-15, 6)
office = st.sampled_from(["KZ00001", "KZ00002", "KZ00003"])
item, bag = st.integers(0, ITEMS - 1), st.integers(0, BAGS - 1)
step = st.one_of(
    st.tuples(st.just("scan"), item, st.sampled_from(get_args(ScannedName)), minutes, office),
    st.tuples(st.just("pack"), item, bag, st.sampled_from(["packed", "removed"]), minutes),
    st.tuples(st.just("pack"), item, bag, st.just("packed"), minutes),
    st.tuples(
        st.just("bag"), bag, st.sampled_from(["closed", "loaded", "unloaded", "held"]), minutes
    ),
    st.tuples(st.just("bag"), bag, st.sampled_from(["loaded", "unloaded"]), minutes),
    st.tuples(st.just("open"), bag, st.sets(item), minutes),
    st.tuples(st.just("hand"), bag, minutes),
    st.tuples(st.just("again"), st.integers(0, 20)),
    st.tuples(st.just("later"), st.sampled_from([1, 10])),
)


@pytest.fixture(autouse=True)
async def audited(parcels: Parcels, request: pytest.FixtureRequest) -> AsyncIterator[None]:
    await parcels.follow(office_event(2, kind="sorting_centre", version=2))
    yield
    if request.node.get_closest_marker("soak"):  # too many events for one page
        await rows_are_folds(parcels)
    else:
        await check(parcels)


class Post:
    """A few parcels and bags, and the steps that befall them."""

    def __init__(self, parcels: Parcels, bags: Bags, barcodes: list[str], made: list[str]) -> None:
        self.parcels, self.bags = parcels, bags
        self.barcodes, self.made = barcodes, made
        self.sent: list[Callable[[], Any]] = []

    async def take(self, step: tuple[Any, ...]) -> None:
        match step:
            case "later", by:
                self.parcels.api.clock.at += timedelta(minutes=by)
            case "again", n if self.sent:
                await self.sent[n % len(self.sent)]()
            case "again", _:
                pass
            case "hand", b, at:
                await self._hand_over(self.made[b], at)
            case _:
                send = self._request(step)
                self.sent.append(send)
                await send()

    async def _hand_over(self, bag: str, at: int) -> None:
        """By a dispatch of its own, four times; refused where the bag is not ready."""
        api = self.parcels.api
        headers = api.headers("scans:write", "transport:write", kind="staff")

        async def post(path: str, body: Any = None) -> httpx.Response:
            key = {"Idempotency-Key": str(uuid.uuid4())}
            return await self.parcels.client.post(path, json=body, headers=headers | key)

        operator = {"code": "DPAG", "name": "DP", "country": "DE", "valid_from": "2000-01-01"}
        await post("/v1/operators", operator)
        made = await post("/v1/dispatches", {"from_office": "KZ00001", "operator": "DPAG"})
        path = f"/v1/dispatches/{made.json()['id']}"
        filled = await post(f"{path}/bags", {"bags": [{"bag": bag}]})
        if filled.status_code == 409:
            return
        await post(f"{path}/close")
        receipt = {"receipt": path, "office": "KZ00001", "occurred_at": self.bags.at(at)}
        answers = await asyncio.gather(*(post(f"{path}/handover", receipt) for _ in range(2)))
        assert [answer.status_code for answer in answers] == [200, 200], answers[0].text

    def _request(self, step: tuple[Any, ...]) -> Callable[[], Any]:
        """A request that is the same each time it is sent."""
        match step:
            case "scan", n, event, at, place:
                scan = self.parcels.one(self.barcodes[n], event, at, office=place)
                return lambda: self.parcels.results(scan)
            case "pack", n, b, event, at:
                packing = self.bags.packing(self.barcodes[n], at, event)
                return lambda: self.bags.pack(self.made[b], packing)
            case "bag", b, event, at:
                one = self.bags.one(self.made[b], event, at)
                return lambda: self.bags.scan(one)
            case "open", b, found, at:
                now: datetime = self.parcels.api.clock.now()
                event_id = str(uuid.uuid4())
                at_once = (now + timedelta(minutes=at)).isoformat()
                items = [self.barcodes[n] for n in sorted(found)]
                return lambda: self.bags.open(
                    self.made[b], items, event_id=event_id, occurred_at=at_once
                )
            case _:
                raise AssertionError(step)


async def run(parcels: Parcels, bags: Bags, steps: list[tuple[Any, ...]]) -> None:
    parcels.api.clock.at += timedelta(days=1)
    made = [await bags.new() for _ in range(BAGS)]
    post = Post(parcels, bags, await parcels.booked(ITEMS), made)
    for taken in steps:
        await post.take(taken)
        audit = await audit_custody(parcels.api.database)
        assert audit.clean, audit.wrong


SOAK: Final = os.environ.get("SUSA_SOAK") == "1"
"""20,000 steps and more."""
COMMON: Any = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


@pytest.mark.soak
@settings(max_examples=1_000 if SOAK else 4, derandomize=not SOAK, database=None, **COMMON)
@given(steps=st.lists(step, min_size=15, max_size=40 if SOAK else 25))
async def test_custody_is_clean_after_every_step(
    parcels: Parcels, bags: Bags, steps: list[tuple[Any, ...]]
) -> None:
    await run(parcels, bags, steps)


@pytest.mark.parametrize("seed", range(2))
async def test_terminals_at_once(parcels: Parcels, bags: Bags, seed: int) -> None:
    """The same from many terminals at once: nothing deadlocks for good, nothing is lost."""
    rng = random.Random(seed)
    made = [await bags.new() for _ in range(BAGS)]
    post = Post(parcels, bags, await parcels.booked(4), made)

    def steps() -> list[tuple[Any, ...]]:
        at, n, b = rng.randrange(-15, 6), rng.randrange(4), rng.randrange(BAGS)
        return [
            ("scan", n, rng.choice(get_args(ScannedName)[:5]), at, "KZ00001"),
            ("pack", n, b, rng.choice(["packed", "packed", "removed"]), at),
            ("bag", b, rng.choice(["loaded", "unloaded", "held"]), at),
            ("open", b, set(rng.sample(range(4), 2)), at),
            ("again", rng.randrange(50)),
        ]

    for _ in range(8):
        await asyncio.gather(*(post.take(rng.choice(steps())) for _ in range(6)))
        parcels.api.clock.at += timedelta(minutes=2)
        audit = await audit_custody(parcels.api.database)
        assert audit.clean, audit.wrong
