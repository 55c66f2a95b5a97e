"""The exchange through the API: hand-overs with receipts, what comes in, and what was announced."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.parcels.worker import jobs
from tests.services.parcels.bags.conftest import Bags
from tests.services.parcels.bags.test_routes import accepted, check
from tests.services.parcels.conftest import Parcels, office_event

pytestmark = pytest.mark.anyio

S8_PARTS = {"origin": "IRTHRA", "destination": "DEFRAA", "category": "A", "subclass": "UN"}
INBOUND = "DEFRAAIRTHRAAUN90012"


class Exchange:
    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        caller = self.parcels.api.headers("scans:write", "transport:write", kind="staff")
        return await self.parcels.client.post(path, json=body, headers=caller | headers)

    async def made(self, path: str, body: Any = None) -> dict[str, Any]:
        answer = await self.post(path, body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def get(self, path: str) -> dict[str, Any]:
        caller = self.parcels.api.headers("scans:write", kind="staff")
        answer = await self.parcels.client.get(path, headers=caller)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def operator(self, code: str = "DPAG") -> str:
        body = {"code": code, "name": "Deutsche Post", "country": "DE", "valid_from": "2000-01-01"}
        return str((await self.made("/v1/operators", body))["code"])

    async def dispatch(self, *bags: str, operator: str = "DPAG", **more: Any) -> str:
        """A closed one with these bags in it."""
        body = {"from_office": "KZ00001", "operator": operator, **more}
        made = await self.made("/v1/dispatches", body)
        path = f"/v1/dispatches/{made['id']}"
        if bags:
            sent = [{"bag": bag, "weight_g": 1_250} for bag in bags]
            await self.made(f"{path}/bags", {"bags": sent})
            await self.made(f"{path}/close")
        return path

    async def hand_over(self, path: str, receipt: str, **more: Any) -> httpx.Response:
        body = {"receipt": receipt, "office": "KZ00001", **more}
        key = {"Idempotency-Key": str(uuid.uuid4())}
        return await self.post(f"{path}/handover", body, **key)

    async def consume(self) -> None:
        """What the worker's consumer does, up to now."""
        await self.parcels.api.publish()
        runtime = self.parcels.api.app.state.runtime
        runtime.clients = {"offices": self.parcels.client, "parcels": self.parcels.client}
        work = jobs(runtime)
        names = [job.name for job in work.jobs if job.name.startswith("parcels.")]
        while await work.runners[names.index("parcels.exchange/live")].step():
            pass

    async def directions(self) -> list[int]:
        rows = await self.parcels.api.database.hot.fetch(
            "SELECT direction FROM item_direction ORDER BY item_id"
        )
        return [row["direction"] for row in rows]


@pytest.fixture
def exchange(parcels: Parcels) -> Exchange:
    return Exchange(parcels)


@pytest.fixture(autouse=True)
async def audited(parcels: Parcels) -> AsyncIterator[None]:
    await parcels.follow(office_event(2, kind="sorting_centre", version=2))
    yield
    await check(parcels)


async def closed(bags: Bags, *barcodes: str) -> str:
    bag = await bags.filled(*barcodes, minutes=-50)
    await bags.scan(bags.one(bag, "closed", -40))
    return bag


