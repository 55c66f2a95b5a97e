"""Messages to recipients: what is to be told, how it is worded, and when people are let alone."""

from typing import Final

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TABLES: Final = (
    # no name, phone or text: those are put together when it is sent, and not kept
    """
    CREATE TABLE message (
        item_id bigint NOT NULL,
        kind text NOT NULL CHECK (kind IN ('booked', 'out_for_delivery', 'delivery_failed',
            'ready_for_pickup', 'returning', 'code_reissued')),
        event_id uuid NOT NULL,
        occurred_at timestamptz NOT NULL,
        status text NOT NULL CHECK (status IN ('queued', 'sent', 'failed', 'dropped')),
        due_at timestamptz NOT NULL,
        attempts integer NOT NULL,
        queued_at timestamptz NOT NULL,
        settled_at timestamptz,
        provider_id text,
        reason text,
        CONSTRAINT pk_message PRIMARY KEY (item_id, kind, event_id),
        CHECK ((settled_at IS NULL) = (status = 'queued'))
    )
    """,
    "CREATE INDEX ix_message_due ON message (due_at) WHERE status = 'queued'",
    """
    CREATE TABLE message_template (
        kind text NOT NULL,
        language text NOT NULL CHECK (language IN ('fa', 'en')),
        text text NOT NULL,
        version integer NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT pk_message_template PRIMARY KEY (kind, language)
    )
    """,
    """
    CREATE TABLE quiet_hours (
        id smallint CONSTRAINT pk_quiet_hours PRIMARY KEY CHECK (id = 1),
        quiet_from time NOT NULL,
        quiet_until time NOT NULL,
        version integer NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    "INSERT INTO quiet_hours VALUES (1, '21:00', '08:00', 1, now())",
    "REVOKE DELETE ON message, message_template, quiet_hours FROM susa_parcels_app",
    "REVOKE INSERT ON quiet_hours FROM susa_parcels_app",
)
_TEMPLATES: Final = (
    (
        "booked",
        "مرسولهٔ {barcode} برای شما ثبت شد. پیگیری با همین شماره.",
        "Parcel {barcode} is booked for you. Track it by this number.",
    ),
    (
        "out_for_delivery",
        "مرسولهٔ {barcode} امروز تحویل می‌شود. کد تحویل: {code}. فقط هنگام دریافت به نامه‌رسان بدهید.",
        "Parcel {barcode} comes today. Delivery code: {code}. Give it to the courier on receipt.",
    ),
    (
        "delivery_failed",
        "تحویل مرسولهٔ {barcode} ممکن نشد. دوباره مراجعه می‌کنیم یا در دفتر نگه می‌داریم.",
        "Parcel {barcode} could not be delivered. We come again or keep it at the office.",
    ),
    (
        "ready_for_pickup",
        "مرسولهٔ {barcode} تا {until} در {office} منتظر شماست. کد تحویل: {code}",
        "Parcel {barcode} waits for you until {until} at {office}. Delivery code: {code}",
    ),
    (
        "returning",
        "مرسولهٔ {barcode} به فرستنده بازگردانده می‌شود.",
        "Parcel {barcode} goes back to its sender.",
    ),
    (
        "code_reissued",
        "کد تازهٔ تحویل مرسولهٔ {barcode}: {code}",
        "New delivery code of parcel {barcode}: {code}",
    ),
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    rows = ", ".join(
        f"('{kind}', '{language}', '{text}', 1, now())"
        for kind, *texts in _TEMPLATES
        for language, text in zip(("fa", "en"), texts, strict=True)
    )
    op.execute(f"INSERT INTO message_template VALUES {rows}")


def downgrade() -> None:
    for table in ("quiet_hours", "message_template", "message"):
        op.execute(f"DROP TABLE {table}")
