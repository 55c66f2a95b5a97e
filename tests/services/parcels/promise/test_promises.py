"""Promises through the API and the worker's steps: booked, accepted, paused, broken, explained."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.parcels import worker
from services.parcels.breaches import foresight, keeping
from shared.identifiers import barcode_of
from tests.conftest import Serve
from tests.factories.offices import add_towns, create
from tests.services.parcels.conftest import OTHER_SHOP, Parcels
from tests.services.parcels.promise.conftest import SATURDAY, Promises, local, tehran

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


async def test_the_worker_follows_offices_and_parcels(serve: Serve) -> None:
    """The jobs as they are wired, over both services' feeds."""
    offices = await serve("offices")
    await add_towns(offices)
    week = {day: ["10:00-14:00"] for day in ("sat", "sun", "mon", "tue")}
    code = (await create(offices, kind="post_office", hours=week))["code"]
    served = await serve("parcels", clients={"offices": offices.client})
    made = Promises(Parcels(served))
    runtime = served.app.state.runtime
    runtime.clients["parcels"] = served.client
    found = worker.jobs(runtime)
    made.at(f"{SATURDAY} 10:30")

    async def work() -> None:
        await offices.publish()
        await served.publish()
        for runner in found.runners:
            await runner.step()

    await work()
    runtime.caches.clear()
    barcode = await made.book(origin_office=code)
    assert await made.promised(barcode) == f"{SUNDAY} 14:00"
    made.at(f"{SATURDAY} 12:00")
    await made.scan(barcode, "acceptance", office=code)
    await work()
    assert await made.promised(barcode) == f"{MONDAY} 14:00"
    assert (await made.audited()).under_way == 1
    names = {job.name for job in found.jobs}
    assert {"promise_sweeps/live", "promise_breaches/live"} <= names
