"""Parcels: offices' replica, tariff, items, scans, roll-ups; and the tariff's seed."""

from typing import Final

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES: Final = (
    """
    CREATE TABLE office (
        id integer CONSTRAINT pk_office PRIMARY KEY,
        code text NOT NULL,
        name text NOT NULL,
        kind text NOT NULL,
        town text NOT NULL,
        town_name text NOT NULL,
        county text NOT NULL,
        province text NOT NULL,
        latitude double precision NOT NULL,
        longitude double precision NOT NULL,
        active boolean NOT NULL,
        version bigint NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX ix_office_code ON office (code)",
    """
    CREATE TABLE tariff_version (
        code text CONSTRAINT pk_tariff_version PRIMARY KEY,
        valid_from timestamptz NOT NULL,
        source text NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX ix_tariff_version_valid_from ON tariff_version (valid_from)",
    """
    CREATE TABLE tariff_rate (
        version text NOT NULL
            CONSTRAINT fk_tariff_rate_version REFERENCES tariff_version (code),
        product smallint NOT NULL,
        distance text NOT NULL CHECK (distance IN ('intra_province', 'adjacent', 'other')),
        max_weight_g integer NOT NULL CHECK (max_weight_g > 0),
        price_rials bigint NOT NULL CHECK (price_rials > 0),
        per_kg_rials bigint CHECK (per_kg_rials > 0),
        CONSTRAINT pk_tariff_rate PRIMARY KEY (version, product, distance, max_weight_g)
    )
    """,
    "CREATE SEQUENCE item_serial_block",
    # fillfactor: a scan rewrites its item's row; with room in the page no index is touched (HOT)
    """
    CREATE TABLE parcel (
        item_id bigint CONSTRAINT pk_parcel PRIMARY KEY,
        partner uuid NOT NULL,
        reference text,
        product smallint NOT NULL,
        channel smallint NOT NULL,
        status smallint NOT NULL,
        version integer NOT NULL,
        weight_g integer CHECK (weight_g > 0),
        origin_office integer,
        to_province text,
        to_town text,
        price_rials bigint NOT NULL CHECK (price_rials >= 0),
        tariff text,
        declared_value_rials bigint NOT NULL CHECK (declared_value_rials >= 0),
        cod_rials bigint NOT NULL CHECK (cod_rials >= 0),
        backfill boolean NOT NULL,
        custodian smallint,
        custodian_id bigint,
        booked_at timestamptz NOT NULL,
        accepted_at timestamptz,
        ended_at timestamptz,
        updated_at timestamptz NOT NULL,
        fold_at timestamptz,
        fold_event smallint,
        fold_event_id uuid,
        CHECK ((accepted_at IS NULL) = (custodian IS NULL))
    ) WITH (fillfactor = 50)
    """,
    "CREATE INDEX ix_parcel_partner ON parcel (partner, item_id)",
    # by reference, cancelled ones too; partner_reference has the live ones only
    "CREATE INDEX ix_parcel_reference ON parcel (partner, reference) WHERE reference IS NOT NULL",
    "CREATE INDEX ix_parcel_updated_at ON parcel USING brin (updated_at)",
    """
    CREATE TABLE parcel_party (
        item_id bigint CONSTRAINT pk_parcel_party PRIMARY KEY,
        sender_name text NOT NULL,
        sender_phone text NOT NULL,
        sender_address text NOT NULL,
        sender_postal_code text,
        recipient_name text NOT NULL,
        recipient_phone text NOT NULL,
        recipient_address text NOT NULL,
        recipient_postal_code text
    )
    """,
    """
    CREATE TABLE partner_reference (
        partner uuid NOT NULL,
        reference text NOT NULL,
        item_id bigint NOT NULL,
        CONSTRAINT pk_partner_reference PRIMARY KEY (partner, reference)
    )
    """,
    """
    CREATE TABLE item_alias (
        code text CONSTRAINT pk_item_alias PRIMARY KEY,
        item_id bigint NOT NULL
    )
    """,
    """
    CREATE TABLE scan_event (
        item_id bigint NOT NULL,
        event_id uuid NOT NULL,
        event smallint NOT NULL,
        flagged boolean NOT NULL,
        office integer,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        actor uuid,
        reason text,
        action text,
        device text,
        CONSTRAINT pk_scan_event PRIMARY KEY (item_id, event_id)
    )
    """,
    """
    CREATE TABLE discrepancy (
        item_id bigint NOT NULL,
        event_id uuid NOT NULL,
        kind text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_discrepancy PRIMARY KEY (item_id, event_id, kind)
    )
    """,
    """
    CREATE TABLE unmatched_scan (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_unmatched_scan PRIMARY KEY,
        barcode text NOT NULL,
        event_id uuid NOT NULL,
        reason text NOT NULL,
        scan json NOT NULL,
        recorded_at timestamptz NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX ix_unmatched_scan_barcode ON unmatched_scan (barcode, event_id)",
    """
    CREATE TABLE volume_daily (
        day date NOT NULL,
        product smallint NOT NULL,
        channel smallint NOT NULL,
        items bigint NOT NULL,
        CONSTRAINT pk_volume_daily PRIMARY KEY (day, product, channel)
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE statistics_state (
        id smallint CONSTRAINT pk_statistics_state PRIMARY KEY CHECK (id = 1),
        as_of timestamptz
    )
    """,
    "INSERT INTO statistics_state (id) VALUES (1)",
    # physical facts are never deleted, nor rewritten
    "REVOKE UPDATE, DELETE ON scan_event FROM susa_parcels_app",
    "REVOKE DELETE ON parcel, discrepancy, unmatched_scan FROM susa_parcels_app",
    "REVOKE INSERT, UPDATE, DELETE ON tariff_version, tariff_rate FROM susa_parcels_app",
)

_DISTANCES: Final = ("intra_province", "adjacent", "other")
_EXAMPLE: Final = "1395-example"
# (product, [(up to grams, prices by distance)], rials per further kg). Express (3) is the post's
# published table (FACTS); the other rows are examples in its proportions, for an operator to
# replace by a version of its own.
_RATES: Final = (
    (
        3,
        [
            (500, (57_500, 78_000, 84_000)),
            (1000, (74_000, 100_000, 112_000)),
            (2000, (98_000, 127_000, 140_000)),
        ],
        25_000,
    ),
    (
        4,
        [
            (500, (86_000, 117_000, 126_000)),
            (1000, (111_000, 150_000, 168_000)),
            (2000, (147_000, 190_000, 210_000)),
        ],
        38_000,
    ),
    (
        2,
        [
            (500, (38_000, 46_000, 52_000)),
            (1000, (51_000, 62_000, 70_000)),
            (2000, (68_000, 84_000, 95_000)),
        ],
        18_000,
    ),
    (
        1,
        [
            (500, (15_000, 18_000, 21_000)),
            (1000, (24_000, 29_000, 34_000)),
            (2000, (37_000, 45_000, 52_000)),
        ],
        12_000,
    ),
    (
        5,
        [
            (1000, (60_000, 75_000, 88_000)),
            (2000, (78_000, 97_000, 113_000)),
            (5000, (125_000, 155_000, 182_000)),
        ],
        16_000,
    ),
    (
        6,
        [
            (500, (9_000, 11_000, 13_000)),
            (1000, (14_000, 17_000, 20_000)),
            (2000, (22_000, 27_000, 32_000)),
        ],
        8_000,
    ),
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    op.execute(
        f"INSERT INTO tariff_version (code, valid_from, source) VALUES ('{_EXAMPLE}',"
        " '2016-03-19T20:30:00Z', 'express: published table; other products: examples')"
    )
    rows = ", ".join(
        f"('{_EXAMPLE}', {product}, '{distance}', {grams}, {prices[n]}, {per_kg})"
        for product, steps, per_kg in _RATES
        for grams, prices in steps
        for n, distance in enumerate(_DISTANCES)
    )
    op.execute(
        "INSERT INTO tariff_rate (version, product, distance, max_weight_g, price_rials,"
        f" per_kg_rials) VALUES {rows}"
    )


def downgrade() -> None:
    for table in (
        "statistics_state",
        "volume_daily",
        "unmatched_scan",
        "discrepancy",
        "scan_event",
        "item_alias",
        "partner_reference",
        "parcel_party",
        "parcel",
        "tariff_rate",
        "tariff_version",
        "office",
    ):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP SEQUENCE item_serial_block")