async def test_a_receipted_hand_over_ends_our_custody(
    parcels: Parcels, bags: Bags, exchange: Exchange
) -> None:
    barcodes = await accepted(parcels, 3)
    first, second = await closed(bags, *barcodes[:2]), await closed(bags, barcodes[2])
    await exchange.operator()
    path = await exchange.dispatch(first, second, international=S8_PARTS)
    found = await exchange.get(path)
    assert found["number"] == "IRTHRADEFRAAAUN90001"
    assert [bag["receptacle"] for bag in found["content"]] == [
        "IRTHRADEFRAAAUN90001001010013",
        "IRTHRADEFRAAAUN90001002110013",
    ]
    answer = await exchange.hand_over(path, "R-1")
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "handed_over"
    operator = await parcels.api.database.hot.fetchval("SELECT id FROM operator")
    rows = await parcels.api.database.hot.fetch(
        "SELECT DISTINCT status, custodian, custodian_id FROM parcel"
    )
    assert [tuple(row) for row in rows] == [(3, 4, operator)]
    assert (await bags.tracked(barcodes[0]))[-1] == ("handed_over", "in_transit")
    assert await exchange.directions() == [2, 2, 2]
    epcis = await parcels.client.get(f"/v1/parcels/{barcodes[0]}/epcis", headers=parcels.shop())
    assert epcis.json()["epcisBody"]["eventList"][-1]["bizStep"] == "shipping"
    assert (await bags.get(first))["status"] == "handed_over"
    # the next of the series, and nothing twice under one receipt
    other = await exchange.dispatch(
        await closed(bags, *await accepted(parcels, 1)), international=S8_PARTS
    )
    assert (await exchange.get(other))["number"].endswith("0002")
    assert (await exchange.hand_over(other, "R-1")).json()["code"] == "receipt_in_use"
    assert (await exchange.hand_over(path, "R-2")).json()["code"] == "dispatch_not_ready"
    types = [event["type"] for event in await parcels.api.events()]
    assert types.count("dispatch.handed_over") == 1


async def test_an_operator_that_has_an_item_is_no_office(
    parcels: Parcels, bags: Bags, exchange: Exchange
) -> None:
    """Operators are counted from 1, as offices are: neither is taken for the other."""
    (barcode,) = await parcels.booked(1, origin_office="KZ00003")
    await parcels.results(parcels.one(barcode, "acceptance", -60))
    await exchange.operator()
    path = await exchange.dispatch(await closed(bags, barcode))
    assert (await exchange.hand_over(path, "R-1")).is_success
    staff = parcels.api.headers("custody:decide", kind="staff")
    path = f"/v1/parcels/{barcode}"
    held = await parcels.client.get(f"{path}/custody", headers=staff)
    assert (held.json()["custodian"], held.json()["office"]) == ("operator", None)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    lost = await parcels.client.post(f"{path}/lost", json={"reason": "سیل"}, headers=staff | key)
    assert lost.status_code == 200, lost.text
    (told,) = [
        item
        for event in await parcels.api.events("parcel.status_changed")
        for item in event["data"]["items"]
        if item["status"] == "lost"
    ]
    assert told["office"] == (await parcels.get(barcode))["origin_office"] == "KZ00003"


