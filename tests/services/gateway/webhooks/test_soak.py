"""Many events, endpoints that fail, and a worker that is killed again and again.

The worker is `susa work gateway` as an operator runs it: it numbers what two sisters tell, queues
it and delivers it. In every run few events; in the soak 20,000, with a kill every two seconds.
"""

import asyncio
import json
import os
import random
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from services.gateway.worker import complaints_consumer, webhook_consumer
from shared import outbox
from shared.auth import Minter, read_private, service_caller
from shared.client import Sister
from shared.clock import FrozenClock
from shared.consumer import Consumer, Runner
from tests.conftest import Api, Serve
from tests.e2e.processes import ROOT, environment
from tests.services.gateway.standin import served
from tests.services.gateway.webhooks.support import changed, register

pytestmark = [pytest.mark.anyio, pytest.mark.soak]

SOAK: Final = os.environ.get("SUSA_SOAK") == "1"
ENDPOINTS: Final = 20 if SOAK else 10
EVENTS: Final = 20_000 if SOAK else 300
SHARE: Final = EVENTS // ENDPOINTS
CLAIMS: Final = SHARE // 10
"""Of a partner's share these come from complaints, all others from parcels."""
PARCELS: Final = 50 if SOAK else 6
BATCH: Final = 20
KILL_AFTER_S: Final = 2.0
KILLS_AFTER: Final = (80,)
"""Without the soak it is killed after so many requests: no time passes for nothing."""
FAILING_SHARE: Final = 0.3
SEED: Final = 20_000
END_S_MAX: Final = 1_200 if SOAK else 600

WORKER = """
import os, signal, sys
from datetime import timedelta
from services.cli import app
from services.gateway.webhooks import deliverer, domain, repository

# hours are for real servers: here a failed attempt is made again at once, a lost lease soon
domain.SCHEDULE = (timedelta(milliseconds=20),) * 60
deliverer.LEASE = timedelta(seconds=1)
enqueue, left = repository.enqueue, int(sys.argv[1])

async def dying(*given):
    # numbered and queued, and not committed: the worst moment
    global left
    await enqueue(*given)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

repository.enqueue = dying
app(["work", "gateway"])
"""


@dataclass
class Shop:
    """One partner's server: takes in each event that it accepts, once, by its id."""

    fails: bool
    secret: str = ""
    told: dict[int, str] = field(default_factory=dict)
    """What it was told under each number."""
    accepted: dict[str, list[int]] = field(default_factory=dict)
    """Versions of each parcel and claim, in the order of acceptance."""
    ids: set[str] = field(default_factory=set)

    def take(self, delivery: str, payload: dict[str, Any]) -> None:
        """One whose answer was lost comes again."""
        if delivery not in self.ids:
            self.ids.add(delivery)
            data = payload["data"]
            self.told[payload["sequence"]] = json.dumps(data, sort_keys=True)
            subject = data.get("id") or data["barcode"]
            self.accepted.setdefault(subject, []).append(data["version"])


@dataclass
class Shops:
    """All of them behind one port, by path."""

    shops: dict[str, Shop]
    requests: int = 0
    forged: int = 0
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))
    come: asyncio.Event = field(default_factory=asyncio.Event)

    async def on_request(self, request: web.Request) -> web.Response:
        shop = self.shops[request.match_info["shop"]]
        raw = await request.read()
        self.requests += 1
        self.come.set()
        try:
            payload = Webhook(shop.secret).verify(raw, dict(request.headers))
        except Exception:  # noqa: BLE001 - counted, and looked at in the end
            self.forged += 1
            return web.Response(status=400)
        if shop.fails and self.dice.random() < 0.5:
            return web.Response(status=self.dice.choice((301, 500, 503)))
        shop.take(request.headers["webhook-id"], payload)
        return web.Response(status=204)

    @property
    def taken(self) -> int:
        return sum(len(shop.ids) for shop in self.shops.values())

    async def more_than(self, requests: int) -> None:
        while self.requests < requests:
            self.come.clear()
            await self.come.wait()


@asynccontextmanager
async def open_shops(partners: list[str]) -> AsyncIterator[tuple[Shops, str]]:
    """Their servers, and the address of all."""
    failing = round(len(partners) * FAILING_SHARE)
    shops = Shops({p: Shop(fails=n < failing) for n, p in enumerate(partners)})
    app = web.Application()
    app.router.add_post("/{shop}", shops.on_request)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield shops, f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@dataclass
