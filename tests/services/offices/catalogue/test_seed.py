"""The example catalogue: its plan, and the plan put into the database."""

from collections import Counter
from typing import Any

import pytest

from services.offices.catalogue.seed import (
    FIVE_OF_1382,
    SINCE,
    load_principals,
    plan_offerings,
    plan_services,
)
from services.offices.registry.seed import load_towns, plan_offices
from services.offices.registry.seeding import seed
from tests.conftest import Serve
from tests.factories.catalogue import ask

pytestmark = pytest.mark.anyio


class TestPlan:
    def test_four_hundred_delegated_services(self) -> None:
        services = plan_services()
        delegated = [each for each in services if each.delegated]
        assert (len(delegated), sum(each.electronic for each in delegated)) == (400, 150)
        codes = [each.code for each in services]
        assert len(set(codes)) == len(codes)
        assert set(FIVE_OF_1382) <= {each.code for each in services if not each.delegated}
        bodies = {each.slug for each in load_principals()}
        assert {each.principal for each in services} == bodies
        assert {each.code.partition(".")[0] for each in services} == bodies
        for each in services:
            assert each.office_share_rials <= each.fee_rials
            assert each.electronic or each.at_counter

    def test_who_offers_what(self) -> None:
        offices = [(office.key, office.kind) for office in plan_offices(load_towns())]
        services = plan_services()
        plan = plan_offerings(offices, services)
        assert plan == plan_offerings(reversed(offices), services)
        at_counter = {each.code for each in services if each.at_counter}
        averages: Counter[str] = Counter()
        kinds = Counter(kind for _, kind in offices)
        for key, kind in offices:
            assert len(set(plan[key])) == len(plan[key])
            assert set(plan[key]) <= at_counter
            averages[kind] += len(plan[key])
            if kind == "pishkhan":  # the least that a communication office of 1382 had to offer
                assert len(set(FIVE_OF_1382) & set(plan[key])) >= 3
        most = [kind for kind, _ in averages.most_common()]
        assert averages["sorting_centre"] == 0
        assert max(kinds, key=lambda kind: averages[kind] / kinds[kind]) == most[0] == "pishkhan"


async def test_is_put_in_once(serve: Serve) -> None:
    api: Any = await serve("offices")
    runtime = api.app.state.runtime
    added = await seed(runtime, "live")
    services = plan_services()
    assert added.services == len(services)
    offices = await api.database.hot.fetch("SELECT source_key, kind, code FROM office")
    planned = plan_offerings([(row["source_key"], row["kind"]) for row in offices], services)
    keys = {row["code"]: row["source_key"] for row in offices}
    events = await api.events("offering.started")
    told = {
        keys[event["subject"]]: [item["service"] for item in event["data"]["items"]]
        for event in events
    }
    assert told == {key: codes for key, codes in planned.items() if codes}
    assert added.offerings == sum(len(codes) for codes in planned.values())
    item = events[0]["data"]["items"][0]
    path = f"/v1/offices/{item['office']}/offerings?valid_on={SINCE}&limit=200"
    listed = (await api.client.get(path)).json()["items"]
    assert item in [{name: row[name] for name in item} for row in listed]

    headers = api.headers("reports:read")
    answer = await api.client.get("/v1/statistics/services?period=1397", headers=headers)
    assert answer.json()["services"] == {"in_force": 400, "electronic": 150}
    (rule,) = (await api.client.get("/v1/service-rules")).json()["items"]
    assert (rule["kind"], rule["services"], rule["at_least"]) == (
        "communication_office",
        list(FIVE_OF_1382),
        3,
    )
    counts = Counter(
        event["type"] for event in await api.events("service.created", "principal.created")
    )
    assert counts == {"service.created": len(services), "principal.created": 45}

    await ask(api, "PATCH", "services/post.mail", {"name": "پست"})
    again = await seed(runtime, "live")
    assert (again.services, again.offerings) == (0, 0)
    assert (await api.client.get("/v1/services/post.mail")).json()["name"] == "پست"
