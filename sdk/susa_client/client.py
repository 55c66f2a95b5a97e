"""The two clients. Each drives the flows of `flow.py` in its own way, and adds nothing to them."""

import asyncio
import time
from collections.abc import AsyncIterator, Generator, Iterator
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx

from susa_client.auth import Anyone, ApiKey, Auth
from susa_client.call import Call
from susa_client.flow import Core, Emit, Stream
from susa_client.resources import (
    Complaints,
    Events,
    Parcels,
    PaymentOrders,
    Quotes,
    Sandbox,
    Statements,
    TrackingOf,
    Webhooks,
)
from susa_client.retry import Retry
from susa_client.steps import Flow, Send, Wait

T = TypeVar("T")
TIMEOUT: Final = httpx.Timeout(30, connect=5)
AGENT: Final = "susa-client/0.1.0"


class _Client:
    """What both know. `key`: short for `auth=ApiKey(key)`; neither: the public operations only."""

    def __init__(
        self, base_url: str, key: str | None, auth: Auth | None, retry: Retry | None
    ) -> None:
        if key is not None and auth is not None:
            raise TypeError("a key or an auth, not both")
        chosen = auth or (Anyone() if key is None else ApiKey(key))
        self.core = Core(httpx.URL(base_url), chosen, retry or Retry())


class Susa(_Client):
    """Blocking. Safe to share between threads, as httpx.Client is.

    `http`: an httpx.Client of your own (proxies, a certificate); it stays yours to close.
    """

    def __init__(
        self,
        base_url: str,
        key: str | None = None,
        *,
        auth: Auth | None = None,
        retry: Retry | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        super().__init__(base_url, key, auth, retry)
        self._own = http is None
        self.http = http or httpx.Client(timeout=TIMEOUT, headers={"User-Agent": AGENT})
        self.quotes: Quotes[Susa] = Quotes(self)
        self.parcels: Parcels[Susa] = Parcels(self)
        self.tracking: TrackingOf[Susa] = TrackingOf(self)
        self.complaints: Complaints[Susa] = Complaints(self)
        self.payment_orders: PaymentOrders[Susa] = PaymentOrders(self)
        self.statements: Statements[Susa] = Statements(self)
        self.webhooks: Webhooks[Susa] = Webhooks(self)
        self.events: Events[Susa] = Events(self)
        self.sandbox: Sandbox[Susa] = Sandbox(self)

    def send(self, call: Call[T]) -> T:
        """Any call, also of an operation that has no method here."""
        return self._run(self.core.exchange(call))

    def iterate(self, stream: Stream[T]) -> Iterator[T]:
        try:
            step = next(stream, None)
            while step is not None:
                if isinstance(step, Emit):
                    yield step.item
                    step = next(stream, None)
                else:
                    step = self._done(stream, step)
        finally:
            stream.close()

    def _run(self, flow: Flow[T]) -> T:
        try:
            step = next(flow)
            while True:
                step = self._perform(flow, step)
        except StopIteration as stop:
            answer: T = stop.value
            return answer

    def _done(self, stream: Generator[Any, Any, None], step: Send | Wait) -> Any:
        try:
            return self._perform(stream, step)
        except StopIteration:
            return None

    def _perform(self, flow: Generator[Any, Any, Any], step: Send | Wait) -> Any:
        """Do what a flow asks, tell it, and return what it asks next."""
        if isinstance(step, Wait):
            time.sleep(step.seconds)
            return next(flow)
        try:
            answer = self.http.send(_prepared(step, self.http))
        except httpx.TransportError as error:
            return flow.throw(error)
        return flow.send(answer)

    def close(self) -> None:
        if self._own:
            self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class AsyncSusa(_Client):
    """The same, awaited; on asyncio. `http`: an httpx.AsyncClient of your own."""

    def __init__(
        self,
        base_url: str,
        key: str | None = None,
        *,
        auth: Auth | None = None,
        retry: Retry | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        super().__init__(base_url, key, auth, retry)
        self._own = http is None
        self.http = http or httpx.AsyncClient(timeout=TIMEOUT, headers={"User-Agent": AGENT})
        self.quotes: Quotes[AsyncSusa] = Quotes(self)
        self.parcels: Parcels[AsyncSusa] = Parcels(self)
        self.tracking: TrackingOf[AsyncSusa] = TrackingOf(self)
        self.complaints: Complaints[AsyncSusa] = Complaints(self)
        self.payment_orders: PaymentOrders[AsyncSusa] = PaymentOrders(self)
        self.statements: Statements[AsyncSusa] = Statements(self)
        self.webhooks: Webhooks[AsyncSusa] = Webhooks(self)
        self.events: Events[AsyncSusa] = Events(self)
        self.sandbox: Sandbox[AsyncSusa] = Sandbox(self)

    async def send(self, call: Call[T]) -> T:
        """Any call, also of an operation that has no method here."""
        return await self._run(self.core.exchange(call))

    async def iterate(self, stream: Stream[T]) -> AsyncIterator[T]:
        try:
            step = next(stream, None)
            while step is not None:
                if isinstance(step, Emit):
                    yield step.item
                    step = next(stream, None)
                else:
                    step = await self._done(stream, step)
        finally:
            stream.close()

    async def _run(self, flow: Flow[T]) -> T:
        try:
            step = next(flow)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        while True:
            told = await self._perform(step)
            try:
                step = flow.throw(told) if isinstance(told, Exception) else flow.send(told)
            except StopIteration as stop:
                answer: T = stop.value
                return answer

    async def _done(self, stream: Generator[Any, Any, None], step: Send | Wait) -> Any:
        told = await self._perform(step)
        try:
            return stream.throw(told) if isinstance(told, Exception) else stream.send(told)
        except StopIteration:
            return None

    async def _perform(self, step: Send | Wait) -> httpx.Response | httpx.TransportError | None:
        if isinstance(step, Wait):
            await asyncio.sleep(step.seconds)
            return None
        try:
            return await self.http.send(_prepared(step, self.http))
        except httpx.TransportError as error:
            return error

    async def aclose(self) -> None:
        if self._own:
            await self.http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


def _prepared(step: Send, http: httpx.Client | httpx.AsyncClient) -> httpx.Request:
    """With what the client sends always, and the longer timeout where the answer may wait."""
    for name, value in http.headers.items():
        if name not in step.request.headers:
            step.request.headers[name] = value
    if step.timeout_s is not None:
        timeout = httpx.Timeout(step.timeout_s, connect=http.timeout.connect)
        step.request.extensions = {**step.request.extensions, "timeout": timeout.as_dict()}
    return step.request
