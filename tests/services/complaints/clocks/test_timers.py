"""The worker: every timer fires once, whatever the clock does and whoever dies half-way."""

import asyncio
import os
import random
from collections import Counter
from contextlib import suppress
from typing import Any, Final

import asyncpg
import pytest

from services.complaints import worker
from services.complaints.clocks import sheets
from services.complaints.clocks.keeping import Keeper
from shared.clock import FrozenClock
from tests.services.complaints.clocks.conftest import ComplaintsDesk, tehran, wall

pytestmark = pytest.mark.anyio

CASES: Final = 200 if os.environ.get("SUSA_SOAK") == "1" else 6
KILLS: Final = 400 if os.environ.get("SUSA_SOAK") == "1" else 16
FIRED: Final = ("clock.reminded", "clock.breached", "clock.escalated", "clock.resumed")


async def fired(desk: ComplaintsDesk) -> Counter[tuple[Any, ...]]:
    """What fired, by case and clock; a page of the feed holds it all."""
    found: Counter[tuple[Any, ...]] = Counter()
    for event in await desk.api.events(*FIRED):
        data = event["data"]
        told = data.get("clock") or {"measure": "pause", "level": 0, "nth": data["pause"]["nth"]}
        which = (told["measure"], told["nth"], told["level"], data.get("before_minutes"))
        found[event["type"], event["subject"], *which, wall(event["time"])] += 1
    return found


class TestJumps:
    async def test_a_leap_that_is_put_right_breaches_nothing(self, desk: ComplaintsDesk) -> None:
        filed = await desk.file()
        await desk.tick()
        desk.at("2020-04-08 08:00")  # set wrong
        assert await desk.keeper.tick("live", desk.api.database, desk.api.clock) == 0
        desk.at("2019-04-08 08:10")  # put right
        assert await desk.tick() == 0
        await desk.answer(filed)
        assert await fired(desk) == Counter()
        assert {c["state"] for c in (await desk.clocks(filed))["clocks"]} == {"met"}

    async def test_backwards_nothing_fires_again(self, desk: ComplaintsDesk) -> None:
        filed = await desk.file()
        desk.at("2019-04-08 09:10")
        await desk.tick()
        before = await fired(desk)
        assert set(before.values()) == {1}
        for moment in ("2019-04-08 08:05", "2019-04-07 23:00", "2019-04-08 09:10"):
            desk.at(moment)
            assert await desk.tick() == 0
            assert (await desk.clock(filed, "first_response"))["elapsed_minutes"] >= 0
        assert await fired(desk) == before
        desk.at("2019-04-08 09:31")
        await desk.tick()
        assert len((await fired(desk)) - before) == 1  # the level above, at 09:30

    async def test_the_worlds_clock_is_the_timers_clock(self, desk: ComplaintsDesk) -> None:
        """Of a backfill or a sandbox: the wall has nothing to say."""
        await desk.file()
        desk.at("2020-01-01 08:00")
        async with desk.api.database.hot.acquire() as connection:
            await connection.execute(
                "UPDATE clock SET mode = 'sandbox', at = $1", tehran("2019-04-08 08:50")
            )
        await desk.tick()
        assert [fact[-1] for fact in await fired(desk)] == ["2019-04-08 08:45"]


