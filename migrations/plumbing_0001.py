"""The plumbing tables as every service's first migration makes them (shared/tables.py). Frozen."""

from typing import Final

from alembic import op

_TABLES: Final = (
    """
    CREATE TABLE clock (
        id smallint CONSTRAINT pk_clock PRIMARY KEY CHECK (id = 1),
        mode text NOT NULL CHECK (mode IN ('wall', 'backfill', 'sandbox')),
        at timestamptz,
        CHECK ((mode = 'wall') = (at IS NULL))
    )
    """,
    "INSERT INTO clock (id, mode) VALUES (1, 'wall')",
    """
    CREATE TABLE outbox (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_outbox PRIMARY KEY,
        event_id uuid NOT NULL DEFAULT uuidv7(),
        type text NOT NULL,
        subject text,
        time timestamptz NOT NULL,
        data json NOT NULL
    ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500)
    """,
    """
    CREATE TABLE feed (
        position bigint CONSTRAINT pk_feed PRIMARY KEY,
        event_id uuid NOT NULL,
        type text NOT NULL,
        subject text,
        time timestamptz NOT NULL,
        data json NOT NULL
    ) PARTITION BY RANGE (position)
    """,
    """
    CREATE TABLE feed_head (
        id smallint CONSTRAINT pk_feed_head PRIMARY KEY CHECK (id = 1),
        epoch uuid NOT NULL,
        position bigint NOT NULL CHECK (position >= 0),
        floor bigint NOT NULL CHECK (floor >= 0 AND floor <= position)
    ) WITH (fillfactor = 10)
    """,
    # a batch's events are stored as they are: compressing them costs more than writing them
    "ALTER TABLE outbox ALTER COLUMN data SET STORAGE EXTERNAL",
    "ALTER TABLE feed ALTER COLUMN data SET STORAGE EXTERNAL",
    "INSERT INTO feed_head (id, epoch, position, floor) VALUES (1, gen_random_uuid(), 0, 0)",
    """
    CREATE TABLE feed_consumer (
        name text CONSTRAINT pk_feed_consumer PRIMARY KEY,
        position bigint NOT NULL,
        seen_at timestamptz NOT NULL DEFAULT now()
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE feed_cursor (
        consumer text CONSTRAINT pk_feed_cursor PRIMARY KEY,
        epoch uuid,
        position bigint NOT NULL
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE quarantine (
        consumer text,
        epoch uuid,
        position bigint,
        event json NOT NULL,
        error text NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_quarantine PRIMARY KEY (consumer, epoch, position)
    )
    """,
    """
    CREATE TABLE idempotency (
        caller text,
        operation text,
        key text CHECK (length(key) BETWEEN 1 AND 255),
        fingerprint bytea NOT NULL,
        status smallint NOT NULL,
        headers json NOT NULL,
        body bytea NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT pk_idempotency PRIMARY KEY (caller, operation, key)
    )
    """,
    "CREATE INDEX ix_idempotency_expires_at ON idempotency (expires_at)",
)

# The app's role owns nothing: partitions are made and dropped by these functions as their owner.
_FUNCTIONS: Final = (
    """
    CREATE FUNCTION feed_extend() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    DECLARE
        step CONSTANT bigint := 1000000;
        slot bigint;
    BEGIN
        PERFORM pg_advisory_xact_lock(1347615235);
        SELECT position / step INTO slot FROM feed_head;
        FOR n IN slot .. slot + 1 LOOP
            IF to_regclass(format('feed_p%s', n)) IS NULL THEN
                EXECUTE format(
                    'CREATE TABLE feed_p%s PARTITION OF feed FOR VALUES FROM (%s) TO (%s)',
                    n, n * step, (n + 1) * step);
            END IF;
        END LOOP;
    END $$
    """,
    # a partition goes when every registered consumer has passed its end; the head's stays
    """
    CREATE FUNCTION feed_trim() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    DECLARE
        step CONSTANT bigint := 1000000;
        safe bigint;
        lowest bigint;
    BEGIN
        PERFORM pg_advisory_xact_lock(1347615235);
        SELECT least(h.position, coalesce((SELECT min(position) FROM feed_consumer), 0)), h.floor
            INTO safe, lowest FROM feed_head h;
        FOR n IN lowest / step .. safe / step - 1 LOOP
            IF to_regclass(format('feed_p%s', n)) IS NOT NULL THEN
                EXECUTE format('DROP TABLE feed_p%s', n);
            END IF;
            lowest := (n + 1) * step - 1;
        END LOOP;
        UPDATE feed_head SET floor = lowest WHERE floor <> lowest;
        RETURN lowest;
    END $$
    """,
    "SELECT feed_extend()",
)


def create() -> None:
    for statement in (*_TABLES, *_FUNCTIONS):
        op.execute(statement)


def drop() -> None:
    op.execute("DROP FUNCTION feed_trim()")
    op.execute("DROP FUNCTION feed_extend()")
    for table in (
        "idempotency",
        "quarantine",
        "feed_cursor",
        "feed_consumer",
        "feed_head",
        "feed",
        "outbox",
        "clock",
    ):
        op.execute(f"DROP TABLE {table}")
