"""The rules of the kinds through the API: who is below one, and what the timer tells."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.offices.catalogue import service
from services.offices.catalogue.errors import RuleBroken
from services.offices.history.service import carry_out_due
from tests.conftest import START, Api
from tests.factories.catalogue import add_rule, add_services, ask, offer
from tests.factories.offices import command, create

pytestmark = pytest.mark.anyio

CODES = ("post.mail", "post.cargo", "telecom.trunk")


@pytest.fixture
async def office(api: Api) -> str:
    """A pishkhan, and three services in the catalogue."""
    await add_services(api, *CODES)
    code: str = (await create(api, kind="pishkhan"))["code"]
    return code


async def breaches(api: Api, **query: Any) -> Any:
    path = "/v1/service-rules/breaches"
    answer = await api.client.get(path, params=query, headers=api.headers("reports:read"))
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestRules:
    @pytest.mark.usefixtures("office")
    async def test_life(self, api: Api) -> None:
        rule = await add_rule(api, *CODES)
        sent = {"kind": "pishkhan", "services": list(CODES), "at_least": 2, "version": 1}
        assert {name: rule[name] for name in sent} == sent
        path = f"service-rules/{rule['id']}"
        assert (await api.client.get(f"/v1/{path}")).json() == rule
        assert (await api.client.get("/v1/service-rules?kind=pishkhan")).json()["items"] == [rule]
        assert (await api.client.get("/v1/service-rules?kind=agency")).json()["items"] == []
        assert len((await breaches(api))["items"]) == 1
        ended = await ask(api, "POST", f"{path}/end", {"on": "2019-03-20"})
        assert ended.json()["valid_until"] == "2019-03-20"
        assert (await breaches(api))["items"] == []
        for on in ("2019-03-20", "2019-04-01", "2016-03-19"):
            again = await ask(api, "POST", f"{path}/end", {"on": on})
            assert (again.status_code, again.json()["code"]) == (409, "bad_span")
        nobody = f"service-rules/{'0' * 8}-0000-7000-8000-{'0' * 12}"
        assert (await ask(api, "POST", f"{nobody}/end", {"on": "2019-03-20"})).status_code == 404
        events = await api.events("service_rule.created", "service_rule.ended")
        assert [e["data"]["service_rule"]["version"] for e in events] == [1, 2]

    @pytest.mark.usefixtures("office")
    async def test_what_is_refused(self, api: Api) -> None:
        rule = {"name": "قاعده", "kind": "pishkhan", "valid_from": "2016-03-20", "source": "منبع"}
        for fields, status in (
            ({"services": ["post.mail"], "at_least": 2}, 422),
            ({"services": ["post.mail", "post.mail"], "at_least": 1}, 422),
            ({"services": [], "at_least": 1}, 422),
            ({"services": ["post.none"], "at_least": 1}, 409),
            ({"services": ["post.mail"], "at_least": 1, "valid_until": "2016-03-19"}, 409),
        ):
            answer = await ask(api, "POST", "service-rules", rule | fields)
            assert answer.status_code == status, answer.text


class TestBreaches:
    async def test_who_is_below_and_what_is_missing(self, api: Api, office: str) -> None:
        other = (await create(api, kind="pishkhan"))["code"]
        await create(api, kind="agency")
        first = await add_rule(api, *CODES)
        second = await add_rule(api, "post.cargo", at_least=1)
        await offer(api, office, "post.mail", "telecom.trunk")
        await offer(api, other, "post.cargo", valid_from="2019-03-20")
        page = await breaches(api, limit=1)
        rest = await breaches(api, limit=1, cursor=page["next"])
        assert rest["next"] is None
        assert [(row["office"], row["rule"]) for row in page["items"] + rest["items"]] == [
            (office, second["id"]),
            (other, first["id"]),
        ]
        assert rest["items"][0] == {
            "office": other,
            "office_name": "دفتر پستی کیانپارس",
            "kind": "pishkhan",
            "rule": first["id"],
            "rule_name": "دست‌کم دو خدمت",
            "at_least": 2,
            "offered": ["post.cargo"],
            "not_offered": ["post.mail", "telecom.trunk"],
            "lacking": 1,
        }
        for bad in ("WzFd", "WyJhIiwiYiJd", "WzEsICJhIl0"):
            path = f"/v1/service-rules/breaches?cursor={bad}"
            answer = await api.client.get(path, headers=api.headers("reports:read"))
            assert answer.status_code == 422

    async def test_the_timer_tells_once_when_the_clock_says_so(self, api: Api, office: str) -> None:
        """A service's own validity ends: nobody is refused, the office is reported and told of."""
        rule = await add_rule(api, *CODES)
        await offer(api, office, "post.mail", "post.cargo")

        async def told() -> list[tuple[str, str]]:
            await service.watch_rules(api.database, api.clock)
            return [
                (event["type"], item["office"])
                for event in await api.events("service_rule.broken", "service_rule.mended")
                for item in event["data"]["items"]
            ]

        until = await ask(api, "PATCH", "services/post.mail", {"valid_until": "2019-03-21"})
        assert until.status_code == 200
        assert await told() == []
        api.clock.at = START + timedelta(days=1)
        broken = ("service_rule.broken", office)
        assert await told() == [broken]
        assert await told() == [broken]
        (event,) = await api.events("service_rule.broken")
        (item,) = event["data"]["items"]
        assert (item["rule"], item["lacking"]) == (rule["id"], 1)
        await offer(api, office, "telecom.trunk")
        mended = ("service_rule.mended", office)
        assert await told() == [broken, mended]
        api.clock.at = START + timedelta(days=2)
        await ask(api, "PATCH", "services/telecom.trunk", {"valid_until": "2019-03-22"})
        assert await told() == [broken, mended, broken]
        await ask(api, "POST", f"service-rules/{rule['id']}/end", {"on": "2019-03-22"})
        assert await told() == [broken, mended, broken, mended]


