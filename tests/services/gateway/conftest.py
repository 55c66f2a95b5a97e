"""The gateway as it is served, in front of stand-ins: in this process, and over real HTTP."""

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp
from typing_extensions import override

from services.gateway import clients
from services.gateway.config import Settings
from services.gateway.forwarding.front import Front, Gate
from services.gateway.main import create_app
from services.gateway.partners import credentials, service
from services.gateway.partners.schemas import IssuedKey, NewKey, NewPartner
from shared.auth import Caller, Verifier, read_pepper, read_public
from shared.client import Sister
from shared.patience import PATIENCE
from shared.runtime import Runtime
from tests.conftest import START, Api, Serve
from tests.services.gateway.standin import Echo, served

SISTERS = ("offices", "parcels", "complaints")


class Ticks:
    """A monotonic clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Gateway:
    """A running gateway; `client` speaks to its front as anyone outside would."""

    api: Api
    client: httpx.AsyncClient
    ticks: Ticks
    topology: str
    echo: Echo = field(init=False)
    partner_id: uuid.UUID = field(init=False)

    @property
    def front(self) -> Front:
        front: Front = self.api.outer
        return front

    @property
    def gate(self) -> Gate:
        assert self.front.gate is not None
        return self.front.gate

    async def issue(self, *scopes: str, **options: Any) -> IssuedKey:
        """A key of a new account with these scopes."""
        new = NewPartner(
            kind=options.get("kind", "shop"), name="A shop", office=options.get("office")
        )
        key = NewKey(
            label="first",
            scopes=list(scopes) or ["parcels:read"],
            world=options.get("world", "live"),
        )
        async with self.api.database.transaction() as session:
            partner = await service.create_partner(session, new, START)
            self.partner_id = partner.id
            return await credentials.create_key(
                session, partner.id, key, read_pepper(self.api.keys), START
            )


@asynccontextmanager
async def started_beside(gateway: Gateway) -> AsyncIterator[Gateway]:
    """A second process over the same database, with caches and time of its own."""
    api = gateway.api
    settings = Settings(dsn=api.target.app_dsn, worlds=["live"], SUSA_KEYS=api.keys)
    sisters = dict.fromkeys(SISTERS, gateway.echo)
    front = create_app(settings, clock=api.clock, sisters=sisters)
    transport = httpx.ASGITransport(app=front, raise_app_exceptions=False)
    async with (
        front.inner.router.lifespan_context(front.inner),
        httpx.AsyncClient(transport=transport, base_url="http://beside.test") as client,
    ):
        assert front.gate is not None
        ticks = Ticks()
        front.gate.keyring.monotonic = front.gate.sessions.monotonic = ticks
        yield Gateway(api, client, ticks, "in_process")


def give_up_soon(monkeypatch: pytest.MonkeyPatch, sister: str) -> None:
    """On this sister; the others are waited for as long as a busy machine takes."""
    usual = clients._sister

    class Hasty(Sister):
        @override
        async def get(self, path: str, **options: Any) -> httpx.Response:
            return await super().get(path, **{**options, "timeout_s": 0.1})

    def asked(runtime: Runtime, name: str, caller: Caller) -> Sister:
        found = usual(runtime, name, caller)
        if name != sister:
            return found
        return Hasty(found._client, found._minter, found._caller)

    monkeypatch.setattr(clients, "_sister", asked)


def bearer(key: IssuedKey | str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key if isinstance(key, str) else key.key}"}


def echo_of(keys: Path) -> Echo:
    return Echo(Verifier(read_public(keys / "jwks.json")))


async def start(
    stack: AsyncExitStack, serve: Serve, echo: Echo, topology: str, **settings: Any
) -> Gateway:
    """One stand-in for all sisters."""
    gateway = await start_with(stack, serve, dict.fromkeys(SISTERS, echo), topology, **settings)
    gateway.echo = echo
    return gateway


async def start_with(
    stack: AsyncExitStack,
    serve: Serve,
    sisters: Mapping[str, ASGIApp],
    topology: str,
    **settings: Any,
) -> Gateway:
    """A deadline that is given is meant as it is, whatever the patience."""
    if "deadline_s" in settings:
        settings["deadline_s"] /= PATIENCE
    if topology == "http":
        urls = {
            f"SUSA_{name.upper()}_URL": await stack.enter_async_context(served(app))
            for name, app in sisters.items()
        }
        api = await serve("gateway", settings={**urls, **settings})
    else:
        api = await serve("gateway", sisters=sisters, settings=settings)
    transport = httpx.ASGITransport(app=api.outer, raise_app_exceptions=False)
    client = await stack.enter_async_context(
        httpx.AsyncClient(transport=transport, base_url="http://gateway.test")
    )
    gateway = Gateway(api, client, Ticks(), topology)
    gateway.gate.keyring.monotonic = gateway.ticks
    return gateway


@pytest.fixture(params=["in_process", "http"])
async def gateway(
    request: pytest.FixtureRequest, serve: Serve, keys: Path
) -> AsyncIterator[Gateway]:
    """Both topologies, one stand-in for all three sisters."""
    async with AsyncExitStack() as stack:
        yield await start(stack, serve, echo_of(keys), request.param)


@pytest.fixture
async def near(serve: Serve, keys: Path) -> AsyncIterator[Gateway]:
    """In one process only."""
    async with AsyncExitStack() as stack:
        yield await start(stack, serve, echo_of(keys), "in_process")


@pytest.fixture
async def proxied(serve: Serve, keys: Path) -> AsyncIterator[Gateway]:
    """The same behind a proxy that ends TLS: here on the loopback address, as all who ask are."""
    proxies = ["127.0.0.1/32"]
    async with AsyncExitStack() as stack:
        yield await start(stack, serve, echo_of(keys), "in_process", trusted_proxies=proxies)
