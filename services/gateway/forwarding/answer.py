"""What goes back to the client: the sister's answer with our headers, smaller if it likes gzip."""

import asyncio
import time
import zlib
from typing import Any, Final

from starlette.types import Message, Send

from services.gateway.traffic.domain import Header

SMALL: Final = 1024
LARGE: Final = 128 * 1024
"""From here on compressing takes longer than others should wait for."""

_LEVEL: Final = 4
_GZIP: Final = 31  # zlib's window bits for gzip
_COMPRESSIBLE: Final = (
    b"application/json",
    b"application/geo+json",
    b"application/problem+json",
    b"application/x-ndjson",
    b"application/xml",
    b"image/svg",
    b"text/",
)


class Answer:
    """The client's `send`; adds `extra` to the response's headers, notes its status and when."""

    __slots__ = ("_send", "began_at", "extra", "status")

    def __init__(self, send: Send, request_id: bytes) -> None:
        self._send = send
        self.extra: list[Header] = [(b"x-request-id", request_id)]
        self.status = 0
        self.began_at = 0.0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.began_at = time.perf_counter()
            message = {**message, "headers": [*message.get("headers", ()), *self.extra]}
        await self._send(message)


def likes_gzip(accept_encoding: bytes) -> bool:
    """Whether `Accept-Encoding` names gzip without refusing it (RFC 9110, 12.5.3)."""
    for one in accept_encoding.lower().split(b","):
        name, _, weight = one.partition(b";")
        if name.strip() in {b"gzip", b"*"}:
            return weight.replace(b" ", b"") not in {b"q=0", b"q=0.0", b"q=0.00", b"q=0.000"}
    return False


class Gzipped:
    """A `send` that compresses what is worth it; a whole body keeps a length, a stream streams."""

    __slots__ = ("_coder", "_send", "_start")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._coder: Any = None  # zlib has no name for what compressobj makes

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if _worth_it(message):
                self._start = message
            else:
                await self._send(message)
        elif self._start is None and self._coder is None:
            await self._send(message)
        else:
            await self._body(message)

    async def _body(self, message: Message) -> None:
        body, more = message.get("body", b""), message.get("more_body", False)
        if self._start is not None:
            start, self._start = self._start, None
            if not more and len(body) < SMALL:
                await self._send(start)
                await self._send(message)
                return
            self._coder = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
            small = await self._code(body, more=more)
            await self._send(_coded(start, None if more else len(small)))
        else:
            small = await self._code(body, more=more)
        await self._send({"type": "http.response.body", "body": small, "more_body": more})

    async def _code(self, body: bytes, *, more: bool) -> bytes:
        if len(body) > LARGE:
            return await asyncio.to_thread(self._code_now, body, more=more)
        return self._code_now(body, more=more)

    def _code_now(self, body: bytes, *, more: bool) -> bytes:
        coded: bytes = self._coder.compress(body)
        rest: bytes = self._coder.flush(zlib.Z_SYNC_FLUSH if more else zlib.Z_FINISH)
        return coded + rest


def _worth_it(start: Message) -> bool:
    """Text of some length, not coded yet, and no secret (those are marked `no-store`)."""
    if start["status"] in {204, 206, 304}:
        return False
    told = dict(start.get("headers", ()))
    if b"content-encoding" in told or b"no-store" in told.get(b"cache-control", b""):
        return False
    if int(told.get(b"content-length", SMALL)) < SMALL:
        return False
    return bool(told.get(b"content-type", b"").startswith(_COMPRESSIBLE))


def _coded(start: Message, length: int | None) -> Message:
    """A strong entity tag names bytes that these are not (RFC 9110, 8.8.3): it is weakened."""
    headers: list[Header] = []
    vary = b"accept-encoding"
    for name, value in start.get("headers", ()):
        if name == b"vary":
            vary = value + b", " + vary
        elif name == b"etag" and not value.startswith(b"W/"):
            headers.append((name, b"W/" + value))
        elif name != b"content-length":
            headers.append((name, value))
    headers += [(b"content-encoding", b"gzip"), (b"vary", vary)]
    if length is not None:
        headers.append((b"content-length", b"%d" % length))
    return {**start, "headers": headers}
