"""A sister in another process, as an ASGI app: aiohttp, streaming both ways.

httpx as a proxy keeps a tenth of this (measured); its place is in calls made for their answer.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import quote

import aiohttp
from starlette.types import Receive, Scope, Send
from yarl import URL

from services.gateway.forwarding.errors import SisterUnavailable
from services.gateway.forwarding.headers import HOP_BY_HOP
from services.gateway.traffic.breaker import RetryBudget
from services.gateway.traffic.domain import Header
from services.gateway.traffic.meters import RETRIES
from shared.errors import BadRequest
from shared.patience import PATIENCE

CONNECT_TIMEOUT_S: Final = 3 * PATIENCE
# under uvicorn's 5 s, so that a request seldom meets a connection that the sister is closing
KEEP_ALIVE_S: Final = 4
WHOLE_BODY_MAX: Final = 256 * 1024
SAFE: Final = frozenset({"GET", "HEAD"})
_NOT_PASSED_BACK: Final = HOP_BY_HOP | {b"date", b"server"}


@asynccontextmanager
async def pooled() -> AsyncIterator[aiohttp.ClientSession]:
    """The one session of a process; deadlines are set around each call."""
    # no limit here: the lanes have one each, and a common one would let a sister that hangs take
    # the connections of all
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    ) as session:
        # its own second try is made without a budget, of PUT and DELETE too; ours is in Remote
        session._retry_connection = False  # noqa: SLF001 - there is no public name for it
        yield session


class Remote:
    """Forwards one sister's requests. SisterUnavailable until the response has begun."""

    def __init__(self, service: str, url: str, session: aiohttp.ClientSession) -> None:
        self._service = service
        self._url = url
        self._session = session
        self._budget = RetryBudget()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, length = await _body(scope["method"], receive)
        self._budget.earn()
        try:
            response = await self._ask(scope, body, with_length=length)
        except aiohttp.ClientConnectionError as error:
            # a sister that restarts breaks connections; a question may be asked twice
            if scope["method"] not in SAFE or not self._budget.spend():
                raise SisterUnavailable(self._service) from error
            RETRIES.labels(self._service).inc()
            response = await self._ask_again(scope)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SisterUnavailable(self._service) from error
        async with response:
            await _pass_back(response, send)

    async def _ask_again(self, scope: Scope) -> aiohttp.ClientResponse:
        try:
            return await self._ask(scope, None, with_length=False)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SisterUnavailable(self._service) from error

    async def _ask(
        self, scope: Scope, body: bytes | AsyncIterator[bytes] | None, *, with_length: bool
    ) -> aiohttp.ClientResponse:
        return await self._session.request(
            scope["method"],
            URL(self._url + _target(scope), encoded=True),
            headers=_text(scope["headers"], with_length=with_length),
            data=body,
            allow_redirects=False,
        )


async def _pass_back(response: aiohttp.ClientResponse, send: Send) -> None:
    headers = [
        (name.lower(), value)
        for name, value in response.raw_headers
        if name.lower() not in _NOT_PASSED_BACK
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    content = response.content
    more = True
    while more:
        chunk = await content.readany()
        more = not content.at_eof()
        await send({"type": "http.response.body", "body": chunk, "more_body": more})


def _target(scope: Scope) -> str:
    """Path and query exactly as the client wrote them."""
    raw: bytes = scope.get("raw_path") or b""
    path = raw.decode() if raw and raw.isascii() else quote(scope["path"])
    query: bytes = scope["query_string"]
    return f"{path}?{query.decode('latin-1')}" if query else path


def _text(headers: Iterable[Header], *, with_length: bool) -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1"), _decoded(value))
        for name, value in headers
        if with_length or name != b"content-length"
    ]


def _decoded(value: bytes) -> str:
    try:
        return value.decode()  # aiohttp writes UTF-8
    except UnicodeDecodeError:
        return value.decode("latin-1")


async def _body(method: str, receive: Receive) -> tuple[bytes | AsyncIterator[bytes] | None, bool]:
    """A small body whole, a larger one as it arrives, none for methods that have none.

    Also whether the client's Content-Length is still right. BadRequest if the client is gone: a
    request without its body is another request.
    """
    if method in SAFE:
        return None, False
    message = await receive()
    if message["type"] == "http.disconnect":
        raise BadRequest("the request broke off")
    first: bytes = message.get("body", b"")
    if message.get("more_body") or len(first) > WHOLE_BODY_MAX:
        return _stream(first, receive, more=message.get("more_body", False)), True
    return first or None, False


class _ClientGoneError(Exception):
    """The client hung up inside its own body; aiohttp then breaks the upstream connection."""


async def _stream(first: bytes, receive: Receive, *, more: bool) -> AsyncIterator[bytes]:
    if first:
        yield first
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientGoneError
        more = message.get("more_body", False)
        if chunk := message.get("body", b""):
            yield chunk