class TestChecks:
    @pytest.mark.usefixtures("office")
    async def test_a_licence_for_a_kind(self, api: Api) -> None:
        await add_rule(api, *CODES, valid_until="2019-12-31")
        today = date(2019, 3, 21)
        async with api.database.transaction() as session:
            with pytest.raises(RuleBroken) as caught:
                only = {"post.mail", "police.plates"}
                await service.check_rules(session, "pishkhan", only, today)
            assert "دست‌کم دو خدمت" in caught.value.detail
            assert "آیین‌نامه نمونه" in caught.value.detail
            await service.check_rules(session, "pishkhan", {"post.mail", "post.cargo"}, today)
            await service.check_rules(session, "agency", set(), today)
            await service.check_rules(session, "pishkhan", set(), date(2020, 1, 1))

    @pytest.mark.usefixtures("office")
    async def test_a_conversion(self, api: Api) -> None:
        """Refused for too little on its day, and dropped if there is too little by then."""
        made = await create(api, kind="communication_office", founded_on="2004-01-01")
        old = made["code"]
        await add_rule(api, *CODES)
        await offer(api, old, "post.mail")
        (second,) = await offer(api, old, "post.cargo", valid_from="2019-03-24")

        async def convert(on: str) -> Any:
            return await command(api, f"{old}/convert", {"kind": "pishkhan", "on": on})

        refused = await convert("2019-03-23")
        assert (refused.status_code, refused.json()["code"]) == (409, "rule_broken")
        assert (await convert("2019-03-25")).status_code == 200
        end = f"offices/{old}/offerings/{second['id']}/end"
        assert (await ask(api, "POST", end, {"on": "2019-03-24"})).status_code == 200
        api.clock.at = START + timedelta(days=5)
        await carry_out_due(api.database, api.clock)
        assert (await api.client.get(f"/v1/offices/{old}")).json()["kind"] == "communication_office"
        assert len(await api.events("office_plan.dropped")) == 1
        await offer(api, old, "telecom.trunk")
        assert (await convert("2019-03-26")).status_code == 200
        assert (await api.client.get(f"/v1/offices/{old}")).json()["kind"] == "pishkhan"


async def test_a_suspended_office_is_reported_too(api: Api, office: str) -> None:
    await add_rule(api, *CODES)
    await command(api, f"{office}/suspend", {"reason": "بازدید"})
    assert [row["office"] for row in (await breaches(api))["items"]] == [office]
