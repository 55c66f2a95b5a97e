"""SQL of branches and of what orders ask of their delivery; a partner sees its own only."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.banking.domain import Asked
from services.parcels.banking.models import Addressee, BankBranch, DeliveryTerms
from services.parcels.vocabulary import Status
from shared.database import Database

# by the partial index: the bank's own items of the period, whatever else lies there
_COSTS: Final = text(f"""
SELECT t.cost_centre, t.branch, count(*) AS items, sum(p.price_rials)::bigint AS price_rials,
    count(*) FILTER (WHERE p.status = {int(Status.DELIVERED)}) AS delivered,
    count(*) FILTER (WHERE p.status = {int(Status.RETURNED)}) AS returned,
    count(*) FILTER (WHERE p.status = {int(Status.DESTROYED)}) AS destroyed
FROM delivery_terms t JOIN parcel p USING (item_id)
WHERE t.partner = :partner AND t.branch IS NOT NULL
    AND t.booked_at >= :since AND t.booked_at < :until AND p.status <> {int(Status.CANCELLED)}
GROUP BY t.cost_centre, t.branch ORDER BY t.cost_centre, t.branch
""")


async def cost_centres(
    database: Database, partner: UUID, codes: Collection[str]
) -> Mapping[str, str]:
    """Of the partner's active branches among these."""
    rows = await database.hot.fetch(
        "SELECT code, cost_centre FROM bank_branch"
        " WHERE partner = $1 AND code = ANY($2) AND active",
        partner,
        list(codes),
    )
    return {row["code"]: row["cost_centre"] for row in rows}


async def asked(session: AsyncSession, items: Sequence[int]) -> dict[int, Asked]:
    """Of those that ask for something."""
    rows = await session.execute(
        select(DeliveryTerms, Addressee.national_id)
        .outerjoin(Addressee, Addressee.item_id == DeliveryTerms.item_id)
        .where(DeliveryTerms.item_id.in_(items))
    )
    return {
        terms.item_id: Asked(
            terms.addressee_only,
            terms.national_card,
            terms.undelivered,
            terms.return_branch,
            national_id,
        )
        for terms, national_id in rows
    }


async def forget_addressee(session: AsyncSession, item_id: int) -> None:
    await session.execute(delete(Addressee).where(Addressee.item_id == item_id))


async def save(session: AsyncSession, values: Mapping[str, Any]) -> BankBranch:
    """The branch as it is now; of two at once, both count, one after the other."""
    made = insert(BankBranch).values(**values, version=1)
    changed = {name: made.excluded[name] for name in values if name not in {"partner", "code"}}
    statement = made.on_conflict_do_update(
        index_elements=["partner", "code"],
        set_={**changed, "version": BankBranch.version + 1},
    ).returning(BankBranch)
    found: BankBranch = (
        await session.execute(statement, execution_options={"populate_existing": True})
    ).scalar_one()
    return found


async def get(session: AsyncSession, partner: UUID, code: str) -> BankBranch | None:
    return await session.get(BankBranch, (partner, code))


async def listing(
    session: AsyncSession, partner: UUID, after: str | None, limit: int
) -> Sequence[BankBranch]:
    query = (
        select(BankBranch)
        .where(BankBranch.partner == partner)
        .order_by(BankBranch.code)
        .limit(limit)
    )
    if after is not None:
        query = query.where(BankBranch.code > after)
    return (await session.scalars(query)).all()


async def costs(
    session: AsyncSession, partner: UUID, since: datetime, until: datetime
) -> Sequence[Mapping[str, Any]]:
    rows = await session.execute(_COSTS, {"partner": partner, "since": since, "until": until})
    return [dict(row) for row in rows.mappings()]
