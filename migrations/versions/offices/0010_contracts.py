"""Contracts, their versions and parties; the gate of each office; which expiries were told.

`btree_gist` (a trusted extension) lets one exclusion constraint hold an office's number and a
contract's days. The offices that are here already are given 30 days to have their papers recorded.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_UP = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    # a row that says nothing of its gate is closed, and due at once
    """
    ALTER TABLE office
        ADD COLUMN gate jsonb NOT NULL DEFAULT '{"open": false, "until": null,
            "reason": "its papers have not been looked at yet", "products": null,
            "weight_max_g": null}',
        ADD COLUMN next_gate_at timestamptz DEFAULT now()
    """,
    """
    UPDATE office SET next_gate_at = NULL, gate = '{"open": true, "until": null, "reason": null,
        "products": null, "weight_max_g": null}'
    WHERE kind IN ('post_office', 'sorting_centre')
    """,
    """
    UPDATE office SET next_gate_at = now() + interval '30 days', gate = jsonb_build_object(
        'open', true,
        'until', to_char((now() + interval '30 days') AT TIME ZONE 'UTC',
                         'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'reason', 'its papers have not been recorded since the registry asks for them',
        'products', null, 'weight_max_g', null)
    WHERE kind NOT IN ('post_office', 'sorting_centre')
    """,
    "CREATE INDEX ix_office_next_gate_at ON office (next_gate_at) WHERE next_gate_at IS NOT NULL",
    "CREATE SEQUENCE contract_number MAXVALUE 999999",
    """
    CREATE TABLE contract (
        id uuid DEFAULT uuidv7() CONSTRAINT pk_contract PRIMARY KEY,
        number text NOT NULL CONSTRAINT uq_contract_number UNIQUE,
        office_id integer NOT NULL CONSTRAINT fk_contract_office_id REFERENCES office,
        valid_from date NOT NULL,
        valid_until date NOT NULL,
        terminated_on date,
        termination_reason text,
        products text[] CHECK (cardinality(products) > 0),
        weight_max_g integer CHECK (weight_max_g > 0),
        commission jsonb NOT NULL,
        status text NOT NULL CHECK (status IN ('active', 'terminated')),
        paper_reference text,
        renews uuid CONSTRAINT fk_contract_renews REFERENCES contract,
        version integer NOT NULL CHECK (version > 0),
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CHECK (valid_until >= valid_from),
        CHECK ((terminated_on IS NULL) = (termination_reason IS NULL)),
        CHECK (status = 'active' OR terminated_on IS NOT NULL),
        CONSTRAINT ex_contract_days EXCLUDE USING gist (
            office_id WITH =,
            daterange(valid_from,
                      greatest(valid_from, least(valid_until + 1, terminated_on))) WITH &&)
    )
    """,
    "ALTER SEQUENCE contract_number OWNED BY contract.number",
    "CREATE INDEX ix_contract_office_id ON contract (office_id, valid_from)",
    "CREATE INDEX ix_contract_valid_until ON contract (valid_until, number)",
    """
    CREATE INDEX ix_contract_terminated_on ON contract (terminated_on)
    WHERE status = 'active' AND terminated_on IS NOT NULL
    """,
    """
    CREATE TABLE contract_version (
        contract_id uuid CONSTRAINT fk_contract_version_contract_id REFERENCES contract,
        version integer,
        action text NOT NULL,
        terms jsonb NOT NULL,
        reason text,
        changed_by text NOT NULL,
        changed_at timestamptz NOT NULL,
        CONSTRAINT pk_contract_version PRIMARY KEY (contract_id, version)
    )
    """,
    "REVOKE UPDATE, DELETE ON contract_version FROM susa_offices_app",
    # personal data, apart and erasable
    """
    CREATE TABLE contract_party (
        contract_id uuid CONSTRAINT fk_contract_party_contract_id REFERENCES contract
            CONSTRAINT pk_contract_party PRIMARY KEY,
        name text NOT NULL,
        national_id text,
        legal_id text,
        phone text,
        CHECK (num_nonnulls(national_id, legal_id) = 1)
    )
    """,
    """
    CREATE TABLE expiry_notice (
        paper text CHECK (paper IN ('licence', 'contract')),
        paper_id uuid,
        valid_until date,
        days smallint CHECK (days > 0),
        told_at timestamptz NOT NULL,
        CONSTRAINT pk_expiry_notice PRIMARY KEY (paper, paper_id, valid_until, days)
    )
    """,
    "REVOKE UPDATE, DELETE ON expiry_notice FROM susa_offices_app",
    "REVOKE DELETE ON contract FROM susa_offices_app",
)

_DOWN = (
    "DROP TABLE expiry_notice",
    "DROP TABLE contract_party",
    "DROP TABLE contract_version",
    "DROP TABLE contract",  # and its sequence
    "ALTER TABLE office DROP COLUMN next_gate_at, DROP COLUMN gate",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
