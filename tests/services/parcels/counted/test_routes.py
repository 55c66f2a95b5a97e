"""Counted mail through the API: recorded once, taken back, shown apart."""

import asyncio
from typing import Any

import pytest

from tests.services.parcels.conftest import Parcels

pytestmark = pytest.mark.anyio


def consignment(reference: str, **changes: Any) -> dict[str, Any]:
    return {
        "office": "KZ00001",
        "reference": reference,
        "product": "adi",
        "kind": "letters",
        "day": "2019-03-21",
        "items": 120,
        "weight_g": 2_400,
    } | changes


async def record(parcels: Parcels, *sent: dict[str, Any], more: tuple[str, ...] = ()) -> Any:
    answer = await parcels.client.post(
        "/v1/counted", json={"consignments": sent}, headers=parcels.clerk(*more)
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def report(parcels: Parcels) -> Any:
    headers = parcels.api.headers("reports:read", kind="staff")
    answer = await parcels.client.get("/v1/statistics/counted?period=1398-01", headers=headers)
    return answer.json()


async def agrees(parcels: Parcels) -> None:
    """The roll-up is a recount of the consignments."""
    differing = await parcels.api.database.hot.fetchval("""
        SELECT count(*) FROM (
            SELECT day, office, product, kind, direction, sum(items * sign), sum(weight_g * sign),
                sum(sign)
            FROM (SELECT *, CASE WHEN reverses IS NULL THEN 1 ELSE -1 END AS sign
                FROM counted_consignment) c GROUP BY 1, 2, 3, 4, 5
            EXCEPT SELECT day, office, product, kind, direction, items, weight_g, consignments
            FROM counted_daily) d
    """)
    assert differing == 0


async def test_a_consignment_is_counted_once(parcels: Parcels) -> None:
    letters = consignment("A-1")
    papers = consignment("A-2", product="matbu", kind="newspapers", direction="incoming")
    answers = await asyncio.gather(
        *(record(parcels, *((letters, papers) if n % 2 else (papers, letters))) for n in range(4))
    )
    results = [result["result"] for answer in answers for result in answer["results"]]
    assert (results.count("recorded"), results.count("duplicate")) == (2, 6)
    found = await record(
        parcels,
        letters,
        consignment("A-1", items=121),
        consignment("A-3", day="2019-03-22"),
        consignment("A-4", office="KZ77777"),
        consignment("A-5", bag="BG1"),
        consignment("A-6", day="2018-03-21"),
        consignment("A-7"),
        consignment("A-7"),
    )
    assert [result["result"] for result in found["results"]] == [
        "duplicate",
        "conflict",
        *["refused"] * 4,
        "recorded",
        "duplicate",
    ]
    assert all(r["detail"] for r in found["results"] if r["result"] == "refused")
    old = await record(parcels, consignment("A-6", day="2018-03-22"), more=("backfill",))
    assert old["recorded"] == 1
    body = await report(parcels)
    assert (body["items"], body["previous_items"], body["growth_percent"]) == (360, 120, 200.0)
    rows = [(row["kind"], row["direction"], row["items"]) for row in body["rows"]]
    assert rows == [("letters", "domestic", 240), ("newspapers", "incoming", 120)]
    await agrees(parcels)
    events = await parcels.api.events("counted.recorded")
    assert sum(len(event["data"]["items"]) for event in events) == 4


async def test_what_was_counted_wrong_is_taken_back_once(parcels: Parcels) -> None:
    made = (await record(parcels, consignment("A-1"), consignment("A-2")))["results"][0]["id"]
    path = f"/v1/counted/{made}/reverse"
    answers = await asyncio.gather(
        *(parcels.client.post(path, headers=parcels.clerk()) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert (await report(parcels))["items"] == 120
    await agrees(parcels)
    back = next(answer.json() for answer in answers if answer.status_code == 201)
    assert back["reverses"] == made
    again = await parcels.client.post(f"/v1/counted/{back['id']}/reverse", headers=parcels.clerk())
    assert again.json()["code"] == "consignment_not_found"
    page = await parcels.client.get(
        "/v1/counted?office=KZ00001&day=2019-03-21&limit=2", headers=parcels.clerk()
    )
    rest = await parcels.client.get(page.headers["link"].split(">")[0][1:], headers=parcels.clerk())
    ids = [item["id"] for body in (page, rest) for item in body.json()["items"]]
    assert (len(ids), ids) == (3, sorted(ids, reverse=True))
    assert (await parcels.client.get(f"/v1/counted/{made}", headers=parcels.clerk())).json()[
        "office"
    ] == "KZ00001"
