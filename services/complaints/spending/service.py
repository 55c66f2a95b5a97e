"""Use case of the report of compensation: paid by cause and period, and what it cost per item."""

from typing import get_args

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.clients import Payments, RefusedError, SisterDownError
from services.complaints.rules.domain import Cause
from services.complaints.spending import repository
from services.complaints.spending.schemas import CauseOut, PaymentOut, SpendingOut
from shared.calendar import Period
from shared.money import share
from shared.pagination import Page, cut

log = structlog.get_logger(__name__)

THOUSAND = 1_000


async def report(session: AsyncSession, payments: Payments, period: Period) -> SpendingOut:
    items = await _items(payments, period)  # before the session's first statement
    now = {row.cause: row for row in await repository.by_cause(session, period)}
    before = {row.cause: row.rials for row in await repository.by_cause(session, period.previous())}
    pending = await repository.on_their_way(session)
    causes = [
        CauseOut(
            cause=cause,
            payments=now[cause].payments if cause in now else 0,
            paid_rials=now[cause].rials if cause in now else 0,
            previous_paid_rials=before.get(cause, 0),
        )
        for cause in get_args(Cause)
    ]
    paid = sum(one.paid_rials for one in causes)
    return SpendingOut(
        period=str(period),
        payments=sum(one.payments for one in causes),
        paid_rials=paid,
        previous_paid_rials=sum(one.previous_paid_rials for one in causes),
        ledger_rials=await repository.ledger_rials(session, period),
        pending_payments=pending.payments,
        pending_rials=pending.rials,
        items=items,
        rials_per_thousand_items=share(paid, THOUSAND, items) if items else None,
        by_cause=causes,
    )


async def payments_of(
    session: AsyncSession, period: Period, cause: Cause | None, page: Page
) -> tuple[list[PaymentOut], str | None]:
    """What the figures of a period count; paid less returned adds up to them."""
    rows = await repository.moved(session, period, cause, page.after_uuid(), page.limit + 1)
    shown, following = cut(rows, page, lambda row: [str(row.id)])
    found = [
        PaymentOut(
            payout=row.id,
            claim=row.claim,
            barcode=row.barcode,
            cause=row.cause,
            paid_rials=row.paid,
            returned_rials=row.returned,
            paid_at=row.answered_at,
            returned_at=row.returned_at,
        )
        for row in shown
    ]
    return found, following


async def _items(payments: Payments, period: Period) -> int | None:
    try:
        found = await payments.volumes(str(period))
    except (SisterDownError, RefusedError) as error:
        log.warning("volumes_not_asked", error=str(error)[:300])
        return None
    return None if found is None else found.total.count
