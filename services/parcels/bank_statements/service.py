"""Use cases of bank statements: a day's lines against our orders, and proof that one is unpaid."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.bank_statements import domain, repository
from services.parcels.bank_statements.domain import GOOD, Line, Order, Outcome
from services.parcels.bank_statements.errors import (
    DayNotOver,
    StatementDiffers,
    StatementNotFound,
)
from services.parcels.bank_statements.events import (
    RECORDED,
    BankStatementEvent,
    BankStatementState,
)
from services.parcels.bank_statements.models import BankStatement, BankStatementLine
from services.parcels.bank_statements.schemas import (
    LineOut,
    Missing,
    NewStatement,
    StatementOut,
    StatementSummary,
)
from services.parcels.payments import domain as life
from services.parcels.payments import repository as orders
from services.parcels.payments import service as payments
from services.parcels.payments.errors import NotInThisState, NotProven, TraceUsed
from services.parcels.payments.events import PAID, RETURNED, PaymentOrderState
from services.parcels.payments.models import PaymentOrder
from services.parcels.payments.schemas import Decision, PaymentOrderWithSteps
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import day_start, tehran_date
from shared.clock import happened_at
from shared.idempotency import Answer, Once, fingerprint
from shared.ledger import When
from shared.pagination import Page, cut, not_a_cursor

_KEY: Final = TypeAdapter(tuple[UUID, date])


async def record(
    session: AsyncSession, wanted: NewStatement, *, caller: Caller, once: Once
) -> Answer:
    """Settle a bank's day: what it paid is paid, what came back is owed again, the rest is shown.

    The same statement again is the same; another one of that day is refused.
    """

    async def make() -> tuple[str, StatementOut]:
        statement = await _record(session, wanted, caller, once)
        return f"/v1/bank-statements/{statement.id}", await _out(session, statement)

    return await idempotency.created(session, once, make)


async def _record(
    session: AsyncSession, wanted: NewStatement, caller: Caller, once: Once
) -> BankStatement:
    if wanted.day >= tehran_date(once.now):
        raise DayNotOver(f"{wanted.day} is not over: state it tomorrow")
    said = [Line(**line.model_dump()) for line in wanted.lines]
    print_ = fingerprint(json.dumps([line.model_dump() for line in wanted.lines]).encode())
    bank = caller.account
    statement_id = await repository.begin(
        session,
        {"bank": bank, "day": wanted.day, "fingerprint": print_, "recorded_at": once.now},
    )
    if statement_id is not None:
        ended_at = day_start(wanted.day + timedelta(days=1)) - timedelta(microseconds=1)
        await _compare_all(session, statement_id, said, caller, When(ended_at, once.now))
    statement = await repository.of_day(session, bank, wanted.day)
    if statement is None or statement.fingerprint != print_:
        raise StatementDiffers(f"{wanted.day} was stated otherwise: ask the post to look at it")
    if statement_id is not None:
        await _tell(session, statement, once)
    return statement


async def _compare_all(
    session: AsyncSession,
    statement: UUID,
    said: Sequence[Line],
    caller: Caller,
    when: When,
) -> None:
    known = await orders.lock_references(session, caller.account, {line.reference for line in said})
    changed: dict[str, list[PaymentOrderState]] = {PAID: [], RETURNED: []}
    seen: set[tuple[str, str]] = set()
    rows: list[dict[str, Any]] = []
    for n, line in enumerate(said):
        order = known.get(line.reference)
        key = (line.kind, line.trace_number)
        outcome = domain.compare(line, _facts(order), seen=key in seen)
        seen.add(key)
        if order is not None:
            outcome = await _carry_out(session, line, order, outcome, caller.id, when)
            if outcome in {"confirmed", "returned"}:
                event_type = PAID if outcome == "confirmed" else RETURNED
                changed[event_type].append(PaymentOrderState.model_validate(order))
        rows.append(
            {
                "statement": statement,
                "n": n,
                "kind": line.kind,
                "reference": line.reference,
                "trace_number": line.trace_number,
                "amount_rials": line.amount_rials,
                "outcome": outcome,
                "payment_order": order.id if order is not None else None,
            }
        )
    await repository.add_lines(session, rows)
    for event_type, states in changed.items():
        await payments.tell(session, event_type, states, when.recorded_at)


def _facts(order: PaymentOrder | None) -> Order | None:
    if order is None:
        return None
    return Order(order.status, order.amount_rials, order.trace_number, order.return_trace_number)


async def _carry_out(
    session: AsyncSession,
    line: Line,
    order: PaymentOrder,
    outcome: Outcome,
    by: str,
    when: When,
) -> Outcome:
    """Do to a locked order what the line says."""
    try:
        if outcome == "confirmed":
            await payments.pay(session, order, line.trace_number, by=by, when=when)
        elif outcome == "returned":
            said = (line.trace_number, "by the bank's statement")
            await payments.undo(session, order, said, by=by, when=when)
    except TraceUsed:
        return "trace_number_used"
    return outcome


async def _tell(session: AsyncSession, statement: BankStatement, once: Once) -> None:
    lines = await repository.lines(session, statement.id)
    state = BankStatementState(
        id=statement.id,
        bank=statement.bank,
        day=statement.day,
        lines=len(lines),
        exceptions=sum(1 for line in lines if line.outcome not in GOOD),
    )
    data = BankStatementEvent(bank_statement=state).model_dump(mode="json")
    await outbox.append(session, RECORDED, data, time=once.now, subject=str(statement.id))


async def prove_unpaid(
    session: AsyncSession, caller: Caller, order_id: UUID, said: Decision, once: Once
) -> PaymentOrderWithSteps:
    """End an order that its bank never answered: its statements show that it was not paid."""
    order = await payments.lock(session, order_id)
    if order.bank is None or order.fetched_at is None or order.status not in {"fetched", "unknown"}:
        raise NotInThisState(f"the order is {order.status}: it waits for no bank's answer")
    fetched_on = tehran_date(order.fetched_at)
    stated = await repository.days(session, order.bank, life.proof_days(fetched_on))
    if wanting := life.missing_proof(fetched_on, stated):
        days = ", ".join(map(str, wanting))
        raise NotProven(f"the bank's statements of these days are wanting: {days}")
    if await repository.names(session, order.id):
        raise NotProven("a line of the bank's statements names this order: look at it")
    at = happened_at(caller, said.occurred_at, once.now)
    await payments.leave_unpaid(session, order, said.reason, by=caller.id, when=When(at, once.now))
    await session.flush()
    return await payments.get(session, order_id)


async def listing(
    session: AsyncSession, bank: UUID | None, page: Page
) -> tuple[list[StatementSummary], str | None]:
    try:
        after = None if page.after is None else _KEY.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None
    rows = await repository.listing(session, bank, after, page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row.bank), row.day.isoformat()])
    return [
        StatementSummary(id=row.id, bank=row.bank, day=row.day, recorded_at=row.recorded_at)
        for row in shown
    ], cursor


async def get(session: AsyncSession, statement_id: UUID) -> StatementOut:
    statement = await repository.get(session, statement_id)
    if statement is None:
        raise StatementNotFound
    return await _out(session, statement)


async def _out(session: AsyncSession, statement: BankStatement) -> StatementOut:
    lines = await repository.lines(session, statement.id)
    counted = [line.outcome for line in lines]
    return StatementOut(
        id=statement.id,
        bank=statement.bank,
        day=statement.day,
        recorded_at=statement.recorded_at,
        lines=len(lines),
        matched=counted.count("matched"),
        confirmed=counted.count("confirmed"),
        returned=counted.count("returned"),
        exceptions=[_line(line) for line in lines if line.outcome not in GOOD],
        missing=[
            Missing(
                payment_order=order.id,
                reference=order.reference,
                trace_number=order.trace_number or "",
                amount_rials=order.amount_rials,
            )
            for order in await repository.missing(session, statement.bank, statement.day)
        ],
    )


def _line(line: BankStatementLine) -> LineOut:
    return LineOut(**{name: getattr(line, name) for name in LineOut.model_fields})
