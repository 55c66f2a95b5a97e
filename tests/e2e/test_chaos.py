"""kill -9 of any process and of PostgreSQL under load: nothing acknowledged is lost or doubled."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import islice
from typing import Final

import pytest

from tests.e2e.actors import Actor, connected, eventually
from tests.e2e.chaos.checks import State, looking
from tests.e2e.chaos.installation import Installation, installed
from tests.e2e.chaos.load import Load
from tests.e2e.chaos.victims import victims
from tests.e2e.receiver import Receiver, receiving

pytestmark = pytest.mark.anyio

SEED: Final = 2
SOAK: Final = os.environ.get("SUSA_SOAK") == "1"
POINTS: Final = 300 if SOAK else 10
REQUESTS_BETWEEN_MAX: Final = 40
PAUSE_S_MAX: Final = 0.4
MERCY: Final = 0.75
RESTART_S: Final = 0.2
CATCH_UP_S_MAX: Final = 600
STUCK_S_MAX: Final = 600
"""Longer than the lease of a delivery whose worker was killed."""
OFFICES: Final = 5


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("chaos")) as made:
        yield made


@asynccontextmanager
async def load_on(made: Installation, receiver: Receiver) -> AsyncIterator[Load]:
    """A running load, whose shop listens; at the end all its requests are acknowledged."""
    async with looking(made.targets) as state:
        await eventually(state.parcels_knows_the_offices)
    async with connected(made.url) as client:
        manager = Actor(client, made.manager)
        scopes = ("parcels:book", "parcels:read", "webhooks:write")
        shop = await manager.open_account("shop", "فروشگاه کارون", *scopes)
        clerk = await manager.open_account("staff", "باجهٔ اهواز", "scans:write")
        wanted = {"url": receiver.url, "events": ["parcel.*"]}
        registered = await shop.ask("POST", "/v1/webhooks", status=201, json=wanted)
        receiver.secret = registered["secret"]
        found = await manager.ask("GET", "/v1/offices", params={"limit": OFFICES})
        offices = [office["code"] for office in found["items"]]
        load = Load((shop, clerk, manager), offices, random.Random(SEED))
        async with asyncio.TaskGroup() as group:
            clients = group.create_task(load.run())
            keeper = group.create_task(keep_running(made))
            yield load
            load.stop()
            await clients
            keeper.cancel()


async def keep_running(made: Installation) -> None:
    """What a service manager does with processes that end by themselves; until cancelled."""
    while True:
        for part in made.parts:
            if await asyncio.to_thread(part.start_if_ended):
                print(f"{part.name} ended by itself")  # noqa: T201 - for `pytest -s`
        await asyncio.sleep(RESTART_S)


async def strike(made: Installation, load: Load, dice: random.Random, points: int) -> None:
    """Kill someone at a random moment, mostly not before all clients get on again."""
    await load.progress(REQUESTS_BETWEEN_MAX)
    for victim in islice(victims(made, dice), points):
        await asyncio.sleep(dice.uniform(0, PAUSE_S_MAX))
        started_at = time.monotonic()
        await asyncio.to_thread(victim.strike)
        if dice.random() < MERCY:
            await load.progress(dice.randint(1, REQUESTS_BETWEEN_MAX))
        elapsed_s = time.monotonic() - started_at
        print(f"{victim.name}: {elapsed_s:.1f} s")  # noqa: T201 - for `pytest -s`
    await load.progress(REQUESTS_BETWEEN_MAX)


async def all_holds(made: Installation, load: Load, state: State) -> None:
    known = load.known
    await eventually(state.caught_up, CATCH_UP_S_MAX)
    await state.bookings_exist_once(known)
    await state.scans_are_there_once(known)
    await state.offices_and_cases_exist_once(known)
    await state.roll_ups_equal_a_recount()
    await state.feeds_have_no_gap()
    await state.every_change_was_told_once(known)
    await state.partners_were_told_everything_once()
    await state.every_change_became_one_delivery()
    await state.attempts_are_in_the_log()
    audit = await asyncio.to_thread(made.susa, "audit", "custody")
    assert audit["clean"] is True, audit
    assert audit["items"] == len(known.bookings)


async def everything_is_delivered(state: State) -> None:
    """However long it takes, as long as it goes on."""
    left = await state.undelivered()
    while left:
        deadline = time.monotonic() + STUCK_S_MAX
        while (now := await state.undelivered()) >= left:
            assert time.monotonic() < deadline, f"{left} webhooks are not delivered"
            await asyncio.sleep(1)
        left = now


def told_in_order(receiver: Receiver) -> None:
    """Each signature holds, and no parcel's change arrived before an earlier one."""
    assert receiver.forged == []
    versions: dict[str, list[int]] = {}
    for payload in receiver.got:
        data = payload["data"]
        seen = versions.setdefault(data["barcode"], [])
        if data["version"] not in seen:  # one whose answer was lost comes again
            seen.append(data["version"])
    assert all(seen == sorted(seen) for seen in versions.values())


@pytest.mark.soak
async def test_nothing_acknowledged_is_lost_or_doubled(installation: Installation) -> None:
    async with receiving() as receiver:
        async with load_on(installation, receiver) as load:
            await strike(installation, load, random.Random(SEED), POINTS)
        known = load.known
        print(  # noqa: T201 - figures, for `pytest -s`
            f"{POINTS} kills, {len(known.bookings)} bookings, {len(known.cancelled)} cancelled,"
            f" {len(known.scans)} scans, {len(known.offices)} offices, {len(known.cases)} cases,"
            f" {known.requests.total()} requests, {known.retries} retries"
        )
        async with looking(installation.targets) as state:
            await all_holds(installation, load, state)
            if SOAK:
                await everything_is_delivered(state)
        told_in_order(receiver)
