"""Measured weight: the price by it, the contest, the decision."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.parcels.custody import timers
from tests.services.parcels.conftest import OTHER_SHOP, Parcels

pytestmark = pytest.mark.anyio

PHOTO = "ab" * 32


class Scales:
    """A sorting centre's scales, the shop whose parcels they weigh, and who decides."""

    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels
        self.client = parcels.client
        self.staff = parcels.api.headers("custody:decide", kind="staff")

    def measurement(self, weight_g: int, **changes: Any) -> dict[str, Any]:
        return {
            "measurement_id": str(uuid.uuid4()),
            "office": "KZ00002",
            "device": "scales-7",
            "weight_g": weight_g,
            "photo_sha256": PHOTO,
            "measured_at": self.parcels.api.clock.now().isoformat(),
        } | changes

    async def send(self, barcode: str, body: Any) -> httpx.Response:
        headers = self.parcels.clerk() | {"Idempotency-Key": str(uuid.uuid4())}
        path = f"/v1/parcels/{barcode}/measurements"
        return await self.client.post(path, json=body, headers=headers)

    async def weighed(self, barcode: str, weight_g: int, **changes: Any) -> dict[str, Any]:
        answer = await self.send(barcode, self.measurement(weight_g, **changes))
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def contest(self, barcode: str, measurement: Any) -> httpx.Response:
        path = f"/v1/parcels/{barcode}/measurements/{measurement['id']}/contest"
        body = {"reason": "ترازوی ما دقیق است"}
        return await self.client.post(path, json=body, headers=self.parcels.shop())

    async def decide(self, barcode: str, measurement: Any, decision: str) -> httpx.Response:
        path = f"/v1/parcels/{barcode}/measurements/{measurement['id']}/decide"
        headers = self.staff | {"Idempotency-Key": str(uuid.uuid4())}
        body = {"decision": decision, "reason": "دوباره وزن شد"}
        return await self.client.post(path, json=body, headers=headers)

    async def price(self, barcode: str) -> tuple[int, int]:
        body = await self.parcels.get(barcode)
        return body["price_rials"], body["weight_g"]

    async def differences(self, status: str) -> list[str]:
        params = {"status": status, "kind": "weight_difference"}
        answer = await self.client.get("/v1/discrepancies", params=params, headers=self.staff)
        return [item["barcode"] for item in answer.json()["items"]]

    async def told(self) -> list[Any]:
        events = await self.parcels.api.events("parcel.repriced")
        return [item for event in events for item in event["data"]["items"]]


@pytest.fixture
async def scales(parcels: Parcels) -> Scales:
    return Scales(parcels)


async def test_heavier_costs_more_with_evidence(scales: Scales) -> None:
    (barcode,) = await scales.parcels.booked()  # 450 g at 57,500
    assert (await scales.weighed(barcode, 480))["status"] == "unchanged"
    assert await scales.price(barcode) == (57_500, 450)
    made = await scales.weighed(barcode, 700)
    assert (made["status"], made["price_rials"]) == ("repriced", 74_000)
    assert await scales.price(barcode) == (74_000, 700)
    (item,) = await scales.told()
    assert (item["difference_rials"], item["reason"]) == (16_500, "measured")
    assert item["evidence"]["device"] == "scales-7"
    assert (item["evidence"]["office"], item["evidence"]["photo_sha256"]) == ("KZ00002", PHOTO)
    assert item["version"] == (await scales.parcels.get(barcode))["version"]
    assert await scales.differences("open") == [barcode]
    listed = await scales.client.get(
        f"/v1/parcels/{barcode}/measurements", headers=scales.parcels.shop()
    )
    assert sorted(m["weight_g"] for m in listed.json()) == [480, 700]
    # not contested in time: settled
    scales.parcels.api.clock.at += timedelta(days=8)
    await timers.look(scales.parcels.api.database, scales.parcels.api.clock)
    assert await scales.differences("closed") == [barcode]
    late = await scales.contest(barcode, made)
    assert (late.status_code, late.json()["code"]) == (409, "not_contestable")


