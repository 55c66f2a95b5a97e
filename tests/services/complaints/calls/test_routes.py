"""The contact centre through the API: the log, the case made in a call, one view of a caller."""

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import START, Api
from tests.services.complaints.conftest import BARCODE, STAFF, File, Sisters, secret

pytestmark = pytest.mark.anyio

CALLS = "/v1/contact-centre/calls"
PHONE = "+989161234567"


async def ask(api: Api, method: str, path: str, body: Any = None, **headers: str) -> Any:
    token = api.headers(*STAFF, kind="staff")
    return await api.client.request(method, path, json=body, headers={**token, **headers})


async def test_a_call_with_its_case(api: Api, file: File, sisters: Sisters) -> None:
    earlier = await file()
    sisters.by_phone[PHONE] = [
        {
            "barcode": BARCODE,
            "role": "recipient",
            "status": "in_transit",
            "product": "pishtaz",
            "origin_office": None,
            "booked_at": "2019-03-18T06:00:00Z",
            "promised_at": None,
            "weight_g": 4,
        }
    ]
    keyed = {"Idempotency-Key": "call-1"}
    started = await ask(api, "POST", CALLS, {"phone": "۰۹۱۶۱۲۳۴۵۶۷"}, **keyed)
    assert started.status_code == 201, started.text
    assert (
        await ask(api, "POST", CALLS, {"phone": "۰۹۱۶۱۲۳۴۵۶۷"}, **keyed)
    ).json() == started.json()
    call = started.json()
    assert (call["phone"], call["ended_at"], call["cases"]) == (PHONE, None, [])
    path = f"{CALLS}/{call['id']}"

    known = (await ask(api, "GET", f"{path}/caller")).json()
    assert [parcel["barcode"] for parcel in known["parcels"]] == [BARCODE]
    assert [case["number"] for case in known["cases"]] == [earlier["number"]]
    assert [one["id"] for one in known["calls"]] == [call["id"]]
    assert known == (await ask(api, "POST", "/v1/contact-centre/callers", {"phone": PHONE})).json()

    complaint = {
        "about": {"kind": "website"},
        "category": "website",
        "text": "سایت باز نمی‌شود",
        "name": "زهرا احمدی",
    }
    filed = (await ask(api, "POST", f"{path}/cases", complaint)).json()
    assert filed["joined"] is False
    joined = {**complaint, "about": {"kind": "parcel", "barcode": BARCODE}, "category": "delay"}
    assert (await ask(api, "POST", f"{path}/cases", joined)).json()["joined"] is True
    case = (await ask(api, "GET", f"/v1/complaints/{filed['number']}")).json()
    assert (case["channel"], case["complainant"]["phone"]) == ("phone", PHONE)
    own = await api.client.get(f"/v1/complaints/{filed['number']}", headers=secret(filed))
    assert own.status_code == 200

    await ended(api, call, [earlier["number"], filed["number"]], complaint)
    events = await api.events()
    assert [e["type"] for e in events if e["type"].startswith("call.")] == [
        "call.started",
        "call.ended",
    ]
    assert "9161234567" not in str(events)
    assert "9161234567" not in str(sisters.asked)  # asked in the body: URLs are logged


async def ended(api: Api, call: Any, cases: list[str], complaint: Any) -> None:
    path = f"{CALLS}/{call['id']}"
    api.clock.at = START + timedelta(minutes=7)
    end = {"outcome": "case_filed", "note": "آرام شد"}
    ended = await ask(api, "POST", f"{path}/end", end)
    assert ended.json()["ended_at"] == "2019-03-21T08:07:00Z"
    assert sorted(ended.json()["cases"]) == sorted(cases)
    assert (await ask(api, "POST", f"{path}/end", end)).json() == ended.json()
    other = await ask(api, "POST", f"{path}/end", {"outcome": "informed"})
    assert (other.status_code, other.json()["code"]) == (409, "call_ended")
    late = await ask(api, "POST", f"{path}/cases", complaint)
    assert (late.status_code, late.json()["code"]) == (409, "call_ended")
    count = await api.database.hot.fetchval("SELECT count(*) FROM complaint_case")
    assert count == 2  # what was refused left no case behind
    listed = (await ask(api, "GET", f"{CALLS}?operator={call['operator']}")).json()
    assert listed["items"] == [ended.json()]
    assert (await ask(api, "GET", path)).json() == ended.json()


async def test_while_parcels_is_down_the_rest_is_shown(
    api: Api, file: File, sisters: Sisters
) -> None:
    filed = await file()
    sisters.down = {"parcels"}
    found = (await ask(api, "POST", "/v1/contact-centre/callers", {"phone": PHONE})).json()
    assert found["parcels"] is None
    assert [case["number"] for case in found["cases"]] == [filed["number"]]


async def test_numbers_are_for_staff(api: Api) -> None:
    call = (await ask(api, "POST", CALLS, {"phone": PHONE})).json()
    for method, path, body in (
        ("GET", f"{CALLS}/{call['id']}/caller", None),
        ("POST", "/v1/contact-centre/callers", {"phone": PHONE}),
        ("GET", CALLS, None),
        ("POST", CALLS, {"phone": PHONE}),
    ):
        for scopes, status in ((("complaints:read",), 403), (("parcels:read",), 403)):
            headers = api.headers(*scopes)
            refused = await api.client.request(method, path, json=body, headers=headers)
            assert refused.status_code == status
        assert (await api.client.request(method, path, json=body)).status_code == 401
    assert (await ask(api, "GET", f"{CALLS}/999")).status_code == 404
    assert (await ask(api, "POST", CALLS, {"phone": "12"})).status_code == 422
    ahead = {"phone": PHONE, "occurred_at": "2019-01-01T00:00:00Z"}
    assert (await ask(api, "POST", CALLS, ahead)).status_code == 403
