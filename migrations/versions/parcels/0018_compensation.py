"""Payment orders of compensation: a natural key of their own, and a last day to be fetched.

A deduction may be taken back by a later one below zero, so that the first stays as it was.
"""

from typing import Final

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_BEFORE: Final = "'prepared', 'fetched', 'unknown', 'paid', 'refused', 'voided', 'returned'"


def _states(table: str, states: str) -> tuple[str, str]:
    name = f"{table}_status_check"
    return (
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (status IN ({states}))",
    )


def _unfetched(states: str) -> tuple[str, str]:
    """`payment_order_check1` is what PostgreSQL called the second check of two columns."""
    return (
        "ALTER TABLE payment_order DROP CONSTRAINT payment_order_check1",
        (
            "ALTER TABLE payment_order ADD CONSTRAINT payment_order_check1"
            f" CHECK (status NOT IN ({states}) OR bank IS NULL)"
        ),
    )


_UP: Final = (
    "ALTER TABLE payment_order ADD COLUMN expires_at timestamptz",
    *_states("payment_order", f"{_BEFORE}, 'expired'"),
    *_states("payment_order_step", f"{_BEFORE}, 'expired'"),
    *_unfetched("'prepared', 'voided', 'expired'"),
    """
    CREATE INDEX ix_payment_order_expires_at ON payment_order (expires_at)
        WHERE status = 'prepared' AND expires_at IS NOT NULL
    """,
    """
    CREATE TABLE compensation_order (
        claim uuid NOT NULL,
        transfer smallint NOT NULL CHECK (transfer > 0),
        payment_order uuid NOT NULL,
        CONSTRAINT pk_compensation_order PRIMARY KEY (claim, transfer)
    )
    """,
    """
    CREATE UNIQUE INDEX ix_compensation_order_payment_order
        ON compensation_order (payment_order)
    """,
    "REVOKE UPDATE, DELETE, TRUNCATE ON compensation_order FROM susa_parcels_app",
    "ALTER TABLE commission_deduction DROP CONSTRAINT commission_deduction_amount_rials_check",
    (
        "ALTER TABLE commission_deduction ADD CONSTRAINT commission_deduction_amount_rials_check"
        " CHECK (amount_rials <> 0)"
    ),
)
_DOWN: Final = (
    "ALTER TABLE commission_deduction DROP CONSTRAINT commission_deduction_amount_rials_check",
    (
        "ALTER TABLE commission_deduction ADD CONSTRAINT commission_deduction_amount_rials_check"
        " CHECK (amount_rials > 0)"
    ),
    "DROP TABLE compensation_order",
    "DROP INDEX ix_payment_order_expires_at",
    *_unfetched("'prepared', 'voided'"),
    *_states("payment_order_step", _BEFORE),
    *_states("payment_order", _BEFORE),
    "ALTER TABLE payment_order DROP COLUMN expires_at",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
