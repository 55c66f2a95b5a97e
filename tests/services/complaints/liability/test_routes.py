"""Assessment and liability through the API: proposed from custody, decided by an officer."""

import asyncio
from typing import Any

import pytest

from tests.conftest import Api
from tests.services.complaints.conftest import BARCODE, OFFICE, STAFF, File, Sisters

pytestmark = pytest.mark.anyio

ACCOUNT = "00000000-0000-7000-8000-0000000000c1"


def event(name: str, day: int, office: str | None, **named: str) -> dict[str, Any]:
    nobody = dict.fromkeys(("trip", "courier", "operator", "reason"))
    return {
        "event": name,
        "event_id": f"e-{name}-{day}",
        "office": office,
        "status": "in_transit",
        "occurred_at": f"2019-03-{day}T08:00:00Z",
        **nobody,
        **named,
    }


def custody(*events: dict[str, Any]) -> dict[str, Any]:
    return {
        "barcode": BARCODE,
        "status": "in_transit",
        "origin_office": OFFICE,
        "promised_at": "2019-03-19T08:00:00Z",
        "ended_at": None,
        "custodian": "trip",
        "events": list(events),
        "discrepancies": [],
        "weight_g": 4,
    }


async def post(api: Api, filed: Any, rest: str, body: Any = None) -> Any:
    path = f"/v1/complaints/{filed['number']}/{rest}"
    return await api.client.post(path, json=body, headers=api.headers(*STAFF))


async def test_a_proposal_is_confirmed_or_overruled(api: Api, file: File, sisters: Sisters) -> None:
    sisters.offices["KZ00077"] = {"code": "KZ00077", "name": "دفتر دزفول", "county": "dezful"}
    sisters.custody[BARCODE] = custody(
        event("acceptance", 18, OFFICE), event("departure", 18, OFFICE, trip="L1/2019-03-18")
    )
    officer = {"level": "office", "office": "KZ00077"}
    saved = await api.client.put(
        f"/v1/complaint-officers/{ACCOUNT}", json=officer, headers=api.headers(*STAFF)
    )
    assert saved.status_code == 200, saved.text
    filed = await file(category="loss")
    early = await post(api, filed, "liability", {"decision": "confirm"})
    assert (early.status_code, early.json()["code"]) == (409, "nothing_proposed")

    assessed = await post(api, filed, "assessment", {"severity": "high", "text": "یادداشت"})
    assert assessed.status_code == 201, assessed.text
    body = assessed.json()
    assert (body["status"], body["severity"], body["custody_asked"]) == ("assessed", "high", True)
    (proposal,) = body["entries"]
    assert (proposal["act"], proposal["kind"], proposal["code"], proposal["office"]) == (
        "proposed",
        "trip",
        "L1/2019-03-18",
        OFFICE,
    )
    assert [(r["code"], r["hours"]) for r in proposal["reasons"]] == [("stopped_with", 72)]
    assert "72" in proposal["reasons"][0]["text"]
    assert body["decided"] is False

    confirmed = (await post(api, filed, "liability", {"decision": "confirm"})).json()
    assert (confirmed["decided"], confirmed["liable_kind"]) == (True, "trip")
    assert (confirmed["liable_code"], confirmed["liable_office"]) == ("L1/2019-03-18", OFFICE)

    overrule = {"decision": "overrule", "kind": "office", "office": "KZ00077", "reason": "رسید شد"}
    for wrong, field in (
        ({**overrule, "reason": ""}, "reason"),
        ({**overrule, "office": None}, "office"),
        ({**overrule, "office": "KZ99999"}, "office"),
    ):
        refused = await post(api, filed, "liability", wrong)
        assert refused.status_code == 422
        assert field in str(refused.json()["errors"])
    overruled = (await post(api, filed, "liability", overrule)).json()
    assert [entry["act"] for entry in overruled["entries"]] == [
        "proposed",
        "confirmed",
        "overruled",
    ]
    assert overruled["entries"][-1]["reason"] == "رسید شد"
    case = (
        await api.client.get(f"/v1/complaints/{filed['number']}", headers=api.headers(*STAFF))
    ).json()
    # the office that answers for it handles it, and its officer has the case
    assert (case["liable_office"], case["handling_office"]) == ("KZ00077", "KZ00077")
    assert (case["county"], case["officer"]) == ("dezful", ACCOUNT)
    told = [event["type"] for event in await api.events()]
    types = [kind for kind in told if not kind.startswith("clock.")]
    assert types == [
        "officer.saved",
        "case.filed",
        "case.assessed",
        "case.liability_proposed",
        "case.liability_decided",
        "case.liability_decided",
        "case.assigned",
    ]


