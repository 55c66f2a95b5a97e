"""A partner reads its events in their order, by numbers of its own without gaps."""

import asyncio
import json
import os
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.gateway.feed import service as feed
from services.gateway.webhooks import service
from services.gateway.worker import LOG_KEPT, sweep_webhooks
from tests.conftest import START, Api, Serve
from tests.services.gateway.webhooks.support import (
    OTHER,
    PARTNER,
    booked,
    changed,
    event,
    follow,
    register,
    rows,
)

pytestmark = pytest.mark.anyio

URL = "https://shop.example/hooks"
ROUNDS = 200 if os.environ.get("SUSA_SOAK") == "1" else 8


@pytest.fixture
async def api(serve: Serve) -> Api:
    started: Api = await serve("gateway")
    return started


async def get(api: Api, partner: str = PARTNER, **query: Any) -> httpx.Response:
    headers = api.headers("parcels:read", sub=partner)
    return await api.client.get("/v1/events", params=query, headers=headers)


async def read(api: Api, partner: str = PARTNER, **query: Any) -> dict[str, Any]:
    answer = await get(api, partner, **query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_each_partner_has_its_own_numbers_and_webhooks_carry_them(api: Api) -> None:
    await register(api, URL, "parcel.status_changed")
    await follow(
        api,
        event(booked(1), booked(2, partner=OTHER), booked(3), type_="parcel.booked"),
        event(changed(1, 2), changed(2, 2, partner=OTHER), changed(9, 1, partner=None)),
        event(changed(3, 2, backfill=True), changed(3, 3)),
    )
    mine, theirs = await read(api), await read(api, OTHER)
    told = [
        (one["sequence"], one["type"], one["data"]["reference"], one["data"]["version"])
        for one in mine["items"]
    ]
    assert told == [
        (1, "parcel.booked", "ORD-1", 1),
        (2, "parcel.booked", "ORD-3", 1),
        (3, "parcel.status_changed", "ORD-1", 2),
        (4, "parcel.status_changed", "ORD-3", 3),
    ]
    assert [one["sequence"] for one in theirs["items"]] == [1, 2]
    assert (mine["after"], mine["next"], mine["head"]) == (0, 4, 4)
    assert not {"partner", "backfill"} & mine["items"][0]["data"].keys()
    sent = [json.loads(row["body"]) for row in await rows(api)]
    assert [body["sequence"] for body in sent] == [3, 4]
    assert [body["data"] for body in sent] == [one["data"] for one in mine["items"][2:]]


async def test_by_pages_to_the_end_and_no_further(api: Api) -> None:
    nobody = await read(api, OTHER)
    assert (nobody["items"], nobody["next"], nobody["head"]) == ([], 0, 0)
    await follow(api, event(*(changed(n, 1) for n in range(7))))
    seen: list[int] = []
    after = 0
    while True:
        page = await read(api, after=after, limit=3)
        if not page["items"]:
            break
        seen += [one["sequence"] for one in page["items"]]
        after = page["next"]
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    ahead = await get(api, after=8)
    assert (ahead.status_code, ahead.json()["code"]) == (409, "cursor_ahead")
    for query in ({"after": -1}, {"after": 2**63}, {"limit": 501}, {"wait": "nan"}, {"epoch": "x"}):
        assert (await get(api, **query)).status_code == 422, query
    assert (await api.client.get("/v1/events")).status_code == 401
    refused = await api.client.get("/v1/events", headers=api.headers("scans:write"))
    assert refused.status_code == 403


async def test_what_is_trimmed_is_said_with_where_to_go_on(api: Api) -> None:
    await follow(api, event(changed(1, 1), changed(2, 1)))
    epoch = (await read(api))["epoch"]
    api.clock.at += LOG_KEPT
    await follow(api, event(changed(1, 2)))
    api.clock.at += timedelta(seconds=1)
    await sweep_webhooks(api.database, api.clock)
    gone = await get(api, after=1)
    assert (gone.status_code, gone.json()["code"]) == (410, "cursor_expired")
    assert gone.headers["link"] == '</v1/events?after=2>; rel="next"'
    onward = await api.client.get(
        "/v1/events?after=2", headers=api.headers("parcels:read", sub=PARTNER)
    )
    assert [one["sequence"] for one in onward.json()["items"]] == [3]
    assert (await read(api, after=2, epoch=epoch))["next"] == 3
    await api.database.hot.execute("UPDATE feed_head SET epoch = gen_random_uuid()")
    restored = await get(api, after=2, epoch=epoch)
    assert (restored.status_code, restored.json()["code"]) == (410, "feed_restarted")
    assert (await read(api, after=2))["epoch"] != epoch


async def test_a_page_read_twice_is_numbered_once(api: Api) -> None:
    page = [event(booked(1), type_="parcel.booked"), event(changed(1, 2), changed(2, 1))]
    await follow(api, page[0])
    await follow(api, *page)
    await follow(api, page[1], event(changed(1, 3)))
    told = await read(api)
    assert [one["sequence"] for one in told["items"]] == [1, 2, 3, 4]
    assert [one["data"]["version"] for one in told["items"]] == [1, 2, 1, 3]


def listens(api: Api) -> bool:
    signal = api.app.state.feed_signals.get("live")
    return signal is not None and signal._connection is not None


async def test_a_wait_ends_with_the_news_and_holds_no_connection(api: Api) -> None:
    waiting = asyncio.create_task(get(api, wait=25))
    hot = api.database.hot
    async with asyncio.timeout(180):
        while not listens(api):  # noqa: ASYNC110 - that it waits has no event
            await asyncio.sleep(0.01)
    assert hot.get_size() == hot.get_idle_size()
    assert api.database.engine.pool.checkedout() == 0
    await follow(api, event(changed(1, 1)))
    async with asyncio.timeout(180):
        answer = (await waiting).json()
    assert [one["sequence"] for one in answer["items"]] == [1]


async def test_only_so_many_of_one_partner_wait(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is answered at once, and another partner may still wait."""
    monkeypatch.setattr(feed, "WAITERS_MAX", 1)
    waiting = asyncio.create_task(get(api, wait=25))
    async with asyncio.timeout(180):
        while not listens(api):  # noqa: ASYNC110 - that it waits has no event
            await asyncio.sleep(0.01)
        assert (await get(api, wait=25)).json()["items"] == []
        assert not waiting.done()
        other = asyncio.create_task(get(api, OTHER, wait=25))
        await follow(api, event(changed(1, 1), changed(2, 1, partner=OTHER)))
        assert [len(a.json()["items"]) for a in await asyncio.gather(waiting, other)] == [1, 1]
        again = asyncio.create_task(get(api, after=1, wait=25))
        await follow(api, event(changed(1, 2)))
        assert len((await again).json()["items"]) == 1
    assert not feed._waiters


class GivenUpError(Exception):
    pass


def give_up(now: bool) -> None:
    if now:
        raise GivenUpError


@pytest.mark.soak
async def test_no_reader_ever_sees_a_gap(api: Api) -> None:
    """Several number at once; some give up; who reads meanwhile sees 1, 2, 3 …"""
    done = asyncio.Event()

    async def write(writer: int) -> None:
        for n in range(ROUNDS):
            told = event(*(changed(100 * writer + m, n) for m in range(3)))
            try:
                async with api.database.transaction() as session:
                    await service.follow(session, [told], START)
                    give_up((n + writer) % 3 == 0)
            except GivenUpError:
                pass

    async def watch() -> list[int]:
        seen: list[int] = []
        while True:
            last = done.is_set()
            page = await read(api, after=len(seen))
            seen += [one["sequence"] for one in page["items"]]
            if last and not page["items"]:
                return seen

    async with AsyncExitStack() as stack:
        stack.callback(done.set)
        watching = asyncio.create_task(watch())
        await asyncio.gather(*(write(writer) for writer in range(3)))
    seen = await watching
    assert seen == list(range(1, len(seen) + 1))
    given_up = sum((n + writer) % 3 == 0 for n in range(ROUNDS) for writer in range(3))
    assert len(seen) == 3 * (3 * ROUNDS - given_up)
