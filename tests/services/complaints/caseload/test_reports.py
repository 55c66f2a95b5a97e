"""Reports of cases by category, channel, office, age; over Jalali periods."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.complaints.caseload import domain
from shared.pagination import encode_cursor
from tests.conftest import START, Api
from tests.services.complaints.conftest import COMPLAINT, OFFICE, STAFF, File

pytestmark = pytest.mark.anyio

REPORTS = "/v1/statistics/complaints"
MADE_UP = f"breakdown/items?period=1398&cursor={encode_cursor(['2019-03-21', 0, 0])}"


async def get(api: Api, rest: str) -> Any:
    response = await api.client.get(f"{REPORTS}/{rest}", headers=api.headers("reports:read"))
    assert response.status_code == 200, response.text
    return response.json()


async def act(api: Api, filed: Any, rest: str, body: Any = None) -> None:
    path = f"/v1/complaints/{filed['number']}/{rest}"
    done = await api.client.post(path, json=body, headers=api.headers(*STAFF))
    assert done.status_code < 300, done.text


async def test_by_what_it_is_asked(api: Api, file: File) -> None:
    api.clock.at = START - timedelta(days=40)  # in 1397
    old = await file(category="loss")
    api.clock.at = START
    about = {"kind": "conduct", "office": OFFICE}
    await file(about=about, category="conduct")
    new = await file()
    about = {"kind": "parcel", "barcode": (await case(api, new))["about"]["barcode"]}
    await api.client.post("/v1/complaints", json={**COMPLAINT, "about": about})
    await act(api, old, "answers", {"text": "x"})
    await act(api, old, "close")
    await act(api, old, "reopen", {"text": "x"})

    year = await get(api, "breakdown?period=1398")
    assert (year["period"], year["by"]) == ("1398", "category")
    zero = {"filed": 0, "joined": 0, "answered": 0, "closed": 0, "reopened": 0}
    assert year["rows"] == [
        {**zero, "key": "conduct", "filed": 1},
        {**zero, "key": "delay", "filed": 1, "joined": 1},
        {**zero, "key": "loss", "answered": 1, "reopened": 1},
    ]
    await items_of_the_year(api, old)
    before = await get(api, "breakdown?period=1397&by=channel")
    assert before["rows"] == [{**zero, "key": "web", "filed": 1}]
    offices = await get(api, "breakdown?period=1398-01&by=handling_office")
    assert [(row["key"], row["filed"]) for row in offices["rows"]] == [(OFFICE, 2)]
    assert (await get(api, "breakdown?period=1398-02&by=officer"))["rows"] == []

    ageing = await get(api, "ageing")
    assert ageing["as_of"] == "2019-03-21T08:00:00Z"
    young = {"three_days": 0, "week": 0, "month": 0, "older": 0}
    assert ageing["rows"] == [
        {**young, "key": "acknowledged", "open": 2, "day": 2},
        {**young, "key": "received", "open": 1, "day": 0, "older": 1},
    ]
    filed = {"open": "true", "filed_after": "2019-03-20T08:00:00Z"}
    assert await listed(api, status="acknowledged", **filed) == 2
    assert await listed(api, open="true", filed_until="2019-02-19T08:00:00Z") == 1
    assert await listed(api, open="false") == 0
    by_category = await get(api, "ageing?by=category")
    assert sum(row["open"] for row in by_category["rows"]) == 3
    for rest in (
        "ageing?by=secret_hash",
        "breakdown?period=1398&by=id",
        "breakdown?period=x",
        MADE_UP,
    ):
        refused = await api.client.get(f"{REPORTS}/{rest}", headers=api.headers("reports:read"))
        assert refused.status_code == 422
    refused = await api.client.get(f"{REPORTS}/ageing", headers=api.headers(*STAFF))
    assert refused.status_code == 403


async def items_of_the_year(api: Api, old: Any) -> None:
    """As many as the numbers say; what came back is told by when it did."""
    for measure, count in (("filed", 2), ("answered", 1), ("closed", 0), ("reopened", 1)):
        items = await get(api, f"breakdown/items?period=1398&measure={measure}")
        assert len(items["items"]) == count, measure
    [again] = (await get(api, "breakdown/items?period=1398&measure=reopened&key=loss"))["items"]
    assert (again["number"], again["status"]) == (old["number"], "received")
    first = await get(api, "breakdown/items?period=1398&limit=1&by=severity&key=normal")
    second = await get(
        api, f"breakdown/items?period=1398&by=severity&key=normal&cursor={first['next']}"
    )
    assert [one["category"] for one in first["items"] + second["items"]] == ["conduct", "delay"]


async def listed(api: Api, **query: str) -> int:
    """How many cases the list shows, to which the report's figures lead."""
    found = await api.client.get("/v1/complaints", params=query, headers=api.headers(*STAFF))
    return len(found.json()["items"])


async def case(api: Api, filed: Any) -> Any:
    path = f"/v1/complaints/{filed['number']}"
    return (await api.client.get(path, headers=api.headers(*STAFF))).json()


async def test_ages_fall_into_the_rules_buckets(api: Api, file: File) -> None:
    """The statement agrees with the rule, at the edges too."""
    ages = [0, 1, 86_399, 86_400, 3 * 86_400, 7 * 86_400 - 1, 7 * 86_400, 30 * 86_400]
    for age in ages:
        api.clock.at = START - timedelta(seconds=age)
        await file(about={"kind": "website"}, category="website")
    api.clock.at = START
    (row,) = (await get(api, "ageing?by=category"))["rows"]
    expected = [domain.bucket_of(timedelta(seconds=age)) for age in ages]
    for bucket in domain.BUCKETS:
        assert row[bucket.name] == expected.count(bucket.name), bucket


@given(st.timedeltas(timedelta(days=-1), timedelta(days=400)))
def test_every_age_has_one_bucket(age: timedelta) -> None:
    names = [bucket.name for bucket in domain.BUCKETS]
    index = names.index(domain.bucket_of(age))
    assert index == 0 or domain.BUCKETS[index].over <= age
    assert index == len(names) - 1 or age < domain.BUCKETS[index + 1].over
