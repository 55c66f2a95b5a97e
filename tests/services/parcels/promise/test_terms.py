"""What promises depend on, through the API: terms, calendars, force majeure; and bad input."""

import json
from typing import Any

import pytest

from services.parcels.breaches import keeping
from shared.pagination import encode_cursor
from tests.services.parcels.promise.conftest import SATURDAY, WEEK, Promises, local

pytestmark = pytest.mark.anyio

SUNDAY, MONDAY, TUESDAY = "2019-05-12", "2019-05-13", "2019-05-14"
CHANGED, BREACHED = "parcel.promise_changed", "promise.breached"
WITHDRAWN = "promise.breach_withdrawn"


async def test_what_has_no_target_is_not_promised(promises: Promises) -> None:
    """Under terms of one's own: only special mail, three hours of the office's."""
    target = {
        "product": "vijeh",
        "distance_class": "urban",
        "target_hours": 3,
        "clock": "office_hours",
    }
    days = {**target, "product": "pishtaz", "clock": "working_days", "target_hours": 25}
    body: dict[str, Any] = {
        "code": "1398-own",
        "valid_from": SUNDAY,
        "source": "آزمون",
        "targets": [target],
    }
    for bad in ([target, target], [days], [{**target, "cutoff": "25:00"}], []):
        refused = await promises.send("/v1/promise-terms", body | {"targets": bad})
        assert refused.status_code == 422
    today = await promises.send("/v1/promise-terms", body | {"valid_from": SATURDAY})
    assert (today.status_code, today.json()["code"]) == (409, "begins_too_early")
    made = await promises.send("/v1/promise-terms", body)
    assert made.status_code == 201, made.text
    again = await promises.send("/v1/promise-terms", body)
    assert (again.status_code, again.json()["code"]) == (409, "promise_terms_code_in_use")
    read = await promises.client.get(made.headers["location"])
    assert read.json() == made.json()
    assert read.json()["targets"] == [{**target, "cutoff": None}]
    first = (await promises.client.get("/v1/promise-terms?limit=1")).json()
    rest = (await promises.client.get(f"/v1/promise-terms?cursor={first['next']}")).json()
    codes = [item["code"] for item in (*first["items"], *rest["items"])]
    assert codes == ["1398-own", "1395-example"]
    assert (await promises.client.get("/v1/promise-terms/none")).status_code == 404
    (event,) = await promises.api.events("promise_terms.published")
    assert event["data"]["promise_terms"]["targets"] == read.json()["targets"]
    # an operator may set terms of the past; every process knows them soon
    past = {**body, "code": "1397-own", "valid_from": SATURDAY}
    assert (await promises.send("/v1/promise-terms", past, "backfill")).status_code == 201
    promises.parcels.api.app.state.runtime.caches.clear()
    town = promises.parcels.order()["recipient"] | {"town": "دزفول"}
    own = await promises.book(product="vijeh", origin_office="KZ00001", recipient=town)
    plain = await promises.book()
    assert await promises.promised(own) == f"{SATURDAY} 12:00"
    assert await promises.promised(plain) is None
    refused = await promises.explain(plain)
    assert (refused.status_code, refused.json()["code"]) == (404, "nothing_promised")
    await promises.scan(plain, "acceptance")
    await promises.consume()
    assert await promises.due_rows() == 0


async def test_a_change_of_the_calendar_goes_through_what_is_under_way(
    promises: Promises, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "ITEMS", 2)
    here = [await promises.book() for _ in range(3)]
    there = await promises.book(origin_office="KZ00002")
    for barcode in (*here, there):
        await promises.scan(barcode, "acceptance")
    await promises.consume()
    await promises.holiday(SUNDAY)
    await promises.tick()
    assert {await promises.promised(b) for b in (*here, there)} == {f"{MONDAY} 16:00"}
    assert len(await promises.told(CHANGED)) == 4
    fresh = promises.parcels.api.app.state.runtime.caches
    fresh.clear()
    assert await promises.promised(await promises.book()) == f"{MONDAY} 16:00"
    closed = {"office": "KZ00001", "day": MONDAY, "intervals": [], "reason": "تعمیر"}
    await promises.follow({"type": "office_exception.set", "data": {"exception": closed}})
    await promises.tick()
    assert {await promises.promised(b) for b in here} == {f"{TUESDAY} 16:00"}
    assert await promises.promised(there) == f"{MONDAY} 16:00"
    steps = (await promises.explain(here[0])).json()["steps"]
    assert [(s["code"], s["day"]) for s in steps if s["day"]] == [
        ("posting_day", SATURDAY),
        ("closed_day", SUNDAY),
        ("closed_day", MONDAY),
    ]
    await promises.holiday(SUNDAY, holiday=False, kind="cleared")
    await promises.follow({"type": "office_exception.cleared", "data": {"exception": closed}})
    await promises.week(2, WEEK | {"sun": ["08:00-20:00"]}, version=2)
    await promises.week(2, WEEK, version=1)  # older: told late
    await promises.tick()
    assert {await promises.promised(b) for b in here} == {f"{SUNDAY} 16:00"}
    assert await promises.promised(there) == f"{SUNDAY} 20:00"
    left = await promises.api.database.hot.fetchval("SELECT count(*) FROM promise_sweep")
    assert left == 0


