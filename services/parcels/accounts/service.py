"""Use cases of postage accounts: what a partner has or owes, its payments, its credit's limit."""

from datetime import datetime
from typing import Annotated, Final, get_args
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.accounts import repository
from services.parcels.accounts.errors import (
    PaidAhead,
    PaymentKnown,
    PaymentNotFound,
    PaymentReversed,
)
from services.parcels.accounts.models import CreditLimit, PostagePayment
from services.parcels.accounts.schemas import (
    AccountName,
    AccountOut,
    AccountsOut,
    LimitIn,
    LimitOut,
    PaymentIn,
    PaymentOut,
    ReversalIn,
)
from services.parcels.postage import domain
from services.parcels.postage import repository as postage
from services.parcels.postage.domain import Kind
from services.parcels.postage.events import (
    ACCOUNT_CHANGED,
    PAYMENT_RECORDED,
    AccountState,
    PaymentState,
    told,
)
from services.parcels.postage.models import PostageAccount
from services.parcels.vocabulary import PAYER_BY_WIRE, Payer
from shared import idempotency, ledger, ledger_batch, outbox
from shared.auth import Caller
from shared.calendar import day_start, tehran_date
from shared.idempotency import Answer, Once
from shared.ledger import Entry, Reversal, When
from shared.pagination import Page, cut, not_a_cursor

_NAMES: Final[dict[int, AccountName]] = {
    int(PAYER_BY_WIRE[name]): name for name in get_args(AccountName)
}
_AFTER: Final = TypeAdapter[tuple[UUID, int]](tuple[UUID, Annotated[int, Field(ge=0, le=9)]])
NO_PRODUCT: Final = 0


async def of_partner(session: AsyncSession, partner: UUID) -> AccountsOut:
    """A partner's accounts; credit that never had a limit is what is posted."""
    found = {account.kind: account for account in await repository.accounts(session, partner)}
    accounts = [_account(account) for account in found.values()]
    if int(Payer.PARTNER_CREDIT) not in found:
        owed = (await postage.owed(session, partner)).get(Payer.PARTNER_CREDIT, 0)
        accounts.append(
            AccountOut(
                account="partner_credit",
                balance_rials=-owed,
                limit_rials=None,
                available_rials=None,
            )
        )
    return AccountsOut(partner=partner, accounts=accounts)


async def listing(session: AsyncSession, page: Page) -> tuple[list[AccountsOut], str | None]:
    """Accounts with a balance of their own, by partner; one a row."""
    try:
        after = None if page.after is None else _AFTER.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None
    rows = await repository.listing(session, after, page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row.partner), row.kind])
    return [AccountsOut(partner=row.partner, accounts=[_account(row)]) for row in shown], cursor


async def set_limit(
    session: AsyncSession, partner: UUID, wanted: LimitIn, *, caller: Caller, now: datetime
) -> AccountsOut:
    """From now on bookings on credit are refused that would go beyond it."""
    await postage.lock(session)
    account = await _opened(session, partner, Payer.PARTNER_CREDIT, now)
    account.limit_rials = wanted.limit_rials
    session.add(
        CreditLimit(
            partner=partner,
            seq=await repository.last_limit(session, partner) + 1,
            limit_rials=wanted.limit_rials,
            reason=wanted.reason,
            set_by=caller.id,
            set_at=now,
        )
    )
    await session.flush()
    await _tell_account(session, account, now)
    return await of_partner(session, partner)


async def limits(
    session: AsyncSession, partner: UUID, page: Page
) -> tuple[list[LimitOut], str | None]:
    rows = await repository.limits(session, partner, page.after_int(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.seq])
    return [LimitOut.model_validate(row, from_attributes=True) for row in shown], cursor


async def pay(
    session: AsyncSession,
    partner: UUID,
    wanted: PaymentIn,
    *,
    caller: Caller,
    once: Once,
    now: datetime,
) -> Answer:
    """Money came in: a top-up of the prepaid account, or for what is owed on credit."""

    async def make() -> tuple[str, PaymentOut]:
        payment = await _pay(session, partner, wanted, caller, now)
        return f"/v1/postage-accounts/{partner}/payments", _payment(payment)

    return await idempotency.created(session, once, make)


async def _pay(
    session: AsyncSession, partner: UUID, wanted: PaymentIn, caller: Caller, now: datetime
) -> PostagePayment:
    if wanted.paid_on is not None and wanted.paid_on > tehran_date(now):
        raise PaidAhead("paid_on is a day to come: record the payment when it is there")
    await postage.lock(session)
    if await repository.known(session, wanted.method, wanted.reference) is not None:
        raise PaymentKnown(f"{wanted.method} {wanted.reference} is recorded: nothing was added")
    payment = PostagePayment(
        partner=partner,
        account=int(PAYER_BY_WIRE[wanted.account]),
        amount_rials=wanted.amount_rials,
        method=wanted.method,
        reference=wanted.reference,
        reverses=None,
        reason=None,
        occurred_at=now if wanted.paid_on is None else min(day_start(wanted.paid_on), now),
        recorded_at=now,
        recorded_by=caller.id,
    )
    session.add(payment)
    await session.flush()
    code, kind = domain.payer_account(Payer(payment.account), partner, None)
    await ledger_batch.open_all(session, {**domain.HOUSE, code: kind}, now)
    when = When(payment.occurred_at, now)
    entry = Entry(domain.BANK, code, wanted.amount_rials, "payment", f"payment:{payment.id}", when)
    await ledger.transfer(session, entry)
    await _enter(session, payment, Kind.PAYMENT, now)
    return payment


