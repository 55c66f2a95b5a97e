"""An endpoint's life: changed, its secret rotated, tested, given up with notice, taken up again."""

import asyncio
import os
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.gateway.webhooks.deliverer import Deliverer
from services.gateway.webhooks.domain import DEAD_AFTER
from services.gateway.worker import sweep_webhooks
from tests.conftest import Api
from tests.services.gateway.webhooks.conftest import Subscribe
from tests.services.gateway.webhooks.support import (
    OTHER,
    PARTNER,
    advance,
    barcode,
    changed,
    deliver,
    endpoint,
    event,
    fixed,
    follow,
    register,
    rows,
)

pytestmark = pytest.mark.anyio

URL = "https://shop.example/hooks"
RACE = 100 if os.environ.get("SUSA_SOAK") == "1" else 10


async def ask(
    api: Api, method: str, tail: str, body: Any = None, *, partner: str = PARTNER, key: str = ""
) -> httpx.Response:
    once = {"Idempotency-Key": key} if key else {}
    return await api.client.request(
        method,
        f"/v1/webhooks{tail}",
        headers=api.headers("webhooks:write", sub=partner) | once,
        **({} if body is None else {"json": body}),
    )


async def told(api: Api) -> list[dict[str, Any]]:
    answer = await api.client.get("/v1/events", headers=api.headers("parcels:read", sub=PARTNER))
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


class TestChange:
    async def test_what_is_sent_changes_and_nothing_else(self, api: Api) -> None:
        name, _ = await register(api, URL)
        made = (await ask(api, "GET", f"/{name}")).json()
        assert made["version"] == 2
        body: dict[str, Any] = {
            "events": ["parcel.booked", "parcel.booked"],
            "version": 1,
            "description": "x",
        }
        changed_to = (await ask(api, "PATCH", f"/{name}", body)).json()
        assert changed_to == made | body | {"events": ["parcel.booked"]}
        moved = await ask(api, "PATCH", f"/{name}", {"url": "https://other.example/"})
        assert moved.json() == changed_to | {"url": "https://other.example/"}
        assert (await ask(api, "GET", f"/{name}")).json() == moved.json()

    async def test_refusals_and_others(self, api: Api) -> None:
        name, _ = await register(api, URL)
        before = (await ask(api, "GET", f"/{name}")).json()
        bodies: list[dict[str, Any]] = [
            {"url": "ftp://127.0.0.1/"},
            {"url": ""},
            {"events": []},
            {"events": ["office.created"]},
            {"version": 3},
            {"partner": OTHER},
            {"secret": "whsec_AAAA"},
            {"failures": 0},
        ]
        for body in bodies:
            assert (await ask(api, "PATCH", f"/{name}", body)).status_code == 422, body
        tries: list[tuple[str, str, Any]] = [
            ("GET", "", None),
            ("PATCH", "", {"disabled": True}),
            ("POST", "/rotate", {}),
            ("POST", "/test", None),
            ("GET", f"/deliveries/{uuid.uuid4()}", None),
            ("POST", f"/deliveries/{uuid.uuid4()}/replay", None),
            (
                "POST",
                "/replays",
                {"since": "2019-01-01T00:00:00Z", "until": "2019-02-01T00:00:00Z"},
            ),
        ]
        for method, tail, given in tries:
            answers = [
                await ask(api, method, f"/{of}{tail}", given, partner=OTHER)
                for of in (name, uuid.uuid4())
            ]
            assert [a.status_code for a in answers] == [404, 404], tail
            assert answers[0].content == answers[1].content
        assert (await ask(api, "GET", f"/{name}")).json() == before

    async def test_disabled_and_taken_into_use_again(self, api: Api) -> None:
        name, _ = await register(api, URL)
        off = (await ask(api, "PATCH", f"/{name}", {"disabled": True})).json()
        assert (off["disabled_reason"], off["disabled_at"]) == ("partner", "2019-03-21T08:00:00Z")
        refused = await ask(api, "POST", f"/{name}/test")
        assert (refused.status_code, refused.json()["code"]) == (409, "webhook_disabled")
        await follow(api, event(changed(1, 1)))
        on = (await ask(api, "PATCH", f"/{name}", {"disabled": False})).json()
        assert (on["disabled_reason"], on["disabled_at"]) == (None, None)
        await follow(api, event(changed(1, 2)))
        assert len(await rows(api)) == 1
        await ask(api, "DELETE", f"/{name}")
        for _ in range(10):
            await register(api, URL)
        full = await ask(api, "PATCH", f"/{name}", {"disabled": False})
        assert (full.status_code, full.json()["code"]) == (409, "webhook_limit")


