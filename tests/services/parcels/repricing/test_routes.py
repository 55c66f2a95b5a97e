"""A period's bookings under another tariff, through the API and the worker's step."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.parcels.repricing import service
from tests.factories.tariffs import PRODUCTS, draft, rates
from tests.services.parcels.conftest import OTHER_SHOP, SHOP, Parcels

pytestmark = pytest.mark.anyio

RUNS = "/v1/recomputations"


class Desk:
    """Staff of the tariff, a day after the bookings."""

    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels
        self.headers = parcels.api.headers("tariff:write", kind="staff")

    async def send(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return await self.parcels.client.request(method, path, json=body, headers=self.headers)

    async def get(self, path: str) -> Any:
        answer = await self.send("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def publish(self, **changes: Any) -> None:
        wanted = draft(**changes)
        made = await self.send("POST", "/v1/tariff-drafts", wanted)
        assert made.status_code == 201, made.text
        published = await self.send("POST", f"/v1/tariff-drafts/{wanted['code']}/publish")
        assert published.status_code == 200, published.text

    async def ask(self, **changes: Any) -> httpx.Response:
        days = {"booked_from": "2019-03-20", "booked_until": "2019-03-21"}
        return await self.send("POST", RUNS, {"version": "1398-02"} | days | changes)

    async def run(self, **changes: Any) -> Any:
        asked = await self.ask(**changes)
        assert asked.status_code == 201, asked.text
        assert asked.json()["status"] == "running"
        await service.carry_out(self.parcels.api.database, self.parcels.api.clock)
        return await self.get(asked.headers["location"])


@pytest.fixture
async def desk(parcels: Parcels) -> Desk:
    return Desk(parcels)


@dataclass
class Period:
    """Barcodes by what became of them: six of express at 57,500, which should be 50,000."""

    over: set[str]
    foreign: str
    under: str


@pytest.fixture
async def period(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Period:
    """One ordinary item at 15,000 too, one without a price in the new tariff, one cancelled."""
    parcels = desk.parcels
    monkeypatch.setattr(service, "ITEMS", 2)  # several steps
    over = await parcels.booked(5)
    (cancelled,) = await parcels.booked(1)
    await parcels.client.post(f"/v1/parcels/{cancelled}/cancel", headers=parcels.shop())
    foreign = (await parcels.book(sub=OTHER_SHOP)).json()["barcode"]
    (under,) = await parcels.booked(1, product="adi")
    await parcels.booked(1, product="matbu")
    await desk.publish(rates=rates(products=tuple(p for p in PRODUCTS if p != "matbu")))
    parcels.api.clock.at += timedelta(days=1)
    return Period({*over, foreign}, foreign, under)


async def test_over_and_under_charges_are_listed(desk: Desk, period: Period) -> None:
    looked = await desk.run()
    assert {name: looked[name] for name in looked if name.endswith(("_count", "_rials"))} == {
        "over_count": 6,
        "over_rials": 45_000,
        "under_count": 1,
        "under_rials": 35_000,
        "refunds_count": 0,
        "refunds_rials": 0,
    }
    assert (looked["status"], looked["examined"], looked["without_price"]) == ("finished", 8, 1)
    assert (looked["booked_from"], looked["booked_until"]) == ("2019-03-20", "2019-03-21")
    url = f"{RUNS}/{looked['id']}/charges"
    first = await desk.get(f"{url}?limit=4")
    rest = await desk.get(f"{url}?limit=4&cursor={first['next']}")
    listed = [*first["items"], *rest["items"]]
    assert listed[0] == {
        "barcode": period.under,
        "partner": SHOP,
        "booked_tariff": "1395-example",
        "charged_rials": 15_000,
        "due_rials": 50_000,
        "difference_rials": -35_000,
    }
    assert {item["barcode"] for item in listed[1:]} == period.over
    assert rest["next"] is None
    assert (await desk.get(f"{url}?kind=over"))["items"] == listed[1:]
    assert (await desk.get(f"{url}?kind=under"))["items"] == listed[:1]
    assert (await desk.get("/v1/refund-proposals"))["items"] == []


async def test_refunds_are_proposed_once(desk: Desk, period: Period) -> None:
    proposing = await desk.run(proposes_refunds=True)
    assert (proposing["refunds_count"], proposing["refunds_rials"]) == (6, 45_000)
    again = await desk.run(proposes_refunds=True)
    assert (again["over_rials"], again["refunds_count"]) == (45_000, 0)
    mine = await desk.get(f"/v1/refund-proposals?partner={OTHER_SHOP}")
    assert [(p["barcode"], p["amount_rials"]) for p in mine["items"]] == [(period.foreign, 7_500)]
    page = await desk.get(f"/v1/refund-proposals?limit=5&recomputation={proposing['id']}")
    more = f"/v1/refund-proposals?limit=5&recomputation={proposing['id']}&cursor={page['next']}"
    assert len(page["items"] + (await desk.get(more))["items"]) == 6
    told = await desk.parcels.api.events("refund.proposed")
    items = [item for event in told for item in event["data"]["items"]]
    assert {item["barcode"] for item in items} == period.over
    assert sum(item["amount_rials"] for item in items) == 45_000
    runs = (await desk.get(RUNS))["items"]
    assert [run["id"] for run in runs] == [again["id"], proposing["id"]]
    ended = await desk.parcels.api.events("recomputation.requested", "recomputation.finished")
    assert len(ended) == 4


async def test_a_recomputation_knows_what_was_asked_beyond_the_plain(desk: Desk) -> None:
    """Under a tariff with surcharges: pickup and size are kept with the booking, VAT is dated."""
    sides = {"length_mm": 1500, "width_mm": 10, "height_mm": 10}
    await desk.parcels.booked(1, pickup=True, size=sides, cod_rials=1_000_000)
    surcharges = [
        {"kind": "pickup", "fixed_rials": 20_000},
        {"kind": "oversize", "fixed_rials": 30_000, "longest_mm_max": 1_000},
        {"kind": "cod", "basis_points": 100},
    ]
    await desk.publish(surcharges=surcharges, adds_vat=True)
    desk.parcels.api.clock.at += timedelta(days=1)
    run = await desk.run()
    (charge,) = (await desk.get(f"{RUNS}/{run['id']}/charges"))["items"]
    assert charge["due_rials"] == 110_000 * 109 // 100


async def test_what_cannot_be_recomputed_is_refused(desk: Desk) -> None:
    await desk.publish()
    for changes in (
        {"version": "nowhere"},
        {"booked_from": "2019-03-22"},
        {"booked_from": "2018-03-20"},
        {"booked_from": "1000-03-20"},
    ):
        assert (await desk.ask(**changes)).status_code == 422, changes
    early = await desk.ask()
    assert (early.status_code, early.json()["code"]) == (409, "period_not_over")
    partner = desk.parcels.shop()
    for path in (RUNS, "/v1/refund-proposals"):
        answer = await desk.parcels.client.get(path, headers=partner)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    absent = await desk.send("GET", f"{RUNS}/{SHOP}/charges")
    assert (absent.status_code, absent.json()["code"]) == (404, "recomputation_not_found")
    for path in ("/v1/refund-proposals", "/v1/tariffs"):
        for cursor in ("WyJ4Il0", "W3RydWUsIC0xXQ", "%00"):  # ["x"], [true, -1]
            assert (await desk.send("GET", f"{path}?cursor={cursor}")).status_code == 422
