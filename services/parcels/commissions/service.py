"""Use cases of commissions: what offices accepted, what is deducted, their monthly statements."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.commissions import domain, repository
from services.parcels.commissions.domain import Accepted, Contract, Totals
from services.parcels.commissions.errors import (
    DeductedAhead,
    DeductionKnown,
    EarlierMonthOpen,
    MonthNotOver,
    NoSuchOffice,
    NothingAccepted,
    StatementIssued,
    StatementNotFound,
)
from services.parcels.commissions.models import CommissionDeduction, CommissionStatement
from services.parcels.commissions.schemas import (
    CommissionOut,
    DeductionIn,
    DeductionOut,
    IssueIn,
    ItemOut,
    LineOut,
)
from services.parcels.network.service import Directory
from services.parcels.postage.domain import (
    accounted_on,
    month_before,
    month_of,
    month_period,
    month_text,
)
from services.parcels.postage.events import (
    DEDUCTION_RECORDED,
    STATEMENT_ISSUED,
    DeductionState,
    StatementState,
    told,
)
from services.parcels.vocabulary import PRODUCT_WIRE
from shared import idempotency, ledger, ledger_batch, outbox
from shared.auth import Caller
from shared.calendar import day_start, tehran_date
from shared.clock import Clock, world_now
from shared.database import Database
from shared.idempotency import Answer, Once
from shared.identifiers import barcode_of
from shared.ledger import AccountKind, Entry, When
from shared.pagination import Page, cut, not_a_cursor
from shared.validity import DAY_MIN

Format = Literal["json", "csv"]
GRACE: Final = timedelta(days=3)
TIMER: Final = "timer"
EXPENSE: Final = "commission_expense"
RECOVERED: Final = "compensation_recovered"
COLUMNS: Final = ("office", "month", *LineOut.model_fields)
_AFTER: Final = TypeAdapter[tuple[date, int, int, int]](
    tuple[
        date,
        Annotated[int, Field(strict=True, ge=0, lt=2**63)],
        Annotated[int, Field(strict=True, ge=0, lt=2**31)],
        Annotated[int, Field(strict=True, ge=-1, le=1)],
    ]
)
_FIRST: Final = (DAY_MIN, 0, 0, 0)


def _office(directory: Directory, code: str) -> int:
    office = directory.by_code.get(code)
    if office is None:
        raise NoSuchOffice(f"there is no office {code}")
    return office.id


async def of_month(
    session: AsyncSession, directory: Directory, code: str, month: str
) -> CommissionOut:
    """An office's month: as issued, or as far as counted."""
    office, number = _office(directory, code), int(month.replace("-", ""))
    issued = await repository.statement(session, office, number)
    if issued is not None:
        return _out(code, issued)
    lines, totals = await _counted(session, office, code, number)
    return CommissionOut(
        office=code,
        month=month,
        lines=[LineOut.model_validate(line) for line in lines],
        issued_at=None,
        **asdict(totals),
    )


async def _counted(
    session: AsyncSession, office: int, code: str, month: int
) -> tuple[list[dict[str, Any]], Totals]:
    period = month_period(month)
    accepted = await repository.accepted(session, office, period.start, period.end)
    contracts = await _contracts(session, code, accepted)
    lines = domain.lines(contracts, accepted)
    deductions = await repository.deducted(session, office, period.start, period.end)
    last = await repository.last_statement(session, office)
    brought = 0 if last is None else last.carried_forward_rials
    return lines, domain.totals(lines, deductions, brought)


async def _contracts(
    session: AsyncSession, code: str, accepted: Sequence[Accepted]
) -> list[Contract]:
    days = [row.accepted_on for row in accepted]
    return await repository.contracts(session, code, min(days), max(days)) if days else []


async def items(
    session: AsyncSession, directory: Directory, code: str, month: str, page: Page
) -> tuple[list[ItemOut], str | None]:
    """The acceptances that an office's month counts, each with its commission."""
    try:
        after = _FIRST if page.after is None else _AFTER.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None
    office, period = _office(directory, code), month_period(int(month.replace("-", "")))
    days = (period.start, period.end)
    rows = await repository.items(session, office, days, after, page.limit + 1)
    shown, cursor = cut(
        rows, page, lambda row: [row.day.isoformat(), row.item_id, row.seq, row.sign]
    )
    contracts = await _contracts(session, code, [_accepted(row) for row in shown])
    return [_item(row, contracts) for row in shown], cursor


