"""The gate of an office follows its papers, its kind and the clock, and tells when it changes."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.offices.applications.timers import settle_licences
from services.offices.contracts.timers import run
from tests.conftest import START, Api
from tests.factories.contracts import add_licence, ask, sign
from tests.factories.offices import command, create

pytestmark = pytest.mark.anyio


async def gate_of(api: Api, code: str) -> dict[str, Any]:
    found: dict[str, Any] = (await api.client.get(f"/v1/offices/{code}")).json()["gate"]
    return found


async def tick(api: Api, on: date | None = None) -> None:
    """What the worker's timer does, at noon of a day."""
    if on is not None:
        api.clock.at = START + timedelta(days=(on - date(2019, 3, 21)).days)
    await run(api.database, api.clock)


async def told(api: Api, code: str) -> list[tuple[bool, str | None]]:
    """Of each event of the office: is it open, until when."""
    events = [e for e in await api.events() if e["subject"] == code]
    gates = [e["data"]["office"]["gate"] for e in events]
    return [(gate["open"], gate["until"]) for gate in gates]


async def test_opens_with_a_contract_and_closes_after_its_grace(api: Api) -> None:
    office = await create(api, kind="agency")
    code = office["code"]
    assert office["gate"] == {
        "open": False,
        "until": None,
        "reason": "it has no contract",
        "products": None,
        "weight_max_g": None,
    }
    made = await sign(
        api, code, valid_until="2019-05-31", products=["adi", "pishtaz"], weight_max_g=2_000
    )
    assert await gate_of(api, code) == {
        "open": True,
        "until": "2019-06-30T19:30:00Z",
        "reason": "its contract C000001 ends on 2019-05-31; grace ends on 2019-06-30",
        "products": ["adi", "pishtaz"],
        "weight_max_g": 2_000,
    }
    await tick(api, date(2019, 6, 30))
    assert (await gate_of(api, code))["open"]
    await tick(api, date(2019, 7, 1))
    closed = await gate_of(api, code)
    assert (closed["open"], closed["until"]) == (False, "2019-06-30T19:30:00Z")
    assert closed["reason"].endswith("ended on 2019-05-31; grace ended on 2019-06-30")
    renewal = {"valid_until": "2020-03-19"}
    assert (await ask(api, "POST", f"/{made['number']}/renew", renewal)).status_code == 201
    assert await told(api, code) == [
        (False, None),
        (True, "2019-06-30T19:30:00Z"),
        (False, "2019-06-30T19:30:00Z"),
        (True, "2020-04-18T19:30:00Z"),
    ]
    await tick(api)
    assert len(await told(api, code)) == 4
    terminated = {"on": "2019-07-01", "reason": "تخلف"}
    assert (await ask(api, "POST", "/C000002/terminate", terminated)).status_code == 200
    gate = await gate_of(api, code)
    assert (gate["open"], gate["reason"]) == (
        False,
        "its contract C000002 was terminated on 2019-07-01",
    )


async def test_a_contract_to_come_opens_it_when_it_begins(api: Api) -> None:
    code = (await create(api, kind="agency"))["code"]
    await sign(api, code, valid_from="2019-04-01")
    assert (await gate_of(api, code))["reason"] == "its contract C000001 begins on 2019-04-01"
    await tick(api, date(2019, 3, 31))
    await tick(api, date(2019, 4, 1))
    assert [is_open for is_open, _ in await told(api, code)] == [False, False, True]


async def test_needs_what_its_kind_needs(api: Api) -> None:
    code = (await create(api, kind="pishkhan"))["code"]
    await sign(api, code)
    assert (await gate_of(api, code))["reason"] == "it has no licence"
    await add_licence(api, code, "pishkhan")

    async def become(kind: str) -> tuple[bool, str | None]:
        answer = await command(api, code, {"kind": kind}, method="PATCH")
        gate = answer.json()["gate"]
        assert gate == await gate_of(api, code)
        return gate["open"], gate["reason"]

    contract = "its contract C000001 ends on 2020-03-19; grace ends on 2020-04-18"
    assert await become("rural_ict") == (False, "it has no licence")  # its own is a pishkhan's
    assert await become("agency") == (True, contract)
    assert await become("pishkhan") == (True, contract)
    assert await become("post_office") == (True, None)


