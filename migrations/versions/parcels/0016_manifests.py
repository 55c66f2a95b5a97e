"""Manifests and pickups: what a shop hands over at once, and where it is fetched."""

from typing import Final

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TABLES: Final = (
    """
    CREATE TABLE manifest (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_manifest PRIMARY KEY,
        partner uuid NOT NULL,
        office integer NOT NULL,
        status text NOT NULL CHECK (status IN ('closed', 'accepted', 'withdrawn')),
        pieces integer NOT NULL CHECK (pieces > 0),
        counted integer CHECK (counted >= 0),
        closed_at timestamptz NOT NULL,
        accepted_at timestamptz,
        accepted_office integer,
        version integer NOT NULL,
        updated_at timestamptz NOT NULL,
        CHECK ((status = 'accepted') = (counted IS NOT NULL)),
        CHECK ((status = 'accepted') = (accepted_at IS NOT NULL)),
        CHECK ((status = 'accepted') = (accepted_office IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_manifest_partner ON manifest (partner, id)",
    # goes with its items: no foreign key
    """
    CREATE TABLE manifest_item (
        item_id bigint NOT NULL,
        manifest bigint NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('announced', 'accepted', 'missing', 'withdrawn')),
        CONSTRAINT pk_manifest_item PRIMARY KEY (item_id, manifest)
    )
    """,
    "CREATE INDEX ix_manifest_item_manifest ON manifest_item (manifest, item_id)",
    """
    CREATE TABLE manifest_surplus (
        manifest bigint NOT NULL
            CONSTRAINT fk_manifest_surplus_manifest REFERENCES manifest (id),
        barcode text NOT NULL,
        CONSTRAINT pk_manifest_surplus PRIMARY KEY (manifest, barcode)
    )
    """,
    """
    CREATE TABLE pickup (
        id uuid CONSTRAINT pk_pickup PRIMARY KEY,
        partner uuid NOT NULL,
        office integer NOT NULL,
        manifest bigint CONSTRAINT fk_pickup_manifest REFERENCES manifest (id),
        pieces integer NOT NULL CHECK (pieces > 0),
        collected_pieces integer CHECK (collected_pieces >= 0),
        weight_g integer NOT NULL CHECK (weight_g > 0),
        window_from timestamptz NOT NULL,
        window_until timestamptz NOT NULL CHECK (window_until > window_from),
        status text NOT NULL
            CHECK (status IN ('requested', 'assigned', 'collected', 'missed', 'cancelled')),
        courier text CONSTRAINT fk_pickup_courier REFERENCES courier (code),
        reason text,
        requested_at timestamptz NOT NULL,
        collected_at timestamptz,
        version integer NOT NULL,
        updated_at timestamptz NOT NULL,
        CHECK ((status = 'collected') = (collected_at IS NOT NULL)),
        CHECK ((status = 'collected') = (collected_pieces IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_pickup_partner ON pickup (partner, id)",
    "CREATE INDEX ix_pickup_office ON pickup (office, id)",
    # personal: erased without touching the request
    """
    CREATE TABLE pickup_place (
        pickup uuid CONSTRAINT pk_pickup_place PRIMARY KEY,
        name text NOT NULL,
        phone text NOT NULL,
        address text NOT NULL,
        postal_code text
    )
    """,
    "REVOKE DELETE ON manifest, manifest_item, manifest_surplus, pickup FROM susa_parcels_app",
    "REVOKE UPDATE ON manifest_surplus FROM susa_parcels_app",
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    for table in ("pickup_place", "pickup", "manifest_surplus", "manifest_item", "manifest"):
        op.execute(f"DROP TABLE {table}")
