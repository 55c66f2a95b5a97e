"""Tariff: drafts, zones, surcharges and VAT as data; held quotes; recomputation and refunds."""

from typing import Final

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_VERSIONS: Final = (
    """
    ALTER TABLE tariff_version
        ADD COLUMN adds_vat boolean NOT NULL DEFAULT false,
        ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(),
        ADD COLUMN published_at timestamptz,
        ADD COLUMN published_by text,
        ADD CHECK ((published_at IS NULL) = (published_by IS NULL))
    """,
    "UPDATE tariff_version SET published_at = now(), published_by = 'installation'",
    "ALTER TABLE tariff_version ALTER adds_vat DROP DEFAULT, ALTER updated_at DROP DEFAULT",
    # of the published only: drafts may vie for a day
    "DROP INDEX ix_tariff_version_valid_from",
    """
    CREATE UNIQUE INDEX ix_tariff_version_valid_from ON tariff_version (valid_from)
        WHERE published_at IS NOT NULL
    """,
    "ALTER TABLE tariff_rate DROP CONSTRAINT tariff_rate_distance_check",
    """
    ALTER TABLE tariff_rate ADD CONSTRAINT tariff_rate_distance_check CHECK
        (distance IN ('urban', 'intra_province', 'adjacent', 'other', 'international'))
    """,
    """
    CREATE TABLE tariff_surcharge (
        version text NOT NULL
            CONSTRAINT fk_tariff_surcharge_version REFERENCES tariff_version (code),
        kind text NOT NULL CHECK
            (kind IN ('declared_value', 'cod', 'advice_of_delivery', 'oversize', 'pickup')),
        fixed_rials bigint NOT NULL CHECK (fixed_rials >= 0),
        basis_points integer NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
        free_up_to_rials bigint NOT NULL CHECK (free_up_to_rials >= 0),
        longest_mm_max integer CHECK (longest_mm_max > 0),
        girth_mm_max integer CHECK (girth_mm_max > 0),
        CONSTRAINT pk_tariff_surcharge PRIMARY KEY (version, kind)
    )
    """,
    """
    CREATE FUNCTION tariff_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.published_at IS NOT NULL THEN
            RAISE EXCEPTION 'tariff % is published: it never changes', OLD.code
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$
    """,
    # FOR SHARE: a rate cannot slip in while another transaction publishes the version
    """
    CREATE FUNCTION tariff_content_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        code_of text := CASE TG_OP WHEN 'INSERT' THEN NEW.version ELSE OLD.version END;
    BEGIN
        PERFORM FROM tariff_version WHERE code = code_of AND published_at IS NULL FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'tariff % is published: it never changes', code_of
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$
    """,
    """
    CREATE TRIGGER tariff_version_stays BEFORE UPDATE OR DELETE ON tariff_version
        FOR EACH ROW EXECUTE FUNCTION tariff_version_stays()
    """,
    """
    CREATE TRIGGER tariff_rate_stays BEFORE INSERT OR UPDATE OR DELETE ON tariff_rate
        FOR EACH ROW EXECUTE FUNCTION tariff_content_stays()
    """,
    """
    CREATE TRIGGER tariff_surcharge_stays BEFORE INSERT OR UPDATE OR DELETE ON tariff_surcharge
        FOR EACH ROW EXECUTE FUNCTION tariff_content_stays()
    """,
    "GRANT INSERT, UPDATE, DELETE ON tariff_version TO susa_parcels_app",
    "GRANT INSERT, DELETE ON tariff_rate TO susa_parcels_app",
    "REVOKE UPDATE ON tariff_surcharge FROM susa_parcels_app",
    # append-only: of two rows of a day, the one recorded last holds
    """
    CREATE TABLE vat_rate (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_vat_rate PRIMARY KEY,
        valid_from timestamptz NOT NULL,
        basis_points integer NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
        source text NOT NULL,
        recorded_at timestamptz NOT NULL,
        recorded_by text NOT NULL
    )
    """,
    "CREATE INDEX ix_vat_rate_valid_from ON vat_rate (valid_from, id)",
    "REVOKE UPDATE, DELETE ON vat_rate FROM susa_parcels_app",
)
_PARCELS: Final = (
    # what an order asks for beyond the plain; a plain one has no row
    """
    CREATE TABLE parcel_terms (
        item_id bigint CONSTRAINT pk_parcel_terms PRIMARY KEY,
        advice_of_delivery boolean NOT NULL,
        pickup boolean NOT NULL,
        length_mm integer CHECK (length_mm > 0),
        width_mm integer CHECK (width_mm > 0),
        height_mm integer CHECK (height_mm > 0),
        quote uuid
    )
    """,
    "REVOKE DELETE ON parcel_terms FROM susa_parcels_app",
    """
    CREATE TABLE quote (
        id uuid CONSTRAINT pk_quote PRIMARY KEY,
        partner uuid NOT NULL,
        asked jsonb NOT NULL,
        distance text NOT NULL,
        version text NOT NULL CONSTRAINT fk_quote_version REFERENCES tariff_version (code),
        priced_on date NOT NULL,
        price_rials bigint NOT NULL CHECK (price_rials >= 0),
        lines jsonb NOT NULL,
        held_from timestamptz NOT NULL,
        held_until timestamptz NOT NULL CHECK (held_until > held_from)
    )
    """,
    "CREATE INDEX ix_quote_held_until ON quote (held_until)",
    "REVOKE UPDATE ON quote FROM susa_parcels_app",
    # a period's bookings are found by it; they lie in the order of their booking, backfill apart
    "CREATE INDEX ix_parcel_booked_at ON parcel USING brin (booked_at)",
    """
    CREATE TABLE recomputation (
        id uuid CONSTRAINT pk_recomputation PRIMARY KEY,
        version text NOT NULL
            CONSTRAINT fk_recomputation_version REFERENCES tariff_version (code),
        booked_from timestamptz NOT NULL,
        booked_until timestamptz NOT NULL CHECK (booked_until > booked_from),
        proposes_refunds boolean NOT NULL,
        status text NOT NULL CHECK (status IN ('running', 'finished')),
        at_time timestamptz NOT NULL,
        at_item bigint NOT NULL,
        examined bigint NOT NULL CHECK (examined >= 0),
        without_price bigint NOT NULL CHECK (without_price >= 0),
        over_count bigint NOT NULL CHECK (over_count >= 0),
        over_rials bigint NOT NULL CHECK (over_rials >= 0),
        under_count bigint NOT NULL CHECK (under_count >= 0),
        under_rials bigint NOT NULL CHECK (under_rials >= 0),
        refunds_count bigint NOT NULL CHECK (refunds_count >= 0),
        refunds_rials bigint NOT NULL CHECK (refunds_rials >= 0),
        requested_by text NOT NULL,
        requested_at timestamptz NOT NULL,
        finished_at timestamptz,
        CHECK ((finished_at IS NULL) = (status = 'running'))
    )
    """,
    "CREATE INDEX ix_recomputation_running ON recomputation (id) WHERE status = 'running'",
    """
    CREATE TABLE recomputed_charge (
        recomputation uuid NOT NULL,
        overcharged boolean NOT NULL,
        item_id bigint NOT NULL,
        partner uuid NOT NULL,
        booked_tariff text NOT NULL,
        charged_rials bigint NOT NULL CHECK (charged_rials >= 0),
        due_rials bigint NOT NULL CHECK (due_rials >= 0),
        CONSTRAINT pk_recomputed_charge PRIMARY KEY (recomputation, overcharged, item_id),
        CHECK (charged_rials <> due_rials AND overcharged = (charged_rials > due_rials))
    )
    """,
    """
    CREATE TABLE refund_proposal (
        item_id bigint NOT NULL,
        recomputation uuid NOT NULL,
        partner uuid NOT NULL,
        amount_rials bigint NOT NULL CHECK (amount_rials > 0),
        proposed_at timestamptz NOT NULL,
        CONSTRAINT pk_refund_proposal PRIMARY KEY (item_id, recomputation)
    )
    """,
    "CREATE INDEX ix_refund_proposal_recomputation ON refund_proposal (recomputation, item_id)",
    "CREATE INDEX ix_refund_proposal_partner ON refund_proposal (partner, item_id, recomputation)",
    "REVOKE UPDATE, DELETE ON recomputed_charge, refund_proposal FROM susa_parcels_app",
    "REVOKE DELETE ON recomputation FROM susa_parcels_app",
)

