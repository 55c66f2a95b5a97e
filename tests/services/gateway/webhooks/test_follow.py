"""Events become deliveries: once each, set-wise, in order, only for who asked."""

import asyncio
import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.webhooks import repository, service
from services.gateway.webhooks.domain import Answer, Step
from services.gateway.worker import complaints_consumer, webhook_consumer
from shared import outbox
from shared.auth import Minter, read_private, service_caller
from shared.client import Sister
from shared.consumer import Consumer, Event, Runner
from tests.conftest import START, Api, Serve
from tests.services.gateway.webhooks.support import (
    OTHER,
    PARTNER,
    barcode,
    booked,
    changed,
    event,
    follow,
    leased,
    register,
    rows,
)

pytestmark = pytest.mark.anyio

URL = "https://shop.example/hooks"


@contextmanager
def statements(api: Api) -> Iterator[list[str]]:
    """Every statement that sessions send meanwhile."""
    seen: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    engine = api.database.engine.sync_engine
    sqlalchemy_event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sqlalchemy_event.remove(engine, "before_cursor_execute", note)


class TestWhoGetsWhat:
    async def test_by_partner_and_type(self, api: Api) -> None:
        everything, _ = await register(api, URL)
        bookings, _ = await register(api, URL, "parcel.booked")
        others, _ = await register(api, URL, partner=OTHER)
        await follow(
            api,
            event(booked(1), booked(2, partner=OTHER), type_="parcel.booked"),
            event(changed(1, 2)),
            event({"barcode": barcode(1), "partner": None, "version": 3}, type_="parcel.cancelled"),
        )
        told = {(row["endpoint"], row["type"], row["subject"]) for row in await rows(api)}
        assert told == {
            (everything, "parcel.booked", barcode(1)),
            (everything, "parcel.status_changed", barcode(1)),
            (bookings, "parcel.booked", barcode(1)),
            (others, "parcel.booked", barcode(2)),
        }

    async def test_the_body_is_the_item_without_what_is_internal(self, api: Api) -> None:
        await register(api, URL)
        item = changed(1, 4, secret_field="x")
        await follow(api, event(item))
        body = json.loads((await rows(api))[0]["body"])
        internal = ("partner", "accepted_before", "backfill", "secret_field")
        assert body == {
            "type": "parcel.status_changed",
            "timestamp": "2019-03-21T08:00:00Z",
            "sequence": 1,
            "data": {name: value for name, value in item.items() if name not in internal},
        }

    async def test_corrections_and_prices_are_told(self, api: Api) -> None:
        await register(api, URL, "parcel.corrected", "parcel.repriced")
        declared: dict[str, Any] = {"declared": "did_not_occur", "corrective_event_ids": []}
        evidence = {"office": "KZ00002", "device": "scales-7"}
        repriced = {
            **booked(1, version=6),
            "measurement": str(uuid.uuid4()),
            "reason": "measured",
            "price_before_rials": 57_500,
            "price_rials": 74_000,
            "evidence": evidence,
            "contest_until": "2019-03-28T08:00:00Z",
            "repriced_at": "2019-03-21T08:00:00Z",
        }
        await follow(
            api,
            event(changed(1, 4)),
            event(changed(1, 5, **declared), type_="parcel.corrected"),
            event(repriced, type_="parcel.repriced"),
        )
        corrected, priced = [json.loads(row["body"]) for row in await rows(api)]
        assert corrected["type"] == "parcel.corrected"
        assert corrected["data"]["declared"] == "did_not_occur"
        assert priced["data"]["evidence"] == evidence
        assert "partner" not in priced["data"]

    async def test_what_is_no_parcel_is_told_to_whose_it_is_in_order(self, api: Api) -> None:
        """One thing under its noun, or items whose partner is named otherwise."""
        name, _ = await register(api, URL, "manifest.accepted", "pickup.*", "payment_order.*")
        await register(api, URL, "invoice.issued", partner=OTHER)
        state = {"code": "M-1", "partner": PARTNER, "status": "accepted", "pieces": 3}
        lists = {"missing": [barcode(1)], "surplus": [barcode(2)], "version": 3}
        window = {"window_from": "2019-03-21T08:00:00Z", "window_until": "2019-03-21T11:00:00Z"}
        pickup = {"id": "p-1", "partner": PARTNER, "pieces": 3, "weight_g": 900, **window}
        order = {"id": "o-1", "purpose": "cod_settlement", "reference": "S-1", "version": 3}
        paid = {**order, "amount_rials": 5, "status": "paid", "bank": str(uuid.uuid4())}
        steps = [("assigned", 2), ("collected", 3)]
        await follow(
            api,
            {**event(type_="manifest.accepted"), "data": {"manifest": state | lists}},
            *(
                {
                    **event(type_=f"pickup.{status}"),
                    "data": {
                        "pickup": {**pickup, "status": status, "version": n, "courier": "C-1"}
                    },
                }
                for status, n in steps
            ),
            event({**paid, "beneficiary": PARTNER}, type_="payment_order.paid"),
            event({**paid, "id": "o-2", "beneficiary": OTHER}, type_="payment_order.paid"),
        )
        found = await rows(api)
        assert [(row["endpoint"], row["subject"], row["status"]) for row in found] == [
            (name, "manifest M-1", "pending"),
            (name, "pickup p-1", "pending"),
            (name, "pickup p-1", "waiting"),
            (name, "payment_order o-1", "pending"),
        ]
        bodies = [json.loads(row["body"])["data"] for row in found]
        assert (bodies[0]["missing"], bodies[0]["surplus"]) == ([barcode(1)], [barcode(2)])
        inside = {"partner", "beneficiary", "courier", "bank"}
        assert not any(inside & body.keys() for body in bodies)

    async def test_a_customers_return_is_told_to_the_shop(self, api: Api) -> None:
        """Its partner is named beside it."""
        await register(api, URL, "customer_return.requested", "promise.*")
        made = {"barcode": barcode(2), "return_of": barcode(1), "asked_by": "recipient"}
        times = {"asked_at": "2019-03-21T08:00:00Z", "hand_in_until": "2019-04-01T19:30:00Z"}
        data = {"partner": PARTNER, "customer_return": {**made, **times, "price_rials": 57_500}}
        risk = {
            "barcode": barcode(1),
            "partner": PARTNER,
            "product": "pishtaz",
            "origin_office": "KZ00001",
            "status": "in_transit",
            "backfill": False,
            "promised_at": "2019-03-22T12:30:00Z",
            "expected_at": "2019-03-23T10:30:00Z",
        }
        await follow(
            api,
            {**event(type_="customer_return.requested"), "data": data},
            event(risk, type_="promise.at_risk"),
        )
        returned, at_risk = [json.loads(row["body"]) for row in await rows(api)]
        assert returned["data"]["return_of"] == barcode(1)
        assert at_risk["type"] == "promise.at_risk"
        assert at_risk["data"]["expected_at"] == "2019-03-23T10:30:00Z"

    async def test_a_complaint_is_told_to_who_filed_it(self, api: Api, serve: Serve) -> None:
        await register(api, URL, "case.*")
        complaints: Api = await serve(
            "complaints", clients=dict.fromkeys(("parcels", "offices"), api.client)
        )
        complaint = {
            "about": {"kind": "website"},
            "category": "website",
            "text": "باز نمی‌شود",
            "complainant": {"name": "مریم", "phone": "09123456789"},
        }
        staff = complaints.headers("complaints:answer", kind="staff")
        own = complaints.headers("parcels:book", sub=PARTNER)
        for who in (own, complaints.headers("parcels:book", sub=OTHER), {}):
            filed = await complaints.client.post("/v1/complaints", json=complaint, headers=who)
            path = f"/v1/complaints/{filed.json()['number']}"
            for rest, body in (("answers", {"text": "پاسخ"}), ("close", None)):
                await complaints.client.post(f"{path}/{rest}", json=body, headers=staff)
        await complaints.publish()
        runner = Runner(complaints_consumer(api.clock), api.database, sister_of(api, complaints))
        assert await runner.step() > 0
        found = await rows(api)
        assert [(row["type"], row["status"]) for row in found] == [
            ("case.answered", "pending"),
            ("case.closed", "waiting"),
        ]
        told = json.loads(found[0]["body"])["data"]
        assert (told["status"], told["category"]) == ("answered", "website")
        assert not told.keys() & {"partner", "officer", "liable_office", "handling_office", "text"}

    async def test_backfilled_items_are_not_told(self, api: Api) -> None:
        await register(api, URL)
        with statements(api) as seen:
            await follow(api, event(changed(1, 1, backfill=True), changed(2, 1, backfill=True)))
        assert seen == []
        await follow(api, event(changed(1, 2, backfill=True), changed(2, 2)))
        assert [row["subject"] for row in await rows(api)] == [barcode(2)]

    async def test_inbound_parcels_without_a_partner(self, api: Api) -> None:
        await register(api, URL)
        await follow(api, event(changed(1, 1, partner=None), changed(2, 1, partner="anonymous")))
        assert await rows(api) == []


