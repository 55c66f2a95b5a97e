"""A partner's receiver on loopback, and parcels' events as its feed gives them."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from services.gateway.webhooks import repository, service
from services.gateway.webhooks.deliverer import LEASE, Deliverer
from tests.conftest import Api

PARTNER = "00000000-0000-7000-8000-000000000001"
OTHER = "00000000-0000-7000-8000-000000000002"

Answering = Callable[[dict[str, Any]], Awaitable[web.Response]]


def barcode(n: int) -> str:
    return f"6100{n:020d}"


def changed(n: int, version: int, *, partner: str | None = PARTNER, **more: Any) -> dict[str, Any]:
    return {
        "barcode": barcode(n),
        "partner": partner,
        "reference": f"ORD-{n}",
        "product": "pishtaz",
        "channel": "ecommerce",
        "event": "departure",
        "event_id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{n} {version}")),
        "office": "KZ00012",
        "status": "in_transit",
        "previous": "accepted",
        "occurred_at": "2019-03-21T08:00:00Z",
        "version": version,
        "accepted_at": "2019-03-21T07:00:00Z",
        "accepted_before": None,
        "backfill": False,
        **more,
    }


def booked(n: int, *, partner: str | None = PARTNER, **more: Any) -> dict[str, Any]:
    return {
        "barcode": barcode(n),
        "partner": partner,
        "reference": f"ORD-{n}",
        "product": "pishtaz",
        "channel": "ecommerce",
        "origin_office": "KZ00012",
        "booked_at": "2019-03-21T08:00:00Z",
        "version": 1,
        "backfill": False,
        **more,
    }


def event(*items: dict[str, Any], type_: str = "parcel.status_changed") -> dict[str, Any]:
    """A CloudEvent of parcels with these items."""
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/parcels",
        "type": type_,
        "time": "2019-03-21T08:00:00Z",
        "position": 1,
        "data": {"items": list(items)},
    }


async def follow(api: Api, *events: dict[str, Any]) -> None:
    """What the consumer does with a page, in one transaction."""
    async with api.database.transaction() as session:
        await service.follow(session, events, api.clock.now())


async def register(
    api: Api, url: str, *events: str, partner: str = PARTNER
) -> tuple[uuid.UUID, str]:
    """A registered endpoint: its id and its secret."""
    response = await api.client.post(
        "/v1/webhooks",
        json={"url": url, "events": list(events) or ["parcel.*"]},
        headers=api.headers("webhooks:write", sub=partner),
    )
    assert response.status_code == 201, response.text
    body = response.json()
    return uuid.UUID(body["id"]), body["secret"]


async def rows(api: Api, order: str = "seq") -> list[dict[str, Any]]:
    found = await api.database.hot.fetch(f"SELECT * FROM webhook_delivery ORDER BY {order}")
    return [dict(row) for row in found]


async def deliver(deliverer: Deliverer) -> None:
    """Everything that is due now, and what becomes due by it."""
    while await deliverer.start_due():
        await deliverer.drain()


def advance(api: Api, **by: float) -> None:
    api.clock.at += timedelta(**by)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that will happen; the bound is only there to fail instead of hanging."""
    async with asyncio.timeout(180):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.01)


@dataclass
class Receiver:
    """A partner's server: verifies each request with the reference package, then answers."""

    url: str = ""
    secrets: list[str] = field(default_factory=list)
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answering: Answering | None = None

    @property
    def ids(self) -> list[str]:
        return [delivery for delivery, _ in self.got]

    @property
    def versions(self) -> list[int]:
        return [payload["data"]["version"] for _, payload in self.got]

    async def on_request(self, request: web.Request) -> web.Response:
        raw = await request.read()
        try:
            payload = Webhook(self.secrets[0]).verify(raw, dict(request.headers))
        except Exception as error:  # noqa: BLE001 - told by the test that looks at it
            self.forged.append(repr(error))
            return web.Response(status=400)
        self.headers.append(dict(request.headers))
        self.got.append((request.headers["webhook-id"], payload))
        if self.answering is not None:
            return await self.answering(payload)
        return web.Response(status=204)


@asynccontextmanager
async def receiving() -> Any:
    """A running receiver."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.on_request)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    receiver.url = f"http://{host}:{port}/hooks"
    try:
        yield receiver
    finally:
        await runner.cleanup()


def fixed(status: int, **headers: str) -> Answering:
    async def answer(_: dict[str, Any]) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, headers=named)

    return answer


def held(go: asyncio.Event) -> Answering:
    """Answers when `go` is set."""

    async def answer(_: dict[str, Any]) -> web.Response:
        await go.wait()
        return web.Response(status=200)

    return answer


async def endpoint(api: Api) -> dict[str, Any]:
    """The row of the only endpoint."""
    return dict(await api.database.hot.fetchrow("SELECT * FROM webhook_endpoint"))


async def leased(api: Api, places: int = 64) -> list[repository.Claimed]:
    """What is due, leased as a worker would."""
    async with api.database.hot.acquire() as connection:
        return await repository.claim(
            connection, now=api.clock.now(), lease=LEASE, places=places, per_endpoint=8, failing=32
        )