async def test_a_receipt_repeated_from_two_terminals_has_one_effect(
    parcels: Parcels, bags: Bags, exchange: Exchange
) -> None:
    barcodes = await accepted(parcels, 4)
    one, two = [await closed(bags, *some) for some in (barcodes[:2], barcodes[2:])]
    await exchange.operator()
    path, rival = await exchange.dispatch(one), await exchange.dispatch(two)
    answers = await asyncio.gather(
        *(exchange.hand_over(path, "R-7") for _ in range(4)),
        *(exchange.hand_over(rival, "R-8" if n else "R-7") for n in range(1)),
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses in ([200, 200, 200, 200, 409], [200, 409, 409, 409, 409])
    rows = await parcels.api.database.hot.fetch(
        "SELECT version, count(*) AS n FROM parcel GROUP BY version ORDER BY version"
    )
    assert [tuple(row) for row in rows] == [(2, 2), (3, 2)]
    assert (
        await parcels.client.post(
            f"{path}/handover",
            json={"receipt": "R-7", "office": "KZ00001"},
            headers=parcels.clerk(),
        )
    ).status_code == 400


async def test_what_is_packed_late_was_handed_over_as_well(
    parcels: Parcels, bags: Bags, exchange: Exchange
) -> None:
    one, late, moved = await accepted(parcels, 3)
    bag = await closed(bags, one, moved)
    await exchange.operator()
    await exchange.hand_over(await exchange.dispatch(bag), "R-1")
    assert await bags.pack(bag, bags.packing(late, -45)) == ["recorded"]
    assert await bags.pack(await bags.new(), bags.packing(moved, -30)) == ["recorded"]
    custodians = [
        row["custodian"]
        for row in await parcels.api.database.hot.fetch(
            "SELECT custodian FROM parcel ORDER BY item_id"
        )
    ]
    assert custodians == [4, 4, 1]
    assert await exchange.directions() == [2, 2]


async def test_what_is_not_ready_is_refused(
    parcels: Parcels, bags: Bags, exchange: Exchange
) -> None:
    await exchange.operator()
    again = {"code": "DPAG", "name": "DP", "country": "DE", "valid_from": "2000-01-01"}
    assert (await exchange.post("/v1/operators", again)).json()["code"] == "operator_code_in_use"
    path = await exchange.dispatch()
    assert (await exchange.post(f"{path}/close")).json()["code"] == "dispatch_not_ready"
    assert (await exchange.hand_over(path, "R")).json()["code"] == "dispatch_not_ready"
    bag = await bags.new()
    body = {"bags": [{"bag": bag}]}
    assert (await exchange.post(f"{path}/bags", body)).json()["code"] == "bag_not_ready"
    await bags.scan(bags.one(bag, "closed"))
    await exchange.made(f"{path}/bags", body)
    other = await exchange.dispatch(international=S8_PARTS)
    assert (await exchange.post(f"{other}/bags", body)).json()["code"] == "bag_not_ready"
    spare = await bags.new()
    await bags.scan(bags.one(spare, "closed"))
    await exchange.made(f"{other}/bags", {"bags": [{"bag": spare}]})
    assert "weight" in (await exchange.post(f"{other}/close")).json()["detail"]
    await exchange.made(f"{path}/close")
    assert (await exchange.post(f"{path}/bags", body)).json()["code"] == "dispatch_not_open"
    old = {"occurred_at": "2019-01-01T00:00:00Z"}
    assert (await exchange.hand_over(path, "R", **old)).status_code == 403
    await exchange.made("/v1/operators/DPAG/end", {"on": "2019-03-21"})
    parcels.api.clock.at = parcels.api.clock.at.replace(day=25)
    assert (await exchange.hand_over(path, "R")).json()["code"] == "operator_ended"
    listed = await exchange.get("/v1/dispatches?status=closed&operator=DPAG")
    assert [path.endswith(item["id"]) for item in listed["items"]] == [True]
    assert (await exchange.get("/v1/operators"))["items"][0]["valid_until"] == "2019-03-21"


async def test_an_incoming_dispatch_against_its_pre_advice(
    parcels: Parcels, bags: Bags, exchange: Exchange
) -> None:
    await exchange.operator()
    one, two, three, surplus = (
        "RB123456785GB",
        "RR473124829GB",
        "AW784699994IN",
        "EB000000005CN",
    )
    number = "113470001234567890123456"
    receptacle = f"{INBOUND}001110105"
    items = [{"barcode": code, "receptacle": receptacle} for code in (one, two, number)]
    body = {"operator": "DPAG", "dispatch": INBOUND, "items": [*items, {"barcode": three}]}
    advice = await exchange.made("/v1/pre-advices", body)
    assert (advice["listed"], advice["missing"]) == (4, 4)
    again = await exchange.post("/v1/pre-advices", body)
    assert again.json()["code"] == "pre_advice_exists"
    # the receptacle is known by its first scan, its items by its opening
    assert await bags.scan(bags.one(receptacle, "unloaded", -9)) == [("recorded", 0)]
    opened = await bags.open(receptacle, [one, number, surplus], minutes=-5)
    assert (opened["missing"], opened["unexpected"]) == ([], [])
    await exchange.consume()
    await exchange.consume()
    found = await exchange.get(f"/v1/pre-advices/{advice['id']}")
    assert [found[name] for name in ("listed", "seen", "missing", "surplus")] == [4, 2, 2, 1]
    path = f"/v1/pre-advices/{advice['id']}/items?state="
    missing = [item["code"] for item in (await exchange.get(f"{path}missing"))["items"]]
    assert missing == sorted([two, three])
    assert [i["barcode"] for i in (await exchange.get(f"{path}surplus"))["items"]] == [surplus]
    compared = (await parcels.api.events("pre_advice.compared"))[0]["data"]["pre_advice"]
    assert (compared["missing"], compared["surplus"]) == ([two], [surplus])
    assert await exchange.directions() == [1, 1, 1]
    # one goes on to another country
    bag = await bags.filled(one, minutes=-3)
    await bags.scan(bags.one(bag, "closed", -2))
    await exchange.hand_over(await exchange.dispatch(bag), "R-1")
    assert sorted(await exchange.directions()) == [1, 1, 3]


async def test_a_pre_advice_that_comes_after_its_items(
    parcels: Parcels, bags: Bags, exchange: Exchange
) -> None:
    await exchange.operator()
    one, two, surplus = "RB123456785GB", "RR473124829GB", "AW784699994IN"
    number = "113470001234567890123456"
    receptacle = f"{INBOUND}001110105"
    await bags.scan(bags.one(receptacle, "unloaded", -9))
    await bags.open(receptacle, [one, number, surplus], minutes=-5)
    items = [{"barcode": code} for code in (one, two, number)]
    body = {"operator": "DPAG", "dispatch": INBOUND, "items": items}
    advice = await exchange.made("/v1/pre-advices", body)
    assert [advice[name] for name in ("listed", "seen", "missing", "surplus")] == [3, 2, 1, 1]
    ours = (await parcels.booked())[0]
    for wrong in (ours, "RB123456786US", one):
        answer = await exchange.post(
            "/v1/pre-advices",
            {
                **body,
                "dispatch": f"{INBOUND[:-1]}9",
                "items": [{"barcode": one}, {"barcode": wrong}],
            },
        )
        assert answer.status_code == 422
    listed = await exchange.get(f"/v1/pre-advices?dispatch={INBOUND}")
    assert [item["id"] for item in listed["items"]] == [advice["id"]]


async def test_who_works_at_one_office_acts_for_no_other(
    parcels: Parcels, bags: Bags, exchange: Exchange
) -> None:
    """Bags, dispatches, counted mail and scales; scans are physical facts, taken from all."""
    (barcode,) = await accepted(parcels, 1)
    bag = await closed(bags, barcode)
    await exchange.operator()
    path = await exchange.dispatch()
    mail = {"office": "KZ00001", "reference": "A-1", "product": "adi", "kind": "letters"}
    mail |= {"day": "2019-03-21", "items": 120, "weight_g": 2_400}
    own = {"office": "KZ00001", "device": "scales-7", "weight_g": 500, "photo_sha256": "ab" * 32}
    own |= {"measurement_id": str(uuid.uuid4()), "measured_at": "2019-03-21T08:00:00Z"}
    asked: list[tuple[str, Any]] = [
        ("/v1/bags", {"from_office": "KZ00001"}),
        ("/v1/dispatches", {"from_office": "KZ00001", "operator": "DPAG"}),
        (f"{path}/bags", {"bags": [{"bag": bag, "weight_g": 1_250}]}),
        (f"{path}/close", None),
        (f"{path}/handover", {"receipt": "R-1", "office": "KZ00001"}),
        ("/v1/counted", {"consignments": [mail]}),
        (f"/v1/parcels/{barcode}/measurements", own),
    ]
    refused = parcels.api.headers("scans:write", kind="staff", office="KZ00002")
    taken = parcels.api.headers("scans:write", kind="staff", office="KZ00001")
    counted: dict[str, Any] = {}
    for caller, wanted in ((refused, "forbidden"), (taken, None)):
        for where, body in asked:
            key = {"Idempotency-Key": str(uuid.uuid4())}
            answer = await parcels.client.post(where, json=body, headers=caller | key)
            if where != "/v1/counted":
                assert answer.json().get("code") == wanted, (where, answer.text)
                continue
            (counted,) = answer.json()["results"]
            assert counted["result"] == ("refused" if wanted else "recorded")
    for caller, status in ((refused, 403), (taken, 201)):
        back = await parcels.client.post(f"/v1/counted/{counted['id']}/reverse", headers=caller)
        assert back.status_code == status, back.text
