"""The gateway's front: plain ASGI, so that a forwarded request pays only for what it needs.

Request id, route, key, scope, quota, the body's first part, a place in the sister's lane, deadline,
internal token, body limit; then the sister's app or the way to it. What is not in the table goes
the same way to the gateway's own app.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.config import Settings
from services.gateway.forwarding import headers, remote
from services.gateway.forwarding.answer import Answer, Gzipped, likes_gzip
from services.gateway.forwarding.body import gathered
from services.gateway.forwarding.errors import (
    MethodNotAllowed,
    SisterSilent,
    SisterUnavailable,
    send_problem,
)
from services.gateway.forwarding.headers import Incoming
from services.gateway.forwarding.table import PUBLIC, ROUTES, Route, Table
from services.gateway.sessions.domain import is_session
from services.gateway.sessions.service import SessionRing
from services.gateway.tokens.issuer import Issuer
from services.gateway.tokens.origin import Network, Origin, origin_of
from services.gateway.tokens.service import Keyring
from services.gateway.traffic import deprecation, stale
from services.gateway.traffic import service as traffic
from services.gateway.traffic.errors import TooManyRequests
from services.gateway.traffic.meters import WAITING
from services.gateway.traffic.quotas import network_of
from services.gateway.traffic.service import Traffic
from services.gateway.usage import service as usage
from services.gateway.usage.domain import Tally
from services.gateway.web import cookies
from shared import keys
from shared.auth import ANONYMOUS, Caller, Minter, read_oauth, read_pepper
from shared.errors import (
    BadRequest,
    DeadlineExceeded,
    Forbidden,
    NotFound,
    Problem,
    Unauthenticated,
    Unavailable,
)
from shared.limits import BodyLimit
from shared.patience import PATIENCE
from shared.runtime import Runtime
from shared.settings import BODY_MAX_BYTES

log = structlog.get_logger(__name__)

NOWHERE: Final = Origin()
SLOW_S: Final = 2.0
OWN: Final = Route("GET", "*", "gateway", "own")
FORM: Final = Route("POST", "*", "gateway", "own")
"""What anyone sends from a page counts as the write that it becomes behind it."""
SIGNED_IN: Final = (cookies.PORTAL, "/v1/")
"""Own paths of people and machines that sign in: offices share an address, each signs in there."""
TOKEN_PATH: Final = "/oauth/token"  # noqa: S105 - a path
TOKEN: Final = Route("POST", TOKEN_PATH, "gateway", PUBLIC)
"""Where clients authenticate in ways of their own, and get what all else is asked with."""
UNCOUNTED: Final = frozenset({"/livez", "/metrics"})
"""Asked by machines that watch this one, above all when it has too much to do."""
UNQUEUED: Final = UNCOUNTED | {"/readyz"}
WAITS: Final = "/v1/events"
"""Waits by design, and is no work while it does."""
OPEN: Final = frozenset({PUBLIC, OWN.scope})
"""Own routes check their scopes themselves."""
BODILESS: Final = frozenset({"GET", "HEAD"})
STATIC: Final = "/static/"
"""Files of pages, from memory: neither counted nor queued."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What an open front holds. `sisters`: each an ASGI app, the gateway's own among them."""

    keyring: Keyring
    sessions: SessionRing
    minter: Minter
    sisters: Mapping[str, ASGIApp]
    deadline_s: float
    deadline_slow_s: float
    traffic: Traffic
    usage: Tally
    proxies: tuple[Network, ...]


@dataclass(slots=True, eq=False)
class Request:
    """One request on its way: what was found out about it so far."""

    scope: Scope
    receive: Receive
    answer: Answer
    incoming: Incoming
    route: Route = OWN
    caller: Caller = ANONYMOUS
    origin: Origin = NOWHERE

    @property
    def who(self) -> str:
        """Whose share of a lane it takes."""
        if self.caller is ANONYMOUS:
            return network_of(self.origin.address)
        return self.caller.id


