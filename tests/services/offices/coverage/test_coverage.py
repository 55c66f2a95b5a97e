"""How far people have to go, recounted slowly on random small worlds."""

import random
from datetime import date
from typing import Any

import pytest

from tests.conftest import Api, Serve
from tests.factories.offices import office
from tests.factories.worlds import (
    DAY,
    SERVICES,
    World,
    great_circle_m,
    near,
    nearest,
    put,
    random_world,
)

pytestmark = pytest.mark.anyio

RADII_KM = (2, 5, 10)
WANTED: list[dict[str, str]] = [
    {},
    {"kind": "pishkhan"},
    {"kind": "sorting_centre"},
    {"service": SERVICES[0]},
    {"service": SERVICES[1], "kind": "agency", "on": "2019-03-20"},
    {"service": SERVICES[1], "on": "2019-03-22"},
    {"service": SERVICES[2]},  # nobody offers it
]


@pytest.fixture
async def empty(serve: Serve) -> Api:
    made: Api = await serve("offices")
    return made


async def get(api: Api, path: str, params: dict[str, Any]) -> Any:
    headers = api.headers("reports:read")
    answer = await api.client.get(f"/v1/coverage{path}", params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def counted(world: World, params: dict[str, str]) -> Any:
    on = date.fromisoformat(params["on"]) if "on" in params else DAY
    return world.counted(params.get("kind"), params.get("service"), on)


def reach(towns: list[Any], offices: list[Any]) -> dict[str, Any]:
    """What the answer says of these towns, counted the slow way."""
    people = sum(t.population for t in towns)
    found = [(t.population, pair[0]) for t in towns if (pair := nearest(t, offices))]
    within = [sum(p for p, m in found if m <= km * 1000) for km in RADII_KM]
    person_m = sum(p * m for p, m in found) if found else None
    return {
        "places": len(towns),
        "people": people,
        "within": [
            {"radius_km": km, "people": n, "percent": round(100 * n / people, 1)}
            for km, n in zip(RADII_KM, within, strict=True)
        ],
        "person_km": None if person_m is None else round(person_m / 1000),
        "mean_distance_m": None if person_m is None else round(person_m / people),
    }


def alike(told: dict[str, Any], slow: dict[str, Any]) -> None:
    """The same but for a rounding of the last metre or kilometre."""
    for key, value in slow.items():
        if isinstance(value, int) and "m" in key:
            assert told[key] == pytest.approx(value, abs=1), key
        else:
            assert told[key] == value, key


@pytest.mark.parametrize("seed", [1, 2])
async def test_agrees_with_a_slow_recount(empty: Api, seed: int) -> None:
    world = random_world(seed)
    await put(empty, world)
    for params in WANTED:
        await people_within_reach(empty, world, params)
        await worst_served(empty, world, params)
        await one_more(empty, world, params, seed)
    for town in world.towns[:4]:
        await saturated(empty, world, town, seed)


async def people_within_reach(api: Api, world: World, params: dict[str, str]) -> None:
    offices = counted(world, params)
    told = await get(api, "", params)
    assert told["on"] == params.get("on", DAY.isoformat())
    alike(told["total"], reach(world.towns, offices) | {"offices": len(offices)})
    assert [c["county"] for c in told["counties"]] == ["east", "north", "west"]
    for county in told["counties"]:
        towns = [t for t in world.towns if t.county == county["county"]]
        here = [o for o in offices if world.town(o.town) in towns]
        alike(county, reach(towns, offices) | {"offices": len(here)})


async def worst_served(api: Api, world: World, params: dict[str, str]) -> None:
    """All places once, page by page, by people times distance."""
    offices = counted(world, params)
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = await get(api, "/worst", {**params, "limit": 5, **cursor})
        items += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert sorted(i["place"] for i in items) == sorted(t.slug for t in world.towns)
    for item in items:
        town = world.town(item["place"])
        found = nearest(town, offices)
        assert item["people"] == town.population
        assert item["office"] == (found and found[1].code)
        if found:
            assert item["distance_m"] == pytest.approx(found[0], abs=1)
            assert item["person_km"] == pytest.approx(town.population * found[0] / 1000, abs=1)
    rank = [i["people"] if i["person_km"] is None else i["person_km"] for i in items]
    assert rank == sorted(rank, reverse=True)


async def one_more(api: Api, world: World, params: dict[str, str], seed: int) -> None:
    """Today's offices, and one more near a town, or in the middle of nowhere."""
    draw = random.Random(seed)
    offices = world.counted(params.get("kind"), params.get("service"))
    for km in (1, 80):
        at = near(draw, draw.choice(world.towns), km)
        body = {k: v for k, v in params.items() if k != "on"}
        answer = await api.client.post(
            "/v1/coverage/what-if",
            json={**body, "latitude": at.latitude, "longitude": at.longitude},
            headers=api.headers("reports:read"),
        )
        assert answer.status_code == 200, answer.text
        told = answer.json()
        more: list[Any] = [*offices, at]
        before, after = reach(world.towns, offices), reach(world.towns, more)
        alike(told["before"], before)
        alike(told["after"], after)
        gained = [b["people"] for b in before["within"]]
        assert [g["people"] for g in told["gained"]] == [
            a["people"] - b for a, b in zip(after["within"], gained, strict=True)
        ]
        if offices:
            saved = before["person_km"] - after["person_km"]
            assert told["person_km_saved"] == pytest.approx(saved, abs=2)
        else:
            assert told["person_km_saved"] is None
        nearer = {
            t.slug
            for t in world.towns
            if not (found := nearest(t, offices)) or great_circle_m(t, at) < found[0]
        }
        assert {place["place"] for place in told["places"]} == nearer


async def saturated(api: Api, world: World, town: Any, seed: int) -> None:
    at = near(random.Random(seed), town, 5)
    for kind in ("pishkhan", "agency"):
        offices = world.counted(kind)
        told = await get(
            api,
            "/saturation",
            {"kind": kind, "town": town.slug, "latitude": at.latitude, "longitude": at.longitude},
        )
        county = {t.slug: t.population for t in world.towns if t.county == town.county}
        for where, people, count in (
            ("in_town", town.population, sum(o.town == town.slug for o in offices)),
            ("in_county", sum(county.values()), sum(o.town in county for o in offices)),
        ):
            assert told[where] == {
                "people": people,
                "offices_before": count,
                "offices_after": count + 1,
                "per_10000_before": round(10_000 * count / people, 3),
                "per_10000_after": round(10_000 * (count + 1) / people, 3),
            }
        to_point, of_centre = nearest(at, offices), nearest(town, offices)
        assert to_point is not None
        assert of_centre is not None
        assert told["nearest"]["office"] == to_point[1].code
        assert told["nearest"]["distance_m"] == pytest.approx(to_point[0], abs=1)
        centre = told["from_centre"]
        assert centre["office_before"] == of_centre[1].code
        assert centre["distance_before_m"] == pytest.approx(of_centre[0], abs=1)
        after = min(of_centre[0], great_circle_m(town, at))
        assert centre["distance_after_m"] == pytest.approx(after, abs=1)


async def test_follows_the_registry(api: Api) -> None:
    """Three towns: an office opened is reached, suspended it is not."""
    headers = api.headers("offices:write")
    nobody = await get(api, "", {})
    assert nobody["total"]["people"] == 1_464_809
    assert [w["people"] for w in nobody["total"]["within"]] == [0, 0, 0]
    assert nobody["total"]["mean_distance_m"] is None
    worst = await get(api, "/worst", {"limit": 1})
    assert worst["items"][0]["place"] == "ahvaz"
    assert worst["items"][0]["distance_m"] is None
    place = {"kind": "agency", "town": "veys", "latitude": 31.49, "longitude": 48.87}
    empty = await get(api, "/saturation", place)
    assert empty["nearest"] is None
    assert empty["from_centre"]["office_before"] is None
    body = office(kind="agency", latitude=31.3200, longitude=48.6850)
    await api.client.post("/v1/offices", json=body, headers=headers)
    told = await get(api, "", {"kind": "agency"})
    assert [w["people"] for w in told["total"]["within"]] == [1_184_788] * 3
    assert (await get(api, "", {"kind": "pishkhan"}))["total"]["offices"] == 0
    await api.client.post("/v1/offices/KZ00001/suspend", json={"reason": "بازدید"}, headers=headers)
    assert (await get(api, "", {"kind": "agency"}))["total"]["offices"] == 0


async def test_refusals(api: Api) -> None:
    here = {"latitude": 31.3, "longitude": 48.7}
    reader = api.headers("reports:read")
    asked: list[tuple[str, dict[str, Any], dict[str, str], int]] = [
        ("", {}, {}, 401),
        ("/worst", {}, api.headers("offices:write"), 403),
        ("", {"service": "no.such"}, reader, 404),
        ("", {"service": "No Such"}, reader, 422),
        ("", {"kind": "bank"}, reader, 422),
        ("", {"on": "1899-12-31"}, reader, 422),
        ("/worst", {"cursor": "WzFd"}, reader, 422),  # [1]
        ("/worst", {"cursor": "WzEsIlx1MDAwMCJd"}, reader, 422),  # [1,"\u0000"]
        ("/worst", {"service": "no.such"}, reader, 404),
        ("/saturation", {"kind": "agency", "town": "atlantis", **here}, reader, 404),
        ("/saturation", {"kind": "agency", "town": "ahvaz"}, reader, 422),
        ("/savings", {"period": "1397", "by_car": 1.1}, reader, 422),
        ("/savings", {"period": "1397", "by_car": "nan"}, reader, 422),
        ("/savings", {"period": "soon"}, reader, 422),
    ]
    for path, params, headers, status in asked:
        answer = await api.client.get(f"/v1/coverage{path}", params=params, headers=headers)
        assert answer.status_code == status, (path, params, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    for body, status in (
        ({**here, "service": "no.such"}, 404),
        ({**here, "colour": "red"}, 422),
        ({"latitude": 48.7, "longitude": 31.3}, 422),
    ):
        answer = await api.client.post("/v1/coverage/what-if", json=body, headers=reader)
        assert answer.status_code == status, answer.text
