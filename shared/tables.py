"""The plumbing tables that every service's database has: clock, outbox, feed, cursors, idempotency.

`feed` is partitioned by position; its partitions come and go through the owner's functions
`feed_extend()` and `feed_trim()`, since the app's role owns nothing.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    TIMESTAMP,
    UUID,
    BigInteger,
    Column,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


def timestamp() -> TIMESTAMP:
    return TIMESTAMP(timezone=True)


def attach(metadata: MetaData) -> None:
    """Declare the plumbing tables on a service's metadata."""
    now = text("now()")
    Table(
        "clock",
        metadata,
        Column("id", SmallInteger, primary_key=True),
        Column("mode", Text, nullable=False),
        Column("at", timestamp()),
    )
    Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("event_id", UUID, nullable=False, server_default=text("uuidv7()")),
        Column("type", Text, nullable=False),
        Column("subject", Text),
        Column("time", timestamp(), nullable=False),
        Column("data", JSON, nullable=False),
    )
    Table(
        "feed",
        metadata,
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("event_id", UUID, nullable=False),
        Column("type", Text, nullable=False),
        Column("subject", Text),
        Column("time", timestamp(), nullable=False),
        Column("data", JSON, nullable=False),
        postgresql_partition_by="RANGE (position)",
    )
    Table(
        "feed_head",
        metadata,
        Column("id", SmallInteger, primary_key=True),
        Column("epoch", UUID, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("floor", BigInteger, nullable=False),
    )
    Table(
        "feed_consumer",
        metadata,
        Column("name", Text, primary_key=True),
        Column("position", BigInteger, nullable=False),
        Column("seen_at", timestamp(), nullable=False, server_default=now),
    )
    Table(
        "feed_cursor",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("epoch", UUID),
        Column("position", BigInteger, nullable=False),
    )
    Table(
        "quarantine",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("epoch", UUID, primary_key=True),
        Column("position", BigInteger, primary_key=True),
        Column("event", JSON, nullable=False),
        Column("error", Text, nullable=False),
        Column("recorded_at", timestamp(), nullable=False, server_default=now),
    )
    idempotency = Table(
        "idempotency",
        metadata,
        Column("caller", Text, primary_key=True),
        Column("operation", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("status", SmallInteger, nullable=False),
        Column("headers", JSON, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("expires_at", timestamp(), nullable=False),
    )
    Index("ix_idempotency_expires_at", idempotency.c.expires_at)
