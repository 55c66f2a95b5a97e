"""Whose cash it is where a courier's run and the counter come before the recipient."""

from datetime import timedelta

import pytest

from tests.services.parcels.cash import Cash
from tests.services.parcels.conftest import SHOP, Parcels
from tests.services.parcels.delivery_round import Round

pytestmark = pytest.mark.anyio


async def test_what_a_courier_handed_back_is_taken_at_the_counter(parcels: Parcels) -> None:
    cash, desk = Cash(parcels), Round(parcels)
    courier = await desk.courier()
    at_door, at_counter = await desk.arrived(2, cod_rials=7_000)
    run = await desk.out([at_door, at_counter], courier)
    parcels.api.clock.at += timedelta(hours=1)
    assert (await desk.deliver(at_door)).is_success
    assert (await desk.attempt(at_counter, "absent")).is_success
    await desk.done("POST", f"/v1/runs/{run}/hand-back", {"stops": [at_counter]})
    parcels.api.clock.at += timedelta(hours=1)
    assert (await desk.deliver(at_counter)).is_success
    await cash.follow()
    taken = (await cash.get(f"/v1/cod/takings?partner={SHOP}"))["items"]
    assert {item["barcode"]: item["collector"] for item in taken} == {
        at_door: courier,
        at_counter: None,
    }
    proof = await desk.own(f"/v1/parcels/{at_counter}/proof")
    assert proof["courier"] is None
    assert (await cash.audited()).takings == 2
