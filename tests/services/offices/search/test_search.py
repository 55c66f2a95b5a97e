"""Looking for offices by words, filters and place."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.registry.domain import metres, search_text
from services.offices.search import domain
from shared.calendar import WEEKDAYS
from tests.conftest import START, Api
from tests.factories.offices import HOURS, WRITE, command, create

pytestmark = pytest.mark.anyio

HERE = {"latitude": 31.32, "longitude": 48.67}
NOWRUZ_MORNING = datetime(2019, 3, 21, 6, 30, tzinfo=UTC)  # Thursday 10:00, a holiday
SATURDAY_10 = datetime(2019, 5, 4, 5, 30, tzinfo=UTC)


async def search(api: Api, **params: Any) -> list[str]:
    """The codes found, over all pages of three."""
    codes: list[str] = []
    url: str | None = "/v1/offices/search"
    given_params: dict[str, Any] | None = {"limit": 3, **params}
    while url is not None:
        answer = await api.client.get(url, params=given_params)
        assert answer.status_code == 200, answer.text
        codes += [item["office"]["code"] for item in answer.json()["items"]]
        link = answer.headers.get("link", "")
        assert (answer.json()["next"] is None) == (link == "")
        url, given_params = (link[1:].partition(">")[0], None) if link else (None, None)
    return codes


async def hits(api: Api, **params: Any) -> list[dict[str, Any]]:
    answer = await api.client.get("/v1/offices/search", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


class TestWords:
    async def test_however_they_are_typed(self, api: Api) -> None:
        await create(api, name="دفتر پستی کیان\u200cپارس", address="خیابان یکم، پلاک ۱۲")
        await create(api, name="نمایندگی ملّی راه", address="کوی ملی‌راه، خیابان اول", town="dezful")
        await create(api, name="دفتر گلستان", address="گلستان، خیابان اسفند")
        for typed in (
            "كيان پارس",  # Arabic kaf and yeh, a space
            "کیانپارس",  # in one word
            "کیان‌پارس",  # with the ZWNJ
            "پارس پلاك 12",
            "پلاک ۱۲",
            "kz۰۰۰۰۱",
            "KZ00001",
            "(کیانپارس)، یکم!",
        ):
            assert await search(api, q=typed) == ["KZ00001"], typed
        for typed in ("ملی راه دزفول", "مَلّی‌راه", "ملیراه"):
            assert await search(api, q=typed) == ["KZ00002"], typed
        assert await search(api, q="خیابان") == ["KZ00001", "KZ00002", "KZ00003"]
        # a misspelt word finds those like it; words that no office has together find nothing
        assert await search(api, q="گلستلن") == ["KZ00003"]
        assert await search(api, q="دفتر گلسنان") == ["KZ00003"]
        assert await search(api, q="دزفل") == ["KZ00002"]
        assert await search(api, q="گلستان دزفول") == []
        assert await search(api, q="ژژژژژ") == []
        # what an office is called now, not what it was
        await command(api, "KZ00003", {"name": "دفتر زیتون"}, method="PATCH")
        assert await search(api, q="زیتون") == ["KZ00003"]
        assert await search(api, q="دفتر گلستان") == ["KZ00003"]  # its address still says so

    async def test_the_best_come_first_and_every_page_follows(self, api: Api) -> None:
        await create(api, name="دفتر پستی زیتون", address="بلوار معلم")  # in the name
        await create(api, name="دفتر پستی نادری", address="خیابان زیتون کارمندی")
        for number in range(8):
            await create(api, name="نمایندگی", address=f"کوی زیتون، پلاک {number}")
        found = await search(api, q="زیتون")
        assert found[0] == "KZ00001"
        assert sorted(found) == [f"KZ{n:05d}" for n in range(1, 11)]
        assert (await search(api, q="پستی زیتون"))[0] == "KZ00001"
        by_name = await search(api, q="زیتون", sort="name")
        assert by_name == ["KZ00002"[:-1] + "1", "KZ00002", *(f"KZ{n:05d}" for n in range(3, 11))]
        assert await search(api, q="زیتون", sort="code") == sorted(found)
        # a page of look-alikes is followed by one of look-alikes
        assert sorted(await search(api, q="زیتوم")) == sorted(found)


class TestFilters:
    async def test_kind_place_and_status(self, api: Api) -> None:
        await create(api, kind="agency")
        await create(api, kind="sorting_centre", town="veys")
        await create(api, kind="agency", town="dezful")
        await command(api, "KZ00003/suspend", {"reason": "بازدید"})
        assert await search(api) == ["KZ00001", "KZ00002"]
        assert await search(api, kind="agency") == ["KZ00001"]
        assert await search(api, county="bavi") == ["KZ00002"]
        assert await search(api, town="dezful", status="suspended") == ["KZ00003"]
        suspended = await hits(api, status="suspended")
        assert (suspended[0]["open_now"], suspended[0]["opens_next_at"]) == (False, None)
        assert await search(api, status="suspended", open_now=True) == []
        office = await api.client.get("/v1/offices/KZ00002")
        assert (await hits(api, kind="sorting_centre"))[0]["office"] == office.json()

    async def test_what_they_offer_today(self, api: Api) -> None:
        for _ in range(4):
            await create(api)
        await api.database.hot.execute(
            "INSERT INTO principal VALUES ('civil', 'ثبت احوال', 'Civil', 1, now(), now())"
        )
        await api.database.hot.execute(
            "INSERT INTO delegated_service (code, principal, name, name_en, search_text, documents,"
            " duration_minutes, delegated, electronic, at_counter, valid_from, version, created_at,"
            " updated_at) SELECT code, 'civil', 'ک', 'x', 'ک', '[]', 5, true, true, true,"
            " '2010-01-01', 1, now(), now() FROM"
            " unnest(ARRAY['civil.id-card', 'civil.other', 'civil.old']) code"
        )
        await api.database.hot.execute(
            "UPDATE delegated_service SET valid_until = '2019-03-20' WHERE code = 'civil.old'"
        )
        today = START.date()
        day = timedelta(days=1)
        await api.database.hot.executemany(
            "INSERT INTO offering (office_id, service, valid_from, valid_until, version,"
            " created_at, updated_at) VALUES ($1, $2, $3, $4, 1, now(), now())",
            [
                (1, "civil.id-card", today, None),
                (2, "civil.id-card", today - 9 * day, today),
                (3, "civil.id-card", today - 9 * day, today - day),
                (3, "civil.other", today, None),
                (4, "civil.id-card", today + day, None),
                (4, "civil.old", today - 9 * day, None),  # the service itself is no more
            ],
        )
        assert await search(api, service="civil.id-card") == ["KZ00001", "KZ00002"]
        near = await api.client.get("/v1/offices/nearest", params=HERE | {"service": "civil.other"})
        assert [item["office"]["code"] for item in near.json()["items"]] == ["KZ00003"]
        assert await search(api, service="civil.old") == []
        assert await search(api, service="civil.none") == []

    async def test_distance_and_radius(self, api: Api) -> None:
        draw = random.Random(3)
        for _ in range(12):
            await create(
                api, latitude=31.32 + draw.uniform(0, 0.05), longitude=48.67, kind="agency"
            )
        found = await hits(api, **HERE, sort="distance")
        distances = [item["distance_m"] for item in found]
        assert distances == sorted(distances)
        assert await search(api, **HERE, sort="distance") == [i["office"]["code"] for i in found]
        radius = distances[6]
        inside = await search(api, **HERE, sort="distance", radius_m=radius + 1)
        assert inside == [item["office"]["code"] for item in found[:7]]
        assert sorted(inside) == await search(api, **HERE, radius_m=radius + 1)
        near = await api.client.get(
            "/v1/offices/nearest", params={**HERE, "radius_m": distances[2] + 1}
        )
        assert [item["distance_m"] for item in near.json()["items"]] == distances[:3]
        assert [item["distance_m"] for item in await hits(api)] == [None] * 12

    async def test_open_now_is_what_the_calendar_says(self, api: Api) -> None:
        always = {day: ["00:00-24:00"] for day in WEEKDAYS}
        await create(api, hours=HOURS)
        await create(api, hours=always)
        await create(api, hours={**HOURS, "sat": ["20:00-24:00"]})
        await create(api, hours={})
        writer = api.headers(WRITE)
        for path, body in (
            ("offices/KZ00001/exceptions/2019-03-21", ["09:00-11:00"]),
            ("offices/KZ00002/exceptions/2019-05-04", []),
            ("offices/KZ00004/exceptions/2019-05-06", ["10:00-12:00"]),
        ):
            said = {"intervals": body, "reason": "به دستور"}
            answer = await api.client.put(f"/v1/{path}", json=said, headers=writer)
            assert answer.status_code in {200, 201}, answer.text
        said_of_a_day = {"holiday": True, "name": "تعطیل", "reason": "گرما"}
        answer = await api.client.put("/v1/holidays/2019-05-05", json=said_of_a_day, headers=writer)
        assert answer.status_code in {200, 201}, answer.text
        counts = []
        for instant in (
            NOWRUZ_MORNING,
            SATURDAY_10,
            SATURDAY_10 + timedelta(hours=11, seconds=30),
            SATURDAY_10 + timedelta(days=1),  # said to be a holiday
            SATURDAY_10 + timedelta(days=2, hours=1),
        ):
            api.clock.at = instant
            for item in await hits(api):
                code = item["office"]["code"]
                asked = await api.client.get(
                    f"/v1/offices/{code}/opening", params={"at": instant.isoformat()}
                )
                assert item["open_now"] == asked.json()["open"], (code, instant)
                if not item["open_now"]:
                    assert item["opens_next_at"] == asked.json()["opens_next_at"]
            now = {i["office"]["code"] for i in await hits(api) if i["open_now"]}
            assert set(await search(api, open_now=True)) == now
            near = await api.client.get("/v1/offices/nearest", params={**HERE, "open_now": True})
            assert {item["office"]["code"] for item in near.json()["items"]} == now
            counts.append(len(now))
        assert counts == [1, 1, 1, 0, 4]


BAD_QUERIES = (
    ("q=%00", "q"),
    ("q=%20", "q"),
    ("q=%21%3F", "q"),
    ("q=" + "a" * 101, "q"),
    ("sort=relevance", "q"),
    ("sort=distance", "latitude"),
    ("latitude=31", "longitude"),
    ("longitude=48&radius_m=5", "latitude"),
    ("radius_m=500", "latitude"),
    ("latitude=31&longitude=48&radius_m=0", "radius_m"),
    ("latitude=nan&longitude=48", "latitude"),
    ("limit=0", "limit"),
    ("limit=201", "limit"),
    ("kind=bank", "kind"),
    ("status=gone", "status"),
    ("county=%00", "county"),
    ("service=%ED%A0%80%00", "service"),
    ("sort=best", "sort"),
    ("cursor=zzz", "cursor"),
    ("cursor=WzEsMl0", "cursor"),  # [1, 2]
    ("cursor=W2ZhbHNlLC0xXQ", "cursor"),  # [false, -1]
    ("q=a&cursor=W2ZhbHNlLCAxZTk5OSwgMV0", "cursor"),  # [false, 1e999, 1]
    ("sort=name&cursor=W2ZhbHNlLCJcdTAwMDAiLDFd", "cursor"),  # [false, NUL, 1]
)


async def test_bad_queries(api: Api) -> None:
    for query, field in BAD_QUERIES:
        answer = await api.client.get(f"/v1/offices/search?{query}")
        assert answer.status_code == 422, (query, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["errors"][0]["field"] == f"query.{field}", query


async def test_what_may_be_asked_is_documented(api: Api) -> None:
    paths = api.app.openapi()["paths"]
    near = {p["name"]: p for p in paths["/v1/offices/nearest"]["get"]["parameters"]}
    assert [name for name in near if near[name]["required"]] == ["latitude", "longitude"]
    assert near["limit"]["schema"] | {"maximum": 50, "default": 10} == near["limit"]["schema"]
    assert "sorting centres" in near["kind"]["description"]
    found = {p["name"] for p in paths["/v1/offices/search"]["get"]["parameters"]}
    assert found > {"q", "service", "county", "open_now", "sort", "radius_m", "limit", "cursor"}


class TestRules:
    @given(st.text(st.characters(codec="utf-8"), max_size=60), st.text(max_size=30))
    @settings(max_examples=60)
    def test_a_text_has_its_own_words(self, name: str, address: str) -> None:
        """As LIKE sees it; patterns hold nothing that LIKE or a regular expression reads."""
        text = search_text(name, address, "KZ00001", "اهواز")
        for word in domain.words(name):
            start = "" if len(word) >= domain.TRIGRAM else " "
            assert domain.has(word).strip("%") == start + word
            assert start + word in text
            assert word.isalnum()

    @given(st.floats(0, 19_000_000))
    @settings(max_examples=60)
    def test_a_chord_is_a_distance(self, distance_m: float) -> None:
        assert abs(metres(domain.chord(distance_m)) - distance_m) <= 1
