"""Routes and estimates through the API."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories.transport import clock, line
from tests.services.parcels.conftest import ABADAN, AHVAZ, DEZFUL, Parcels, centres
from tests.services.parcels.statistics.test_routes import roll_up

pytestmark = pytest.mark.anyio

AT_AHVAZ, AT_DEZFUL = "KZ00003", "KZ00001"
LINES = (
    line("AHV-DEZ-1", AHVAZ, "20:00", DEZFUL, "22:30"),
    line("ABD-AHV-1", ABADAN, "15:30", AHVAZ, "17:30"),
)
RULE = {
    "valid_from": "2019-03-21",
    "days": ["sat", "sun", "mon", "tue", "wed", "thu", "fri"],
    "collected": clock("12:00"),
    "at_centre": clock("13:00"),
    "sent_out": clock("23:45"),
    "at_office": clock("+1 01:00"),
    "round_leaves": clock("07:00"),
    "round_back": clock("11:00"),
    "sorting_minutes": 15,
    "source": "قرارداد آزمایشی",
}


@pytest.fixture
async def planned(parcels: Parcels) -> Parcels:
    await parcels.follow(*centres())
    staff = parcels.api.headers("transport:write", kind="staff")
    for one in LINES:
        answer = await parcels.client.post("/v1/lines", json=one, headers=staff)
        assert answer.status_code == 201, answer.text
    return parcels


def again(parcels: Parcels) -> None:
    """Forget what is kept in memory for some seconds."""
    parcels.api.app.state.runtime.caches.clear()


async def route(parcels: Parcels, query: str, status: int = 200) -> Any:
    answer = await parcels.client.get(f"/v1/routes?{query}")
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_route_goes_by_feeder_line_and_feeder(planned: Parcels) -> None:
    found = await route(planned, f"from={AT_AHVAZ}&to={AT_DEZFUL}")
    rides = [(leg["line"], leg["destination"], leg["departs_at"]) for leg in found["legs"]]
    assert rides == [
        (None, AHVAZ, "2019-03-21T11:30:00Z"),
        ("AHV-DEZ-1", DEZFUL, "2019-03-21T16:30:00Z"),
        (None, AT_DEZFUL, "2019-03-23T01:30:00Z"),  # not on Friday; summer time
    ]
    assert found["at"] == "2019-03-21T08:00:00Z"
    assert found["arrives_at"] == "2019-03-23T03:00:00Z"
    assert found["delivered_by"] == "2019-03-23T09:30:00Z"
    # one line's arrival is sorted for an hour before the next leaves
    across = await route(planned, f"from={ABADAN}&to={DEZFUL}&at=2019-03-21T12:00:00Z")
    assert [leg["line"] for leg in across["legs"]] == ["ABD-AHV-1", "AHV-DEZ-1"]
    missed = await route(planned, f"from={ABADAN}&to={DEZFUL}&at=2019-03-21T12:01:00Z")
    assert missed["legs"][0]["day"] == "2019-03-22"
    here = await route(planned, f"from={AHVAZ}&to={AHVAZ}")
    assert (here["legs"], here["arrives_at"]) == ([], here["at"])
    assert (await route(planned, f"from={DEZFUL}&to={ABADAN}", 404))["code"] == "no_route"
    for query in (f"from=KZ00099&to={ABADAN}", f"from={ABADAN}", "from=x&to=y"):
        await route(planned, query, 422)


async def test_feeder_rules_are_dated_and_an_office_may_have_its_own(planned: Parcels) -> None:
    staff = planned.api.headers("transport:write", kind="staff")

    async def put(**changes: Any) -> Any:
        return await planned.client.post("/v1/feeder-rules", json=RULE | changes, headers=staff)

    assert (await put(office=AT_DEZFUL)).status_code == 201
    again(planned)
    found = await route(planned, f"from={AT_AHVAZ}&to={AT_DEZFUL}")
    assert found["arrives_at"] == "2019-03-21T21:30:00Z"  # 02:00: summer time has begun
    assert found["delivered_by"] == "2019-03-22T06:30:00Z"
    assert (await put(valid_from="2019-03-20")).json()["code"] == "begins_too_early"
    for wrong in (
        {"office": "KZ00099"},
        {"at_centre": clock("12:00")},
        {"at_office": clock("23:45")},
        {"round_back": clock("07:00")},
        {"sorting_minutes": -1},
    ):
        assert (await put(**wrong)).status_code == 422
    listed = (await planned.client.get("/v1/feeder-rules?limit=1")).json()
    assert listed["items"][0]["office"] == AT_DEZFUL
    rest = (await planned.client.get(f"/v1/feeder-rules?cursor={listed['next']}")).json()["items"]
    assert [(rule["office"], rule["collected"]["time"]) for rule in rest] == [(None, "15:00")]
    own = (await planned.client.get(f"/v1/feeder-rules?office={AT_DEZFUL}")).json()["items"]
    assert [rule["source"] for rule in own] == [RULE["source"]]
    (event,) = await planned.api.events("feeder_rule.set")
    assert event["data"]["feeder_rule"]["office"] == AT_DEZFUL


async def test_an_estimate_follows_the_parcel(planned: Parcels) -> None:
    (barcode,) = await planned.booked(origin_office=AT_AHVAZ)

    async def eta() -> tuple[Any, ...]:
        answer = await planned.client.get(f"/v1/parcels/{barcode}/eta")
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert (body["barcode"], body["town"]) == (barcode, "دزفول")
        return body["status"], body["arrives_at"], body["delivered_by"], body["reason"]

    saturday = ("2019-03-23T03:00:00Z", "2019-03-23T09:30:00Z", None)
    sunday = ("2019-03-24T03:00:00Z", "2019-03-24T09:30:00Z", None)
    assert await eta() == ("booked", *saturday)
    start = planned.api.clock.now()
    for event, office, minutes, expected in (
        ("acceptance", AT_AHVAZ, 0, ("accepted", *saturday)),
        ("departure", AT_AHVAZ, 215, ("in_transit", *saturday)),
        ("arrival", AHVAZ, 460, ("in_transit", *saturday)),  # 19:10, too late for today's line
        ("departure", AHVAZ, 24 * 60 + 460, ("in_transit", *saturday)),
        ("arrival", DEZFUL, 48 * 60, ("in_transit", *sunday)),  # held up for half a day
        ("arrival", AT_DEZFUL, 72 * 60, ("in_transit", "2019-03-24T08:00:00Z", None, None)),
        ("out_for_delivery", AT_DEZFUL, 73 * 60, ("out_for_delivery", None, None, None)),
        ("delivered", AT_DEZFUL, 74 * 60, ("delivered", None, None, "ended")),
    ):
        planned.api.clock.at = start + timedelta(minutes=minutes)
        scanned = planned.one(barcode, event, office=office)
        assert await planned.results(scanned) == ["recorded"]
        found = await eta()
        assert found[0] == expected[0]
        if event in {"arrival", "out_for_delivery"} and office == AT_DEZFUL:
            assert found[2] == (
                "2019-03-24T09:30:00Z" if minutes > 72 * 60 else "2019-03-25T09:30:00Z"
            )
            continue
        assert found == expected, event
    for number in ("610000000000000042731729", "x"):
        assert (await planned.client.get(f"/v1/parcels/{number}/eta")).status_code == 404
    recipient = planned.order()["recipient"] | {"province": "tehran", "town": "تهران"}
    (far,) = await planned.booked(recipient=recipient)
    answer = (await planned.client.get(f"/v1/parcels/{far}/eta")).json()
    assert (answer["town"], answer["reason"]) == (None, "no_delivery_office")


async def test_an_estimate_tells_what_its_lane_took_of_late(planned: Parcels) -> None:
    barcodes = await planned.booked(11, origin_office=AT_AHVAZ)
    start = planned.api.clock.now()
    for event, office, hours in (("acceptance", AT_AHVAZ, 0), ("delivered", AT_DEZFUL, 40)):
        planned.api.clock.at = start + timedelta(hours=hours)
        scans = [planned.one(barcode, event, office=office) for barcode in barcodes[:10]]
        assert set(await planned.results(*scans)) == {"recorded"}
    await roll_up(planned)

    async def told() -> tuple[Any, Any]:
        body = (await planned.client.get(f"/v1/parcels/{barcodes[10]}/eta")).json()
        return body["lane_p50_h"], body["lane_p90_h"]

    assert await told() == (None, None)  # the day is not over
    planned.api.clock.at += timedelta(days=1)
    half, most = await told()
    assert 36 <= half < most <= 42  # the bucket of what took 40 hours
    planned.api.clock.at += timedelta(days=91)
    assert await told() == (None, None)
