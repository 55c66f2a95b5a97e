"""Slow and oversized clients at the server of `susa serve`, through real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from math import inf
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from services.server import HEAD_MAX, Server, configured
from tests.listening import listening
from tests.services.gateway.webhooks.support import until

pytestmark = pytest.mark.anyio


@dataclass
class App:
    """Reads the whole body and says how long it was."""

    lengths: list[int] = field(default_factory=list)
    hung_up: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length, more = 0, scope["method"] == "POST" and scope["path"] != "/early"
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.hung_up += 1
                return
            length += len(message.get("body", b""))
            more = message.get("more_body", False)
        self.lengths.append(length)
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})


@dataclass
class Served:
    server: Server
    app: App
    port: int

    def connections(self) -> list[Any]:
        return list(self.server.server_state.connections)

    async def connect(self, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        return reader, writer

    async def later(self, seconds: float) -> None:
        """What the server would do if so much time had passed; nobody waits for it."""
        self.server.sweep(asyncio.get_running_loop().time() + seconds)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    app = App()
    server = Server(configured(app, "127.0.0.1", 0))
    async with listening(server) as port:
        yield Served(server, app, port)


def problem(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    told: dict[str, Any] = json.loads(body)
    assert head.startswith(f"HTTP/1.1 {told['status']} ".encode())
    return told["status"], told["code"]


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"


class TestSlow:
    @pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
    async def test_headers_have_ten_seconds(self, served: Served, sent: bytes) -> None:
        reader, writer = await served.connect(sent)
        await until(lambda: len(served.connections()) == 1)
        await served.later(9)
        assert len(served.connections()) == 1
        writer.write(b"X")  # a byte now and then wins no time
        await served.later(11)
        assert problem(await reader.read()) == (408, "slow_headers")
        assert served.connections()  # until the client has read why, or ten seconds are over
        await served.later(22)
        await until(lambda: not served.connections())
        writer.close()

    async def test_a_body_has_thirty(self, served: Served) -> None:
        reader, writer = await served.connect(HEAD + b"x")
        await until(lambda: any(not c.in_head for c in served.connections()))
        await served.later(29)
        assert served.connections()
        writer.write(b"x")
        await served.later(31)
        assert problem(await reader.read()) == (408, "slow_body")
        await until(lambda: served.app.hung_up == 1)
        assert served.app.lengths == []
        writer.close()

    async def test_also_one_that_was_answered_before_it_came(self, served: Served) -> None:
        reader, writer = await served.connect(HEAD.replace(b"/", b"/early", 1) + b"x")
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        await served.later(31)
        assert problem(await reader.read()) == (408, "slow_body")
        writer.close()

    async def test_who_is_in_time_keeps_the_connection(self, served: Served) -> None:
        reader, writer = await served.connect(b"")
        for _ in range(3):
            writer.write(HEAD + b"x" * 100)
            await reader.readuntil(b"ok")
            await served.later(60)  # idle between requests: uvicorn's own matter
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.readuntil(b"ok")
        assert served.app.lengths == [100, 0] * 3
        writer.write(b"GET")  # and the next request has its ten seconds again
        await until(lambda: any(c.late_at < inf for c in served.connections()))
        await served.later(11)
        assert problem(await reader.read()) == (408, "slow_headers")
        writer.close()


class TestMany:
    async def test_who_waits_longest_makes_room(
        self, served: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("services.server.CONNECTIONS_MAX", 2)
        opened = [await served.connect(HEAD)]  # with a request under way
        await until(lambda: any(not c.in_head for c in served.connections()))
        for n in range(3):
            opened.append(await served.connect(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
            await opened[-1][0].readuntil(b"ok")

            def there(n: int = n) -> bool:
                return len(served.connections()) == n + 2

            await until(there)
        await served.later(0)
        assert [await reader.read() for reader, _ in opened[1:3]] == [b"", b""]
        await until(lambda: len(served.connections()) == 2)
        for reader, writer in (opened[0], opened[3]):
            writer.write(b"x" * 100 if writer is opened[0][1] else b"GET / HTTP/1.1\r\n\r\n")
            await reader.readuntil(b"ok")
        for _, writer in opened:
            writer.close()


class TestLarge:
    async def test_headers_are_bounded(self, served: Served) -> None:
        long = b"GET / HTTP/1.1\r\nX: " + b"x" * (HEAD_MAX + 1)
        many = b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 101 + b"\r\n"
        for sent in (long, many):
            reader, writer = await served.connect(sent)
            assert problem(await reader.read()) == (431, "headers_too_large")
            writer.close()
        assert served.app.lengths == []

    async def test_nonsense_is_a_problem_too(self, served: Served) -> None:
        reader, writer = await served.connect(b"\x00\x01\x02 nonsense\r\n\r\n")
        assert problem(await reader.read()) == (400, "bad_request")
        writer.close()

    async def test_a_large_body_with_its_head_passes(self, served: Served) -> None:
        head = HEAD.replace(b"100", b"%d" % (4 * HEAD_MAX))
        reader, writer = await served.connect(head + b"x" * 4 * HEAD_MAX)
        await reader.readuntil(b"ok")
        assert served.app.lengths == [4 * HEAD_MAX]
        writer.close()
