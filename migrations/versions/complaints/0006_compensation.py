"""Compensation: rules, claims with their approvals and steps, payouts, charges back to offices.

The rules that stand at first are an example: the caps as the post published them (undated), the
shares of postage and the delays are ours, since no such rule is published.
"""

import json
from typing import Any, Final

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CAUSES: Final = (
    "'loss', 'damage', 'partial_loss', 'delay', 'cod_not_remitted', 'return_without_cause'"
)
_CLAIM: Final = (
    "'assessing', 'payee_needed', 'proposed', 'approved', 'ordered', 'paid', 'refused',"
    " 'returned', 'voided', 'expired', 'declined', 'reopened'"
)
_LIVE: Final = "status IN ('pending', 'unknown', 'paid')"
_LATE: Final = [{"hours": 24, "basis_points": 5_000}, {"hours": 72, "basis_points": 10_000}]
_EXAMPLE: Final[dict[str, Any]] = {
    "caps": {
        "goods": 200_000_000,
        "foreign_goods": 30_000_000,
        "cash": 50_000_000,
        "bank_documents": 1_000_000_000,
    },
    "postage_basis_points": {
        "loss": 10_000,
        "damage": 0,
        "partial_loss": 0,
        "delay": 0,
        "cod_not_remitted": 0,
        "return_without_cause": 10_000,
    },
    "late": {"pishtaz": _LATE, "vijeh": [{"hours": 3, "basis_points": 10_000}]},
    "two_approvals_above_rials": 100_000_000,
    "fetched_within_days": 90,
    "charged_back_basis_points": {
        "loss": 10_000,
        "damage": 10_000,
        "partial_loss": 10_000,
        "delay": 5_000,
        "cod_not_remitted": 10_000,
        "return_without_cause": 10_000,
    },
    "appeal_days": 14,
    "cod_overdue_days": 10,
    "domestic_bar_years": 1,
    "international_bar_months": 6,
}

