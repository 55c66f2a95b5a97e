"""Too much of everything: trickling clients, five times the capacity, a sister that hangs.

What is asserted is that nothing is lost and everyone gets a proper answer, and at the full counts,
which SUSA_SOAK=1 takes, the shares that the issue names; rates and times are printed.
"""

import asyncio
import os
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import aiohttp
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.partners.schemas import IssuedKey
from services.server import Server, allow_files, configured
from tests.conftest import Serve
from tests.listening import listening
from tests.services.gateway.conftest import SISTERS, Gateway, bearer, start_with
from tests.services.gateway.webhooks.support import until

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

SOAK: Final = os.environ.get("SUSA_SOAK") == "1"
TRICKLING: Final = 2_000 if SOAK else 60
HONEST: Final = 2_000 if SOAK else 60
PATIENT: Final = 400 if SOAK else 4
OTHERS: Final = 40 if SOAK else 12
FLOOD_S: Final = 60.0 if SOAK else 0.3
HUNG: Final = 300 if SOAK else 12
HANGS_S: Final = 30.0 if SOAK else 0.0
HUNG_DEADLINE_S: Final = 10.0 if SOAK else 3.0
FLOODING: Final = 200 if SOAK else 30
DEADLINE_S: Final = 10.0
RECOVERED_S: Final = 10.0
AT_ONCE: Final = 5
WORK_S: Final = 0.05
CAPACITY: Final = AT_ONCE / WORK_S
"""So low that five times as much is still little to this loop, which runs both sides: at more
than it can do, its own delays are what would be measured, and its connections use up the files."""


def say(figures: str) -> None:
    print(figures)  # noqa: T201 - figures, for `pytest -s`


class Worker:
    """A sister that can do so much and no more: `AT_ONCE` at a time, `work_s` each."""

    def __init__(self, work_s: float) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)
        self._work_s = work_s
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.done = 0

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        await self.goes_on.wait()
        async with self._places:
            await asyncio.sleep(self._work_s)
        self.done += 1
        headers = [(b"content-length", b"2"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})


@dataclass
class Door:
    """The gateway behind the server that `susa serve` uses."""

    gateway: Gateway
    port: int
    server: Server
    http: aiohttp.ClientSession
    sisters: dict[str, Worker]

    async def ask(self, path: str, key: IssuedKey | None = None, method: str = "GET") -> int:
        url = f"http://127.0.0.1:{self.port}{path}"
        headers = bearer(key) if key else {}
        async with self.http.request(method, url, headers=headers) as answer:
            await answer.read()
            if answer.status in {429, 503}:
                assert int(answer.headers["retry-after"]) >= 1
            return answer.status

    def idle(self) -> bool:
        lanes = [lane for _, _, lane in self.gateway.gate.traffic.lanes()]
        return all(lane.in_flight == lane.waiting == 0 for lane in lanes)


@asynccontextmanager
async def opened(
    serve: Serve,
    topology: str = "in_process",
    deadline_s: float = DEADLINE_S,
    work_s: float = WORK_S,
) -> AsyncIterator[Door]:
    allow_files()
    sisters = {name: Worker(work_s) for name in SISTERS}
    apps: dict[str, ASGIApp] = dict(sisters)
    async with AsyncExitStack() as stack:
        gateway = await start_with(
            stack, serve, apps, topology, deadline_s=deadline_s, limit_factor=10_000
        )
        server = Server(configured(gateway.front, "127.0.0.1", 0))
        port = await stack.enter_async_context(listening(server))
        connector = aiohttp.TCPConnector(limit=0)
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        yield Door(gateway, port, server, http, sisters)


@dataclass
class Tally:
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    async def ask(
        self, door: Door, what: str, path: str, key: IssuedKey | None, method: str = "GET"
    ) -> None:
        began_at = time.perf_counter()
        status = await door.ask(path, key, method)
        self.seconds.append(time.perf_counter() - began_at)
        self.statuses.setdefault(what, Counter())[status] += 1

    def served(self, what: str) -> float:
        counts = self.statuses.get(what, Counter())
        return counts[200] / max(1, counts.total())

    def p99_ms(self) -> float:
        return statistics.quantiles(self.seconds, n=100)[-1] * 1000


def ratio(one: Tally, other: Tally) -> str:
    ours, theirs = one.p99_ms(), other.p99_ms()
    return f"{ours:.1f} ms / {theirs:.1f} ms alone = {ours / theirs:.2f}"


