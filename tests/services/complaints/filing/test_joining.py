"""Complaints of the same parcel are one case, and nobody's is lost; channels and subjects."""

import asyncio
from typing import Any

import pytest

from tests.conftest import Api
from tests.services.complaints.conftest import (
    BARCODE,
    COMPLAINT,
    OFFICE,
    STAFF,
    File,
    Sisters,
    secret,
)

pytestmark = pytest.mark.anyio

OTHER = {
    **COMPLAINT,
    "category": "damage",
    "text": "من گیرنده‌ام و بسته شکسته بود",
    "complainant": {"name": "علی رضایی", "phone": "09120000001"},
}


async def post(api: Api, body: Any, *scopes: str, kind: str = "shop", **headers: str) -> Any:
    token = api.headers(*scopes, kind=kind) if scopes else {}
    return await api.client.post("/v1/complaints", json=body, headers={**token, **headers})


async def ask(api: Api, method: str, filed: Any, rest: str = "", **options: Any) -> Any:
    path = f"/v1/complaints/{filed['number']}{rest}"
    options.setdefault("headers", secret(filed))
    return await api.client.request(method, path, **options)


async def test_a_second_complaint_of_a_parcel_joins_the_first(api: Api) -> None:
    first = (await post(api, COMPLAINT)).json()
    keyed = {"Idempotency-Key": "k"}
    joined = await post(api, OTHER, **keyed)
    second = joined.json()
    assert (await post(api, OTHER, **keyed)).content == joined.content
    assert (second["number"], second["joined"]) == (first["number"], True)
    assert second["secret"] != first["secret"]

    staff = (await ask(api, "GET", first, headers=api.headers(*STAFF))).json()
    assert [(m["party"], m["text"]) for m in staff["messages"]] == [
        (0, COMPLAINT["text"]),
        (1, OTHER["text"]),
    ]
    assert [c["name"] for c in staff["complainants"]] == ["زهرا احمدی", "علی رضایی"]
    assert (staff["joined_count"], staff["category"]) == (1, "delay")

    # neither sees what the other wrote; both see what staff says from then on
    await ask(api, "POST", first, "/answers", headers=api.headers(*STAFF), json={"text": "پوزش"})
    for filed, own in ((first, COMPLAINT["text"]), (second, OTHER["text"])):
        case = (await ask(api, "GET", filed)).json()
        assert [m["text"] for m in case["messages"]] == [own, "پوزش"]
        assert case["message_count"] == 2

    # and to one alone, of what is not the other's business
    alone = {"text": "شماره حساب شما؟", "party": 1}
    staff_ = api.headers(*STAFF)
    told = await ask(api, "POST", first, "/answers", headers=staff_, json=alone)
    assert told.json()["messages"][-1]["party"] == 1
    assert "حساب" in str((await ask(api, "GET", second)).json())
    assert "حساب" not in str((await ask(api, "GET", first)).json())
    nobody = await ask(api, "POST", first, "/answers", headers=staff_, json={**alone, "party": 2})
    assert (nobody.status_code, nobody.json()["errors"][0]["field"]) == (422, "body.party")

    # who was joined may contest, not accept for others
    refused = await ask(api, "POST", second, "/accept")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_the_first_complainant")
    accepted = await ask(api, "POST", first, "/accept")
    assert accepted.json()["status"] == "accepted"
    contested = await ask(api, "POST", second, "/contest", json={"text": "نپذیرفتم"})
    assert (contested.status_code, contested.json()["status"]) == (201, "contested")
    told = [event["type"] for event in await api.events()]
    types = [kind for kind in told if not kind.startswith("clock.")]
    assert types == [
        "case.filed",
        "case.joined",
        "case.answered",
        "case.answered",
        "case.accepted",
        "case.contested",
    ]


async def test_first_complaints_at_once_are_one_case(api: Api) -> None:
    filings = await asyncio.gather(*(post(api, COMPLAINT) for _ in range(8)))
    assert {filed.status_code for filed in filings} == {201}
    bodies = [filed.json() for filed in filings]
    assert len({body["number"] for body in bodies}) == 1
    assert sorted(body["joined"] for body in bodies) == [False] + [True] * 7
    assert len({body["secret"] for body in bodies}) == 8
    seen = await asyncio.gather(*(ask(api, "GET", body) for body in bodies))
    assert all(one.status_code == 200 and one.json()["message_count"] == 1 for one in seen)
    assert await api.database.hot.fetchval("SELECT count(*) FROM complaint_case") == 1


async def test_after_the_end_a_new_case(api: Api) -> None:
    first = (await post(api, COMPLAINT)).json()
    await ask(api, "POST", first, "/answers", headers=api.headers(*STAFF), json={"text": "x"})
    await ask(api, "POST", first, "/close", headers=api.headers(*STAFF))
    second = (await post(api, OTHER)).json()
    assert (second["joined"], second["number"] != first["number"]) == (False, True)
    # and about another thing than the parcel itself, too
    price = {"kind": "price", "barcode": BARCODE}
    third = (await post(api, {**OTHER, "about": price, "category": "price"})).json()
    assert third["joined"] is False


@pytest.mark.parametrize(
    ("about", "category", "asked"),
    [
        ({"kind": "service", "service": "passport", "office": OFFICE}, "service", "offices"),
        ({"kind": "conduct", "office": OFFICE, "barcode": None}, "conduct", "offices"),
        ({"kind": "price", "office": None, "barcode": BARCODE}, "price", "parcels"),
        ({"kind": "website", "page": "/quotes"}, "website", None),
    ],
)
async def test_subjects_besides_parcels_and_offices(
    api: Api, file: File, sisters: Sisters, about: dict[str, Any], category: str, asked: str | None
) -> None:
    filed = await file(about=about, category=category, remedy="apology")
    case = (await ask(api, "GET", filed)).json()
    assert (case["about"], case["remedy"], case["category"]) == (about, "apology", category)
    assert case["snapshot_pending"] is False
    assert (case["snapshot"] is None) == (asked is None)
    assert bool(sisters.asked) == (asked is not None)


async def test_the_channel_is_who_files(api: Api) -> None:
    about = {"kind": "office", "office": OFFICE}
    body = {**COMPLAINT, "about": about}
    expected = (
        ((), "shop", None, "web"),
        ((), "shop", "app", "app"),
        (("parcels:book",), "shop", None, "partner"),
        (("parcels:book",), "app", None, "app"),
        (STAFF, "staff", None, "counter"),
        (STAFF, "staff", "phone", "phone"),
    )
    for scopes, kind, said, found in expected:
        asked = body if said is None else {**body, "channel": said}
        filed = (await post(api, asked, *scopes, kind=kind)).json()
        case = (await ask(api, "GET", filed, headers=api.headers(*STAFF))).json()
        assert case["channel"] == found
        assert (case["partner"] is not None) == (found == "partner")
    for scopes, said in (((), "phone"), (("parcels:book",), "counter"), ((), "partner")):
        refused = await post(api, {**body, "channel": said}, *scopes)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
