"""Lines, vehicles, trips; what offices ride to their centres by; next hops; flows of a month."""

from typing import Final

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLES: Final = (
    # who sorts for an office; null until offices tell of it again (then the nearest centre does)
    "ALTER TABLE office ADD COLUMN sorting_centre text",
    # a line's timetable on the days from valid_from to valid_until; `days`: bit n is date.weekday()
    """
    CREATE TABLE line (
        code text NOT NULL,
        valid_from date NOT NULL,
        valid_until date CHECK (valid_until >= valid_from),
        name text NOT NULL,
        mode text NOT NULL CHECK (mode IN ('road', 'rail', 'air')),
        days smallint NOT NULL CHECK (days BETWEEN 1 AND 127),
        calls jsonb NOT NULL,
        capacity_items integer NOT NULL CHECK (capacity_items > 0),
        capacity_kg integer NOT NULL CHECK (capacity_kg > 0),
        distance_km integer NOT NULL CHECK (distance_km > 0),
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL,
        CONSTRAINT pk_line PRIMARY KEY (code, valid_from)
    )
    """,
    # append-only: of two rows of an office and a day, the one recorded last holds
    """
    CREATE TABLE feeder_rule (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_feeder_rule PRIMARY KEY,
        office text,
        valid_from date NOT NULL,
        days smallint NOT NULL CHECK (days BETWEEN 1 AND 127),
        collected_min integer NOT NULL CHECK (collected_min >= 0),
        at_centre_min integer NOT NULL CHECK (at_centre_min > collected_min),
        sent_out_min integer NOT NULL CHECK (sent_out_min >= 0),
        at_office_min integer NOT NULL CHECK (at_office_min > sent_out_min),
        round_leaves_min integer NOT NULL CHECK (round_leaves_min >= 0),
        round_back_min integer NOT NULL CHECK (round_back_min > round_leaves_min),
        sorting_min integer NOT NULL CHECK (sorting_min >= 0),
        source text NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL
    )
    """,
    "REVOKE UPDATE, DELETE ON feeder_rule FROM susa_parcels_app",
    """
    INSERT INTO feeder_rule (office, valid_from, days, collected_min, at_centre_min, sent_out_min,
        at_office_min, round_leaves_min, round_back_min, sorting_min, source, recorded_at,
        recorded_by)
    VALUES (NULL, '2016-03-20', 111, 900, 1140, 360, 450, 510, 840, 60,
        'example: collected at 15:00 of each day but Friday, delivered the morning after',
        now(), 'installation')
    """,
    """
    CREATE TABLE vehicle (
        code text CONSTRAINT pk_vehicle PRIMARY KEY,
        plate text NOT NULL,
        mode text NOT NULL CHECK (mode IN ('road', 'rail', 'air')),
        capacity_items integer NOT NULL CHECK (capacity_items > 0),
        capacity_kg integer NOT NULL CHECK (capacity_kg > 0),
        active boolean NOT NULL,
        version integer NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE trip (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_trip PRIMARY KEY,
        line text NOT NULL,
        day date NOT NULL,
        status text NOT NULL CHECK (status IN ('planned', 'departed', 'arrived', 'cancelled')),
        vehicle text CONSTRAINT fk_trip_vehicle REFERENCES vehicle (code),
        mode text NOT NULL,
        capacity_items integer NOT NULL CHECK (capacity_items > 0),
        capacity_kg integer NOT NULL CHECK (capacity_kg > 0),
        distance_km integer NOT NULL CHECK (distance_km > 0),
        driven_km integer CHECK (driven_km >= 0),
        reason text,
        delay_min integer NOT NULL,
        due_at timestamptz,
        told_late boolean NOT NULL,
        version integer NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT uq_trip_day_line UNIQUE (day, line)
    )
    """,
    "CREATE INDEX ix_trip_line ON trip (line, day)",
    "CREATE INDEX ix_trip_vehicle ON trip (vehicle, day)",
    "CREATE INDEX ix_trip_due_at ON trip (due_at) WHERE due_at IS NOT NULL",
    """
    CREATE INDEX ix_trip_amiss ON trip (day)
        WHERE status = 'cancelled' OR (status = 'departed' AND delay_min > 0)
    """,
    "REVOKE DELETE ON vehicle, trip FROM susa_parcels_app",
    """
    CREATE TABLE trip_call (
        trip bigint NOT NULL CONSTRAINT fk_trip_call_trip REFERENCES trip (id),
        n smallint NOT NULL,
        office text NOT NULL,
        arrives_at timestamptz,
        departs_at timestamptz,
        arrived_at timestamptz,
        departed_at timestamptz,
        items integer CHECK (items >= 0),
        weight_kg integer CHECK (weight_kg >= 0),
        CONSTRAINT pk_trip_call PRIMARY KEY (trip, n)
    )
    """,
    """
    CREATE TABLE routing_version (
        version integer CONSTRAINT pk_routing_version PRIMARY KEY,
        week_from date NOT NULL,
        fingerprint text NOT NULL,
        computed_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE next_hop (
        version integer NOT NULL
            CONSTRAINT fk_next_hop_version REFERENCES routing_version (version),
        centre text NOT NULL,
        destination text NOT NULL,
        next_office text NOT NULL,
        line text NOT NULL,
        share_percent double precision NOT NULL,
        mean_min integer NOT NULL,
        worst_min integer NOT NULL,
        CONSTRAINT pk_next_hop PRIMARY KEY (version, centre, destination)
    )
    """,
    "REVOKE UPDATE, DELETE ON routing_version, next_hop FROM susa_parcels_app",
    """
    CREATE TABLE flow_count (
        month text CONSTRAINT pk_flow_count PRIMARY KEY,
        requested_at timestamptz NOT NULL,
        counted_at timestamptz,
        items bigint NOT NULL,
        unplaced bigint NOT NULL
    )
    """,
    "REVOKE DELETE ON flow_count FROM susa_parcels_app",
    """
    CREATE TABLE flow_daily (
        month text NOT NULL,
        day date NOT NULL,
        origin text NOT NULL,
        destination text NOT NULL,
        items bigint NOT NULL CHECK (items > 0),
        CONSTRAINT pk_flow_daily PRIMARY KEY (month, day, origin, destination)
    )
    """,
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "flow_daily",
        "flow_count",
        "next_hop",
        "routing_version",
        "trip_call",
        "trip",
        "vehicle",
        "feeder_rule",
        "line",
    ):
        op.execute(f"DROP TABLE {table}")
    op.execute("ALTER TABLE office DROP COLUMN sorting_centre")
