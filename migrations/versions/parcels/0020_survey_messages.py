"""Recipients of a sample of deliveries are texted the link to a survey."""

from typing import Final

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_BEFORE: Final = (
    "booked",
    "out_for_delivery",
    "delivery_failed",
    "ready_for_pickup",
    "returning",
    "code_reissued",
)
_TEMPLATES: Final = (
    ("fa", "مرسولهٔ {barcode} به دستتان رسید. از خدمت پست راضی بودید؟ {link}"),
    ("en", "Parcel {barcode} has reached you. How did we do? {link}"),
)


def _kinds(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute("ALTER TABLE message DROP CONSTRAINT message_kind_check")
    op.execute(f"ALTER TABLE message ADD CONSTRAINT message_kind_check CHECK (kind IN ({listed}))")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _kinds(*_BEFORE, "survey")
    rows = ", ".join(f"('survey', '{lang}', '{text}', 1, now())" for lang, text in _TEMPLATES)
    op.execute(f"INSERT INTO message_template VALUES {rows}")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM message WHERE kind = 'survey'")
    op.execute("DELETE FROM message_template WHERE kind = 'survey'")
    _kinds(*_BEFORE)
