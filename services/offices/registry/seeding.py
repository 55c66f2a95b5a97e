"""Seeding: the planned province put into the database, once, however often it is run."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.catalogue import seeding as catalogue
from services.offices.config import Settings
from services.offices.registry import domain, repository, service
from services.offices.registry.models import Office, Town
from services.offices.registry.schemas import NewOffice
from services.offices.registry.seed import OfficePlan, load_towns, plan_offices
from shared.auth import World
from shared.runtime import Runtime

PROVINCE: Final = "khuzestan"


@dataclass(frozen=True, slots=True)
class SeedResult:
    """How many rows this run added; zeros when all were there."""

    towns: int
    offices: int
    services: int
    offerings: int


async def seed(runtime: Runtime, world: World) -> SeedResult:
    """Add the towns and planned offices that are missing, in one transaction with their events.

    What is there stays as it is, changed since or not: a planned office is known by its key.
    """
    prefix = cast("Settings", runtime.settings).code_prefix
    async with runtime.databases[world].transaction() as session:
        await repository.lock_seeding(session)
        towns = await repository.add_towns(session, _town_rows())
        now = runtime.clock.now()
        offices = await _found_missing(session, prefix, now)
        await service.tell_all(session, [("office.created", office) for office in offices], now)
        added = await catalogue.seed(session, now)
    return SeedResult(towns, len(offices), added.services, added.offerings)


async def sorting_centres(runtime: Runtime, world: World) -> dict[str, str]:
    """The planned centres' codes, by their town."""
    async with runtime.databases[world].transaction() as session:
        codes = await repository.loaded_codes(session)
    plan = [office for office in plan_offices(load_towns()) if office.kind == "sorting_centre"]
    return {office.town: codes[office.key] for office in plan if office.key in codes}


def _town_rows() -> list[dict[str, Any]]:
    known = {column.name for column in Town.__table__.columns}
    return [
        {name: value for name, value in asdict(town).items() if name in known}
        | {"province": PROVINCE}
        for town in load_towns()
    ]


async def _found_missing(session: AsyncSession, prefix: str, now: datetime) -> list[Office]:
    """The planned offices that are not there yet, inserted; sorting centres come first."""
    codes = await repository.loaded_codes(session)
    missing = [office for office in plan_offices(load_towns()) if office.key not in codes]
    places = {town.slug: town for town in await repository.towns(session)}
    offices = []
    for number, planned in zip(
        await repository.next_numbers(session, len(missing)), missing, strict=True
    ):
        code = codes[planned.key] = domain.office_code(prefix, number)
        office = service.founded(_wanted(planned, codes), code, number, places[planned.town], now)
        office.source_key = planned.key
        offices.append(office)
    session.add_all(offices)
    await repository.keep_words(
        session, domain.vocabulary(office.search_text for office in offices)
    )
    await session.flush()
    return offices


def _wanted(planned: OfficePlan, codes: Mapping[str, str]) -> NewOffice:
    """The plan in the shape of a request, so that it meets the same checks."""
    centre = planned.sorting_centre
    plan = asdict(planned)
    fields = {name: value for name, value in plan.items() if name in NewOffice.model_fields}
    return NewOffice.model_validate(fields | {"sorting_centre": centre and codes[centre]})
