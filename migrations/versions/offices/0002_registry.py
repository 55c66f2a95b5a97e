"""Registry: towns, offices, their status changes.

Nearest uses `cube`, which a database's owner may create (a trusted extension); `earthdistance`
may be created by superusers only, so its one function that is needed is written here.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_UP = (
    "CREATE EXTENSION IF NOT EXISTS cube",
    """
    CREATE FUNCTION earth_point(latitude double precision, longitude double precision)
    RETURNS cube LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN cube(ARRAY[
        cos(radians(latitude)) * cos(radians(longitude)),
        cos(radians(latitude)) * sin(radians(longitude)),
        sin(radians(latitude))])
    """,
    """
    CREATE TABLE town (
        slug text CONSTRAINT pk_town PRIMARY KEY,
        name text NOT NULL,
        name_en text NOT NULL,
        county text NOT NULL,
        province text NOT NULL,
        latitude double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
        longitude double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180),
        population integer NOT NULL CHECK (population >= 0)
    )
    """,
    "CREATE SEQUENCE office_number MAXVALUE 99999",
    """
    CREATE TABLE office (
        id integer CONSTRAINT pk_office PRIMARY KEY,
        code text NOT NULL CONSTRAINT uq_office_code UNIQUE,
        source_key text CONSTRAINT uq_office_source_key UNIQUE,
        name text NOT NULL,
        kind text NOT NULL CHECK
            (kind IN ('post_office', 'agency', 'pishkhan', 'rural_ict', 'sorting_centre')),
        town text NOT NULL CONSTRAINT fk_office_town REFERENCES town,
        address text NOT NULL,
        postal_code text NOT NULL CHECK (postal_code ~ '^[0-9]{10}$'),
        latitude double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
        longitude double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180),
        hours jsonb NOT NULL,
        status text NOT NULL CHECK (status IN ('active', 'suspended', 'closed')),
        sorting_centre text CONSTRAINT fk_office_sorting_centre REFERENCES office (code),
        version integer NOT NULL CHECK (version > 0),
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CHECK (kind <> 'sorting_centre' OR sorting_centre IS NULL)
    )
    """,
    "ALTER SEQUENCE office_number OWNED BY office.id",
    "CREATE INDEX ix_office_town ON office (town)",
    "CREATE INDEX ix_office_sorting_centre ON office (sorting_centre)",
    "CREATE INDEX ix_office_point ON office USING gist (earth_point(latitude, longitude))",
    """
    CREATE TABLE office_status_change (
        office_id integer CONSTRAINT fk_office_status_change_office_id REFERENCES office,
        version integer,
        status text NOT NULL CHECK (status IN ('active', 'suspended', 'closed')),
        reason text,
        changed_by text NOT NULL,
        changed_at timestamptz NOT NULL,
        CONSTRAINT pk_office_status_change PRIMARY KEY (office_id, version)
    )
    """,
    "REVOKE UPDATE, DELETE ON office_status_change FROM susa_offices_app",
    "REVOKE DELETE ON office FROM susa_offices_app",
)

_DOWN = (
    "DROP TABLE office_status_change",
    "DROP TABLE office",  # and its sequence
    "DROP TABLE town",
    "DROP FUNCTION earth_point",
    "DROP EXTENSION cube",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
