"""How far the consumers are behind while a year is sent, which waits for them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from services.year.progress import Bar

EVERY_SECONDS = 2
BEHIND_MAX = 300
"""Events, of up to a batch each: a year that runs ahead of who counts it is not yet through."""

Behind = Callable[[], Awaitable[Mapping[str, int]]]
"""Events that each consumer has not consumed yet, by its name."""


class Lag(NamedTuple):
    """The consumer furthest behind. An event has up to a batch of items."""

    events: int
    consumer: str


@dataclass(slots=True)
class Watch:
    worst: Lag | None = None
    last: Lag | None = None
    near: asyncio.Event = field(default_factory=asyncio.Event)

    async def look(self, behind: Behind, bar: Bar) -> None:
        found = max((Lag(n, name) for name, n in (await behind()).items()), default=Lag(0, ""))
        self.last = found
        self.worst = max(found, self.worst or found)
        (self.near.clear if found.events > BEHIND_MAX else self.near.set)()
        bar.behind(f"{found.consumer} {found.events:,} events behind" if found.events else "")

    async def hold(self) -> None:
        """Until the slowest consumer is near again."""
        await self.near.wait()


@asynccontextmanager
async def watching(behind: Behind | None, bar: Bar) -> AsyncIterator[Watch]:
    """Looks now and then, and at the end."""
    watch = Watch()
    if behind is None:
        watch.near.set()
        yield watch
        return
    task = asyncio.create_task(_keep_looking(watch, behind, bar))
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await watch.look(behind, bar)


async def _keep_looking(watch: Watch, behind: Behind, bar: Bar) -> None:
    while True:
        await watch.look(behind, bar)
        await asyncio.sleep(EVERY_SECONDS)
