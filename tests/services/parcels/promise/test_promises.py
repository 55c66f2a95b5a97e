"""Promises through the API and the worker's steps: booked, accepted, paused, broken, explained."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.parcels.breaches import foresight, keeping
from shared.identifiers import barcode_of
from tests.services.parcels.conftest import OTHER_SHOP
from tests.services.parcels.promise.conftest import SATURDAY, WEEK, Promises, local, tehran

pytestmark = pytest.mark.anyio

SUNDAY, MONDAY, TUESDAY = "2019-05-12", "2019-05-13", "2019-05-14"
CHANGED, BREACHED = "parcel.promise_changed", "promise.breached"
AT_RISK = "promise.at_risk"
WITHDRAWN = "promise.breach_withdrawn"
UNSEEN = "not noted as it is under way"


async def test_a_booking_is_promised_and_the_acceptance_counts(promises: Promises) -> None:
    booked = (await promises.parcels.book()).json()
    assert local(booked["promised_at"]) == f"{SUNDAY} 16:00"  # the example: 1 day, until 11:00
    batch = (await promises.parcels.batch([promises.parcels.order()] * 2)).json()
    assert {local(r["parcel"]["promised_at"]) for r in batch["results"]} == {f"{SUNDAY} 16:00"}
    in_time, late = booked["barcode"], batch["results"][0]["parcel"]["barcode"]
    unaccepted = batch["results"][1]["parcel"]["barcode"]
    tracked = (await promises.client.get(f"/v1/tracking/{late}")).json()
    assert local(tracked["promised_at"]) == f"{SUNDAY} 16:00"
    promises.at(f"{SATURDAY} 12:00")
    await promises.scan(in_time, "acceptance", f"{SATURDAY} 10:59")
    await promises.scan(late, "acceptance", f"{SATURDAY} 11:01")
    await promises.consume()
    found = [await promises.promised(b) for b in (in_time, late, unaccepted)]
    assert found == [f"{SUNDAY} 16:00", f"{MONDAY} 16:00", f"{SUNDAY} 16:00"]
    assert await promises.told(CHANGED) == [(late, f"{MONDAY} 16:00")]
    assert (await promises.parcels.get(late))["version"] == 3
    await promises.again()  # the page delivered once more changes and tells nothing
    assert await promises.told(CHANGED) == [(late, f"{MONDAY} 16:00")]
    assert await promises.due_rows() == 2
    # a late scan of an earlier acceptance moves it back
    await promises.scan(late, "acceptance", f"{SATURDAY} 10:00")
    await promises.consume()
    assert await promises.promised(late) == f"{SUNDAY} 16:00"


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


async def test_a_breach_is_found_when_it_happens_and_told_once(
    promises: Promises, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "ITEMS", 2)  # several steps and events
    late = [await promises.book() for _ in range(3)]
    kept, quick = await promises.book(), await promises.book()
    for barcode in (*late, kept, quick):
        await promises.scan(barcode, "acceptance")
    promises.at(f"{SUNDAY} 15:00")
    await promises.scan(kept, "delivered")
    await promises.consume()
    await promises.tick()
    assert await promises.told(BREACHED) == []
    promises.at(f"{SUNDAY} 16:00")
    await promises.tick()
    assert await promises.told(BREACHED) == []  # that very moment is in time
    await promises.scan(quick, "delivered", f"{SUNDAY} 15:59")  # not consumed yet
    promises.at(f"{SUNDAY} 16:01")
    await promises.tick()
    expected = sorted((barcode, f"{SUNDAY} 16:00") for barcode in late)
    assert sorted(await promises.told(BREACHED)) == expected
    await promises.tick()
    await promises.scan(late[0], "delivered")
    await promises.consume()
    await promises.again()
    await promises.tick()
    assert sorted(await promises.told(BREACHED)) == expected
    assert await promises.told(WITHDRAWN) == []
    assert await promises.due_rows() == 2
    path = "/v1/promise-breaches?limit=2"
    mine = promises.parcels.shop()
    first = (await promises.client.get(path, headers=mine)).json()
    rest = await promises.client.get(f"{path}&cursor={first['next']}", headers=mine)
    listed = [*first["items"], *rest.json()["items"]]
    assert [item["barcode"] for item in listed] == late
    assert listed[0]["status"] == "delivered"
    other = await promises.client.get(path, headers=promises.parcels.shop(OTHER_SHOP))
    assert other.json()["items"] == []
    staff = await promises.client.get(path, headers=promises.staff)
    assert len(staff.json()["items"]) == 2


async def test_what_will_be_late_as_things_stand_is_told_before(
    promises: Promises, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foresight, "ITEMS", 2)
    late, early, unknown, far, told = [await promises.book() for _ in range(5)]
    for barcode in (late, early, unknown, told):
        await promises.scan(barcode, "acceptance")
    far = await promises.book(product="matbu")
    await promises.scan(far, "acceptance")
    await promises.consume()
    ahead = foresight.Foresight()
    expected = {late: "16:01", early: "16:00", far: "23:59", told: "17:00"}

    async def forecast(_: Any, items: Collection[int], now: datetime) -> dict[int, datetime]:
        assert now == promises.api.clock.at
        by_item = {barcode_of(item): item for item in items}
        return {
            by_item[barcode]: tehran(f"{SUNDAY} {time}")
            for barcode, time in expected.items()
            if barcode in by_item
        }

    for _ in range(3):
        await ahead.look_ahead(promises.api.database, promises.api.clock, forecast)
    assert sorted(await promises.told(AT_RISK)) == sorted(
        (barcode, f"{SUNDAY} 16:00") for barcode in (late, told)
    )
    # another promise is another risk
    await promises.holiday(SUNDAY)
    await promises.tick()
    expected |= {late: "16:00", told: "16:00"}
    await ahead.look_ahead(promises.api.database, promises.api.clock, forecast)
    assert len(await promises.told(AT_RISK)) == 2
    monkeypatch.setattr(foresight, "AHEAD", timedelta(days=30))
    expected_far = tehran("2019-06-20 12:00")

    async def much_later(_: Any, items: Collection[int], __: datetime) -> dict[int, datetime]:
        return dict.fromkeys(items, expected_far)

    await ahead.look_ahead(promises.api.database, promises.api.clock, much_later)
    assert len(await promises.told(AT_RISK)) == 2 + 5


async def test_what_is_known_later_withdraws_a_breach(promises: Promises) -> None:
    """An item delivered in time by a late scan; and late by one that no timer saw."""
    offline, slow = await promises.book(), await promises.book()
    for barcode in (offline, slow):
        await promises.scan(barcode, "acceptance")
    await promises.consume()
    promises.at(f"{SUNDAY} 18:00")
    await promises.tick()
    assert len(await promises.told(BREACHED)) == 2
    audited = await promises.audited()
    assert (audited.clean, audited.under_way, audited.breaches) == (True, 2, 2)
    await promises.scan(offline, "delivered", f"{SUNDAY} 14:00")
    await promises.scan(slow, "delivered", f"{SUNDAY} 17:00")
    audited = await promises.audited()  # the consumer has not seen them
    assert sorted(row["what"] for row in audited.wrong) == ["no breach", *[UNSEEN] * 2]
    await promises.consume()
    assert (await promises.audited()).clean
    assert await promises.told(WITHDRAWN) == [(offline, f"{SUNDAY} 16:00")]
    listed = await promises.client.get("/v1/promise-breaches", headers=promises.parcels.shop())
    withdrawn = {item["barcode"]: item["withdrawn_at"] for item in listed.json()["items"]}
    assert withdrawn[slow] is None
    assert local(withdrawn[offline]) == f"{SUNDAY} 18:00"
    # accepted and delivered too late before anything was consumed
    unseen = await promises.book()
    await promises.scan(unseen, "acceptance", f"{SUNDAY} 18:00")
    promises.at(f"{TUESDAY} 16:30")
    await promises.scan(unseen, "delivered")
    await promises.consume()
    assert (await promises.told(BREACHED))[2:] == [(unseen, f"{TUESDAY} 16:00")]
    assert await promises.due_rows() == 0


async def test_a_lawful_hold_stops_the_clock(promises: Promises) -> None:
    held, unlawful = await promises.book(), await promises.book()
    for barcode in (held, unlawful):
        await promises.scan(barcode, "acceptance")
    await promises.consume()
    promises.at(f"{SUNDAY} 12:00")
    await promises.scan(held, "held", reason="customs")
    await promises.scan(unlawful, "held", reason="damaged")
    await promises.consume()
    promises.at(f"{MONDAY} 10:00")
    await promises.tick()
    assert await promises.told(BREACHED) == [(unlawful, f"{SUNDAY} 16:00")]
    assert (await promises.explain(held)).json()["state"] == "paused"
    await promises.scan(held, "arrival", office="KZ00002")
    await promises.consume()
    # six hours of opening time did not count: four on Sunday, two on Monday
    assert await promises.promised(held) == f"{MONDAY} 14:00"
    assert await promises.told(CHANGED) == [(held, f"{MONDAY} 14:00")]
    # a late scan shows that the pause was shorter; the item moved without a new status
    await promises.scan(held, "departure", f"{MONDAY} 09:00")
    await promises.consume()
    assert await promises.promised(held) == f"{MONDAY} 13:00"
    promises.at(f"{MONDAY} 13:30")
    await promises.tick()
    assert (await promises.told(BREACHED))[1:] == [(held, f"{MONDAY} 13:00")]
    # and another that it was held until noon: not late yet
    await promises.scan(held, "held", f"{MONDAY} 09:30", reason="customs")
    await promises.consume()
    assert await promises.told(WITHDRAWN) == [(held, f"{MONDAY} 13:00")]
    assert await promises.promised(held) == f"{MONDAY} 13:30"
    explained = (await promises.explain(held)).json()
    pauses = [step for step in explained["steps"] if step["code"] == "pause"]
    assert [step["open_minutes"] for step in pauses] == [300, 30]
    await promises.scan(held, "delivered")
    await promises.consume()
    assert (await promises.explain(held)).json()["state"] == "kept"


async def test_the_turn_to_the_sender_ends_the_promise(promises: Promises) -> None:
    early, late = await promises.book(), await promises.book()
    for barcode in (early, late):
        await promises.scan(barcode, "acceptance")
    promises.at(f"{SUNDAY} 15:00")
    await promises.scan(early, "return_started")
    promises.at(f"{MONDAY} 10:00")
    await promises.scan(late, "return_started")
    await promises.consume()
    await promises.tick()
    assert await promises.told(BREACHED) == [(late, f"{SUNDAY} 16:00")]
    assert await promises.due_rows() == 0
    assert (await promises.explain(early)).json()["state"] == "over"


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


async def test_a_promise_explains_itself_to_who_may_know(promises: Promises) -> None:
    promises.at("2019-05-09 11:30")  # Thursday, after the cut-off
    barcode = await promises.book()
    body = (await promises.explain(barcode)).json()
    assert (body["terms"], body["basis"], body["state"]) == ("1395-example", "booking", "running")
    assert [step["code"] for step in body["steps"]] == [
        "terms",
        "counted_from",
        "after_cut_off",
        "closed_day",
        "posting_day",
        "usual_end",
        "promised",
    ]
    assert body["steps"][0]["fa"] == "۱ روز کاری، پذیرش تا ساعت ۱۱:۰۰"
    assert local(body["promised_at"]) == f"{SUNDAY} 16:00"
    foreign = await promises.explain(barcode, OTHER_SHOP)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "parcel_not_found")
    path = f"/v1/parcels/{barcode}/promise"
    assert (await promises.client.get(path)).status_code == 401
    assert (await promises.client.get(path, headers=promises.staff)).json() == body
    assert (await promises.explain("nonsense")).status_code == 404
    pauses = await promises.client.get("/v1/promise-pauses", headers=promises.parcels.shop())
    assert pauses.status_code == 403
