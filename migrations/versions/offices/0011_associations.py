"""Associations: the national federation, provincial associations, their members, representatives.

Names and phones of representatives are a table of their own, which may be erased.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ENDED = "valid_until, end_reason, version, updated_at"

_UP = (
    # stays on downgrade: other migrations keep periods apart by it too
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    """
    CREATE TABLE association (
        id uuid CONSTRAINT pk_association PRIMARY KEY DEFAULT uuidv7(),
        level text NOT NULL CHECK (level IN ('federation', 'provincial')),
        name text NOT NULL CONSTRAINT uq_association_name UNIQUE,
        name_en text NOT NULL,
        province text,
        registration_number text,
        founded_on date,
        dissolved_on date,
        version integer NOT NULL CHECK (version > 0),
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CHECK ((level = 'provincial') = (province IS NOT NULL)),
        CHECK (dissolved_on >= founded_on)
    )
    """,
    # one national body at a time
    """
    CREATE UNIQUE INDEX uq_association_federation ON association (level)
        WHERE level = 'federation' AND dissolved_on IS NULL
    """,
    """
    CREATE TABLE membership (
        id uuid CONSTRAINT pk_membership PRIMARY KEY DEFAULT uuidv7(),
        association_id uuid NOT NULL
            CONSTRAINT fk_membership_association_id REFERENCES association,
        office_id integer CONSTRAINT fk_membership_office_id REFERENCES office,
        member_id uuid CONSTRAINT fk_membership_member_id REFERENCES association,
        valid_from date NOT NULL,
        valid_until date CHECK (valid_until >= valid_from),
        end_reason text,
        recorded_by text NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CHECK (num_nonnulls(office_id, member_id) = 1),
        CHECK (member_id <> association_id),
        CONSTRAINT ex_membership_office_id EXCLUDE USING gist
            (office_id WITH =, daterange(valid_from, valid_until, '[]') WITH &&),
        CONSTRAINT ex_membership_member_id EXCLUDE USING gist
            (member_id WITH =, daterange(valid_from, valid_until, '[]') WITH &&)
    )
    """,
    "CREATE INDEX ix_membership_association_id_id ON membership (association_id, id)",
    """
    CREATE TABLE representative (
        id uuid CONSTRAINT pk_representative PRIMARY KEY DEFAULT uuidv7(),
        association_id uuid NOT NULL
            CONSTRAINT fk_representative_association_id REFERENCES association,
        seat text CONSTRAINT fk_representative_seat REFERENCES seat,
        member_id uuid CONSTRAINT fk_representative_member_id REFERENCES member
            CONSTRAINT uq_representative_member_id UNIQUE,
        valid_from date NOT NULL,
        valid_until date CHECK (valid_until >= valid_from),
        end_reason text,
        recorded_by text NOT NULL,
        version integer NOT NULL CHECK (version > 0),
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CHECK ((seat IS NULL) = (member_id IS NULL)),
        CONSTRAINT ex_representative_seat EXCLUDE USING gist
            (seat WITH =, daterange(valid_from, valid_until, '[]') WITH &&)
    )
    """,
    "CREATE INDEX ix_representative_association_id_id ON representative (association_id, id)",
    """
    CREATE TABLE representative_detail (
        representative_id uuid CONSTRAINT pk_representative_detail PRIMARY KEY
            CONSTRAINT fk_representative_detail_representative_id REFERENCES representative,
        name text NOT NULL,
        mobile text
    )
    """,
    "REVOKE DELETE ON association FROM susa_offices_app",
    # what was recorded stays; only its end may be written later
    *(
        statement
        for table in ("membership", "representative")
        for statement in (
            f"REVOKE UPDATE, DELETE ON {table} FROM susa_offices_app",
            f"GRANT UPDATE ({ENDED}) ON {table} TO susa_offices_app",
        )
    ),
)

_DOWN = (
    "DROP TABLE representative_detail",
    "DROP TABLE representative",
    "DROP TABLE membership",
    "DROP TABLE association",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
