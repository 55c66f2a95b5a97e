"""A partner's and an office's figures, for the gateway."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.auth import service_caller
from tests.services.parcels.cash import Cash
from tests.services.parcels.conftest import OTHER_SHOP, SHOP, Parcels

pytestmark = pytest.mark.anyio


async def ask(parcels: Parcels, path: str) -> httpx.Response:
    minter = parcels.api.app.state.runtime.minter
    token = minter.token(service_caller("parcels"))
    return await parcels.client.get(path, headers={"Authorization": f"Bearer {token}"})


async def figures(parcels: Parcels, partner: str = SHOP, period: str = "1398-01") -> dict[str, Any]:
    answer = await ask(parcels, f"/internal/partners/{partner}/figures?period={period}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_partners_bookings_promises_and_cash(parcels: Parcels) -> None:
    barcodes = await parcels.booked(4, cod_rials=2_000_000)
    await parcels.book(sub=OTHER_SHOP)
    headers = parcels.shop()
    cancelled = await parcels.client.post(f"/v1/parcels/{barcodes[3]}/cancel", headers=headers)
    assert cancelled.status_code == 200, cancelled.text
    scans = [parcels.one(code, "acceptance") for code in barcodes[:3]]
    assert await parcels.results(*scans) == ["recorded"] * 3
    parcels.api.clock.at += timedelta(hours=5)
    await parcels.results(parcels.one(barcodes[0], "delivered"))
    parcels.api.clock.at += timedelta(days=40)
    await parcels.results(parcels.one(barcodes[1], "delivered"))
    await Cash(parcels).follow()
    found = await figures(parcels)
    statuses = {row["status"]: row["count"] for row in found["by_status"]}
    assert statuses == {"accepted": 1, "delivered": 2, "cancelled": 1}
    assert (found["booked"], found["by_product"]) == (4, [{"product": "pishtaz", "count": 4}])
    assert (found["judged"], found["within_promise"], found["overdue"]) == (2, 1, 1)
    assert found["within_promise_percent"] == 50.0
    assert found["cash"] == {"with_us_rials": 4_000_000, "due_rials": 0, "ordered_rials": 0}
    elsewhen = await figures(parcels, period="1397")
    assert (elsewhen["booked"], elsewhen["within_promise_percent"]) == (0, None)
    assert (await figures(parcels, OTHER_SHOP))["booked"] == 1
    at_office = (await ask(parcels, "/internal/offices/KZ00001/figures")).json()
    assert at_office == {
        "office": "KZ00001",
        "waiting_at_counter": 0,
        "waiting_too_long": 0,
        "drawer_rials": 4_000_000,
    }


async def test_for_sisters_only_and_of_what_there_is(parcels: Parcels) -> None:
    path = f"/internal/partners/{SHOP}/figures?period=1398"
    assert (await parcels.client.get(path)).status_code == 401
    assert (await parcels.client.get(path, headers=parcels.shop())).status_code == 403
    assert (await ask(parcels, path.replace("1398", "1398-13"))).status_code == 422
    assert (await ask(parcels, "/internal/offices/KZ09999/figures")).status_code == 404
