"""Principals and services through the API."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import START, Api
from tests.factories.catalogue import add_services, ask, made, service

pytestmark = pytest.mark.anyio

POLICE = {"slug": "police", "name": "پلیس راهور", "name_en": "Traffic Police"}
TODAY, TOMORROW = "2019-03-21", "2019-03-22"


async def problem(api: Api, status: int, method: str, path: str, body: Any) -> str:
    answer = await ask(api, method, path, body)
    assert answer.status_code == status, answer.text
    code: str = answer.json()["code"]
    return code


WRITES = (
    ("POST", "principals"),
    ("PATCH", "principals/police"),
    ("POST", "services"),
    ("PATCH", "services/police.plates"),
    ("POST", "services/police.plates/prices"),
    ("POST", "service-rules"),
    ("GET", "service-rules/breaches"),
    ("PUT", "offices/KZ00001/offerings"),
    ("POST", "services/performed"),
    ("GET", "offices/KZ00001/performed"),
    ("GET", "statistics/services"),
)


async def test_reading_is_public_and_writing_is_not(api: Api) -> None:
    for method, path in WRITES:
        anonymous = await api.client.request(method, f"/v1/{path}", json={})
        other = await ask(api, method, path, {}, scope="scans:write")
        assert (anonymous.status_code, other.status_code) == (401, 403), path
    for path in ("principals", "services", "service-rules"):
        assert (await api.client.get(f"/v1/{path}")).json() == {"items": [], "next": None}


class TestPrincipals:
    async def test_life(self, api: Api) -> None:
        first = await made(api, "principals", POLICE)
        assert first == {
            **POLICE,
            "version": 1,
            "created_at": "2019-03-21T08:00:00Z",
            "updated_at": "2019-03-21T08:00:00Z",
        }
        assert (await api.client.get("/v1/principals/police")).json() == first
        assert await problem(api, 409, "POST", "principals", POLICE) == "principal_exists"
        changed = (await ask(api, "PATCH", "principals/police", {"name": "پلیس"})).json()
        assert (changed["name"], changed["version"]) == ("پلیس", 2)
        same = await ask(api, "PATCH", "principals/police", {"name": "پلیس"})
        assert same.json() == changed
        gone = await problem(api, 404, "PATCH", "principals/nobody", {"name": "هیچ"})
        assert gone == "principal_not_found"
        events = await api.events()
        assert [(e["type"], e["data"]["principal"]["name"]) for e in events] == [
            ("principal.created", "پلیس راهور"),
            ("principal.changed", "پلیس"),
        ]

    async def test_a_key_makes_one(self, api: Api) -> None:
        key = {"Idempotency-Key": "k1"}
        first = await ask(api, "POST", "principals", POLICE, **key)
        again = await ask(api, "POST", "principals", POLICE, **key)
        assert (first.status_code, again.content) == (201, first.content)
        assert first.headers["location"] == "/v1/principals/police"
        other = await ask(api, "POST", "principals", {**POLICE, "name": "دیگر"}, **key)
        assert other.json()["code"] == "idempotency_key_reused"


class TestServices:
    async def test_life(self, api: Api) -> None:
        await made(api, "principals", POLICE)
        first = await made(api, "services", service())
        sent = {**service(), "delegated": True, "valid_until": None, "version": 1}
        assert {name: first[name] for name in sent} == sent
        price = {"fee_rials": 100_000, "office_share_rials": 40_000}
        assert first["prices"] == [{"valid_from": "2015-03-21", **price}]
        assert (await api.client.get("/v1/services/police.plates")).json() == first
        assert await problem(api, 409, "POST", "services", service()) == "service_exists"
        unknown = service("nobody.act")
        assert await problem(api, 409, "POST", "services", unknown) == "unknown_principal"
        fields: dict[str, Any] = {
            "documents": ["کارت ملی"],
            "electronic": True,
            "valid_until": "2020-03-19",
        }
        changed = (await ask(api, "PATCH", "services/police.plates", fields)).json()
        assert changed == {**first, **fields, "version": 2}
        assert (await ask(api, "PATCH", "services/police.plates", fields)).json() == changed
        for wrong, code in (
            ({"electronic": False, "at_counter": False}, "nowhere_done"),
            ({"valid_until": "2014-01-01"}, "bad_span"),
        ):
            assert await problem(api, 409, "PATCH", "services/police.plates", wrong) == code
        assert (await api.client.get("/v1/services/police.nothing")).status_code == 404
        created, again = await api.events("service.created", "service.changed")
        assert created["subject"] == "police.plates"
        assert created["data"]["service"]["prices"] == first["prices"]
        assert again["data"]["service"]["documents"] == ["کارت ملی"]

    async def test_what_is_refused(self, api: Api) -> None:
        wrong: list[dict[str, Any]] = [
            *({"code": code} for code in ("police", "police.a b", "x." + "a" * 60)),
            *({"fee_rials": fee} for fee in (10**16, True, -1, "100000", 39_999)),
            *({"documents": papers} for papers in (["کارت\x00"], ["کارت ملی"] * 31)),
            *({"valid_from": day} for day in ("1398-01-01", 0, None)),
            {"duration_minutes": 0},
            {"unknown": 1},
        ]
        for fields in wrong:
            body = {**service(), **fields}
            assert await problem(api, 422, "POST", "services", body) == "invalid", fields
        assert await problem(api, 422, "PATCH", "services/police.x", {"name": None}) == "invalid"

    async def test_lists(self, api: Api) -> None:
        await add_services(api, "police.plates", "police.fines", "tax.form")
        kafi = {"name": "پیگیری‌ كارت ۲۵", "electronic": True, "at_counter": False}
        await ask(api, "PATCH", "services/police.fines", kafi)
        await ask(api, "PATCH", "services/tax.form", {"valid_until": "2018-03-20"})
        await ask(api, "PATCH", "principals/tax", {"name": "امور مالیاتی"})

        async def codes(**query: Any) -> list[str]:
            answer = await api.client.get("/v1/services", params=query)
            assert answer.status_code == 200, answer.text
            return [row["code"] for row in answer.json()["items"]]

        assert await codes() == ["police.fines", "police.plates", "tax.form"]
        assert await codes(principal="police", electronic=False) == ["police.plates"]
        assert await codes(at_counter=False) == ["police.fines"]
        assert await codes(delegated=False) == []
        assert await codes(valid_on=TODAY) == ["police.fines", "police.plates"]
        assert await codes(valid_on="۲۰۱۸-۰۳-۲۰") == await codes()
        assert await codes(q="پیگیری کارت 25") == ["police.fines"]  # ZWNJ, Arabic kaf, digits
        assert await codes(q="مالیاتی") == ["tax.form"]
        assert await codes(q="PLATES") == await codes()
        assert await codes(q="%") == await codes(q="_") == []
        first = (await api.client.get("/v1/services", params={"limit": 2, "q": "t"})).json()
        rest = await api.client.get("/v1/services", params={"cursor": first["next"]})
        assert [row["code"] for row in rest.json()["items"]] == ["tax.form"]
        for bad in ({"cursor": "WzFd"}, {"q": "\x00"}, {"valid_on": "1"}, {"principal": "a\x00"}):
            assert (await api.client.get("/v1/services", params=bad)).status_code == 422


class TestPrices:
    async def test_a_change_of_fee_keeps_the_past(self, api: Api) -> None:
        await add_services(api, "police.plates")
        path = "services/police.plates/prices"

        def price(day: str, fee: int, share: int = 0) -> dict[str, Any]:
            return {"valid_from": day, "fee_rials": fee, "office_share_rials": share}

        today = (await ask(api, "POST", path, price(TODAY, 150_000, 50_000))).json()
        assert (today["fee_rials"], today["office_share_rials"]) == (150_000, 50_000)
        for day in ("2018-01-01", TODAY):
            assert await problem(api, 409, "POST", path, price(day, 1)) == "price_in_force"
        await ask(api, "POST", path, price(TOMORROW, 1))
        later = (await ask(api, "POST", path, price(TOMORROW, 200_000))).json()
        assert (later["fee_rials"], later["version"]) == (150_000, 4)
        assert [p["fee_rials"] for p in later["prices"]] == [100_000, 150_000, 200_000]
        api.clock.at = START + timedelta(days=1)
        (listed,) = (await api.client.get("/v1/services")).json()["items"]
        assert listed["fee_rials"] == 200_000
        events = await api.events("service.changed")
        assert events[-1]["data"]["service"]["prices"] == later["prices"]

    async def test_two_prices_at_once_are_both_kept(self, api: Api) -> None:
        await add_services(api, "police.plates")
        days = [f"2019-04-{day:02d}" for day in range(1, 9)]
        bodies = [{"valid_from": d, "fee_rials": 5, "office_share_rials": 5} for d in days]
        path = "services/police.plates/prices"
        answers = await asyncio.gather(*(ask(api, "POST", path, body) for body in bodies))
        assert {answer.status_code for answer in answers} == {200}
        found = (await api.client.get("/v1/services/police.plates")).json()
        assert [p["valid_from"] for p in found["prices"]] == ["2015-03-21", *days]
        assert found["version"] == 9
