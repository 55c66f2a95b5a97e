"""Use cases of invoices: a partner's month as it stands, issued, and as a file."""

from datetime import datetime, timedelta
from importlib import resources
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.invoices import domain, repository
from services.parcels.invoices.domain import Format, Statement
from services.parcels.invoices.errors import (
    EarlierMonthOpen,
    InvoiceIssued,
    MonthNotOver,
    NothingToInvoice,
    ProfileNotFound,
)
from services.parcels.invoices.models import Invoice, InvoiceBuyer
from services.parcels.invoices.schemas import (
    InvoiceOut,
    IssueIn,
    LineOut,
    ProfileIn,
    ProfileOut,
    StatementOut,
)
from services.parcels.postage import repository as postage
from services.parcels.postage.domain import month_before, month_of, month_period, month_text
from services.parcels.postage.events import (
    INVOICE_ISSUED,
    PROFILE_CHANGED,
    InvoiceState,
    ProfileState,
    told,
)
from shared import idempotency, outbox, typeset
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.clock import Clock, world_now
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut

GRACE: Final = timedelta(days=3)
"""After a month's end before its invoices are issued of themselves: scans may come so late."""
_TEMPLATE: Final = (resources.files(__package__) / "invoice.typ").read_text(encoding="utf-8")
TIMER: Final = "timer"
SUMS: Final = (
    "opening_rials",
    "charges_rials",
    "vat_rials",
    "payments_rials",
    "closing_rials",
)


def month_number(text: str) -> int:
    """1398-01 as 139801."""
    return int(text.replace("-", ""))


async def statement(session: AsyncSession, partner: UUID, month: str) -> StatementOut:
    """A partner's month: as issued, or as far as it is posted."""
    number = month_number(month)
    issued = await repository.of_month(session, partner, number)
    found: Any = issued or await _statement(session, partner, number)
    return StatementOut(
        partner=partner,
        month=month,
        invoice=None if issued is None else issued.number,
        lines=[LineOut.model_validate(line) for line in found.lines],
        **{name: getattr(found, name) for name in SUMS},
    )


async def _statement(session: AsyncSession, partner: UUID, month: int) -> Statement:
    opening = await postage.owed(session, partner, before=month)
    return domain.statement(sum(opening.values()), await repository.month(session, partner, month))


async def issue(
    session: AsyncSession,
    partner: UUID,
    wanted: IssueIn,
    *,
    caller: Caller,
    once: Once,
    now: datetime,
) -> Answer:
    """A month that is over gets its number; what comes late for it is in a later month's."""

    async def make() -> tuple[str, InvoiceOut]:
        issued = await _issue(session, partner, month_number(wanted.month), caller.id, now)
        return f"/v1/postage-accounts/{partner}/invoices/{issued.number}", out(issued)

    return await idempotency.created(session, once, make)


async def _issue(
    session: AsyncSession, partner: UUID, month: int, by: str, now: datetime
) -> Invoice:
    await postage.lock(session)
    if month_period(month).end_at > now:
        raise MonthNotOver(f"{month_text(month)} is not over: choose an earlier month")
    if (issued := await repository.of_month(session, partner, month)) is not None:
        raise InvoiceIssued(f"{month_text(month)} of this partner is invoice {issued.number}")
    if (earlier := await repository.earlier_open(session, partner, month)) is not None:
        raise EarlierMonthOpen(f"issue {month_text(earlier)} first")
    found = await _statement(session, partner, month)
    if not found.lines:
        raise NothingToInvoice(f"nothing was charged in {month_text(month)}, or it is closed")
    year = month_of(tehran_date(now)) // 100
    n = await repository.next_number(session, year)
    invoice = Invoice(
        number=domain.invoice_number(year, n),
        year=year,
        n=n,
        partner=partner,
        month=month,
        lines=found.lines,
        issued_at=now,
        issued_by=by,
        **{name: getattr(found, name) for name in SUMS},
    )
    session.add(invoice)
    await session.flush()
    await _keep_buyer(session, invoice)
    state = InvoiceState.model_validate(out(invoice), from_attributes=True)
    data = told("invoice", state)
    await outbox.append(session, INVOICE_ISSUED, data, time=now, subject=invoice.number)
    return invoice


async def _keep_buyer(session: AsyncSession, invoice: Invoice) -> None:
    """Whom it is made out to, as the profile says today."""
    profile = await repository.profile(session, invoice.partner)
    if profile is not None:
        kept = ("name", "legal_id", "national_id", "address", "postal_code")
        values = {name: getattr(profile, name) for name in kept}
        session.add(InvoiceBuyer(number=invoice.number, **values))
        await session.flush()


async def issue_due(database: Database, clock: Clock) -> None:
    """Every invoice of the months that are over, a transaction each."""
    while True:
        async with database.transaction() as session:
            now = await world_now(session, clock)
            await postage.lock(session)
            last = month_before(month_of(tehran_date(now - GRACE)))
            found = await repository.due(session, last)
            if found is None:
                return
            month, partner = found
            earlier = await repository.earlier_open(session, partner, month)
            await _issue(session, partner, earlier or month, TIMER, now)


async def get(session: AsyncSession, number: str, partner: UUID | None) -> InvoiceOut:
    return out(await repository.get(session, number, partner))


async def rendered(
    session: AsyncSession, number: str, partner: UUID | None, what: Format
) -> tuple[bytes, dict[str, str]]:
    """An invoice as JSON, CSV or PDF, with headers that name the file."""
    invoice = out(await repository.get(session, number, partner))
    if what == "json":
        return invoice.model_dump_json().encode(), {}
    headers = {"Content-Disposition": f'attachment; filename="invoice-{number}.{what}"'}
    if what == "csv":
        lines = [line.model_dump() for line in invoice.lines]
        return domain.as_csv(number, invoice.month, lines), headers
    shown = domain.for_print(_Printed(invoice), await repository.buyer(session, number))
    return await typeset.pdf(_TEMPLATE, shown, invoice.issued_at), headers


class _Printed:
    """An invoice whose lines are plain, as the template's data wants them."""

    def __init__(self, invoice: InvoiceOut) -> None:
        self.__dict__ = invoice.model_dump()


async def listing(
    session: AsyncSession, partner: UUID, page: Page
) -> tuple[list[InvoiceOut], str | None]:
    after = page.after_int()
    rows = await repository.listing(
        session, partner, None if after is None else min(after, 999_999), page.limit + 1
    )
    shown, cursor = cut(rows, page, lambda row: [row.month])
    return [out(row) for row in shown], cursor


async def set_profile(
    session: AsyncSession, partner: UUID, wanted: ProfileIn, now: datetime
) -> ProfileOut:
    """For invoices to come; those issued keep what they were made out to."""
    profile = await repository.save_profile(session, partner, wanted.model_dump(), now)
    data = told("profile", ProfileState(partner=partner))
    await outbox.append(session, PROFILE_CHANGED, data, time=now, subject=str(partner))
    return ProfileOut.model_validate(profile)


async def profile(session: AsyncSession, partner: UUID) -> ProfileOut:
    found = await repository.profile(session, partner)
    if found is None:
        raise ProfileNotFound("this partner has no billing profile: set one")
    return ProfileOut.model_validate(found)


def out(invoice: Invoice) -> InvoiceOut:
    return InvoiceOut(
        number=invoice.number,
        partner=invoice.partner,
        month=month_text(invoice.month),
        lines=[LineOut.model_validate(line) for line in invoice.lines],
        issued_at=invoice.issued_at,
        **{name: getattr(invoice, name) for name in SUMS},
    )
