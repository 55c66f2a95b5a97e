"""Seats of counties, and services as they are recorded at the counter."""

import importlib
import uuid
from typing import Any

import pytest

from services.offices.registry import seeding
from services.offices.registry.seed import load_towns
from tests.conftest import Api, Serve
from tests.factories.worlds import SERVICES, great_circle_m, put, random_world

pytestmark = pytest.mark.anyio


def test_seats_are_seeded_and_migrated_alike() -> None:
    """Towns that were seeded before the column was get the same seats as those after."""
    migration = importlib.import_module("migrations.versions.offices.0013_coverage")
    seats = {town.slug for town in load_towns() if town.seat}
    assert set(migration._SEATS) == seats
    assert {row["slug"] for row in seeding._town_rows() if row["seat"]} == seats
    assert len(seats) == 27


async def test_from_the_counter_to_the_savings(serve: Serve) -> None:
    """Each record counts once and for principals only; a reversal takes it back."""
    api: Api = await serve("offices")
    world = random_world(8)
    await put(api, world)
    await api.database.hot.execute(
        "UPDATE delegated_service SET delegated = false WHERE code = $1", SERVICES[1]
    )

    async def ask(method: str, path: str, body: Any = None, **params: Any) -> Any:
        headers = api.headers("reports:read", "services:record", "backfill")
        sent = api.client.request(method, path, json=body, params=params, headers=headers)
        answer = await sent
        assert answer.is_success, answer.text
        return answer.json()

    async def saved() -> Any:
        return await ask("GET", "/v1/coverage/savings", period="1398-01", trips_per_service=1)

    seats = {town.county: town for town in world.towns if town.seat}
    done = [
        (office, service, electronic, count)
        for count, office in enumerate(world.counted()[:8], 1)
        if world.town(office.town).county in seats
        for service in SERVICES[:2]
        for electronic in (True, False)
    ]
    records = [
        {
            "record_id": str(uuid.uuid4()),
            "office": office.code,
            "service": service,
            "day": "2019-03-21",
            "count": count,
            "electronic": electronic,
        }
        for office, service, electronic, count in done
    ]
    for _ in range(2):
        await ask("POST", "/v1/services/performed", {"records": records})
    electronic = sum(n for _, service, how, n in done if how and service == SERVICES[0])
    told = await saved()
    # each was done as often at the counter
    assert told["nearby"]["services"] == told["electronic"]["services"] == electronic > 0
    spared_m = 0.0
    for office, service, how, count in done:
        town = world.town(office.town)
        way = great_circle_m(town, seats[town.county]) - great_circle_m(town, office)
        spared_m += count * max(0.0, way) * (service == SERVICES[0] and not how)
    assert spared_m > 0
    detour = next(f["value"] for f in told["factors"] if f["name"] == "detour")
    assert told["nearby"]["km"] == pytest.approx(2 * detour * spared_m / 1000, abs=1)
    for record in records:
        path = f"/v1/services/performed/{record['record_id']}/reverse"
        await ask("POST", path, {"reason": "شمارش دوباره"})
    assert (await saved())["total"]["services"] == 0