_FIFTH_PLAN: Final = "Fifth Development Plan Act, art. 117: a point more each year"
_VAT: Final = (
    ("2008-09-21T20:30:00Z", 300, "VAT Act 1387, art. 16"),
    ("2011-03-20T20:30:00Z", 400, _FIFTH_PLAN),
    ("2012-03-19T20:30:00Z", 500, _FIFTH_PLAN),
    ("2013-03-20T20:30:00Z", 600, _FIFTH_PLAN),
    ("2014-03-20T20:30:00Z", 800, "Fifth Development Plan Act; Budget Act 1393 (health)"),
    ("2015-03-20T20:30:00Z", 900, "Fifth Development Plan Act; since 1400 the VAT Act, art. 7"),
    ("2024-03-19T20:30:00Z", 1000, "Budget Act 1403"),
)
"""From when, in hundredths of a per cent, by which act. Each begins a day in Tehran."""


def upgrade() -> None:
    for statement in (*_VERSIONS, *_PARCELS):
        op.execute(statement)
    rows = ", ".join(
        f"('{at}', {points}, '{source}', now(), 'installation')" for at, points, source in _VAT
    )
    op.execute(
        "INSERT INTO vat_rate (valid_from, basis_points, source, recorded_at, recorded_by)"
        f" VALUES {rows}"
    )


