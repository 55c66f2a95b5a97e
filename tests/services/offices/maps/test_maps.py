"""GeoJSON of offices and places: its shape, its filters, its pages."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.offices.maps.domain import Box, parse_box
from tests.conftest import Api, Serve
from tests.factories.worlds import SERVICES, nearest, put, random_world

pytestmark = pytest.mark.anyio


@pytest.fixture
async def empty(serve: Serve) -> Api:
    made: Api = await serve("offices")
    return made


def features(document: Any) -> list[dict[str, Any]]:
    """The features of a collection, each checked against RFC 7946."""
    assert set(document) == {"type", "features", "next"}
    assert document["type"] == "FeatureCollection"
    for feature in document["features"]:
        assert set(feature) == {"type", "id", "geometry", "properties"}
        assert feature["type"] == "Feature"
        assert isinstance(feature["id"], str)
        assert set(feature["geometry"]) == {"type", "coordinates"}
        assert feature["geometry"]["type"] == "Point"
        longitude, latitude = feature["geometry"]["coordinates"]
        assert 43 <= longitude <= 64.5  # Iran's: in the other order it would be somewhere else
        assert 24 <= latitude <= 41
        assert isinstance(feature["properties"], dict)
    found: list[dict[str, Any]] = document["features"]
    return found


async def read(api: Api, path: str, **params: Any) -> list[dict[str, Any]]:
    """All pages, as anyone may."""
    found: list[dict[str, Any]] = []
    while True:
        answer = await api.client.get(f"/v1/{path}", params=params)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/geo+json"
        found += features(answer.json())
        if answer.json()["next"] is None:
            assert "link" not in answer.headers
            return found
        params["cursor"] = answer.json()["next"]
        assert params["cursor"] in answer.headers["link"]


async def test_offices(empty: Api) -> None:
    world = random_world(4)
    await put(empty, world)
    asked: list[dict[str, Any]] = [
        {},
        {"kind": "agency"},
        {"kind": "sorting_centre"},
        {"service": SERVICES[0]},
    ]
    for params in asked:
        expected = [o.code for o in world.counted(**params)]
        assert [f["id"] for f in await read(empty, "offices.geojson", **params)] == expected
        paged = await read(empty, "offices.geojson", **params, limit=3)
        assert [f["id"] for f in paged] == expected
    inside = [
        o
        for o in world.counted()
        if 48.5 <= o.longitude <= 49.5 and 31 <= o.latitude <= 32 and world.town(o.town).county
    ]
    found = await read(empty, "offices.geojson", bbox="48.5,31,49.5,32")
    assert [f["id"] for f in found] == [o.code for o in inside]
    around = await read(empty, "offices.geojson", bbox="49.5,-90,48.5,90")
    between = [o.code for o in world.counted() if not 48.5 < o.longitude < 49.5]
    assert [f["id"] for f in around] == between
    east = await read(empty, "offices.geojson", county="east", limit=2)
    assert east
    assert {f["properties"]["county"] for f in east} == {"east"}
    office = next(o for o in world.counted() if o.code == east[0]["id"])
    assert east[0]["geometry"]["coordinates"] == [office.longitude, office.latitude]
    assert set(east[0]["properties"]) == {
        "code", "name", "kind", "town", "town_name", "county", "address", "postal_code",
    }  # fmt: skip


async def test_places(empty: Api) -> None:
    world = random_world(4)
    await put(empty, world)
    asked: list[dict[str, Any]] = [{}, {"kind": "agency"}, {"service": SERVICES[2]}]
    for params in asked:
        places = await read(empty, "places.geojson", **params, limit=5)
        assert [f["id"] for f in places] == [t.slug for t in world.towns]
        for place in places:
            town = world.town(place["id"])
            properties = place["properties"]
            assert place["geometry"]["coordinates"] == [town.longitude, town.latitude]
            assert properties["population"] == town.population
            assert properties["seat"] == town.seat
            found = nearest(town, world.counted(**params))
            assert properties["nearest_office"] == (found and found[1].code)
            if found:
                assert properties["distance_m"] == pytest.approx(found[0], abs=1)
            else:
                assert properties["distance_m"] is None
    north = await read(empty, "places.geojson", county="north", bbox="40,20,60,40")
    assert [f["id"] for f in north] == [t.slug for t in world.towns if t.county == "north"]


async def test_refusals(api: Api) -> None:
    for query, status in (
        ("bbox=1,2,3", 422),
        ("bbox=48,31,49,nan", 422),
        ("bbox=48,32,49,31", 422),
        ("bbox=48,31,181,32", 422),
        ("bbox=a,b,c,d", 422),
        ("limit=1001", 422),
        ("kind=bank", 422),
        ("service=no.such", 404),
        ("county=A%00", 422),
        ("cursor=WyJcdTAwMDAiXQ", 422),  # ["\u0000"]
        ("on=2201-01-01", 422),
    ):
        for path in ("offices", "places"):
            answer = await api.client.get(f"/v1/{path}.geojson?{query}")
            assert answer.status_code == status, (query, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"


degrees = st.one_of(st.floats(-400, 400), st.floats(-90, 90), st.just(math.nan))


@given(west=degrees, south=degrees, east=degrees, north=degrees)
def test_a_box_is_on_the_globe_or_none(
    west: float, south: float, east: float, north: float
) -> None:
    possible = abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90
    text = f"{west},{south},{east},{north}"
    if possible:
        assert parse_box(text) == Box(west, south, east, north)
    else:
        with pytest.raises(ValueError, match="between"):
            parse_box(text)
    assert not (possible and math.isnan(west + south + east + north))