async def test_under_its_key_each_is_said_once(api: Api, file: File, sisters: Sisters) -> None:
    sisters.custody[BARCODE] = custody(event("acceptance", 18, OFFICE))
    filed = await file(category="loss")
    path = f"/v1/complaints/{filed['number']}"
    headers = {**api.headers(*STAFF), "Idempotency-Key": "k-1"}

    async def say(rest: str, body: Any) -> Any:
        return await api.client.post(f"{path}/{rest}", json=body, headers=headers)

    steps: list[tuple[str, Any]] = [
        ("assessment", {"severity": "high", "text": "یادداشت"}),
        ("liability/proposals", None),
        ("liability", {"decision": "confirm"}),
    ]
    for n, (rest, body) in enumerate(steps, start=1):
        at_once = await asyncio.gather(*(say(rest, body) for _ in range(4)))
        first = next(one for one in at_once if one.status_code == 201)
        assert {one.status_code for one in at_once} <= {201, 409}
        assert (await say(rest, body)).json() == first.json()
        assert len(first.json()["entries"]) == n
    assert (await say("liability", {"decision": "confirm", "x": 1})).status_code == 422
    stored = await api.database.hot.fetch("SELECT body FROM idempotency")
    assert {bytes(row["body"]) for row in stored} == {b""}


async def test_while_parcels_is_down_the_case_is_assessed_without(
    api: Api, file: File, sisters: Sisters
) -> None:
    filed = await file()
    sisters.down = {"parcels"}
    assessed = (await post(api, filed, "assessment", {"severity": "low"})).json()
    assert (assessed["status"], assessed["custody_asked"], assessed["entries"]) == (
        "assessed",
        False,
        [],
    )
    refused = await post(api, filed, "liability/proposals")
    assert (refused.status_code, refused.json()["code"]) == (503, "custody_unknown")
    sisters.down = set()
    sisters.custody[BARCODE] = custody(
        event("acceptance", 18, OFFICE), event("out_for_delivery", 19, OFFICE, courier="C-1")
    )
    proposed = (await post(api, filed, "liability/proposals")).json()
    assert (proposed["entries"][0]["kind"], proposed["entries"][0]["code"]) == ("courier", "C-1")
    shown = await api.client.get(
        f"/v1/complaints/{filed['number']}/liability", headers=api.headers("complaints:read")
    )
    assert shown.json()["entries"] == proposed["entries"]


async def test_about_an_office_it_is_that_office(api: Api, file: File) -> None:
    filed = await file(about={"kind": "conduct", "office": OFFICE}, category="conduct")
    assessed = await post(api, filed, "assessment", {"severity": "normal", "category": "service"})
    entry = assessed.json()["entries"][0]
    assert (entry["kind"], entry["code"]) == ("office", OFFICE)
    assert entry["reasons"][0]["code"] == "complained_of"
    assert assessed.json()["category"] == "service"
    again = await post(api, filed, "assessment", {"severity": "critical"})
    assert len(again.json()["entries"]) == 2
    await post(api, filed, "answers", {"text": "x"})
    await post(api, filed, "close")
    for rest, body in (("liability/proposals", None), ("liability", {"decision": "confirm"})):
        refused = await post(api, filed, rest, body)
        assert (refused.status_code, refused.json()["code"]) == (409, "case_closed")
