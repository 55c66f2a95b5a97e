"""Outbox, relay and feed through the HTTP endpoint of a real service."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest

from shared import outbox
from tests.conftest import START, Serve

pytestmark = pytest.mark.anyio


def internal(api: Any) -> dict[str, str]:
    headers: dict[str, str] = api.headers("internal", sub="gateway", kind="service")
    return headers


async def put(api: Any, event_type: str, n: int) -> None:
    async with api.database.transaction() as session:
        await outbox.append(session, event_type, {"n": n}, time=START, subject=str(n))


async def page(api: Any, **params: Any) -> httpx.Response:
    response: httpx.Response = await api.client.get(
        "/internal/feed", params={"consumer": "test", **params}, headers=internal(api)
    )
    return response


class TestFeed:
    async def test_positions_have_no_gap_and_a_page_names_its_range(self, serve: Serve) -> None:
        api = await serve("offices")
        for n in range(5):
            await put(api, "a.b" if n % 2 else "c.d", n)
        assert await api.publish() == 5
        whole = (await page(api, after=0)).json()
        assert [e["position"] for e in whole["events"]] == [1, 2, 3, 4, 5]
        assert (whole["after"], whole["upto"], whole["head"]) == (0, 5, 5)
        assert whole["events"][0]["specversion"] == "1.0"
        some = (await page(api, after=1, types="a.b")).json()
        assert [e["data"]["n"] for e in some["events"]] == [1, 3]
        assert some["upto"] == 5

    async def test_a_full_page_stops_at_its_last_event(self, serve: Serve) -> None:
        api = await serve("offices")
        for n in range(5):
            await put(api, "a.b", n)
        await api.publish()
        first = (await page(api, after=0, limit=2)).json()
        assert (first["upto"], len(first["events"]), first["head"]) == (2, 2, 5)

    async def test_a_page_cut_by_its_size_skips_nothing(self, serve: Serve) -> None:
        """Of two events that do not fit one page together, the second comes with the next."""
        api = await serve("offices")
        for n, size in enumerate((1_500_000, 3_000_000, 10)):
            async with api.database.transaction() as session:
                await outbox.append(session, "a.b", {"n": n, "pad": "x" * size}, time=START)
        await api.publish()
        after, seen = 0, []
        while (found := (await page(api, after=after)).json())["upto"] != after:
            seen += [event["data"]["n"] for event in found["events"]]
            after = found["upto"]
        assert seen == [0, 1, 2]

    @pytest.mark.parametrize(
        "params", [{"after": 2**63}, {"after": 0, "types": "a\0b"}, {"after": 0, "consumer": "\0"}]
    )
    async def test_what_the_database_cannot_hold_is_refused(
        self, serve: Serve, params: dict[str, Any]
    ) -> None:
        api = await serve("offices")
        assert (await page(api, **params)).status_code == 422

    async def test_who_reads_along_is_acknowledged(self, serve: Serve) -> None:
        api = await serve("offices")
        for wrong in ("a.b", "a.b:", "a.b:1;c.d:2", "A:1", f"a.b:{10**19}"):
            assert (await page(api, after=0, beside=wrong)).status_code == 422, wrong
        assert (await page(api, after=0, beside="b.c:2,a.b:1")).status_code == 200
        rows = await api.database.hot.fetch("SELECT * FROM feed_consumer ORDER BY name")
        found = {row["name"]: row["position"] for row in rows}
        assert found == {"a.b": 1, "b.c": 2, "test": 0}

    async def test_uncommitted_events_are_not_published(self, serve: Serve) -> None:
        api = await serve("offices")
        with pytest.raises(RuntimeError, match="undo"):
            async with api.database.transaction() as session:
                await outbox.append(session, "a.b", {}, time=START)
                raise RuntimeError("undo")
        assert await api.publish() == 0

    async def test_a_waiting_reader_is_woken_by_the_relay(self, serve: Serve) -> None:
        api = await serve("offices")
        waiting = asyncio.create_task(page(api, after=0, wait=20))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        await put(api, "a.b", 1)
        await api.publish()
        answer = (await waiting).json()
        assert len(answer["events"]) == 1

    async def test_needs_the_internal_scope(self, serve: Serve) -> None:
        api = await serve("offices")
        url = "/internal/feed?after=0&consumer=test"
        assert (await api.client.get(url)).status_code == 401
        refused = await api.client.get(url, headers=api.headers("parcels:read"))
        assert refused.status_code == 403
        assert refused.headers["content-type"] == "application/problem+json"

    async def test_a_trimmed_range_answers_410_with_the_way_back(self, serve: Serve) -> None:
        api = await serve("offices")
        await put(api, "a.b", 1)
        await api.publish()
        await api.database.hot.execute("UPDATE feed_head SET floor = 1")
        gone = await page(api, after=0)
        assert gone.status_code == 410
        assert gone.json()["code"] == "cursor_expired"

    async def test_partitions_follow_the_head_and_go_when_all_have_passed(
        self, serve: Serve
    ) -> None:
        api = await serve("offices")
        hot = api.database.hot
        await hot.execute("UPDATE feed_head SET position = 1999999")
        await put(api, "a.b", 1)  # position 2,000,000: its partition does not exist yet
        assert await api.publish() == 1
        assert await hot.fetchval("SELECT position FROM feed") == 2_000_000
        await hot.execute("INSERT INTO feed_consumer (name, position) VALUES ('slow', 1500000)")
        await hot.execute("SELECT feed_trim()")
        assert await hot.fetchval("SELECT to_regclass('feed_p0')") is None
        assert await hot.fetchval("SELECT to_regclass('feed_p1')") is not None
        assert await hot.fetchval("SELECT floor FROM feed_head") == 999_999

    async def test_concurrent_writers_lose_no_event(self, serve: Serve) -> None:
        api = await serve("offices")
        ids = [str(uuid.uuid4()) for _ in range(60)]

        async def write(n: int) -> None:
            async with api.database.transaction() as session:
                await outbox.append(session, "a.b", {"id": ids[n]}, time=START)
                await asyncio.sleep(0.001 * (n % 7))

        async def relay() -> None:
            for _ in range(20):
                await api.publish()
                await asyncio.sleep(0.005)

        await asyncio.gather(relay(), *(write(n) for n in range(60)))
        await api.publish()
        events = (await page(api, after=0, limit=1000)).json()["events"]
        assert sorted(e["data"]["id"] for e in events) == sorted(ids)
        assert [e["position"] for e in events] == list(range(1, 61))