def _accepted(row: Any) -> Accepted:
    return Accepted(row.accepted_on, row.product, row.price_rials, row.sign)


def _item(row: Any, contracts: Sequence[Contract]) -> ItemOut:
    (line,) = domain.lines(contracts, [_accepted(row)])
    return ItemOut(
        barcode=barcode_of(row.item_id),
        product=PRODUCT_WIRE[row.product],
        accepted_on=row.accepted_on,
        items=row.sign,
        charged_rials=line["charged_rials"],
        commission_rials=line["commission_rials"],
    )


async def deduct(
    session: AsyncSession,
    directory: Directory,
    wanted: DeductionIn,
    *,
    caller: Caller,
    once: Once,
    now: datetime,
) -> Answer:
    """An office bears what it answers for: taken from its commission of the first open month."""

    async def make() -> tuple[str, DeductionOut]:
        row = await bear(session, directory, wanted, caller=caller, now=now)
        return f"/v1/commission-deductions?office={wanted.office}", _deduction(wanted.office, row)

    return await idempotency.created(session, once, make)


async def known(session: AsyncSession, reference: str) -> CommissionDeduction | None:
    """What was deducted under a reference."""
    return await repository.deduction_of(session, reference)


async def bear(
    session: AsyncSession,
    directory: Directory,
    wanted: DeductionIn,
    *,
    caller: Caller,
    now: datetime,
) -> CommissionDeduction:
    """A deduction from the first month that is open; below zero it gives back."""
    office = _office(directory, wanted.office)
    today = tehran_date(now)
    occurred_on = wanted.occurred_on or today
    if occurred_on > today:
        raise DeductedAhead("occurred_on is a day to come: choose one that has been")
    await repository.lock(session)
    if await repository.deduction_of(session, wanted.reference) is not None:
        raise DeductionKnown(f"{wanted.reference} is recorded: nothing was deducted again")
    last = await repository.last_statement(session, office)
    row = CommissionDeduction(
        office=office,
        day=accounted_on(occurred_on, None if last is None else last.month),
        amount_rials=wanted.amount_rials,
        reason=wanted.reason,
        reference=wanted.reference,
        occurred_on=occurred_on,
        recorded_at=now,
        recorded_by=caller.id,
    )
    session.add(row)
    await session.flush()
    when = When(min(day_start(occurred_on), now), now)
    due = _due_account(wanted.office)
    await _post(session, (due, RECOVERED), wanted.amount_rials, f"deduction:{row.id}", when)
    state = DeductionState.model_validate(_deduction(wanted.office, row), from_attributes=True)
    data = told("deduction", state)
    await outbox.append(session, DEDUCTION_RECORDED, data, time=now, subject=wanted.office)
    return row


def _due_account(code: str) -> str:
    return f"commission_due:{code}"


async def _post(
    session: AsyncSession, sides: tuple[str, str], rials: int, reference: str, when: When
) -> None:
    """From the first account to the second; the other way round where it is below zero."""
    kinds: dict[str, AccountKind] = {EXPENSE: "expense", RECOVERED: "income"}
    accounts = {side: kinds.get(side, "liability") for side in sides}
    await ledger_batch.open_all(session, accounts, when.recorded_at)
    debit, credit = sides if rials > 0 else sides[::-1]
    if rials:
        entry = Entry(debit, credit, abs(rials), reference.partition(":")[0], reference, when)
        await ledger.transfer(session, entry)


async def deductions(
    session: AsyncSession, directory: Directory, code: str, page: Page
) -> tuple[list[DeductionOut], str | None]:
    office = _office(directory, code)
    rows = await repository.deductions(session, office, page.after_uuid(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row.id)])
    return [_deduction(code, row) for row in shown], cursor


async def issue(
    session: AsyncSession,
    directory: Directory,
    wanted: IssueIn,
    *,
    caller: Caller,
    once: Once,
    now: datetime,
) -> Answer:
    async def make() -> tuple[str, CommissionOut]:
        office, month = _office(directory, wanted.office), int(wanted.month.replace("-", ""))
        await repository.lock(session)
        row = await _issue(session, (office, wanted.office), month, caller.id, now)
        return f"/v1/commission-statements/{wanted.office}/{wanted.month}", _out(wanted.office, row)

    return await idempotency.created(session, once, make)


