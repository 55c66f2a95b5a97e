"""Postage accounts: who pays, what partners owe, invoices, refunds; offices' commissions."""

from typing import Final

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_POSTAGE: Final = (
    # `drawn_rials`: what booking has taken from the partner's account itself
    "ALTER TABLE parcel_terms ADD COLUMN payer smallint, ADD COLUMN drawn_rials bigint",
    """
    CREATE TABLE postage_account (
        partner uuid NOT NULL,
        kind smallint NOT NULL CHECK (kind IN (4, 5)),
        limit_rials bigint CHECK (limit_rials >= 0),
        balance_rials bigint NOT NULL,
        opened_at timestamptz NOT NULL,
        CONSTRAINT pk_postage_account PRIMARY KEY (partner, kind)
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE partner_entry (
        partner uuid NOT NULL,
        day date NOT NULL,
        item_id bigint NOT NULL,
        kind smallint NOT NULL,
        seq integer NOT NULL,
        payer smallint,
        amount_rials bigint NOT NULL,
        vat_rials bigint NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_partner_entry PRIMARY KEY (item_id, kind, seq)
    )
    """,
    "CREATE INDEX ix_partner_entry_day ON partner_entry (partner, day, item_id, kind, seq)",
    """
    CREATE TABLE partner_month (
        partner uuid NOT NULL,
        month integer NOT NULL,
        payer smallint NOT NULL,
        kind smallint NOT NULL,
        product smallint NOT NULL,
        entries bigint NOT NULL,
        amount_rials bigint NOT NULL,
        vat_rials bigint NOT NULL,
        CONSTRAINT pk_partner_month PRIMARY KEY (partner, month, payer, kind, product)
    ) WITH (fillfactor = 50)
    """,
    "CREATE INDEX ix_partner_month_month ON partner_month (month, partner)",
    """
    CREATE TABLE repriced_charge (
        item_id bigint NOT NULL,
        nth integer NOT NULL,
        amount_rials bigint NOT NULL CHECK (amount_rials <> 0),
        vat_rials bigint NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_repriced_charge PRIMARY KEY (item_id, nth)
    )
    """,
    """
    CREATE TABLE credit_limit (
        partner uuid NOT NULL,
        seq integer NOT NULL,
        limit_rials bigint CHECK (limit_rials >= 0),
        reason text NOT NULL,
        set_by text NOT NULL,
        set_at timestamptz NOT NULL,
        CONSTRAINT pk_credit_limit PRIMARY KEY (partner, seq)
    )
    """,
    """
    CREATE TABLE postage_payment (
        id uuid DEFAULT uuidv7() CONSTRAINT pk_postage_payment PRIMARY KEY,
        partner uuid NOT NULL,
        account smallint NOT NULL CHECK (account IN (4, 5)),
        amount_rials bigint NOT NULL CHECK (amount_rials > 0),
        method text NOT NULL CHECK (method IN ('bank_transfer', 'card', 'cash')),
        reference text NOT NULL,
        reverses uuid CONSTRAINT uq_postage_payment_reverses UNIQUE,
        reason text,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL,
        CHECK ((reverses IS NULL) = (reason IS NULL)),
        CONSTRAINT uq_postage_payment_method_reference UNIQUE (method, reference)
    )
    """,
    "CREATE INDEX ix_postage_payment_partner ON postage_payment (partner, id)",
)
_INVOICES: Final = (
    """
    CREATE TABLE invoice_counter (
        year integer CONSTRAINT pk_invoice_counter PRIMARY KEY,
        last integer NOT NULL CHECK (last > 0)
    )
    """,
    """
    CREATE TABLE invoice (
        number text CONSTRAINT pk_invoice PRIMARY KEY,
        year integer NOT NULL,
        n integer NOT NULL,
        partner uuid NOT NULL,
        month integer NOT NULL,
        opening_rials bigint NOT NULL,
        charges_rials bigint NOT NULL,
        vat_rials bigint NOT NULL,
        payments_rials bigint NOT NULL,
        closing_rials bigint NOT NULL,
        lines json NOT NULL,
        issued_at timestamptz NOT NULL,
        issued_by text NOT NULL,
        CONSTRAINT uq_invoice_year_n UNIQUE (year, n),
        CONSTRAINT uq_invoice_partner_month UNIQUE (partner, month),
        CHECK (closing_rials = opening_rials + charges_rials + vat_rials - payments_rials)
    )
    """,
    # personal data, apart and erasable
    """
    CREATE TABLE billing_profile (
        partner uuid CONSTRAINT pk_billing_profile PRIMARY KEY,
        name text NOT NULL,
        legal_id text,
        national_id text,
        address text NOT NULL,
        postal_code text,
        updated_at timestamptz NOT NULL,
        CHECK (num_nonnulls(legal_id, national_id) = 1)
    )
    """,
    """
    CREATE TABLE invoice_buyer (
        number text CONSTRAINT pk_invoice_buyer PRIMARY KEY
            CONSTRAINT fk_invoice_buyer_number REFERENCES invoice (number),
        name text NOT NULL,
        legal_id text,
        national_id text,
        address text NOT NULL,
        postal_code text
    )
    """,
    """
    CREATE TABLE refund_decision (
        item_id bigint NOT NULL,
        recomputation uuid NOT NULL,
        approved boolean NOT NULL,
        amount_rials bigint NOT NULL CHECK (amount_rials > 0),
        vat_rials bigint NOT NULL,
        reason text NOT NULL,
        decided_by text NOT NULL,
        decided_at timestamptz NOT NULL,
        CONSTRAINT pk_refund_decision PRIMARY KEY (item_id, recomputation)
    )
    """,
)
_COMMISSIONS: Final = (
    """
    CREATE TABLE office_contract (
        id uuid CONSTRAINT pk_office_contract PRIMARY KEY,
        number text NOT NULL,
        office text NOT NULL,
        valid_from date NOT NULL,
        valid_until date NOT NULL,
        terminated_on date,
        commission json NOT NULL,
        version integer NOT NULL
    )
    """,
    "CREATE INDEX ix_office_contract_office ON office_contract (office, valid_from)",
    """
    CREATE TABLE office_acceptance (
        office integer NOT NULL,
        day date NOT NULL,
        item_id bigint NOT NULL,
        seq integer NOT NULL,
        sign smallint NOT NULL CHECK (sign IN (-1, 1)),
        accepted_on date NOT NULL,
        CONSTRAINT pk_office_acceptance PRIMARY KEY (item_id, seq, sign)
    )
    """,
    "CREATE INDEX ix_office_acceptance_day ON office_acceptance (office, day, item_id, seq, sign)",
    """
    CREATE TABLE commission_deduction (
        id uuid DEFAULT uuidv7() CONSTRAINT pk_commission_deduction PRIMARY KEY,
        office integer NOT NULL,
        day date NOT NULL,
        amount_rials bigint NOT NULL CHECK (amount_rials > 0),
        reason text NOT NULL,
        reference text NOT NULL CONSTRAINT uq_commission_deduction_reference UNIQUE,
        occurred_on date NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL
    )
    """,
    "CREATE INDEX ix_commission_deduction_office ON commission_deduction (office, day)",
    """
    CREATE TABLE commission_statement (
        office integer NOT NULL,
        month integer NOT NULL,
        items bigint NOT NULL,
        gross_rials bigint NOT NULL,
        deductions_rials bigint NOT NULL,
        brought_forward_rials bigint NOT NULL CHECK (brought_forward_rials <= 0),
        payable_rials bigint NOT NULL CHECK (payable_rials >= 0),
        carried_forward_rials bigint NOT NULL CHECK (carried_forward_rials <= 0),
        lines json NOT NULL,
        issued_at timestamptz NOT NULL,
        issued_by text NOT NULL,
        CONSTRAINT pk_commission_statement PRIMARY KEY (office, month),
        CHECK (payable_rials + carried_forward_rials
            = gross_rials - deductions_rials + brought_forward_rials)
    )
    """,
    "CREATE INDEX ix_commission_statement_month ON commission_statement (month, office)",
)
_REVOKES: Final = (
    "REVOKE DELETE ON postage_account, invoice_counter FROM susa_parcels_app",
    # what was decided, paid or issued stays
    (
        "REVOKE UPDATE, DELETE ON partner_entry, repriced_charge, credit_limit, postage_payment,"
        " invoice, refund_decision, office_acceptance, commission_deduction, commission_statement"
        " FROM susa_parcels_app"
    ),
)
# where events are gone already, charges and commissions begin now: the rest stays as it was
_CURSORS: Final = """
INSERT INTO feed_cursor (consumer, epoch, position)
SELECT 'parcels.accounts', epoch, position FROM feed_head
WHERE floor > 0
"""
_TABLES: Final = (
    "commission_statement",
    "commission_deduction",
    "office_acceptance",
    "office_contract",
    "refund_decision",
    "invoice_buyer",
    "billing_profile",
    "invoice",
    "invoice_counter",
    "postage_payment",
    "credit_limit",
    "repriced_charge",
    "partner_month",
    "partner_entry",
    "postage_account",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*_POSTAGE, *_INVOICES, *_COMMISSIONS, *_REVOKES, _CURSORS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DELETE FROM feed_cursor WHERE consumer = 'parcels.accounts'")
    for table in _TABLES:
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE parcel_terms DROP COLUMN payer, DROP COLUMN drawn_rials")
