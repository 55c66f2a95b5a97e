"""All SQL of citizens and their codes. What counts a try commits by itself."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.citizens.domain import ATTEMPTS_MAX
from services.gateway.citizens.models import Citizen, OneTimeCode
from shared.database import Database

_TRY: Final = """
UPDATE one_time_code SET attempts = attempts + 1
WHERE id = (SELECT id FROM one_time_code WHERE phone_key = $1 ORDER BY id DESC LIMIT 1)
  AND used_at IS NULL AND expires_at > $2 AND attempts < $3
RETURNING id, digest
"""


@dataclass(frozen=True, slots=True)
class Try:
    code_id: uuid.UUID
    digest: bytes


async def take_try(database: Database, phone_key: bytes, now: datetime) -> Try | None:
    """Count a try of the phone's newest code; None when that is used, expired or tried enough."""
    row = await database.hot.fetchrow(_TRY, phone_key, now, ATTEMPTS_MAX)
    return None if row is None else Try(row["id"], row["digest"])


async def use(session: AsyncSession, code_id: uuid.UUID, now: datetime) -> bool:
    """False for the second of two who come with one code."""
    used = await session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.id == code_id, OneTimeCode.used_at.is_(None))
        .values(used_at=now)
        .returning(OneTimeCode.id)
    )
    return used.first() is not None


async def citizen_of(session: AsyncSession, phone: str, now: datetime) -> uuid.UUID:
    """Whoever answers this phone; made when first seen."""
    made = insert(Citizen).values(phone=phone, created_at=now)
    await session.execute(made.on_conflict_do_nothing(index_elements=[Citizen.phone]))
    found = await session.execute(select(Citizen.id).where(Citizen.phone == phone))
    return found.scalar_one()


async def forget(session: AsyncSession, before: datetime, limit: int) -> int:
    old = select(OneTimeCode.id).where(OneTimeCode.expires_at < before).limit(limit)
    gone = delete(OneTimeCode).where(OneTimeCode.id.in_(old)).returning(OneTimeCode.id)
    return len((await session.execute(gone)).all())
