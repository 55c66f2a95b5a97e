"""A gateway that may send to loopback, receivers, and a deliverer whose clock is the test's."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import datetime, tzinfo
from typing import Any

import pytest
import standardwebhooks.webhooks
from typing_extensions import override

from services.gateway.webhooks.deliverer import Deliverer
from services.gateway.webhooks.sender import Sender
from tests.conftest import Api, Serve
from tests.services.gateway.webhooks.support import Receiver, receiving, register

Subscribe = Callable[..., Any]


@pytest.fixture
async def api(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Api:
    """The gateway; receivers check time stamps by the same clock as it sends by."""
    started: Api = await serve("gateway", settings={"webhook_allow_private": True})

    class Present(datetime):
        @classmethod
        @override
        def now(cls, tz: tzinfo | None = None) -> Any:
            return started.clock.now()

    monkeypatch.setattr(standardwebhooks.webhooks, "datetime", Present)
    return started


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
async def deliverer(api: Api, stack: AsyncExitStack) -> Deliverer:
    sender = await stack.enter_async_context(Sender(api.clock, allow_private=True, timeout_s=60))
    made = Deliverer(api.database, sender, api.clock, random.Random(7))
    stack.push_async_callback(made.abort)
    return made


@pytest.fixture
async def subscribe(api: Api, stack: AsyncExitStack) -> Subscribe:
    """Starts a receiver and registers it: `receiver = await subscribe("parcel.*")`."""

    async def start(*events: str, partner: str | None = None) -> Receiver:
        receiver: Receiver = await stack.enter_async_context(receiving())
        options = {"partner": partner} if partner else {}
        _, secret = await register(api, receiver.url, *events, **options)
        receiver.secrets.append(secret)
        return receiver

    return start
