"""A worker that dies leaves nothing undone, and one that comes back late changes nothing."""

import asyncio
import signal
import sys
from contextlib import AsyncExitStack

import pytest

from services.gateway.webhooks import repository
from services.gateway.webhooks.deliverer import Deliverer
from services.gateway.webhooks.domain import Answer, Step
from services.gateway.webhooks.sender import Sender
from tests.conftest import Api
from tests.services.gateway.webhooks.conftest import Subscribe
from tests.services.gateway.webhooks.support import (
    advance,
    changed,
    deliver,
    event,
    follow,
    held,
    leased,
    rows,
    until,
)

pytestmark = pytest.mark.anyio


WORKER = """
import asyncio, sys
from datetime import datetime
from services.gateway.webhooks.deliverer import Deliverer
from services.gateway.webhooks.sender import Sender
from shared.clock import FrozenClock
from shared.database import Database

async def main(dsn, at):
    clock = FrozenClock(datetime.fromisoformat(at))
    database = Database(dsn, application="killed", pool_size=1, hot_size=2)
    await database.open()
    await Deliverer(database, Sender(clock, allow_private=True), clock).run()

asyncio.run(main(*sys.argv[1:]))
"""


class TestCrash:
    async def test_a_worker_that_dies_before_recording(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer, stack: AsyncExitStack
    ) -> None:
        receiver = await subscribe()
        never = asyncio.Event()
        receiver.answering = held(never)
        await follow(api, event(changed(1, 1), changed(1, 2)))
        await deliverer.start_due()
        await until(lambda: len(receiver.got) == 1)
        await deliverer.abort()
        receiver.answering = None
        sender = await stack.enter_async_context(Sender(api.clock, allow_private=True))
        second = Deliverer(api.database, sender, api.clock)
        advance(api, seconds=59)
        assert await second.start_due() == 0
        advance(api, seconds=1)
        await deliver(second)
        assert receiver.versions == [1, 1, 2]
        assert receiver.ids[0] == receiver.ids[1] != receiver.ids[2]
        assert [row["attempts"] for row in await rows(api)] == [2, 1]

    async def test_a_worker_killed_between_sending_and_recording(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        never = asyncio.Event()
        receiver.answering = held(never)
        await follow(api, event(changed(1, 1), changed(1, 2)))
        arguments = (api.target.app_dsn, api.clock.now().isoformat())
        worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, *arguments)
        await until(lambda: len(receiver.got) == 1)
        worker.kill()
        assert await worker.wait() == -signal.SIGKILL
        receiver.answering = None
        advance(api, seconds=59)
        assert await deliverer.start_due() == 0
        advance(api, seconds=1)
        await deliver(deliverer)
        assert receiver.versions == [1, 1, 2]
        assert receiver.ids[0] == receiver.ids[1] != receiver.ids[2]
        assert receiver.forged == []

    async def test_the_word_of_a_worker_whose_lease_ran_out_does_not_count(
        self, api: Api, subscribe: Subscribe
    ) -> None:
        await subscribe()
        await follow(api, event(changed(1, 1), changed(1, 2)))
        (late,) = await leased(api)
        advance(api, seconds=61)
        (mine,) = await leased(api)
        assert late.id == mine.id
        async with api.database.hot.acquire() as connection:
            done = Step("delivered")
            now = api.clock.now()
            assert not await repository.record(connection, late, Answer(200), done, now)
            assert [row["status"] for row in await rows(api)] == ["pending", "waiting"]
            assert await repository.record(connection, mine, Answer(200), done, now)
            assert not await repository.record(connection, mine, Answer(200), done, now)
        assert [row["status"] for row in await rows(api)] == ["delivered", "pending"]
