"""The planned province in the database, once."""

import asyncio

import pytest

from services.offices.registry.seed import OFFICES_TOTAL, load_towns, plan_offices
from services.offices.registry.seeding import SeedResult, seed
from shared.runtime import Runtime
from tests.conftest import Api, Serve
from tests.factories.offices import command, create

pytestmark = pytest.mark.anyio

NOTHING = SeedResult(towns=0, offices=0, services=0, offerings=0)


@pytest.fixture
async def empty(serve: Serve) -> Api:
    made: Api = await serve("offices")
    return made


def runtime_of(api: Api) -> Runtime:
    runtime: Runtime = api.app.state.runtime
    return runtime


class TestSeed:
    async def test_puts_the_plan_in(self, empty: Api) -> None:
        plan = plan_offices(load_towns())
        result = await seed(runtime_of(empty), "live")
        assert (result.towns, result.offices) == (len(load_towns()), len(plan))
        assert len(plan) == OFFICES_TOTAL
        rows = await empty.database.hot.fetch(
            "SELECT o.*, s.source_key AS centre_key FROM office o"
            " LEFT JOIN office s ON s.code = o.sorting_centre ORDER BY o.id"
        )
        assert [row["source_key"] for row in rows] == [office.key for office in plan]
        for row, office in zip(rows, plan, strict=True):
            assert row["centre_key"] == office.sorting_centre
            same = ("name", "kind", "town", "address", "postal_code", "latitude", "longitude")
            assert [row[name] for name in same] == [getattr(office, name) for name in same]

    async def test_tells_each_office_once(self, empty: Api) -> None:
        await seed(runtime_of(empty), "live")
        events = await empty.events("office.created")
        codes = [event["data"]["office"]["code"] for event in events]
        assert codes == [f"KZ{number:05d}" for number in range(1, OFFICES_TOTAL + 1)]
        answer = await empty.client.get("/v1/offices/KZ00001")
        first = events[0]["data"]["office"]
        shared_fields = first.keys() & answer.json().keys()
        assert {name: first[name] for name in shared_fields} == {
            name: answer.json()[name] for name in shared_fields
        }
        assert first["town_name"] == "اهواز"

    async def test_a_second_run_does_nothing(self, empty: Api) -> None:
        await seed(runtime_of(empty), "live")
        await command(empty, "KZ00010", {"name": "نام تازه"}, method="PATCH")
        before = await empty.client.get("/v1/offices?limit=200")
        assert await seed(runtime_of(empty), "live") == NOTHING
        assert (await empty.client.get("/v1/offices?limit=200")).content == before.content
        assert len(await empty.events("office.created")) == OFFICES_TOTAL
        made = await create(empty)  # no number was spent on the second run
        assert made["code"] == f"KZ{OFFICES_TOTAL + 1:05d}"

    async def test_two_runs_at_once_are_one(self, empty: Api) -> None:
        results = await asyncio.gather(*(seed(runtime_of(empty), "live") for _ in range(3)))
        assert sorted(result.offices for result in results) == [0, 0, OFFICES_TOTAL]

    async def test_what_an_operator_made_stays(self, api: Api) -> None:
        made = await create(api, kind="agency")
        result = await seed(runtime_of(api), "live")
        assert result.offices == OFFICES_TOTAL
        assert result.towns == len(load_towns()) - 3
        assert (await api.client.get(f"/v1/offices/{made['code']}")).json() == made