async def honest(door: Door) -> Tally:
    tally = Tally()
    for _ in range(HONEST // 20):
        await asyncio.gather(*(tally.ask(door, "towns", "/v1/towns", None) for _ in range(20)))
    return tally


async def trickle(door: Door, n: int) -> bytes:
    """A byte now and then: of a head, or of a body; what the server said in the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    head = b"POST /v1/quotes HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n"
    writer.write(b"GET / HTTP/1.1\r\nX: " if n % 2 else head)
    said = b""
    with suppress(ConnectionError):
        while not said:
            writer.write(b"x")
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    said = await reader.read(1000)
    writer.close()
    return said


async def test_trickling_clients_do_not_hold_up_the_others(serve: Serve) -> None:
    async with opened(serve, work_s=0.001) as door:
        alone = await honest(door)
        slow = [asyncio.create_task(trickle(door, n)) for n in range(TRICKLING)]
        await until(lambda: len(door.server.server_state.connections) >= TRICKLING)
        among = await honest(door)
        say(f"honest p99 among {TRICKLING} trickling: {ratio(among, alone)}")
        assert alone.statuses == among.statuses == {"towns": Counter({200: HONEST // 20 * 20})}
        assert door.idle()  # not one of them keeps a sister busy
        door.server.sweep(asyncio.get_running_loop().time() + 31)
        said = await asyncio.gather(*slow)
        assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in said)


@dataclass
class Flood:
    """`done`: by the sister, while more was asked."""

    tally: Tally
    done: int


async def flood(door: Door, rate: float, seconds: float, keys: dict[str, IssuedKey]) -> Flood:
    """As many requests a second as are wished for, whether or not the last were answered."""
    asks = {
        "reports": ("/v1/statistics/volumes?period=1397", keys["manager"], "GET"),
        "tracking": ("/v1/lines", None, "GET"),
        "scans": ("/v1/dispatches/1/close", keys["clerk"], "POST"),
        "payments": ("/v1/bank/payment-orders", keys["bank"], "GET"),
        "reads": ("/v1/parcels", keys["shop"], "GET"),
    }
    mix = ["tracking"] * 10 + ["reads"] * 5 + ["reports"] * 3 + ["scans", "payments"]
    tally, tasks, sister = Tally(), list[asyncio.Task[None]](), door.sisters["parcels"]
    before, began_at = sister.done, time.perf_counter()
    while (elapsed_s := time.perf_counter() - began_at) < seconds:
        while len(tasks) < elapsed_s * rate:
            what = mix[len(tasks) % len(mix)]
            tasks.append(asyncio.create_task(tally.ask(door, what, *asks[what])))
        await asyncio.sleep(0.002)
    done = sister.done - before
    await asyncio.gather(*tasks)
    assert sum(counts.total() for counts in tally.statuses.values()) == len(tasks)
    return Flood(tally, done)


async def recovered(door: Door, key: IssuedKey) -> float:
    """Seconds until what is shed first is answered again."""
    began_at = time.perf_counter()
    async with asyncio.timeout(RECOVERED_S):
        while await door.ask("/v1/statistics/volumes?period=1397", key) != 200:
            pass
    return time.perf_counter() - began_at


async def test_five_times_the_capacity(serve: Serve) -> None:
    async with opened(serve) as door:
        keys = {
            "manager": await door.gateway.issue("reports:read", kind="staff"),
            "clerk": await door.gateway.issue("scans:write", kind="staff"),
            "bank": await door.gateway.issue("payments:execute", kind="bank"),
            "shop": await door.gateway.issue("parcels:read"),
        }
        floods = []
        for name, rate in (("its capacity", CAPACITY), ("five times as much", 5 * CAPACITY)):
            found = await flood(door, rate, FLOOD_S, keys)
            floods.append(found)
            tally = found.tally
            shares = ", ".join(f"{w} {tally.served(w):.1%}" for w in sorted(tally.statuses))
            say(f"asked {name}: {found.done / FLOOD_S:.0f} done a second; served: {shares}")
            assert {status for counts in tally.statuses.values() for status in counts} <= {200, 503}
            assert door.idle()
        at_peak, over = floods
        say(f"goodput {over.done / at_peak.done:.2f} of the peak")
        say(f"recovered within {await recovered(door, keys['manager']):.1f} s")
        if SOAK:
            assert over.done >= 0.9 * at_peak.done
            assert over.tally.served("scans") >= 0.99
            assert over.tally.served("payments") >= 0.99
        assert await door.ask("/v1/towns") == 200


async def test_a_flood_of_one_partner_is_its_own(serve: Serve) -> None:
    """No quota ends it here: what the others have is the room that nobody may take alone."""
    async with opened(serve) as door:
        flooder, honest = [await door.gateway.issue("parcels:read") for _ in range(2)]

        async def asked() -> Tally:
            tally = Tally()
            for _ in range(PATIENT):
                await tally.ask(door, "reads", "/v1/parcels", honest)
            return tally

        async def flooding() -> None:
            while True:
                await door.ask("/v1/parcels", flooder)

        alone = await asked()
        tasks = [asyncio.create_task(flooding()) for _ in range(FLOODING)]
        among = await asked()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        say(f"honest p99 beside {FLOODING} at once of one partner: {ratio(among, alone)}")
        assert alone.statuses == among.statuses == {"reads": Counter({200: PATIENT})}


@pytest.mark.parametrize("topology", ["in_process", "http"])
async def test_a_sister_that_hangs_hangs_alone(serve: Serve, topology: str) -> None:
    async with opened(serve, topology, HUNG_DEADLINE_S) as door:
        door.sisters["offices"].goes_on.clear()
        hung, others = Tally(), Tally()
        began_at = time.perf_counter()
        while True:
            await asyncio.gather(
                *(hung.ask(door, "offices", "/v1/towns", None) for _ in range(HUNG)),
                *(others.ask(door, "parcels", "/v1/lines", None) for _ in range(OTHERS)),
            )
            if time.perf_counter() - began_at >= HANGS_S:
                break
        slowest = f"slowest refusal {max(hung.seconds):.2f} s of {HUNG_DEADLINE_S:g} s"
        say(f"{topology}: others' p99 {others.p99_ms():.0f} ms; {slowest}")
        assert hung.statuses["offices"].keys() == {503}
        assert others.statuses["parcels"].keys() == {200}
        door.sisters["offices"].goes_on.set()
        async with asyncio.timeout(RECOVERED_S):
            while await door.ask("/v1/towns") != 200:  # noqa: ASYNC110 - no event of another's end
                await asyncio.sleep(0.05)
        assert door.idle()
