"""What goes back: gzip of whole and streamed bodies, and what is remembered of tracking."""

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message

from services.gateway.forwarding.answer import LARGE, SMALL, Gzipped
from services.gateway.traffic.stale import BODY_MAX, Remembering

pytestmark = pytest.mark.anyio

JSON = (b"content-type", b"application/json")


class Sent:
    """A `send` that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def __call__(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.messages[0]["headers"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages[1:])


async def through(chunks: list[bytes], *headers: tuple[bytes, bytes], status: int = 200) -> Sent:
    sent = Sent()
    send = Gzipped(sent)
    await send({"type": "http.response.start", "status": status, "headers": [JSON, *headers]})
    for n, chunk in enumerate(chunks, start=1):
        more = n < len(chunks)
        await send({"type": "http.response.body", "body": chunk, "more_body": more})
    return sent


class TestGzip:
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.binary(max_size=3 * SMALL), min_size=1, max_size=6))
    async def test_what_is_read_is_what_was_sent(self, chunks: list[bytes]) -> None:
        whole = b"".join(chunks)
        sent = await through(chunks)
        if sent.headers.get(b"content-encoding") == b"gzip":
            assert gzip.decompress(sent.body) == whole
            if len(chunks) == 1:
                assert sent.headers[b"content-length"] == str(len(sent.body)).encode()
        else:
            assert sent.body == whole
            assert len(chunks) == 1
            assert len(whole) < SMALL
        assert [m.get("more_body", False) for m in sent.messages[1:]] == [
            n < len(chunks) for n in range(1, len(chunks) + 1)
        ]

    async def test_each_part_of_a_stream_can_be_read_when_it_comes(self) -> None:
        sent = Sent()
        send = Gzipped(sent)
        await send({"type": "http.response.start", "status": 200, "headers": [JSON]})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        reader = zlib.decompressobj(31)
        assert reader.decompress(sent.body) == b"first"
        assert b"content-length" not in sent.headers

    async def test_a_large_body_is_coded_beside_the_loop(self) -> None:
        body = b"ahvaz " * LARGE
        length = (b"content-length", str(len(body)).encode())
        sent = await through([body], length)
        assert gzip.decompress(sent.body) == body
        assert sent.headers[b"content-length"] == str(len(sent.body)).encode()

    @pytest.mark.parametrize("status", [204, 206, 304])
    async def test_no_body_or_a_part_of_one_stays(self, status: int) -> None:
        sent = await through([b""], status=status)
        assert b"content-encoding" not in sent.headers


class TestRemembering:
    async def remembered(self, *chunks: bytes, status: int = 200) -> tuple[Remembering, Sent]:
        sent = Sent()
        send = Remembering(sent)
        headers = [JSON, (b"x-request-id", b"one"), (b"etag", b'"a"')]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for n, chunk in enumerate(chunks, start=1):
            more = n < len(chunks)
            await send({"type": "http.response.body", "body": chunk, "more_body": more})
        return send, sent

    async def test_a_whole_small_answer_without_what_was_this_requests(self) -> None:
        send, sent = await self.remembered(b"{}")
        assert send.noted() == ([JSON, (b"etag", b'"a"')], b"{}")
        assert len(sent.messages) == 2

    async def test_nothing_else(self) -> None:
        for chunks, status in (
            ((b"{", b"}"), 200),
            ((b"x" * (BODY_MAX + 1),), 200),
            ((b"{}",), 404),
            ((b"",), 304),
        ):
            send, sent = await self.remembered(*chunks, status=status)
            assert send.noted() is None
            assert sent.body == b"".join(chunks)

    async def test_a_failure_waits_until_it_is_let_go(self) -> None:
        send, sent = await self.remembered(b"away", status=503)
        assert (sent.messages, send.noted(), send.status) == ([], None, 503)
        await send.let_go()
        assert sent.body == b"away"