class TestRotation:
    async def test_both_sign_until_the_overlap_ends(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        old = receiver.secrets[0]
        name = (await endpoint(api))["id"]
        rotated = (await ask(api, "POST", f"/{name}/rotate", {"overlap_hours": 2})).json()
        new = rotated["secret"]
        assert new != old
        assert rotated["previous_until"] == "2019-03-21T10:00:00Z"
        for n, secret in enumerate((old, new)):
            receiver.secrets[0] = secret
            await follow(api, event(changed(n, 1)))
            await deliver(deliverer)
        assert receiver.forged == []
        assert [len(h["webhook-signature"].split()) for h in receiver.headers] == [2, 2]
        advance(api, hours=2)
        await follow(api, event(changed(2, 1)))
        await deliver(deliverer)
        assert receiver.forged == []
        receiver.secrets[0] = old
        await follow(api, event(changed(3, 1)))
        await deliver(deliverer)
        assert len(receiver.forged) == 1

    async def test_at_once_for_a_secret_that_leaked(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        name = (await endpoint(api))["id"]
        body = {"overlap_hours": 0}
        receiver.secrets[0] = (await ask(api, "POST", f"/{name}/rotate", body)).json()["secret"]
        await follow(api, event(changed(1, 1)))
        await deliver(deliverer)
        assert receiver.forged == []
        assert len(receiver.headers[0]["webhook-signature"].split()) == 1
        assert (
            await ask(api, "POST", f"/{name}/rotate", {"overlap_hours": 169})
        ).status_code == 422


class TestOnce:
    async def test_under_one_key_each_is_done_once(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        """Whose answer was lost sends it again: no second webhook, secret, test or replay."""
        await subscribe()
        name = (await endpoint(api))["id"]
        await follow(api, event(changed(1, 1)))
        await deliver(deliverer)
        sent = (await rows(api))[0]["id"]
        times = {"since": "2019-03-21T08:00:00Z", "until": "2019-03-21T09:00:00Z"}
        tries: list[tuple[str, Any, int]] = [
            ("", {"url": URL, "events": ["case.*"]}, 201),
            (f"/{name}/rotate", {"overlap_hours": 1}, 200),
            (f"/{name}/test", None, 202),
            (f"/{name}/deliveries/{sent}/replay", None, 202),
            (f"/{name}/replays", times, 202),
        ]
        for n, (tail, body, status) in enumerate(tries):
            answers = await asyncio.gather(
                *(ask(api, "POST", tail, body, key=f"once-{n}") for _ in range(RACE))
            )
            by_status = Counter(answer.status_code for answer in answers)
            assert by_status.keys() <= {status, 409}, tail
            again = await ask(api, "POST", tail, body, key=f"once-{n}")
            contents = {a.content for a in (*answers, again) if a.status_code == status}
            assert len(contents) == 1, tail
            assert again.status_code == status
            await deliver(deliverer)
        assert (await ask(api, "POST", "", {"url": URL}, key="once-0")).status_code == 422
        reused = await ask(api, "POST", f"/{name}/rotate", {}, key="once-1")
        assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
        assert await api.database.hot.fetchval("SELECT count(*) FROM webhook_endpoint") == 2
        assert [row["attempts"] for row in await rows(api)] == [3, 1]


class TestTest:
    async def test_is_sent_whatever_it_asks_for_and_has_no_number(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe("invoice.issued")
        name = (await endpoint(api))["id"]
        queued = await ask(api, "POST", f"/{name}/test")
        assert (queued.status_code, queued.json()["status"]) == (202, "pending")
        again = await ask(api, "POST", f"/{name}/test")
        assert (again.status_code, again.json()["code"]) == (409, "delivery_under_way")
        await deliver(deliverer)
        assert receiver.got[0][1] == {
            "type": "webhook.test",
            "timestamp": "2019-03-21T08:00:00Z",
            "sequence": None,
            "data": {"webhook": str(name)},
        }
        assert await told(api) == []
        assert (await ask(api, "POST", f"/{name}/test")).status_code == 202


class TestGivenUp:
    async def test_after_days_without_success_with_notice(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        """Its partner reads of it in its feed, and hears of it where it asked to."""
        receiver = await subscribe()
        name = (await endpoint(api))["id"]
        watcher = await subscribe("webhook.disabled")
        receiver.answering = fixed(500)
        await follow(api, event(*(changed(n, 1) for n in range(12))))
        await deliver(deliverer)
        while api.clock.at < (await told_failing_since(api, name)) + DEAD_AFTER:
            await sweep_webhooks(api.database, api.clock)
            assert (await ask(api, "GET", f"/{name}")).json()["disabled_at"] is None
            advance(api, hours=20)
        await sweep_webhooks(api.database, api.clock)
        await sweep_webhooks(api.database, api.clock)
        found = (await ask(api, "GET", f"/{name}")).json()
        assert found["disabled_reason"] == "failing"
        notices = [one for one in await told(api) if one["type"] == "webhook.disabled"]
        assert [(one["sequence"], one["data"]["reason"]) for one in notices] == [(13, "failing")]
        await deliver(deliverer)
        (notice,) = [payload for _, payload in watcher.got]
        assert notice["data"] == {
            "id": str(name),
            "url": receiver.url,
            "reason": "failing",
            "failures": found["failures"],
        }
        await ask(api, "PATCH", f"/{name}", {"disabled": False})
        await sweep_webhooks(api.database, api.clock)
        assert (await ask(api, "GET", f"/{name}")).json()["failures"] == 0

    async def test_one_success_in_between_is_enough(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        receiver.answering = fixed(500)
        await follow(api, event(*(changed(n, 1) for n in range(12))))
        await deliver(deliverer)
        api.clock.at += DEAD_AFTER - timedelta(hours=1)
        receiver.answering = None
        await deliver(deliverer)
        assert (await endpoint(api))["failing_since"] is None
        advance(api, hours=2)
        await sweep_webhooks(api.database, api.clock)
        assert (await endpoint(api))["disabled_at"] is None

    async def test_who_answers_410_is_told_elsewhere(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        receiver.answering = fixed(410)
        await follow(api, event(changed(1, 1)))
        await deliver(deliverer)
        await sweep_webhooks(api.database, api.clock)
        assert [(one["type"], one["data"].get("reason")) for one in await told(api)] == [
            ("parcel.status_changed", None),
            ("webhook.disabled", "gone"),
        ]
        assert (await rows(api))[0]["subject"] == barcode(1)


async def told_failing_since(api: Api, name: Any) -> Any:
    return await api.database.hot.fetchval(
        "SELECT failing_since FROM webhook_endpoint WHERE id = $1", name
    )
