"""Consumers: exactly-once effects, quarantine, and loud stops."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import override

from shared import consumer as consumer_module
from shared import outbox
from shared.auth import service_caller
from shared.client import Sister
from shared.consumer import (
    PAGES_KEPT,
    Consumer,
    ConsumerStoppedError,
    CursorMovedError,
    Reader,
    Runner,
)
from tests.conftest import START, Api, Serve

pytestmark = pytest.mark.anyio
EVENTS = 4 * PAGES_KEPT


class Ledger:
    """An effect in the database: counts how often each event was applied."""

    def __init__(self) -> None:
        self.fail_on: set[int] = set()
        self.once: set[int] = set()
        self.away = 0
        """So many times the database goes away under a handler."""

    async def handle(self, session: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
        for event in events:
            n = event["data"]["n"]
            if self.away:
                self.away -= 1
                raise asyncpg.CannotConnectNowError("the database system is starting up")
            await session.execute(text(f"INSERT INTO effect VALUES ({n})"))
            if n in self.fail_on:
                raise ValueError(f"cannot digest {n}")
            if n in self.once:
                self.once.discard(n)
                raise ValueError("a passing failure")


async def prepared(serve: Serve) -> tuple[Api, Ledger, Runner]:
    api: Api = await serve("offices")
    owner = await asyncpg.connect(api.target.owner_dsn)
    await owner.execute("CREATE TABLE effect (n int)")
    await owner.close()
    ledger = Ledger()
    return api, ledger, runner(api, ledger)


def producer_of(api: Api) -> Sister:
    minter = api.app.state.runtime.minter
    return Sister(api.client, minter, service_caller("offices"))


def runner(api: Api, ledger: Ledger) -> Runner:
    effects = Consumer("test.effects", ("a.b",), ledger.handle)
    return Runner(effects, api.database, producer_of(api))


async def put(api: Api, *numbers: int) -> None:
    for n in numbers:
        async with api.database.transaction() as session:
            await outbox.append(session, "a.b", {"n": n}, time=START)
    await api.publish()


async def effects(api: Api) -> list[int]:
    return [row["n"] for row in await api.database.hot.fetch("SELECT n FROM effect ORDER BY n")]


class TestRunner:
    async def test_each_event_has_one_effect(self, serve: Serve) -> None:
        api, ledger, run = await prepared(serve)
        await put(api, 1, 2, 3)
        assert await run.step() == 3
        assert await run.step() == 0
        assert await runner(api, ledger).step() == 0  # after a restart: from the stored cursor
        assert await effects(api) == [1, 2, 3]

    async def test_a_database_that_is_away_for_a_while_is_not_the_events_fault(
        self, serve: Serve
    ) -> None:
        api, ledger, run = await prepared(serve)
        await put(api, 1, 2)
        ledger.away = 5  # more often than an event may fail
        task = asyncio.create_task(run.run())
        async with asyncio.timeout(180):
            while await effects(api) != [1, 2]:  # noqa: ASYNC110 - in the database, no event here
                await asyncio.sleep(0.05)
        task.cancel()
        assert await api.database.hot.fetchval("SELECT count(*) FROM quarantine") == 0

    async def test_a_passing_failure_leaves_no_half_effect(self, serve: Serve) -> None:
        api, ledger, run = await prepared(serve)
        ledger.once = {2}
        await put(api, 1, 2, 3)
        await run.step()
        assert await effects(api) == [1, 2, 3]
        assert await api.database.hot.fetchval("SELECT count(*) FROM quarantine") == 0

    async def test_what_keeps_failing_is_quarantined_and_the_rest_goes_on(
        self, serve: Serve
    ) -> None:
        api, ledger, run = await prepared(serve)
        ledger.fail_on = {2}
        await put(api, 1, 2, 3)
        await run.step()
        assert await effects(api) == [1, 3]
        row = await api.database.hot.fetchrow("SELECT position, error, event FROM quarantine")
        assert row["position"] == 2
        assert "cannot digest 2" in row["error"]
        assert run.position == 3

    async def test_two_workers_do_not_apply_a_page_twice(self, serve: Serve) -> None:
        api, ledger, one = await prepared(serve)
        two = runner(api, ledger)
        await put(api, 1)
        await one.step()
        await two.step()
        await put(api, 2)
        await one.step()
        with pytest.raises(CursorMovedError):
            await two.step()
        assert await two.step() == 0
        assert await effects(api) == [1, 2]

    async def test_a_restored_producer_stops_the_consumer(self, serve: Serve) -> None:
        api, _, run = await prepared(serve)
        await put(api, 1)
        await run.step()
        await api.database.hot.execute("UPDATE feed_head SET epoch = $1", uuid.uuid4())
        await put(api, 2)  # a page with nothing new in it would be waited for
        with pytest.raises(ConsumerStoppedError, match="epoch"):
            await run.step()
        await run.run()  # does not go on by itself
        assert run.stopped is not None
        assert await effects(api) == [1]

    async def test_a_cursor_ahead_of_the_head_stops(self, serve: Serve) -> None:
        api, _, run = await prepared(serve)
        await put(api, 1)
        await run.step()
        await api.database.hot.execute("UPDATE feed_cursor SET position = 99")
        fresh = runner(api, Ledger())
        with pytest.raises(ConsumerStoppedError, match="ahead"):
            await fresh.step()

    async def test_types_it_does_not_take_are_passed_over(self, serve: Serve) -> None:
        api, _, run = await prepared(serve)
        async with api.database.transaction() as session:
            await outbox.append(session, "other.type", {"n": 9}, time=START)
        await put(api, 1)
        assert await run.step() == 2
        assert await effects(api) == [1]


class Counting(Reader):
    """Counts its requests; the first so many of them fail."""

    asked = 0
    failing = 0

    @override
    async def _ask(self, name: str, after: int, wait_s: float) -> dict[str, Any]:
        self.asked += 1
        if self.asked <= self.failing:
            raise httpx.ReadTimeout("no answer")
        return await super()._ask(name, after, wait_s)


async def racers(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> tuple[Counting, Runner, Runner, asyncio.Event]:
    """Two that read together, pages of one event: a fast one, and one that waits for the event."""
    api, _, _ = await prepared(serve)
    monkeypatch.setattr(consumer_module, "PAGE_ROWS", 1)
    for n in range(EVENTS):
        async with api.database.transaction() as session:
            await outbox.append(session, "a.b", {"n": n}, time=START)
    await api.publish()
    reader, free = Counting(producer_of(api)), asyncio.Event()

    async def pass_on(_: AsyncSession, __: Sequence[dict[str, Any]]) -> None:
        pass

    async def wait(_: AsyncSession, __: Sequence[dict[str, Any]]) -> None:
        await free.wait()

    made = (Consumer("test.fast", ("a.b",), pass_on), Consumer("test.slow", ("a.b",), wait))
    quick, dull = (Runner(one, api.database, reader) for one in made)
    return reader, quick, dull, free


async def to_the_end(runner: Runner) -> None:
    while runner.position < EVENTS:
        await runner.step()


class TestReader:
    async def test_who_is_abreast_reads_together(self, serve: Serve) -> None:
        api, _, _ = await prepared(serve)
        reader = Counting(producer_of(api))
        wanted = {"test.ab": ("a.b",), "test.cd": ("c.d",), "test.both": ("a.b", "c.d")}
        got: dict[str, list[int]] = {name: [] for name in wanted}

        def consumer(name: str) -> Consumer:
            async def handle(_: AsyncSession, events: Sequence[dict[str, Any]]) -> None:
                got[name] += [event["data"]["n"] for event in events]

            return Consumer(name, wanted[name], handle)

        runners = [Runner(consumer(name), api.database, reader) for name in wanted]
        for n, kind in enumerate(("a.b", "c.d", "x.y", "a.b")):
            async with api.database.transaction() as session:
                await outbox.append(session, kind, {"n": n}, time=START)
        await api.publish()
        assert await asyncio.gather(*(one.step() for one in runners)) == [4, 4, 4]
        assert got == {"test.ab": [0, 3], "test.cd": [1], "test.both": [0, 1, 3]}
        late = Runner(consumer("test.ab"), api.database, reader)
        late._at = (None, 0)  # as one that a page's effect failed for
        assert reader.asked == 1
        with pytest.raises(CursorMovedError):
            await late.step()
        assert reader.asked == 1, "the page was read for the others"
        for _ in range(2):  # who asks says how far the others were when they asked last
            await asyncio.gather(*(one.step() for one in runners))
        acknowledged = await api.database.hot.fetch("SELECT * FROM feed_consumer ORDER BY name")
        assert [(row["name"], row["position"]) for row in acknowledged] == [
            (name, 4) for name in sorted(wanted)
        ]

    async def test_the_fast_wait_for_the_slow(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Else each would read all the feed by itself."""
        reader, quick, dull, free = await racers(serve, monkeypatch)
        monkeypatch.setattr(consumer_module, "ABREAST_S", 600)
        async with asyncio.TaskGroup() as group:
            slow = group.create_task(to_the_end(dull))
            while "test.slow" not in reader._positions:  # noqa: ASYNC110 - until it has come
                await asyncio.sleep(0)
            for _ in range(PAGES_KEPT):
                await quick.step()
            fast = group.create_task(to_the_end(quick))
            await asyncio.wait({fast, slow}, timeout=0.05)
            assert quick.position == PAGES_KEPT
            free.set()
        assert reader.asked == EVENTS

    async def test_one_that_stands_still_holds_nobody_up_for_long(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, quick, dull, free = await racers(serve, monkeypatch)
        monkeypatch.setattr(consumer_module, "ABREAST_S", 0.01)
        async with asyncio.TaskGroup() as group:
            group.create_task(dull.step())
            await to_the_end(quick)
            free.set()

    async def test_who_waits_for_a_reading_that_fails_asks_itself(self, serve: Serve) -> None:
        api, ledger, _ = await prepared(serve)
        await put(api, 1, 2)
        reader = Counting(producer_of(api))
        reader.failing = 1
        runners = [
            Runner(Consumer(f"test.{name}", ("a.b",), ledger.handle), api.database, reader)
            for name in "xyz"
        ]
        steps = (one.step(wait_s=1) for one in runners)
        first, *others = await asyncio.gather(*steps, return_exceptions=True)
        assert isinstance(first, httpx.ReadTimeout)
        assert (others, reader.asked) == ([2, 2], 2)
        assert await effects(api) == [1, 1, 2, 2]

    async def test_a_reader_that_is_cancelled_leaves_the_others_theirs(self, serve: Serve) -> None:
        api, ledger, _ = await prepared(serve)
        reader = Reader(producer_of(api))
        runners = [
            Runner(Consumer(f"test.{name}", ("a.b",), ledger.handle), api.database, reader)
            for name in "xy"
        ]
        first, second = [asyncio.create_task(one.step(wait_s=20)) for one in runners]
        while not reader._under_way:  # noqa: ASYNC110 - until the first has asked
            await asyncio.sleep(0)
        first.cancel()
        await put(api, 7)
        assert await second == 1
        assert await effects(api) == [7]
