"""Delivery: couriers and their runs, proofs, attempts, holding and return, bank mail.

Tables led by item_id have no foreign key and no further unique constraint: they go with their
items.
"""

from typing import Final

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_RUNS: Final = (
    """
    CREATE TABLE courier (
        code text CONSTRAINT pk_courier PRIMARY KEY,
        office integer NOT NULL,
        active boolean NOT NULL,
        version integer NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_courier_office ON courier (office, code)",
    """
    CREATE TABLE courier_person (
        courier text CONSTRAINT pk_courier_person PRIMARY KEY,
        name text NOT NULL,
        phone text NOT NULL
    )
    """,
    """
    CREATE TABLE courier_run (
        id uuid CONSTRAINT pk_courier_run PRIMARY KEY,
        courier text NOT NULL CONSTRAINT fk_courier_run_courier REFERENCES courier (code),
        office integer NOT NULL,
        day date NOT NULL,
        status text NOT NULL CHECK (status IN ('planned', 'out', 'closed', 'cancelled')),
        version integer NOT NULL,
        planned_at timestamptz NOT NULL,
        started_at timestamptz,
        closed_at timestamptz,
        updated_at timestamptz NOT NULL,
        CHECK ((started_at IS NOT NULL) = (status IN ('out', 'closed'))),
        CHECK ((closed_at IS NOT NULL) = (status IN ('closed', 'cancelled')))
    )
    """,
    "CREATE INDEX ix_courier_run_office ON courier_run (office, id)",
    "CREATE INDEX ix_courier_run_courier ON courier_run (courier, id)",
    """
    CREATE INDEX ix_courier_run_open ON courier_run (office, id)
        WHERE status IN ('planned', 'out')
    """,
    # a courier is out with one run at a time
    "CREATE UNIQUE INDEX ix_courier_run_out ON courier_run (courier) WHERE status = 'out'",
    """
    CREATE TABLE run_stop (
        item_id bigint NOT NULL,
        run uuid NOT NULL,
        position integer NOT NULL CHECK (position > 0),
        outcome text NOT NULL CHECK (outcome IN ('open', 'delivered', 'handed_back')),
        settled_at timestamptz,
        CONSTRAINT pk_run_stop PRIMARY KEY (item_id, run),
        CHECK ((settled_at IS NULL) = (outcome = 'open'))
    )
    """,
    "CREATE INDEX ix_run_stop_run ON run_stop (run, position)",
    "REVOKE DELETE ON courier, courier_run FROM susa_parcels_app",
)
_PROOFS: Final = (
    """
    CREATE TABLE delivery_proof (
        item_id bigint NOT NULL,
        event_id uuid NOT NULL,
        id uuid NOT NULL,
        partner uuid NOT NULL,
        method text NOT NULL CHECK (method IN ('code', 'signature', 'photo', 'national_id')),
        receiver text NOT NULL CHECK
            (receiver IN ('recipient', 'household', 'colleague', 'neighbour', 'representative')),
        national_card_seen boolean NOT NULL,
        office integer NOT NULL,
        courier text,
        delivered_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL,
        CONSTRAINT pk_delivery_proof PRIMARY KEY (item_id, event_id)
    )
    """,
    "CREATE INDEX ix_delivery_proof_partner ON delivery_proof (partner, id)",
    # personal: erased without touching the proof's row
    """
    CREATE TABLE delivery_person (
        item_id bigint NOT NULL,
        event_id uuid NOT NULL,
        name text,
        national_id text,
        CONSTRAINT pk_delivery_person PRIMARY KEY (item_id, event_id)
    )
    """,
    """
    CREATE TABLE delivery_image (
        item_id bigint NOT NULL,
        event_id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('signature', 'photo')),
        media_type text NOT NULL CHECK (media_type IN ('image/png', 'image/jpeg')),
        sha256 text NOT NULL,
        content bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 200000),
        CONSTRAINT pk_delivery_image PRIMARY KEY (item_id, event_id, kind)
    )
    """,
    # only of items whose code was tried or given anew: the code itself is derived, never stored
    """
    CREATE TABLE delivery_code (
        item_id bigint CONSTRAINT pk_delivery_code PRIMARY KEY,
        serial integer NOT NULL CHECK (serial >= 0),
        tries integer NOT NULL CHECK (tries >= 0),
        updated_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE delivery_attempt (
        item_id bigint NOT NULL,
        event_id uuid NOT NULL,
        partner uuid NOT NULL,
        reason text NOT NULL,
        action text NOT NULL,
        notice integer CHECK (notice > 0),
        office integer NOT NULL,
        courier text,
        attempted_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL,
        CONSTRAINT pk_delivery_attempt PRIMARY KEY (item_id, event_id)
    )
    """,
    "REVOKE UPDATE, DELETE ON delivery_proof, delivery_attempt FROM susa_parcels_app",
    "REVOKE UPDATE ON delivery_person, delivery_image FROM susa_parcels_app",
    "REVOKE DELETE ON delivery_code FROM susa_parcels_app",
)
_HOLDING: Final = (
    # append-only: of two rows of a day, the one recorded last holds
    """
    CREATE TABLE holding_rule (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_holding_rule PRIMARY KEY,
        valid_from date NOT NULL,
        notices integer NOT NULL CHECK (notices BETWEEN 1 AND 10),
        hold_days integer NOT NULL CHECK (hold_days BETWEEN 1 AND 365),
        return_days integer NOT NULL CHECK (return_days BETWEEN 1 AND 365),
        return_basis_points integer NOT NULL CHECK (return_basis_points BETWEEN 0 AND 10000),
        source text NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL
    )
    """,
    "CREATE INDEX ix_holding_rule_valid_from ON holding_rule (valid_from, id)",
    """
    CREATE TABLE holding (
        item_id bigint CONSTRAINT pk_holding PRIMARY KEY,
        office integer,
        since timestamptz NOT NULL,
        until timestamptz NOT NULL CHECK (until > since),
        over_at timestamptz
    )
    """,
    "CREATE INDEX ix_holding_until ON holding (until, item_id) WHERE over_at IS NULL",
    "CREATE INDEX ix_holding_office ON holding (office, item_id)",
    """
    CREATE TABLE return_leg (
        item_id bigint NOT NULL,
        event_id uuid NOT NULL,
        partner uuid NOT NULL,
        destination text NOT NULL CHECK (destination IN ('sender', 'branch')),
        branch text CHECK ((branch IS NULL) = (destination = 'sender')),
        office integer,
        price_rials bigint CHECK (price_rials >= 0),
        tariff text CHECK ((tariff IS NULL) = (price_rials IS NULL)),
        started_at timestamptz NOT NULL,
        promised_at timestamptz NOT NULL,
        CONSTRAINT pk_return_leg PRIMARY KEY (item_id, event_id)
    )
    """,
    "REVOKE UPDATE, DELETE ON holding_rule, return_leg FROM susa_parcels_app",
)
_BANKING: Final = (
    """
    CREATE TABLE bank_branch (
        partner uuid NOT NULL,
        code text NOT NULL,
        name text NOT NULL,
        cost_centre text NOT NULL,
        office integer,
        active boolean NOT NULL,
        version integer NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT pk_bank_branch PRIMARY KEY (partner, code)
    )
    """,
    # of the few items that ask for something about their delivery
    """
    CREATE TABLE delivery_terms (
        item_id bigint CONSTRAINT pk_delivery_terms PRIMARY KEY,
        partner uuid NOT NULL,
        booked_at timestamptz NOT NULL,
        addressee_only boolean NOT NULL,
        national_card boolean NOT NULL,
        undelivered text NOT NULL CHECK (undelivered IN ('sender', 'branch', 'destroy')),
        branch text,
        return_branch text,
        cost_centre text,
        CHECK (undelivered <> 'branch' OR return_branch IS NOT NULL),
        CHECK ((branch IS NULL) = (cost_centre IS NULL))
    )
    """,
    """
    CREATE INDEX ix_delivery_terms_branch ON delivery_terms (partner, booked_at)
        WHERE branch IS NOT NULL
    """,
    # personal: whose national card is to be seen
    """
    CREATE TABLE addressee (
        item_id bigint CONSTRAINT pk_addressee PRIMARY KEY,
        national_id text NOT NULL
    )
    """,
    """
    CREATE TABLE destruction (
        item_id bigint NOT NULL,
        event_id uuid NOT NULL,
        partner uuid NOT NULL,
        office integer NOT NULL,
        record text NOT NULL,
        witnesses text[] NOT NULL CHECK (cardinality(witnesses) >= 2),
        destroyed_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL,
        CONSTRAINT pk_destruction PRIMARY KEY (item_id, event_id)
    )
    """,
    "REVOKE DELETE ON bank_branch FROM susa_parcels_app",
    "REVOKE UPDATE, DELETE ON delivery_terms, destruction FROM susa_parcels_app",
    "REVOKE UPDATE ON addressee FROM susa_parcels_app",
)

_RULE: Final = """
INSERT INTO holding_rule (valid_from, notices, hold_days, return_days, return_basis_points, source,
    recorded_at, recorded_by)
VALUES ('1900-01-01', 2, 5, 7, 10000,
    'two notices and five days as published (unofficial); days and price of a return are examples',
    now(), 'installation')
"""


def upgrade() -> None:
    for statement in (*_RUNS, *_PROOFS, *_HOLDING, *_BANKING, _RULE):
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "destruction",
        "addressee",
        "delivery_terms",
        "bank_branch",
        "return_leg",
        "holding",
        "holding_rule",
        "delivery_attempt",
        "delivery_code",
        "delivery_image",
        "delivery_person",
        "delivery_proof",
        "run_stop",
        "courier_run",
        "courier_person",
        "courier",
    ):
        op.execute(f"DROP TABLE {table}")
