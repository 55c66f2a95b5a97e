"""A shop's day is closed by one number; one scan and a count accept it, and the shop is told."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest

from shared.identifiers.numbered import numbered
from tests.services.parcels.conftest import OTHER_SHOP, Parcels

pytestmark = pytest.mark.anyio
OFFICE = "KZ00001"


async def closed(parcels: Parcels, **body: Any) -> httpx.Response:
    return await parcels.client.post(
        "/v1/manifests", json={"office": OFFICE, **body}, headers=parcels.shop()
    )


async def accepted(
    parcels: Parcels, code: str, pieces: int, *, key: str | None = None, **body: Any
) -> httpx.Response:
    return await parcels.client.post(
        f"/v1/manifests/{code}/accept",
        json={"office": OFFICE, "pieces": pieces, **body},
        headers=parcels.clerk() | {"Idempotency-Key": key or str(uuid.uuid4())},
    )


async def test_one_scan_and_a_count(parcels: Parcels) -> None:
    barcodes = await parcels.booked(3)
    cancelled, *_ = await parcels.booked()
    await parcels.client.post(f"/v1/parcels/{cancelled}/cancel", headers=parcels.shop())
    answer = await closed(parcels)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["pieces"], made["status"], made["office"]) == (3, "closed", OFFICE)
    assert answer.headers["location"] == f"/v1/manifests/{made['code']}"
    again = await closed(parcels)
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_close")

    wrong = await accepted(parcels, made["code"], 2)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "count_differs")
    assert "3 pieces are announced and 2 counted" in wrong.json()["detail"]
    assert (await parcels.get(barcodes[0]))["status"] == "booked"

    key = str(uuid.uuid4())
    first = await accepted(parcels, made["code"], 3, key=key)
    assert first.status_code == 200, first.text
    assert (await accepted(parcels, made["code"], 3, key=key)).content == first.content
    other_terminal = await accepted(parcels, made["code"], 3)
    assert other_terminal.json() == first.json()
    late = await accepted(parcels, made["code"], 2)
    assert (late.status_code, late.json()["code"]) == (409, "manifest_over")
    for barcode in barcodes:
        parcel = await parcels.get(barcode)
        assert (parcel["status"], parcel["version"]) == ("accepted", 2)
    told = await parcels.api.events("manifest.accepted", "parcel.status_changed")
    assert [event["type"] for event in told] == ["parcel.status_changed", "manifest.accepted"]
    assert len(told[0]["data"]["items"]) == 3
    assert told[1]["data"]["manifest"]["missing"] == []


async def test_the_shop_is_told_of_missing_and_surplus(parcels: Parcels) -> None:
    here, gone = await parcels.booked(2)
    made = (await closed(parcels)).json()
    [later] = await parcels.booked()
    body: dict[str, Any] = {"barcodes": [here, later, "not a barcode"]}
    miscounted = await accepted(parcels, made["code"], 2, **body)
    assert miscounted.json()["errors"][0]["field"] == "body.pieces"
    answer = await accepted(parcels, made["code"], 3, **body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["missing"] == [gone]
    assert answer.json()["surplus"] == sorted([later, "not a barcode"])
    found = {code: (await parcels.get(code))["status"] for code in (here, gone, later)}
    assert found == {here: "accepted", gone: "booked", later: "accepted"}
    [told] = await parcels.api.events("manifest.accepted")
    assert told["data"]["manifest"]["missing"] == [gone]
    url = f"/v1/manifests/{made['code']}"
    shown = await parcels.client.get(f"{url}/items", headers=parcels.shop())
    outcomes = {item["barcode"]: item["outcome"] for item in shown.json()["items"]}
    assert outcomes == {here: "accepted", gone: "missing"}
    assert (await closed(parcels)).json()["pieces"] == 1  # what was missing comes another day


async def test_named_parcels_and_what_they_may_be(parcels: Parcels) -> None:
    first, second = await parcels.booked(2)
    made = (await closed(parcels, barcodes=[first])).json()
    assert made["pieces"] == 1
    taken = await closed(parcels, barcodes=[second, first])
    assert (taken.status_code, taken.json()["code"]) == (409, "on_another_manifest")
    assert first in taken.json()["detail"]
    for bad, field in (
        ({"barcodes": [second, second]}, "body.barcodes.1"),
        ({"barcodes": [second, "x"]}, "body.barcodes.1"),
        ({"office": "KZ99999"}, "body.office"),
    ):
        answer = await closed(parcels, **bad)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    await parcels.results(parcels.one(second, "acceptance"))
    moved = await closed(parcels, barcodes=[second])
    assert moved.json()["errors"][0]["field"] == "body.barcodes.0"

    url = f"/v1/manifests/{made['code']}"
    other = parcels.shop(OTHER_SHOP)
    foreign = await parcels.client.get(url, headers=other)
    absent = await parcels.client.get(f"/v1/manifests/{numbered('MF', 999)}", headers=other)
    assert (foreign.status_code, foreign.json()) == (404, absent.json())
    assert (await parcels.client.post(f"{url}/withdraw", headers=other)).status_code == 404
    for _ in range(2):
        back = await parcels.client.post(f"{url}/withdraw", headers=parcels.shop())
        assert back.json()["status"] == "withdrawn"
    assert (await accepted(parcels, made["code"], 1)).json()["code"] == "manifest_over"
    assert (await closed(parcels, barcodes=[first])).status_code == 201
    mine = await parcels.client.get("/v1/manifests?limit=1", headers=parcels.shop())
    assert mine.json()["items"][0]["pieces"] == 1
    assert mine.json()["next"] is not None


async def test_at_once_a_parcel_is_on_one_manifest_and_accepted_once(parcels: Parcels) -> None:
    barcodes = await parcels.booked(5)
    answers = await asyncio.gather(*(closed(parcels) for _ in range(6)))
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert sum(one["pieces"] for one in made) == len(barcodes)
    code = made[0]["code"]
    rows = await asyncio.gather(
        *(accepted(parcels, code, made[0]["pieces"]) for _ in range(6)),
        *(accepted(parcels, code, made[0]["pieces"] - 1) for _ in range(2)),
    )
    assert [answer.status_code for answer in rows] == [200] * 6 + [409] * 2
    events = await parcels.api.database.hot.fetchval("SELECT count(*) FROM scan_event")
    assert events == made[0]["pieces"]
