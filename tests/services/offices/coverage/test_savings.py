"""Journeys that were not made, recounted slowly; saturation of the place of an application."""

import random
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.coverage.domain import FACTORS, saved
from tests.conftest import Api, Serve
from tests.factories.worlds import World, great_circle_m, nearest, put, random_world

pytestmark = pytest.mark.anyio

FARVARDIN = date(2019, 3, 21)  # the first of 1398


@pytest.fixture
async def empty(serve: Serve) -> Api:
    made: Api = await serve("offices")
    return made


async def get(api: Api, path: str, **params: Any) -> Any:
    headers = api.headers("reports:read", "licensing:read")
    answer = await api.client.get(path, params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def seat_of(world: World, county: str) -> Any:
    return next((t for t in world.towns if t.county == county and t.seat), None)


async def test_savings_agree_with_a_slow_recount(empty: Api) -> None:
    world, draw = random_world(5), random.Random(5)
    await put(empty, world)
    done = [
        (FARVARDIN + timedelta(days=day), o, electronic, draw.randint(-2, 50))
        for o in world.offices
        for day in (-1, 0, 30, 31)
        for electronic in (True, False)
    ]
    await empty.database.hot.executemany(
        "INSERT INTO performed_by_office (day, office_id, electronic, count)"
        " VALUES ($1, $2, $3, $4)",
        [(day, o.id, electronic, count) for day, o, electronic, count in done],
    )
    told = await get(empty, "/v1/coverage/savings", period="1398-01", detour=2, by_car=0.5)
    electronic = nearby = uncounted = 0
    spared_m = 0.0
    for day, o, is_electronic, count in done:
        town = world.town(o.town)
        seat = seat_of(world, town.county)
        if not FARVARDIN <= day < FARVARDIN + timedelta(days=31):
            continue
        if is_electronic:
            electronic += count
        elif seat is None:
            uncounted += count
        else:
            nearby += count
            spared_m += count * max(0.0, great_circle_m(town, seat) - great_circle_m(town, o))
    people = sum(t.population for t in world.towns)
    trips = [(t.population, nearest(t, world.counted())) for t in world.towns]
    mean_m = sum(p * pair[0] for p, pair in trips if pair) / people
    assert told["mean_trip_m"] == pytest.approx(mean_m, abs=1)
    assert told["not_counted"] == uncounted > 0
    factors = {f["name"]: f["value"] for f in told["factors"]}
    assert factors["detour"] == 2
    for name, services, one_way_km in (
        ("electronic", electronic, electronic * round(mean_m) / 1000),
        ("nearby", nearby, spared_m / 1000),
        ("total", electronic + nearby, electronic * round(mean_m) / 1000 + spared_m / 1000),
    ):
        km = 2 * one_way_km * 2
        litres = km * 0.5 / factors["people_per_car"] * factors["fuel_l_per_100km"] / 100
        assert told[name]["services"] == told[name]["trips"] == services > 0
        assert told[name]["km"] == pytest.approx(km, abs=1)
        assert told[name]["fuel_litres"] == pytest.approx(litres, abs=1)
        assert told[name]["co2_kg"] == pytest.approx(litres * factors["co2_kg_per_l"], abs=1)
        assert told[name]["hours"] == pytest.approx(km / factors["speed_kmh"], abs=1)
    sources = {f["name"]: f["source"] for f in told["factors"]}
    assert sources["detour"] == sources["by_car"] == "given in the request"
    assert sources["speed_kmh"] == "assumption"
    nothing = await get(empty, "/v1/coverage/savings", period="1390")
    assert nothing["total"]["services"] == nothing["total"]["km"] == 0


async def test_saturation_of_an_application(empty: Api) -> None:
    """An office that applies for itself is not among those before."""
    world = random_world(6)
    await put(empty, world)
    office = next(o for o in world.counted("pishkhan"))
    ids = [uuid.uuid4(), uuid.uuid4()]
    await empty.database.hot.executemany(
        "INSERT INTO application (id, kind, state, office_id, proposal, town, latitude, longitude,"
        " services, version, created_by, filed_at, updated_at)"
        " VALUES ($1, 'pishkhan', 'received', $2, '{}', $3, $4, $5, '{}', 1, 'x', now(), now())",
        [
            (ids[0], None, office.town, office.latitude, office.longitude),
            (ids[1], office.id, office.town, office.latitude, office.longitude),
        ],
    )
    place = {"kind": "pishkhan", "town": office.town}
    here = {"latitude": office.latitude, "longitude": office.longitude}
    asked = await get(empty, "/v1/coverage/saturation", **place, **here)
    new, old = [await get(empty, f"/v1/applications/{id_}/saturation") for id_ in ids]
    assert new == asked
    assert new["nearest"] == {"office": office.code, "distance_m": 0}
    assert old["nearest"]["office"] != office.code
    for where in ("in_town", "in_county"):
        assert old[where]["offices_after"] == new[where]["offices_before"]
    path = f"/v1/applications/{uuid.uuid4()}/saturation"
    for headers, status in (
        (empty.headers("licensing:read"), 404),
        (empty.headers("reports:read"), 403),
    ):
        assert (await empty.client.get(path, headers=headers)).status_code == status


BY_ITSELF = {factor.name: factor.value for factor in FACTORS}


@given(
    services=st.integers(0, 10**9),
    one_way_km=st.floats(0, 10**9),
    name=st.sampled_from(sorted(BY_ITSELF)),
    share=st.floats(0, 1),
)
@settings(max_examples=60)
def test_every_factor_pulls_its_way(
    services: int, one_way_km: float, name: str, share: float
) -> None:
    """More of a factor is never less saved, but for the two that divide; all within bounds."""
    (factor,) = [f for f in FACTORS if f.name == name]
    value = factor.least + share * (factor.most - factor.least)
    low, high = sorted((value, factor.value))
    less, more = (saved(services, one_way_km, BY_ITSELF | {name: v}) for v in (low, high))
    if name in {"people_per_car", "speed_kmh"}:
        less, more = more, less
    for field in ("trips", "km", "fuel_litres", "co2_kg", "hours"):
        assert 0 <= getattr(less, field) <= getattr(more, field)
