"""Jobs end when they are told to, also when the database goes away at that moment."""

import asyncio
from typing import Any

import asyncpg
import pytest
from typing_extensions import override

from shared import work
from shared.database import Database
from shared.outbox import Relay
from tests.conftest import Serve

pytestmark = pytest.mark.anyio


class Failing(Relay):
    """As a transaction whose rollback finds no server: another error for the cancellation."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.at_work = asyncio.Event()

    @override
    async def move(self, connection: Any) -> int:
        await self.job()
        return 0

    async def job(self) -> None:
        self.at_work.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise asyncpg.InterfaceError("connection is closed") from None


async def ends_when_cancelled(failing: Failing, task: "asyncio.Task[None]") -> None:
    await asyncio.wait_for(failing.at_work.wait(), 10)
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=10)
    assert done == {task}
    assert task.cancelled()


async def test_a_job_whose_clean_up_fails_is_not_started_again(serve: Serve) -> None:
    api = await serve("offices")
    failing = Failing(api.database)
    made = work.Work(api.app.state.runtime)
    made.add("failing", failing.job)
    await ends_when_cancelled(failing, asyncio.create_task(work.run_all([made])))


async def test_a_relay_whose_rollback_fails_ends(serve: Serve) -> None:
    api = await serve("offices")
    failing = Failing(api.database)
    await ends_when_cancelled(failing, asyncio.create_task(failing.run()))
