"""Example papers of the planned province: every planned office may book."""

import pytest

from services.offices.contracts.seeding import PapersResult, seed
from services.offices.registry import seeding as planned
from services.offices.registry.seed import OFFICES_TOTAL, load_towns, plan_offices
from services.parcels.network.service import on_office_events
from shared.runtime import Runtime
from tests.conftest import Serve
from tests.factories.offices import create

pytestmark = pytest.mark.anyio


async def test_gives_each_planned_office_what_it_needs_once(serve: Serve) -> None:
    api = await serve("offices")
    runtime: Runtime = api.app.state.runtime
    await planned.seed(runtime, "live")
    own = await create(api, kind="agency")
    kinds = [office.kind for office in plan_offices(load_towns())]
    licences = sum(kinds.count(kind) for kind in ("pishkhan", "rural_ict"))
    assert await seed(runtime, "live") == PapersResult(licences + kinds.count("agency"), licences)
    assert await seed(runtime, "live") == PapersResult(0, 0)
    rows = await api.database.hot.fetch(
        "SELECT code, gate->>'open' AS open, (gate->>'until')::timestamptz > '2051-01-01' AS long"
        " FROM office ORDER BY id"
    )
    assert {row["open"] for row in rows[:-1]} == {"true"}
    assert [row["long"] for row in rows].count(True) == licences + kinds.count("agency")
    assert (rows[-1]["code"], rows[-1]["open"]) == (own["code"], "false")
    states = {}
    for event in await api.events("office.created"):
        states[event["subject"]] = event["data"]["office"]
    assert len(states) == OFFICES_TOTAL + 1
    for event in await api.events("office.changed"):
        states[event["subject"]] = event["data"]["office"]
    parcels = await serve("parcels")
    async with parcels.database.transaction() as session:
        await on_office_events(session, [{"data": {"office": state}} for state in states.values()])
    closed = await parcels.database.hot.fetch(
        "SELECT code FROM office WHERE NOT coalesce(gate_until > '2018-03-21', gate_open)"
    )
    assert [row["code"] for row in closed] == [own["code"]]
