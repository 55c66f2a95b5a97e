"""Bags with their events and contents, dispatches, operators, pre-advice, counted mail.

Tables led by an item id have no foreign key nor further unique index.
"""

from typing import Final

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_EXCHANGE: Final = (
    """
    CREATE TABLE operator (
        id integer GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_operator PRIMARY KEY,
        code text NOT NULL,
        name text NOT NULL,
        country text NOT NULL,
        valid_from date NOT NULL,
        valid_until date,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL,
        CHECK (valid_until >= valid_from)
    )
    """,
    "CREATE UNIQUE INDEX ix_operator_code ON operator (code)",
    """
    CREATE TABLE dispatch (
        id uuid CONSTRAINT pk_dispatch PRIMARY KEY,
        from_office integer NOT NULL,
        to_office integer,
        operator integer CONSTRAINT fk_dispatch_operator REFERENCES operator (id),
        series text,
        year smallint,
        number smallint,
        status text NOT NULL CHECK (status IN ('open', 'closed', 'handed_over')),
        bags integer NOT NULL,
        receipt text,
        handed_over_at timestamptz,
        created_at timestamptz NOT NULL,
        created_by text NOT NULL,
        updated_at timestamptz NOT NULL,
        CHECK ((to_office IS NULL) <> (operator IS NULL)),
        CHECK ((series IS NULL) = (year IS NULL) AND (series IS NULL) = (number IS NULL)),
        CHECK ((status = 'handed_over') = (receipt IS NOT NULL))
    )
    """,
    # the first 20 characters of S8: the last digit of the year returns after ten
    """
    CREATE UNIQUE INDEX ix_dispatch_series ON dispatch (series, year, number)
        WHERE series IS NOT NULL
    """,
    """
    CREATE UNIQUE INDEX ix_dispatch_receipt ON dispatch (operator, receipt)
        WHERE receipt IS NOT NULL
    """,
    """
    CREATE TABLE pre_advice (
        id uuid CONSTRAINT pk_pre_advice PRIMARY KEY,
        operator integer NOT NULL CONSTRAINT fk_pre_advice_operator REFERENCES operator (id),
        dispatch text NOT NULL,
        year smallint NOT NULL,
        items integer NOT NULL,
        received_at timestamptz NOT NULL,
        recorded_by text NOT NULL
    )
    """,
    """
    CREATE UNIQUE INDEX ix_pre_advice_dispatch ON pre_advice (operator, dispatch, year)
    """,
    "CREATE INDEX ix_pre_advice_of ON pre_advice (dispatch, id)",
    """
    CREATE TABLE pre_advice_item (
        pre_advice uuid NOT NULL
            CONSTRAINT fk_pre_advice_item_pre_advice REFERENCES pre_advice (id),
        barcode text NOT NULL,
        code text NOT NULL,
        receptacle text,
        listed boolean NOT NULL,
        seen_at timestamptz,
        CONSTRAINT pk_pre_advice_item PRIMARY KEY (pre_advice, barcode),
        CHECK (listed OR seen_at IS NOT NULL)
    )
    """,
    """
    CREATE INDEX ix_pre_advice_item_barcode ON pre_advice_item (barcode) WHERE seen_at IS NULL
    """,
    """
    CREATE TABLE item_direction (
        item_id bigint CONSTRAINT pk_item_direction PRIMARY KEY,
        direction smallint NOT NULL
    )
    """,
    "REVOKE DELETE ON operator, dispatch, pre_advice, pre_advice_item FROM susa_parcels_app",
)
_BAGS: Final = (
    """
    CREATE TABLE bag (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_bag PRIMARY KEY,
        receptacle text,
        from_office integer,
        to_office integer,
        status smallint NOT NULL,
        office integer,
        seal text,
        weight_g integer CHECK (weight_g > 0),
        dispatch uuid CONSTRAINT fk_bag_dispatch REFERENCES dispatch (id),
        version integer NOT NULL,
        created_at timestamptz NOT NULL,
        created_by text NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX ix_bag_receptacle ON bag (receptacle, id) WHERE receptacle IS NOT NULL",
    "CREATE INDEX ix_bag_dispatch ON bag (dispatch, id) WHERE dispatch IS NOT NULL",
    "CREATE INDEX ix_bag_to_office ON bag (to_office, id)",
    "CREATE INDEX ix_bag_from_office ON bag (from_office, id)",
    # `at` is the time that counts: min(occurred_at, recorded_at + 5 min)
    """
    CREATE TABLE bag_event (
        bag bigint NOT NULL,
        event_id uuid NOT NULL,
        event smallint NOT NULL,
        flagged boolean NOT NULL,
        office integer,
        operator integer,
        at timestamptz NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        actor uuid,
        seal text,
        trip text,
        device text,
        CONSTRAINT pk_bag_event PRIMARY KEY (bag, event_id)
    )
    """,
    """
    CREATE TABLE bag_packing (
        item_id bigint NOT NULL,
        event_id uuid NOT NULL,
        bag bigint NOT NULL,
        packed boolean NOT NULL,
        flagged boolean NOT NULL,
        office integer,
        at timestamptz NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        actor uuid,
        CONSTRAINT pk_bag_packing PRIMARY KEY (item_id, event_id)
    )
    """,
    # what follows from them: when an item was in which bag, both ends included
    """
    CREATE TABLE bag_member (
        item_id bigint NOT NULL,
        bag bigint NOT NULL,
        from_at timestamptz NOT NULL,
        until_at timestamptz NOT NULL,
        CONSTRAINT pk_bag_member PRIMARY KEY (item_id, bag, from_at)
    )
    """,
    "CREATE INDEX ix_bag_member_bag ON bag_member (bag, item_id)",
    """
    CREATE TABLE bag_discrepancy (
        bag bigint NOT NULL,
        event_id uuid NOT NULL,
        kind text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_bag_discrepancy PRIMARY KEY (bag, event_id, kind)
    )
    """,
    "REVOKE UPDATE, DELETE ON bag_event, bag_packing FROM susa_parcels_app",
    "REVOKE DELETE ON bag, bag_discrepancy FROM susa_parcels_app",
    # an item's own scans and the events of the bags it was in, in one; OFFSET 0: from the item's
    # stays to the bags' events by their key, whatever the statistics of new tables say
    """
    CREATE VIEW item_event AS
    SELECT item_id, event_id, event, flagged, office, NULL::integer AS operator, occurred_at,
        recorded_at, actor, reason, action, device, NULL::bigint AS bag
    FROM scan_event
    UNION ALL
    SELECT m.item_id, b.event_id, b.event, b.flagged, b.office, b.operator, b.occurred_at,
        b.recorded_at, b.actor, NULL, NULL, b.device, b.bag
    FROM bag_member m CROSS JOIN LATERAL (
        SELECT * FROM bag_event e
        WHERE e.bag = m.bag AND e.at >= m.from_at AND e.at <= m.until_at
            AND e.event IN (20, 30, 35, 40)
        OFFSET 0
    ) b
    """,
    "GRANT SELECT ON item_event TO susa_parcels_app",
)
_COUNTED: Final = (
    """
    CREATE TABLE counted_consignment (
        id uuid CONSTRAINT pk_counted_consignment PRIMARY KEY,
        office integer NOT NULL,
        reference text NOT NULL,
        product smallint NOT NULL,
        kind text NOT NULL CHECK (kind IN ('letters', 'newspapers', 'printed_matter')),
        direction smallint NOT NULL,
        to_office integer,
        bag bigint CONSTRAINT fk_counted_consignment_bag REFERENCES bag (id),
        day date NOT NULL,
        items integer NOT NULL CHECK (items > 0),
        weight_g bigint NOT NULL CHECK (weight_g > 0),
        reverses uuid CONSTRAINT fk_counted_consignment_reverses
            REFERENCES counted_consignment (id),
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL
    )
    """,
    """
    CREATE UNIQUE INDEX ix_counted_consignment_reference
        ON counted_consignment (office, reference)
    """,
    """
    CREATE UNIQUE INDEX ix_counted_consignment_reverses ON counted_consignment (reverses)
        WHERE reverses IS NOT NULL
    """,
    "CREATE INDEX ix_counted_consignment_day ON counted_consignment (day, id)",
    "CREATE INDEX ix_counted_consignment_office ON counted_consignment (office, day, id)",
    """
    CREATE TABLE counted_daily (
        day date NOT NULL,
        office integer NOT NULL,
        product smallint NOT NULL,
        kind text NOT NULL,
        direction smallint NOT NULL,
        items bigint NOT NULL,
        weight_g bigint NOT NULL,
        consignments bigint NOT NULL,
        CONSTRAINT pk_counted_daily PRIMARY KEY (day, office, product, kind, direction)
    ) WITH (fillfactor = 50)
    """,
    "REVOKE UPDATE, DELETE ON counted_consignment FROM susa_parcels_app",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*_EXCHANGE, *_BAGS, *_COUNTED):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP VIEW item_event")
    for table in (
        "counted_daily",
        "counted_consignment",
        "bag_discrepancy",
        "bag_member",
        "bag_packing",
        "bag_event",
        "bag",
        "item_direction",
        "pre_advice_item",
        "pre_advice",
        "dispatch",
        "operator",
    ):
        op.execute(f"DROP TABLE {table}")
