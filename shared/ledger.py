"""Money in a ledger: append-only, zero-sum by construction, two-phase.

A transfer is one row that debits one account and credits another, in integer rials. A pending
transfer holds its amount until an outcome row, one at most, says posted, voided or expired. What
was wrong is reversed by a new transfer that names the old. Balances are queries.

A refusal here is an `ON CONFLICT DO NOTHING` or a row that was not selected, never a failed
statement: the caller's transaction stays usable.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.errors import Conflict, NotFound
from shared.money import RIALS_MAX

AccountKind = Literal["asset", "liability", "equity", "income", "expense"]
Outcome = Literal["posted", "voided", "expired"]


class AccountExists(Conflict):
    code, title = "account_exists", "An account has this code"


class AccountUnknown(NotFound):
    code, title = "account_unknown", "No account has this code"


class TransferUnknown(NotFound):
    code, title = "transfer_unknown", "No such transfer"


class ReferenceUsed(Conflict):
    code, title = "reference_used", "A transfer has this reference"


class TransferSettled(Conflict):
    code, title = "transfer_settled", "The transfer has its outcome"


class TransferRefused(Conflict):
    code, title = "transfer_refused", "The transfer does not allow this"


@dataclass(frozen=True, slots=True)
class When:
    """`occurred_at` dates it for people and reports; `recorded_at` is when we wrote it."""

    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One transfer to write; `reference` is its natural key, used once for ever."""

    debit: str
    credit: str
    amount_rials: int
    kind: str
    reference: str
    when: When

    def __post_init__(self) -> None:
        _check_amount(self.amount_rials)
        if self.debit == self.credit:
            raise ValueError("a transfer needs two accounts")


@dataclass(frozen=True, slots=True)
class Reversal:
    """The transfer that takes one back; `amount_rials` None: all that the old one moved."""

    kind: str
    reference: str
    when: When
    amount_rials: int | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """Of one account, in rials. Debits count positive, so that all accounts sum to zero."""

    debits_posted: int
    credits_posted: int
    debits_pending: int
    credits_pending: int

    @property
    def posted(self) -> int:
        return self.debits_posted - self.credits_posted

    @property
    def pending(self) -> int:
        return self.debits_pending - self.credits_pending


def _check_amount(amount_rials: int) -> None:
    if type(amount_rials) is not int or not 1 <= amount_rials <= RIALS_MAX:
        raise ValueError(f"an amount is an integer from 1 to {RIALS_MAX} rials")


async def open_account(
    session: AsyncSession, code: str, kind: AccountKind, opened_at: datetime
) -> None:
    """Open an account; `AccountExists` if the code is taken."""
    opened = await session.execute(
        text(
            "INSERT INTO ledger_account (code, kind, opened_at) VALUES (:code, :kind, :opened_at)"
            " ON CONFLICT (code) DO NOTHING RETURNING 1"
        ),
        {"code": code, "kind": kind, "opened_at": opened_at},
    )
    if opened.scalar() is None:
        raise AccountExists(f"the account {code} is open already")


_TRANSFER_SQL: Final = """
INSERT INTO ledger_transfer (debit_account, credit_account, amount, kind, reference, pending,
                             expires_at, occurred_at, recorded_at)
SELECT debit.id, credit.id, CAST(:amount AS bigint), :kind, :reference, CAST(:pending AS boolean),
       CAST(:expires_at AS timestamptz), CAST(:occurred_at AS timestamptz),
       CAST(:recorded_at AS timestamptz)
FROM ledger_account AS debit, ledger_account AS credit
WHERE debit.code = :debit AND credit.code = :credit
ON CONFLICT (reference) DO NOTHING RETURNING id
"""


async def transfer(session: AsyncSession, entry: Entry) -> int:
    """Move the amount at once; the transfer's id."""
    return await _write(session, entry, pending=False, expires_at=None)


