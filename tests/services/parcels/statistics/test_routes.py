"""Volumes and tasks from the roll-ups, kept by the consumer, equal to a recount."""

import random
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.parcels.audit import audit_statistics
from services.parcels.statistics.service import CONSUMER, TYPES, on_scanned
from shared.auth import service_caller
from shared.client import Sister
from shared.consumer import Consumer, Runner
from tests.services.parcels.conftest import Parcels, office_event

pytestmark = pytest.mark.anyio


def runner(parcels: Parcels) -> Runner:
    runtime = parcels.api.app.state.runtime
    caller = Sister(parcels.client, runtime.minter, service_caller("parcels"))
    consumer = Consumer(CONSUMER, TYPES, on_scanned)
    return Runner(consumer, parcels.api.database, caller)


async def roll_up(parcels: Parcels) -> None:
    await parcels.api.publish()
    run = runner(parcels)
    while await run.step():
        pass


async def report(parcels: Parcels, what: str, period: str = "1398") -> dict[str, Any]:
    answer = await parcels.client.get(
        f"/v1/statistics/{what}",
        params={"period": period},
        headers=parcels.api.headers("reports:read"),
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def task_items(parcels: Parcels, **params: str) -> list[dict[str, Any]]:
    """All pages of the scans of a figure, one a page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] | None = {}
    while cursor is not None:
        answer = await parcels.client.get(
            "/v1/statistics/tasks/items",
            params={"limit": "1", **params, **cursor},
            headers=parcels.api.headers("reports:read"),
        )
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["items"]
        cursor = {"cursor": page["next"]} if page["next"] else None
    return found


class TestVolumes:
    async def test_growth_on_the_year_before(self, parcels: Parcels) -> None:
        more = ("backfill",)
        for year, count in ((2017, 4), (2018, 5)):
            at = f"{year}-05-01T08:00:00Z"
            orders = [parcels.order() for _ in range(count)]
            answer = await parcels.batch(orders)
            barcodes = [r["parcel"]["barcode"] for r in answer.json()["results"]]
            scans = [parcels.one(b, "acceptance", occurred_at=at) for b in barcodes]
            assert set(await parcels.results(*scans, more=more)) == {"recorded"}
        await roll_up(parcels)
        body = await report(parcels, "volumes", "1397")
        assert body["total"] == {"count": 5, "previous_count": 4, "growth_percent": 25.0}
        assert (body["period"], body["previous"]) == ("1397", "1396")
        assert body["rows"][0]["channel"] == "ecommerce"

    @pytest.mark.parametrize("period", ["1397-13", "97", "", "1397-H3", "x" * 50, "13\0"])
    async def test_a_bad_period_is_refused(self, parcels: Parcels, period: str) -> None:
        for what in ("volumes", "tasks"):
            answer = await parcels.client.get(
                f"/v1/statistics/{what}",
                params={"period": period},
                headers=parcels.api.headers("reports:read"),
            )
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid")

    async def test_needs_reports_read(self, parcels: Parcels) -> None:
        for what in ("volumes", "tasks"):
            url = f"/v1/statistics/{what}?period=1397"
            assert (await parcels.client.get(url)).status_code == 401
            assert (await parcels.client.get(url, headers=parcels.shop())).status_code == 403


class TestTasks:
    async def test_each_scan_is_a_task_of_its_office_s_kind(self, parcels: Parcels) -> None:
        """Not counted: what is neither task nor told of, or happened at no office we know."""
        await parcels.follow(
            office_event(1, kind="pishkhan", version=2),
            office_event(2, kind="sorting_centre", version=2),
            office_event(3, kind="post_office", version=2),
        )
        delivered, returned, cancelled = await parcels.booked(3)
        out, centre, far = "KZ00001", "KZ00002", "KZ00003"
        way = [
            ("acceptance", out),
            ("departure", out),
            ("arrival", centre),
            ("departure", centre),
            ("arrival", far),
            ("out_for_delivery", far),
        ]
        for barcode, end in (
            (delivered, ["delivered"]),
            (returned, ["return_started", "returned"]),
        ):
            steps = [*way, *((event, far) for event in end)]
            scans = [
                parcels.one(barcode, event, n - 30, office=office)
                for n, (event, office) in enumerate(steps)
            ]
            assert set(await parcels.results(*scans, *scans[:1])) == {"recorded", "duplicate"}
        await parcels.client.post(
            f"/v1/parcels/{cancelled}/cancel",
            headers=parcels.shop() | {"Idempotency-Key": str(uuid.uuid4())},
        )
        await parcels.results(parcels.one(cancelled, "acceptance"))
        await parcels.results(parcels.one(delivered, "arrival", office="KZ99999"))
        await parcels.results(parcels.one(delivered, "departure", -60 * 24 * 30))  # flagged
        await roll_up(parcels)
        body = await report(parcels, "tasks")
        assert body["period"] == "1398"
        assert body["as_of"] is not None
        assert body["rows"] == [
            {"task": "acceptance", "kind": "pishkhan", "count": 2},
            {"task": "sorting", "kind": "sorting_centre", "count": 2},
            {"task": "transport", "kind": "pishkhan", "count": 2},
            {"task": "transport", "kind": "sorting_centre", "count": 2},
            {"task": "delivery", "kind": "post_office", "count": 2},
        ]
        assert (await report(parcels, "tasks", "1397"))["rows"] == []
        for row in body["rows"]:
            wanted = {"period": "1398-01-01", "task": row["task"], "kind": row["kind"]}
            items = await task_items(parcels, **wanted)
            assert len(items) == row["count"]
            assert all((one["task"], one["kind"]) == (row["task"], row["kind"]) for one in items)
        every = await task_items(parcels, period="1398")
        assert len({(one["barcode"], one["task"], one["at"]) for one in every}) == 10
        assert await task_items(parcels, period="1397") == []
        headers = parcels.api.headers("reports:read")
        for params in ({}, {"task": "rest"}, {"kind": "KZ"}, {"cursor": "WzEsMiwzXQ"}):
            answer = await parcels.client.get(
                "/v1/statistics/tasks/items",
                params={**({"period": "1398"} if params else {}), **params},
                headers=headers,
            )
            assert answer.status_code == 422

    async def test_a_late_scan_counts_on_its_own_day(self, parcels: Parcels) -> None:
        """Midnight in Tehran was 19:30 UTC in the summer of 1397."""
        for at in ("2018-07-06T19:29:59.9Z", "2018-07-06T19:30:00Z", "2018-07-06T23:00:00+03:30"):
            (barcode,) = await parcels.booked()
            await parcels.results(
                parcels.one(barcode, "acceptance", occurred_at=at), more=("backfill",)
            )
        await roll_up(parcels)
        for day, count in (("1397-04-15", 1), ("1397-04-16", 2)):
            (row,) = (await report(parcels, "tasks", day))["rows"]
            assert (row["task"], row["count"]) == ("acceptance", count)


async def test_roll_ups_equal_a_recount_with_late_scans(parcels: Parcels) -> None:
    """Acceptances that move to another day are taken from the old one."""
    await parcels.follow(office_event(2, kind="sorting_centre", version=2))
    rng = random.Random(3)
    barcodes = await parcels.booked(30)
    parcels.api.clock.at += timedelta(days=2)
    events = ["acceptance", "arrival", "departure", "delivered", "delivery_failed"]
    for _ in range(4):
        chosen = rng.sample(barcodes, 15)
        scans = [
            parcels.one(
                b,
                rng.choice(events),
                10 - rng.random() * 60 * 48,  # some with clocks that run ahead
                office=f"KZ0000{rng.randint(1, 3)}",
            )
            for b in chosen
        ]
        await parcels.results(*scans)
        await roll_up(parcels)
        audit = await audit_statistics(parcels.api.database)
        assert (audit.clean, audit.wrong) == (True, [])
        assert min(audit.items, audit.tasks) > 0
    async with parcels.api.database.transaction() as session:
        await session.execute(text("UPDATE task_daily SET count = count + 1 WHERE task = 1"))
        await session.execute(text("DELETE FROM transit_daily WHERE dimension = 1"))
        await session.execute(text("UPDATE item_contribution SET origin = 'nowhere'"))
    wrong = (await audit_statistics(parcels.api.database)).wrong
    assert {row["roll_up"] for row in wrong} == {
        "item_contribution",
        "task_daily",
        "transit_daily",
        "transit_monthly",
    }
