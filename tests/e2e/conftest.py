"""Real processes, real HTTP, databases of their own; one installation a topology."""

from collections.abc import AsyncIterator, Generator, Iterator

import pytest

from tests.conftest import Templates
from tests.e2e.actors import Actor, connected
from tests.e2e.environment import Environment, running


@pytest.fixture(scope="package", params=["one_process", "separate"])
def susa(
    request: pytest.FixtureRequest, templates: Templates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Environment]:
    """A running installation, in either topology unless the test chooses one."""
    with running(request.param, templates, tmp_path_factory.mktemp("susa")) as made:
        yield made


@pytest.fixture(scope="package")
def province(susa: Environment) -> dict[str, int]:
    """Khuzestan's towns and offices, seeded by the command."""
    seeded: dict[str, int] = susa.susa("seed")
    return seeded


@pytest.fixture
async def anyone(susa: Environment) -> AsyncIterator[Actor]:
    async with connected(susa.url) as client:
        yield Actor(client)


@pytest.fixture
async def manager(susa: Environment, anyone: Actor) -> Actor:
    return Actor(anyone.client, susa.manager)


@pytest.fixture
async def clerk(manager: Actor) -> Actor:
    return await manager.open_account("staff", "باجهٔ اهواز", "scans:write")


@pytest.fixture
async def shop(manager: Actor) -> Actor:
    scopes = ("parcels:book", "parcels:read", "webhooks:write")
    return await manager.open_account("shop", "فروشگاه کارون", *scopes)


@pytest.fixture(autouse=True)
def _nothing_crashed(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test passes only if no process logged a crash while it ran."""
    if "susa" not in request.fixturenames:
        yield
        return
    made: Environment = request.getfixturevalue("susa")
    ends = made.log_ends()
    yield
    assert made.faults(ends) == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Beside a failure stand the logs of the processes it met."""
    report = yield
    used = getattr(item, "funcargs", {}).values()
    if report.failed:
        for made in used:
            for part in made.parts if isinstance(made, Environment) else ():
                report.sections.append((f"log of {part.name}", part.tail()))
    return report