async def test_force_majeure_is_declared_for_an_area_and_a_time(promises: Promises) -> None:
    """Dezful is where they go; one comes from there, one has nothing to do with it."""
    ahvaz = {**promises.parcels.order()["recipient"], "town": "اهواز"}
    to_dezful = await promises.book()
    apart = await promises.book(origin_office="KZ00003", recipient=ahvaz)
    for barcode in (to_dezful, apart):
        await promises.scan(barcode, "acceptance")
    await promises.consume()
    flood = {
        "province": "khuzestan",
        "town": "دزفول",
        "starts_at": f"{SUNDAY}T09:00:00+04:30",
        "reason": "سیل",
    }
    assert (await promises.send("/v1/promise-pauses", flood | {"province": "x"})).status_code == 422
    backwards = flood | {"ends_at": f"{SATURDAY}T09:00:00+04:30"}
    assert (await promises.send("/v1/promise-pauses", backwards)).status_code == 422
    made = await promises.send("/v1/promise-pauses", flood)
    assert made.status_code == 201, made.text
    promises.at(f"{SUNDAY} 17:00")
    await promises.tick()
    assert await promises.told(BREACHED) == [(apart, f"{SUNDAY} 16:00")]
    assert (await promises.explain(to_dezful)).json()["state"] == "paused"
    end = made.headers["location"] + "/end"
    assert (await promises.send(end, {"ends_at": "2019-05-12T08:59:00+04:30"})).status_code == 422
    ended = await promises.send(end, {"ends_at": f"{SUNDAY}T11:00:00+04:30"})
    assert local(ended.json()["ends_at"]) == f"{SUNDAY} 11:00"
    assert (await promises.send(end, {"ends_at": f"{SUNDAY}T11:00:00+04:30"})).status_code == 200
    again = await promises.send(end, {"ends_at": f"{SUNDAY}T12:00:00+04:30"})
    assert (again.status_code, again.json()["code"]) == (409, "promise_pause_ended")
    await promises.tick()
    assert await promises.promised(to_dezful) == f"{MONDAY} 10:00"
    listed = await promises.client.get("/v1/promise-pauses", headers=promises.staff)
    assert listed.json()["items"] == [ended.json()]
    read = await promises.client.get(made.headers["location"], headers=promises.staff)
    assert read.json() == ended.json()
    nowhere = "/v1/promise-pauses/00000000-0000-7000-8000-000000000000"
    assert (await promises.client.get(nowhere, headers=promises.staff)).status_code == 404
    told = await promises.api.events("promise_pause.declared", "promise_pause.ended")
    assert [event["type"].split(".")[1] for event in told] == ["declared", "ended"]


async def test_force_majeure_declared_too_late_withdraws_what_it_excuses(
    promises: Promises,
) -> None:
    to_dezful = await promises.book()
    await promises.scan(to_dezful, "acceptance")
    promises.at(f"{MONDAY} 12:00")
    await promises.scan(to_dezful, "delivered")
    await promises.consume()
    assert await promises.told(BREACHED) == [(to_dezful, f"{SUNDAY} 16:00")]
    storm = {
        "province": "khuzestan",
        "starts_at": f"{SUNDAY}T08:00:00+04:30",
        "ends_at": f"{SUNDAY}T12:00:00+04:30",
        "reason": "توفان",
    }
    assert (await promises.send("/v1/promise-pauses", storm)).status_code == 201
    await promises.tick()
    assert await promises.promised(to_dezful) == f"{MONDAY} 12:00"
    assert await promises.told(WITHDRAWN) == [(to_dezful, f"{SUNDAY} 16:00")]


async def test_what_nobody_should_send_is_refused_in_good_order(promises: Promises) -> None:
    target: dict[str, Any] = {
        "product": "adi",
        "distance_class": "urban",
        "target_hours": 24,
        "clock": "working_days",
        "cutoff": "۱۱:۳۰",
    }
    terms: dict[str, Any] = {
        "code": "fa",
        "valid_from": "۲۰۲۰-۰۱-۰۱",
        "source": "آزمون",
        "targets": [target],
    }
    made = await promises.send("/v1/promise-terms", terms)
    assert (made.status_code, made.json()["targets"][0]["cutoff"]) == (201, "11:30")
    for bad in (
        {"targets": [target | {"target_hours": 10**30}]},
        {"targets": [target | {"cutoff": "11:30\x00"}]},
        {"valid_from": "9999-12-31"},
        {"valid_from": 1},
        {"code": "\x00"},
        {"source": "\ud83d" * 3},
        {"extra": 1},
    ):
        body = json.dumps(terms | bad).encode()
        headers = promises.staff | {"Content-Type": "application/json"}
        refused = await promises.client.post("/v1/promise-terms", content=body, headers=headers)
        assert refused.status_code == 422, bad
    pause = {"province": "khuzestan", "starts_at": f"{SUNDAY}T09:00:00Z", "reason": "سیل"}
    for bad in (
        {"starts_at": "0001-01-01T00:00:00Z"},
        {"starts_at": "2200-12-31T23:59:59-12:00"},
        {"starts_at": f"{SUNDAY}T09:00:00"},
        {"town": "\x00"},
        {"ends_at": "1900-01-01T00:00:00Z"},
    ):
        assert (await promises.send("/v1/promise-pauses", pause | bad)).status_code == 422, bad
    for path in ("/v1/promise-terms", "/v1/promise-pauses", "/v1/promise-breaches"):
        for key in (["x"], [1, 2, 3], ["9999-99-99", 1], [10**30], [-1, "2019-01-01T00:00:00Z"]):
            made_up = f"{path}?cursor={encode_cursor(key)}"
            answer = await promises.client.get(made_up, headers=promises.staff)
            assert answer.status_code == 422, (path, key)
    once = {"Idempotency-Key": "one"}
    twice = [
        await promises.client.post("/v1/promise-pauses", json=pause, headers=promises.staff | once)
        for _ in range(2)
    ]
    assert twice[0].content == twice[1].content
    assert len(await promises.api.events("promise_pause.declared")) == 1
