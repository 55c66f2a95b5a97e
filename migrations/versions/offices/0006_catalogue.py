"""Catalogue: principals, delegated services and their prices, who offers what, the rules.

`btree_gist` lets one exclusion constraint see to it that no office offers a service twice on a day.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_UP = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    """
    CREATE TABLE principal (
        slug text CONSTRAINT pk_principal PRIMARY KEY,
        name text NOT NULL,
        name_en text NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE delegated_service (
        code text CONSTRAINT pk_delegated_service PRIMARY KEY CHECK (length(code) <= 60),
        principal text NOT NULL
            CONSTRAINT fk_delegated_service_principal REFERENCES principal,
        name text NOT NULL,
        name_en text NOT NULL,
        search_text text NOT NULL,
        documents jsonb NOT NULL CHECK (jsonb_typeof(documents) = 'array'),
        duration_minutes integer NOT NULL CHECK (duration_minutes BETWEEN 1 AND 1440),
        delegated boolean NOT NULL,
        electronic boolean NOT NULL,
        at_counter boolean NOT NULL,
        valid_from date NOT NULL,
        valid_until date CHECK (valid_until >= valid_from),
        version integer NOT NULL CHECK (version > 0),
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CHECK (electronic OR at_counter)
    )
    """,
    "CREATE INDEX ix_delegated_service_principal_code ON delegated_service (principal, code)",
    """
    CREATE TABLE service_price (
        service text CONSTRAINT fk_service_price_service REFERENCES delegated_service,
        valid_from date,
        fee_rials bigint NOT NULL CHECK (fee_rials >= 0),
        office_share_rials bigint NOT NULL,
        CONSTRAINT pk_service_price PRIMARY KEY (service, valid_from),
        CHECK (office_share_rials BETWEEN 0 AND fee_rials)
    )
    """,
    """
    CREATE TABLE offering (
        id uuid CONSTRAINT pk_offering PRIMARY KEY DEFAULT uuidv7(),
        office_id integer NOT NULL CONSTRAINT fk_offering_office_id REFERENCES office,
        service text NOT NULL CONSTRAINT fk_offering_service REFERENCES delegated_service,
        valid_from date NOT NULL,
        valid_until date CHECK (valid_until >= valid_from),
        version integer NOT NULL CHECK (version > 0),
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT ex_offering_once EXCLUDE USING gist
            (office_id WITH =, service WITH =, daterange(valid_from, valid_until, '[]') WITH &&)
    )
    """,
    "CREATE INDEX ix_offering_office_id_id ON offering (office_id, id)",
    "CREATE INDEX ix_offering_service_office_id ON offering (service, office_id)",
    """
    CREATE TABLE kind_rule (
        id uuid CONSTRAINT pk_kind_rule PRIMARY KEY DEFAULT uuidv7(),
        name text NOT NULL,
        kind text NOT NULL,
        services text[] NOT NULL,
        at_least integer NOT NULL CHECK (at_least BETWEEN 1 AND cardinality(services)),
        valid_from date NOT NULL,
        valid_until date CHECK (valid_until >= valid_from),
        source text NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_kind_rule_kind ON kind_rule (kind)",
    """
    CREATE TABLE rule_breach (
        rule_id uuid CONSTRAINT fk_rule_breach_rule_id REFERENCES kind_rule,
        office_id integer CONSTRAINT fk_rule_breach_office_id REFERENCES office,
        told_at timestamptz,
        mended_at timestamptz CHECK (mended_at >= told_at),
        CONSTRAINT pk_rule_breach PRIMARY KEY (rule_id, office_id, told_at)
    )
    """,
    """
    CREATE UNIQUE INDEX ix_rule_breach_open ON rule_breach (rule_id, office_id)
        WHERE mended_at IS NULL
    """,
    """
    REVOKE DELETE ON principal, delegated_service, service_price, kind_rule, rule_breach
    FROM susa_offices_app
    """,
)

_DOWN = (
    "DROP TABLE rule_breach",
    "DROP TABLE kind_rule",
    "DROP TABLE offering",
    "DROP TABLE service_price",
    "DROP TABLE delegated_service",
    "DROP TABLE principal",
    "DROP EXTENSION btree_gist",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
