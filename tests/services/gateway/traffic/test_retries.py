"""Connections that break on the way to a sister in another process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import Message, Scope

from services.gateway.forwarding import remote
from services.gateway.forwarding.errors import SisterUnavailable
from services.gateway.forwarding.remote import Remote

pytestmark = pytest.mark.anyio

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"


class Breaking:
    """Hangs up on the first `breaks` requests, and answers the rest."""

    def __init__(self, breaks: int) -> None:
        self.breaks = breaks
        self.asked = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        if self.asked > self.breaks:
            writer.write(ANSWER)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def before(sister: Breaking) -> AsyncIterator[Remote]:
    server = await asyncio.start_server(sister, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, remote.pooled() as session:
        yield Remote("parcels", f"http://127.0.0.1:{port}", session)


async def ask(way: Remote, method: str) -> int:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": method,
        "path": "/v1/parcels",
        "query_string": b"",
        "headers": [],
    }
    await way(scope, receive, send)
    return int(sent[0]["status"])


async def test_a_question_is_asked_again_once() -> None:
    sister = Breaking(1)
    async with before(sister) as way:
        assert await ask(way, "GET") == 200
    assert sister.asked == 2


async def test_a_command_never() -> None:
    sister = Breaking(1)
    async with before(sister) as way:
        with pytest.raises(SisterUnavailable):
            await ask(way, "POST")
    assert sister.asked == 1


async def test_a_sister_that_is_gone_is_not_asked_twice_as_often() -> None:
    sister = Breaking(1000)
    async with before(sister) as way:
        for _ in range(100):
            with pytest.raises(SisterUnavailable):
                await ask(way, "GET")
    assert 100 <= sister.asked <= 100 + 10 + 10
