"""SQL of invoices; a partner sees its own only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.invoices.domain import MonthRow
from services.parcels.invoices.errors import InvoiceNotFound
from services.parcels.invoices.models import BillingProfile, Invoice, InvoiceBuyer
from services.parcels.postage.domain import ACCOUNTS, Kind

_ACCOUNTS: Final = f"({', '.join(str(int(payer)) for payer in sorted(ACCOUNTS))})"

_MONEY: Final = f"(amount_rials <> 0 OR kind = {int(Kind.BOOKED)})"
"""What an invoice has a line for."""

_MONTH = text(f"""
SELECT payer, kind, product, entries, amount_rials, vat_rials FROM partner_month
WHERE partner = :partner AND month = :month AND payer IN {_ACCOUNTS}
ORDER BY kind, product, payer
""")

_EARLIER = text(f"""
SELECT min(month) FROM partner_month WHERE partner = :partner AND month < :month
    AND payer IN {_ACCOUNTS} AND {_MONEY}
    AND month > coalesce((SELECT max(month) FROM invoice WHERE partner = :partner), 0)
""")

# a year back at most, so that it does not grow; older months come with their partner's next
_DUE = text(f"""
SELECT month, partner FROM partner_month m
WHERE month BETWEEN :since AND :month AND payer IN {_ACCOUNTS} AND {_MONEY} AND NOT EXISTS (
    SELECT FROM invoice i WHERE i.partner = m.partner AND i.month >= m.month)
ORDER BY month, partner LIMIT 1
""")

_NUMBER = text("""
INSERT INTO invoice_counter AS c (year, last) VALUES (:year, 1)
ON CONFLICT (year) DO UPDATE SET last = c.last + 1 RETURNING last
""")


async def month(session: AsyncSession, partner: UUID, number: int) -> list[MonthRow]:
    rows = await session.execute(_MONTH, {"partner": partner, "month": number})
    return [MonthRow(*row) for row in rows]


async def earlier_open(session: AsyncSession, partner: UUID, number: int) -> int | None:
    """The first month before this that has entries and no invoice at or after it."""
    found = await session.execute(_EARLIER, {"partner": partner, "month": number})
    earlier: int | None = found.scalar()
    return earlier


async def due(session: AsyncSession, number: int) -> tuple[int, UUID] | None:
    """The next month and partner without an invoice, up to this month."""
    found = await session.execute(_DUE, {"since": number - 100, "month": number})
    row = found.one_or_none()
    return None if row is None else (row.month, row.partner)


async def next_number(session: AsyncSession, year: int) -> int:
    """Counts without gaps: the row stays locked, and goes back with the transaction."""
    n: int = (await session.execute(_NUMBER, {"year": year})).scalar_one()
    return n


async def of_month(session: AsyncSession, partner: UUID, number: int) -> Invoice | None:
    statement = select(Invoice).where(Invoice.partner == partner, Invoice.month == number)
    return await session.scalar(statement)


async def get(session: AsyncSession, number: str, partner: UUID | None) -> Invoice:
    """Of this partner, where one is named."""
    found = await session.get(Invoice, number)
    if found is None or (partner is not None and found.partner != partner):
        raise InvoiceNotFound(f"there is no invoice {number} of yours")
    return found


async def listing(
    session: AsyncSession, partner: UUID, after: int | None, limit: int
) -> Sequence[Invoice]:
    """Newest month first."""
    statement = (
        select(Invoice).where(Invoice.partner == partner).order_by(Invoice.month.desc())
    ).limit(limit)
    if after is not None:
        statement = statement.where(Invoice.month < after)
    return (await session.scalars(statement)).all()


async def profile(session: AsyncSession, partner: UUID) -> BillingProfile | None:
    return await session.get(BillingProfile, partner)


async def save_profile(
    session: AsyncSession, partner: UUID, values: dict[str, Any], now: datetime
) -> BillingProfile:
    merged = await session.merge(BillingProfile(partner=partner, updated_at=now, **values))
    await session.flush()
    return merged


async def buyer(session: AsyncSession, number: str) -> InvoiceBuyer | None:
    return await session.get(InvoiceBuyer, number)
