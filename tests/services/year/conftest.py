import pytest

from services.year.network import Network, network
from tests.services.year.sample import OFFICES, TOWNS


@pytest.fixture(scope="session")
def province() -> Network:
    return network(TOWNS, OFFICES)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
