"""Populations, items per head, and targets with the share achieved."""

import uuid
from typing import Any, Final

import pytest

from tests.services.parcels.conftest import Parcels
from tests.services.parcels.statistics.test_routes import roll_up
from tests.services.parcels.transit.test_routes import ask, two_years

pytestmark = pytest.mark.anyio

CENSUS: Final = {
    "county": "dezful",
    "valid_from": "2016-10-23",
    "people": 440_000,
    "source": "آزمون",
}
TARGET: Final = {"period": "1398-H1", "measure": "accepted", "value": 8}


async def post(parcels: Parcels, url: str, body: Any, key: str | None = None) -> Any:
    headers = parcels.api.headers("targets:write", kind="staff")
    if key is not None:
        headers["Idempotency-Key"] = key
    return await parcels.client.post(url, json=body, headers=headers)


async def test_items_per_head(parcels: Parcels) -> None:
    """By the people at the period's end; a later record for the same day replaces the first."""
    await two_years(parcels)
    await roll_up(parcels)
    bare = await ask(parcels, "/v1/statistics/per-head", period="1398")
    assert bare["total"]["people"] is None
    assert {row["county"] for row in bare["rows"]} >= {"abadan", "abroad", "dezful"}
    assert {row["accepted_per_head"] for row in bare["rows"]} == {None}
    key = str(uuid.uuid4())
    for body, people in ((CENSUS, 440_000), (CENSUS, 440_000)):
        answer = await post(parcels, "/v1/populations", body, key)
        assert (answer.status_code, answer.json()["people"]) == (201, people)
    for changes in (
        {"people": 8},
        {"people": 16, "valid_from": "2019-06-01"},
        {"people": 99, "valid_from": "2030-01-01"},
        {"people": 4, "county": "abadan"},
    ):
        assert (await post(parcels, "/v1/populations", {**CENSUS, **changes})).status_code == 201
    for period, people, per_head in (("1398-01", 8, 0.5), ("1398", 16, 0.25)):
        body = await ask(parcels, "/v1/statistics/per-head", period=period)
        rows = {row["county"]: row for row in body["rows"]}
        row = rows["dezful"]
        assert (row["people"], row["accepted_per_head"]) == (people, per_head)
        assert (row["accepted"], row["previous_accepted"], row["delivered"]) == (4, 3, 4)
        assert rows["abroad"]["accepted_per_head"] is None
        assert body["total"]["accepted"] == 5
        assert body["total"]["people"] == people + 4
    page = await ask(parcels, "/v1/populations", county="dezful", limit=3)
    rest = await ask(parcels, "/v1/populations", county="dezful", limit=3, cursor=page["next"])
    assert [one["people"] for one in page["items"] + rest["items"]] == [440_000, 8, 16, 99]
    events = await parcels.api.events("population.set")
    assert [event["data"]["population"]["people"] for event in events] == [440_000, 8, 16, 99, 4]
    answer = await parcels.client.get(
        "/v1/statistics/per-head?period=1398&format=csv",
        headers=parcels.api.headers("reports:read"),
    )
    assert answer.text.splitlines()[0].startswith("period,previous,as_of,county,population_since")


async def test_targets_and_the_share_achieved(parcels: Parcels) -> None:
    await two_years(parcels)
    await roll_up(parcels)
    wanted: list[dict[str, Any]] = [
        TARGET,
        {**TARGET, "value": 12},
        {**TARGET, "county": "dezful", "product": "pishtaz", "value": 5},
        {**TARGET, "county": "abadan"},
        {**TARGET, "county": "abadan", "value": None, "reason": "انصراف"},
        {**TARGET, "measure": "delivered", "county": "dezful"},
        {**TARGET, "measure": "within_promise", "value": 9_500},
        {**TARGET, "measure": "within_promise", "value": 9_500, "county": "ahvaz"},
        {**TARGET, "period": "1398-01"},
    ]
    for body in wanted:
        answer = await post(parcels, "/v1/targets", body)
        assert (answer.status_code, answer.json()["value"]) == (201, body["value"])
    found: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while cursor.get("cursor", "") is not None:
        page = await ask(parcels, "/v1/targets", period="1398-H1", limit=2, **cursor)
        found += page["items"]
        cursor = {"cursor": page["next"]}
    shares = {
        (one["measure"], one["county"], one["product"]): (
            one["value"],
            one["achieved"],
            one["share_percent"],
        )
        for one in found
    }
    assert shares == {
        ("accepted", None, None): (12, 6, 50.0),
        ("accepted", "dezful", "pishtaz"): (5, 4, 80.0),
        ("delivered", "dezful", None): (8, 4, 50.0),
        ("within_promise", None, None): (9_500, 7_500, 78.95),
        ("within_promise", "ahvaz", None): (9_500, None, None),
    }
    assert len(found) == len(shares)
    for one in found:
        items = (await ask(parcels, one["items"]))["items"]
        if one["measure"] != "within_promise":
            assert len(items) == one["achieved"]
    assert len((await ask(parcels, "/v1/targets", period="1398-H1", county="dezful"))["items"]) == 2
    events = await parcels.api.events("target.set")
    assert [event["data"]["target"]["value"] for event in events] == [
        body["value"] for body in wanted
    ]


async def test_refusals(parcels: Parcels) -> None:
    for body in (
        {},
        {**TARGET, "value": 0},
        {**TARGET, "value": 10**13},
        {**TARGET, "value": True},
        {**TARGET, "measure": "within_promise", "value": 10_001},
        {**TARGET, "measure": "lost"},
        {**TARGET, "period": "98"},
        {**TARGET, "county": "Ahvaz\0"},
        {**TARGET, "product": "gold"},
        {**TARGET, "more": 1},
    ):
        assert (await post(parcels, "/v1/targets", body)).status_code == 422, body
    for body in (
        {},
        {**CENSUS, "people": 0},
        {**CENSUS, "county": "اهواز"},
        {**CENSUS, "valid_from": "2300-01-01"},
        {**CENSUS, "source": ""},
    ):
        assert (await post(parcels, "/v1/populations", body)).status_code == 422, body
    for url in ("/v1/targets", "/v1/populations"):
        for cursor in ("WzFd", "WyJ4Il0", "WyJ4IiwieSIsNzAwMDBd"):
            await ask(parcels, url, 422, period="1398", cursor=cursor)
        assert (await parcels.client.get(f"{url}?period=1398")).status_code == 401
        reader = parcels.api.headers("reports:read")
        assert (await parcels.client.post(url, json=TARGET, headers=reader)).status_code == 403
