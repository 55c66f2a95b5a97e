"""The log with bodies and attempts, and sending once more: one delivery, or a time."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest
from aiohttp import web

from services.gateway.deliveries import service
from services.gateway.webhooks.deliverer import Deliverer
from services.gateway.webhooks.domain import SCHEDULE
from tests.conftest import Api
from tests.services.gateway.webhooks.conftest import Subscribe
from tests.services.gateway.webhooks.support import (
    PARTNER,
    advance,
    changed,
    deliver,
    endpoint,
    event,
    fixed,
    follow,
    rows,
)

pytestmark = pytest.mark.anyio


async def ask(api: Api, method: str, tail: str, body: Any = None) -> httpx.Response:
    name = (await endpoint(api))["id"]
    return await api.client.request(
        method,
        f"/v1/webhooks/{name}{tail}",
        headers=api.headers("webhooks:write", sub=PARTNER),
        **({} if body is None else {"json": body}),
    )


async def replay(api: Api, since: str, until: str, **more: Any) -> httpx.Response:
    day = "2019-03-21T"
    body = {"since": f"{day}{since}:00Z", "until": f"{day}{until}:00Z", **more}
    return await ask(api, "POST", "/replays", body)


async def test_the_log_has_bodies_and_every_attempt(
    api: Api, subscribe: Subscribe, deliverer: Deliverer
) -> None:
    receiver = await subscribe()
    answers = [web.Response(status=503, text="busy\0 ü" + "x" * 2_000), web.Response(status=200)]

    async def answer(_: dict[str, Any]) -> web.Response:
        return answers.pop(0)

    receiver.answering = answer
    await follow(api, event(changed(1, 1, reference="سفارش ۱")))
    await deliver(deliverer)
    advance(api, seconds=6)
    await deliver(deliverer)
    listed = (await ask(api, "GET", "/deliveries")).json()["items"][0]
    whole = (await ask(api, "GET", f"/deliveries/{listed['id']}")).json()
    assert {name: whole[name] for name in listed} == listed
    assert (listed["sequence"], listed["status"], listed["attempts"]) == (1, "delivered", 2)
    assert whole["body"] == (await rows(api))[0]["body"]
    assert "سفارش ۱" in whole["body"]
    first, second = whole["log"]
    assert (first["number"], first["status"], first["error"]) == (1, 503, "answered 503")
    assert first["answer"] == ("busy ü" + "x" * 2_000)[:1_000]
    assert (second["status"], second["error"], second["answer"]) == (200, None, "")
    assert second["at"] == "2019-03-21T08:00:06Z"


async def test_one_delivery_once_more_with_its_id_and_a_new_schedule(
    api: Api, subscribe: Subscribe, deliverer: Deliverer
) -> None:
    receiver = await subscribe()
    await follow(api, event(changed(1, 1), changed(1, 2)))
    waits = str((await rows(api))[1]["id"])
    busy = await ask(api, "POST", f"/deliveries/{waits}/replay")
    assert (busy.status_code, busy.json()["code"]) == (409, "delivery_under_way")
    await deliver(deliverer)
    receiver.answering = fixed(500)
    once_more = str((await rows(api))[0]["id"])
    queued = await ask(api, "POST", f"/deliveries/{once_more}/replay")
    assert (queued.status_code, queued.json()["status"]) == (202, "pending")
    await follow(api, event(changed(1, 3)))
    await deliver(deliverer)
    found = await rows(api)
    assert [row["status"] for row in found] == ["pending", "delivered", "waiting"]
    assert (found[0]["attempts"], found[0]["last_status"]) == (2, 500)
    assert found[0]["next_attempt_at"] - api.clock.now() < SCHEDULE[0] * 1.2
    receiver.answering = None
    advance(api, seconds=6)
    await deliver(deliverer)
    assert receiver.versions == [1, 2, 1, 1, 3]
    assert len(set(receiver.ids)) == 3
    assert receiver.forged == []
    missing = await ask(api, "POST", f"/deliveries/{uuid.uuid4()}/replay")
    assert (missing.status_code, missing.json()["code"]) == (404, "delivery_not_found")


async def test_a_time_with_what_never_came_to_this_webhook(
    api: Api, subscribe: Subscribe, deliverer: Deliverer, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = await subscribe("parcel.status_changed")
    await follow(api, event(changed(1, 1), changed(2, 1)))
    await deliver(deliverer)
    await ask(api, "PATCH", "", {"disabled": True})
    advance(api, hours=1)
    await follow(api, event(changed(1, 2), changed(2, 2)), event(changed(1, 3)))
    await ask(api, "PATCH", "", {"disabled": False})
    advance(api, hours=1)
    await follow(api, event(changed(1, 4)))
    await deliver(deliverer)
    assert receiver.versions == [1, 1, 4]
    assert (await replay(api, "08:00", "10:00", only_missing=True)).json() == {"queued": 3}
    assert (await replay(api, "08:00", "10:00", only_missing=True)).json() == {"queued": 0}
    await deliver(deliverer)
    assert [(p["sequence"], p["data"]["version"]) for _, p in receiver.got[3:]] in (
        [(3, 2), (4, 2), (5, 3)],
        [(4, 2), (3, 2), (5, 3)],
        [(3, 2), (5, 3), (4, 2)],
    )
    told = await replay(api, "08:00", "08:01")
    assert (told.status_code, told.json()) == (202, {"queued": 2})
    await deliver(deliverer)
    assert sorted(receiver.ids[-2:]) == sorted(receiver.ids[:2])
    assert (await replay(api, "09:00", "09:00")).status_code == 422
    assert (
        await ask(api, "POST", "/replays", {"since": "2019-03-21T08:00:00Z"})
    ).status_code == 422
    monkeypatch.setattr(service, "REPLAY_MAX", 5)
    much = await replay(api, "08:00", "11:00")
    assert (much.status_code, much.json()["code"]) == (409, "replay_too_large")


async def test_replays_and_news_at_once_keep_one_head_a_parcel(
    api: Api, subscribe: Subscribe, deliverer: Deliverer
) -> None:
    receiver = await subscribe()
    await follow(api, event(*(changed(n, 1) for n in range(4))))
    await deliver(deliverer)
    async with asyncio.TaskGroup() as group:
        answers = [group.create_task(replay(api, "08:00", "09:00")) for _ in range(4)]
        for version in (2, 3):
            news = event(*(changed(n, version) for n in range(4)))
            group.create_task(follow(api, news))
        group.create_task(deliver(deliverer))
    assert [task.result().status_code for task in answers] == [202] * 4
    await deliver(deliverer)
    found = await rows(api)
    assert {row["status"] for row in found} == {"delivered"}
    assert len(found) == 12
    heads: dict[str, list[int]] = {}
    for _, payload in receiver.got:
        heads.setdefault(payload["data"]["barcode"], []).append(payload["data"]["version"])
    assert all({1, 2, 3} == set(versions) for versions in heads.values())
