"""The registry in full: what an office can do, who holds it, what it was, and what it delivers to.

`office` says what is so today; the `office_*` tables of the past hold closed periods, both days
included, and are never changed. A change that is dated ahead waits in `office_plan`. Names of
people are in `owner_person` and nowhere else, so that they can be erased.
"""

from alembic import op

from shared.text import FA_KEY_SQL

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KINDS = (
    "('post_office', 'agency', 'pishkhan', 'rural_ict', 'sorting_centre',"
    " 'subscriber_office', 'communication_office')"
)
_OWNERS = "('post', 'company', 'person')"
_PAST = """
        valid_from date,
        valid_until date NOT NULL,
        recorded_by text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CHECK (valid_from <= valid_until)
"""

_UP = (
    FA_KEY_SQL,
    "ALTER TABLE office DROP CONSTRAINT office_kind_check",
    f"""
    ALTER TABLE office
        ADD CONSTRAINT office_kind_check CHECK (kind IN {_KINDS}),
        ADD capacity_per_day integer CHECK (capacity_per_day > 0),
        ADD capabilities text[] NOT NULL DEFAULT '{{counter}}' CHECK (capabilities <@
            ARRAY['counter', 'pickup', 'parcel_locker', 'cod_cash', 'international']),
        ADD owner_kind text CHECK (owner_kind IN {_OWNERS}),
        ADD owner_name text,
        ADD owner_person uuid,
        ADD owner_since date,
        ADD founded_on date,
        ADD kind_since date,
        ADD address_since date,
        ADD CHECK (owner_name IS NULL OR owner_kind = 'company'),
        ADD CHECK (owner_person IS NULL OR owner_kind = 'person')
    """,
    'CREATE INDEX ix_office_name_key ON office ((fa_key(name) COLLATE "C"), id)',
    "CREATE INDEX ix_office_updated_at ON office (updated_at, id)",
    """
    CREATE TABLE owner_person (
        id uuid CONSTRAINT pk_owner_person PRIMARY KEY DEFAULT uuidv7(),
        office_id integer NOT NULL CONSTRAINT fk_owner_person_office_id REFERENCES office,
        name text NOT NULL
    )
    """,
    "CREATE INDEX ix_owner_person_office_id ON owner_person (office_id)",
    f"""
    CREATE TABLE office_kind_period (
        office_id integer CONSTRAINT fk_office_kind_period_office_id REFERENCES office,
        kind text NOT NULL CHECK (kind IN {_KINDS}),
        reference text,
        {_PAST},
        CONSTRAINT pk_office_kind_period PRIMARY KEY (office_id, valid_until)
    )
    """,
    f"""
    CREATE TABLE office_address (
        office_id integer CONSTRAINT fk_office_address_office_id REFERENCES office,
        town text NOT NULL CONSTRAINT fk_office_address_town REFERENCES town,
        address text NOT NULL,
        postal_code text NOT NULL,
        latitude double precision NOT NULL,
        longitude double precision NOT NULL,
        reason text,
        {_PAST},
        CONSTRAINT pk_office_address PRIMARY KEY (office_id, valid_until)
    )
    """,
    f"""
    CREATE TABLE office_owner (
        office_id integer CONSTRAINT fk_office_owner_office_id REFERENCES office,
        owner_kind text NOT NULL CHECK (owner_kind IN {_OWNERS}),
        name text,
        person uuid,
        reference text,
        {_PAST},
        CONSTRAINT pk_office_owner PRIMARY KEY (office_id, valid_until)
    )
    """,
    """
    CREATE TABLE office_plan (
        office_id integer CONSTRAINT fk_office_plan_office_id REFERENCES office,
        change text CHECK (change IN ('conversion', 'relocation', 'transfer')),
        due_on date NOT NULL,
        details jsonb NOT NULL,
        planned_by text NOT NULL,
        planned_at timestamptz NOT NULL,
        CONSTRAINT pk_office_plan PRIMARY KEY (office_id, change)
    )
    """,
    "CREATE INDEX ix_office_plan_due_on ON office_plan (due_on, office_id)",
    """
    CREATE TABLE area (
        office_id integer CONSTRAINT pk_area PRIMARY KEY
            CONSTRAINT fk_area_office_id REFERENCES office,
        version integer NOT NULL CHECK (version > 0),
        updated_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE area_range (
        office_id integer CONSTRAINT fk_area_range_office_id REFERENCES area,
        codes int8range NOT NULL CHECK (codes <@ int8range(0, 10000000000) AND NOT isempty(codes)),
        CONSTRAINT pk_area_range PRIMARY KEY (office_id, codes)
    )
    """,
    "CREATE INDEX ix_area_range_codes ON area_range USING gist (codes)",
    """
    REVOKE UPDATE, DELETE ON office_kind_period, office_address, office_owner FROM susa_offices_app
    """,
    "REVOKE DELETE ON area FROM susa_offices_app",
)

_DOWN = (
    "DROP TABLE area_range",
    "DROP TABLE area",
    "DROP TABLE office_plan",
    "DROP TABLE office_owner",
    "DROP TABLE office_address",
    "DROP TABLE office_kind_period",
    "DROP TABLE owner_person",
    "DROP INDEX ix_office_updated_at",
    "DROP INDEX ix_office_name_key",
    """
    ALTER TABLE office
        DROP capacity_per_day, DROP capabilities, DROP owner_kind, DROP owner_name,
        DROP owner_person, DROP owner_since, DROP founded_on, DROP kind_since, DROP address_since,
        DROP CONSTRAINT office_kind_check
    """,
    """
    ALTER TABLE office ADD CONSTRAINT office_kind_check CHECK
        (kind IN ('post_office', 'agency', 'pishkhan', 'rural_ict', 'sorting_centre'))
    """,
    "DROP FUNCTION fa_key",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
