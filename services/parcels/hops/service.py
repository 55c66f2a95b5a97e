"""Use cases of next hops: computed anew when the timetable of the coming week has changed."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.hops import domain, repository
from services.parcels.hops.domain import Hop
from services.parcels.hops.errors import NoNextHops
from services.parcels.hops.models import NextHop, RoutingVersion
from services.parcels.hops.schemas import NextHopOut
from services.parcels.routing.domain import Network
from services.parcels.routing.timetable import Timetable
from shared import outbox
from shared.calendar import tehran_date
from shared.clock import Clock, world_now
from shared.database import Database
from shared.pagination import Page, cut, not_a_cursor

NEXT_HOPS_COMPUTED: Final = "next_hops.computed"
_Code = Annotated[str, Field(max_length=12, pattern=r"^[A-Z0-9]+$")]
_CURSOR: Final = TypeAdapter[tuple[str, str]](tuple[_Code, _Code])


async def recompute(database: Database, clock: Clock) -> bool:
    """A new version if the week from today runs otherwise than the newest one says."""
    timetable = await Timetable(database).fresh()
    centres, planned = timetable.places.centres, timetable.network
    network = Network(planned.lines, planned.rules, planned.centre_of)
    async with database.transaction() as session:
        now = await world_now(session, clock)
        newest = await repository.newest(session)
    today = tehran_date(now)
    fingerprint = domain.fingerprint(network.lines, network.rules, centres, today)
    if newest is not None and newest.fingerprint == fingerprint:
        return False
    found = await asyncio.to_thread(domain.next_hops, network, centres, today)
    async with database.transaction() as session:
        await _keep(session, found, fingerprint, now)
    return True


async def _keep(
    session: AsyncSession, found: Sequence[Hop], fingerprint: str, now: datetime
) -> None:
    await repository.lock(session)
    newest = await repository.newest(session)
    if newest is not None and newest.fingerprint == fingerprint:
        return  # another worker was first
    version, week_from = newest.version + 1 if newest is not None else 1, tehran_date(now)
    session.add(
        RoutingVersion(
            version=version, week_from=week_from, fingerprint=fingerprint, computed_at=now
        )
    )
    await session.flush()
    session.add_all(NextHop(version=version, **asdict(hop)) for hop in found)
    await session.flush()
    told = {"version": version, "week_from": week_from.isoformat(), "hops": len(found)}
    data = {"next_hops": told}
    await outbox.append(session, NEXT_HOPS_COMPUTED, data, time=now, subject=str(version))


async def listing(
    session: AsyncSession, version: int | None, centre: str | None, page: Page
) -> tuple[list[NextHopOut], str | None]:
    """Of the newest version, or of an earlier one."""
    if version is None:
        newest = await repository.newest(session)
        version = newest.version if newest is not None else 0
    if not await repository.exists(session, version):
        raise NoNextHops("they are computed within a minute after the first line is planned")
    rows = await repository.listing(session, version, centre, (_after(page), page.limit + 1))
    shown, cursor = cut(rows, page, lambda row: [row.centre, row.destination])
    return [NextHopOut.model_validate(row) for row in shown], cursor


def _after(page: Page) -> tuple[str, str] | None:
    try:
        return None if page.after is None else _CURSOR.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None
