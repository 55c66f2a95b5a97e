"""Scanning through the API, with the custody audit after everything."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from asyncpg import InsufficientPrivilegeError

from services.parcels.audit import audit_custody
from shared import outbox
from tests.conftest import Serve
from tests.services.parcels.conftest import Parcels, office_event

pytestmark = pytest.mark.anyio

JOURNEY = ("acceptance", "departure", "arrival", "out_for_delivery", "delivered")


@pytest.fixture(autouse=True)
async def audited(parcels: Parcels) -> AsyncIterator[None]:
    """Whatever a test does, custody is clean after it."""
    yield
    audit = await audit_custody(parcels.api.database)
    assert audit.clean, audit.wrong


async def discrepancies(parcels: Parcels) -> list[str]:
    rows = await parcels.api.database.hot.fetch("SELECT kind FROM discrepancy ORDER BY kind")
    return [row["kind"] for row in rows]


async def changes(parcels: Parcels) -> list[dict[str, Any]]:
    events = await parcels.api.events("parcel.status_changed")
    return [item for event in events for item in event["data"]["items"]]


class TestRecord:
    async def test_a_journey_scan_by_scan(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked()
        for n, event in enumerate(JOURNEY):
            assert await parcels.results(parcels.one(barcode, event, n)) == ["recorded"]
        assert (await parcels.get(barcode))["status"] == "delivered"
        found = await changes(parcels)
        assert [(i["previous"], i["status"]) for i in found] == [
            ("booked", "accepted"),
            ("accepted", "in_transit"),
            ("in_transit", "out_for_delivery"),
            ("out_for_delivery", "delivered"),
        ]
        assert [i["version"] for i in found] == [2, 3, 5, 6]
        assert len(await parcels.api.events("parcel.moved")) == 1
        assert await discrepancies(parcels) == []

    async def test_a_whole_journey_in_one_batch(self, parcels: Parcels) -> None:
        barcodes = await parcels.booked(20)
        scans = [parcels.one(b, e, n) for b in barcodes for n, e in enumerate(JOURNEY)]
        random.Random(1).shuffle(scans)
        assert set(await parcels.results(*scans)) == {"recorded"}
        assert {(await parcels.get(b))["status"] for b in barcodes} == {"delivered"}
        assert await discrepancies(parcels) == []
        events = await parcels.api.events("parcel.status_changed", "parcel.moved")
        kinds = [event["type"].partition(".")[2] for event in events]
        assert kinds == ["status_changed", "moved", "status_changed"]  # few rows, in order
        versions: dict[str, list[int]] = {}
        for event in events:
            for item in event["data"]["items"]:
                versions.setdefault(item["barcode"], []).append(item["version"])
        assert set(map(tuple, versions.values())) == {(2, 3, 4, 5, 6)}

    async def test_a_repeated_scan_is_a_duplicate(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked()
        scan = parcels.one(barcode, "acceptance")
        assert await parcels.results(scan, scan) == ["recorded", "duplicate"]
        answers = await asyncio.gather(*(parcels.results(scan) for _ in range(8)))
        assert answers == [["duplicate"]] * 8
        assert len(await changes(parcels)) == 1

    async def test_the_same_scan_from_two_devices_at_once(self, parcels: Parcels) -> None:
        barcodes = await parcels.booked(30)
        scans = [parcels.one(b, "acceptance") for b in barcodes]
        answers = await asyncio.gather(
            *(parcels.results(*(scans if n % 2 else reversed(scans))) for n in range(6))
        )
        assert sum(a.count("recorded") for a in answers) == 30
        assert len(await changes(parcels)) == 30

    async def test_out_of_order_and_late_scans_fold_to_the_same_state(
        self, parcels: Parcels
    ) -> None:
        (barcode,) = await parcels.booked()
        parcels.api.clock.at += timedelta(hours=10)
        scans = [parcels.one(barcode, event, n - 600) for n, event in enumerate(JOURNEY)]
        for n in (2, 0, 4, 1, 3):
            await parcels.results(scans[n])
        body = await parcels.get(barcode)
        assert body["status"] == "delivered"
        assert body["accepted_at"].startswith(scans[0]["occurred_at"][:19])
        (event,) = await parcels.api.events("parcel.corrected")
        (last,) = event["data"]["items"]
        assert last["accepted_before"] > last["accepted_at"]
        tracking = (await parcels.client.get(f"/v1/tracking/{barcode}")).json()
        assert [e["event"] for e in tracking["events"]] == list(JOURNEY)

    async def test_after_delivery_a_scan_is_kept_as_a_discrepancy(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked()
        await parcels.results(parcels.one(barcode, "acceptance"))
        await parcels.results(parcels.one(barcode, "delivered", 1))
        assert await parcels.results(parcels.one(barcode, "arrival", 2)) == ["recorded"]
        assert (await parcels.get(barcode))["status"] == "delivered"
        assert await discrepancies(parcels) == ["scanned_after_end"]

    async def test_an_end_that_was_before_a_second_acceptance(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked()
        for event, minute in (("acceptance", 0), ("acceptance", 4), ("delivered", 2)):
            assert await parcels.results(parcels.one(barcode, event, minute)) == ["recorded"]
        assert (await parcels.get(barcode))["status"] == "delivered"
        assert await discrepancies(parcels) == ["accepted_twice", "scanned_after_end"]

    async def test_a_scan_after_cancellation(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked()
        await parcels.client.post(f"/v1/parcels/{barcode}/cancel", headers=parcels.shop())
        assert await parcels.results(parcels.one(barcode, "acceptance")) == ["recorded"]
        assert (await parcels.get(barcode))["status"] == "cancelled"
        assert await discrepancies(parcels) == ["scanned_after_cancellation"]

    async def test_a_scan_without_acceptance_moves_and_is_named(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked()
        await parcels.results(parcels.one(barcode, "arrival"))
        assert (await parcels.get(barcode))["status"] == "in_transit"
        assert await discrepancies(parcels) == ["acceptance_missing"]

    async def test_offline_longer_than_72_hours_is_flagged(self, parcels: Parcels) -> None:
        one, two = await parcels.booked(2)
        old = -73 * 60
        assert await parcels.results(parcels.one(one, "acceptance", old)) == ["flagged"]
        assert (await parcels.get(one))["status"] == "booked"
        more = ("backfill",)
        assert await parcels.results(parcels.one(two, "acceptance", old), more=more) == ["recorded"]
        assert [i["backfill"] for i in await changes(parcels)] == [True]

    async def test_a_device_clock_a_year_ahead(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked()
        await parcels.results(parcels.one(barcode, "acceptance", 365 * 24 * 60))
        parcels.api.clock.at += timedelta(hours=1)
        await parcels.results(parcels.one(barcode, "departure"))
        assert (await parcels.get(barcode))["status"] == "in_transit"

    async def test_malformed_unknown_and_a_strange_office(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked()
        answer = await parcels.scan(
            parcels.one("61000000000000004273172X", "arrival"),
            parcels.one("610000000000000042731729", "arrival"),
            parcels.one(barcode, "acceptance", office="KZ77777"),
            parcels.one("۶۱۰۰۰۰۰۰۰۰۰۰۰۰۰۰۴۲۷۳۱۷۲۸", "arrival"),
        )
        results = answer.json()["results"]
        assert [r["result"] for r in results] == ["malformed", "unknown", "recorded", "malformed"]
        assert "KZ77777" in results[2]["detail"]
        kept = await parcels.api.database.hot.fetch("SELECT reason FROM unmatched_scan ORDER BY id")
        assert [row["reason"] for row in kept] == ["unknown", "malformed", "malformed"]
        assert await discrepancies(parcels) == ["unknown_office"]

    async def test_an_offices_code_in_persian_digits(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked()
        await parcels.results(parcels.one(barcode, "acceptance", office="kz۰۰۰۰۱"))
        assert await discrepancies(parcels) == []

    @pytest.mark.parametrize("at", ["0001-01-01T00:00:00+03:30", "9999-12-31T23:59:59-03:30"])
    async def test_a_time_that_overflows_is_refused(self, parcels: Parcels, at: str) -> None:
        (barcode,) = await parcels.booked()
        assert (await parcels.scan(parcels.one(barcode, "held", occurred_at=at))).status_code == 422
        assert (await parcels.book(more=("backfill",), occurred_at=at)).status_code == 422
        listed = await parcels.client.get(
            "/v1/parcels", params={"changed_since": at}, headers=parcels.shop()
        )
        assert listed.status_code == 422
        sister = parcels.api.headers("internal", sub="gateway", kind="service")
        clock = {"mode": "backfill", "at": at}
        answer = await parcels.client.put("/internal/clock", json=clock, headers=sister)
        assert answer.status_code == 422

    async def test_events_carry_utc_whatever_the_device_sent(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked()
        at = "2019-03-21T11:30:00+03:30"
        await parcels.results(parcels.one(barcode, "acceptance", occurred_at=at))
        (item,) = await changes(parcels)
        assert (item["occurred_at"], item["accepted_at"]) == ("2019-03-21T08:00:00Z",) * 2

    async def test_a_batch_has_fifty_scans_of_an_item(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked()
        scans = [parcels.one(barcode, "arrival", n / 100) for n in range(51)]
        assert (await parcels.scan(*scans)).status_code == 422
        assert await parcels.results(*scans[:50]) == ["recorded"] * 50
        foreign = [parcels.one("RB123456785GB", "arrival", n / 100) for n in range(51)]
        assert (await parcels.scan(*foreign)).status_code == 422

    async def test_a_suspended_office_still_scans(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked()
        await parcels.follow(office_event(1, status="suspended", version=2))
        assert await parcels.results(parcels.one(barcode, "acceptance")) == ["recorded"]

    async def test_persian_digits_spaces_and_persian_keyboards(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked()
        persian = barcode.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
        spaced = " ".join(persian[n : n + 4] for n in range(0, 24, 4))
        assert await parcels.results(parcels.one(spaced, "acceptance")) == ["recorded"]
        tracked = await parcels.client.get(f"/v1/tracking/{persian}")
        assert tracked.json()["barcode"] == barcode


class TestInbound:
    async def test_the_first_scan_of_a_foreign_s10_creates_the_item(self, parcels: Parcels) -> None:
        first = parcels.one("RB123456785GB", "arrival")
        second = parcels.one("rb 123 456 785 gb", "out_for_delivery", 5)
        assert await parcels.results(first, second) == ["recorded", "recorded"]
        tracking = (await parcels.client.get("/v1/tracking/RB123456785GB")).json()
        assert (tracking["product"], tracking["status"]) == ("sefareshi", "out_for_delivery")

    async def test_a_number_that_returns_after_a_year_is_another_item(
        self, parcels: Parcels
    ) -> None:
        await parcels.results(parcels.one("RB123456785GB", "arrival"))
        await parcels.results(parcels.one("RB123456785GB", "delivered", 1))
        parcels.api.clock.at += timedelta(days=400)
        await parcels.results(parcels.one("RB123456785GB", "arrival"))
        tracking = (await parcels.client.get("/v1/tracking/RB123456785GB")).json()
        assert tracking["status"] == "in_transit"
        assert len(tracking["events"]) == 1

    async def test_another_posts_number_is_an_alias(self, parcels: Parcels) -> None:
        number = "113470001234567890123456"
        assert await parcels.results(parcels.one(number, "arrival")) == ["recorded"]
        assert await parcels.results(parcels.one(number, "delivered", 1)) == ["recorded"]
        tracking = (await parcels.client.get(f"/v1/tracking/{number}")).json()
        assert tracking["status"] == "delivered"

    async def test_many_first_scans_at_once_make_one_item(self, parcels: Parcels) -> None:
        scans = [parcels.one("RB123456785GB", "arrival", n) for n in range(8)]
        answers = await asyncio.gather(*(parcels.results(scan) for scan in scans))
        assert answers == [["recorded"]] * 8
        assert await parcels.api.database.hot.fetchval("SELECT count(*) FROM parcel") == 1

    async def test_many_first_scans_of_another_posts_numbers_at_once(
        self, parcels: Parcels
    ) -> None:
        numbers = [f"11347000123456789012{n:04d}" for n in range(20)]
        batches = [[parcels.one(n, "arrival") for n in numbers] for _ in range(5)]
        answers = await asyncio.gather(*(parcels.results(*batch) for batch in batches))
        assert answers == [["recorded"] * 20] * 5
        assert await parcels.api.database.hot.fetchval("SELECT count(*) FROM parcel") == 20

    async def test_new_ids_are_taken_before_the_transactions_connection(self, serve: Serve) -> None:
        """With one connection in the pool, a second beside it would never come."""
        small = Parcels(await serve("parcels", settings={"hot_pool_size": 1}))
        async with asyncio.timeout(180):
            assert await small.results(small.one("113470001234567890123456", "arrival")) == [
                "recorded"
            ]

    async def test_a_backfilled_number_begins_when_it_was_scanned(self, parcels: Parcels) -> None:
        years = [parcels.one("RB123456785GB", "arrival", -days * 1440) for days in (800, 400)]
        for scan in years:
            assert await parcels.results(scan, more=("backfill",)) == ["recorded"]
        rows = await parcels.api.database.hot.fetch(
            "SELECT booked_at, backfill FROM parcel ORDER BY booked_at"
        )
        now = parcels.api.clock.now()
        assert [(now - row["booked_at"]).days for row in rows] == [800, 400]
        assert all(row["backfill"] for row in rows)

    async def test_an_old_scan_beside_it_does_not_make_an_item_backfilled(
        self, parcels: Parcels
    ) -> None:
        (barcode,) = await parcels.booked()
        old = parcels.one(barcode, "acceptance", -5000)
        await parcels.results(old, parcels.one("RB123456785GB", "arrival"), more=("backfill",))
        await parcels.results(parcels.one("RR473124829GB", "arrival", -5000))  # flagged
        rows = await parcels.api.database.hot.fetch("SELECT booked_at, backfill FROM parcel")
        assert not any(row["backfill"] for row in rows)
        assert {row["booked_at"] for row in rows} == {parcels.api.clock.now()}


class TestTracking:
    async def test_anyone_sees_town_status_and_time_only(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked(1, reference="SECRET")
        await parcels.results(parcels.one(barcode, "acceptance"))
        answer = await parcels.client.get(f"/v1/tracking/{barcode}")
        body = answer.json()
        said = {"barcode", "product", "status", "status_text", "booked_at", "updated_at"}
        assert set(body) == {*said, "promised_at", "events"}
        assert body["events"][0].keys() == {"event", "status", "text", "town", "occurred_at"}
        assert body["events"][0]["town"] == "دزفول"
        for secret in ("مریم", "9123456789", "KZ0000", "SECRET"):
            assert secret not in answer.text

    async def test_a_hundred_at_once(self, parcels: Parcels) -> None:
        barcodes = await parcels.booked(99)
        asked = [*barcodes, "nonsense"]
        answer = await parcels.client.post("/v1/tracking", json={"barcodes": asked})
        results = answer.json()["results"]
        assert [r["barcode"] for r in results] == asked
        assert [r["found"] for r in results] == [True] * 99 + [False]
        too_many = {"barcodes": [*asked, "x"]}
        assert (await parcels.client.post("/v1/tracking", json=too_many)).status_code == 422

    async def test_an_end_absorbs_in_the_history_too(self, parcels: Parcels) -> None:
        delivered, cancelled = await parcels.booked(2)
        events = ("acceptance", "acceptance", "departure", "acceptance", "delivered", "arrival")
        await parcels.results(*(parcels.one(delivered, e, n) for n, e in enumerate(events)))
        await parcels.client.post(f"/v1/parcels/{cancelled}/cancel", headers=parcels.shop())
        await parcels.results(parcels.one(cancelled, "arrival"))
        statuses = {}
        for barcode in (delivered, cancelled):
            body = (await parcels.client.get(f"/v1/tracking/{barcode}")).json()
            statuses[barcode] = [event["status"] for event in body["events"]]
        assert statuses == {
            delivered: ["accepted", "accepted", "in_transit", "in_transit"] + ["delivered"] * 2,
            cancelled: ["cancelled"],
        }

    async def test_absent_and_malformed_are_404(self, parcels: Parcels) -> None:
        for barcode in ("610000000000000042731729", "x", "RB123456785GB", "a" * 60, "%00"):
            answer = await parcels.client.get(f"/v1/tracking/{barcode}")
            assert answer.status_code == 404, barcode

    async def test_history_is_for_sisters(self, parcels: Parcels) -> None:
        (barcode,) = await parcels.booked()
        url = f"/internal/parcels/{barcode}/history"
        assert (await parcels.client.get(url, headers=parcels.shop())).status_code == 403
        sister = parcels.api.headers("internal", sub="gateway", kind="service")
        assert (await parcels.client.get(url, headers=sister)).json()["version"] == 1


async def test_random_scans_by_many_devices_agree_with_the_fold(parcels: Parcels) -> None:
    """Concurrent, shuffled, repeated: the row equals a fold of the item's stored history."""
    rng = random.Random(7)
    barcodes = await parcels.booked(12)
    events = (*JOURNEY, "delivery_failed", "held_at_counter", "return_started", "returned", "held")
    scans = [
        parcels.one(rng.choice(barcodes), rng.choice(events), rng.random()) for _ in range(150)
    ]
    batches = [rng.sample(scans, 40) for _ in range(12)]
    await asyncio.gather(*(parcels.results(*batch) for batch in batches))
    audit = await audit_custody(parcels.api.database)
    assert audit.clean, audit.wrong
    assert audit.accepted > 0


async def test_the_app_cannot_rewrite_scans(parcels: Parcels) -> None:
    for statement in ("DELETE FROM scan_event", "UPDATE scan_event SET event = 1"):
        with pytest.raises(InsufficientPrivilegeError):
            await parcels.api.database.hot.execute(statement)


async def test_a_failed_batch_leaves_nothing(
    serve: Serve, parcels: Parcels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event, the state and the outbox row stand or fall together."""
    (barcode,) = await parcels.booked()
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "APPEND_SQL", "SELECT 1/0, $1, $2, $3, $4")
        answer = await parcels.scan(parcels.one(barcode, "acceptance"))
        assert answer.status_code == 500
    assert (await parcels.get(barcode))["status"] == "booked"
    assert await parcels.api.database.hot.fetchval("SELECT count(*) FROM scan_event") == 0
