"""Creating, reading and listing offices over HTTP."""

import asyncio
import re
from typing import Any

import pytest

from tests.conftest import START, Api, Serve
from tests.factories.offices import HOURS, WRITE, command, create, office

pytestmark = pytest.mark.anyio

OPEN = {"open": True, "until": None, "reason": None, "products": None, "weight_max_g": None}


class TestTowns:
    async def test_are_public(self, api: Api) -> None:
        answer = await api.client.get("/v1/towns")
        assert answer.status_code == 200
        items = answer.json()["items"]
        assert [town["slug"] for town in items] == ["ahvaz", "dezful", "veys"]
        assert items[0] == {
            "slug": "ahvaz",
            "name": "اهواز",
            "name_en": "Ahvaz",
            "county": "ahvaz",
            "latitude": 31.319,
            "longitude": 48.6842,
            "population": 1_184_788,
        }


class TestCreate:
    async def test_anonymous(self, api: Api) -> None:
        answer = await api.client.post("/v1/offices", json=office())
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_without_the_scope(self, api: Api) -> None:
        answer = await api.client.post(
            "/v1/offices", json=office(), headers=api.headers("parcels:book")
        )
        assert answer.status_code == 403
        assert answer.json()["code"] == "forbidden"

    async def test_answers_the_office_and_where_it_is(self, api: Api) -> None:
        answer = await api.client.post(
            "/v1/offices", json=office(town="veys"), headers=api.headers(WRITE)
        )
        assert answer.status_code == 201
        assert answer.headers["location"] == "/v1/offices/KZ00001"
        assert answer.json() == {
            **office(town="veys"),
            "code": "KZ00001",
            "county": "bavi",
            "province": "khuzestan",
            "status": "active",
            "sorting_centre": None,
            "gate": OPEN,
            "version": 1,
            "created_at": START.isoformat().replace("+00:00", "Z"),
            "updated_at": START.isoformat().replace("+00:00", "Z"),
        }
        assert (await api.client.get("/v1/offices/KZ00001")).json() == answer.json()

    async def test_publishes_its_whole_state(self, api: Api) -> None:
        centre = await create(api, kind="sorting_centre", name="مرکز")
        made = await create(api, sorting_centre=centre["code"])
        events = await api.events("office.created")
        assert [event["subject"] for event in events] == [centre["code"], made["code"]]
        assert events[1]["data"] == {
            "office": {
                "code": "KZ00002",
                "id": 2,
                "name": made["name"],
                "kind": "post_office",
                "town": "ahvaz",
                "town_name": "اهواز",
                "county": "ahvaz",
                "province": "khuzestan",
                "latitude": 31.35,
                "longitude": 48.69,
                "hours": HOURS,
                "status": "active",
                "sorting_centre": "KZ00001",
                "gate": OPEN,
                "version": 1,
            }
        }

    async def test_takes_persian_digits_and_keeps_western_ones(self, api: Api) -> None:
        centre = await create(api, kind="sorting_centre")
        made = await create(api, postal_code="۶۱۳۵۷-۴۳۳۳۷", sorting_centre="kz۰۰۰۰۱")
        assert made["postal_code"] == "6135743337"
        assert made["sorting_centre"] == centre["code"]
        assert (await api.client.get("/v1/offices/KZ۰۰۰۰۲")).json() == made

    async def test_of_an_unknown_town(self, api: Api) -> None:
        answer = await api.client.post(
            "/v1/offices", json=office(town="shiraz"), headers=api.headers(WRITE)
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "unknown_town")

    @pytest.mark.parametrize(
        ("kind", "centre", "code"),
        [
            ("agency", "KZ00001", "not_a_sorting_centre"),  # a post office
            ("agency", "KZ09999", "not_a_sorting_centre"),  # nobody
            ("sorting_centre", "KZ00002", "sorts_for_itself"),
        ],
    )
    async def test_under_an_unfit_sorting_centre(
        self, api: Api, kind: str, centre: str, code: str
    ) -> None:
        await create(api)
        await create(api, kind="sorting_centre")
        body = office(kind=kind, sorting_centre=centre)
        answer = await api.client.post("/v1/offices", json=body, headers=api.headers(WRITE))
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert len(await api.events()) == 2

    async def test_the_prefix_is_a_setting(self, serve: Serve) -> None:
        elsewhere = await serve("offices", settings={"code_prefix": "FA"})
        await elsewhere.database.hot.execute(
            "INSERT INTO town VALUES ('ahvaz', 'ا', 'A', 'ahvaz', 'khuzestan', 31, 48, 1)"
        )
        assert (await create(elsewhere))["code"] == "FA00001"


