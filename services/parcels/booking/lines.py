"""Bookings as a stream of lines (application/x-ndjson): one order a line in, one result a line out.

Lines are booked in chunks, each an effect of its own under a key made of the stream's: a stream
that broke off and is sent again under its key replays the chunks that were booked and goes on.
"""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from itertools import count
from typing import Any, Final

from fastapi import Request
from fastapi.responses import Response
from pydantic_core import from_json, to_json
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from services.parcels.booking import service
from services.parcels.booking.schemas import BATCH_MAX, BookingBatch
from services.parcels.caches import Desk
from shared.body import Body, json_body
from shared.errors import Invalid, Problem
from shared.idempotency import required

MEDIA_TYPE: Final = "application/x-ndjson"
LINE_BYTES_MAX: Final = 16 * 1024

Lines = AsyncIterator[bytes]
_batch_of = json_body(BookingBatch)


async def batch_or_lines(request: Request) -> Body[BookingBatch] | Lines:
    """A dependency: what was sent, by its media type. A batch is read, lines are still to come."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return split(request.stream()) if kind == MEDIA_TYPE else await _batch_of(request)


async def split(stream: AsyncIterator[bytes]) -> Lines:
    """Lines that are not blank; of one that is too long, as much as shows it."""
    rest = b""
    async for piece in stream:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            if line := line[: LINE_BYTES_MAX + 1].strip():
                yield line
        rest = rest[: LINE_BYTES_MAX + 1]
    if line := rest.strip():
        yield line


async def chunks(lines: Lines, size: int = BATCH_MAX) -> AsyncIterator[list[bytes]]:
    """By number only, so that a stream sent again falls into the same ones."""
    chunk: list[bytes] = []
    async for line in lines:
        chunk.append(line)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def order_of(line: bytes) -> Any:
    """What a line says, not validated yet; a Problem if it is no JSON."""
    if len(line) > LINE_BYTES_MAX:
        return Invalid.field("body", f"a line has at most {LINE_BYTES_MAX} bytes")
    try:
        return from_json(line)
    except ValueError as error:
        return Invalid.field("body", f"the line is not JSON: {str(error)[:200]}")


async def book(desk: Desk, sent: Body[BookingBatch] | Lines, key: str | None) -> Response:
    """Book a batch, or lines as they come."""
    named = required(key)
    if not isinstance(sent, Body):
        return LinesResponse(_results(desk, sent, named))
    effect = service.effect_of(desk.caller, "book_batch", named, sent.raw, desk.now)
    return (await service.book_many(desk, sent.value.parcels, effect)).response()


async def _results(desk: Desk, lines: Lines, key: str) -> AsyncGenerator[bytes]:
    """Of each chunk, its results: lines with the index of the order's line, blank ones apart."""
    name = hashlib.sha256(key.encode()).hexdigest()
    numbers = count()
    async for chunk in chunks(lines):
        n = next(numbers)
        for result in await _book_chunk(desk, chunk, f"{name}:{n}"):
            yield to_json(result | {"index": result["index"] + n * BATCH_MAX}) + b"\n"


async def _book_chunk(desk: Desk, chunk: Sequence[bytes], key: str) -> list[dict[str, Any]]:
    """A chunk that is refused as a whole, as under a key in use, is so for each of its lines."""
    effect = service.effect_of(desk.caller, "book_lines", key, b"\n".join(chunk), desk.now)
    try:
        answer = await service.book_many(desk, [order_of(line) for line in chunk], effect)
    except Problem as problem:
        told = {"status": problem.status, "problem": problem.as_dict()}
        return [{"index": index, **told} for index in range(len(chunk))]
    results: list[dict[str, Any]] = from_json(answer.body)["results"]
    return results


class LinesResponse(Response):
    """Answers while the request is still being read.

    Starlette's own streaming response would take parts of the body, waiting for the client to go.
    """

    media_type = MEDIA_TYPE

    def __init__(self, lines: AsyncGenerator[bytes]) -> None:
        self.status_code = 200
        self.background = None
        self._lines = lines
        self.init_headers()

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **head})
        try:
            async with aclosing(self._lines) as lines:
                async for line in lines:
                    await send({"type": "http.response.body", "body": line, "more_body": True})
        except ClientDisconnect:
            return  # what was not a whole chunk is not booked; sent again, the stream goes on
        await send({"type": "http.response.body"})
