"""Holding and return, through the API, the consumer and the timer."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.parcels.audit import audit_custody
from shared.clock import set_world
from tests.services.parcels.conftest import OTHER_SHOP, Parcels
from tests.services.parcels.delivery_round import OFFICE, Round

pytestmark = pytest.mark.anyio

RULE: dict[str, Any] = {
    "valid_from": "2019-03-22",
    "notices": 1,
    "hold_days": 2,
    "return_days": 3,
    "return_basis_points": 5_000,
    "source": "example of a test",
}


@pytest.fixture
async def office(parcels: Parcels) -> AsyncIterator[Round]:
    made = Round(parcels)
    await made.courier()
    yield made
    audit = await audit_custody(parcels.api.database)
    assert audit.clean, audit.wrong


async def told(office: Round, kind: str) -> list[dict[str, Any]]:
    return [item for event in await office.api.events(kind) for item in event["data"]["items"]]


async def test_it_waits_and_then_goes_back_with_price_and_promise(office: Round) -> None:
    first, second, third = stops = await office.arrived(3)
    parcels = office.parcels
    await parcels.results(*(parcels.one(barcode, "held_at_counter", 1) for barcode in stops))
    await office.follow()
    held = await office.done("GET", f"/v1/holdings?office={OFFICE}&limit=2")
    assert [item["barcode"] for item in held["items"]] == stops[:2]
    assert held["next"]
    own = await office.own(f"/v1/parcels/{first}/holding")
    assert own["until"] == "2019-03-26T19:30:00Z"  # five days after the first, in Tehran
    assert not own["over"]
    assert [item["until"] for item in await told(office, "holding.begun")] == [own["until"]] * 3

    office.api.clock.at += timedelta(days=4)
    await parcels.results(parcels.one(second, "delivered"))
    await parcels.results(parcels.one(third, "held_at_counter"))  # a second scan prolongs nothing
    await office.follow()
    await office.tick()
    assert await office.status(first) == "ready_for_pickup"

    office.api.clock.at += timedelta(days=1, hours=12)
    await asyncio.gather(*(office.tick() for _ in range(4)))
    await office.follow()
    for barcode, status in zip(stops, ("returning", "delivered", "returning"), strict=True):
        assert await office.status(barcode) == status
    ended = {item["barcode"]: item["status"] for item in await told(office, "holding.ended")}
    assert ended == {first: "returning", second: "delivered", third: "returning"}
    leg = await office.own(f"/v1/parcels/{first}/return-leg")
    booked = await parcels.get(first)
    assert leg["price_rials"] == booked["price_rials"]  # as far as the way there
    assert leg["tariff_version"] == booked["tariff_version"]
    assert (leg["destination"], leg["office"]) == ("sender", "KZ00001")
    assert leg["promised_at"] == "2019-04-03T19:30:00Z"  # seven days after the return began
    begun = await told(office, "return.begun")
    assert sorted(item["barcode"] for item in begun) == sorted([first, third])
    assert await office.refused("GET", f"/v1/holdings?office={OFFICE}&cursor=x") == "invalid"
    foreign = await parcels.client.get(
        f"/v1/parcels/{first}/return-leg", headers=parcels.shop(OTHER_SHOP)
    )
    assert foreign.json()["code"] == "parcel_not_found"
    gone = await parcels.client.get(f"/v1/parcels/{first}/holding", headers=parcels.shop())
    assert gone.json()["code"] == "not_held"


async def test_a_page_that_comes_again_or_late_changes_nothing(office: Round) -> None:
    (barcode,) = await office.arrived(1)
    parcels = office.parcels
    await parcels.results(parcels.one(barcode, "held_at_counter", 1))
    await parcels.results(parcels.one(barcode, "return_started", 2))
    await office.follow()  # it waits no longer when the consumer hears that it did
    await office.api.database.hot.execute("UPDATE feed_cursor SET position = 0")
    await office.follow()  # the same pages once more
    assert await told(office, "holding.begun") == []
    assert len(await told(office, "return.begun")) == 1
    await parcels.results(parcels.one(barcode, "returned", 3))
    await office.follow()
    assert await office.status(barcode) == "returned"


async def test_a_refusal_sends_it_back_at_once(office: Round) -> None:
    (barcode,) = stops = await office.arrived(1)
    run = await office.out(stops)
    assert (await office.attempt(barcode, "refused")).json()["action"] == "return_to_sender"
    await office.done("POST", f"/v1/runs/{run}/hand-back", {"stops": stops})
    await office.done("POST", f"/v1/runs/{run}/close")
    assert await office.status(barcode) == "returning"
    await office.follow()
    assert len(await told(office, "return.begun")) == 1


async def test_a_backfill_ends_holdings_by_its_own_time(office: Round) -> None:
    past = office.api.clock.at
    office.api.clock.at += timedelta(days=2_000)
    (barcode,) = await office.parcels.booked()
    days = -2_000 * 24 * 60
    scans = [
        office.parcels.one(barcode, event, days + n)
        for n, event in enumerate(("acceptance", "held_at_counter"))
    ]
    await office.parcels.results(*scans, more=("backfill",))
    await office.follow()
    for after, status in ((5, "ready_for_pickup"), (6, "returning")):
        async with office.api.database.transaction() as session:
            await set_world(session, "backfill", past + timedelta(days=after))
        await office.tick()
        assert await office.status(barcode) == status
    await office.follow()
    (leg,) = await told(office, "return.begun")
    assert leg["started_at"] == "2019-03-27T08:00:00Z"
    changed = await told(office, "parcel.status_changed")
    assert [(item["status"], item["backfill"]) for item in changed[-1:]] == [("returning", True)]


async def test_rules_are_dated(office: Round) -> None:
    async def rule(**changes: Any) -> str:
        return await office.refused(
            "POST", "/v1/holding-rules", RULE | changes, more=("custody:decide",)
        )

    assert await rule(valid_from="2019-03-21") == "rule_too_late"
    assert await rule(hold_days=0) == "invalid"
    (old,) = await office.arrived(1)
    tried = await office.send(
        "POST",
        f"/v1/parcels/{old}/attempts",
        {
            "event_id": "0192f0c1-7e57-7000-8000-000000000001",
            "office": OFFICE,
            "reason": "absent",
            "occurred_at": "1000-01-01T00:00:00Z",
        },
        more=("backfill",),
    )
    assert tried.status_code == 201, tried.text
    assert await office.refused("POST", "/v1/holding-rules", RULE) == "forbidden"
    await office.done("POST", "/v1/holding-rules", RULE, more=("custody:decide",))
    listed = (await office.parcels.client.get("/v1/holding-rules")).json()["items"]
    assert [r["hold_days"] for r in listed] == [5, 2]
    today, tomorrow = await office.arrived(2)
    parcels = office.parcels
    await parcels.results(parcels.one(today, "held_at_counter", 1))
    office.api.clock.at += timedelta(days=1)
    await parcels.results(parcels.one(tomorrow, "held_at_counter"))
    assert (await office.attempt(tomorrow, "absent")).json()["action"] == "hold_at_office"
    await parcels.results(parcels.one(tomorrow, "held_at_counter", 1))
    await office.follow()
    ends = [(await office.own(f"/v1/parcels/{b}/holding"))["until"] for b in (today, tomorrow)]
    assert ends == ["2019-03-26T19:30:00Z", "2019-03-24T19:30:00Z"]