class Front:
    """The gateway as it is served: wraps its own app (`inner`) and forwards to its sisters.

    `sisters` are apps in this process; those not given are reached over HTTP.
    """

    def __init__(self, inner: FastAPI, sisters: Mapping[str, ASGIApp]) -> None:
        self.inner = inner
        self.gate: Gate | None = None
        self._table = Table(ROUTES)
        self._in_process: dict[str, ASGIApp] = {**sisters, "gateway": inner}
        self._deprecated = deprecation.by_operation(deprecation.DEPRECATED)

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
            self.inner.state.traffic = counted = Traffic(settings)
            counted.quotas.agreed = keyring.quotas
            self.inner.state.sessions = sessions = SessionRing(
                runtime.databases["live"], pepper, runtime.clock
            )
            tally = Tally()
            self.inner.state.sisters = limited = {
                name: BodyLimit(app, limit=BODY_MAX_BYTES) for name, app in sisters.items()
            }
            self.gate = Gate(
                keyring,
                sessions,
                runtime.minter,
                limited,
                settings.deadline_s * PATIENCE,
                settings.deadline_slow_s * PATIENCE,
                counted,
                tally,
                tuple(settings.trusted_proxies),
            )
            live, clock = runtime.databases["live"], runtime.clock
            beside = (
                asyncio.create_task(counted.keep_reading()),
                asyncio.create_task(usage.keep_flushing(tally, live, clock)),
            )
            try:
                async with keys.followed_oauth(settings.keys, keyring.use):
                    yield
            finally:
                self.gate = None
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self.inner(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens; count it, and log it if it failed or was slow."""
        started_at = time.perf_counter()
        if scope["method"] == "HEAD":  # the server in front sends no body to it
            scope = {**scope, "method": "GET"}
        incoming = headers.read(scope["headers"])
        structlog.contextvars.bind_contextvars(request_id=incoming.request_id.decode())
        if incoming.accept_encoding and likes_gzip(incoming.accept_encoding):
            send = Gzipped(send)
        answer = Answer(send, incoming.request_id)
        request = Request(scope, receive, answer, incoming)
        gate = self.gate
        try:
            await self._dispatch(_opened(gate), request)
        except Exception as error:
            if answer.status:
                raise  # too late to say it otherwise than by a broken response
            await send_problem(answer, _problem_of(error))
        finally:
            elapsed_s = time.perf_counter() - started_at
            if gate is not None:
                _note(gate, request, elapsed_s)

    async def _dispatch(self, gate: Gate, request: Request) -> None:
        """Everything that may refuse a request before anyone works for it, cheapest first."""
        scope, incoming = request.scope, request.incoming
        request.route = route = self._route(scope["method"], scope["path"])
        if self._deprecated:
            request.answer.extra += self._deprecated.get((route.method, route.template), ())
        request.origin = _origin(scope, incoming, gate.proxies)
        request.caller = caller = await _caller(gate, request)
        if route.scope not in OPEN:
            caller.require(route.scope)
            if route.bound:
                caller.require_bound()
        if not (scope["path"] in UNCOUNTED or _is_static(request)):
            _count(gate, request)
        if scope["method"] not in BODILESS:
            request.receive = await gathered(request.receive)
        if route.template != stale.TEMPLATE:
            await _forward(gate, request, request.answer)
            return
        key = stale.key_of(scope, caller, incoming.first(b"accept-language"))
        await _forward_remembering(gate, request, key)

    def _route(self, method: str, path: str) -> Route:
        methods = self._table.find(path)
        if methods is None:
            if path.startswith("/internal/"):
                raise NotFound("not found")
            if path == TOKEN_PATH:
                return TOKEN
            return FORM if method not in BODILESS and not path.startswith(SIGNED_IN) else OWN
        route = methods.get(method)
        if route is None:
            allowed = ", ".join(sorted({*methods, "HEAD"} if "GET" in methods else methods))
            raise MethodNotAllowed(f"this path takes {allowed}", headers={"Allow": allowed})
        return route


def _origin(scope: Scope, incoming: Incoming, proxies: tuple[Network, ...]) -> Origin:
    client = scope.get("client")
    return origin_of(client[0] if client else "unknown", incoming.told, proxies)


def _opened(gate: Gate | None) -> Gate:
    if gate is None:
        raise Unavailable("the gateway is starting or stopping", headers={"Retry-After": "1"})
    return gate


def _count(gate: Gate, request: Request) -> None:
    kind = request.route.traffic
    try:
        told = gate.traffic.quotas.take(request.caller, request.origin.address, kind)
    except TooManyRequests:
        traffic.limited(request.route.service, kind)
        raise
    request.answer.extra += told


async def _forward_remembering(gate: Gate, request: Request, key: stale.Key | None) -> None:
    """Public tracking: what was last known, for an hour, while its sister cannot tell."""
    if key is None:
        await _forward(gate, request, request.answer)
        return
    kept, known = gate.traffic.stale, request.incoming.first(b"if-none-match")
    send = stale.Remembering(request.answer)
    try:
        await _forward(gate, request, send)
    except (Unavailable, DeadlineExceeded):
        if send.status or not await kept.answer(key, known, request.answer):
            raise
        return
    if send.status >= 500:
        if not await kept.answer(key, known, request.answer):
            await send.let_go()
    elif (noted := send.noted()) is not None:
        kept.keep(key, *noted)
    elif send.status == 304:
        kept.confirm(key, send.tag)
    else:
        kept.forget(key)  # what it said before holds no longer


async def _forward(gate: Gate, request: Request, send: Answer | stale.Remembering) -> None:
    """Through the sister's lane, within the deadline."""
    route, scope = request.route, request.scope
    sister = gate.sisters.get(route.service)
    if sister is None:
        raise SisterUnavailable(route.service)
    deadline_s = gate.deadline_slow_s if route.slow else gate.deadline_s
    token = gate.minter.token(request.caller)
    if scope["path"] in UNQUEUED or _is_static(request):
        inward = _inward(request, token, deadline_s)
        await _within(deadline_s, request, sister(inward, request.receive, send))
        return
    if scope["path"] == WAITS:
        inward = _inward(request, token, deadline_s)
        with gate.traffic.waits.one(request.who):
            await _within(deadline_s, request, sister(inward, request.receive, send))
        return
    lane, who = gate.traffic.lane(route.service, request.caller.world), request.who
    # half of the deadline at most: who is let in has time left to be answered
    left_s = deadline_s - await lane.enter(route.traffic, who, deadline_s / 2)
    began_at = time.perf_counter()
    error: BaseException | None = None
    inward = {"state": {}}
    try:
        inward = _inward(request, token, left_s)
        await _within(left_s, request, sister(inward, request.receive, send))
    except BaseException as raised:
        error = raised
        raise
    finally:
        # until the answer begins: how fast a client reads it says nothing of the sister
        took_s = (request.answer.began_at or time.perf_counter()) - began_at
        strain = took_s / traffic.target_s(route.traffic, slow=route.slow)
        failed = traffic.failed(send.status, error) and traffic.ELSEWHERE not in inward["state"]
        lane.leave(who, strain, failed=failed)


async def _within(deadline_s: float, request: Request, work: Awaitable[None]) -> None:
    """A question that is not answered may be asked again: 503. What may have been done: 504."""
    try:
        async with asyncio.timeout(deadline_s) as deadline:
            await work
    except TimeoutError:
        if not deadline.expired():
            raise
        if request.scope["method"] == "GET":
            raise SisterSilent(request.route.service, deadline_s) from None
        raise DeadlineExceeded(
            f"no answer within {deadline_s:.3g} s; it may have been done all the same"
        ) from None


def _inward(request: Request, token: str, deadline_s: float) -> Scope:
    incoming, origin = request.incoming, request.origin
    forwarded = headers.inward(request.scope, incoming, origin, token, deadline_s)
    if request.route is TOKEN:
        return headers.with_credentials(forwarded, incoming, origin)
    return forwarded


async def _caller(gate: Gate, request: Request) -> Caller:
    incoming = request.incoming
    if not incoming.authorizations:
        return await _of_cookie(gate, request) if request.route is OWN else ANONYMOUS
    if len(incoming.authorizations) > 1:
        raise BadRequest("send one Authorization header")
    if request.route is TOKEN:
        return ANONYMOUS
    authorization = incoming.authorizations[0]
    ring = gate.sessions if is_session(authorization) else gate.keyring
    guesses, address = gate.traffic.guesses, request.origin.address
    if guesses.spent(address) and not ring.knows(authorization):
        raise TooManyRequests("too many unknown credentials", retry_s=guesses.REST_S, headers={})
    try:
        return await ring.caller(authorization, request.origin)
    except Unauthenticated:
        guesses.count(address)
        raise


async def _of_cookie(gate: Gate, request: Request) -> Caller:
    """Who signed in on the portal; nobody where that is over, so that its pages ask again."""
    authorization = cookies.authorization_of(request.scope["path"], request.incoming.kept)
    if authorization is None:
        return ANONYMOUS
    ring = gate.sessions if is_session(authorization) else gate.keyring
    try:
        return await ring.caller(authorization, request.origin)
    except (Unauthenticated, Forbidden):
        return ANONYMOUS


def _is_static(request: Request) -> bool:
    path: str = request.scope["path"]
    return request.route is OWN and path.startswith(STATIC)


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    log.error("front_failed", exc_info=error)
    return Problem("an unexpected error; it has been logged")


def _note(gate: Gate, request: Request, elapsed_s: float) -> None:
    """Count it, and log it if it failed or was slow.

    The operation, not the path, which names parcels and people's references.
    """
    route, status, waits = request.route, request.answer.status, request.scope["path"] == WAITS
    kind = WAITING if waits else route.traffic
    gate.traffic.meters.answered(route.service, kind, status, elapsed_s)
    usage.count(gate.usage, request.caller, route.traffic, status)
    failed = status >= 500 and (status != 503 or gate.traffic.is_news(route.service))
    if failed or (elapsed_s > SLOW_S and not waits):
        where = {"operation": f"{route.method} {route.template}", "of": route.service}
        log.warning("request", **where, status=status, elapsed_ms=int(elapsed_s * 1000))
