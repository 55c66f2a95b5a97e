"""The nearest offices, against a slow great-circle reference, and how the database finds them."""

import json
import math
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conftest import Api
from tests.factories.offices import HOURS, command, create

pytestmark = pytest.mark.anyio

SATURDAY_10 = datetime(2019, 5, 4, 5, 30, tzinfo=UTC)  # 10:00 in Tehran, summer time
FRIDAY_10 = datetime(2019, 5, 3, 5, 30, tzinfo=UTC)
EARTH_RADIUS_M = 6_371_008.8


def great_circle_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Haversine; (latitude, longitude) in degrees."""
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, point)) for point in (a, b))
    h = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(h))


async def scatter(api: Api, count: int, *, seed: int) -> dict[str, tuple[float, float]]:
    """Active agencies spread over Khuzestan, by code."""
    draw = random.Random(seed)
    points = {
        f"KZ{n:05d}": (draw.uniform(29.9, 33.1), draw.uniform(47.6, 50.7))
        for n in range(1, count + 1)
    }
    await api.database.hot.execute(
        "INSERT INTO office (id, code, name, kind, town, address, postal_code, latitude,"
        " longitude, hours, status, version, created_at, updated_at)"
        " SELECT n, code, 'x', 'agency', 'ahvaz', 'x', '6135743337', lat, lon, $4, 'active', 1,"
        " now(), now() FROM unnest($1::text[], $2::float8[], $3::float8[])"
        " WITH ORDINALITY AS u (code, lat, lon, n)",
        list(points),
        [point[0] for point in points.values()],
        [point[1] for point in points.values()],
        json.dumps(HOURS),
    )
    return points


async def nearest(api: Api, **params: Any) -> list[dict[str, Any]]:
    answer = await api.client.get("/v1/offices/nearest", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


class TestNearest:
    async def test_agrees_with_the_reference(self, api: Api) -> None:
        points = await scatter(api, 500, seed=7)
        draw = random.Random(8)
        heres = [(draw.uniform(30, 33), draw.uniform(48, 50)) for _ in range(20)]
        # far away, over the date line, at the poles and at the antipodes too
        heres += [(-33.4, -70.6), (51.5, 179.99), (51.5, -180), (90, 0), (-90, 12), (-31.3, -131.3)]
        for here in heres:
            expected = sorted(points, key=lambda code: great_circle_m(here, points[code]))[:15]
            found = await nearest(api, latitude=here[0], longitude=here[1], limit=15)
            assert [item["office"]["code"] for item in found] == expected
            for item in found:
                exact = great_circle_m(here, points[item["office"]["code"]])
                assert abs(item["distance_m"] - exact) <= 1

    async def test_leaves_out_suspended_offices_and_sorting_centres(self, api: Api) -> None:
        for kind in ("post_office", "agency", "sorting_centre"):
            await create(api, kind=kind)
        await command(api, "KZ00002/suspend", {"reason": "بازدید"})
        here = {"latitude": 31.35, "longitude": 48.69}
        found = await nearest(api, **here)
        assert [item["office"]["code"] for item in found] == ["KZ00001"]
        assert found[0]["distance_m"] == 0
        centres = await nearest(api, **here, kind="sorting_centre")
        assert [item["office"]["code"] for item in centres] == ["KZ00003"]
        assert await nearest(api, **here, kind="agency") == []
        answer = await api.client.get("/v1/offices/KZ00001")
        assert found[0]["office"] == answer.json()

    async def test_open_now_follows_the_clock(self, api: Api) -> None:
        night = {**HOURS, "sat": ["20:00-24:00"], "fri": ["08:00-12:00"]}
        await create(api, latitude=31.30, hours=HOURS)
        await create(api, latitude=31.31, hours=night)
        here = {"latitude": 31.30, "longitude": 48.69}

        async def state(**params: Any) -> list[tuple[str, bool]]:
            found = await nearest(api, **here, **params)
            return [(item["office"]["code"], item["open_now"]) for item in found]

        api.clock.at = SATURDAY_10
        assert await state() == [("KZ00001", True), ("KZ00002", False)]
        assert await state(open_now=True) == [("KZ00001", True)]
        api.clock.at = FRIDAY_10
        assert await state() == [("KZ00001", False), ("KZ00002", True)]
        assert await state(open_now=True, limit=1) == [("KZ00002", True)]
        api.clock.at = datetime(2019, 5, 4, 15, 30, tzinfo=UTC)  # 20:00, as one opens
        assert await state(open_now=True) == [("KZ00002", True)]
        api.clock.at = datetime(2019, 5, 4, 19, 30, tzinfo=UTC)  # 24:00, as it closes
        assert await state(open_now=True) == []

    async def test_open_now_looks_past_many_closed_ones(self, api: Api) -> None:
        api.clock.at = FRIDAY_10
        points = await scatter(api, 300, seed=9)
        here = (31.0, 49.0)
        by_distance = sorted(points, key=lambda code: great_circle_m(here, points[code]))
        open_codes = [by_distance[120], by_distance[260]]
        await api.database.hot.execute(
            "UPDATE office SET hours = $1 WHERE code = ANY($2)",
            json.dumps({**HOURS, "fri": ["09:00-12:00"]}),
            open_codes,
        )
        found = await nearest(api, latitude=31, longitude=49, open_now=True)
        assert [item["office"]["code"] for item in found] == open_codes

    async def test_bad_queries(self, api: Api) -> None:
        for query in (
            "latitude=31",
            "latitude=91&longitude=48",
            "latitude=31&longitude=181",
            "latitude=nan&longitude=48",
            "latitude=inf&longitude=48",
            "latitude=31&longitude=48&limit=51",
            "latitude=31&longitude=48&limit=0",
            "latitude=31&longitude=48&open_now=perhaps",
            "latitude=31&longitude=48&kind=bank",
            "latitude=31&longitude=48&radius_m=-5",
            "latitude=31&longitude=48&service=%00",
        ):
            answer = await api.client.get(f"/v1/offices/nearest?{query}")
            assert answer.status_code == 422, query
            assert answer.headers["content-type"] == "application/problem+json"


async def test_a_point_next_to_the_equator_is_on_it(api: Api) -> None:
    """PostgreSQL's sine of a number that small is an error, `underflow`."""
    await create(api)
    on_it = await nearest(api, latitude=0, longitude=0)
    for tiny in (5e-324, -5e-324, 1e-200, -0.0):
        assert await nearest(api, latitude=tiny, longitude=tiny) == on_it
