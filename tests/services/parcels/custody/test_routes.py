"""Discrepancies, what is missing, lost and found, through the API and the worker's tick."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.parcels.audit import audit_custody
from services.parcels.custody import timers
from tests.services.parcels.conftest import Parcels

pytestmark = pytest.mark.anyio


class Desk:
    """Staff who decide about custody."""

    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels
        self.headers = parcels.api.headers("custody:decide", kind="staff")

    async def post(self, path: str, body: Any, key: str | None = None) -> httpx.Response:
        headers = self.headers | {"Idempotency-Key": key or str(uuid.uuid4())}
        return await self.parcels.client.post(path, json=body, headers=headers)

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.parcels.client.get(path, params=params, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def open(self, **params: Any) -> list[Any]:
        found = await self.get("/v1/discrepancies", status="open", **params)
        items: list[Any] = found["items"]
        return items

    async def look(self, **later: float) -> None:
        self.parcels.api.clock.at += timedelta(**later)
        await timers.look(self.parcels.api.database, self.parcels.api.clock)

    async def lost(self, barcode: str, key: str | None = None) -> httpx.Response:
        return await self.post(f"/v1/parcels/{barcode}/lost", {"reason": "سیل"}, key)


@pytest.fixture
async def desk(parcels: Parcels) -> AsyncIterator[Desk]:
    yield Desk(parcels)
    audit = await audit_custody(parcels.api.database)
    assert audit.clean, audit.wrong


class TestDiscrepancies:
    async def test_a_gap_names_who_had_it_and_is_mended_by_a_late_scan(self, desk: Desk) -> None:
        parcels = desk.parcels
        (barcode,) = await parcels.booked()
        await parcels.results(parcels.one(barcode, "acceptance", -60))
        arrival = parcels.one(barcode, "arrival", -30, office="KZ00002")
        await parcels.results(arrival)
        (gap,) = await desk.open()
        assert gap["kind"] == "handover_gap"
        assert (gap["event_id"], gap["office"]) == (arrival["event_id"], "KZ00002")
        assert (gap["last_custodian"], gap["last_office"]) == ("office", "KZ00001")
        assert gap["owner"] == "KZ00001"
        late = parcels.one(barcode, "departure", -45)
        await parcels.results(late)
        assert await desk.open() == []
        (closed,) = (await desk.get("/v1/discrepancies"))["items"]
        assert (closed["closed_by"], closed["closing_event"]) == ("event", late["event_id"])
        told = await parcels.api.events("discrepancy.noted", "discrepancy.closed")
        assert [(e["type"], e["data"]["items"][0]["id"]) for e in told] == [
            ("discrepancy.noted", gap["id"]),
            ("discrepancy.closed", gap["id"]),
        ]

    async def test_in_two_places_and_an_arrival_that_nobody_scanned(self, desk: Desk) -> None:
        parcels = desk.parcels
        one, two = await parcels.booked(2)
        await parcels.results(parcels.one(one, "acceptance", -2))
        await parcels.results(parcels.one(one, "out_for_delivery", -1, office="KZ00003"))
        for n, (event, office) in enumerate(
            [("acceptance", 1), ("departure", 1), ("departure", 2), ("arrival", 3)]
        ):
            await parcels.results(parcels.one(two, event, n - 60, office=f"KZ{office:05d}"))
        found = {d["barcode"]: (d["kind"], d["last_custodian"]) for d in await desk.open()}
        assert found == {one: ("in_two_places", "office"), two: ("handover_gap", "trip")}

    async def test_a_part_of_a_second_less_than_five_minutes_is_less(self, desk: Desk) -> None:
        """Whichever way it comes: the seconds are cut, not rounded."""
        parcels = desk.parcels
        (barcode,) = await parcels.booked()
        await parcels.results(parcels.one(barcode, "acceptance", -5))
        late = parcels.one(barcode, "out_for_delivery", -0.0001, office="KZ00003")
        await parcels.results(late)
        assert [found["kind"] for found in await desk.open()] == ["in_two_places"]

    async def test_the_batch_and_the_fold_find_the_same(self, desk: Desk) -> None:
        """In order, scan by scan, or all at once the other way round."""
        parcels = desk.parcels
        barcodes = await parcels.booked(2)
        legs = [("acceptance", 1), ("departure", 1), ("departure", 2), ("held", 3), ("arrival", 1)]
        journeys = [
            [
                parcels.one(barcode, event, n * 10 - 60, office=f"KZ{office:05d}")
                for n, (event, office) in enumerate(legs)
            ]
            for barcode in barcodes
        ]
        for scan in journeys[0]:
            await parcels.results(scan)
        for scan in reversed(journeys[1]):
            await parcels.results(scan)
        found: dict[str, set[Any]] = {barcode: set() for barcode in barcodes}
        for one in await desk.open(limit=200):
            shown = (one["kind"], one["office"], one["last_custodian"], one["last_office"])
            found[one["barcode"]].add(shown)
        assert found[barcodes[0]] == found[barcodes[1]]
        assert len(found[barcodes[0]]) == 2

    async def test_assigned_and_closed_by_decision(self, desk: Desk) -> None:
        parcels = desk.parcels
        barcodes = await parcels.booked(3)
        await parcels.results(*(parcels.one(b, "arrival") for b in barcodes))
        pages, params = [], {"limit": 2, "kind": "acceptance_missing", "owner": "KZ00001"}
        while True:
            page = await desk.get("/v1/discrepancies", **params)
            pages.append(page["items"])
            if page["next"] is None:
                break
            params["cursor"] = page["next"]
        assert [len(page) for page in pages] == [2, 1]
        one = pages[0][0]
        assert one["last_custodian"] == "sender"
        path = f"/v1/discrepancies/{one['id']}"
        moved = await desk.post(f"{path}/assign", {"office": "KZ00002"})
        assert moved.json()["owner"] == "KZ00002"
        assert (await desk.post(f"{path}/assign", {"office": "KZ77777"})).status_code == 422
        answers = await asyncio.gather(
            *(desk.post(f"{path}/close", {"reason": "رسید هست"}) for _ in range(8))
        )
        assert sorted(a.status_code for a in answers) == [200] + [409] * 7
        assert (await desk.get(path))["reason"] == "رسید هست"
        assert [d["id"] for d in await desk.open(owner="KZ00002")] == []
        absent = await desk.post(f"/v1/discrepancies/{uuid.uuid4()}/close", {"reason": "هیچ"})
        assert absent.status_code == 404
        shop = await parcels.client.get("/v1/discrepancies", headers=parcels.shop())
        assert shop.status_code == 403


class TestMissing:
    async def test_unseen_too_long_then_seen_again(self, desk: Desk) -> None:
        parcels = desk.parcels
        away, waiting, ended, booked = await parcels.booked(4)
        await parcels.api.database.hot.execute("UPDATE parcel SET promised_at = NULL")
        await parcels.results(*(parcels.one(b, "acceptance", -5) for b in (away, waiting, ended)))
        await parcels.results(
            parcels.one(away, "departure"),
            parcels.one(waiting, "held_at_counter"),
            parcels.one(ended, "delivered"),
        )
        await desk.look(hours=119)  # an express item may be unseen for 120
        assert await desk.open() == []
        await desk.look(hours=2)
        await desk.look()
        (missing,) = await desk.open()
        assert (missing["kind"], missing["barcode"]) == ("missing", away)
        assert (missing["last_custodian"], missing["last_office"]) == ("trip", "KZ00001")
        assert await parcels.results(parcels.one(away, "arrival")) == ["recorded"]
        await desk.look()
        assert await desk.open() == []
        assert len(await parcels.api.events("discrepancy.noted")) == 1
        await desk.look(hours=121)
        assert [d["barcode"] for d in await desk.open()] == [away]
        await desk.look(days=30)
        assert sorted(d["barcode"] for d in await desk.open()) == sorted([away, waiting])
        assert (await parcels.get(booked))["status"] == "booked"

    async def test_a_promise_and_another_province(self, desk: Desk) -> None:
        parcels = desk.parcels
        recipient = parcels.order()["recipient"] | {"province": "tehran", "town": None}
        (far,) = await parcels.booked(1, recipient=recipient)
        (promised,) = await parcels.booked(1)
        await parcels.api.database.hot.execute("UPDATE parcel SET promised_at = NULL")
        await parcels.api.database.hot.execute(
            "UPDATE parcel SET promised_at = $1 WHERE to_province = 'khuzestan'",
            parcels.api.clock.now() + timedelta(days=20),
        )
        for barcode in (far, promised):
            await parcels.results(parcels.one(barcode, "acceptance", -5))
            await parcels.results(parcels.one(barcode, "departure"))
        await desk.look(days=22)
        assert await desk.open() == []
        await desk.look(days=2)
        assert [d["barcode"] for d in await desk.open()] == [promised]


class TestLostAndFound:
    async def test_lost_by_decision_and_found_again(self, desk: Desk) -> None:
        parcels = desk.parcels
        (barcode,) = await parcels.booked()
        early = await desk.lost(barcode)
        assert (early.status_code, early.json()["code"]) == (409, "not_in_custody")
        await parcels.results(parcels.one(barcode, "acceptance", -5))
        answers = await asyncio.gather(*(desk.lost(barcode) for _ in range(16)))
        assert sorted(a.status_code for a in answers) == [200] + [409] * 15
        lost = await desk.get(f"/v1/parcels/{barcode}/custody")
        assert (lost["status"], lost["custodian"], lost["office"]) == ("lost", "nobody", None)
        (closed,) = (await desk.get(f"/v1/parcels/{barcode}/discrepancies"))["items"]
        assert (closed["last_custodian"], closed["last_office"]) == ("office", "KZ00001")
        assert (closed["closed_by"], closed["reason"]) == ("decision", "سیل")
        tracking = (await parcels.client.get(f"/v1/tracking/{barcode}")).json()
        assert (tracking["status"], tracking["events"][-1]["event"]) == ("lost", "lost")
        epcis = await parcels.client.get(f"/v1/parcels/{barcode}/epcis", headers=parcels.shop())
        assert epcis.status_code == 200, epcis.text
        audit = await audit_custody(parcels.api.database)
        assert audit.clean, audit.wrong
        # a scan of what is lost is kept, and counts once it is found
        parcels.api.clock.at += timedelta(hours=1)
        await parcels.results(parcels.one(barcode, "arrival", office="KZ00001"))
        assert (await parcels.get(barcode))["status"] == "lost"
        assert [d["kind"] for d in await desk.open()] == ["scanned_after_end"]
        key = str(uuid.uuid4())
        path = f"/v1/parcels/{barcode}/found"
        found = [await desk.post(path, {"reason": "پیدا شد"}, key) for _ in range(2)]
        assert found[0].content == found[1].content
        assert found[0].json()["status"] == "in_transit"
        assert await desk.open() == []
        again = await desk.post(path, {"reason": "پیدا شد"})
        assert (again.status_code, again.json()["code"]) == (409, "not_lost")
        told = await parcels.api.events("parcel.status_changed", "parcel.corrected")
        changes = [(e["type"], e["data"]["items"][-1]["status"]) for e in told]
        assert changes[-2:] == [
            ("parcel.status_changed", "lost"),
            ("parcel.corrected", "in_transit"),
        ]

    async def test_a_command_needs_its_key_and_scope(self, desk: Desk) -> None:
        (barcode,) = await desk.parcels.booked()
        path, body = f"/v1/parcels/{barcode}/lost", {"reason": "سیل"}
        client = desk.parcels.client
        assert (await client.post(path, json=body, headers=desk.headers)).status_code == 400
        clerk = desk.parcels.clerk() | {"Idempotency-Key": "k"}
        assert (await client.post(path, json=body, headers=clerk)).status_code == 403
        nothing = {"scans": [desk.parcels.one(barcode, "lost")]}
        answer = await client.post("/v1/scans", json=nothing, headers=desk.parcels.clerk())
        assert answer.status_code == 422


async def test_rules_have_their_days(desk: Desk) -> None:
    rule = {"name": "contest_days", "valid_from": "2019-04-01", "value": 10, "source": "بخشنامه"}
    assert (await desk.post("/v1/custody-terms", rule)).status_code == 201
    taken = await desk.post("/v1/custody-terms", rule)
    assert (taken.status_code, taken.json()["code"]) == (409, "term_taken")
    early = await desk.post("/v1/custody-terms", rule | {"valid_from": "2019-03-21"})
    assert (early.status_code, early.json()["code"]) == (409, "begins_too_early")
    found, params = [], {"limit": 4}
    while True:
        page = await desk.get("/v1/custody-terms", **params)
        found += page["items"]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert [t["value"] for t in found if t["name"] == "contest_days"] == [7, 10]
    assert "return_working_days" in {t["name"] for t in found}