async def test_lighter_is_refunded_and_a_contest_won_restores_the_price(scales: Scales) -> None:
    (barcode,) = await scales.parcels.booked(1, weight_g=700)  # 74,000
    made = await scales.weighed(barcode, 400)
    assert await scales.price(barcode) == (57_500, 400)
    early = await scales.decide(barcode, made, "reversed")
    assert (early.status_code, early.json()["code"]) == (409, "not_contested")
    contests = [await scales.contest(barcode, made) for _ in range(2)]
    assert [c.json()["status"] for c in contests] == ["contested"] * 2
    waiting = await scales.client.get("/v1/contested-measurements", headers=scales.staff)
    assert [m["id"] for m in waiting.json()["items"]] == [made["id"]]
    answers = await asyncio.gather(*(scales.decide(barcode, made, "reversed") for _ in range(12)))
    assert sorted(a.status_code for a in answers) == [200] + [409] * 11
    assert await scales.price(barcode) == (74_000, 700)
    found = await scales.told()
    assert [(i["reason"], i["difference_rials"]) for i in found] == [
        ("measured", -16_500),
        ("reversed", 16_500),
    ]
    assert [i["price_rials"] for i in found] == [57_500, 74_000]
    assert await scales.differences("closed") == [barcode]


async def test_the_same_measurement_twice_is_one(scales: Scales) -> None:
    (barcode,) = await scales.parcels.booked()
    body = scales.measurement(700)
    answers = await asyncio.gather(*(scales.send(barcode, body) for _ in range(8)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.text for a in answers}) == 1
    assert len(await scales.told()) == 1
    other = await scales.send(barcode, body | {"weight_g": 900})
    assert (other.status_code, other.json()["code"]) == (409, "measurement_taken")


async def test_only_the_measurement_that_stands_is_contested(scales: Scales) -> None:
    (barcode,) = await scales.parcels.booked()
    first = await scales.weighed(barcode, 700)
    scales.parcels.api.clock.at += timedelta(hours=1)
    second = await scales.weighed(barcode, 1_500)
    assert await scales.price(barcode) == (98_000, 1_500)
    assert (await scales.contest(barcode, first)).json()["code"] == "not_contestable"
    await scales.contest(barcode, second)
    assert (await scales.decide(barcode, second, "reversed")).status_code == 200
    assert await scales.price(barcode) == (74_000, 700)
    await scales.contest(barcode, first)
    assert (await scales.decide(barcode, first, "upheld")).json()["status"] == "upheld"
    assert await scales.price(barcode) == (74_000, 700)


async def test_whose_parcel_and_which(scales: Scales) -> None:
    parcels = scales.parcels
    foreign = (await parcels.book(sub=OTHER_SHOP)).json()["barcode"]
    made = await scales.weighed(foreign, 700)
    assert (await scales.contest(foreign, made)).json()["code"] == "parcel_not_found"
    assert (await scales.send("610000000000000042731729", scales.measurement(1))).status_code == 404
    nowhere = await scales.send(foreign, scales.measurement(700, office="KZ77777"))
    assert nowhere.status_code == 422
    (ended,) = await parcels.booked()
    await parcels.results(parcels.one(ended, "acceptance"), parcels.one(ended, "delivered", 1))
    refused = await scales.send(ended, scales.measurement(700))
    assert (refused.status_code, refused.json()["code"]) == (409, "not_measurable")
    await parcels.results(parcels.one("RB123456785GB", "arrival"))
    inbound = await scales.weighed("RB123456785GB", 700)
    assert (inbound["status"], inbound["price_rials"]) == ("unchanged", 0)


async def test_size_counts_where_the_version_asks_for_it(scales: Scales) -> None:
    """The example tariff has no oversize surcharge: nothing changes, the sides are kept."""
    (barcode,) = await scales.parcels.booked()
    size = {"length_mm": 1_200, "width_mm": 100, "height_mm": 100}
    made = await scales.weighed(barcode, 450, size=size)
    assert (made["status"], made["length_mm"]) == ("unchanged", 1_200)
    heavy = await scales.weighed(barcode, 700, size=size)
    assert heavy["status"] == "repriced"
    await scales.contest(barcode, heavy)
    await scales.decide(barcode, heavy, "reversed")
    sides = await scales.parcels.api.database.hot.fetchrow(
        "SELECT length_mm, width_mm, height_mm FROM parcel_terms"
    )
    assert list(sides) == [None, None, None]
