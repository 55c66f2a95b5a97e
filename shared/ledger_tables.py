"""The ledger's tables. Append-only: the migration leaves the app's role SELECT and INSERT alone.

No trigger guards them: a row never changes, so an `INSERT … SELECT` that checks an older one is
sound without a lock.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    MetaData,
    Table,
    Text,
)

from shared.money import RIALS_MAX
from shared.tables import timestamp

ACCOUNT_KINDS: Final = ("asset", "liability", "equity", "income", "expense")
OUTCOMES: Final = ("posted", "voided", "expired")


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def attach(metadata: MetaData) -> None:
    """Declare the ledger's tables on a service's metadata."""
    Table(
        "ledger_account",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("code", Text, nullable=False, unique=True),
        Column("kind", Text, nullable=False),
        Column("opened_at", timestamp(), nullable=False),
        CheckConstraint("length(code) BETWEEN 1 AND 100", name="code"),
        CheckConstraint(_one_of("kind", ACCOUNT_KINDS), name="kind"),
    )
    _transfer(metadata)
    Table(
        "ledger_outcome",
        metadata,
        Column(
            "transfer_id",
            BigInteger,
            ForeignKey("ledger_transfer.id"),
            primary_key=True,
            autoincrement=False,
        ),
        Column("outcome", Text, nullable=False),
        Column("amount", BigInteger, nullable=False),
        Column("occurred_at", timestamp(), nullable=False),
        Column("recorded_at", timestamp(), nullable=False),
        CheckConstraint(_one_of("outcome", OUTCOMES), name="outcome"),
        CheckConstraint("amount >= 0 AND (outcome = 'posted') = (amount > 0)", name="amount"),
    )


def _transfer(metadata: MetaData) -> None:
    transfer = Table(
        "ledger_transfer",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("debit_account", BigInteger, ForeignKey("ledger_account.id"), nullable=False),
        Column("credit_account", BigInteger, ForeignKey("ledger_account.id"), nullable=False),
        Column("amount", BigInteger, nullable=False),
        Column("kind", Text, nullable=False),
        Column("reference", Text, nullable=False, unique=True),
        Column("pending", Boolean, nullable=False),
        Column("expires_at", timestamp()),
        Column("reverses", BigInteger, ForeignKey("ledger_transfer.id"), unique=True),
        Column("occurred_at", timestamp(), nullable=False),
        Column("recorded_at", timestamp(), nullable=False),
        CheckConstraint(f"amount BETWEEN 1 AND {RIALS_MAX}", name="amount"),
        CheckConstraint("debit_account <> credit_account", name="sides"),
        CheckConstraint("pending OR expires_at IS NULL", name="expires_at"),
        CheckConstraint("NOT (pending AND reverses IS NOT NULL)", name="reverses"),
        CheckConstraint("length(reference) BETWEEN 1 AND 200", name="reference"),
        CheckConstraint("length(kind) BETWEEN 1 AND 50", name="kind"),
    )
    for side in ("debit_account", "credit_account"):  # a balance reads these indexes alone
        Index(
            f"ix_ledger_transfer_{side}",
            transfer.c[side],
            postgresql_include=["id", "amount", "pending"],
        )
