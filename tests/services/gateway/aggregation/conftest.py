"""The gateway in front of a small province, in one process and over HTTP."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.conftest import Serve
from tests.services.gateway.aggregation.province import Province
from tests.services.gateway.conftest import Gateway, start_with


@pytest.fixture
def province() -> Province:
    return Province()


@pytest.fixture(params=["in_process", "http"])
async def gateway(
    request: pytest.FixtureRequest, serve: Serve, province: Province
) -> AsyncIterator[Gateway]:
    async with AsyncExitStack() as stack:
        sisters = {name: province.app(name) for name in ("offices", "parcels", "complaints")}
        yield await start_with(stack, serve, sisters, request.param)
