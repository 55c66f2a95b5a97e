"""The gateway's front: plain ASGI, so that a forwarded request pays only for what it needs.

Request id, route, deadline, key, scope, internal token, body limit; then the sister's app or the
way to it. What is not in the table goes the same way to the gateway's own app.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.config import Settings
from services.gateway.forwarding import headers, remote
from services.gateway.forwarding.errors import MethodNotAllowed, SisterUnavailable, send_problem
from services.gateway.forwarding.headers import Incoming
from services.gateway.forwarding.table import PUBLIC, ROUTES, Route, Table
from services.gateway.sessions.domain import is_session
from services.gateway.sessions.service import SessionRing
from services.gateway.tokens.issuer import Issuer
from services.gateway.tokens.origin import Network, Origin, origin_of
from services.gateway.tokens.service import Keyring
from shared.auth import ANONYMOUS, Caller, Minter, read_oauth, read_pepper
from shared.errors import BadRequest, DeadlineExceeded, NotFound, Problem, Unavailable
from shared.limits import BodyLimit
from shared.runtime import Runtime
from shared.settings import BODY_MAX_BYTES

log = structlog.get_logger(__name__)

SLOW_S: Final = 2.0
OWN: Final = Route("*", "*", "gateway", PUBLIC)
TOKEN_PATH: Final = "/oauth/token"  # noqa: S105 - a path
TOKEN: Final = Route("POST", TOKEN_PATH, "gateway", PUBLIC)
"""Where clients authenticate in ways of their own, and get what all else is asked with."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What an open front holds. `sisters`: each an ASGI app, the gateway's own among them."""

    keyring: Keyring
    sessions: SessionRing
    minter: Minter
    sisters: Mapping[str, ASGIApp]
    deadline_s: float
    deadline_slow_s: float
    proxies: tuple[Network, ...] = ()


class Front:
    """The gateway as it is served: wraps its own app (`inner`) and forwards to its sisters.

    `sisters` are apps in this process; those not given are reached over HTTP.
    """

    def __init__(self, inner: FastAPI, sisters: Mapping[str, ASGIApp]) -> None:
        self.inner = inner
        self.gate: Gate | None = None
        self._table = Table(ROUTES)
        self._in_process: dict[str, ASGIApp] = {**sisters, "gateway": inner}

    @asynccontextmanager
    async def opened(self, runtime: Runtime, settings: Settings) -> AsyncIterator[None]:
        """Ready to serve, from the lifespan of the own app."""
        self.inner.state.pepper = pepper = read_pepper(settings.keys)
        async with remote.pooled() as session:
            sisters: dict[str, ASGIApp] = {
                service: remote.Remote(service, url, session)
                for service, url in settings.sister_urls().items()
            }
            sisters |= self._in_process
            self.inner.state.issuer = issuer = Issuer(settings.issuer, read_oauth(settings.keys))
            self.inner.state.keyring = keyring = Keyring(
                runtime.databases["live"], pepper, clock=runtime.clock, issuer=issuer
            )
            self.gate = Gate(
                keyring,
                SessionRing(runtime.databases["live"], pepper, runtime.clock),
                runtime.minter,
                {name: BodyLimit(app, limit=BODY_MAX_BYTES) for name, app in sisters.items()},
                settings.deadline_s,
                settings.deadline_slow_s,
                tuple(settings.trusted_proxies),
            )
            yield
            self.gate = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self.inner(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens; log it if it failed or was slow."""
        started_at = time.perf_counter()
        incoming = headers.read(scope["headers"])
        structlog.contextvars.bind_contextvars(request_id=incoming.request_id.decode())
        answer = Answer(send, incoming.request_id)
        try:
            await self._dispatch(scope, receive, answer, incoming)
        except Exception as error:
            if answer.status:
                raise  # too late to say it otherwise than by a broken response
            await send_problem(answer, _problem_of(error))
        finally:
            elapsed_s = time.perf_counter() - started_at
            if answer.status >= 500 or elapsed_s > SLOW_S:
                _log(scope, answer.status, elapsed_s)

    async def _dispatch(
        self, scope: Scope, receive: Receive, answer: "Answer", incoming: Incoming
    ) -> None:
        gate = self.gate
        if gate is None:
            raise Unavailable("the gateway is starting or stopping", headers={"Retry-After": "1"})
        route = self._route(scope["method"], scope["path"])
        deadline_s = gate.deadline_slow_s if route.slow else gate.deadline_s
        try:
            async with asyncio.timeout(deadline_s) as deadline:
                origin = _origin(scope, incoming, gate.proxies)
                caller = await _caller(gate, incoming, origin, route)
                if route.scope != PUBLIC:
                    caller.require(route.scope)
                    if route.bound:
                        caller.require_bound()
                sister = gate.sisters.get(route.service)
                if sister is None:
                    raise SisterUnavailable(route.service)
                token = gate.minter.token(caller)
                forwarded = headers.inward(scope, incoming, origin, token, deadline_s)
                if route is TOKEN:
                    forwarded = headers.with_credentials(forwarded, incoming, origin)
                await sister(forwarded, receive, answer)
        except TimeoutError:
            if deadline.expired():
                raise DeadlineExceeded(f"no answer within {deadline_s:g} s") from None
            raise

    def _route(self, method: str, path: str) -> Route:
        methods = self._table.find(path)
        if methods is None:
            if path.startswith("/internal/"):
                raise NotFound("not found")
            return TOKEN if path == TOKEN_PATH else OWN
        route = methods.get(method)
        if route is None:
            allowed = ", ".join(sorted(methods))
            raise MethodNotAllowed(f"this path takes {allowed}", headers={"Allow": allowed})
        return route


def _origin(scope: Scope, incoming: Incoming, proxies: tuple[Network, ...]) -> Origin:
    client = scope.get("client")
    return origin_of(client[0] if client else "unknown", incoming.told, proxies)


async def _caller(gate: Gate, incoming: Incoming, origin: Origin, route: Route) -> Caller:
    if not incoming.authorizations:
        return ANONYMOUS
    if len(incoming.authorizations) > 1:
        raise BadRequest("send one Authorization header")
    if route is TOKEN:
        return ANONYMOUS
    authorization = incoming.authorizations[0]
    ring = gate.sessions if is_session(authorization) else gate.keyring
    return await ring.caller(authorization, origin)


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    log.error("front_failed", exc_info=error)
    return Problem("an unexpected error; it has been logged")


def _log(scope: Scope, status: int, elapsed_s: float) -> None:
    elapsed_ms = int(elapsed_s * 1000)
    where = {"method": scope["method"], "path": scope["path"]}
    log.warning("request", **where, status=status, elapsed_ms=elapsed_ms)


class Answer:
    """The client's `send`, with the request id on the response; remembers the status."""

    __slots__ = ("_request_id", "_send", "status")

    def __init__(self, send: Send, request_id: bytes) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            echoed = [*message.get("headers", ()), (b"x-request-id", self._request_id)]
            message = {**message, "headers": echoed}
        await self._send(message)
