"""Officers and their cases through the API."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from services.complaints import clients
from services.complaints.subjects import service as subjects
from tests.conftest import Api
from tests.services.complaints.conftest import OFFICE, STAFF, File, Sisters

pytestmark = pytest.mark.anyio

ABOUT = {"kind": "office", "office": OFFICE}


def account(n: int) -> str:
    return f"00000000-0000-7000-8000-0000000000{n:02x}"


async def ask(api: Api, method: str, path: str, body: Any = None, *scopes: str) -> Any:
    headers = api.headers(*(scopes or STAFF))
    return await api.client.request(method, path, json=body, headers=headers)


async def officer(api: Api, n: int, level: str, **place: Any) -> Any:
    body = {"level": level, **place}
    return await ask(api, "PUT", f"/v1/complaint-officers/{account(n)}", body)


async def whose(api: Api, filed: dict[str, Any]) -> str | None:
    case = (await ask(api, "GET", f"/v1/complaints/{filed['number']}")).json()
    found: str | None = case["officer"]
    return found


async def test_by_office_then_county_then_province(api: Api, file: File) -> None:
    async def filed() -> dict[str, Any]:
        return await file(about=ABOUT, category="conduct")

    assert await whose(api, await filed()) is None
    await officer(api, 1, "province")
    assert await whose(api, await filed()) == account(1)
    await officer(api, 2, "county", county="ahvaz")
    await officer(api, 9, "county", county="dezful")
    assert await whose(api, await filed()) == account(2)
    await officer(api, 3, "office", office=OFFICE)
    await officer(api, 4, "office", office=OFFICE)
    last = [await filed() for _ in range(3)]
    assert [await whose(api, one) for one in last] == [account(3), account(4), account(3)]
    # a parcel's case goes to the office that had it last
    parcel = await file()
    assert await whose(api, parcel) == account(4)
    # who has gone gets no more, and hands over
    gone = await officer(api, 3, "office", office=OFFICE, active=False)
    assert (gone.json()["active"], gone.json()["open_cases"]) == (False, 2)
    handed = await ask(api, "POST", f"/v1/complaint-officers/{account(3)}/hand-over")
    assert handed.json()["open_cases"] == 0
    assert await whose(api, last[0]) == account(4)
    listed = (await ask(api, "GET", "/v1/complaint-officers?limit=2")).json()
    assert [one["account"] for one in listed["items"]] == [account(1), account(2)]
    rest = (await ask(api, "GET", f"/v1/complaint-officers?cursor={listed['next']}")).json()
    assert [one["open_cases"] for one in rest["items"]] == [0, 4, 0]
    mine = (await ask(api, "GET", f"/v1/complaints?officer={account(4)}")).json()
    assert len(mine["items"]) == 4


async def test_cases_at_once_are_dealt_out_evenly(api: Api, file: File, sisters: Sisters) -> None:
    for n in (1, 2, 3):
        await officer(api, n, "office", office=OFFICE)
    await asyncio.gather(*(file(about=ABOUT, category="conduct") for _ in range(12)))
    rows = await api.database.hot.fetch("SELECT officer FROM complaint_case")
    assert Counter(row["officer"] for row in rows) == {account(n): 4 for n in (1, 2, 3)}
    assert len(await api.events("case.assigned")) == 12
    assert len(sisters.asked) == 12


async def test_what_could_not_be_asked_is_assigned_when_it_can(
    api: Api, file: File, sisters: Sisters
) -> None:
    await officer(api, 1, "province")
    await officer(api, 2, "office", office=OFFICE)
    sisters.down = {"parcels", "offices"}
    filed = await file()
    assert await whose(api, filed) == account(1)  # nobody knows yet who had it
    sisters.down = set()
    runtime = api.app.state.runtime
    asked = clients.Sisters(*(runtime.sister(name, "live") for name in ("parcels", "offices")))
    assert await subjects.catch_up(api.database, asked, api.clock.now()) == 1
    assert await whose(api, filed) == account(2)
    types = [event["type"] for event in await api.events()]
    assert [name for name in types if name.startswith("case.")] == [
        "case.filed",
        "case.assigned",
        "case.snapshot_completed",
        "case.assigned",
    ]


async def test_by_hand_with_a_reason(api: Api, file: File) -> None:
    filed = await file(about=ABOUT, category="conduct")
    path = f"/v1/complaints/{filed['number']}/assignments"
    nobody = await ask(api, "POST", path, {"reason": "کسی نیست"})
    assert (nobody.status_code, nobody.json()["code"]) == (409, "nobody_to_assign")
    await officer(api, 1, "office", office=OFFICE)
    await officer(api, 2, "province")
    wrong = await ask(api, "POST", path, {"officer": account(7), "reason": "اشتباه"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "body.officer")
    given = await ask(api, "POST", path, {"officer": account(2), "reason": "تعارض منافع"})
    assert given.status_code == 201
    again = await ask(api, "POST", path, {"officer": account(2), "reason": "تعارض منافع"})
    assert again.json() == given.json()
    ruled = await ask(api, "POST", path, {"reason": "بازگشت به دفتر"})
    shown = (await ask(api, "GET", path, None, "complaints:read")).json()
    assert shown == ruled.json()
    assert [(a["officer"], a["how"], a["reason"]) for a in shown["assignments"]] == [
        (account(2), "by_hand", "تعارض منافع"),
        (account(1), "office", None),
    ]
    await ask(api, "POST", f"/v1/complaints/{filed['number']}/answers", {"text": "x"})
    await ask(api, "POST", f"/v1/complaints/{filed['number']}/close")
    closed = await ask(api, "POST", path, {"reason": "دیر شد"})
    assert (closed.status_code, closed.json()["code"]) == (409, "case_closed")


async def test_watchers_and_officers_said_twice_are_once(api: Api, file: File) -> None:
    filed = await file()
    path = f"/v1/complaints/{filed['number']}/watchers/{account(5)}"
    for _ in range(2):
        watched = await ask(api, "PUT", path)
        assert [w["account"] for w in watched.json()["watchers"]] == [account(5)]
    await file()
    seen = (await ask(api, "GET", f"/v1/complaint-officers/{account(5)}/watched")).json()
    assert [one["number"] for one in seen["items"]] == [filed["number"]]
    for _ in range(2):
        assert (await ask(api, "DELETE", path)).json()["watchers"] == []
    seen = (await ask(api, "GET", f"/v1/complaint-officers/{account(5)}/watched")).json()
    assert seen["items"] == []
    saved = await asyncio.gather(*(officer(api, 6, "province") for _ in range(6)))
    assert {one.status_code for one in saved} == {200}
    assert {one.json()["version"] for one in saved} == {1}
    changed = await officer(api, 6, "county", county="ahvaz")
    assert changed.json()["version"] == 2
    for body in ({"level": "office"}, {"level": "province", "county": "x"}, {"level": "moon"}):
        refused = await ask(api, "PUT", f"/v1/complaint-officers/{account(6)}", body)
        assert refused.status_code == 422
    absent = await ask(api, "POST", f"/v1/complaint-officers/{account(8)}/hand-over")
    assert absent.status_code == 404
    types = [e["type"] for e in await api.events("case.watched", "case.unwatched", "officer.saved")]
    assert types == ["case.watched", "case.unwatched", "officer.saved", "officer.saved"]
    assert (
        await ask(api, "GET", "/v1/complaint-officers", None, "parcels:read")
    ).status_code == 403