class TestCreateOnce:
    async def post(self, api: Api, key: str, body: Any, sub: str = "clerk") -> Any:
        headers = {**api.headers(WRITE, sub=sub), "Idempotency-Key": key}
        return await api.client.post("/v1/offices", json=body, headers=headers)

    async def test_the_same_key_gives_the_same_bytes(self, api: Api) -> None:
        first = await self.post(api, "k1", office())
        again = await self.post(api, "k1", office())
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.content == first.content
        assert again.headers["location"] == first.headers["location"]
        assert len(await api.events()) == 1

    async def test_another_payload_is_refused(self, api: Api) -> None:
        await self.post(api, "k1", office())
        answer = await self.post(api, "k1", office(name="دفتر دیگر"))
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")

    async def test_keys_belong_to_their_caller(self, api: Api) -> None:
        mine = await self.post(api, "k1", office())
        other = await self.post(api, "k1", office(), sub="another")
        assert mine.json()["code"] != other.json()["code"]

    async def test_a_refusal_is_not_kept(self, api: Api) -> None:
        assert (await self.post(api, "k1", office(town="shiraz"))).status_code == 409
        assert (await self.post(api, "k1", office())).status_code == 201

    async def test_concurrent_retries_make_one_office(self, api: Api) -> None:
        answers = await asyncio.gather(*(self.post(api, "k1", office()) for _ in range(8)))
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
        assert len(await api.events()) == 1


class TestGet:
    async def test_absent(self, api: Api) -> None:
        answer = await api.client.get("/v1/offices/KZ00042")
        assert (answer.status_code, answer.json()["code"]) == (404, "office_not_found")

    @pytest.mark.parametrize("code", ["KZ12", "12", "KZ000012", "K%00Z0012", "%ED%A0%80"])
    async def test_malformed(self, api: Api, code: str) -> None:
        answer = await api.client.get(f"/v1/offices/{code}")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "path.code"


class TestList:
    @pytest.fixture
    async def mixed(self, api: Api) -> Api:
        await create(api, kind="sorting_centre")
        await create(api, kind="agency")
        await create(api, kind="agency", town="veys")
        await create(api, kind="post_office", town="dezful")
        await command(api, "KZ00002/suspend", {"reason": "بازدید"})
        return api

    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            ("", [1, 2, 3, 4]),
            ("kind=agency", [2, 3]),
            ("town=ahvaz", [1, 2]),
            ("county=bavi", [3]),
            ("status=suspended", [2]),
            ("kind=agency&county=ahvaz&status=suspended", [2]),
            ("kind=agency&county=dezful", []),
            ("town=nowhere", []),
        ],
    )
    async def test_filters(self, mixed: Api, query: str, numbers: list[int]) -> None:
        answer = await mixed.client.get(f"/v1/offices?{query}")
        assert answer.status_code == 200
        assert [item["code"] for item in answer.json()["items"]] == [
            f"KZ{number:05d}" for number in numbers
        ]
        assert answer.json()["next"] is None
        assert "link" not in answer.headers

    async def test_walks_250_offices_by_their_links(self, api: Api) -> None:
        await api.database.hot.execute(
            "INSERT INTO office (id, code, name, kind, town, address, postal_code, latitude,"
            " longitude, hours, status, version, created_at, updated_at)"
            " SELECT n, 'KZ' || lpad(n::text, 5, '0'), 'x', 'agency', 'ahvaz', 'x', '6135743337',"
            " 31, 48, '{}', 'active', 1, now(), now() FROM generate_series(1, 250) n"
        )
        url: str | None = "/v1/offices?kind=agency&limit=60"
        seen, pages = [], 0
        while url is not None:
            answer = await api.client.get(url)
            seen += [item["code"] for item in answer.json()["items"]]
            link = re.fullmatch(r'<(.+)>; rel="next"', answer.headers.get("link", ""))
            assert (link is None) == (answer.json()["next"] is None)
            url, pages = link[1] if link else None, pages + 1
        assert pages == 5
        assert seen == [f"KZ{number:05d}" for number in range(1, 251)]

    @pytest.mark.parametrize(
        "query",
        [
            "kind=bank",
            "status=gone",
            "town=%00",
            "county=AHVAZ",
            "limit=0",
            "limit=201",
            "cursor=zzz",
            "cursor=WyJhIl0",  # ["a"]
            "cursor=Wzk5OTk5OTk5OTk5OV0",  # [999999999999]
            "cursor=WzEsMl0",  # [1,2]
        ],
    )
    async def test_bad_queries(self, api: Api, query: str) -> None:
        answer = await api.client.get(f"/v1/offices?{query}")
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
