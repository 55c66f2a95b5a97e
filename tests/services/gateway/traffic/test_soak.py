"""Too much of everything: trickling clients, five times the capacity, a sister that hangs.

What is asserted is that nothing is lost and everyone gets a proper answer; rates and times are
printed. SUSA_SOAK=1 takes the counts that the issue names.
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
FLOOD_S: Final = 60.0 if SOAK else 0.3
HUNG: Final = 300 if SOAK else 45
HANGS_S: Final = 30.0 if SOAK else 0.0
DEADLINE_S: Final = 10.0 if SOAK else 0.2
AT_ONCE: Final = 10
WORK_S: Final = 0.02
CAPACITY: Final = AT_ONCE / WORK_S


def say(figures: str) -> None:
    print(figures)  # noqa: T201 - figures, for `pytest -s`


class Worker:
    """A sister that can do so much and no more: `AT_ONCE` at a time, `WORK_S` each."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.done = 0

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        await self.goes_on.wait()
        async with self._places:
            await asyncio.sleep(WORK_S)
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
async def opened(serve: Serve) -> AsyncIterator[Door]:
    allow_files()
    sisters = {name: Worker() for name in SISTERS}
    apps: dict[str, ASGIApp] = dict(sisters)
    async with AsyncExitStack() as stack:
        gateway = await start_with(
            stack, serve, apps, "in_process", deadline_s=DEADLINE_S, limit_factor=10_000
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
    async with opened(serve) as door:
        alone = await honest(door)
        slow = [asyncio.create_task(trickle(door, n)) for n in range(TRICKLING)]
        await until(lambda: len(door.server.server_state.connections) >= TRICKLING)
        among = await honest(door)
        say(f"p99 {alone.p99_ms():.1f} ms alone, {among.p99_ms():.1f} ms among {TRICKLING}")
        assert alone.statuses == among.statuses == {"towns": Counter({200: HONEST // 20 * 20})}
        assert door.idle()  # not one of them keeps a sister busy
        door.server.sweep(asyncio.get_running_loop().time() + 31)
        said = await asyncio.gather(*slow)
        assert all(answer.startswith(b"HTTP/1.1 408 ") for answer in said)


async def flood(door: Door, rate: float, seconds: float, keys: dict[str, IssuedKey]) -> Tally:
    """As many requests a second as are wished for, whether or not the last were answered."""
    asks = {
        "reports": ("/v1/statistics/volumes?period=1397", keys["manager"], "GET"),
        "tracking": ("/v1/lines", None, "GET"),
        "scans": ("/v1/dispatches/1/close", keys["clerk"], "POST"),
        "payments": ("/v1/bank/payment-orders", keys["bank"], "GET"),
        "reads": ("/v1/parcels", keys["shop"], "GET"),
    }
    mix = ["tracking"] * 10 + ["reads"] * 5 + ["reports"] * 3 + ["scans", "payments"]
    tally, tasks, sent = Tally(), set[asyncio.Task[None]](), 0
    began_at = time.perf_counter()
    while (elapsed_s := time.perf_counter() - began_at) < seconds:
        while sent < elapsed_s * rate:
            what = mix[sent % len(mix)]
            task = asyncio.create_task(tally.ask(door, what, *asks[what]))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            sent += 1
        await asyncio.sleep(0.002)
    await asyncio.gather(*tasks)
    assert sum(counts.total() for counts in tally.statuses.values()) == sent
    return tally


async def test_five_times_the_capacity(serve: Serve) -> None:
    async with opened(serve) as door:
        keys = {
            "manager": await door.gateway.issue("reports:read", kind="staff"),
            "clerk": await door.gateway.issue("scans:write", kind="staff"),
            "bank": await door.gateway.issue("payments:execute", kind="bank"),
            "shop": await door.gateway.issue("parcels:read"),
        }
        for name, rate in (("its capacity", CAPACITY), ("five times as much", 5 * CAPACITY)):
            before = sum(sister.done for sister in door.sisters.values())
            tally = await flood(door, rate, FLOOD_S, keys)
            done = sum(sister.done for sister in door.sisters.values()) - before
            shares = ", ".join(f"{w} {tally.served(w):.1%}" for w in sorted(tally.statuses))
            say(f"asked {name}: {done / FLOOD_S:.0f} done a second; served: {shares}")
            found = {status for counts in tally.statuses.values() for status in counts}
            assert found <= {200, 503, 504}
            assert door.idle()
        assert await door.ask("/v1/towns") == 200


async def test_a_sister_that_hangs_hangs_alone(serve: Serve) -> None:
    async with opened(serve) as door:
        door.sisters["offices"].goes_on.clear()
        hung, others = Tally(), Tally()
        began_at = time.perf_counter()
        while True:
            await asyncio.gather(
                *(hung.ask(door, "offices", "/v1/towns", None) for _ in range(HUNG)),
                *(others.ask(door, "parcels", "/v1/lines", None) for _ in range(HUNG)),
            )
            if time.perf_counter() - began_at >= HANGS_S:
                break
        say(f"others' p99 {others.p99_ms():.0f} ms; slowest refusal {max(hung.seconds):.2f} s")
        assert hung.statuses["offices"].keys() <= {503, 504}
        assert others.statuses["parcels"].keys() == {200}
        door.sisters["offices"].goes_on.set()
        async with asyncio.timeout(10):
            while await door.ask("/v1/towns") != 200:  # noqa: ASYNC110 - no event of another's end
                await asyncio.sleep(0.05)
        assert door.idle()