async def _issue(
    session: AsyncSession, named: tuple[int, str], month: int, by: str, now: datetime
) -> CommissionStatement:
    """An office's month is closed: its commission is owed, less what was deducted."""
    office, code = named
    if month_period(month).end_at > now:
        raise MonthNotOver(f"{month_text(month)} is not over: choose an earlier month")
    last = await repository.last_statement(session, office)
    if last is not None and last.month >= month:
        raise StatementIssued(f"{code} has its statement of {month_text(last.month)}")
    open_month = await _first_open(session, office, last)
    if open_month is None or open_month > month:
        raise NothingAccepted(f"{code} accepted nothing in {month_text(month)}")
    if open_month < month:
        raise EarlierMonthOpen(f"issue {month_text(open_month)} of {code} first")
    lines, totals = await _counted(session, office, code, month)
    row = CommissionStatement(
        office=office, month=month, lines=lines, issued_at=now, issued_by=by, **asdict(totals)
    )
    session.add(row)
    await session.flush()
    reference = f"commission:{code}:{month_text(month)}"
    await _post(
        session, (EXPENSE, _due_account(code)), totals.gross_rials, reference, When(now, now)
    )
    state = StatementState.model_validate(_out(code, row), from_attributes=True)
    await outbox.append(session, STATEMENT_ISSUED, told("statement", state), time=now, subject=code)
    return row


async def _first_open(
    session: AsyncSession, office: int, last: CommissionStatement | None
) -> int | None:
    since = DAY_MIN if last is None else month_period(last.month).end
    day = await repository.first_open(session, office, since)
    return None if day is None else month_of(day)


async def issue_due(database: Database, clock: Clock) -> None:
    """Every statement of the months that are over, an office a transaction."""
    directory = await Directory(database).fresh()
    async with database.transaction() as session:
        now = await world_now(session, clock)
    month = month_before(month_of(tehran_date(now - GRACE)))
    period, after = month_period(month), 0
    while True:
        async with database.transaction() as session:
            offices = await repository.due(session, month, (period.start, period.end), after)
        for office in offices:
            async with database.transaction() as session:
                await _issue_up_to(session, (office, directory.by_id[office].code), month, now)
        if len(offices) < repository.OFFICES:
            return
        after = offices[-1]


async def _issue_up_to(
    session: AsyncSession, named: tuple[int, str], month: int, now: datetime
) -> None:
    await repository.lock(session)
    last = await repository.last_statement(session, named[0])
    while (first := await _first_open(session, named[0], last)) is not None and first <= month:
        last = await _issue(session, named, first, TIMER, now)


async def statement(
    session: AsyncSession, directory: Directory, code: str, month: str, what: Format
) -> tuple[bytes, dict[str, str]]:
    """A statement as it was issued, with headers that name a file."""
    number = int(month.replace("-", ""))
    row = await repository.statement(session, _office(directory, code), number)
    if row is None:
        raise StatementNotFound(f"{code} has no statement of {month}")
    found = _out(code, row)
    if what == "json":
        return found.model_dump_json().encode(), {}
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([code, month, *line.model_dump().values()] for line in found.lines)
    name = f'attachment; filename="commission-{code}-{month}.csv"'
    return text.getvalue().encode(), {"Content-Disposition": name}


async def statements(
    session: AsyncSession, directory: Directory, month: str, page: Page
) -> tuple[list[CommissionOut], str | None]:
    after = page.after_int()
    rows = await repository.statements(
        session,
        int(month.replace("-", "")),
        None if after is None else min(after, 2**31 - 1),
        page.limit + 1,
    )
    shown, cursor = cut(rows, page, lambda row: [row.office])
    return [_out(directory.by_id[row.office].code, row) for row in shown], cursor


def _out(code: str, row: CommissionStatement) -> CommissionOut:
    return CommissionOut(
        office=code,
        month=month_text(row.month),
        lines=[LineOut.model_validate(line) for line in row.lines],
        issued_at=row.issued_at,
        **{name: getattr(row, name) for name in Totals.__dataclass_fields__},
    )


def _deduction(code: str, row: CommissionDeduction) -> DeductionOut:
    return DeductionOut(
        id=row.id,
        office=code,
        amount_rials=row.amount_rials,
        reason=row.reason,
        reference=row.reference,
        occurred_on=row.occurred_on,
        day=row.day,
        recorded_at=row.recorded_at,
    )
