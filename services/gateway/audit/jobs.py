"""Hears of everything that is audited, and notes the heads now and then."""

import asyncio
from pathlib import Path
from typing import Final

from services.gateway.audit import heads, service
from services.gateway.audit.domain import AUDITED
from services.gateway.audit.signing import Signer
from services.gateway.config import settings_of
from shared.auth import World
from shared.clock import Clock
from shared.consumer import Consumer
from shared.database import Database
from shared.work import Work

CHECKPOINT_S: Final = 60


def add(found: Work) -> None:
    runtime = found.runtime
    signer = Signer(lambda: runtime.minter.key)
    for source, types in AUDITED.items():
        name = f"gateway.audit.{source}"
        what = Consumer(name, types, service.following(source, signer))
        if source == runtime.service:
            found.consume_own(what)
        else:
            found.consume(source, what)
    path = settings_of(runtime).audit_file
    written: dict[World, int] = {}

    async def tick(world: World) -> None:
        database = runtime.databases[world]
        await checkpoint(database, signer, runtime.clock)
        if path is not None:
            file = heads.file_of(path, world)
            written[world] = await copy_out(database, file, written.get(world))

    found.timer("audit_checkpoint", CHECKPOINT_S, tick)


async def checkpoint(database: Database, signer: Signer, clock: Clock) -> None:
    """Until no head is ahead of its checkpoint."""
    moved = True
    while moved:
        async with database.transaction() as session:
            moved = await service.checkpoint(session, signer, clock.now())


async def copy_out(database: Database, file: Path, number: int | None) -> int:
    """Append what the file has not; the last checkpoint's number, to be given again next time."""
    if number is None:
        known = await asyncio.to_thread(heads.read, file)
        number = known[-1][0].number if known else 0
    while True:
        async with database.transaction() as session:
            more = await service.marks_after(session, number)
        if not more:
            return number
        await asyncio.to_thread(heads.append, file, more)
        number = more[-1][0].number
