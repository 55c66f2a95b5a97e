"""Couriers and their runs through the API, with the custody audit after everything."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.parcels.audit import audit_custody
from tests.services.parcels.conftest import Parcels
from tests.services.parcels.delivery_round import Round

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(parcels: Parcels) -> AsyncIterator[Round]:
    made = Round(parcels)
    await made.courier()
    yield made
    audit = await audit_custody(parcels.api.database)
    assert audit.clean, audit.wrong


async def test_a_run_from_plan_to_close(office: Round) -> None:
    first, second, third, fourth = stops = await office.arrived(4)
    run = await office.done("POST", "/v1/runs", {"courier": "KZ00001-01", "stops": stops[:3]})
    path = f"/v1/runs/{run['id']}"
    assert (run["status"], run["office"], run["day"]) == ("planned", "KZ00001", "2019-03-21")
    ordered = [third, first, fourth, second]
    await office.done("PUT", f"{path}/stops", {"stops": ordered})
    assert list(await office.stops(run["id"])) == ordered

    before = {"occurred_at": "2019-03-21T06:00:00Z"}
    assert await office.refused("POST", f"{path}/start", before) == "scanned_since"
    started = await office.done("POST", f"{path}/start", key="go")
    assert await office.done("POST", f"{path}/start", key="go") == started
    assert {stop["status"] for stop in started["stops"]} == {"out_for_delivery"}
    assert await office.refused("POST", f"{path}/start") == "run_not_planned"
    assert await office.refused("PUT", f"{path}/stops", {"stops": stops[:3]}) == "stops_fixed"
    await office.done("PUT", f"{path}/stops", {"stops": stops})

    assert (await office.deliver(first)).status_code == 201
    await office.parcels.results(office.parcels.one(second, "delivered", 1))
    assert (await office.attempt(third, "absent")).status_code == 201
    outcomes = dict(zip(stops, ("delivered", "delivered", "failed", "open"), strict=True))
    assert await office.stops(run["id"]) == outcomes
    assert await office.refused("POST", f"{path}/close") == "stops_open"

    back = {"stops": [third, fourth]}
    await office.done("POST", f"{path}/hand-back", back)
    again = await office.done("POST", f"{path}/hand-back", back)
    assert [stop["outcome"] for stop in again["stops"][2:]] == ["handed_back"] * 2
    closed = await office.done("POST", f"{path}/close")
    assert closed["status"] == "closed"
    assert await office.done("POST", f"{path}/close") == closed
    assert await office.refused("POST", f"{path}/cancel") == "run_not_planned"

    types = [e["type"] for e in await office.api.events() if e["type"].startswith("run.")]
    assert types == [
        *("run.planned", "run.changed", "run.started", "run.changed", "run.changed", "run.closed")
    ]
    await office.out([third])  # what was handed back goes out again
    assert await office.stops(run["id"]) == dict(
        zip(stops, ("delivered", "delivered", "handed_back", "handed_back"), strict=True)
    )


async def test_what_cannot_go_out(office: Round) -> None:
    mine, other, done = await office.arrived(3)
    (booked,) = await office.parcels.booked()
    await office.deliver(done)

    async def plan(*stops: str, courier: str = "KZ00001-01") -> str:
        return await office.refused("POST", "/v1/runs", {"courier": courier, "stops": stops})

    assert await plan(done) == await plan(booked) == "not_deliverable"
    assert await plan(mine, mine) == await plan("610000000000000000000012") == "invalid"
    assert await plan(mine, courier="KZ00009-09") == "courier_not_found"
    await office.out([mine])
    assert await plan(mine) == "stop_taken"
    second = await office.done("POST", "/v1/runs", {"courier": "KZ00001-01", "stops": [other]})
    start = f"/v1/runs/{second['id']}/start"
    assert await office.refused("POST", start) == "courier_is_out"
    await office.done("PATCH", "/v1/couriers/KZ00001-01", {"active": False})
    assert await office.refused("POST", start) == "courier_not_active"
    assert await plan(other) == "stop_taken"
    assert (await office.done("POST", f"/v1/runs/{second['id']}/cancel"))["status"] == "cancelled"
    assert await plan(other) == "courier_not_active"
    listed = await office.done("GET", "/v1/runs?office=KZ00001&open=true")
    assert [run["status"] for run in listed["items"]] == ["out"]
    assert await office.refused("GET", "/v1/runs/00000000-0000-7000-8000-00000000000f") == (
        "run_not_found"
    )


async def test_two_runs_at_once_share_no_parcel(office: Round) -> None:
    stops = await office.arrived(6)
    for n in range(2, 6):
        await office.courier(f"KZ00001-0{n}")
    answers = await asyncio.gather(
        *(
            office.send(
                "POST",
                "/v1/runs",
                {"courier": f"KZ00001-0{n}", "stops": stops if n % 2 else stops[::-1]},
            )
            for n in range(1, 6)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    run = next(answer.json() for answer in answers if answer.status_code == 201)
    started = await asyncio.gather(
        *(office.send("POST", f"/v1/runs/{run['id']}/start") for _ in range(4))
    )
    assert sorted(answer.status_code for answer in started) == [200, 409, 409, 409]
    changed = await office.api.events("parcel.status_changed")
    out = [i for e in changed for i in e["data"]["items"] if i["event"] == "out_for_delivery"]
    assert len(out) == len(stops)


async def test_who_a_courier_is_can_be_forgotten(office: Round) -> None:
    run = await office.out(await office.arrived(1))
    person = {"name": "رضا", "phone": "09121112233"}
    again = {"code": "KZ00001-01", "office": "KZ00001", **person}
    assert await office.refused("POST", "/v1/couriers", again) == "courier_code_in_use"
    assert await office.refused("GET", "/v1/couriers/%00") == "invalid"
    known = await office.done("GET", "/v1/couriers/KZ00001-01")
    assert known["name"] == "رضا کریمی"
    as_shop = office.api.headers("delivery:write")
    seen = await office.parcels.client.get("/v1/couriers/KZ00001-01", headers=as_shop)
    assert (seen.json()["name"], seen.json()["phone"]) == (None, None)
    gone = await office.done("POST", "/v1/couriers/KZ00001-01/erase")
    assert (gone["name"], gone["active"]) == (None, False)
    assert await office.done("POST", "/v1/couriers/KZ00001-01/erase") == gone
    assert (await office.done("GET", f"/v1/runs/{run}"))["courier"] == "KZ00001-01"
    told = await office.api.events("courier.registered", "courier.changed", "courier.erased")
    assert [e["type"] for e in told] == ["courier.registered", "courier.erased"]
    assert "رضا" not in str(told)
    listed = await office.done("GET", "/v1/couriers?office=KZ00001&limit=1")
    assert [c["code"] for c in listed["items"]] == ["KZ00001-01"]


async def test_the_sheet_tells_a_courier_what_to_know_and_no_more(office: Round) -> None:
    paying = await office.arrived(1, cod_rials=70_000, payer="recipient")
    asking = await office.arrived(1, delivery={"addressee_only": True, "national_card": True})
    run = await office.out([*paying, *asking])
    path = f"/v1/runs/{run}/sheet"
    sheet = await office.done("GET", path)
    first, second = sheet["stops"]
    assert (sheet["status"], sheet["courier"], first["position"]) == ("out", "KZ00001-01", 1)
    price = (await office.parcels.get(paying[0]))["price_rials"]
    assert first["barcode"] == paying[0]
    assert (first["cod_rials"], first["postage_rials"]) == (70_000, price)
    assert first["recipient"]["name"] == "مریم احمدی"
    assert first["recipient"]["phone"] == "+989123456789"
    asked = ("addressee_only", "national_card", "postage_rials")
    assert [second[name] for name in asked] == [True, True, 0]

    assert (await office.deliver(paying[0])).status_code == 201
    settled = (await office.done("GET", path))["stops"][0]
    assert (settled["outcome"], settled["recipient"]) == ("delivered", None)
    machine = office.api.headers("delivery:write", kind="integrator")
    shown = (await office.parcels.client.get(path, headers=machine)).json()
    assert [stop["recipient"] for stop in shown["stops"]] == [None, None]
    elsewhere = office.api.headers("delivery:write", kind="staff", office="KZ00002")
    assert (await office.parcels.client.get(path, headers=elsewhere)).status_code == 403
