"""SQL of recomputations."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.repricing.domain import Booked, Charge, Totals
from services.parcels.repricing.errors import RecomputationNotFound
from services.parcels.repricing.models import Recomputation, RecomputedCharge, RefundProposal
from services.parcels.tariff.domain import Size
from services.parcels.vocabulary import Status

STEP_LOCK: Final = 0x5053_0011

# by the BRIN index on booked_at: a step reads the blocks of its day, whatever the years
_BOOKED_ROW: Final = """
SELECT p.item_id, p.partner, p.product, p.weight_g, p.origin_office, p.to_province, p.to_town,
    p.price_rials, p.tariff, p.declared_value_rials, p.cod_rials, p.booked_at,
    coalesce(t.advice_of_delivery, false) AS advice_of_delivery,
    coalesce(t.pickup, false) AS pickup, t.length_mm, t.width_mm, t.height_mm
FROM parcel p LEFT JOIN parcel_terms t ON t.item_id = p.item_id
"""
_BOOKED = text(f"""{_BOOKED_ROW}
WHERE p.booked_at >= :since AND p.booked_at < :until AND p.item_id > :after
    AND p.tariff IS NOT NULL AND p.status <> {int(Status.CANCELLED)}
ORDER BY p.item_id LIMIT :limit
""")


async def new_id(session: AsyncSession) -> UUID:
    """Grows with time, so that lists are in order."""
    made: UUID = (await session.execute(select(func.uuidv7()))).scalar_one()
    return made


async def get(session: AsyncSession, run_id: UUID) -> Recomputation:
    found = await session.get(Recomputation, run_id)
    if found is None:
        raise RecomputationNotFound("there is no recomputation of this id")
    return found


async def listing(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Recomputation]:
    statement = select(Recomputation).order_by(Recomputation.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(Recomputation.id < after)
    return (await session.scalars(statement)).all()


async def lock_step(session: AsyncSession) -> None:
    """One step of any run at a time, until the transaction ends: no refund is proposed twice."""
    await session.execute(select(func.pg_advisory_xact_lock(STEP_LOCK)))


async def running(session: AsyncSession) -> Recomputation | None:
    """The first that is not finished."""
    statement = (
        select(Recomputation)
        .where(Recomputation.status == "running")
        .order_by(Recomputation.id)
        .limit(1)
    )
    return await session.scalar(statement)


async def booked(
    session: AsyncSession, since: datetime, until: datetime, after: int, limit: int
) -> list[Booked]:
    """Priced items booked in [since, until), by item id; cancelled ones are not charged."""
    rows = await session.execute(
        _BOOKED, {"since": since, "until": until, "after": after, "limit": limit}
    )
    return [_booked(**row) for row in rows.mappings()]


async def booked_item(session: AsyncSession, item_id: int) -> Booked | None:
    """One item as it is booked; None where it has no price of ours."""
    rows = await session.execute(
        text(f"{_BOOKED_ROW} WHERE p.item_id = :item_id AND p.tariff IS NOT NULL"),
        {"item_id": item_id},
    )
    row = rows.mappings().one_or_none()
    return None if row is None else _booked(**row)


def _booked(*, length_mm: Any, width_mm: Any, height_mm: Any, **facts: Any) -> Booked:
    """Of a row; its sides are all told or none."""
    return Booked(**facts, size=None if length_mm is None else Size(length_mm, width_mm, height_mm))


async def add_charges(session: AsyncSession, run_id: UUID, charges: Sequence[Charge]) -> None:
    rows = [
        {
            "recomputation": run_id,
            "overcharged": charge.difference > 0,
            "item_id": charge.booked.item_id,
            "partner": charge.booked.partner,
            "booked_tariff": charge.booked.tariff,
            "charged_rials": charge.booked.price_rials,
            "due_rials": charge.due_rials,
        }
        for charge in charges
    ]
    if rows:
        await session.execute(insert(RecomputedCharge), rows)


async def proposed(session: AsyncSession, items: Collection[int]) -> dict[int, int]:
    """What was proposed to be refunded for these items, by any run."""
    statement = (
        select(RefundProposal.item_id, func.sum(RefundProposal.amount_rials))
        .where(RefundProposal.item_id.in_(items))
        .group_by(RefundProposal.item_id)
    )
    return {item_id: int(rials) for item_id, rials in await session.execute(statement)}


async def propose(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    await session.execute(insert(RefundProposal), list(rows))


def add_totals(run: Recomputation, step: Totals) -> None:
    for name, value in asdict(step).items():
        setattr(run, name, getattr(run, name) + value)


async def charges(
    session: AsyncSession,
    run_id: UUID,
    *,
    overcharged: bool | None,
    after: tuple[bool, int] | None,
    limit: int,
) -> Sequence[RecomputedCharge]:
    """Under-charged items first, each kind by item id, as the primary key has them."""
    key = (RecomputedCharge.overcharged, RecomputedCharge.item_id)
    statement = (
        select(RecomputedCharge)
        .where(RecomputedCharge.recomputation == run_id)
        .order_by(*key)
        .limit(limit)
    )
    if overcharged is not None:
        statement = statement.where(RecomputedCharge.overcharged == overcharged)
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple_(*after))
    return (await session.scalars(statement)).all()


async def proposals(
    session: AsyncSession,
    *,
    partner: UUID | None,
    run_id: UUID | None,
    after: tuple[int, UUID] | None,
    limit: int,
) -> Sequence[RefundProposal]:
    """By item id; each filter has its index."""
    key = (RefundProposal.item_id, RefundProposal.recomputation)
    statement = select(RefundProposal).order_by(*key).limit(limit)
    if partner is not None:
        statement = statement.where(RefundProposal.partner == partner)
    if run_id is not None:
        statement = statement.where(RefundProposal.recomputation == run_id)
    if after is not None:
        statement = statement.where(tuple_(*key) > tuple_(*after))
    return (await session.scalars(statement)).all()
