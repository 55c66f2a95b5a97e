"""What an account asked by day and class: counted in memory, added up, told, forgotten."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.traffic.domain import ORDER
from services.gateway.usage import repository, service
from services.gateway.usage.domain import OUTCOMES, Cell, Tally, outcome
from shared.clock import FrozenClock
from shared.database import Database
from tests.conftest import START
from tests.services.gateway.conftest import Gateway, bearer

pytestmark = pytest.mark.anyio


async def told(gateway: Gateway, key: Any, query: str = "") -> Any:
    answer = await gateway.client.get(f"/v1/usage{query}", headers=bearer(key))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_answered_refused_and_failed_by_day_and_class(
    near: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, other = await near.issue("parcels:read"), await near.issue("parcels:read")
    account = str(near.partner_id)
    tally, database, clock = near.gate.usage, near.api.database, near.api.clock
    near.gate.traffic.quotas.monotonic = near.ticks
    near.gate.traffic.quotas.agreed = lambda who: {"reads": 2} if who == account else {}
    asked = [await near.client.get("/v1/parcels", headers=bearer(other)) for _ in range(4)]
    assert [answer.status_code for answer in asked] == [200, 200, 429, 429]
    await near.client.get("/v1/parcels")  # nobody's
    assert (await told(near, key))["rows"] == []

    async def away(*_: object) -> None:
        raise TimeoutError

    with monkeypatch.context() as patched:
        patched.setattr(repository, "add", away)
        await service.flush(tally, database, clock)
    await service.flush(tally, database, clock)
    near.ticks.at += 120
    await near.client.get("/v1/parcels", headers=bearer(other))
    await service.flush(tally, database, clock)
    today = {"day": "2019-03-21", "class": "reads"}
    near.ticks.at += 120
    found = await told(near, other)
    assert (found["from"], found["until"]) == ("2019-02-20", "2019-03-21")
    assert found["rows"] == [{**today, "answered": 3, "refused_limit": 2, "failed": 0}]

    clock.at = START + timedelta(days=1)
    await service.flush(tally, database, clock)
    assert [row["day"] for row in (await told(near, other))["rows"]] == ["2019-03-22", "2019-03-21"]
    assert (await told(near, key, "?from=2019-01-01&until=2019-03-20"))["rows"] == []
    for query in ("?from=2019-03-22&until=2019-03-21", "?from=2018-01-01", "?from=x"):
        wrong = await near.client.get(f"/v1/usage{query}", headers=bearer(key))
        assert wrong.status_code == 422, query

    async with database.transaction() as session:
        assert await service.forget(session, START + service.KEPT) == 0
        assert await service.forget(session, START + service.KEPT + timedelta(days=1)) == 2


CELL: Final[Cell] = ("00000000-0000-7000-8000-000000000001", "live", "reads")


class Stopping:
    """A process that is stopped while it writes what it counted: a single request."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tally = Tally()
        self.tally.count(CELL, 200)
        self.written: list[Mapping[Cell, Sequence[int]]] = []
        self.begun = asyncio.Event()
        self.instead: Exception | None = None
        self.stays_away = False
        monkeypatch.setattr(service, "FLUSH_S", 0)
        monkeypatch.setattr(repository, "add", self._add)

    async def _add(self, _: Database, __: date, cells: Mapping[Cell, Sequence[int]]) -> None:
        if self.begun.is_set() and not self.stays_away:
            self.written.append(cells)
            return
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            if self.instead is None:
                raise
            raise self.instead from None

    async def stopped(self) -> None:
        nowhere = Database("postgresql://x/x", application="x", pool_size=1, hot_size=1)
        task = asyncio.create_task(service.keep_flushing(self.tally, nowhere, FrozenClock(START)))
        await self.begun.wait()
        task.cancel()
        await asyncio.wait({task}, timeout=5)
        ended = task.cancelled()
        task.cancel()
        assert ended


class TestStopping:
    async def test_what_was_being_written_is_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        process = Stopping(monkeypatch)
        await process.stopped()
        assert process.written == [{CELL: [1, 0, 0]}]

    async def test_an_error_in_the_cancellations_place(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        process = Stopping(monkeypatch)
        process.instead = asyncpg.InterfaceError("the server went away too")
        await process.stopped()
        assert process.written == [{CELL: [1, 0, 0]}]

    async def test_a_database_that_is_away_keeps_nobody(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service, "LAST_FLUSH_S", 0)
        process = Stopping(monkeypatch)
        process.stays_away = True
        await process.stopped()
        assert process.tally.take() == {CELL: [1, 0, 0]}


statuses = st.sampled_from([0, 200, 304, 404, 422, 429, 500, 503])
cells = st.tuples(st.sampled_from("ab"), st.just("live"), st.sampled_from(ORDER))


@given(st.lists(st.tuples(cells, statuses)), st.lists(st.tuples(cells, statuses)))
def test_nothing_is_lost_or_counted_twice(first: list[Any], second: list[Any]) -> None:
    tally = Tally()
    for cell, status in first:
        tally.count(cell, status)
    taken = tally.take()
    for cell, status in second:
        tally.count(cell, status)
    tally.put_back(taken)
    whole = tally.take()
    for cell in {cell for cell, _ in first + second}:
        expected = [outcome(status) for one, status in first + second if one == cell]
        assert whole[cell] == [expected.count(n) for n in range(len(OUTCOMES))]
    assert tally.take() == {}
