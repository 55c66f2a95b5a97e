"""Search: what is looked for in an office, folded, with a trigram index; and the words there are.

`search_word` is the vocabulary in which a misspelt word finds those that look like it: comparing
words with words is bounded, comparing a phrase with every address is not.
"""

import sqlalchemy as sa
from alembic import op

from shared.text import searched_words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_UP = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    # the app writes it with every office it saves; the default is for rows it did not write
    "ALTER TABLE office ADD search_text text NOT NULL DEFAULT ''",
    "CREATE TABLE search_word (word text CONSTRAINT pk_search_word PRIMARY KEY)",
    "REVOKE UPDATE, DELETE ON search_word FROM susa_offices_app",
)

_INDEXES = (
    "CREATE INDEX ix_office_search_text ON office USING gin (search_text gin_trgm_ops)",
    "CREATE INDEX ix_search_word_word ON search_word USING gist (word gist_trgm_ops)",
)

_DOWN = (
    "DROP TABLE search_word",
    "DROP INDEX ix_office_search_text",
    "ALTER TABLE office DROP search_text",
    "DROP EXTENSION pg_trgm",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in _UP:
        op.execute(statement)
    _backfill(op.get_bind())
    for statement in _INDEXES:
        op.execute(statement)


def _backfill(connection: sa.Connection) -> None:
    offices = connection.execute(
        sa.text(
            "SELECT o.id, o.name, o.address, o.code || ' ' || t.name AS place"
            " FROM office o JOIN town t ON t.slug = o.town"
        )
    ).all()
    words: set[str] = set()
    for office in offices:
        lines = [searched_words(text) for text in (office.name, office.address, office.place)]
        searched = " \n ".join(map(" ".join, lines))
        words.update(word for line in lines for word in line)
        connection.execute(
            sa.text("UPDATE office SET search_text = :text WHERE id = :id"),
            {"id": office.id, "text": f" {searched} "},
        )
    connection.execute(
        sa.text("INSERT INTO search_word SELECT unnest(CAST(:words AS text[]))"),
        {"words": sorted(word for word in words if len(word) > 2 and word.isalpha())},
    )


def downgrade() -> None:
    for statement in _DOWN:
        op.execute(statement)
