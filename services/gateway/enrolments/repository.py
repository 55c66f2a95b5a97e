"""All SQL of one-time codes of staff."""

import uuid
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.enrolments.domain import Purpose
from services.gateway.enrolments.models import Enrolment


async def end_open(
    session: AsyncSession, account_id: uuid.UUID, purpose: Purpose, now: datetime
) -> None:
    """A newer code voids the one before."""
    await session.execute(
        update(Enrolment)
        .where(
            Enrolment.account_id == account_id,
            Enrolment.purpose == purpose,
            Enrolment.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


async def use(
    session: AsyncSession, digest: bytes, purpose: Purpose, now: datetime
) -> tuple[uuid.UUID, str] | None:
    """Whose code this is and who issued it, once: of two who come with it one gets None."""
    used = await session.execute(
        update(Enrolment)
        .where(
            Enrolment.digest == digest,
            Enrolment.purpose == purpose,
            Enrolment.ended_at.is_(None),
            Enrolment.expires_at > now,
        )
        .values(ended_at=now)
        .returning(Enrolment.account_id, Enrolment.issued_by)
    )
    row = used.one_or_none()
    return None if row is None else (row.account_id, row.issued_by)
