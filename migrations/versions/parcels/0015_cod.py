"""Cash on delivery: who holds it, drawers' daily close, payees, payment orders, bank statements.

Takings have no foreign key and no unique constraint beyond their key: they go with their items.
"""

from typing import Final

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STATES: Final = "'prepared', 'fetched', 'unknown', 'paid', 'refused', 'voided', 'returned'"

_TABLES: Final = (
    """
    CREATE TABLE cash_holder (
        account text CONSTRAINT pk_cash_holder PRIMARY KEY,
        carried_rials bigint NOT NULL
    ) WITH (fillfactor = 50)
    """,
    # fillfactor: a taking changes its place a few times
    """
    CREATE TABLE cod_taking (
        item_id bigint NOT NULL,
        taking smallint NOT NULL,
        partner uuid NOT NULL,
        amount_rials bigint NOT NULL CHECK (amount_rials > 0),
        office integer NOT NULL,
        collector text CHECK (length(collector) BETWEEN 1 AND 60),
        event_id uuid NOT NULL,
        place smallint NOT NULL CHECK (place BETWEEN 1 AND 6),
        taken_at timestamptz NOT NULL,
        hand_in uuid,
        drawer_close uuid,
        payment_order uuid,
        reversed_at timestamptz,
        CONSTRAINT pk_cod_taking PRIMARY KEY (item_id, taking),
        CHECK ((place = 6) = (reversed_at IS NOT NULL))
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE INDEX ix_cod_taking_collector ON cod_taking (collector, item_id, taking)
        WHERE place = 1
    """,
    "CREATE INDEX ix_cod_taking_office ON cod_taking (office, item_id, taking) WHERE place = 2",
    "CREATE INDEX ix_cod_taking_due ON cod_taking (partner, item_id, taking) WHERE place = 3",
    """
    CREATE INDEX ix_cod_taking_payment_order ON cod_taking (payment_order, item_id, taking)
        WHERE payment_order IS NOT NULL
    """,
    "CREATE INDEX ix_cod_taking_partner ON cod_taking (partner, item_id, taking)",
    """
    CREATE TABLE hand_in (
        id uuid CONSTRAINT pk_hand_in PRIMARY KEY,
        office integer NOT NULL,
        receipt text NOT NULL,
        collector text NOT NULL CHECK (length(collector) BETWEEN 1 AND 60),
        items integer NOT NULL,
        expected_rials bigint NOT NULL,
        counted_rials bigint NOT NULL CHECK (counted_rials >= 0),
        note text,
        received_by text NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX ix_hand_in_office ON hand_in (office, receipt)",
    """
    CREATE TABLE drawer_close (
        id uuid CONSTRAINT pk_drawer_close PRIMARY KEY,
        office integer NOT NULL,
        day date NOT NULL,
        items integer NOT NULL,
        expected_rials bigint NOT NULL,
        counted_rials bigint NOT NULL CHECK (counted_rials >= 0),
        note text,
        closed_by text NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX ix_drawer_close_office ON drawer_close (office, day)",
    # whose bank account: apart from all else, never in an event
    """
    CREATE TABLE payee (
        id uuid CONSTRAINT pk_payee PRIMARY KEY,
        partner uuid NOT NULL,
        sheba text NOT NULL CHECK (sheba ~ '^IR[0-9]{24}$'),
        holder_name text NOT NULL,
        valid_from date NOT NULL,
        source text NOT NULL,
        registered_by text NOT NULL,
        registered_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_payee_partner ON payee (partner, valid_from, id)",
    f"""
    CREATE TABLE payment_order (
        id uuid CONSTRAINT pk_payment_order PRIMARY KEY,
        purpose text NOT NULL CHECK (purpose IN ('cod_settlement', 'compensation')),
        reference text NOT NULL,
        beneficiary uuid NOT NULL,
        payee uuid NOT NULL CONSTRAINT fk_payment_order_payee REFERENCES payee (id),
        amount_rials bigint NOT NULL CHECK (amount_rials > 0),
        status text NOT NULL CHECK (status IN ({_STATES})),
        version integer NOT NULL CHECK (version > 0),
        transfer bigint NOT NULL CONSTRAINT fk_payment_order_transfer
            REFERENCES ledger_transfer (id),
        bank uuid,
        trace_number text,
        return_trace_number text,
        reason text,
        prepared_at timestamptz NOT NULL,
        fetched_at timestamptz,
        answered_at timestamptz,
        CHECK ((bank IS NULL) = (fetched_at IS NULL)),
        CHECK (status NOT IN ('prepared', 'voided') OR bank IS NULL),
        CHECK ((status IN ('paid', 'returned')) = (trace_number IS NOT NULL)),
        CHECK ((status = 'returned') = (return_trace_number IS NOT NULL))
    ) WITH (fillfactor = 70)
    """,
    "CREATE UNIQUE INDEX ix_payment_order_reference ON payment_order (reference)",
    "CREATE INDEX ix_payment_order_status ON payment_order (status, id)",
    "CREATE INDEX ix_payment_order_beneficiary ON payment_order (beneficiary, id)",
    "CREATE INDEX ix_payment_order_bank ON payment_order (bank, id) WHERE bank IS NOT NULL",
    """
    CREATE INDEX ix_payment_order_fetched_at ON payment_order (fetched_at)
        WHERE status = 'fetched'
    """,
    """
    CREATE INDEX ix_payment_order_answered_at ON payment_order (bank, answered_at)
        WHERE trace_number IS NOT NULL
    """,
    f"""
    CREATE TABLE payment_order_step (
        payment_order uuid NOT NULL CONSTRAINT fk_payment_order_step_payment_order
            REFERENCES payment_order (id),
        version integer NOT NULL,
        status text NOT NULL CHECK (status IN ({_STATES})),
        decided_by text NOT NULL,
        note text,
        decided_at timestamptz NOT NULL,
        CONSTRAINT pk_payment_order_step PRIMARY KEY (payment_order, version)
    )
    """,
    """
    CREATE TABLE bank_trace (
        bank uuid NOT NULL,
        trace_number text NOT NULL,
        payment_order uuid NOT NULL CONSTRAINT fk_bank_trace_payment_order
            REFERENCES payment_order (id),
        kind text NOT NULL CHECK (kind IN ('paid', 'returned')),
        CONSTRAINT pk_bank_trace PRIMARY KEY (bank, trace_number)
    )
    """,
    "CREATE UNIQUE INDEX ix_bank_trace_payment_order ON bank_trace (payment_order, kind)",
    """
    CREATE TABLE bank_statement (
        id uuid CONSTRAINT pk_bank_statement PRIMARY KEY,
        bank uuid NOT NULL,
        day date NOT NULL,
        fingerprint bytea NOT NULL,
        recorded_at timestamptz NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX ix_bank_statement_bank ON bank_statement (bank, day)",
    """
    CREATE TABLE bank_statement_line (
        statement uuid NOT NULL CONSTRAINT fk_bank_statement_line_statement
            REFERENCES bank_statement (id),
        n integer NOT NULL,
        kind text NOT NULL CHECK (kind IN ('paid', 'returned')),
        reference text NOT NULL,
        trace_number text NOT NULL,
        amount_rials bigint NOT NULL,
        outcome text NOT NULL,
        payment_order uuid,
        CONSTRAINT pk_bank_statement_line PRIMARY KEY (statement, n)
    )
    """,
    """
    CREATE INDEX ix_bank_statement_line_payment_order ON bank_statement_line (payment_order)
        WHERE payment_order IS NOT NULL
    """,
    """
    CREATE TABLE cod_settlement (
        payment_order uuid CONSTRAINT pk_cod_settlement PRIMARY KEY,
        partner uuid NOT NULL,
        items integer NOT NULL,
        items_rials bigint NOT NULL,
        carried_rials bigint NOT NULL,
        status text NOT NULL CHECK (status IN ('open', 'paid', 'undone'))
    )
    """,
    "CREATE INDEX ix_cod_settlement_partner ON cod_settlement (partner, payment_order)",
    (
        "REVOKE UPDATE, DELETE, TRUNCATE ON hand_in, drawer_close, payee, payment_order_step,"
        " bank_trace, bank_statement, bank_statement_line FROM susa_parcels_app"
    ),
    (
        "REVOKE DELETE, TRUNCATE ON cash_holder, cod_taking, payment_order, cod_settlement"
        " FROM susa_parcels_app"
    ),
)

_DOWN: Final = (
    "cod_settlement",
    "bank_statement_line",
    "bank_statement",
    "bank_trace",
    "payment_order_step",
    "payment_order",
    "payee",
    "drawer_close",
    "hand_in",
    "cod_taking",
    "cash_holder",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    for table in _DOWN:
        op.execute(f"DROP TABLE {table}")