async def test_stops_with_its_licence(api: Api) -> None:
    """By decisions that are applied: an import, a suspension from a day ahead, a revocation."""
    code = (await create(api, kind="rural_ict"))["code"]
    await sign(api, code)

    async def decide(path: str, **body: Any) -> Any:
        headers = api.headers("licensing:write", "licensing:decide", kind="staff")
        answer = await api.client.post(f"/v1/licences/{path}", json=body, headers=headers)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    row = {
        "number": "72-1",
        "office": code,
        "kind": "rural_ict",
        "valid_from": "2018-03-21",
        "valid_until": "2019-12-31",
        "paper_reference": "۱۲/۳۴",
    }
    licence = (await decide("import", licences=[row]))["results"][0]["licence_id"]
    runs_out = (True, "its licence 72-1 ends on 2019-12-31; grace ends on 2020-01-30")

    async def state() -> tuple[bool, str]:
        gate = await gate_of(api, code)
        return gate["open"], gate["reason"]

    assert await state() == runs_out
    act = {"text": "تخلف", "reference": "۱۲/۳۵"}
    await decide(f"{licence}/records", transition="defend", **act)
    later = {"effective_from": "2019-05-01T00:00:00+04:30"}
    await decide(f"{licence}/decisions", transition="suspend", **act, **later)
    assert await state() == runs_out
    api.clock.at = START + timedelta(days=45)
    await settle_licences(api.database, api.clock.now())
    suspended = await gate_of(api, code)
    assert (suspended["until"], suspended["open"]) == ("2019-04-30T19:30:00Z", False)
    assert suspended["reason"] == "its licence 72-1 was suspended on 2019-05-01"
    await decide(f"{licence}/records", transition="defend", **act)
    await decide(f"{licence}/decisions", transition="revoke", **act)
    revoked = await gate_of(api, code)
    assert revoked["reason"] == "its licence 72-1 was suspended, then revoked on 2019-05-01"
    assert revoked["until"] == suspended["until"]


class TestNotices:
    async def notices(self, api: Api) -> list[tuple[str, str, int, int]]:
        events = await api.events("contract.expiring", "licence.expiring")
        data = [(event["type"].partition(".")[0], event["data"]) for event in events]
        return [(paper, d[paper]["number"], d["days"], d["days_left"]) for paper, d in data]

    async def test_each_is_told_once_in_order(self, api: Api) -> None:
        offices = [(await create(api, kind="pishkhan"))["code"] for _ in range(2)]
        await sign(api, offices[0], valid_until="2019-06-30")
        await sign(api, offices[1], valid_until="2019-06-29")
        await add_licence(api, offices[0], "pishkhan", "2019-06-30")
        await add_licence(api, offices[1], "pishkhan")
        await tick(api, date(2019, 4, 29))
        assert await self.notices(api) == []
        for _ in range(2):
            await tick(api, date(2019, 5, 1))
        first = [
            ("licence", "L1", 60, 60),
            ("contract", "C000002", 60, 59),
            ("contract", "C000001", 60, 60),
        ]
        assert await self.notices(api) == first
        renewal = {"valid_until": "2020-06-28"}
        assert (await ask(api, "POST", "/C000002/renew", renewal)).status_code == 201
        await tick(api, date(2019, 5, 31))
        second = [("licence", "L1", 30, 30), ("contract", "C000001", 30, 30)]
        assert await self.notices(api) == first + second
        await tick(api, date(2019, 6, 30))
        third = [("licence", "L1", 7, 0), ("contract", "C000001", 7, 0)]
        assert await self.notices(api) == first + second + third
        await tick(api, date(2019, 7, 1))
        assert await self.notices(api) == first + second + third

    async def test_of_those_missed_only_the_last_is_told(self, api: Api) -> None:
        code = (await create(api, kind="agency"))["code"]
        await sign(api, code, valid_until="2019-06-30")
        await tick(api, date(2019, 6, 10))
        assert await self.notices(api) == [("contract", "C000001", 30, 20)]
        longer = {"valid_until": "2019-08-20", "reason": "تمدید"}
        assert (await ask(api, "PATCH", "/C000001", longer)).status_code == 200
        await tick(api, date(2019, 6, 25))
        await tick(api, date(2019, 8, 20))
        assert [days for _, _, days, _ in await self.notices(api)] == [30, 60, 7]
