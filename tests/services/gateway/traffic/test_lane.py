"""The lane to a sister: who gets in, who waits, who is shed; nothing is ever lost or kept."""

import asyncio
import random

import pytest

from services.gateway.traffic import lane as module
from services.gateway.traffic.adaptive import START
from services.gateway.traffic.breaker import FAILURES_MIN
from services.gateway.traffic.domain import ORDER, Class
from services.gateway.traffic.errors import Overloaded, SisterResting
from services.gateway.traffic.lane import Lane

pytestmark = pytest.mark.anyio


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def asking(lane: Lane, kind: Class, who: str) -> "asyncio.Task[float]":
    return asyncio.create_task(lane.enter(kind, who))


async def filled(lane: Lane, kind: Class = "payments") -> list[str]:
    """Everyone has one place, until there is none left."""
    holders = [f"holder-{n}" for n in range(START)]
    for who in holders:
        assert await lane.enter(kind, who) == 0
    return holders


async def test_nobody_fills_more_than_half() -> None:
    lane = Lane("parcels")
    for _ in range(START // 2):
        await lane.enter("scans", "flood")
    more = asking(lane, "scans", "flood")
    await settle()
    assert (lane.in_flight, lane.waiting) == (START // 2, 1)
    assert await lane.enter("scans", "honest") >= 0  # past the one who waits
    lane.leave("flood", 0.1, failed=False)
    assert await more > 0
    assert lane.waiting == 0


async def test_lower_classes_leave_room_for_the_higher() -> None:
    lane = Lane("parcels")
    for n in range(START // 2):
        await lane.enter("reports", f"reader-{n}")
    report = asking(lane, "reports", "reader")
    await settle()
    assert lane.waiting == 1
    for n in range(START // 2):
        await lane.enter("payments", f"bank-{n}")
    payment = asking(lane, "payments", "bank")
    await settle()
    assert lane.waiting == 2
    lane.leave("reader-0", 0.1, failed=False)
    assert await payment > 0  # though it came later
    report.cancel()
    await settle()
    assert (lane.in_flight, lane.waiting) == (START, 0)


async def test_a_full_queue_sheds_its_lowest_and_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUEUE_MAX", 2)
    lane = Lane("parcels")
    await filled(lane)
    first, second = asking(lane, "public", "a"), asking(lane, "public", "b")
    await settle()
    with pytest.raises(Overloaded) as refused:
        await lane.enter("reports", "c")
    assert int(refused.value.headers["Retry-After"]) > 1
    scan = asking(lane, "scans", "d")
    await settle()
    assert (first.done(), second.done(), scan.done()) == (False, True, False)
    assert isinstance(second.exception(), Overloaded)
    assert [ORDER[rank] for rank, count in enumerate(lane.shed) if count] == ["reports", "public"]
    lane.leave("holder-0", 0.1, failed=False)
    await scan
    first.cancel()
    await settle()
    assert lane.waiting == 0


async def test_one_client_has_a_part_of_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUEUE_OF_ONE_MAX", 1)
    lane = Lane("parcels")
    await filled(lane)
    waits = [asking(lane, "scans", "flood"), asking(lane, "scans", "honest")]
    await settle()
    with pytest.raises(Overloaded):
        await lane.enter("scans", "flood")
    for wait in waits:
        wait.cancel()
    await settle()
    assert (lane.in_flight, lane.waiting) == (START, 0)


async def test_each_client_in_turn_however_much_one_has_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "QUEUE_MAX", 6)
    lane = Lane("parcels")
    holders = await filled(lane)
    flood = [asking(lane, "scans", "flood") for _ in range(6)]
    await settle()
    honest = [asking(lane, "scans", who) for who in ("a", "b")]
    await settle()
    refused = [task.done() for task in flood]
    assert refused == [False] * 4 + [True] * 2  # the flood's newest made room
    order: list[str] = []
    for holder in holders[:4]:
        lane.leave(holder, 0.1, failed=False)
        await settle()
        order.append("".join("f" if t in flood else "h" for t in [*flood[:4], *honest] if t.done()))
    assert order == ["f", "fh", "fhh", "ffhh"]
    for task in flood[:4]:
        task.cancel()
    await asyncio.gather(*flood, *honest, return_exceptions=True)
    assert lane.waiting == 0


async def test_who_waits_too_long_is_refused() -> None:
    lane = Lane("parcels")
    await filled(lane)
    with pytest.raises(Overloaded):
        await lane.enter("scans", "late", 0.001)
    assert (lane.in_flight, lane.waiting) == (START, 0)


async def test_failures_open_the_breaker_for_all() -> None:
    lane = Lane("parcels")
    for _ in range(FAILURES_MIN):
        await lane.enter("scans", "a")
        lane.leave("a", 1, failed=True)
    with pytest.raises(SisterResting) as refused:
        await lane.enter("payments", "b")
    assert refused.value.headers["Retry-After"] == "2"
    assert lane.in_flight == 0


async def test_places_are_never_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many come, wait, give up and leave in any order; in the end the lane is empty."""
    monkeypatch.setattr(module, "QUEUE_MAX", 40)
    monkeypatch.setattr(module, "QUEUE_OF_ONE_MAX", 30)
    lane, chance = Lane("parcels"), random.Random(6)
    most = 0

    async def one() -> None:
        nonlocal most
        who, kind = f"p{chance.randrange(6)}", chance.choice(ORDER)
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
        try:
            await lane.enter(kind, who)
        except Overloaded:
            return
        try:
            most = max(most, lane.in_flight)
            for _ in range(chance.randrange(30)):
                await asyncio.sleep(0)
        finally:
            lane.leave(who, chance.random(), failed=False)

    for _ in range(10):
        tasks = [asyncio.create_task(one()) for _ in range(200)]
        for turn in range(20):
            await asyncio.sleep(0)
            tasks[turn * 7].cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        errors = [e for e in ended if isinstance(e, Exception)]
        assert errors == []
        assert (lane.in_flight, lane.waiting, lane._held) == (0, 0, {})
    assert 0 < most <= lane.adaptive.limit + START
