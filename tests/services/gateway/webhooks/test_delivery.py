"""Deliveries to real receivers: signed, in order, retried, bounded, resent after a crash."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from services.gateway.webhooks.deliverer import Deliverer
from services.gateway.webhooks.domain import SCHEDULE
from tests.conftest import Api
from tests.services.gateway.webhooks.conftest import Subscribe
from tests.services.gateway.webhooks.support import (
    advance,
    barcode,
    booked,
    changed,
    deliver,
    endpoint,
    event,
    fixed,
    follow,
    held,
    rows,
    until,
)

pytestmark = pytest.mark.anyio


def longest(attempt: int) -> float:
    """Seconds in which the retry after this attempt is due, its jitter at most."""
    return SCHEDULE[attempt - 1].total_seconds() * 1.1 + 1


class TestSuccess:
    async def test_signed_so_that_the_reference_package_verifies(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        await follow(api, event(booked(1), type_="parcel.booked"), event(changed(1, 2)))
        await deliver(deliverer)
        assert receiver.forged == []
        assert [payload["type"] for _, payload in receiver.got] == [
            "parcel.booked",
            "parcel.status_changed",
        ]
        found = await rows(api)
        assert receiver.ids == [str(row["id"]) for row in found]
        assert [row["status"] for row in found] == ["delivered"] * 2
        assert [(row["attempts"], row["last_status"]) for row in found] == [(1, 204)] * 2
        headers = receiver.headers[0]
        assert headers["Content-Type"] == "application/json"
        assert headers["webhook-timestamp"] == str(int(api.clock.now().timestamp()))
        assert headers["webhook-signature"].startswith("v1,")

    async def test_another_secret_does_not_verify(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        receiver.secrets[0] = "whsec_" + "A" * 32
        await follow(api, event(changed(1, 1)))
        await deliver(deliverer)
        assert len(receiver.forged) == 1
        assert (await rows(api))[0]["last_error"] == "answered 400"

    async def test_persian_text_is_signed_as_it_is_sent(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        await follow(api, event(changed(1, 1, reference="سفارش ۱")))
        await deliver(deliverer)
        assert receiver.got[0][1]["data"]["reference"] == "سفارش ۱"


class TestRetry:
    async def test_the_whole_schedule_then_dead_then_the_next_event(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        receiver.answering = fixed(500)
        await follow(api, event(changed(1, 1), changed(1, 2)))
        for attempt, wait in enumerate(SCHEDULE, start=1):
            await deliver(deliverer)
            row = (await rows(api))[0]
            left = row["next_attempt_at"] - api.clock.now()
            assert wait * 0.9 <= left <= wait * 1.1
            assert (row["attempts"], row["status"], row["last_status"]) == (attempt, "pending", 500)
            api.clock.at = row["next_attempt_at"] - timedelta(milliseconds=1)
            assert await deliverer.start_due() == 0
            api.clock.at = row["next_attempt_at"]
        assert len(set(receiver.ids)) == 1
        assert len(receiver.got) == 9
        receiver.got.clear()
        receiver.answering = first_fails(500)
        await deliver(deliverer)
        found = await rows(api)
        assert [row["status"] for row in found] == ["dead", "delivered"]
        assert found[0]["attempts"] == 10
        assert receiver.versions == [1, 2]

    async def test_jitter_spreads(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        receiver.answering = fixed(503)
        await follow(api, event(*(changed(n, 1) for n in range(20))))
        await deliver(deliverer)
        assert len({row["next_attempt_at"] for row in await rows(api)}) > 10

    @pytest.mark.parametrize(
        ("header", "low_s", "high_s"),
        [
            ("120", 120, 120),
            ("Thu, 21 Mar 2019 08:02:00 GMT", 120, 120),
            ("1", 4.5, 5.5),
            ("99999999999999", 86_400, 86_400),
            ("Thu, 21 Mar 2099 08:02:00 GMT", 86_400, 86_400),
            ("Thu, 21 Mar 2009 08:02:00 GMT", 4.5, 5.5),
            ("soon", 4.5, 5.5),
            ("-5", 4.5, 5.5),
            ("", 4.5, 5.5),
        ],
    )
    async def test_retry_after(
        self,
        api: Api,
        subscribe: Subscribe,
        deliverer: Deliverer,
        header: str,
        low_s: float,
        high_s: float,
    ) -> None:
        receiver = await subscribe()
        receiver.answering = fixed(429, Retry_After=header)
        await follow(api, event(changed(1, 1)))
        await deliver(deliverer)
        wait = (await rows(api))[0]["next_attempt_at"] - api.clock.now()
        assert low_s <= wait.total_seconds() <= high_s

    @pytest.mark.parametrize("ended_by", [None, {"url": "same"}, {"disabled": False}])
    async def test_retry_after_is_of_all_that_an_endpoint_gets(
        self,
        api: Api,
        subscribe: Subscribe,
        deliverer: Deliverer,
        ended_by: dict[str, Any] | None,
    ) -> None:
        receiver = await subscribe()
        receiver.answering = fixed(503, Retry_After="120")
        await follow(api, event(changed(1, 1)))
        await deliver(deliverer)
        receiver.answering = None
        await follow(api, event(changed(2, 1)))
        advance(api, seconds=119)
        assert await deliverer.start_due() == 0
        name = (await endpoint(api))["id"]
        path, owner = f"/v1/webhooks/{name}", api.headers("webhooks:write")
        shown = (await api.client.get(path, headers=owner)).json()
        assert shown["paused_until"] == "2019-03-21T08:02:00Z"
        if ended_by is None:
            advance(api, seconds=1)
        else:
            body = {"url": receiver.url} if "url" in ended_by else ended_by
            changed_to = await api.client.patch(path, json=body, headers=owner)
            assert changed_to.json()["paused_until"] is None
        await deliver(deliverer)
        told = sorted(payload["data"]["reference"] for _, payload in receiver.got[1:])
        assert told == (["ORD-1", "ORD-2"] if ended_by is None else ["ORD-2"])

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    async def test_a_redirect_is_a_failure_and_not_followed(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer, status: int
    ) -> None:
        receiver = await subscribe()
        elsewhere = await subscribe(partner="00000000-0000-7000-8000-000000000009")
        receiver.answering = fixed(status, Location=elsewhere.url)
        await follow(api, event(changed(1, 1)))
        await deliver(deliverer)
        row = (await rows(api))[0]
        assert (row["status"], row["last_status"]) == ("pending", status)
        assert (elsewhere.got, elsewhere.forged) == ([], [])

    async def test_nobody_listens(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        await subscribe()
        await api.database.hot.execute(
            "UPDATE webhook_endpoint SET url = 'http://127.0.0.1:1/hooks'"
        )
        await follow(api, event(changed(1, 1)))
        await deliver(deliverer)
        row = (await rows(api))[0]
        assert row["status"] == "pending"
        assert "Cannot connect" in row["last_error"]
        assert (await endpoint(api))["failures"] == 1


def first_fails(status: int) -> Any:
    """Fails the first version of each parcel, takes the others."""

    async def answer(payload: dict[str, Any]) -> web.Response:
        return web.Response(status=status if payload["data"]["version"] == 1 else 204)

    return answer


class TestOrder:
    async def test_per_parcel_with_failures_at_random(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        dice = random.Random(11)
        accepted: dict[str, list[int]] = {}

        async def answer(payload: dict[str, Any]) -> web.Response:
            if dice.random() < 0.4:
                return web.Response(status=500)
            data = payload["data"]
            accepted.setdefault(data["barcode"], []).append(data["version"])
            return web.Response(status=200, text="ok")

        receiver.answering = answer
        for version in range(1, 6):
            await follow(api, event(*(changed(n, version) for n in range(12))))
            await deliver(deliverer)
            advance(api, seconds=longest(1))
        while any(row["status"] in ("pending", "waiting") for row in await rows(api)):
            await deliver(deliverer)
            advance(api, hours=1)
        assert accepted == {barcode(n): [1, 2, 3, 4, 5] for n in range(12)}
        assert len(receiver.got) > 60

    async def test_a_parcel_that_waits_for_a_retry_holds_up_no_other(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()

        async def answer(payload: dict[str, Any]) -> web.Response:
            return web.Response(status=500 if payload["data"]["barcode"] == barcode(1) else 200)

        receiver.answering = answer
        await follow(api, event(changed(1, 1), changed(1, 2), changed(2, 1), changed(2, 2)))
        await deliver(deliverer)
        assert [row["status"] for row in await rows(api, "subject, seq")] == [
            "pending",
            "waiting",
            "delivered",
            "delivered",
        ]

    async def test_an_event_while_the_one_before_is_under_way(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        go = asyncio.Event()
        receiver.answering = held(go)
        await follow(api, event(changed(1, 1)))
        assert await deliverer.start_due() == 1
        await until(lambda: len(receiver.got) == 1)
        await follow(api, event(changed(1, 2)))
        assert await deliverer.start_due() == 0
        go.set()
        await deliverer.drain()
        await deliver(deliverer)
        assert receiver.versions == [1, 2]
