"""SQL of changes of Shebas. The account's row is locked before anything is decided."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Exists, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.shebas.domain import Step, Taken
from services.gateway.shebas.models import ShebaChange, ShebaChangeStep


async def find(
    session: AsyncSession, partner_id: uuid.UUID, change_id: uuid.UUID
) -> ShebaChange | None:
    query = select(ShebaChange).where(
        ShebaChange.id == change_id, ShebaChange.partner_id == partner_id
    )
    return (await session.scalars(query)).one_or_none()


async def steps(
    session: AsyncSession, changes: Sequence[uuid.UUID]
) -> dict[uuid.UUID, dict[Step, ShebaChangeStep]]:
    """What became of changes, by change and step."""
    found: dict[uuid.UUID, dict[Step, ShebaChangeStep]] = {change: {} for change in changes}
    query = select(ShebaChangeStep).where(ShebaChangeStep.change_id.in_(changes))
    for row in await session.scalars(query):
        found[row.change_id][row.step] = row
    return found


def taken(rows: dict[Step, ShebaChangeStep]) -> dict[Step, Taken]:
    return {step: Taken(row.by, row.at, row.effective_at) for step, row in rows.items()}


async def has_open(session: AsyncSession, partner_id: uuid.UUID) -> bool:
    ended = exists().where(
        ShebaChangeStep.change_id == ShebaChange.id,
        ShebaChangeStep.step.in_(("rejected", "effective")),
    )
    query = select(ShebaChange.id).where(ShebaChange.partner_id == partner_id, ~ended).limit(1)
    return (await session.execute(query)).first() is not None


async def page(
    session: AsyncSession, partner_id: uuid.UUID, after: uuid.UUID | None, rows: int
) -> Sequence[ShebaChange]:
    """An account's changes as they were proposed."""
    query = select(ShebaChange).where(ShebaChange.partner_id == partner_id)
    if after is not None:
        query = query.where(ShebaChange.id > after)
    return (await session.scalars(query.order_by(ShebaChange.id).limit(rows))).all()


async def due(session: AsyncSession, now: datetime, rows: int) -> Sequence[ShebaChange]:
    """Approved, their time come, and neither called off nor effective yet."""
    query = (
        select(ShebaChange)
        .join(ShebaChangeStep, ShebaChangeStep.change_id == ShebaChange.id)
        .where(
            ShebaChangeStep.step == "approved",
            ShebaChangeStep.effective_at <= now,
            ~_has("rejected"),
            ~_has("effective"),
        )
        .order_by(ShebaChangeStep.effective_at, ShebaChange.id)
        .limit(rows)
    )
    return (await session.scalars(query)).all()


async def undelivered(session: AsyncSession, rows: int) -> Sequence[ShebaChange]:
    """Effective, and parcels does not know yet; oldest first."""
    query = (
        select(ShebaChange)
        .where(_has("effective"), ~_has("delivered"))
        .order_by(ShebaChange.id)
        .limit(rows)
    )
    return (await session.scalars(query)).all()


def _has(step: Step) -> Exists:
    other = ShebaChangeStep.__table__.alias()
    return exists().where(other.c.change_id == ShebaChange.id, other.c.step == step)
