"""People of partners: who signs in for an account that is not the post's."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE staff_member ADD COLUMN partner_id uuid"
        " CONSTRAINT fk_staff_member_partner_id REFERENCES partner (id)"
    )
    op.execute(
        "ALTER TABLE staff_member ADD CONSTRAINT ck_staff_member_partner"
        " CHECK ((role = 'partner') = (partner_id IS NOT NULL))"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE staff_member DROP CONSTRAINT ck_staff_member_partner")
    op.execute("ALTER TABLE staff_member DROP COLUMN partner_id")
