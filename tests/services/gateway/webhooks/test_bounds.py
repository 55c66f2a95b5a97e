"""Nobody waits for another's slow or dead endpoint, and nothing grows without end."""

import asyncio
import uuid
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from services.gateway.webhooks.deliverer import Deliverer
from services.gateway.webhooks.sender import Sender
from services.gateway.worker import LOG_KEPT, sweep_webhooks
from tests.conftest import Api
from tests.services.gateway.webhooks.conftest import Subscribe
from tests.services.gateway.webhooks.support import (
    PARTNER,
    Receiver,
    advance,
    barcode,
    changed,
    deliver,
    endpoint,
    event,
    fixed,
    follow,
    held,
    leased,
    rows,
    until,
)

pytestmark = pytest.mark.anyio


class TestBounds:
    async def test_a_hanging_endpoint_delays_no_other(self, api: Api, subscribe: Subscribe) -> None:
        slow: Receiver = await subscribe()
        other = "00000000-0000-7000-8000-000000000002"
        fast: Receiver = await subscribe(partner=other)
        never = asyncio.Event()
        slow.answering = held(never)
        await follow(api, event(*(changed(n, 1) for n in range(300))))
        await follow(api, event(*(changed(n, 1, partner=other) for n in range(300, 340))))
        deliverer = Deliverer(api.database, Sender(api.clock, allow_private=True), api.clock)
        running = asyncio.create_task(deliverer.run())
        try:
            await until(lambda: len(fast.got) == 40)
            assert len(slow.got) == 8
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def test_at_most_eight_at_once_over_all_workers(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer, stack: AsyncExitStack
    ) -> None:
        receiver = await subscribe()
        go = asyncio.Event()
        receiver.answering = held(go)
        await follow(api, event(*(changed(n, 1) for n in range(20))))
        sender = await stack.enter_async_context(Sender(api.clock, allow_private=True))
        second = Deliverer(api.database, sender, api.clock)
        started = [await deliverer.start_due(), await second.start_due()]
        assert started == [8, 0]
        go.set()
        await deliverer.drain()
        await asyncio.gather(deliver(deliverer), deliver(second))
        assert sorted(receiver.ids) == sorted(str(row["id"]) for row in await rows(api))
        assert len(receiver.got) == 20

    async def test_claims_at_the_same_moment(self, api: Api, subscribe: Subscribe) -> None:
        await subscribe()
        await follow(api, event(*(changed(n, 1) for n in range(200))))
        for _ in range(10):
            claims = await asyncio.gather(*(leased(api) for _ in range(6)))
            assert sum(len(claimed) for claimed in claims) == 8
            advance(api, seconds=61)

    async def test_who_has_less_under_way_comes_first(self, api: Api, subscribe: Subscribe) -> None:
        await subscribe()
        await follow(api, event(*(changed(n, 1) for n in range(20))))
        assert len(await leased(api, places=4)) == 4
        advance(api, seconds=1)
        other = "00000000-0000-7000-8000-000000000002"
        await subscribe(partner=other)
        await follow(api, event(*(changed(n, 1, partner=other) for n in range(20))))
        late = await leased(api, places=4)
        first = await api.database.hot.fetchval(
            "SELECT id FROM webhook_endpoint ORDER BY id LIMIT 1"
        )
        assert [claimed.endpoint == first for claimed in late] == [False] * 4

    async def test_at_most_64_in_all_and_every_endpoint_gets_its_turn(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        go = asyncio.Event()
        receivers = []
        for n in range(20):
            partner = str(uuid.UUID(int=n))
            receiver = await subscribe(partner=partner)
            receiver.answering = held(go)
            receivers.append(receiver)
            await follow(api, event(*(changed(m, 1, partner=partner) for m in range(20))))
        assert await deliverer.start_due() == 64
        assert await deliverer.start_due() == 0
        await until(lambda: sum(len(r.got) for r in receivers) == 64)
        assert {len(r.got) for r in receivers} == {3, 4}
        go.set()
        await deliverer.drain()
        await deliver(deliverer)
        assert [len(r.got) for r in receivers] == [20] * 20

    async def test_an_endpoint_that_fails_gets_fewer_places_until_it_recovers(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        receiver.answering = fixed(500)
        await follow(api, event(*(changed(n, 1) for n in range(40))))
        assert await deliverer.start_due() == 8
        await deliverer.drain()
        assert (await endpoint(api))["failures"] == 8
        assert await deliverer.start_due() == 1
        await deliverer.drain()
        receiver.answering = None
        assert await deliverer.start_due() == 1
        await deliverer.drain()
        assert (await endpoint(api))["failures"] == 0
        assert await deliverer.start_due() == 8
        await deliverer.drain()

    async def test_however_many_hang_others_find_a_place(
        self, api: Api, subscribe: Subscribe
    ) -> None:
        """Endpoints that failed share half the places, over all workers and claims."""
        await subscribe()
        await api.database.hot.execute(
            "INSERT INTO webhook_endpoint (partner, url, events, version, secret, failures,"
            " failing_since, created_at) SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12,"
            " '0'))::uuid, url, events, version, secret, 9, $1, $1"
            " FROM webhook_endpoint, generate_series(100, 179) AS n",
            api.clock.now(),
        )
        dead = [f"00000000-0000-7000-8000-{n:012d}" for n in range(100, 180)]
        await follow(api, event(*(changed(n, 1, partner=one) for n, one in enumerate(dead))))
        first = await leased(api, places=20)
        assert len(first) == 20
        advance(api, seconds=1)
        assert len(await leased(api)) == 12
        assert await leased(api) == []
        await follow(api, event(*(changed(n, 1) for n in range(1_000, 1_020))))
        assert len(await leased(api)) == 8
        advance(api, seconds=59)  # the first leases have run out
        assert len(await leased(api)) == 20

    async def test_no_connection_is_held_while_requests_run(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        go = asyncio.Event()
        receiver.answering = held(go)
        await follow(api, event(*(changed(n, 1) for n in range(8))))
        await deliverer.start_due()
        await until(lambda: len(receiver.got) == 8)
        hot = api.database.hot
        assert hot.get_size() == hot.get_idle_size()
        assert api.database.engine.pool.checkedout() == 0
        go.set()
        await deliverer.drain()


class TestGone:
    async def test_410_disables_the_endpoint_and_drops_what_waits(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        receiver.answering = fixed(410)
        await follow(api, event(changed(1, 1), changed(1, 2), changed(2, 1)))
        assert await deliverer.start_due() == 2
        await deliverer.drain()
        assert (await endpoint(api))["disabled_reason"] == "gone"
        assert await deliverer.start_due() == 0
        await sweep_webhooks(api.database, api.clock)
        assert [row["status"] for row in await rows(api)] == ["dead"] * 3
        assert [row["attempts"] for row in await rows(api)] == [1, 0, 1]
        await follow(api, event(changed(3, 1)))
        assert len(await rows(api)) == 3

    async def test_a_deleted_endpoint_gets_nothing_more(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        await follow(api, event(changed(1, 1)))
        name = (await endpoint(api))["id"]
        await api.client.delete(
            f"/v1/webhooks/{name}", headers=api.headers("webhooks:write", sub=PARTNER)
        )
        await deliver(deliverer)
        assert receiver.got == []


class TestSweep:
    async def test_the_log_is_kept_for_thirty_days(
        self, api: Api, subscribe: Subscribe, deliverer: Deliverer
    ) -> None:
        receiver = await subscribe()
        await follow(api, event(changed(1, 1)))
        await deliver(deliverer)
        receiver.answering = fixed(500)
        advance(api, days=1)
        await follow(api, event(changed(2, 1)))
        await deliver(deliverer)
        api.clock.at += LOG_KEPT - timedelta(days=1)
        await sweep_webhooks(api.database, api.clock)
        assert len(await rows(api)) == 2
        advance(api, seconds=1)
        await sweep_webhooks(api.database, api.clock)
        assert [row["subject"] for row in await rows(api)] == [barcode(2)]

    async def test_in_bounded_batches(
        self, api: Api, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await subscribe()
        await follow(api, event(*(changed(n, 1) for n in range(50))))
        await api.database.hot.execute(
            "UPDATE webhook_delivery SET status = 'dead', next_attempt_at = NULL,"
            " finished_at = created_at"
        )
        api.clock.at += LOG_KEPT + timedelta(days=1)
        monkeypatch.setattr("services.gateway.worker.SWEEP_ROWS", 10)
        monkeypatch.setattr("services.gateway.worker.SWEEP_BATCHES", 3)
        await sweep_webhooks(api.database, api.clock)
        assert len(await rows(api)) == 20
        await sweep_webhooks(api.database, api.clock)
        assert await rows(api) == []

    async def test_a_disabled_endpoint_goes_after_its_log(
        self, api: Api, subscribe: Subscribe
    ) -> None:
        await subscribe()
        await follow(api, event(changed(1, 1)))
        await api.database.hot.execute(
            "UPDATE webhook_endpoint SET disabled_at = $1, disabled_reason = 'partner'",
            api.clock.now(),
        )
        advance(api, seconds=1)
        await sweep_webhooks(api.database, api.clock)
        assert (await rows(api))[0]["last_error"] == "the webhook was disabled"
        api.clock.at += LOG_KEPT
        await sweep_webhooks(api.database, api.clock)
        count = "SELECT count(*) FROM webhook_endpoint"
        assert await api.database.hot.fetchval(count) == 1
        advance(api, seconds=1)
        await sweep_webhooks(api.database, api.clock)
        assert await api.database.hot.fetchval(count) == 0
