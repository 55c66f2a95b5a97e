"""Creating, reading and listing offices over HTTP."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.dialects import postgresql

from services.offices.registry.repository import Filters, Sort, listing_statement
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
            "capacity_per_day": None,
            "capabilities": ["counter"],
            "owner": {"kind": "post", "name": None},
            "founded_on": None,
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
                "address": "خیابان اول، پلاک ۷",
                "postal_code": "6135743337",
                "latitude": 31.35,
                "longitude": 48.69,
                "hours": HOURS,
                "status": "active",
                "sorting_centre": "KZ00001",
                "capacity_per_day": None,
                "capabilities": ["counter"],
                "owner": {"kind": "post", "name": None},
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

    async def test_more_filters(self, api: Api) -> None:
        centre = await create(api, kind="sorting_centre", capacity_per_day=60_000)
        locker = ["parcel_locker", "counter", "counter"]
        made = await create(api, capabilities=locker, sorting_centre=centre["code"])
        assert (centre["capabilities"], centre["capacity_per_day"]) == ([], 60_000)
        assert made["capabilities"] == ["counter", "parcel_locker"]
        api.clock.at = START + timedelta(hours=1)
        await create(api)
        queries = {
            "capability=parcel_locker": [2],
            "capability=counter": [2, 3],
            "capability=international": [],
            "sorting_centre=kz۰۰۰۰۱": [2],
            "changed_since=2019-03-21T08:00:01Z": [3],
            "changed_since=2019-03-21T11:30:00%2B03:30": [1, 2, 3],
            "changed_since=2019-03-21T08:00:01Z&capability=parcel_locker": [],
        }
        for query, numbers in queries.items():
            items = (await api.client.get(f"/v1/offices?{query}")).json()["items"]
            assert [int(item["code"][2:]) for item in items] == numbers, query

    async def test_sorted_by_name_or_change(self, api: Api) -> None:
        """By the Persian alphabet, in which peh, cheh, zheh and gaf are not at the end."""
        names = ["گتوند", "پتروشیمی", "اهواز", "ژاله", "چمران", "يزدان", "اهواز", "بهبهان"]
        for name in names:
            api.clock.at += timedelta(hours=1)
            await create(api, name=name)
        await command(api, "KZ00004", {"name": "ژاله نو"}, method="PATCH")

        async def walk(sort: str) -> list[int]:
            url, seen = f"/v1/offices?limit=3&sort={sort}", []
            while url:
                answer = await api.client.get(url)
                seen += [int(item["code"][2:]) for item in answer.json()["items"]]
                url = answer.headers.get("link", "").partition(">")[0][1:]
            return seen

        assert await walk("name") == [3, 7, 8, 2, 5, 4, 1, 6]
        assert await walk("code") == list(range(1, 9))
        assert await walk("updated_at") == [1, 2, 3, 5, 6, 7, 4, 8]

    async def test_each_order_has_its_index(self, api: Api) -> None:
        hot = api.database.hot
        await hot.execute(
            "INSERT INTO office (id, code, name, kind, town, address, postal_code, latitude,"
            " longitude, hours, status, version, created_at, updated_at)"
            " SELECT n, 'KZ' || lpad(n::text, 5, '0'), 'x' || n, 'agency', 'ahvaz', 'x',"
            " '6135743337', 31, 48, '{}', 'active', 1, now(), now() + n * interval '1 s'"
            " FROM generate_series(1, 3000) n"
        )
        orders: dict[Sort, tuple[list[Any], str]] = {
            "code": ([1500], "pk_office"),
            "name": (["x15", 1500], "ix_office_name_key"),
            "updated_at": ([START, 1500], "ix_office_updated_at"),
        }
        for sort, (after, index) in orders.items():
            statement = listing_statement(Filters(), sort, after=after).limit(50)
            sql = statement.compile(
                dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
                compile_kwargs={"literal_binds": True},
            )
            plan = "\n".join(row[0] for row in await hot.fetch(f"EXPLAIN {sql}"))
            assert index in plan
            assert "Sort" not in plan

    async def test_bad_queries(self, api: Api) -> None:
        for query in (
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
            "sort=name&cursor=WzFd",  # [1]
            "sort=name&cursor=WyJcdWQ4MDAiLDFd",  # ["\ud800",1]
            "sort=name&cursor=WyJcdTAwMDAiLDFd",  # ["\u0000",1]
            "sort=updated_at&cursor=WyJ4IiwxXQ",  # ["x",1]
            "sort=updated_at&cursor=WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzIzOjU5IiwxXQ",  # the year 1
            "sort=size",
            "capability=teleport",
            "changed_since=2019-03-21T08:00:00",
        ):
            answer = await api.client.get(f"/v1/offices?{query}")
            assert answer.status_code == 422, query
            assert answer.headers["content-type"] == "application/problem+json"
