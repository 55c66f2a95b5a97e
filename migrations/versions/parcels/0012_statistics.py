"""Statistics in full: roll-ups by dimension, an item's own contribution, populations, targets.

`volume_daily` becomes a dimension of the new roll-ups. What was counted before is counted again by
the worker, from the items (`statistics_state.recount_from`), and the tasks from the scans: that
roll-up began empty on databases older than it. Until then reports say no `as_of`.
"""

from typing import Final

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ROLL_UPS: Final = ("transit_daily", "transit_monthly")
_ROLL_UP: Final = """
CREATE TABLE {name} (
    dimension smallint NOT NULL,
    day date NOT NULL,
    key text NOT NULL,
    product smallint NOT NULL,
    accepted integer NOT NULL,
    delivered integer NOT NULL,
    returned integer NOT NULL,
    lost integer NOT NULL,
    destroyed integer NOT NULL,
    promised integer NOT NULL,
    within integer NOT NULL,
    minutes bigint NOT NULL,
    hours integer[],
    CONSTRAINT pk_{name} PRIMARY KEY (dimension, day, key, product)
) WITH (fillfactor = 50)
"""

_TABLES: Final = (
    *(_ROLL_UP.format(name=name) for name in _ROLL_UPS),
    # room in the page for the one change that most rows see: the item's end
    """
    CREATE TABLE item_contribution (
        item_id bigint CONSTRAINT pk_item_contribution PRIMARY KEY,
        accepted_on date NOT NULL,
        ended_on date,
        office integer NOT NULL,
        minutes integer CHECK (minutes >= 0),
        product smallint NOT NULL,
        channel smallint NOT NULL,
        direction smallint NOT NULL,
        outcome smallint,
        within boolean,
        origin text NOT NULL,
        destination text NOT NULL,
        CHECK ((ended_on IS NULL) = (outcome IS NULL))
    ) WITH (fillfactor = 80)
    """,
    "CREATE INDEX ix_item_contribution_accepted_on ON item_contribution USING brin (accepted_on)",
    "CREATE INDEX ix_item_contribution_ended_on ON item_contribution USING brin (ended_on)",
    """
    CREATE TABLE county_population (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_county_population PRIMARY KEY,
        county text NOT NULL,
        valid_from date NOT NULL,
        people bigint NOT NULL CHECK (people > 0),
        source text NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL
    )
    """,
    "CREATE INDEX ix_county_population_county ON county_population (county, valid_from, id)",
    """
    CREATE TABLE target (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_target PRIMARY KEY,
        period text NOT NULL,
        measure text NOT NULL CHECK (measure IN ('accepted', 'delivered', 'within_promise')),
        county text NOT NULL,
        product smallint NOT NULL,
        value bigint CHECK (value > 0),
        reason text,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL
    )
    """,
    "CREATE INDEX ix_target_period ON target (period, measure, county, product, id)",
    "REVOKE UPDATE, DELETE ON county_population, target FROM susa_parcels_app",
    """
    ALTER TABLE statistics_state ADD COLUMN recount_from bigint,
        ADD COLUMN recount_tasks boolean NOT NULL DEFAULT false
    """,
    """
    UPDATE statistics_state SET recount_from = 0, recount_tasks = true
    WHERE EXISTS (SELECT FROM parcel)
    """,
    "DROP TABLE volume_daily",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        """
        CREATE TABLE volume_daily (
            day date NOT NULL,
            product smallint NOT NULL,
            channel smallint NOT NULL,
            items bigint NOT NULL,
            CONSTRAINT pk_volume_daily PRIMARY KEY (day, product, channel)
        ) WITH (fillfactor = 50)
        """
    )
    op.execute(
        "INSERT INTO volume_daily (day, product, channel, items)"
        " SELECT accepted_on, product, channel, count(*) FROM item_contribution GROUP BY 1, 2, 3"
    )
    op.execute("ALTER TABLE statistics_state DROP COLUMN recount_from, DROP COLUMN recount_tasks")
    for table in ("target", "county_population", "item_contribution", *_ROLL_UPS):
        op.execute(f"DROP TABLE {table}")
