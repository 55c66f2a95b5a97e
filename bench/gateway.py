"""What the gateway costs: against the bare service, and what each of its parts takes."""

import asyncio
import os
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.types import Message, Receive, Scope, Send

from bench.measures import Row, alternating, tracked
from bench.stage import Stage, free_port
from services import accounts
from services.gateway.audit import service as audit
from services.gateway.audit.signing import Signer
from services.gateway.config import Settings
from services.gateway.forwarding import headers
from services.gateway.forwarding.front import Front, Gate
from services.gateway.main import create_app
from services.gateway.tokens.origin import origin_of
from services.gateway.traffic.domain import Header
from shared.consumer import Event
from shared.runtime import Runtime

ROUNDS: Final = 5
CALLS: Final = 5_000
AUDITED: Final = 1_000
CHAINS: Final = 20
SISTERS: Final = ("offices", "parcels", "complaints")
TRACKED: Final = "/v1/tracking/610000000000000042731796"


def one_process(stage: Stage) -> list[Row]:
    """Tracking through the gateway in one process, against parcels served by itself."""
    gateway, bare = free_port(), free_port()
    with stage.running(
        ("serve", "all", "--port", str(gateway)),
        ("serve", "parcels", "--port", str(bare)),
        ports={gateway: "/livez", bare: "/livez"},
    ):
        barcodes = tracked(stage, gateway)
        ours, other = alternating((gateway, bare), barcodes)
    return [Row("gateway in one process / bare service", ours, other, "req/s", 0.65)]


async def _sister(_: Scope, __: Receive, send: Send) -> None:
    """The least that a sister can be: everything that is measured is the gateway's."""
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
    )
    await send({"type": "http.response.body", "body": b"{}"})


async def _receive() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(_: Message) -> None:
    """Nobody reads it."""


def _scope(path: str, *more: Header) -> Scope:
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "scheme": "http",
        "client": ("127.0.0.1", 5000),
        "headers": [(b"host", b"susa"), (b"accept", b"*/*"), (b"user-agent", b"bench"), *more],
    }


async def _us(call: Callable[[], Awaitable[Any]]) -> float:
    """Microseconds a call, of the best round: what else the machine does only adds to it."""
    best = float("inf")
    for _ in range(ROUNDS):
        began_at = time.perf_counter()
        for _ in range(CALLS):
            await call()
        best = min(best, (time.perf_counter() - began_at) / CALLS)
    return best * 1e6


async def _parts(front: Front, gate: Gate, key: bytes) -> list[tuple[str, float]]:
    """The whole way of a request, and the parts of it that are measured alone."""
    authorization = b"Bearer " + key
    with_key = _scope("/v1/parcels", (b"authorization", authorization))
    caller = await gate.keyring.caller(authorization)
    lane = gate.traffic.lane("parcels", "live")

    async def anonymous() -> None:
        await front(_scope(TRACKED), _receive, _send)

    async def authenticated() -> None:
        await front({**with_key}, _receive, _send)

    async def credential() -> None:
        await gate.keyring.caller(authorization)
        gate.minter.token(caller)

    async def quota() -> None:
        gate.traffic.quotas.take(caller, "127.0.0.1", "reads")

    async def place() -> None:
        await lane.enter("reads", caller.id)
        lane.leave(caller.id, 0.1, failed=False)

    async def count() -> None:
        gate.traffic.meters.answered("parcels", "reads", 200, 0.01)

    async def head() -> None:
        incoming = headers.read(with_key["headers"])
        origin = origin_of("127.0.0.1", incoming.told, gate.proxies)
        headers.inward(with_key, incoming, origin, "token", 10)

    named = {
        "request with a key": authenticated,
        "request of nobody": anonymous,
        "authentication": credential,
        "quota": quota,
        "lane and breaker": place,
        "metrics": count,
        "headers and trace": head,
    }
    return [(name, await _us(call)) for name, call in named.items()]


async def _audit_us(runtime: Runtime) -> float:
    """Microseconds of the worker for an event that is audited: from the feed into its chain."""
    handle = audit.following("parcels", Signer.of(runtime.settings.keys))
    best = float("inf")
    for _ in range(ROUNDS):
        events: list[Event] = [
            {
                "id": str(uuid.uuid4()),
                "type": "payee.registered",
                "time": "2019-03-21T08:00:00Z",
                "subject": "bench",
                "data": {"payee": {"partner": str(uuid.UUID(int=n % CHAINS)), "n": n}},
            }
            for n in range(AUDITED)
        ]
        began_at = time.perf_counter()
        async with runtime.databases["live"].transaction() as session:
            await handle(session, events)
        best = min(best, (time.perf_counter() - began_at) / AUDITED)
    return best * 1e6


def costs(stage: Stage) -> list[Row]:
    """Each part of the gateway beside the gateway's whole time for a request with a key.

    Audit is filled from the feed by the worker: nothing of it is on this way, and what is given is
    its time for each administrative or money action, of which few requests are one.
    """

    async def measured() -> list[tuple[str, float]]:
        os.environ.update(stage.environment)
        front = create_app(Settings(), sisters=dict.fromkeys(SISTERS, _sister))
        async with front.inner.router.lifespan_context(front.inner):
            assert front.gate is not None
            account = await accounts.create("shop", "bench", ["parcels:read"])
            found = await _parts(front, front.gate, account.key.encode())
            audited_us = await _audit_us(front.inner.state.runtime)
            return [*found, ("audit, in the worker, of an action", audited_us)]

    (_, whole), *parts = asyncio.run(measured())
    rows = [Row("gateway alone, with a key / whole", whole, whole, "µs", 1.0, most=True)]
    return rows + [Row(f"  {name} / whole", us, whole, "µs", 1.0, most=True) for name, us in parts]
