"""Which office offers what, through the API, and who near here does it."""

import asyncio
from typing import Any

import asyncpg
import pytest

from tests.conftest import Api
from tests.factories.catalogue import add_rule, add_services, ask, made, offer
from tests.factories.offices import command, create

pytestmark = pytest.mark.anyio

CODES = ("post.mail", "post.cargo", "telecom.trunk")


@pytest.fixture
async def office(api: Api) -> str:
    """A pishkhan, and three services in the catalogue."""
    await add_services(api, *CODES)
    code: str = (await create(api, kind="pishkhan"))["code"]
    return code


async def offered(api: Api, office: str, day: str) -> list[str]:
    path = f"/v1/offices/{office}/offerings?valid_on={day}"
    return sorted(row["service"] for row in (await api.client.get(path)).json()["items"])


class TestOfferings:
    async def test_life(self, api: Api, office: str) -> None:
        (first,) = await offer(api, office, "post.mail")
        sent = {"office": office, "service": "post.mail", "valid_from": "2019-03-21"}
        assert {name: first[name] for name in sent} == sent
        path = f"offices/{office}/offerings"
        for fields, code in (
            ({"service": "post.mail", "valid_from": "2030-01-01"}, "already_offered"),
            ({"service": "post.none"}, "unknown_service"),
            ({"service": "post.cargo", "valid_from": "2015-03-20"}, "service_not_in_force"),
            ({"service": "post.cargo", "valid_until": "2019-03-20"}, "bad_span"),
        ):
            answer = await ask(api, "POST", path, fields)
            assert (answer.status_code, answer.json()["code"]) == (409, code)
        end = f"{path}/{first['id']}/end"
        ended = await ask(api, "POST", end, {"on": "2019-03-31"})
        assert (ended.json()["valid_until"], ended.json()["version"]) == ("2019-03-31", 2)
        for on in ("2019-03-31", "2019-03-20"):
            assert (await ask(api, "POST", end, {"on": on})).json()["code"] == "bad_span"
        (again,) = await offer(api, office, "post.mail", valid_from="2019-04-01")
        listed = (await api.client.get(f"/v1/{path}?limit=1")).json()
        rest = (await api.client.get(f"/v1/{path}", params={"cursor": listed["next"]})).json()
        assert [*listed["items"], *rest["items"]] == [ended.json(), again]
        assert await offered(api, office, "2019-03-31") == ["post.mail"]
        assert await offered(api, office, "2019-03-20") == []
        other = (await create(api))["code"]
        wrong = await ask(api, "POST", end.replace(office, other), {"on": "2019-03-25"})
        assert wrong.json()["code"] == "offering_not_found"
        absent = await ask(api, "POST", "offices/KZ00099/offerings", {"service": "post.mail"})
        assert absent.json()["code"] == "office_not_found"
        events = await api.events("offering.started", "offering.changed")
        assert [(e["subject"], len(e["data"]["items"])) for e in events] == [(office, 1)] * 3
        assert events[1]["data"]["items"][0]["valid_until"] == "2019-03-31"

    async def test_a_key_starts_one(self, api: Api, office: str) -> None:
        path, body = f"offices/{office}/offerings", {"service": "post.mail"}
        first = await ask(api, "POST", path, body, **{"Idempotency-Key": "k"})
        again = await ask(api, "POST", path, body, **{"Idempotency-Key": "k"})
        assert (first.status_code, first.content) == (201, again.content)

    async def test_at_once_only_one_is_started(self, api: Api, office: str) -> None:
        path, body = f"offices/{office}/offerings", {"service": "post.mail"}
        answers = await asyncio.gather(*(ask(api, "POST", path, body) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7

    @pytest.mark.usefixtures("office")
    async def test_the_database_would_refuse_an_overlap_too(self, api: Api) -> None:
        row = (
            "INSERT INTO offering (office_id, service, valid_from, valid_until, version,"
            " created_at, updated_at) SELECT id, 'post.mail', $1::text::date, $2::text::date, 1,"
            " now(), now() FROM office"
        )
        await api.database.hot.execute(row, "2019-01-01", "2019-01-31")
        await api.database.hot.execute(row, "2019-02-01", None)
        with pytest.raises(asyncpg.ExclusionViolationError):
            await api.database.hot.execute(row, "2018-12-01", "2019-01-01")


class TestRule:
    async def test_an_end_that_breaks_a_rule_is_refused_with_the_rule_named(
        self, api: Api, office: str
    ) -> None:
        await add_rule(api, *CODES)
        rows = await offer(api, office, *CODES)
        ends = [f"offices/{office}/offerings/{row['id']}/end" for row in rows]
        assert (await ask(api, "POST", ends[0], {"on": "2019-03-31"})).status_code == 200
        refused = await ask(api, "POST", ends[1], {"on": "2019-04-30"})
        assert (refused.status_code, refused.json()["code"]) == (409, "rule_broken")
        for told in ("دست‌کم دو خدمت", "آیین‌نامه نمونه", "telecom.trunk", "2019-05-01"):
            assert told in refused.json()["detail"]
        assert await offered(api, office, "2019-05-01") == ["post.cargo", "telecom.trunk"]
        assert len(await api.events("offering.changed")) == 1
        put = {"services": ["post.mail"]}
        whole = await ask(api, "PUT", f"offices/{office}/offerings", put)
        assert whole.json()["code"] == "rule_broken"
        await offer(api, office, "post.mail", valid_from="2019-04-20")
        assert (await ask(api, "POST", ends[1], {"on": "2019-04-30"})).status_code == 200

    async def test_two_ends_at_once_do_not_break_it_together(self, api: Api, office: str) -> None:
        await add_rule(api, *CODES)
        rows = await offer(api, office, *CODES)
        paths = [f"offices/{office}/offerings/{row['id']}/end" for row in rows]
        answers = await asyncio.gather(
            *(ask(api, "POST", path, {"on": "2019-03-31"}) for path in paths)
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


class TestReplace:
    async def put(self, api: Api, office: str, services: Any, **fields: Any) -> Any:
        path = f"offices/{office}/offerings"
        return await ask(api, "PUT", path, {"services": services, **fields})

    async def test_exactly_these_from_a_day_on(self, api: Api, office: str) -> None:
        await offer(api, office, "post.mail", valid_from="2019-01-01")
        await offer(api, office, "post.cargo", valid_from="2019-05-01")
        await offer(api, office, "telecom.trunk", valid_until="2019-05-31")
        answer = await self.put(
            api, office, ["telecom.trunk", "post.cargo"], valid_from="2019-04-01"
        )
        assert answer.status_code == 200, answer.text
        rows = [(r["service"], r["valid_from"], r["valid_until"]) for r in answer.json()["items"]]
        assert rows == [
            ("post.cargo", "2019-04-01", None),
            ("telecom.trunk", "2019-03-21", None),
        ]
        assert await offered(api, office, "2019-03-31") == ["post.mail", "telecom.trunk"]
        assert await offered(api, office, "2030-01-01") == ["post.cargo", "telecom.trunk"]
        before = await api.events()
        counts = dict.fromkeys(("offering.withdrawn", "offering.changed", "offering.started"), 0)
        for event in before[-3:]:
            counts[event["type"]] += len(event["data"]["items"])
        assert list(counts.values()) == [1, 2, 1]
        same = await self.put(api, office, ["post.cargo", "telecom.trunk"], valid_from="2019-04-01")
        assert same.json() == answer.json()
        assert await api.events() == before
        none = await self.put(api, office, [], valid_from="2019-04-02")
        assert none.json() == {"items": []}

    async def test_what_is_refused(self, api: Api, office: str) -> None:
        assert (
            await self.put(api, office, ["post.mail"], valid_from="2019-03-20")
        ).status_code == 422
        assert (await self.put(api, office, ["post.mail", "post.mail"])).status_code == 422
        unknown = await self.put(api, office, ["post.mail", "post.none"])
        assert unknown.json()["code"] == "unknown_service"
        assert await offered(api, office, "2019-03-21") == []


class TestNear:
    async def test_who_does_it_and_what_to_bring(self, api: Api, office: str) -> None:
        far = (await create(api, latitude=32.38, longitude=48.4))["code"]
        near = (await create(api, latitude=31.36))["code"]
        gone = (await create(api, latitude=31.36))["code"]
        for code in (far, near, gone):
            await offer(api, code, "post.mail")
        await offer(api, office, "post.mail", valid_until="2019-03-20", valid_from="2019-01-01")
        await command(api, f"{gone}/suspend", {"reason": "بازدید"})
        where: dict[str, Any] = {"service": "post.mail", "latitude": 31.35, "longitude": 48.69}
        answer = await api.client.get("/v1/services/near", params=where)
        found = answer.json()
        assert found["service"] == (await api.client.get("/v1/services/post.mail")).json()
        assert found["service"]["documents"] == ["کارت ملی", "سند خودرو"]
        assert [row["office"]["code"] for row in found["items"]] == [near, far]
        nearest = found["items"][0]
        # noon of the first of Farvardin, a holiday, as the next three are; the fifth is a Monday
        assert (nearest["distance_m"], nearest["open_now"]) == (1112, False)
        assert nearest["opens_next_at"] == "2019-03-25T03:00:00Z"
        for fields, status in (({"service": "post.none"}, 404), ({"latitude": 91}, 422)):
            answer = await api.client.get("/v1/services/near", params=where | fields)
            assert answer.status_code == status
        await ask(api, "PATCH", "services/post.mail", {"valid_until": "2019-03-20"})
        answer = await api.client.get("/v1/services/near", params=where)
        assert answer.json()["items"] == []

    async def test_a_closed_office_offers_nothing_new(self, api: Api, office: str) -> None:
        (row,) = await offer(api, office, "post.mail")
        await api.database.hot.execute("UPDATE office SET status = 'closed'")
        await add_rule(api, "post.mail", at_least=1)
        path = f"offices/{office}/offerings"
        refused = await ask(api, "POST", path, {"service": "post.cargo"})
        assert refused.json()["code"] == "office_closed"
        assert (await ask(api, "PUT", path, {"services": []})).json()["code"] == "office_closed"
        ended = await ask(api, "POST", f"{path}/{row['id']}/end", {"on": "2019-03-31"})
        assert ended.status_code == 200


async def test_services_of_the_counter_are_told_apart(api: Api) -> None:
    await made(api, "principals", {"slug": "counter", "name": "دفتر", "name_en": "Office"})
    await add_services(api, "counter.payment", delegated=False)
    answer = await api.client.get("/v1/services?delegated=false")
    assert [row["code"] for row in answer.json()["items"]] == ["counter.payment"]
