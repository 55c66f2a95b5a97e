"""SQL of exchange, beside the registry's."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.registry.models import Office, OwnerPerson


@dataclass(frozen=True, slots=True)
class Keys:
    """Which offices there are of those that a file names."""

    codes: frozenset[str]
    by_external: dict[str, str]


async def keys(session: AsyncSession, codes: Collection[str], external: Collection[str]) -> Keys:
    statement = select(Office.code, Office.source_key).where(
        or_(
            Office.code == any_(cast(list(codes), ARRAY(Text))),
            Office.source_key == any_(cast(list(external), ARRAY(Text))),
        )
    )
    rows = (await session.execute(statement)).all()
    return Keys(frozenset(row.code for row in rows), {r.source_key: r.code for r in rows})


async def person_names(session: AsyncSession, people: Collection[UUID]) -> dict[UUID, str]:
    """Personal data: only for telling whether a row says another name."""
    if not people:
        return {}
    statement = select(OwnerPerson.id, OwnerPerson.name).where(OwnerPerson.id.in_(people))
    return {row.id: row.name for row in await session.execute(statement)}
