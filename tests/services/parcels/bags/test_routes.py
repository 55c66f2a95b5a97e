"""Bags through the API: a bag scanned is its parcels scanned. Custody is clean after everything."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.parcels.audit import audit_custody, audit_statistics
from services.parcels.bags.domain import code_of
from services.parcels.statistics.service import on_scanned
from tests.services.parcels.bags.conftest import Bags
from tests.services.parcels.conftest import Parcels, office_event
from tests.services.parcels.scanning.test_agreement import (
    TYPES,
    events_tell_each_version,
    rows_are_folds,
)

DIRECTIONS = """
SELECT count(*) FROM parcel p LEFT JOIN item_direction d USING (item_id)
CROSS JOIN LATERAL (SELECT p.partner = '00000000-0000-0000-0000-000000000000' AS came,
    EXISTS (SELECT FROM item_event e WHERE e.item_id = p.item_id AND e.event = 35) AS went) x
WHERE coalesce(d.direction, 0) <> CASE WHEN came AND went THEN 3 WHEN went THEN 2
    WHEN came THEN 1 ELSE 0 END
"""
JSON = {"Content-Type": "application/json"}
pytestmark = pytest.mark.anyio


async def check(parcels: Parcels) -> None:
    """Rows are folds, events tell each version, and two independent recounts agree."""
    database = parcels.api.database
    await events_tell_each_version(parcels, await rows_are_folds(parcels))
    custody = await audit_custody(database)
    assert custody.clean, custody.wrong
    scanned = await parcels.api.events(*TYPES[:3])
    if scanned:
        async with database.transaction() as session:
            await on_scanned(session, scanned)
    statistics = await audit_statistics(database)
    assert statistics.clean, statistics.wrong
    assert await database.hot.fetchval(DIRECTIONS) == 0


@pytest.fixture(autouse=True)
async def audited(parcels: Parcels) -> AsyncIterator[None]:
    await parcels.follow(office_event(2, kind="sorting_centre", version=2))
    yield
    await check(parcels)


async def accepted(parcels: Parcels, count: int) -> list[str]:
    barcodes = await parcels.booked(count)
    await parcels.results(*(parcels.one(b, "acceptance", -60) for b in barcodes))
    return barcodes


async def test_a_bag_scanned_is_its_parcels_scanned(parcels: Parcels, bags: Bags) -> None:
    barcodes = await accepted(parcels, 5)
    bag = await bags.filled(*barcodes, minutes=-50)
    outside = (await accepted(parcels, 1))[0]
    loaded = bags.one(bag, "loaded", -30, trip="T-1")
    assert await bags.scan(bags.one(bag, "closed", -40, seal="S1"), loaded) == [
        ("recorded", 0),
        ("recorded", 5),
    ]
    before = await parcels.api.events()
    unloaded = bags.one(bag, "unloaded", -10, office="KZ00002")
    assert await bags.scan(unloaded) == [("recorded", 5)]
    assert {(await parcels.get(b))["status"] for b in barcodes} == {"in_transit"}
    assert (await parcels.get(outside))["status"] == "accepted"
    told = (await parcels.api.events())[len(before) :]
    assert [(e["type"], len(e["data"]["items"])) for e in told] == [
        ("bag.scanned", 1),
        ("parcel.moved", 5),
    ]
    counted = await parcels.api.database.hot.fetchrow(
        "SELECT (SELECT count(*) FROM scan_event WHERE event <> 10) AS scans,"
        " (SELECT count(*) FROM bag_event) AS events"
    )
    assert tuple(counted) == (0, 3)
    found = await bags.get(bag)
    assert (found["status"], found["office"], found["items"]) == ("arrived", "KZ00002", 5)
    assert found["seal"] == "S1"
    assert [event["event"] for event in found["events"]] == ["closed", "loaded", "unloaded"]
    assert found["discrepancies"] == []
    assert await bags.tracked(barcodes[0]) == [
        ("acceptance", "accepted"),
        ("departure", "in_transit"),
        ("arrival", "in_transit"),
    ]
    assert await bags.discrepancies() == {}


async def test_the_same_scans_four_times_from_two_terminals(parcels: Parcels, bags: Bags) -> None:
    barcodes = await accepted(parcels, 20)
    bag, other = await bags.filled(*barcodes[:10]), await bags.filled(*barcodes[10:])
    scans = [bags.one(bag, "loaded", 1), bags.one(other, "loaded", 1)]
    answers = await asyncio.gather(
        *(bags.scan(*(scans if n % 2 else reversed(scans))) for n in range(8))
    )
    results = [result for answer in answers for result in answer]
    assert results.count(("recorded", 10)) == 2
    assert results.count(("duplicate", 0)) == 14
    assert {(await parcels.get(b))["version"] for b in barcodes} == {3}


async def test_an_opening_names_what_is_missing_and_what_is_unexpected(
    parcels: Parcels, bags: Bags
) -> None:
    lost, strange, elsewhere, *rest = await accepted(parcels, 6)
    bag = await bags.filled(lost, *rest, minutes=-50)
    other = await bags.filled(elsewhere, minutes=-50)
    await bags.scan(bags.one(bag, "loaded", -40), bags.one(other, "loaded", -40))
    sent = {"event_id": "0192f0c1-7e57-7000-8000-0000000000aa"}
    foreign = "RB123456785GB"
    items = [*rest, strange, elsewhere, foreign, "61"]
    opened = await bags.open(bag, items, -20, **sent)
    assert opened["missing"] == [lost]
    assert sorted(opened["unexpected"]) == sorted([strange, elsewhere, foreign])
    results = [result["result"] for result in opened["results"]]
    assert results == ["recorded"] * 6 + ["malformed"]
    again = await bags.open(bag, items, -20, **sent)
    assert again["result"] == "duplicate"
    assert (again["missing"], again["unexpected"]) == (opened["missing"], opened["unexpected"])
    # from now on the bags' scans are nobody's: what was in the one, and was found not in the other
    assert await bags.scan(
        bags.one(other, "unloaded", -10, office="KZ00003"), bags.one(bag, "held", -10)
    ) == [("recorded", 0), ("recorded", 0)]
    rows = await parcels.api.database.hot.fetch("SELECT custodian, custodian_id FROM parcel")
    assert sorted(tuple(row) for row in rows) == [(1, 2)] * 6 + [(2, 1)]
    found = await bags.get(bag)
    assert (found["status"], found["items"]) == ("opened", 0)
    kinds = sorted(remark["kind"] for remark in found["discrepancies"])
    assert kinds == ["not_closed", "scanned_after_opening"]
    (event,) = await parcels.api.events("bag.opened")
    assert event["data"]["missing"] == [lost]
    assert await bags.discrepancies() == {
        "handover_gap": 1,
        "missing_at_opening": 1,
        "unexpected_at_opening": 3,
        "acceptance_missing": 1,
    }


async def test_late_bag_scans_and_late_packings_fold_to_the_same(
    parcels: Parcels, bags: Bags
) -> None:
    one, two = await accepted(parcels, 2)
    parcels.api.clock.at += timedelta(hours=5)
    bag, other = await bags.new(), await bags.new()
    loaded = bags.one(bag, "loaded", -200)
    unloaded = bags.one(bag, "unloaded", -100, office="KZ00002")
    await parcels.results(parcels.one(one, "out_for_delivery", -50, office="KZ00002"))
    # all the bag's scans before anyone told what is in it
    assert await bags.scan(unloaded, loaded) == [("recorded", 0), ("recorded", 0)]
    assert await bags.pack(bag, *(bags.packing(b, -250) for b in (one, two))) == ["recorded"] * 2
    assert (await parcels.get(one))["status"] == "out_for_delivery"
    assert [event for event, _ in await bags.tracked(one)] == [
        "acceptance",
        "departure",
        "arrival",
        "out_for_delivery",
    ]
    assert (await parcels.get(two))["version"] == 4
    # and later still it turns out that one of them was moved to another bag meanwhile
    assert await bags.pack(other, bags.packing(two, -150)) == ["recorded"]
    assert [event for event, _ in await bags.tracked(two)] == ["acceptance", "departure"]
    withdrawn = [
        item["event"]
        for event in await parcels.api.events("parcel.moved", "parcel.corrected")
        for item in event["data"]["items"]
        if item.get("withdrawn")
    ]
    assert withdrawn == ["arrival"]
    assert await bags.discrepancies() == {"in_two_bags": 1, "handover_gap": 1}
    assert [member["until"] is None for member in await bags.members(bag)] == [True, False]


async def test_times_of_any_offset_count_on_their_day_in_tehran(
    parcels: Parcels, bags: Bags
) -> None:
    """At half past midnight in Tehran, an hour and a half later in Karachi: yesterday in UTC."""
    (barcode,) = await accepted(parcels, 1)
    parcels.api.clock.at += timedelta(hours=14)
    bag = await bags.new()
    packed = bags.packing(barcode, occurred_at="2019-03-22T02:00:00+05:00")
    assert await bags.pack(bag, packed) == ["recorded"]
    loaded = bags.one(bag, "loaded", occurred_at="2019-03-22T02:05:00+05:00")
    assert await bags.scan(loaded) == [("recorded", 1)]
    opened = await bags.open(bag, [barcode], occurred_at="2019-03-22T02:06:00+05:00")
    assert opened["result"] == "recorded"
    told = await parcels.api.events("parcel.status_changed", "parcel.moved", "bag.scanned")
    times = [item["occurred_at"] for event in told for item in event["data"]["items"]]
    assert times[1:] == ["2019-03-21T21:05:00Z"] * 2 + ["2019-03-21T21:06:00Z"]


async def test_what_is_flagged_unknown_or_malformed_is_kept(parcels: Parcels, bags: Bags) -> None:
    (barcode,) = await accepted(parcels, 1)
    empty = await bags.new()
    assert await bags.pack(empty, bags.packing(barcode, -75 * 60)) == ["flagged"]
    assert (await bags.get(empty))["items"] == 0
    bag = await bags.filled(barcode)
    unknown = code_of(999_999)
    results = await bags.scan(
        bags.one(bag, "loaded", -73 * 60),
        bags.one(unknown, "loaded"),
        bags.one("BG1", "loaded"),
        bags.one(bag, "loaded", 5, office="KZ77777"),
    )
    assert [result for result, _ in results] == ["flagged", "unknown", "malformed", "recorded"]
    assert [member["barcode"] for member in await bags.members(bag)] == [barcode]
    flagged = (await bags.get(bag))["events"][0]
    assert (flagged["event"], flagged["flagged"]) == ("loaded", True)
    assert await bags.discrepancies() == {
        "outside_offline_window": 1,
        "unknown_office": 1,
    }
    kept = await parcels.api.database.hot.fetchval("SELECT count(*) FROM unmatched_scan")
    assert kept == 2
    for strange in (unknown, "%00", "IRTHRADEFRAAAUN90012003110125", "RB123456785GB"):
        missing = await parcels.client.get(f"/v1/bags/{strange}", headers=parcels.clerk())
        assert missing.json()["code"] == "bag_not_found"
    for bad in ("\x00", "\ud83d"):
        for field in ("bag", "office", "seal"):
            body = json.dumps({"scans": [bags.one(bag, "loaded") | {field: bad}]})
            answer = await parcels.client.post(
                "/v1/bag-scans", content=body, headers=parcels.clerk() | JSON
            )
            assert answer.status_code == 422, answer.text
    old = bags.one(bag, "unloaded", -90 * 60)
    assert await bags.scan(old, more=("backfill",)) == [("recorded", 0)]
