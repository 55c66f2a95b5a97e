"""Bookings as a stream of lines: results as they come, once each, whatever breaks off."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.booking import lines
from tests.services.parcels.conftest import Parcels

pytestmark = pytest.mark.anyio

BLANK = b"  \r\n"


async def _pieces(text: bytes, size: int) -> AsyncIterator[bytes]:
    for n in range(0, len(text), size):
        yield text[n : n + size]


@settings(max_examples=40)
@given(st.lists(st.binary(max_size=12).filter(lambda b: b"\n" not in b)), st.integers(1, 9))
async def test_lines_are_the_same_however_they_come(sent: list[bytes], size: int) -> None:
    expected = [line.strip() for line in sent if line.strip()]
    assert [line async for line in lines.split(_pieces(b"\n".join(sent), size))] == expected
    chunks = [c async for c in lines.chunks(lines.split(_pieces(b"\n".join(sent), size)), 3)]
    assert [line for chunk in chunks for line in chunk] == expected
    assert [len(chunk) for chunk in chunks[:-1]] == [3] * len(chunks[:-1])


class Streams:
    """Short ways to send orders as lines."""

    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels

    def text(self, orders: Sequence[Any]) -> list[bytes]:
        return [o if isinstance(o, bytes) else json.dumps(o).encode() + b"\n" for o in orders]

    async def send(self, content: Any, key: str | None = "stream-1") -> httpx.Response:
        headers = {**self.parcels.shop(), "Content-Type": "application/x-ndjson; charset=utf-8"}
        if key is not None:
            headers["Idempotency-Key"] = key
        path = "/v1/parcels/batch"
        return await self.parcels.client.post(path, content=content, headers=headers)

    async def results(self, orders: Sequence[Any], key: str = "stream-1") -> list[Any]:
        answer = await self.send(b"".join(self.text(orders)), key)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == lines.MEDIA_TYPE
        return [json.loads(line) for line in answer.text.splitlines()]

    async def cut_off(self, sent: list[bytes], key: str = "stream-1") -> list[bytes]:
        """Lines one by one, then the connection breaks; the lines answered until then."""
        headers = self.parcels.shop() | {"Content-Type": lines.MEDIA_TYPE, "Idempotency-Key": key}
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/parcels/batch",
            "raw_path": b"/v1/parcels/batch",
            "query_string": b"",
            "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        }
        messages = [{"type": "http.request", "body": line, "more_body": True} for line in sent]
        coming = iter([*messages, {"type": "http.disconnect"}])
        answered: list[bytes] = []

        async def receive() -> Any:
            return next(coming)

        async def send(message: Any) -> None:
            if line := message.get("body"):
                answered.append(line)

        await self.parcels.api.app(scope, receive, send)
        return answered

    async def count(self) -> int:
        found: int = await self.parcels.api.database.hot.fetchval("SELECT count(*) FROM parcel")
        return found


@pytest.fixture
async def streams(parcels: Parcels, monkeypatch: pytest.MonkeyPatch) -> Streams:
    """Chunks of three."""
    monkeypatch.setattr(lines, "BATCH_MAX", 3)
    monkeypatch.setattr(lines.chunks, "__defaults__", (3,))
    return Streams(parcels)


async def test_each_line_has_its_result_and_a_broken_one_spoils_no_other(streams: Streams) -> None:
    order = streams.parcels.order
    sent = [
        order(reference="A"),
        BLANK,
        b'{"product": \n',
        order(weight_g=0),
        b"\xff\xfe\n",
        b"x" * (lines.LINE_BYTES_MAX + 5) + b"\n",
        order(reference="A"),
        order(reference="B"),
    ]
    found = await streams.results(sent)
    assert [(r["index"], r["status"]) for r in found] == [
        (0, 201),
        (1, 422),
        (2, 422),
        (3, 422),
        (4, 422),
        (5, 409),
        (6, 201),
    ]
    assert "not JSON" in found[1]["problem"]["errors"][0]["message"]
    assert found[5]["problem"]["code"] == "reference_in_use"
    assert (await streams.parcels.get(found[6]["parcel"]["barcode"]))["reference"] == "B"
    assert await streams.results(sent) == found
    assert await streams.count() == 2
    without = await streams.send(b"".join(streams.text(sent)), None)
    assert (without.status_code, without.json()["code"]) == (400, "idempotency_key_missing")
    assert await streams.results([]) == []


async def test_a_stream_that_broke_off_is_sent_again_with_one_effect(streams: Streams) -> None:
    orders = [streams.parcels.order(reference=f"R-{n}") for n in range(8)]

    answered = await streams.cut_off(streams.text(orders)[:5])
    assert [json.loads(line)["index"] for line in answered] == [0, 1, 2]
    assert await streams.count() == 3  # whole chunks only
    found = await streams.results(orders)
    assert [(r["index"], r["status"]) for r in found] == [(n, 201) for n in range(8)]
    assert await streams.count() == 8
    assert await streams.results(orders) == found
    # other lines under the same key: those of chunks that were others are refused
    other = await streams.results([*orders[:4], *orders[5:]])
    assert [r["status"] for r in other] == [201] * 3 + [422] * 3 + [422]
    assert other[3]["problem"]["code"] == "idempotency_key_reused"
    assert await streams.count() == 8
