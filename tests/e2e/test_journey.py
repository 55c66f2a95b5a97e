"""The main job, in one process and in separate ones: from an order to the province report."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.calendar import jalali_date
from tests.e2e.actors import Actor, eventually
from tests.e2e.environment import Environment
from tests.e2e.receiver import Receiver, receiving
from tests.factories.offices import office
from tests.factories.parcels import order, scan

pytestmark = pytest.mark.anyio

DEZFUL = {"town": "dezful", "name": "دفتر پستی دزفول", "latitude": 32.38, "longitude": 48.41}
TOLD = ["booked", "accepted", "in_transit", "out_for_delivery", "delivered"]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


async def new_offices(manager: Actor, *wanted: dict[str, Any]) -> list[str]:
    """The codes of new offices, once they take bookings: parcels follows the registry."""
    made = [
        await manager.ask("POST", "/v1/offices", status=201, json=office(**fields))
        for fields in wanted
    ]
    codes = [office_["code"] for office_ in made]

    async def take_bookings() -> None:
        for code in codes:
            answer = await manager.book(order(code))
            assert answer.status_code == 201, answer.text

    await eventually(take_bookings)
    return codes


async def report(manager: Actor) -> dict[str, int]:
    """What the province report counts in the present Jalali month."""
    period = jalali_date(datetime.now(UTC))[:7]
    found = await manager.ask("GET", "/v1/reports/province", params={"period": period})
    assert found["partial"] is False, found
    assert found["missing"] == []
    complaints = found["complaints"]
    return {
        "accepted": found["volumes"]["total"]["count"],
        "express": sum(
            row["count"]
            for row in found["volumes"]["rows"]
            if (row["product"], row["channel"]) == ("pishtaz", "ecommerce")
        ),
        **{name: complaints[name] for name in ("filed", "answered", "closed")},
    }


@pytest.mark.usefixtures("province")
class TestJourney:
    async def test_from_an_order_to_the_report(
        self,
        susa: Environment,
        manager: Actor,
        anyone: Actor,
        clerk: Actor,
        shop: Actor,
        receiver: Receiver,
    ) -> None:
        origin, destination = await new_offices(manager, {}, DEZFUL)
        before = await eventually(lambda: report(manager))  # partial while the sisters wake up
        await self._listen(shop, receiver)
        barcodes = await self._booked(shop, origin)
        await self._carried(clerk, origin, destination, barcodes)
        await self._told(receiver, barcodes)
        await self._tracked(anyone, barcodes, origin, destination)
        await self._complained(anyone, manager, barcodes[0])

        async def counted() -> None:
            after = await report(manager)
            grown = {name: after[name] - before[name] for name in after}
            assert grown == {
                "accepted": len(barcodes),
                "express": len(barcodes),
                "filed": 1,
                "answered": 1,
                "closed": 1,
            }

        await eventually(counted)
        audit = susa.susa("audit", "custody")
        assert audit["clean"] is True, audit
        assert audit["ended"] >= len(barcodes)
        # all that was told was told once, also after everything else
        assert sorted(receiver.ids) == sorted(set(receiver.ids))
        assert len(receiver.moves()) == len(barcodes) * len(TOLD)

    async def _listen(self, shop: Actor, receiver: Receiver) -> None:
        registered = await shop.ask(
            "POST", "/v1/webhooks", status=201, json={"url": receiver.url, "events": ["parcel.*"]}
        )
        receiver.secret = registered["secret"]

    async def _streamed(self, shop: Actor, again: dict[str, Any]) -> None:
        """Lines pass the gateway as lines: neither of these can be booked."""
        answer = await shop.send(
            "POST",
            "/v1/parcels/batch",
            content=json.dumps(again).encode() + b"\n{broken\n",
            headers={
                "Idempotency-Key": "stream-1-of-the-journey",
                "Content-Type": "application/x-ndjson",
            },
        )
        assert answer.headers["content-type"] == "application/x-ndjson"
        results = [json.loads(line) for line in answer.text.splitlines()]
        assert [(r["index"], r["status"]) for r in results] == [(0, 409), (1, 422)]

    async def _booked(self, shop: Actor, origin: str) -> list[str]:
        """Three parcels one by one, three in a batch; a retry of the first is the first."""
        key = "order-1-of-the-journey"
        first = await shop.book(order(origin, reference="J-0"), key)
        again = await shop.book(order(origin, reference="J-0"), key)
        assert (first.status_code, again.content) == (201, first.content)
        singles = [first.json()["barcode"]]
        for n in (1, 2):
            booked = await shop.book(order(origin, reference=f"J-{n}"))
            singles.append(booked.json()["barcode"])
        batch = await shop.ask(
            "POST",
            "/v1/parcels/batch",
            json={"parcels": [order(origin, reference=f"J-{n}") for n in (3, 4, 5)]},
            headers={"Idempotency-Key": "batch-1-of-the-journey"},
        )
        assert (batch["booked"], batch["failed"]) == (3, 0), batch
        barcodes = singles + [result["parcel"]["barcode"] for result in batch["results"]]
        assert len(set(barcodes)) == 6
        await self._streamed(shop, order(origin, reference="J-0"))
        found = await shop.ask("GET", "/v1/parcels", params={"reference": "J-0"})
        assert [parcel["barcode"] for parcel in found["items"]] == [singles[0]]
        return barcodes

    async def _carried(
        self, clerk: Actor, origin: str, destination: str, barcodes: list[str]
    ) -> None:
        """Two parcels scan by scan, the others with their whole way in one upload."""
        scanned_live, uploaded = barcodes[:2], barcodes[2:]
        way = [
            ("acceptance", origin),
            ("departure", origin),
            ("arrival", destination),
            ("out_for_delivery", destination),
            ("delivered", destination),
        ]
        for event, at in way:
            await clerk.scan(event, at, scanned_live)
        scans = [scan(barcode, event, at) for event, at in way for barcode in uploaded]
        for result in ("recorded", "duplicate"):  # a courier's device sends again what it sent
            answer = await clerk.ask("POST", "/v1/scans", json={"scans": scans})
            assert [r["result"] for r in answer["results"]] == [result] * len(scans), answer

    async def _told(self, receiver: Receiver, barcodes: list[str]) -> None:
        """Every status change once, in order per parcel, each signature verified."""

        async def everything() -> None:
            assert {b: receiver.statuses(b) for b in barcodes} == dict.fromkeys(barcodes, TOLD)

        await eventually(everything)
        assert receiver.forged == []
        for barcode in barcodes:
            told = [p["data"] for p in receiver.got if p["data"]["barcode"] == barcode]
            versions = [data["version"] for data in told]
            assert versions == sorted(set(versions))

    async def _tracked(
        self, anyone: Actor, barcodes: list[str], origin: str, destination: str
    ) -> None:
        found = await anyone.ask("GET", f"/v1/tracking/{barcodes[0]}")
        assert found["status"] == "delivered"
        assert [(e["event"], e["town"]) for e in found["events"]] == [
            ("acceptance", "اهواز"),
            ("departure", "اهواز"),
            ("arrival", "دزفول"),
            ("out_for_delivery", "دزفول"),
            ("delivered", "دزفول"),
        ]
        assert "احمدی" not in str(found)
        many = await anyone.ask("POST", "/v1/tracking", json={"barcodes": barcodes})
        assert [r["tracking"]["status"] for r in many["results"]] == ["delivered"] * len(barcodes)
        full = await anyone.ask("GET", f"/v1/tracking/{barcodes[0]}/full")
        assert full["partial"] is False, full
        assert full["origin"]["code"] == origin
        assert full["current"]["code"] == destination
        assert full["current"]["hours"]["fri"] == []
        assert full["cases"]["open"] == 0

    async def _complained(self, anyone: Actor, manager: Actor, barcode: str) -> None:
        complaint = {
            "about": {"kind": "parcel", "barcode": barcode},
            "category": "damage",
            "text": "بسته شکسته رسید",
            "complainant": {"name": "مریم احمدی", "phone": "09123456789"},
        }
        filed = await anyone.ask("POST", "/v1/complaints", status=201, json=complaint)
        path = f"/v1/complaints/{filed['number']}"
        mine = {"Susa-Case-Secret": filed["secret"]}
        refused = await anyone.ask("GET", path, status=404)
        other = await anyone.ask("GET", path, status=404, headers={"Susa-Case-Secret": "x" * 43})
        assert refused["code"] == other["code"] == "case_unknown"
        full = await anyone.ask("GET", f"/v1/tracking/{barcode}/full")
        assert full["cases"]["numbers"] == [filed["number"]]
        await self._looked_into(anyone, manager, filed, barcode)
        answer = {"text": "با پوزش؛ خسارت پرداخت می‌شود"}
        await manager.ask("POST", f"{path}/answers", status=201, json=answer)
        read = await anyone.ask("GET", path, headers=mine)
        assert read["status"] == "answered"
        assert [(m["author"], m["text"]) for m in read["messages"]] == [
            ("complainant", complaint["text"]),
            ("staff", answer["text"]),
        ]
        assert read["snapshot"]["parcel"]["status"] == "delivered"
        await manager.ask("POST", f"{path}/close")

    async def _looked_into(
        self, anyone: Actor, manager: Actor, filed: dict[str, Any], barcode: str
    ) -> None:
        """A picture of the damage, who had the parcel, and all that is known of the caller."""
        path = f"/v1/complaints/{filed['number']}"
        mine = {"Susa-Case-Secret": filed["secret"]}
        picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 1000
        added = await anyone.ask(
            "POST", f"{path}/attachments", status=201, content=picture, headers=mine
        )
        kept = await anyone.send("GET", f"{path}/attachments/{added['id']}", headers=mine)
        assert (kept.content, kept.headers["content-type"]) == (picture, "image/png")
        body = {"severity": "high"}
        assessed = await manager.ask("POST", f"{path}/assessment", status=201, json=body)
        (proposal,) = assessed["entries"]
        assert assessed["custody_asked"] is True
        assert proposal["kind"] == "courier"  # it was out for delivery, and nobody noted damage
        assert proposal["reasons"][0]["code"] == "damage_not_recorded"
        phone = {"phone": "09123456789"}
        caller = await manager.ask("POST", "/v1/contact-centre/callers", json=phone)
        assert barcode in [parcel["barcode"] for parcel in caller["parcels"]]
        assert filed["number"] in [case["number"] for case in caller["cases"]]


@pytest.mark.usefixtures("province")
class TestSuspension:
    async def test_a_suspended_office_refuses_bookings_within_seconds_but_no_scan(
        self, manager: Actor, clerk: Actor, shop: Actor
    ) -> None:
        closed, open_ = await new_offices(manager, {}, {})
        booked = (await shop.book(order(closed))).json()["barcode"]
        await manager.ask("POST", f"/v1/offices/{closed}/suspend", json={"reason": "بازرسی"})

        async def refuses() -> None:
            answer = await shop.book(order(closed))
            assert answer.status_code == 409, answer.text
            assert answer.json()["code"] == "office_not_active"

        await eventually(refuses)
        assert (await shop.book(order(open_))).status_code == 201
        await clerk.scan("acceptance", closed, [booked])
        await manager.ask("POST", f"/v1/offices/{closed}/reopen")

        async def takes_bookings() -> None:
            assert (await shop.book(order(closed))).status_code == 201

        await eventually(takes_bookings)


class TestSeed:
    async def test_the_province_is_seeded_once(
        self, susa: Environment, province: dict[str, int], anyone: Actor
    ) -> None:
        assert province["towns"] > 50
        assert province["offices"] > 100
        assert province["services"] > 400
        assert set(susa.susa("seed").values()) == {0}
        towns = await anyone.ask("GET", "/v1/towns")
        assert len(towns["items"]) == province["towns"]
        centres = await anyone.ask(
            "GET", "/v1/offices", params={"kind": "sorting_centre", "town": "ahvaz"}
        )
        assert [centre["status"] for centre in centres["items"]] == ["active"]