class Worker:
    """A process that is killed, and started again."""

    settings: dict[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = None

    async def start(self, *, dies_at: int = 0) -> None:
        """`dies_at`: it kills itself in the transaction that queues for the n-th time."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", WORKER, str(dies_at)),
                env=self.settings,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        await self.died()

    async def died(self) -> None:
        assert self.process is not None
        code = await self.process.wait()
        assert code == -signal.SIGKILL, self.log.read_text()[-2_000:]


async def killing(worker: Worker, shops: Shops) -> int:
    """Kill the worker and start another until all is taken; how often."""
    kills = 0
    await worker.start()
    try:
        while shops.taken < EVENTS:
            if SOAK:
                await shops.more_than(shops.requests + 1)  # it has begun
                await asyncio.sleep(KILL_AFTER_S)
            elif kills < len(KILLS_AFTER):
                await shops.more_than(KILLS_AFTER[kills])
            else:
                await shops.more_than(shops.requests + 1)
                continue
            await worker.kill()
            kills += 1
            await worker.start()
    finally:
        await worker.kill()
    return kills


async def fill(parcels: Api, complaints: Api, partners: list[str]) -> None:
    """Of every partner parcels and claims, the versions of each in order."""
    own = SHARE - CLAIMS
    async with parcels.database.transaction() as session:
        for n in range(0, own, BATCH):
            items = [
                changed(1_000 * place + m % PARCELS, 1 + m // PARCELS, partner=partner)
                for m in range(n, min(n + BATCH, own))
                for place, partner in enumerate(partners)
            ]
            page = {"items": items}
            await outbox.append(session, "parcel.status_changed", page, time=parcels.clock.now())
    async with complaints.database.transaction() as session:
        for n in range(CLAIMS):
            for place, partner in enumerate(partners):
                told = {"claim": claim(place, partner, 1 + n)}
                await outbox.append(session, "claim.paid", told, time=complaints.clock.now())
    await parcels.publish()
    await complaints.publish()


def claim(place: int, partner: str, version: int) -> dict[str, Any]:
    name = str(uuid.uuid5(uuid.NAMESPACE_OID, f"claim {place}"))
    about = {"barcode": "1", "cause": "loss", "status": "paid", "claimed_on": "2019-03-21"}
    return {"id": name, "partner": partner, **about, "version": version}


async def feed_of(api: Api, partner: str) -> list[dict[str, Any]]:
    """All that a partner can read, from the first on."""
    found: list[dict[str, Any]] = []
    while True:
        answer = await api.client.get(
            "/v1/events",
            params={"after": len(found), "limit": 500},
            headers=api.headers("parcels:read", sub=partner),
        )
        items = answer.raise_for_status().json()["items"]
        found += items
        if not items:
            return found


async def read_all_again(api: Api, sisters: dict[Consumer, Api]) -> None:
    """The consumers begin at the first event of their feeds once more."""
    minter = Minter("gateway", read_private(api.keys / "gateway.jwk"))
    for consumer, sister in sisters.items():
        moved = "UPDATE feed_cursor SET position = 0 WHERE consumer = $1"
        assert await api.database.hot.execute(moved, consumer.name) == "UPDATE 1"
        asked = Sister(sister.client, minter, service_caller("gateway"))
        runner = Runner(consumer, api.database, asked)
        assert await runner.step() > 0
        while await runner.step():
            pass


async def test_nothing_is_lost_and_every_parcel_keeps_its_order(
    serve: Serve, keys: Path, tmp_path: Path
) -> None:
    api: Api = await serve("gateway", settings={"webhook_allow_private": True})
    api.clock.at = datetime.now(UTC)
    parcels: Api = await serve("parcels", clock=FrozenClock(api.clock.at))
    complaints: Api = await serve("complaints", clock=FrozenClock(api.clock.at))
    partners = [f"00000000-0000-7000-8000-{n:012d}" for n in range(1, ENDPOINTS + 1)]
    async with AsyncExitStack() as stack:
        urls = {
            "PARCELS": await stack.enter_async_context(served(parcels.app)),
            "COMPLAINTS": await stack.enter_async_context(served(complaints.app)),
        }
        urls["OFFICES"] = urls["PARCELS"]  # nothing of theirs is asked
        shops, url = await stack.enter_async_context(open_shops(partners))
        worker = Worker(
            environment(
                SUSA_GATEWAY_DSN=api.target.app_dsn,
                SUSA_GATEWAY_WORLDS='["live"]',
                SUSA_GATEWAY_WEBHOOK_ALLOW_PRIVATE="true",
                SUSA_KEYS=str(keys),
                SUSA_HOME=str(tmp_path),
                **{f"SUSA_{name}_URL": url for name, url in urls.items()},
            ),
            tmp_path / "worker.log",
        )
        for partner in partners:
            path = f"{url}/{partner}"
            _, secret = await register(api, path, "parcel.*", "claim.*", partner=partner)
            shops.shops[partner].secret = secret
        await fill(parcels, complaints, partners)
        async with asyncio.timeout(END_S_MAX):  # only to fail instead of hanging
            await worker.start(dies_at=2)  # one sister's events are in, the other's not quite
            await worker.died()
            kills = 1 + await killing(worker, shops)
            feeds = {partner: await feed_of(api, partner) for partner in partners}
            requests = shops.requests
            follow = {
                webhook_consumer(api.clock): parcels,
                complaints_consumer(api.clock): complaints,
            }
            await read_all_again(api, follow)
    print(f"{EVENTS} events, {requests} requests, {kills} kills")  # noqa: T201 - figures, for `pytest -s`
    assert shops.forged == 0
    assert shops.taken == EVENTS
    for partner, shop in shops.shops.items():
        told = {one["sequence"]: one["data"] for one in feeds[partner]}
        assert list(told) == list(range(1, SHARE + 1))  # it missed nothing
        assert shop.told == {n: json.dumps(data, sort_keys=True) for n, data in told.items()}
        for versions in shop.accepted.values():
            assert versions == list(range(1, len(versions) + 1))
        assert await feed_of(api, partner) == feeds[partner]  # read again, nothing has a new number