async def reserve(
    session: AsyncSession, entry: Entry, *, expires_at: datetime | None = None
) -> int:
    """Hold the amount until its outcome, `expire` only from `expires_at` on; the transfer's id."""
    return await _write(session, entry, pending=True, expires_at=expires_at)


async def _write(
    session: AsyncSession, entry: Entry, *, pending: bool, expires_at: datetime | None
) -> int:
    values = {
        "debit": entry.debit,
        "credit": entry.credit,
        "amount": entry.amount_rials,
        "kind": entry.kind,
        "reference": entry.reference,
        "pending": pending,
        "expires_at": expires_at,
        "occurred_at": entry.when.occurred_at,
        "recorded_at": entry.when.recorded_at,
    }
    written: int | None = (await session.execute(text(_TRANSFER_SQL), values)).scalar()
    if written is not None:
        return written
    known = await session.execute(
        text("SELECT code FROM ledger_account WHERE code IN (:debit, :credit)"),
        {"debit": entry.debit, "credit": entry.credit},
    )
    missing = {entry.debit, entry.credit} - set(known.scalars())
    if missing:
        raise AccountUnknown(f"no account is open as {', '.join(sorted(missing))}")
    raise ReferenceUsed(f"the reference {entry.reference} is used")


_SETTLE_SQL: Final = """
INSERT INTO ledger_outcome (transfer_id, outcome, amount, occurred_at, recorded_at)
SELECT id, :outcome, CAST(:amount AS bigint), CAST(:occurred_at AS timestamptz),
       CAST(:recorded_at AS timestamptz)
FROM ledger_transfer
WHERE id = :transfer AND pending AND CAST(:amount AS bigint) <= amount
  AND CASE :outcome
      WHEN 'posted' THEN coalesce(CAST(:occurred_at AS timestamptz) < expires_at, true)
      WHEN 'expired' THEN CAST(:occurred_at AS timestamptz) >= expires_at
      ELSE true END
ON CONFLICT (transfer_id) DO NOTHING RETURNING 1
"""


async def post(session: AsyncSession, transfer_id: int, amount_rials: int, when: When) -> None:
    """Move up to what was reserved; the rest is released. Refused once it has expired."""
    _check_amount(amount_rials)
    await _settle(session, transfer_id, "posted", amount_rials, when)


async def void(session: AsyncSession, transfer_id: int, when: When) -> None:
    """Release what was reserved."""
    await _settle(session, transfer_id, "voided", 0, when)


async def expire(session: AsyncSession, transfer_id: int, when: When) -> None:
    """Release what was reserved with a time limit that has passed."""
    await _settle(session, transfer_id, "expired", 0, when)


async def _settle(
    session: AsyncSession, transfer_id: int, outcome: Outcome, amount_rials: int, when: When
) -> None:
    settled = await session.execute(
        text(_SETTLE_SQL),
        {
            "transfer": transfer_id,
            "outcome": outcome,
            "amount": amount_rials,
            "occurred_at": when.occurred_at,
            "recorded_at": when.recorded_at,
        },
    )
    if settled.scalar() is not None:
        return
    found = await _look(session, transfer_id)
    if found.outcome is not None:
        raise TransferSettled(f"transfer {transfer_id} is {found.outcome}")
    if not found.pending:
        raise TransferRefused(f"transfer {transfer_id} was not reserved, it moved at once")
    if amount_rials > found.amount:
        raise TransferRefused(f"transfer {transfer_id} reserved {found.amount} rials, no more")
    raise TransferRefused(f"transfer {transfer_id} cannot be {outcome} at that time")