async def reverse(
    session: AsyncSession,
    payment_id: UUID,
    wanted: ReversalIn,
    *,
    caller: Caller,
    once: Once,
    now: datetime,
) -> Answer:
    """Take back a payment that was not one: returned by the bank, or recorded in error."""

    async def make() -> tuple[str, PaymentOut]:
        payment = await _reverse(session, payment_id, wanted, caller, now)
        return f"/v1/postage-accounts/{payment.partner}/payments", _payment(payment)

    return await idempotency.created(session, once, make)


async def _reverse(
    session: AsyncSession, payment_id: UUID, wanted: ReversalIn, caller: Caller, now: datetime
) -> PostagePayment:
    await postage.lock(session)
    old = await repository.payment(session, payment_id)
    if old is None or old.reverses is not None:
        raise PaymentNotFound("there is no payment of this id that could be taken back")
    if (other := await repository.reversal_of(session, payment_id)) is not None:
        raise PaymentReversed(f"the payment was taken back by {other}")
    payment = PostagePayment(
        partner=old.partner,
        account=old.account,
        amount_rials=old.amount_rials,
        method=old.method,
        reference=f"reversal:{old.id}",
        reverses=old.id,
        reason=wanted.reason,
        occurred_at=now,
        recorded_at=now,
        recorded_by=caller.id,
    )
    session.add(payment)
    await session.flush()
    moved = await ledger_batch.ids(session, [f"payment:{old.id}"])
    reversal = Reversal("payment_reversed", f"payment:{payment.id}", When(now, now))
    await ledger.reverse(session, moved[f"payment:{old.id}"], reversal)
    await _enter(session, payment, Kind.PAYMENT_REVERSED, now)
    return payment


async def _enter(session: AsyncSession, payment: PostagePayment, kind: Kind, now: datetime) -> None:
    """Into the partner's month and balance, and tell it."""
    partner, payer = payment.partner, Payer(payment.account)
    owed = payment.amount_rials if kind is Kind.PAYMENT_REVERSED else -payment.amount_rials
    account = await repository.lock_account(session, partner, payer)
    if account is None and payer is Payer.PARTNER_PREPAID:
        account = await _opened(session, partner, payer, now)
    if account is not None:
        account.balance_rials -= owed
    closed = await postage.closed_months(session, [partner])
    day = domain.accounted_on(tehran_date(payment.occurred_at), closed.get(partner))
    key = (partner, domain.month_of(day), int(payer), int(kind), NO_PRODUCT)
    await postage.add_months(session, {key: (1, owed, 0)})
    await session.flush()
    state = PaymentState.model_validate(_payment(payment), from_attributes=True)
    await outbox.append(
        session, PAYMENT_RECORDED, told("payment", state), time=now, subject=str(payment.id)
    )
    if account is not None:
        await _tell_account(session, account, now)


async def payments(
    session: AsyncSession, partner: UUID, page: Page
) -> tuple[list[PaymentOut], str | None]:
    rows = await repository.payments(session, partner, page.after_uuid(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row.id)])
    return [_payment(row) for row in shown], cursor


async def _opened(
    session: AsyncSession, partner: UUID, payer: Payer, now: datetime
) -> PostageAccount:
    """The account, locked; a new one begins with what is posted, which the caller has locked."""
    account = await repository.lock_account(session, partner, payer)
    if account is None:
        owed = (await postage.owed(session, partner)).get(payer, 0)
        account = PostageAccount(
            partner=partner,
            kind=int(payer),
            limit_rials=0 if payer is Payer.PARTNER_PREPAID else None,
            balance_rials=-owed,
            opened_at=now,
        )
        session.add(account)
        await session.flush()
    return account


async def _tell_account(session: AsyncSession, account: PostageAccount, now: datetime) -> None:
    state = AccountState(
        partner=account.partner,
        account=_NAMES[account.kind],
        limit_rials=account.limit_rials,
        balance_rials=account.balance_rials,
    )
    data = told("account", state)
    await outbox.append(session, ACCOUNT_CHANGED, data, time=now, subject=str(account.partner))


def _account(account: PostageAccount) -> AccountOut:
    limit = account.limit_rials
    return AccountOut(
        account=_NAMES[account.kind],
        balance_rials=account.balance_rials,
        limit_rials=limit,
        available_rials=None if limit is None else limit + account.balance_rials,
    )


def _payment(row: PostagePayment) -> PaymentOut:
    return PaymentOut(
        id=row.id,
        partner=row.partner,
        account=_NAMES[row.account],
        amount_rials=row.amount_rials,
        method=row.method,
        reference=row.reference,
        reverses=row.reverses,
        reason=row.reason,
        paid_at=row.occurred_at,
        recorded_at=row.recorded_at,
    )