class TestRaces:
    @pytest.mark.soak
    async def test_whoever_dies_half_way_each_timer_fires_once(self, desk: ComplaintsDesk) -> None:
        """Two workers at a time, killed at any await; then others, from what is on disk."""
        chance = random.Random(1398)
        cases = [await desk.file(category=c) for _ in range(CASES // 3) for c in ("price", "loss")]
        cases += [await desk.file() for _ in range(CASES - len(cases))]
        for filed in cases[: CASES // 4]:
            await desk.pause(filed)
        desk.at("2019-04-09 14:00")
        clock = FrozenClock(desk.api.clock.at)
        steps = asyncio.Event()

        async def worker() -> None:
            keeper = Keeper()
            for _ in range(2):
                await keeper.tick("live", desk.api.database, clock)
            steps.set()

        kills = 0
        while not steps.is_set() and kills < KILLS:
            pair = [asyncio.create_task(worker()) for _ in range(2)]
            for _ in range(chance.randint(1, 60)):
                await asyncio.sleep(0)
            await asyncio.wait(pair, timeout=chance.choice((0.01, 0.05, 0.1)))
            for task in pair:
                kills += task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        assert kills > 0
        await asyncio.gather(worker(), worker())
        found = await fired(desk)
        assert set(found.values()) == {1}
        assert found == await self.expected(desk, cases)

    async def expected(
        self, desk: ComplaintsDesk, cases: list[dict[str, Any]]
    ) -> Counter[tuple[Any, ...]]:
        """What the record of the cases says, where no two steps are the same."""
        found: Counter[tuple[Any, ...]] = Counter()
        for filed in cases:
            clocks = await desk.clocks(filed)
            for step in clocks["steps"]:
                if step["kind"] in {"reminded", "breached", "escalated"}:
                    before = step["minutes"] if step["kind"] == "reminded" else None
                    which = (step["measure"], step["nth"], step["level"], before)
                    kind = f"clock.{step['kind']}"
                    found[kind, filed["number"], *which, wall(step["at"])] += 1
            for pause in clocks["pauses"]:
                which = ("pause", pause["nth"], 0, None)
                found["clock.resumed", filed["number"], *which, wall(pause["until"])] += 1
            breached = [c for c in clocks["clocks"] if c["breached_at"] is not None]
            assert breached, filed
            assert all(c["due_at"] == c["breached_at"] for c in breached)
        return found

    async def test_a_case_that_fails_holds_up_no_other(
        self, desk: ComplaintsDesk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bad, good = await desk.file(), await desk.file()
        whole = sheets.let_pass

        async def fails(session: Any, book: Any, moment: Any) -> None:
            await whole(session, book, moment)
            if book.case.number == bad["number"]:
                raise LookupError(book.case.number)

        desk.at("2019-04-08 08:50")
        monkeypatch.setattr(sheets, "let_pass", fails)
        assert await desk.tick() == 1
        assert [fact[1] for fact in await fired(desk)] == [good["number"]]
        monkeypatch.setattr(sheets, "let_pass", whole)
        assert await desk.tick() == 1
        assert {fact[1] for fact in await fired(desk)} == {bad["number"], good["number"]}

    async def test_of_many_who_pause_or_escalate_one_does(self, desk: ComplaintsDesk) -> None:
        filed = await desk.file()
        path = f"/v1/complaints/{filed['number']}"
        question = {"reason": "document_requested", "question": "رسید را بفرستید"}
        asked = [desk.send("POST", f"{path}/pauses", json=question) for _ in range(6)]
        answers = Counter(answer.status_code for answer in await asyncio.gather(*asked))
        assert answers == {201: 1, 409: 5}
        up = [desk.send("POST", f"{path}/escalations", json={"reason": "دیر"}) for _ in range(6)]
        answers = Counter(answer.status_code for answer in await asyncio.gather(*up))
        assert answers == {201: 2, 409: 4}  # one a level
        ended, *_ = await asyncio.gather(
            desk.send("POST", f"{path}/pauses/end"), desk.say(filed), desk.say(filed)
        )
        who = {200: "staff", 409: "complainant"}[ended.status_code]  # whoever was first
        record = await desk.clocks(filed)
        assert [pause["ended_by"] for pause in record["pauses"]] == [who]
        assert set((await fired(desk)).values()) == {1}

    async def test_an_answer_meets_the_timer(self, desk: ComplaintsDesk) -> None:
        """Of the same case at the same time: whoever is first, the same is on record."""
        cases = [await desk.file() for _ in range(6)]
        desk.at("2019-04-08 09:10")
        await desk.keeper.tick("live", desk.api.database, desk.api.clock)
        await asyncio.gather(
            *(desk.answer(filed) for filed in cases),
            *(desk.tick(Keeper()) for _ in range(2)),
            desk.tick(),
        )
        assert set((await fired(desk)).values()) == {1}
        for filed in cases:
            kinds = Counter(s["kind"] for s in (await desk.clocks(filed))["steps"])
            assert (kinds["reminded"], kinds["breached"], kinds["stopped"]) == (1, 1, 3)


async def test_the_worker_ticks_and_follows_the_holidays(desk: ComplaintsDesk) -> None:
    names = {job.name for job in worker.jobs(desk.api.app.state.runtime).jobs}
    assert {"clocks/live", "complaints.calendars/live"} <= names


async def test_what_is_on_record_cannot_be_changed(desk: ComplaintsDesk) -> None:
    """By the role that the service itself has: the database refuses."""
    filed = await desk.file()
    await desk.pause(filed)
    await desk.resume(filed)
    desk.at("2019-04-09 09:00")
    await desk.tick()
    connection = await asyncpg.connect(desk.api.target.app_dsn)
    try:
        for table, column in (
            ("clock_step", "kind"),
            ("case_pause", "reason"),
            ("case_pause_end", "ended_by"),
            ("desk_week", "reason"),
            ("desk_day", "reason"),
        ):
            for statement in (
                f"UPDATE {table} SET {column} = 'other'",
                f"DELETE FROM {table}",
                f"TRUNCATE {table}",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
        for table in ("case_clock", "case_sla", "sla_version"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"DELETE FROM {table}")
        with pytest.raises(asyncpg.UniqueViolationError):  # nor is a breach told twice
            await connection.execute(
                "INSERT INTO clock_step (SELECT case_id, nth + 1000, kind, measure, clock, level,"
                " minutes, due_at, at, recorded_at, account, reason FROM clock_step"
                " WHERE kind = 'breached')"
            )
        # what may be written is no way around: the record is read, not the clock's own row
        await connection.execute("UPDATE case_clock SET breached_at = NULL, due_at = '2030-01-01'")
    finally:
        await connection.close()
    clock = await desk.clock(filed)
    assert clock["state"] == "breached"
    report = await desk.ask(
        "GET", "/v1/statistics/complaint-clocks?period=1398-01-19", "reports:read"
    )
    (resolution,) = (row for row in report["rows"] if row["measure"] == "resolution")
    assert (resolution["late"], resolution["breaches"]) == (1, 1)