def downgrade() -> None:
    for table in (
        "refund_proposal",
        "recomputed_charge",
        "recomputation",
        "quote",
        "parcel_terms",
        "vat_rate",
        "tariff_surcharge",
    ):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP INDEX ix_parcel_booked_at")
    op.execute("DROP TRIGGER tariff_rate_stays ON tariff_rate")
    op.execute("DROP TRIGGER tariff_version_stays ON tariff_version")
    op.execute("DROP FUNCTION tariff_content_stays()")
    op.execute("DROP FUNCTION tariff_version_stays()")
    # what the schema before cannot say is lost: drafts, and the two classes it did not know
    op.execute(
        "DELETE FROM tariff_rate WHERE distance IN ('urban', 'international') OR version IN"
        " (SELECT code FROM tariff_version WHERE published_at IS NULL)"
    )
    op.execute("DELETE FROM tariff_version WHERE published_at IS NULL")
    op.execute("ALTER TABLE tariff_rate DROP CONSTRAINT tariff_rate_distance_check")
    op.execute(
        "ALTER TABLE tariff_rate ADD CONSTRAINT tariff_rate_distance_check"
        " CHECK (distance IN ('intra_province', 'adjacent', 'other'))"
    )
    op.execute("DROP INDEX ix_tariff_version_valid_from")
    op.execute("CREATE UNIQUE INDEX ix_tariff_version_valid_from ON tariff_version (valid_from)")
    op.execute(
        "ALTER TABLE tariff_version DROP COLUMN adds_vat, DROP COLUMN updated_at,"
        " DROP COLUMN published_at, DROP COLUMN published_by"
    )
    op.execute("REVOKE INSERT, UPDATE, DELETE ON tariff_version, tariff_rate FROM susa_parcels_app")
