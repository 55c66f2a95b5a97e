"""A shop asks to be visited; an office sends a courier; nobody else sees the address."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.services.parcels.conftest import OTHER_SHOP, Parcels

pytestmark = pytest.mark.anyio
OFFICE = "KZ00001"


def wish(parcels: Parcels, **changes: Any) -> dict[str, Any]:
    now = parcels.api.clock.now()
    return {
        "office": OFFICE,
        "place": parcels.order()["sender"],
        "window_from": (now + timedelta(hours=2)).isoformat(),
        "window_until": (now + timedelta(hours=5)).isoformat(),
        "pieces": 4,
        "weight_g": 2_000,
        **changes,
    }


def post_headers(parcels: Parcels) -> dict[str, str]:
    return parcels.api.headers("delivery:write", sub=OTHER_SHOP, kind="staff")


async def do(parcels: Parcels, pickup: str, what: str, body: dict[str, Any]) -> httpx.Response:
    headers = post_headers(parcels) | {"Idempotency-Key": str(uuid.uuid4())}
    return await parcels.client.post(f"/v1/pickups/{pickup}/{what}", json=body, headers=headers)


async def ask(parcels: Parcels, **changes: Any) -> httpx.Response:
    body = wish(parcels, **changes)
    return await parcels.client.post("/v1/pickups", json=body, headers=parcels.shop())


async def test_asked_assigned_collected(parcels: Parcels) -> None:
    courier = {"code": "C-1", "office": OFFICE, "name": "حسین", "phone": "09121112233"}
    made = await parcels.client.post("/v1/couriers", json=courier, headers=post_headers(parcels))
    assert made.status_code == 201, made.text
    await parcels.booked(4)
    manifest = await parcels.client.post(
        "/v1/manifests", json={"office": OFFICE}, headers=parcels.shop()
    )
    answer = await ask(parcels, manifest=manifest.json()["code"])
    assert answer.status_code == 201, answer.text
    pickup = answer.json()
    assert pickup["status"] == "requested"
    early = await do(parcels, pickup["id"], "collect", {"pieces": 4})
    assert (early.status_code, early.json()["code"]) == (409, "nobody_assigned")
    assert (await do(parcels, pickup["id"], "assign", {"courier": "C-9"})).status_code == 404
    assigned = await do(parcels, pickup["id"], "assign", {"courier": "C-1"})
    assert (assigned.json()["status"], assigned.json()["courier"]) == ("assigned", "C-1")
    listed = await parcels.client.get(
        f"/v1/pickups/of-office?office={OFFICE}&status=assigned", headers=post_headers(parcels)
    )
    assert [one["place"]["address"] for one in listed.json()["items"]] == ["اهواز، خیابان نادری"]
    rows = await asyncio.gather(
        *(do(parcels, pickup["id"], "collect", {"pieces": 4}) for _ in range(4)),
        *(do(parcels, pickup["id"], "miss", {"reason": "بسته بود"}) for _ in range(4)),
    )
    states = {row.json()["status"] for row in rows if row.status_code == 200}
    assert len(states) == 1
    assert sum(row.status_code == 200 for row in rows) == 4
    types = {f"pickup.{what}" for what in ("requested", "assigned", "collected", "missed")}
    told = await parcels.api.events(*types)
    assert len(told) == 3
    assert "نادری" not in str(told)


async def test_what_is_refused(parcels: Parcels) -> None:
    now = parcels.api.clock.now()
    hours = [(now + timedelta(hours=n)).isoformat() for n in (-3, -1, 2, 2.5, 400, 402)]
    for window_from, window_until in zip(hours[::2], hours[1::2], strict=True):
        answer = await ask(parcels, window_from=window_from, window_until=window_until)
        assert answer.status_code == 422, answer.text
    assert (await ask(parcels, office="KZ99999")).json()["errors"][0]["field"] == "body.office"
    assert (await ask(parcels, manifest="MF1")).json()["errors"][0]["field"] == "body.manifest"
    pickup = (await ask(parcels)).json()["id"]
    url = f"/v1/pickups/{pickup}"
    assert (await parcels.client.get(url, headers=parcels.shop(OTHER_SHOP))).status_code == 404
    for _ in range(2):
        gone = await parcels.client.post(f"{url}/cancel", headers=parcels.shop())
        assert gone.json()["status"] == "cancelled"
    late = await do(parcels, pickup, "miss", {"reason": "دیر"})
    assert (late.status_code, late.json()["code"]) == (409, "pickup_over")
    mine = await parcels.client.get("/v1/pickups?status=cancelled", headers=parcels.shop())
    assert [one["id"] for one in mine.json()["items"]] == [pickup]
    elsewhere = parcels.api.headers("delivery:write", sub=OTHER_SHOP, kind="staff")
    none = await parcels.client.get("/v1/pickups/of-office?office=KZ00002", headers=elsewhere)
    assert none.json()["items"] == []
