"""All SQL of second factors."""

import uuid

from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.staff.models import StaffMember


async def spend(session: AsyncSession, account_id: uuid.UUID, step: int) -> bool:
    """Accept a step's code; False when it, or a later one, was accepted before."""
    spent = await session.execute(
        update(StaffMember)
        .where(
            StaffMember.account_id == account_id,
            func.coalesce(StaffMember.totp_step, -1) < step,
        )
        .values(totp_step=step)
        .returning(StaffMember.account_id)
    )
    return spent.first() is not None