class TestSetWise:
    async def test_a_full_page_that_nobody_listens_to_is_three_statements(self, api: Api) -> None:
        """It is numbered for those who read, who are woken; then it is asked who listens."""
        await register(api, URL, partner=OTHER)
        partners = [str(uuid.UUID(int=n)) for n in range(180)]
        items = [changed(n, 1, partner=partners[n % 180]) for n in range(5_000)]
        with statements(api) as seen:
            await follow(api, event(*items))
        assert len(seen) == 3
        assert await rows(api) == []

    @pytest.mark.parametrize("count", [1, 5_000])
    async def test_statements_do_not_grow_with_the_page(self, api: Api, count: int) -> None:
        await register(api, URL)
        with statements(api) as seen:
            await follow(api, event(*(changed(n, 1) for n in range(count))))
        assert len(seen) == 5
        found = await rows(api)
        assert [row["subject"] for row in found] == [barcode(n) for n in range(count)]

    async def test_more_than_a_chunk_keeps_each_parcels_order(self, api: Api) -> None:
        await register(api, URL)
        items = [changed(n % 4_000, 1 + n // 4_000) for n in range(6_000)]
        await follow(api, event(*items))
        found = await rows(api)
        assert [row["subject"] for row in found] == [item["barcode"] for item in items]
        assert [row["status"] for row in found] == ["pending"] * 4_000 + ["waiting"] * 2_000


class TestExactlyOnce:
    async def test_a_page_read_twice(self, api: Api) -> None:
        await register(api, URL)
        page = [
            event(booked(1), type_="parcel.booked"),
            event(changed(1, 2), changed(1, 3), changed(2, 1)),
        ]
        await follow(api, *page)
        before = await rows(api)
        await follow(api, *page)
        await follow(api, page[1])
        assert await rows(api) == before
        assert len(before) == 4

    async def test_a_page_that_overlaps_another(self, api: Api) -> None:
        await register(api, URL)
        known = event(changed(1, 1))
        await follow(api, known)
        done = (await rows(api))[0]["id"]
        await api.database.hot.execute(
            "UPDATE webhook_delivery SET status = 'delivered', next_attempt_at = NULL,"
            " finished_at = $1",
            START,
        )
        await follow(api, known, event(changed(1, 2), changed(1, 3)))
        found = await rows(api)
        assert found[0]["id"] == done
        assert [row["status"] for row in found] == ["delivered", "pending", "waiting"]

    async def test_the_same_occurrence_for_two_parcels(self, api: Api) -> None:
        """A bag's scan: one event id, many parcels."""
        await register(api, URL)
        same = str(uuid.uuid4())
        await follow(api, event(changed(1, 1, event_id=same), changed(2, 1, event_id=same)))
        assert len({row["id"] for row in await rows(api)}) == 2


def sister_of(api: Api, parcels: Api) -> Sister:
    minter = Minter("gateway", read_private(api.keys / "gateway.jwk"))
    return Sister(parcels.client, minter, service_caller("gateway"))


async def publish(parcels: Api, *items: dict[str, Any]) -> None:
    async with parcels.database.transaction() as session:
        await outbox.append(
            session, "parcel.status_changed", {"items": list(items)}, time=parcels.clock.now()
        )
    await parcels.publish()


class TestThroughTheFeed:
    async def test_follows_the_feed_of_a_running_producer(self, api: Api, serve: Serve) -> None:
        await register(api, URL)
        parcels = await serve("parcels")
        runner = Runner(webhook_consumer(api.clock), api.database, sister_of(api, parcels))
        await publish(parcels, changed(1, 1))
        assert await runner.step() == 1
        await publish(parcels, changed(1, 2), changed(2, 1))
        assert await runner.step() == 1
        assert await runner.step() == 0
        assert [row["status"] for row in await rows(api)] == ["pending", "waiting", "pending"]

    async def test_a_handler_that_fails_midway_and_a_rewound_cursor(
        self, api: Api, serve: Serve
    ) -> None:
        await register(api, URL)
        parcels = await serve("parcels")
        await publish(parcels, changed(1, 1), changed(2, 1))
        real = webhook_consumer(api.clock)
        failures = 2

        async def flaky(session: AsyncSession, events: Sequence[Event]) -> None:
            nonlocal failures
            await real.handle(session, events)
            if failures:
                failures -= 1
                raise RuntimeError("after the effect, before the commit")

        consumer = Consumer(real.name, real.types, flaky)
        await Runner(consumer, api.database, sister_of(api, parcels)).step()
        assert failures == 0
        first = await rows(api)
        assert [row["subject"] for row in first] == [barcode(1), barcode(2)]
        await api.database.hot.execute("UPDATE feed_cursor SET position = 0")
        restarted = Runner(consumer, api.database, sister_of(api, parcels))
        assert await restarted.step() == 1
        assert await rows(api) == first
        assert await api.database.hot.fetchval("SELECT count(*) FROM quarantine") == 0


async def finish(connection: asyncpg.Connection, head: repository.Claimed) -> None:
    recorded = await repository.record(connection, head, Answer(200), Step("delivered"), START)
    assert recorded


async def done_or_blocked(api: Api, task: asyncio.Task[None]) -> None:
    """Until the task has ended or its backend waits for another's lock."""
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(180):
        while not (task.done() or await api.database.hot.fetchval(query)):  # noqa: ASYNC110 - a backend's wait has no event
            await asyncio.sleep(0.01)


class TestRace:
    """A parcel's next event comes while its head is being finished: it is never left behind."""

    async def statuses(self, api: Api) -> list[str]:
        return [row["status"] for row in await rows(api)]

    async def test_the_event_first(self, api: Api) -> None:
        await register(api, URL)
        await follow(api, event(changed(1, 1)))
        (head,) = await leased(api)
        async with api.database.hot.acquire() as connection:
            async with api.database.transaction() as session:
                await service.follow(session, [event(changed(1, 2))], START)
                finishing = asyncio.create_task(finish(connection, head))
                await done_or_blocked(api, finishing)
            await finishing
        assert await self.statuses(api) == ["delivered", "pending"]

    async def test_the_end_first(self, api: Api) -> None:
        await register(api, URL)
        await follow(api, event(changed(1, 1), changed(1, 2)))
        (head,) = await leased(api)
        async with api.database.hot.acquire() as connection:
            async with connection.transaction():
                await finish(connection, head)
                following = asyncio.create_task(follow(api, event(changed(1, 3))))
                await done_or_blocked(api, following)
            await following
        assert await self.statuses(api) == ["delivered", "pending", "waiting"]
        async with api.database.hot.acquire() as connection:
            (head,) = await leased(api)
            await finish(connection, head)
        assert await self.statuses(api) == ["delivered", "delivered", "pending"]

    async def test_the_end_of_the_last_one_first(self, api: Api) -> None:
        await register(api, URL)
        await follow(api, event(changed(1, 1)))
        (head,) = await leased(api)
        async with api.database.hot.acquire() as connection:
            async with connection.transaction():
                await finish(connection, head)
                following = asyncio.create_task(follow(api, event(changed(1, 2))))
                await done_or_blocked(api, following)
            await following
        assert await self.statuses(api) == ["delivered", "pending"]

    async def test_the_sweep_of_a_deleted_endpoint_first(self, api: Api) -> None:
        name, _ = await register(api, URL)
        await follow(api, event(changed(1, 1), changed(1, 2)))
        (head,) = await leased(api)
        headers = api.headers("webhooks:write", sub=PARTNER)
        await api.client.delete(f"/v1/webhooks/{name}", headers=headers)
        async with api.database.hot.acquire() as connection:
            async with api.database.transaction() as session:
                await repository.abandon(session, START, limit=10)
                finishing = asyncio.create_task(finish(connection, head))
                await done_or_blocked(api, finishing)
            await finishing
        assert await self.statuses(api) == ["delivered", "dead"]
