"""Bodies pass as they come, both ways, through real sockets on the client's side."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from starlette.types import Message

from services.gateway.forwarding import remote
from services.gateway.forwarding.body import WAITED_FOR
from shared.errors import BadRequest
from tests.services.gateway.conftest import Gateway
from tests.services.gateway.standin import served

pytestmark = pytest.mark.anyio


@pytest.fixture
async def url(gateway: Gateway) -> AsyncIterator[str]:
    async with served(gateway.front) as address:
        yield address


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


class TestHead:
    async def test_is_get_without_a_body(
        self, gateway: Gateway, url: str, http: aiohttp.ClientSession
    ) -> None:
        async with http.head(f"{url}/v1/towns") as answer:
            assert (answer.status, await answer.read()) == (200, b"")
            assert int(answer.headers["content-length"]) > 0
        async with http.head(f"{url}/livez") as answer:
            assert answer.status == 200
        async with http.options(f"{url}/v1/towns") as answer:
            assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
        assert gateway.echo.requests == 1


class TestStreaming:
    async def test_down(self, gateway: Gateway, url: str, http: aiohttp.ClientSession) -> None:
        async with http.get(f"{url}/v1/offices/stream") as answer:
            assert await answer.content.readany() == b"first "  # the second is not made yet
            gateway.echo.go_on.set()
            assert await answer.content.read() == b"second"
            assert answer.headers["x-kept"] == "1"
            if gateway.topology == "http":
                assert "keep-alive" not in answer.headers

    async def test_up(self, gateway: Gateway, url: str, http: aiohttp.ClientSession) -> None:
        async def parts() -> AsyncIterator[bytes]:
            yield b"a" * WAITED_FOR
            await gateway.echo.first_chunk.wait()  # it is there before the rest is sent
            yield b"b" * 1000

        async with http.post(f"{url}/v1/quotes", data=parts()) as answer:
            told = await answer.json()
        assert told["body_length"] == WAITED_FOR + 1000
        assert told["chunks"] >= 2

    async def test_a_long_upload_without_a_length_is_cut_off(
        self, url: str, http: aiohttp.ClientSession
    ) -> None:
        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b"x" * 100_000
                await asyncio.sleep(0)

        try:
            async with http.post(f"{url}/v1/quotes", data=endless()) as answer:
                assert answer.status == 413
                assert answer.content_type == "application/problem+json"
        except aiohttp.ClientOSError:
            pass  # the gateway hung up while the client was still writing, as it may

    async def test_many_requests_share_connections(
        self, gateway: Gateway, url: str, http: aiohttp.ClientSession
    ) -> None:
        async def one() -> int:
            async with http.get(f"{url}/v1/towns") as answer:
                await answer.read()
                return answer.status

        assert set(await asyncio.gather(*(one() for _ in range(200)))) == {200}
        assert gateway.echo.requests == 200

    async def test_a_client_that_hangs_up_ends_the_sisters_request(
        self, gateway: Gateway, url: str
    ) -> None:
        host, port = url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        head = "POST /v1/quotes HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
        writer.write(head.encode() + b"x" * WAITED_FOR)
        await gateway.echo.first_chunk.wait()
        writer.close()
        await asyncio.wait_for(gateway.echo.hung_up.wait(), 5)

    async def test_a_client_gone_before_its_body_asks_for_nothing(self, near: Gateway) -> None:
        """An empty body in its place would be another request, and might be obeyed."""
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        async with served(near.echo) as sister, remote.pooled() as session:
            scope = {
                "type": "http",
                "method": "POST",
                "path": "/v1/complaints/C-1/close",
                "query_string": b"",
                "headers": [],
            }
            with pytest.raises(BadRequest):
                await remote.Remote("complaints", sister, session)(scope, receive, send)
        assert (near.echo.requests, sent) == (0, [])
