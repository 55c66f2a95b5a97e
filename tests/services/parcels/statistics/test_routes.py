"""Volumes from the roll-ups, kept by the consumer, equal to a recount."""

import random
from datetime import timedelta

import pytest

from services.parcels.events import CORRECTED, STATUS_CHANGED
from services.parcels.statistics import repository
from services.parcels.statistics.service import on_status_changed
from shared.auth import service_caller
from shared.client import Sister
from shared.consumer import Consumer, Runner
from tests.services.parcels.conftest import Parcels

pytestmark = pytest.mark.anyio


def runner(parcels: Parcels) -> Runner:
    runtime = parcels.api.app.state.runtime
    caller = Sister(parcels.client, runtime.minter, service_caller("parcels"))
    consumer = Consumer("parcels.statistics", (STATUS_CHANGED, CORRECTED), on_status_changed)
    return Runner(consumer, parcels.api.database, caller)


async def rolled_and_counted(parcels: Parcels) -> tuple[object, object]:
    async with parcels.api.database.transaction() as session:
        return await repository.rolled_up(session), await repository.recount(session)


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
        await parcels.api.publish()
        run = runner(parcels)
        while await run.step():
            pass
        answer = await parcels.client.get(
            "/v1/statistics/volumes?period=1397", headers=parcels.api.headers("reports:read")
        )
        body = answer.json()
        assert body["total"] == {"count": 5, "previous_count": 4, "growth_percent": 25.0}
        assert (body["period"], body["previous"]) == ("1397", "1396")
        assert body["rows"][0]["channel"] == "ecommerce"

    @pytest.mark.parametrize("period", ["1397-13", "97", "", "1397-H3", "x" * 50, "13\0"])
    async def test_a_bad_period_is_refused(self, parcels: Parcels, period: str) -> None:
        answer = await parcels.client.get(
            "/v1/statistics/volumes",
            params={"period": period},
            headers=parcels.api.headers("reports:read"),
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")

    async def test_needs_reports_read(self, parcels: Parcels) -> None:
        url = "/v1/statistics/volumes?period=1397"
        assert (await parcels.client.get(url)).status_code == 401
        assert (await parcels.client.get(url, headers=parcels.shop())).status_code == 403


async def test_roll_ups_equal_a_recount_with_late_scans(parcels: Parcels) -> None:
    """Acceptances that move to another day are taken from the old one."""
    rng = random.Random(3)
    barcodes = await parcels.booked(30)
    parcels.api.clock.at += timedelta(days=2)
    run = runner(parcels)
    for _ in range(4):
        chosen = rng.sample(barcodes, 15)
        scans = [
            parcels.one(b, rng.choice(["acceptance", "arrival"]), -rng.random() * 60 * 48)
            for b in chosen
        ]
        await parcels.results(*scans)
        await parcels.api.publish()
        while await run.step():
            pass
        rolled, counted = await rolled_and_counted(parcels)
        assert rolled == counted
        assert rolled
