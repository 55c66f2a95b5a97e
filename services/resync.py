"""`susa resync`: sets a consumer to go on after its producer was restored."""

from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import Any

from services import topology
from services.errors import CommandError
from shared.auth import World
from shared.consumer import Runner
from shared.runtime import Runtime, running


async def resync(name: str, world: World, *, start: bool) -> dict[str, Any]:
    """One consumer in one world; CommandError where there is no way but by `start`."""
    async with AsyncExitStack() as stack:
        runtime = await _runtime(stack, name.partition(".")[0])
        runner = _runner(runtime, name, world)
        try:
            return asdict(await runner.resync(start=start))
        except LookupError as error:
            raise CommandError(str(error)) from error


async def _runtime(stack: AsyncExitStack, service: str) -> Runtime:
    """The service alone where its sisters have addresses, else all in this process."""
    chosen = next((s for s in topology.settings() if topology.service_of(s) == service), None)
    if chosen is None:
        raise CommandError(f"no service {service or 'without a name'} has consumers")
    if chosen.sister_urls():
        return await stack.enter_async_context(running(service, chosen))
    runtimes = await stack.enter_async_context(topology.Whole().opened())
    return runtimes[service]


def _runner(runtime: Runtime, name: str, world: World) -> Runner:
    runners = topology.jobs_of(runtime).runners
    found = [r for r in runners if r.name == name and r.database is runtime.databases[world]]
    if not found:
        known = ", ".join(sorted({runner.name for runner in runners}))
        raise CommandError(f"no consumer {name}; {runtime.service} has {known or 'none'}")
    return found[0]
