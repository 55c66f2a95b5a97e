"""The worlds' clocks, set for every service at once."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from services.gateway.audit.domain import AUDITED
from services.gateway.clocks import domain
from shared.errors import Invalid
from tests.conftest import START, Api, Serve
from tests.services.gateway.conftest import SISTERS, Gateway, bearer, start_with

pytestmark = pytest.mark.anyio

PAST = "2018-03-21T08:00:00Z"


@pytest.fixture
async def world(serve: Serve) -> AsyncIterator[tuple[Gateway, list[Api]]]:
    """The gateway in front of its real sisters, in this process."""
    async with AsyncExitStack() as stack:
        sisters = [await serve(name) for name in SISTERS]
        apps = {name: sister.app for name, sister in zip(SISTERS, sisters, strict=True)}
        gateway = await start_with(stack, serve, apps, "in_process")
        yield gateway, [*sisters, gateway.api]


async def put(gateway: Gateway, body: dict[str, Any]) -> httpx.Response:
    key = bearer(await gateway.issue("backfill"))
    return await gateway.client.put("/v1/clock", json=body, headers=key)


async def rows(services: list[Api]) -> set[tuple[Any, ...]]:
    return {
        tuple(await service.database.hot.fetchrow("SELECT mode, at::text FROM clock"))
        for service in services
    }


class TestSetClock:
    async def test_sets_every_services_row(self, world: tuple[Gateway, list[Api]]) -> None:
        gateway, services = world
        assert (await put(gateway, {"mode": "backfill", "at": PAST})).status_code == 200
        assert await rows(services) == {("backfill", "2018-03-21 08:00:00+00")}
        assert (await put(gateway, {"mode": "wall"})).status_code == 200
        assert await rows(services) == {("wall", None)}
        told = [event["data"] for event in await gateway.api.events("world_clock.set")]
        assert [event["world_clock"] for event in told] == [
            {"mode": "backfill", "at": PAST},
            {"mode": "wall", "at": None},
        ]
        assert told[-1]["by"] == str(gateway.partner_id)
        assert "world_clock.set" in AUDITED["gateway"]

    @pytest.mark.parametrize(
        "at",
        [
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-12:00",
            "0001-01-01T00:00:00Z",
            START.replace(year=2020).isoformat(),
        ],
    )
    async def test_a_backfill_stands_in_the_past(
        self, world: tuple[Gateway, list[Api]], at: str
    ) -> None:
        gateway, services = world
        refused = await put(gateway, {"mode": "backfill", "at": at})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "body.at"
        assert await rows(services) == {("wall", None)}

    async def test_the_live_world_has_no_time_of_its_own(
        self, world: tuple[Gateway, list[Api]]
    ) -> None:
        gateway, services = world
        assert (await put(gateway, {"mode": "sandbox", "at": PAST})).status_code == 403
        assert await rows(services) == {("wall", None)}

    async def test_needs_its_scope(self, near: Gateway) -> None:
        key = bearer(await near.issue("scans:write"))
        body = {"mode": "wall"}
        assert (await near.client.put("/v1/clock", json=body)).status_code == 401
        assert (await near.client.put("/v1/clock", json=body, headers=key)).status_code == 403


@pytest.mark.parametrize("year", [1, 1900, 2300, 9999])
def test_the_sandbox_stays_within_the_calendar(year: int) -> None:
    domain.check("sandbox", START.replace(year=2030), "test", START)
    with pytest.raises(Invalid):
        domain.check("sandbox", START.replace(year=year), "test", START)
