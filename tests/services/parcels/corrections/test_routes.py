"""Corrections through the API: the event stays, the state is folded without it."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from asyncpg import InsufficientPrivilegeError

from services.parcels.audit import audit_custody, audit_statistics
from services.parcels.booking.serials import Serials
from services.parcels.corrections.timers import match
from shared.identifiers import barcode_of
from tests.services.parcels.conftest import Parcels
from tests.services.parcels.statistics.test_routes import roll_up

pytestmark = pytest.mark.anyio

DECIDE = "custody:decide"


class Desk:
    """Staff who decide about custody."""

    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels
        self.headers = parcels.api.headers(DECIDE, kind="staff")

    async def post(self, path: str, body: Any) -> httpx.Response:
        return await self.parcels.client.post(path, json=body, headers=self.headers)

    async def get(self, path: str) -> Any:
        answer = await self.parcels.client.get(path, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def declare(self, barcode: str, event_id: str, **changes: Any) -> httpx.Response:
        wrong = {"event_id": event_id, "reason": "did_not_occur", "note": "اشتباه"}
        return await self.post(f"/v1/parcels/{barcode}/declarations", wrong | changes)

    async def rule(self, barcode: str, event_id: str, ruling: str) -> httpx.Response:
        decided = {"event_id": event_id, "ruling": ruling, "note": "بررسی شد"}
        return await self.post(f"/v1/parcels/{barcode}/rulings", decided)

    async def kinds(self, barcode: str, *, opened: bool = True) -> list[str]:
        found = await self.get(f"/v1/parcels/{barcode}/discrepancies")
        return sorted(d["kind"] for d in found["items"] if (d["closed_at"] is None) == opened)


@pytest.fixture
async def desk(parcels: Parcels) -> AsyncIterator[Desk]:
    """Whatever a test does, custody and roll-ups agree with a recount after it."""
    yield Desk(parcels)
    custody = await audit_custody(parcels.api.database)
    assert custody.clean, custody.wrong
    await roll_up(parcels)
    statistics = await audit_statistics(parcels.api.database)
    assert statistics.clean, statistics.wrong


class TestDeclarations:
    async def test_a_delivery_that_did_not_occur(self, desk: Desk) -> None:
        parcels = desk.parcels
        (barcode,) = await parcels.booked()
        journey = [
            parcels.one(barcode, event, n)
            for n, event in enumerate(("acceptance", "out_for_delivery", "delivered"))
        ]
        await parcels.results(*journey)
        wrong = journey[-1]["event_id"]
        first = await desk.declare(barcode, wrong)
        assert first.status_code == 200, first.text
        body = await parcels.get(barcode)
        assert (body["status"], body["ended_at"]) == ("out_for_delivery", None)
        again = await desk.declare(barcode, wrong)
        assert again.json() == first.json()
        other = await desk.declare(barcode, wrong, reason="incorrect_data")
        assert (other.status_code, other.json()["code"]) == (409, "already_declared")

        (event,) = await parcels.api.events("parcel.corrected")
        (item,) = event["data"]["items"]
        assert (item["previous"], item["status"]) == ("delivered", "out_for_delivery")
        assert (item["declared"], item["event_id"]) == ("did_not_occur", wrong)
        assert item["version"] == body["version"]
        tracking = (await parcels.client.get(f"/v1/tracking/{barcode}")).json()
        assert [e["event"] for e in tracking["events"]] == ["acceptance", "out_for_delivery"]
        # the event stays, marked
        recorded = await desk.get(f"/v1/parcels/{barcode}/events")
        assert [e["counts"] for e in recorded["events"]] == [True, True, False]
        assert recorded["events"][-1]["declaration"]["reason"] == "did_not_occur"
        epcis = await parcels.client.get(f"/v1/parcels/{barcode}/epcis", headers=parcels.shop())
        declared = [e.get("errorDeclaration") for e in epcis.json()["epcisBody"]["eventList"]]
        assert declared[:2] == [None, None]
        assert declared[2]["reason"] == "did_not_occur"
        assert await parcels.results(journey[-1]) == ["duplicate"]  # sent again: still wrong
        assert await parcels.results(parcels.one(barcode, "delivered", 4)) == ["recorded"]
        assert (await parcels.get(barcode))["status"] == "delivered"

    async def test_what_is_lost_without_a_promise_broke_none(self, desk: Desk) -> None:
        """An inbound item: the recount at the end of each test has to say so too."""
        inbound = desk.parcels.one("RB123456785GB", "arrival")
        assert await desk.parcels.results(inbound) == ["recorded"]
        path = "/v1/parcels/RB123456785GB/lost"
        key = {"Idempotency-Key": str(uuid.uuid4())}
        lost = await desk.parcels.client.post(
            path, json={"reason": "سیل"}, headers=desk.headers | key
        )
        assert lost.status_code == 200, lost.text

    async def test_an_acceptance_with_wrong_data_is_replaced(self, desk: Desk) -> None:
        parcels = desk.parcels
        (barcode,) = await parcels.booked()
        wrong = parcels.one(barcode, "acceptance", -60)
        await parcels.results(wrong, parcels.one(barcode, "departure", -30, office="KZ00002"))
        assert await desk.kinds(barcode) == ["handover_gap"]
        right = parcels.one(barcode, "acceptance", -40, office="KZ00002")
        await parcels.results(right)
        assert await desk.kinds(barcode) == ["accepted_twice", "handover_gap"]
        unknown = await desk.declare(
            barcode, wrong["event_id"], corrective_event_ids=[str(uuid.uuid4())]
        )
        assert unknown.status_code == 422
        answer = await desk.declare(
            barcode,
            wrong["event_id"],
            reason="incorrect_data",
            corrective_event_ids=[right["event_id"]],
        )
        assert answer.json()["corrective_event_ids"] == [right["event_id"]]
        assert await desk.kinds(barcode) == []
        body = await parcels.get(barcode)
        assert body["accepted_at"][:19] == right["occurred_at"][:19]

    async def test_the_only_event_declared_wrong_leaves_a_booking(self, desk: Desk) -> None:
        parcels = desk.parcels
        (barcode,) = await parcels.booked()
        scan = parcels.one(barcode, "acceptance")
        await parcels.results(scan)
        answers = await asyncio.gather(*(desk.declare(barcode, scan["event_id"]) for _ in range(8)))
        assert {answer.status_code for answer in answers} == {200}
        body = await parcels.get(barcode)
        assert (body["status"], body["accepted_at"], body["version"]) == ("booked", None, 3)
        assert len(await parcels.api.events("parcel.corrected")) == 1
        assert len(await parcels.api.events("scan.declared")) == 1
        cancelled = await parcels.client.post(
            f"/v1/parcels/{barcode}/cancel", headers=parcels.shop()
        )
        assert cancelled.status_code == 200

    async def test_what_is_not_there(self, desk: Desk) -> None:
        (barcode,) = await desk.parcels.booked()
        no_event = await desk.declare(barcode, str(uuid.uuid4()))
        assert (no_event.status_code, no_event.json()["code"]) == (404, "event_not_found")
        absent = await desk.declare("610000000000000042731729", str(uuid.uuid4()))
        assert (absent.status_code, absent.json()["code"]) == (404, "parcel_not_found")
        for statement in (
            "UPDATE scan_event SET office = 2",
            "UPDATE event_declaration SET note = ''",
            "DELETE FROM flagged_ruling",
        ):
            with pytest.raises(InsufficientPrivilegeError):
                await desk.parcels.api.database.hot.execute(statement)


class TestRulings:
    async def test_a_late_event_is_accepted_or_dismissed(self, desk: Desk) -> None:
        parcels = desk.parcels
        one, two = await parcels.booked(2)
        old = -80 * 60
        scans = [parcels.one(barcode, "acceptance", old) for barcode in (one, two)]
        assert await parcels.results(*scans) == ["flagged", "flagged"]
        assert await desk.kinds(one) == ["outside_offline_window"]
        accepted = await desk.rule(one, scans[0]["event_id"], "accepted")
        assert accepted.status_code == 200, accepted.text
        assert (await parcels.get(one))["status"] == "accepted"
        dismissed = await desk.rule(two, scans[1]["event_id"], "dismissed")
        assert dismissed.json()["ruling"] == "dismissed"
        assert (await parcels.get(two))["status"] == "booked"
        assert await desk.kinds(one) + await desk.kinds(two) == []
        assert await desk.kinds(one, opened=False) == ["outside_offline_window"]
        (event,) = await parcels.api.events("parcel.status_changed")
        assert [item["barcode"] for item in event["data"]["items"]] == [one]
        again = await desk.rule(one, scans[0]["event_id"], "accepted")
        assert again.json() == accepted.json()
        other = await desk.rule(one, scans[0]["event_id"], "dismissed")
        assert (other.status_code, other.json()["code"]) == (409, "already_ruled")
        # what was accepted can still be declared wrong
        await desk.declare(one, scans[0]["event_id"])
        assert (await parcels.get(one))["status"] == "booked"

    async def test_only_what_is_flagged(self, desk: Desk) -> None:
        parcels = desk.parcels
        (barcode,) = await parcels.booked()
        scan = parcels.one(barcode, "acceptance")
        await parcels.results(scan)
        answer = await desk.rule(barcode, scan["event_id"], "accepted")
        assert (answer.status_code, answer.json()["code"]) == (409, "not_flagged")


async def test_scans_before_their_booking_count_once_it_is_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcels = desk.parcels
    database, clock = parcels.api.database, parcels.api.clock
    (item_id,) = await Serials(database).take(1)
    barcode = barcode_of(item_id)
    persian = barcode.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    scans = [
        parcels.one(persian, "acceptance", -30),
        parcels.one(barcode, "departure", 60 * 24 * 365),  # a clock a year ahead
        parcels.one(barcode, "held", -80 * 60),
    ]
    assert await parcels.results(*scans) == ["unknown"] * 3
    await match(database, clock)
    waiting = await desk.get("/v1/unmatched-scans")
    assert [one["waiting"] for one in waiting["items"]] == [True] * 3
    clock.at += timedelta(hours=1)

    async def take(_: Serials, count: int) -> list[int]:
        return [item_id][:count]

    monkeypatch.setattr(Serials, "take", take)
    booked = (await parcels.book()).json()
    assert booked["barcode"] == barcode
    await asyncio.gather(*(match(database, clock) for _ in range(3)))
    assert (await parcels.get(barcode))["status"] == "in_transit"
    tracking = (await parcels.client.get(f"/v1/tracking/{barcode}")).json()
    assert [e["event"] for e in tracking["events"]] == ["acceptance", "departure"]
    assert tracking["events"][1]["occurred_at"] == "2019-03-21T08:05:00Z"
    assert await desk.kinds(barcode) == ["outside_offline_window"]
    assert await parcels.results(*scans) == ["duplicate"] * 3
    waiting = await desk.get("/v1/unmatched-scans")
    assert [one["waiting"] for one in waiting["items"]] == [False] * 3
