"""Coverage: which towns are seats of their counties, and services performed by office and day."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# the county seats of Khuzestan at the census of 1395, for towns seeded before the column was
_SEATS = (
    "abadan", "aghajari", "ahvaz", "andimeshk", "bagh-e-malek", "behbahan", "dezful", "gotvand",
    "haftkel", "hamidiyeh", "hendijan", "hoveyzeh", "izeh", "khorramshahr", "kut-e-abdollah",
    "lali", "mahshahr", "masjed-soleyman", "mollasani", "omidiyeh", "qaleh-ye-khvajeh",
    "ramhormoz", "ramshir", "shadegan", "shush", "shushtar", "susangerd",
)  # fmt: skip

_UP = (
    "ALTER TABLE town ADD COLUMN seat boolean NOT NULL DEFAULT false",
    # a kind of which there are few is found without a walk over all offices
    "CREATE INDEX ix_office_kind ON office (kind, id)",
    """
    CREATE TABLE performed_by_office (
        day date,
        office_id integer CONSTRAINT fk_performed_by_office_office_id REFERENCES office,
        electronic boolean,
        count bigint NOT NULL,
        CONSTRAINT pk_performed_by_office PRIMARY KEY (day, office_id, electronic)
    )
    """,
    """
    INSERT INTO performed_by_office (day, office_id, electronic, count)
    SELECT p.day, p.office_id, p.electronic, sum(p.count)
    FROM performed p JOIN delegated_service s ON s.code = p.service AND s.delegated
    GROUP BY 1, 2, 3
    """,
    "REVOKE DELETE ON performed_by_office FROM susa_offices_app",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _UP:
        op.execute(statement)
    seats = ", ".join(f"'{slug}'" for slug in _SEATS)
    op.execute(f"UPDATE town SET seat = true WHERE slug IN ({seats})")


def downgrade() -> None:
    op.execute("DROP TABLE performed_by_office")
    op.execute("DROP INDEX ix_office_kind")
    op.execute("ALTER TABLE town DROP COLUMN seat")
