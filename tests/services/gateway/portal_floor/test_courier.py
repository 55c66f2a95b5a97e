"""A courier's phone over ASGI: run, queue, office, with real sisters behind them."""

import uuid
from typing import Any

import pytest

from tests.services.gateway.portal_floor.conftest import Browser, Floor
from tests.services.parcels.delivery_round import PNG

pytestmark = pytest.mark.anyio
HERE = "/portal/courier"
SCOPES = ("scans:write", "delivery:write")
NOW = "2019-03-21T08:00:00Z"


def record(kind: str, barcode: str, **fields: Any) -> dict[str, Any]:
    known = {"key": str(uuid.uuid4()), "owner": "me", "state": "waiting", "at": NOW}
    return {"kind": kind, "barcode": barcode, "occurred_at": NOW, **known, **fields}


def signed(barcode: str, **fields: Any) -> dict[str, Any]:
    given = {"method": "signature", "signature": PNG, "receiver": "household"}
    return record("delivery", barcode, **given, **fields)


async def sync(browser: Browser, *records: Any) -> Any:
    answer = await browser.client.post(f"{HERE}/sync", json={"records": records})
    assert answer.status_code == 200, answer.text
    return {one["key"]: one for one in answer.json()["results"]}


async def test_a_day_from_the_office_and_back(floor: Floor) -> None:
    courier = await floor.staff(*SCOPES)
    assert "This office has no couriers" in await courier.get(HERE)
    await floor.office.courier()
    assert "رضا کریمی" in await courier.get(HERE)
    await courier.post(f"{HERE}/who", courier="KZ00001-99")
    assert courier.status == 404
    await courier.post(f"{HERE}/who", courier="KZ00001-01")
    assert courier.at == HERE
    assert 'id="words"' in courier.page
    empty = (await courier.client.get(f"{HERE}/run.json")).json()
    assert (empty["run"], empty["courier"]) == (None, "KZ00001-01")

    first, second, third = await floor.office.arrived(3)
    await courier.get(f"{HERE}/round")
    key = courier.hidden("key")
    wrong = await courier.post(f"{HERE}/round", do="plan", items=f"{first}\n6100", key=key)
    assert courier.status == 422
    assert first in wrong
    for _ in range(2):
        items = f"{second}\n{first} {third}"
        await courier.post(f"{HERE}/round", do="plan", items=items, key=key)
        assert courier.at == HERE
    run = (await courier.client.get(f"{HERE}/run.json")).json()["run"]
    assert run["status"] == "out"
    assert [stop["barcode"] for stop in run["stops"]] == [second, first, third]
    assert run["stops"][0]["cod_rials"] == 0

    delivery, attempt = signed(first), record("attempt", second, reason="absent")
    results = await sync(courier, delivery, attempt)
    assert [one["state"] for one in results.values()] == ["done", "done"]
    assert results[attempt["key"]]["action"] == "deliver_again"
    again = await sync(courier, attempt, delivery, record("attempt", third, reason="none"))
    assert [one["state"] for one in again.values()] == ["done", "done", "refused"]
    assert await floor.office.status(first) == "delivered"
    proofs = await floor.parcels.api.database.hot.fetchval("SELECT count(*) FROM delivery_proof")
    assert proofs == 1

    page = await courier.get(f"{HERE}/round")
    assert first not in page
    await courier.post(
        f"{HERE}/round", do="back", run=courier.hidden("run"), stop=[second, third], key=key[::-1]
    )
    assert "Parcels that you take" in courier.page
    assert await floor.office.status(second) in {"in_transit", "delivery_failed"}
    assert (await courier.client.get(f"{HERE}/run.json")).json()["run"] is None


async def test_each_record_is_answered_by_itself(floor: Floor) -> None:
    courier = await floor.staff(*SCOPES)
    await floor.office.courier()
    first, second = await floor.office.arrived(2)
    await floor.office.out([first, second])
    guess = record("delivery", first, method="code", code="۱۲۳ ۴۵۶", receiver="recipient")
    old = signed(second) | {"occurred_at": "2019-03-18T07:00:00Z"}
    none = signed("610000000000000042731729")
    results = await sync(courier, guess, old, none)
    told = {key: (one["state"], one["code"]) for key, one in results.items()}
    assert told[old["key"]] == ("refused", "invalid")
    assert told[none["key"]] == ("refused", "parcel_not_found")
    assert results[guess["key"]]["state"] == "refused"
    assert await sync(courier, signed(first))
    assert await floor.office.status(first) == "delivered"

    bad: Any
    for bad in (
        {"records": []},
        {"records": [signed(first)] * 51},
        {"records": [signed("../../v1/x")]},
        {"records": [{"kind": "delivery"}]},
        {"records": [signed(first) | {"kind": "theft"}]},
        [],
    ):
        answer = await courier.client.post(f"{HERE}/sync", json=bad)
        assert answer.status_code == 400, bad
    clerk = await floor.staff("scans:write")
    assert (await clerk.client.post(f"{HERE}/sync", json={})).status_code == 403
    clerk.client.cookies.clear()
    gone = await clerk.client.get(f"{HERE}/run.json", follow_redirects=False)
    assert gone.status_code == 303


async def test_the_worker_keeps_what_there_is_and_nothing_of_a_run(floor: Floor) -> None:
    courier = await floor.staff(*SCOPES)
    worker = await courier.client.get(f"{HERE}/worker.js")
    assert worker.headers["service-worker-allowed"] == HERE
    script = worker.text
    assert "KEPT" in script
    kept = eval(script.split(";")[0].partition("=")[2])  # noqa: S307 - JSON that we just made
    for name in kept["files"]:
        assert (await courier.client.get(name)).status_code == 200, name
    assert HERE not in kept["files"]
