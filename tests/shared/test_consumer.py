"""Consumers: exactly-once effects, quarantine, and loud stops."""

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import outbox
from shared.auth import service_caller
from shared.client import Sister
from shared.consumer import Consumer, ConsumerStoppedError, CursorMovedError, Runner
from tests.conftest import START, Api, Serve

pytestmark = pytest.mark.anyio


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


def runner(api: Api, ledger: Ledger) -> Runner:
    minter = api.app.state.runtime.minter
    sister = Sister(api.client, minter, service_caller("offices"))
    return Runner(Consumer("test.effects", ("a.b",), ledger.handle), api.database, sister)


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
        async with asyncio.timeout(30):
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