_TABLES: Final = (
    """
    CREATE TABLE compensation_rules (
        code text CONSTRAINT pk_compensation_rules PRIMARY KEY,
        valid_from date NOT NULL CONSTRAINT uq_compensation_rules_valid_from UNIQUE,
        source text NOT NULL,
        terms json NOT NULL,
        published_by text NOT NULL,
        published_at timestamptz NOT NULL
    )
    """,
    # one a parcel: locked before any of its claims is decided
    """
    CREATE TABLE claim_item (
        barcode text CONSTRAINT pk_claim_item PRIMARY KEY,
        late_from timestamptz,
        look_at timestamptz,
        recorded_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_claim_item_look_at ON claim_item (look_at) WHERE look_at IS NOT NULL",
    f"""
    CREATE TABLE claim (
        id uuid CONSTRAINT pk_claim PRIMARY KEY,
        barcode text NOT NULL CONSTRAINT fk_claim_barcode REFERENCES claim_item (barcode),
        cause text NOT NULL CONSTRAINT ck_claim_cause CHECK (cause IN ({_CAUSES})),
        status text NOT NULL CONSTRAINT ck_claim_status CHECK (status IN ({_CLAIM})),
        origin text NOT NULL CONSTRAINT ck_claim_origin
            CHECK (origin IN ('person', 'partner', 'officer', 'itself')),
        case_number text,
        partner uuid,
        contents text NOT NULL,
        asked_rials bigint,
        loss_rials bigint CONSTRAINT ck_claim_loss_rials CHECK (loss_rials >= 0),
        rules text CONSTRAINT fk_claim_rules REFERENCES compensation_rules (code),
        facts json,
        worked json,
        amount_rials bigint CONSTRAINT ck_claim_amount_rials CHECK (amount_rials >= 0),
        supplements uuid CONSTRAINT fk_claim_supplements REFERENCES claim (id),
        liable_office text,
        reason text,
        round integer NOT NULL,
        opened_by text NOT NULL,
        proposed_by text,
        claimed_on date NOT NULL,
        opened_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        reopened_at timestamptz,
        lookup_at timestamptz,
        backfill boolean NOT NULL,
        version integer NOT NULL,
        CONSTRAINT ck_claim_amount CHECK (
            status IN ('assessing', 'payee_needed', 'declined', 'reopened') OR amount_rials > 0)
    )
    """,
    """
    CREATE UNIQUE INDEX ix_claim_one ON claim (barcode, cause)
        WHERE supplements IS NULL AND status <> 'declined'
    """,
    """
    CREATE UNIQUE INDEX ix_claim_supplement ON claim (supplements)
        WHERE supplements IS NOT NULL AND status <> 'declined'
    """,
    "CREATE INDEX ix_claim_status ON claim (status, id)",
    "CREATE INDEX ix_claim_barcode ON claim (barcode, id)",
    "CREATE INDEX ix_claim_partner ON claim (partner, id) WHERE partner IS NOT NULL",
    "CREATE INDEX ix_claim_lookup_at ON claim (lookup_at) WHERE lookup_at IS NOT NULL",
    # whose bank account: apart, and never in an event
    """
    CREATE TABLE claim_payee (
        claim uuid CONSTRAINT pk_claim_payee PRIMARY KEY
            CONSTRAINT fk_claim_payee_claim REFERENCES claim (id),
        sheba text NOT NULL CONSTRAINT ck_claim_payee_sheba CHECK (sheba ~ '^IR[0-9]{24}$'),
        holder_name text NOT NULL,
        given_by text NOT NULL,
        given_at timestamptz NOT NULL
    )
    """,
    f"""
    CREATE TABLE claim_step (
        claim uuid NOT NULL CONSTRAINT fk_claim_step_claim REFERENCES claim (id),
        version integer NOT NULL,
        status text NOT NULL CONSTRAINT ck_claim_step_status CHECK (status IN ({_CLAIM})),
        decided_by text NOT NULL,
        note text,
        decided_at timestamptz NOT NULL,
        CONSTRAINT pk_claim_step PRIMARY KEY (claim, version)
    )
    """,
    """
    CREATE TABLE claim_approval (
        claim uuid NOT NULL CONSTRAINT fk_claim_approval_claim REFERENCES claim (id),
        round integer NOT NULL,
        approver text NOT NULL,
        amount_rials bigint NOT NULL,
        approved_at timestamptz NOT NULL,
        CONSTRAINT pk_claim_approval PRIMARY KEY (claim, round, approver)
    )
    """,
    """
    CREATE TABLE payout (
        id uuid CONSTRAINT pk_payout PRIMARY KEY,
        claim uuid NOT NULL CONSTRAINT fk_payout_claim REFERENCES claim (id),
        transfer smallint NOT NULL CONSTRAINT ck_payout_transfer CHECK (transfer > 0),
        barcode text NOT NULL,
        cause text NOT NULL,
        supplements uuid CONSTRAINT fk_payout_supplements REFERENCES payout (id),
        amount_rials bigint NOT NULL CONSTRAINT ck_payout_amount_rials CHECK (amount_rials > 0),
        status text NOT NULL CONSTRAINT ck_payout_status CHECK (status IN ('pending', 'unknown',
            'paid', 'refused', 'returned', 'voided', 'expired')),
        ledger_transfer bigint NOT NULL CONSTRAINT fk_payout_ledger_transfer
            REFERENCES ledger_transfer (id),
        order_version integer NOT NULL,
        reference text,
        trace_number text,
        reason text,
        send_at timestamptz,
        void_reason text,
        expires_at timestamptz NOT NULL,
        ordered_at timestamptz NOT NULL,
        answered_at timestamptz,
        returned_at timestamptz,
        recorded_at timestamptz NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX ix_payout_claim ON payout (claim, transfer)",
    f"""
    CREATE UNIQUE INDEX ix_payout_live ON payout (barcode, cause)
        WHERE supplements IS NULL AND {_LIVE}
    """,
    f"""
    CREATE UNIQUE INDEX ix_payout_supplement ON payout (supplements)
        WHERE supplements IS NOT NULL AND {_LIVE}
    """,
    "CREATE INDEX ix_payout_barcode ON payout (barcode)",
    "CREATE INDEX ix_payout_send_at ON payout (send_at) WHERE send_at IS NOT NULL",
    """
    CREATE INDEX ix_payout_answered_at ON payout (answered_at)
        WHERE status IN ('paid', 'returned')
    """,
    "CREATE INDEX ix_payout_returned_at ON payout (returned_at) WHERE returned_at IS NOT NULL",
    """
    CREATE TABLE charge_back (
        id uuid CONSTRAINT pk_charge_back PRIMARY KEY,
        claim uuid NOT NULL CONSTRAINT fk_charge_back_claim REFERENCES claim (id),
        payout uuid NOT NULL CONSTRAINT fk_charge_back_payout REFERENCES payout (id),
        office text NOT NULL,
        amount_rials bigint NOT NULL CONSTRAINT ck_charge_back_amount_rials
            CHECK (amount_rials > 0),
        status text NOT NULL CONSTRAINT ck_charge_back_status CHECK (status IN ('announced',
            'appealed', 'due', 'deducted', 'lifting', 'lifted')),
        deduct_at timestamptz,
        reason text,
        announced_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        version integer NOT NULL
    )
    """,
    """
    CREATE UNIQUE INDEX ix_charge_back_payout ON charge_back (payout)
        WHERE status NOT IN ('lifting', 'lifted')
    """,
    "CREATE INDEX ix_charge_back_claim ON charge_back (claim)",
    "CREATE INDEX ix_charge_back_office ON charge_back (office, id)",
    "CREATE INDEX ix_charge_back_status ON charge_back (status, id)",
    "CREATE INDEX ix_charge_back_deduct_at ON charge_back (deduct_at) WHERE deduct_at IS NOT NULL",
    """
    CREATE TABLE charge_back_step (
        charge_back uuid NOT NULL CONSTRAINT fk_charge_back_step_charge_back
            REFERENCES charge_back (id),
        version integer NOT NULL,
        status text NOT NULL,
        decided_by text NOT NULL,
        note text,
        decided_at timestamptz NOT NULL,
        CONSTRAINT pk_charge_back_step PRIMARY KEY (charge_back, version)
    )
    """,
    (
        "REVOKE UPDATE, DELETE, TRUNCATE ON compensation_rules, claim_step, claim_approval,"
        " charge_back_step FROM susa_complaints_app"
    ),
    "REVOKE DELETE, TRUNCATE ON claim_item, claim, payout, charge_back FROM susa_complaints_app",
)
_DOWN: Final = (
    "charge_back_step",
    "charge_back",
    "payout",
    "claim_approval",
    "claim_step",
    "claim_payee",
    "claim",
    "claim_item",
    "compensation_rules",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _TABLES:
        op.execute(statement)
    op.execute(
        "INSERT INTO compensation_rules (code, valid_from, source, terms, published_by,"
        " published_at) VALUES ('example', DATE '2010-03-21', 'example data; caps as published"
        " by the post, undated',"
        f" CAST('{json.dumps(_EXAMPLE)}' AS json), 'migration', now())".replace(":", r"\:")
    )


def downgrade() -> None:
    for table in _DOWN:
        op.execute(f"DROP TABLE {table}")
