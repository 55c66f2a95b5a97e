"""What the gate of an office lets through: bookings by its state, scans always."""

from datetime import timedelta
from typing import Any

import pytest

from services.parcels.events import OfficePayload
from tests.conftest import START
from tests.services.parcels.conftest import Parcels, office_event

pytestmark = pytest.mark.anyio

CLOSING = {
    "until": (START + timedelta(days=1)).isoformat(),
    "reason": "its contract C000001 ended on 2019-02-20; grace ended on 2019-03-22",
}


async def gate(parcels: Parcels, version: int, **fields: Any) -> None:
    await parcels.follow(office_event(1, version=version, gate=fields))


async def refusal(parcels: Parcels, **order: Any) -> str:
    answer = await parcels.book(**order)
    assert (answer.status_code, answer.json()["code"]) == (409, "office_may_not_book"), answer.text
    return str(answer.json()["detail"])


async def test_closes_when_its_time_has_come_though_nobody_tells(parcels: Parcels) -> None:
    await gate(parcels, 2, **CLOSING)
    (accepted,) = await parcels.booked(1)
    parcels.api.clock.at = START + timedelta(days=1)
    assert CLOSING["reason"] in await refusal(parcels)
    batch = await parcels.batch([parcels.order(), parcels.order(origin_office="KZ00002")])
    refused, booked = batch.json()["results"]
    assert (refused["status"], booked["status"]) == (409, 201)
    assert CLOSING["reason"] in refused["problem"]["detail"]
    scans = [parcels.one(accepted, "acceptance"), parcels.one(accepted, "departure", 5)]
    assert await parcels.results(*scans) == ["recorded", "recorded"]


async def test_judges_a_backfilled_booking_by_when_it_was_made(parcels: Parcels) -> None:
    """An office that closed since had its bookings before; one that was never open had none."""
    at: dict[str, Any] = {"more": ("backfill",), "occurred_at": "2018-05-01T08:00:00Z"}
    await gate(parcels, 2, open=False, **CLOSING | {"until": "2018-05-01T08:00:01Z"})
    assert (await parcels.book(**at)).status_code == 201
    await refusal(parcels)
    await gate(parcels, 3, open=False, until="2018-05-01T08:00:00Z")
    await refusal(parcels, **at)
    await gate(parcels, 4, open=False, reason="it has no contract")
    assert "it has no contract" in await refusal(parcels, **at)
    await gate(parcels, 5, open=True)
    assert (await parcels.book()).status_code == 201


async def test_keeps_to_the_products_and_weight_of_the_contract(parcels: Parcels) -> None:
    await gate(parcels, 2, products=["pishtaz", "adi", "of the future"], weight_max_g=450)
    assert (await parcels.book(weight_g=450)).status_code == 201
    assert "450 g at most" in await refusal(parcels, weight_g=451)
    assert "pishtaz, adi" in await refusal(parcels, product="sefareshi")
    await parcels.follow(office_event(1, status="suspended", version=3, gate={"open": False}))
    answer = await parcels.book()
    assert (answer.status_code, answer.json()["code"]) == (409, "office_not_active")


async def test_an_event_without_a_gate_is_of_an_open_office() -> None:
    event = office_event(1)["data"]["office"]
    assert OfficePayload.model_validate(event).gate.open