_REVERSE_SQL: Final = """
INSERT INTO ledger_transfer (debit_account, credit_account, amount, kind, reference, pending,
                             reverses, occurred_at, recorded_at)
SELECT credit_account, debit_account, coalesce(CAST(:amount AS bigint), moved), :kind, :reference,
       false, id, CAST(:occurred_at AS timestamptz), CAST(:recorded_at AS timestamptz)
FROM (
    SELECT t.*, CASE WHEN t.pending THEN coalesce(o.amount, 0) ELSE t.amount END AS moved
    FROM ledger_transfer AS t LEFT JOIN ledger_outcome AS o ON o.transfer_id = t.id
    WHERE t.id = :reverses
) AS old
WHERE moved > 0 AND coalesce(CAST(:amount AS bigint), moved) <= moved
ON CONFLICT DO NOTHING RETURNING id
"""


async def reverse(session: AsyncSession, transfer_id: int, reversal: Reversal) -> int:
    """Take a transfer back, once and by no more than it moved; the new transfer's id."""
    if reversal.amount_rials is not None:
        _check_amount(reversal.amount_rials)
    written: int | None = (
        await session.execute(
            text(_REVERSE_SQL),
            {
                "reverses": transfer_id,
                "amount": reversal.amount_rials,
                "kind": reversal.kind,
                "reference": reversal.reference,
                "occurred_at": reversal.when.occurred_at,
                "recorded_at": reversal.when.recorded_at,
            },
        )
    ).scalar()
    if written is not None:
        return written
    found = await _look(session, transfer_id)
    if found.reversed_by is not None:
        raise TransferSettled(f"transfer {transfer_id} was reversed by {found.reversed_by}")
    if (reversal.amount_rials or 1) > found.moved:
        raise TransferRefused(f"transfer {transfer_id} moved {found.moved} rials, no more")
    raise ReferenceUsed(f"the reference {reversal.reference} is used")


async def _look(session: AsyncSession, transfer_id: int) -> Any:
    """A transfer with its outcome and its reversal, to say why something was refused."""
    found = await session.execute(
        text(
            "SELECT t.amount, t.pending, o.outcome, r.id AS reversed_by,"
            " CASE WHEN t.pending THEN coalesce(o.amount, 0) ELSE t.amount END AS moved"
            " FROM ledger_transfer AS t LEFT JOIN ledger_outcome AS o ON o.transfer_id = t.id"
            " LEFT JOIN ledger_transfer AS r ON r.reverses = t.id WHERE t.id = :id"
        ),
        {"id": transfer_id},
    )
    row = found.one_or_none()
    if row is None:
        raise TransferUnknown(f"no transfer is {transfer_id}")
    return row


_BALANCE_SQL: Final = """
WITH account AS (
    SELECT id FROM ledger_account WHERE code = :code
), moves AS (
    SELECT true AS debit, t.id, t.amount, t.pending
    FROM ledger_transfer AS t, account WHERE t.debit_account = account.id
    UNION ALL
    SELECT false, t.id, t.amount, t.pending
    FROM ledger_transfer AS t, account WHERE t.credit_account = account.id
), amounts AS (
    SELECT debit, CASE WHEN pending THEN coalesce(o.amount, 0) ELSE m.amount END AS posted,
           CASE WHEN pending AND o.transfer_id IS NULL THEN m.amount ELSE 0 END AS pending
    FROM moves AS m LEFT JOIN ledger_outcome AS o ON m.pending AND o.transfer_id = m.id
)
SELECT coalesce(sum(posted) FILTER (WHERE debit), 0) AS debits_posted,
       coalesce(sum(posted) FILTER (WHERE NOT debit), 0) AS credits_posted,
       coalesce(sum(pending) FILTER (WHERE debit), 0) AS debits_pending,
       coalesce(sum(pending) FILTER (WHERE NOT debit), 0) AS credits_pending,
       EXISTS (SELECT FROM account) AS known
FROM amounts
"""


async def balance(session: AsyncSession, code: str) -> Balance:
    """What an account holds now: posted and pending apart."""
    row = (await session.execute(text(_BALANCE_SQL), {"code": code})).one()
    if not row.known:
        raise AccountUnknown(f"no account is open as {code}")
    return Balance(*(int(amount) for amount in row[:4]))
