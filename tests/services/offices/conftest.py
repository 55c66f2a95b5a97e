"""A running offices service with three towns."""

import pytest

from tests.conftest import Api, Serve
from tests.factories.offices import add_towns


@pytest.fixture
async def api(serve: Serve) -> Api:
    made: Api = await serve("offices")
    await add_towns(made)
    return made
