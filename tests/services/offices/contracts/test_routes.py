"""Contracts over HTTP: signed, read, amended, ended and renewed."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.offices.contracts.timers import run
from tests.conftest import START, Api
from tests.factories.contracts import ALL_20_PERCENT, PARTY, ask, contract, sign
from tests.factories.offices import command, create

pytestmark = pytest.mark.anyio


@pytest.fixture
async def agency(api: Api) -> str:
    return str((await create(api, kind="agency"))["code"])


async def refused(api: Api, method: str, path: str, body: Any, status: int = 409) -> str:
    answer = await ask(api, method, path, body)
    assert answer.status_code == status, answer.text
    return str(answer.json()["code"])


class TestSign:
    async def test_is_answered_kept_and_told_without_the_party(self, api: Api, agency: str) -> None:
        body = contract(agency, products=["pishtaz"], weight_max_g=2_000)
        answer = await ask(api, "POST", body=body, headers={"Idempotency-Key": "k"})
        made = answer.json()
        assert answer.headers["location"] == "/v1/contracts/C000001"
        term = ALL_20_PERCENT | {"valid_until": None, "rials_per_item": None}
        expected = {k: v for k, v in body.items() if k != "party"} | {"commission": [term]}
        assert {name: made[name] for name in expected} == expected
        assert (made["status"], made["version"], made["renews"]) == ("active", 1, None)
        again = await ask(api, "POST", body=body, headers={"Idempotency-Key": "k"})
        assert again.content == answer.content
        assert (await ask(api, "GET", "/c000001")).json() == made
        assert (await ask(api, "GET", "/C000001/party")).json() == PARTY | {"legal_id": None}
        (event,) = await api.events("contract.signed")
        assert event["subject"] == "C000001"
        state = event["data"]["contract"]
        assert {name: made[name] for name in state} == state
        events = await api.events()
        assert "مریم" not in str(events)
        assert "0084575948" not in str(events)

    async def test_needs_a_caller_who_may(self, api: Api, agency: str) -> None:
        await sign(api, agency)
        url, body = "/v1/contracts", contract(agency)
        assert (await api.client.post(url, json=body)).status_code == 401
        reader = api.headers("licensing:read", kind="staff")
        assert (await api.client.post(url, json=body, headers=reader)).status_code == 403
        other = api.headers("offices:write")
        for path in ("", "/C000001", "/C000001/party", "/C000001/versions"):
            assert (await api.client.get(url + path, headers=other)).status_code == 403

    async def test_of_one_office_do_not_overlap(self, api: Api, agency: str) -> None:
        await sign(api, agency)
        answer = await ask(
            api, "POST", body=contract(agency, valid_from="2020-03-19", valid_until="2021-03-19")
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "contracts_overlap")
        assert "C000001" in answer.json()["detail"]
        await sign(api, agency, valid_from="2020-03-20", valid_until="2021-03-19")
        other = (await create(api, kind="agency"))["code"]
        bodies = [contract(other, weight_max_g=100 + n) for n in range(6)]
        answers = await asyncio.gather(*(ask(api, "POST", body=body) for body in bodies))
        assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]

    async def test_only_where_one_is_needed_and_in_days_to_come(
        self, api: Api, agency: str
    ) -> None:
        own = (await create(api))["code"]
        assert await refused(api, "POST", "", contract(own)) == "needs_no_contract"
        past = {"valid_from": "2017-03-21", "valid_until": "2018-03-20"}
        assert await refused(api, "POST", "", contract(agency, **past)) == "days_passed"
        assert await refused(api, "POST", "", contract("KZ99999"), 404) == "office_not_found"
        old = await sign(api, agency, **past, paper_reference="نامهٔ ۱۲/۳۴", party=None)
        assert old["paper_reference"] == "نامهٔ ۱۲/۳۴"
        missing = await ask(api, "GET", f"/{old['number']}/party")
        assert (missing.status_code, missing.json()["code"]) == (404, "contract_party_not_found")

    async def test_bad_input_names_the_field(self, api: Api) -> None:
        changes: list[tuple[dict[str, Any], str]] = [
            ({"valid_until": "2019-03-20"}, "body"),
            ({"valid_from": "1000-01-01"}, "body.valid_from"),
            ({"products": []}, "body.products"),
            ({"products": ["rocket"]}, "body.products.0"),
            ({"weight_max_g": 10**12}, "body.weight_max_g"),
            ({"party": None}, "body"),
            ({"party": PARTY | {"legal_id": "10380284790"}}, "body.party"),
            ({"party": {"name": "a\0b", "national_id": "0084575948"}}, "body.party.name"),
            ({"commission": [ALL_20_PERCENT, ALL_20_PERCENT]}, "body"),
            ({"commission": [ALL_20_PERCENT | {"rials_per_item": 5}]}, "body.commission.0"),
            ({"number": "C000009"}, "body.number"),
        ]
        for change, field in changes:
            answer = await ask(api, "POST", body=contract("KZ00001", **change))
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


class TestChange:
    async def test_each_amendment_is_a_version(self, api: Api, agency: str) -> None:
        made = await sign(api, agency)
        path = f"/{made['number']}"
        same = await ask(api, "PATCH", path, {"weight_max_g": None, "reason": "بی‌تغییر"})
        assert same.json() == made
        body = {"products": ["adi", "pishtaz"], "valid_until": "2020-06-01", "reason": "متمم یک"}
        amended = (await ask(api, "PATCH", path, body)).json()
        expected = {"products": ["adi", "pishtaz"], "valid_until": "2020-06-01", "version": 2}
        assert amended == made | expected
        company = {"name": "شرکت پخش", "legal_id": "10380284790"}
        party = await ask(api, "PUT", f"{path}/party", company)
        assert party.json() == company | {"national_id": None, "phone": None}
        first = await ask(api, "GET", f"{path}/versions?limit=1")
        rest = await ask(api, "GET", f"{path}/versions", params={"cursor": first.json()["next"]})
        versions = first.json()["items"] + rest.json()["items"]
        kept = [(v["version"], v["action"], v["reason"]) for v in versions]
        assert kept == [(1, "signed", None), (2, "changed", "متمم یک"), (3, "party_changed", None)]
        assert [v["terms"]["valid_until"] for v in versions] == [
            "2020-03-19",
            "2020-06-01",
            "2020-06-01",
        ]
        events = await api.events("contract.signed", "contract.changed")
        assert [e["data"]["contract"] for e in events] == [v["terms"] for v in versions]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await api.database.hot.execute("UPDATE contract_version SET reason = NULL")

    async def test_may_not_touch_days_of_another_or_passed(self, api: Api, agency: str) -> None:
        made = await sign(api, agency)
        await sign(api, agency, valid_from="2020-04-01", valid_until="2021-03-19")
        path = f"/{made['number']}"

        async def until(day: str) -> str:
            return await refused(api, "PATCH", path, {"valid_until": day, "reason": "آزمون"})

        assert await until("2020-04-01") == "contracts_overlap"
        api.clock.at = START + timedelta(days=10)
        assert await until("2019-03-30") == "days_passed"
        assert await until("2019-03-20") == "outside_contract"
        assert await refused(api, "GET", "/C999999", None, 404) == "contract_not_found"
        assert await refused(api, "GET", "/KZ1", None, 422) == "invalid"

    async def test_ends_on_the_day_it_is_to(self, api: Api, agency: str) -> None:
        made = await sign(api, agency)
        path = f"/{made['number']}"

        async def terminate(on: str) -> Any:
            return await ask(api, "POST", f"{path}/terminate", {"on": on, "reason": "تخلف"})

        assert (await terminate("2019-03-20")).json()["code"] == "days_passed"
        assert (await terminate("2020-03-20")).json()["code"] == "outside_contract"
        assert (await terminate("2019-08-01")).json()["status"] == "active"
        ending = (await terminate("2019-05-01")).json()
        assert (ending["status"], ending["terminated_on"]) == ("active", "2019-05-01")
        renewal = {"valid_until": "2021-03-19"}
        assert await refused(api, "POST", f"{path}/renew", renewal) == "contract_terminated"
        api.clock.at = START + timedelta(days=40)  # 30 April
        await run(api.database, api.clock)
        assert (await ask(api, "GET", path)).json()["status"] == "active"
        api.clock.at += timedelta(days=1)
        await run(api.database, api.clock)
        await run(api.database, api.clock)
        ended = (await ask(api, "GET", path)).json()
        assert (ended["status"], ended["version"]) == ("terminated", 4)
        (event,) = await api.events("contract.terminated")
        assert event["data"]["contract"]["status"] == "terminated"
        assert (await terminate("2019-06-01")).json()["code"] == "contract_terminated"
        amendment = {"weight_max_g": 5, "reason": "آزمون"}
        assert await refused(api, "PATCH", path, amendment) == "contract_terminated"
        await sign(api, agency, valid_from="2019-05-01", valid_until="2020-04-30")

    async def test_goes_on_by_renewal(self, api: Api, agency: str) -> None:
        made = await sign(api, agency, products=["adi"], weight_max_g=500)
        body = {"valid_until": "2021-03-19", "weight_max_g": None}
        headers = {"Idempotency-Key": "r"}
        answer = await ask(api, "POST", f"/{made['number']}/renew", body, headers=headers)
        renewed = answer.json()
        assert answer.status_code == 201
        assert (renewed["valid_from"], renewed["renews"]) == ("2020-03-20", made["id"])
        assert (renewed["products"], renewed["weight_max_g"]) == (["adi"], None)
        assert renewed["commission"] == made["commission"]
        party = await ask(api, "GET", f"/{renewed['number']}/party")
        assert party.json()["name"] == PARTY["name"]
        again = await ask(api, "POST", f"/{made['number']}/renew", body, headers=headers)
        assert again.content == answer.content
        twice = await refused(api, "POST", f"/{made['number']}/renew", body)
        assert twice == "contracts_overlap"
        early = {"valid_from": "2020-03-19", "valid_until": "2021-03-19"}
        assert await refused(api, "POST", f"/{made['number']}/renew", early) == "outside_contract"
        (event,) = await api.events("contract.renewed")
        assert event["data"]["contract"]["number"] == renewed["number"]


class TestRead:
    async def test_lists_by_filter_and_page(self, api: Api) -> None:
        rural = (await create(api, kind="rural_ict", town="veys"))["code"]
        agencies = [(await create(api, kind="agency"))["code"] for _ in range(3)]
        ends = ["2019-05-01", "2019-04-01", "2019-06-01"]
        for code, until in zip([rural, *agencies], ["2020-03-19", *ends], strict=True):
            await sign(api, code, valid_until=until)
        ended = {"on": "2019-03-21", "reason": "آزمون"}
        assert (await ask(api, "POST", "/C000004/terminate", ended)).status_code == 200

        async def numbers(query: str) -> list[str]:
            found: list[str] = []
            url: str | None = f"?{query}"
            while url is not None:
                answer = await ask(api, "GET", url)
                assert answer.status_code == 200, answer.text
                found += [item["number"][-1] for item in answer.json()["items"]]
                link = answer.headers.get("link")
                url = link and link[1:].partition(">")[0].removeprefix("/v1/contracts")
            return found

        assert await numbers("limit=3") == ["1", "2", "3", "4"]
        assert await numbers("limit=1&sort=valid_until") == ["3", "2", "4", "1"]
        assert await numbers("kind=rural_ict") == await numbers("county=bavi") == ["1"]
        assert await numbers(f"office={agencies[1]}") == ["3"]
        assert await numbers("status=terminated") == ["4"]
        assert await numbers("sort=valid_until&expiring_before=2019-07-01") == ["3", "2"]
        for bad in ("WyJcdTAwMDAiXQ", "WzFd", "WyJhIiwiQzAwMDAwMSJd", "W10"):
            for sort in ("number", "valid_until"):
                answer = await ask(api, "GET", f"?sort={sort}&cursor={bad}")
                assert answer.status_code == 422
        answer = await ask(api, "GET", "/C000001/versions?cursor=WyI5MjIzMzcyMDM2ODU0Nzc1ODA3Il0")
        assert answer.json() == {"items": [], "next": None}

    async def test_commission_of_an_item(self, api: Api, agency: str) -> None:
        terms = [
            ALL_20_PERCENT,
            {
                "product": "adi",
                "valid_from": "2019-03-21",
                "valid_until": "2019-09-22",
                "rials_per_item": 4_000,
            },
        ]
        made = await sign(api, agency, commission=terms)

        async def rials(product: str, on: str) -> int:
            answer = await ask(
                api,
                "GET",
                f"/{made['number']}/commission",
                params={"product": product, "on": on, "price_rials": 57_503},
            )
            return int(answer.json()["rials"])

        assert await rials("pishtaz", "2019-05-01") == 11_501
        assert await rials("adi", "2019-09-22") == 4_000
        assert await rials("adi", "2019-09-23") == 11_501
        assert await rials("adi", "2019-03-20") == 0


async def test_the_office_is_suspended_and_its_contract_still_holds(api: Api, agency: str) -> None:
    await sign(api, agency)
    suspended = await command(api, f"{agency}/suspend", {"reason": "بازدید"})
    assert suspended.json()["gate"]["open"]
