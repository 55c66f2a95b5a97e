"""The ledger's tables as the first migration with a ledger makes them (shared/ledger_tables.py).

Frozen.
"""

from typing import Final

from alembic import op

_TABLES: Final = (
    """
    CREATE TABLE ledger_account (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_ledger_account PRIMARY KEY,
        code text NOT NULL CONSTRAINT uq_ledger_account_code UNIQUE
            CONSTRAINT ck_ledger_account_code CHECK (length(code) BETWEEN 1 AND 100),
        kind text NOT NULL CONSTRAINT ck_ledger_account_kind
            CHECK (kind IN ('asset', 'liability', 'equity', 'income', 'expense')),
        opened_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE ledger_transfer (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_ledger_transfer PRIMARY KEY,
        debit_account bigint NOT NULL CONSTRAINT fk_ledger_transfer_debit_account
            REFERENCES ledger_account (id),
        credit_account bigint NOT NULL CONSTRAINT fk_ledger_transfer_credit_account
            REFERENCES ledger_account (id),
        amount bigint NOT NULL CONSTRAINT ck_ledger_transfer_amount
            CHECK (amount BETWEEN 1 AND 1000000000000000),
        kind text NOT NULL CONSTRAINT ck_ledger_transfer_kind
            CHECK (length(kind) BETWEEN 1 AND 50),
        reference text NOT NULL CONSTRAINT uq_ledger_transfer_reference UNIQUE
            CONSTRAINT ck_ledger_transfer_reference CHECK (length(reference) BETWEEN 1 AND 200),
        pending boolean NOT NULL,
        expires_at timestamptz,
        reverses bigint CONSTRAINT uq_ledger_transfer_reverses UNIQUE
            CONSTRAINT fk_ledger_transfer_reverses REFERENCES ledger_transfer (id),
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT ck_ledger_transfer_sides CHECK (debit_account <> credit_account),
        CONSTRAINT ck_ledger_transfer_expires_at CHECK (pending OR expires_at IS NULL),
        CONSTRAINT ck_ledger_transfer_reverses CHECK (NOT (pending AND reverses IS NOT NULL))
    )
    """,
    """
    CREATE INDEX ix_ledger_transfer_debit_account ON ledger_transfer (debit_account)
        INCLUDE (id, amount, pending)
    """,
    """
    CREATE INDEX ix_ledger_transfer_credit_account ON ledger_transfer (credit_account)
        INCLUDE (id, amount, pending)
    """,
    """
    CREATE TABLE ledger_outcome (
        transfer_id bigint CONSTRAINT pk_ledger_outcome PRIMARY KEY
            CONSTRAINT fk_ledger_outcome_transfer_id REFERENCES ledger_transfer (id),
        outcome text NOT NULL CONSTRAINT ck_ledger_outcome_outcome
            CHECK (outcome IN ('posted', 'voided', 'expired')),
        amount bigint NOT NULL CONSTRAINT ck_ledger_outcome_amount
            CHECK (amount >= 0 AND (outcome = 'posted') = (amount > 0)),
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL
    )
    """,
)


def create(service: str) -> None:
    for statement in _TABLES:
        op.execute(statement)
    op.execute(
        "REVOKE UPDATE, DELETE, TRUNCATE ON ledger_account, ledger_transfer, ledger_outcome"
        f" FROM susa_{service}_app"
    )


def drop() -> None:
    for table in ("ledger_outcome", "ledger_transfer", "ledger_account"):
        op.execute(f"DROP TABLE {table}")
