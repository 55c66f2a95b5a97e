"""Service areas over HTTP: set, found by postal code, and reported where they overlap."""

import json
from typing import Any

import pytest
from sqlalchemy.dialects import postgresql

from services.offices.areas import repository
from tests.conftest import Api
from tests.factories.offices import WRITE, command, create

pytestmark = pytest.mark.anyio


async def put(api: Api, code: str, *ranges: Any) -> Any:
    body = {"ranges": [{"from": r} if isinstance(r, str) else r for r in ranges]}
    url = f"/v1/offices/{code}/area"
    return await api.client.put(url, json=body, headers=api.headers(WRITE))


async def codes_of(api: Api, postal_code: str) -> list[str]:
    answer = await api.client.get(f"/v1/areas/of/{postal_code}")
    assert answer.status_code == 200, answer.text
    return [office["code"] for office in answer.json()["offices"]]


async def test_an_area_is_set_told_and_found_by_postal_code(api: Api) -> None:
    await create(api)
    url = "/v1/offices/KZ00001/area"
    empty = {"office": "KZ00001", "ranges": [], "version": 0}
    assert (await api.client.get(url)).json() == empty
    answer = await put(api, "KZ00001", "۶۱۳۵۸", {"from": "61355", "to": "61357"}, "6188811111")
    assert answer.status_code == 200, answer.text
    ranges = [
        {"from": "6135500000", "to": "6135899999"},
        {"from": "6188811111", "to": "6188811111"},
    ]
    assert answer.json() == {"office": "KZ00001", "ranges": ranges, "version": 1}
    assert (await api.client.get(url)).json() == answer.json()
    same = await put(api, "KZ00001", "6188811111", {"from": "61355", "to": "61358"})
    assert same.json() == answer.json()
    (event,) = await api.events("area.changed")
    assert event["data"] == {"area": answer.json()}
    assert await codes_of(api, "۶۱۳۵۷-۴۳۳۳۷") == ["KZ00001"]
    assert await codes_of(api, "6135943337") == []
    assert (await put(api, "KZ00001")).json()["ranges"] == []
    assert await codes_of(api, "6135743337") == []


async def test_overlaps_are_reported_and_not_resolved(api: Api) -> None:
    for kind in ("post_office", "agency", "pishkhan", "sorting_centre"):
        await create(api, kind=kind)
    await put(api, "KZ00001", "6135", "6177")
    await put(api, "KZ00002", "61357", "61779", {"from": "6199", "to": "62"})
    await put(api, "KZ00003", {"from": "613579", "to": "613580"})
    await put(api, "KZ00004", "6")  # sorts for all of them: no overlap
    found = await api.client.get("/v1/areas/overlaps?limit=3")
    pairs = [
        ([office["code"] for office in item["offices"]], item["codes"])
        for item in found.json()["items"]
    ]
    assert pairs == [
        (["KZ00001", "KZ00002"], {"from": "6135700000", "to": "6135799999"}),
        (["KZ00001", "KZ00002"], {"from": "6177900000", "to": "6177999999"}),
        (["KZ00001", "KZ00003"], {"from": "6135790000", "to": "6135809999"}),
    ]
    url = found.headers["link"].partition(">")[0][1:]
    (last,) = (await api.client.get(url)).json()["items"]
    assert last["codes"] == {"from": "6135790000", "to": "6135799999"}
    assert await codes_of(api, "6135791111") == ["KZ00001", "KZ00002", "KZ00003", "KZ00004"]
    await command(api, "KZ00001/close", {"reason": "پایان"})
    left = (await api.client.get("/v1/areas/overlaps")).json()["items"]
    assert [item["codes"] for item in left] == [last["codes"]]
    assert await codes_of(api, "6135791111") == ["KZ00002", "KZ00003", "KZ00004"]
    assert (await put(api, "KZ00001", "6")).json()["code"] == "office_closed"


async def test_who_may_and_what_is_refused(api: Api) -> None:
    await create(api)
    url = "/v1/offices/KZ00001/area"
    assert (await api.client.put(url, json={"ranges": []})).status_code == 401
    other = api.headers("scans:write")
    assert (await api.client.put(url, json={"ranges": []}, headers=other)).status_code == 403
    assert (await put(api, "KZ09999", "61")).status_code == 404
    assert (await api.client.get("/v1/offices/KZ09999/area")).status_code == 404
    ranges = ["", "x", "61357433371", "6\x00", "\ud800", 61, {"from": "62", "to": "61"}, {}, None]
    for bad in ranges:
        answer = await api.client.put(
            url,
            content=json.dumps({"ranges": [{"from": bad} if isinstance(bad, str) else bad]}),
            headers=api.headers(WRITE),
        )
        assert answer.status_code == 422, bad
    too_many = await put(api, "KZ00001", *["61"] * 501)
    assert too_many.status_code == 422
    for code in ("6105743337", "613574333", "%00", "abc"):
        assert (await api.client.get(f"/v1/areas/of/{code}")).status_code == 422
    for cursor in ("WyJhIl0", "WzEsMl0", "WzEsMiwtMV0"):  # ["a"], [1,2], [1,2,-1]
        answer = await api.client.get(f"/v1/areas/overlaps?cursor={cursor}")
        assert answer.status_code == 422


async def test_a_postal_code_is_found_by_the_index(api: Api) -> None:
    hot = api.database.hot
    await create(api)
    await hot.execute(
        "INSERT INTO office (id, code, name, kind, town, address, postal_code, latitude,"
        " longitude, hours, status, version, created_at, updated_at)"
        " SELECT n, 'KZ' || lpad(n::text, 5, '0'), 'x', 'agency', 'ahvaz', 'x', '6135743337',"
        " 31, 48, '{}', 'active', 1, now(), now() FROM generate_series(2, 5000) n"
    )
    await hot.execute("INSERT INTO area SELECT id, 1, now() FROM office")
    await hot.execute(
        "INSERT INTO area_range SELECT id, int8range(6000000000 + id * 10000,"
        " 6000000000 + id * 10000 + 10000) FROM office"
    )
    statement = repository.offices_of_statement(6_000_420_001).compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )
    plan = "\n".join(row[0] for row in await hot.fetch(f"EXPLAIN {statement}"))
    assert "ix_area_range_codes" in plan
    assert [row["code"] for row in await hot.fetch(str(statement))] == ["KZ00042"]
