"""SQL of bookings. Booking itself is one statement (a hot path); a partner sees its own only."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncpg
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking.domain import Counter
from services.parcels.booking.models import Parcel
from services.parcels.vocabulary import Status
from shared.idempotency import Once, fingerprint, lock_number
from shared.pagination import Page

_COLUMNS: Final = (
    ("item_id", "bigint"),
    ("reference", "text"),
    ("product", "smallint"),
    ("channel", "smallint"),
    ("weight_g", "int"),
    ("origin_office", "int"),
    ("to_province", "text"),
    ("to_town", "text"),
    ("price_rials", "bigint"),
    ("tariff", "text"),
    ("declared_value_rials", "bigint"),
    ("cod_rials", "bigint"),
    ("backfill", "bool"),
    ("booked_at", "timestamptz"),
    ("promised_at", "timestamptz"),
    ("sender_name", "text"),
    ("sender_phone", "text"),
    ("sender_address", "text"),
    ("sender_postal_code", "text"),
    ("recipient_name", "text"),
    ("recipient_phone", "text"),
    ("recipient_address", "text"),
    ("recipient_postal_code", "text"),
    ("event", "text"),
)
_TERMS: Final = (
    ("has_terms", "bool"),
    ("advice_of_delivery", "bool"),
    ("pickup", "bool"),
    ("length_mm", "int"),
    ("width_mm", "int"),
    ("height_mm", "int"),
    ("quote", "uuid"),
    ("payer", "smallint"),
    ("drawn_rials", "bigint"),
    ("addressee_only", "bool"),
    ("national_card", "bool"),
    ("undelivered", "text"),
    ("branch", "text"),
    ("return_branch", "text"),
    ("cost_centre", "text"),
    ("addressee_national_id", "text"),
)
"""Only where an order is not plain: most pay nothing for what few ask."""


# One round trip: take the key's lock, look for its stored answer, and only if both are clear insert
# what can be booked. An office's state and gate are checked here, not in a cache; `$8` is the
# answer to store (a single booking's, known beforehand) or NULL (a batch stores its own after).
def _book_sql(columns: Sequence[tuple[str, str]], more: str = "") -> str:
    names = ", ".join(name for name, _ in columns)
    arrays = ", ".join(f"${i}::{kind}[]" for i, (_, kind) in enumerate(columns, start=11))
    return f"""
WITH lock AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock($1) AS free
), known AS MATERIALIZED (
    SELECT fingerprint, status, headers, body FROM idempotency
    WHERE caller = $2 AND operation = $3 AND key = $4
), input AS MATERIALIZED (
    SELECT * FROM unnest({arrays}) WITH ORDINALITY AS i ({names}, n)
    WHERE (SELECT free FROM lock) AND NOT EXISTS (SELECT FROM known)
), checked AS MATERIALIZED (
    SELECT i.*, coalesce(o.active
        AND CASE WHEN o.gate_until IS NULL THEN o.gate_open ELSE i.booked_at < o.gate_until END
        AND (o.gate_products IS NULL OR i.product = ANY (o.gate_products))
        AND (o.gate_weight_max_g IS NULL OR i.weight_g <= o.gate_weight_max_g), false) AS open
    FROM input i LEFT JOIN office o ON o.id = i.origin_office
), named AS (
    INSERT INTO partner_reference (partner, reference, item_id)
    SELECT $6::uuid, reference, item_id FROM checked WHERE open AND reference IS NOT NULL
    ORDER BY reference, n ON CONFLICT DO NOTHING RETURNING item_id
), good AS MATERIALIZED (
    SELECT * FROM checked
    WHERE open AND (reference IS NULL OR item_id IN (SELECT item_id FROM named))
), item AS (
    INSERT INTO parcel (item_id, partner, reference, product, channel, status, version, weight_g,
        origin_office, to_province, to_town, price_rials, tariff, declared_value_rials, cod_rials,
        backfill, booked_at, promised_at, updated_at)
    SELECT item_id, $6, reference, product, channel, {int(Status.BOOKED)}, 1, weight_g,
        origin_office, to_province, to_town, price_rials, tariff, declared_value_rials, cod_rials,
        backfill, booked_at, promised_at, $7::timestamptz
    FROM good
){more}, party AS (
    INSERT INTO parcel_party (item_id, sender_name, sender_phone, sender_address,
        sender_postal_code, recipient_name, recipient_phone, recipient_address,
        recipient_postal_code)
    SELECT item_id, sender_name, sender_phone, sender_address, sender_postal_code,
        recipient_name, recipient_phone, recipient_address, recipient_postal_code
    FROM good
), told AS (
    INSERT INTO outbox (type, time, data)
    SELECT 'parcel.booked', $7::timestamptz,
        ('{{"items":[' || string_agg(event, ',' ORDER BY n) || ']}}')::json
    FROM good HAVING count(*) > 0
), stored AS (
    INSERT INTO idempotency (caller, operation, key, fingerprint, status, headers, body, expires_at)
    SELECT $2, $3, $4, $5::bytea, 201, $9::json, $8::bytea, $10::timestamptz
    WHERE $8::bytea IS NOT NULL AND EXISTS (SELECT FROM good)
)
SELECT lock.free, known.fingerprint, known.status, known.headers, known.body,
       (SELECT array_agg(n - 1) FROM good) AS good,
       (SELECT array_agg(n - 1) FROM checked WHERE NOT open) AS closed
FROM lock LEFT JOIN known ON true
"""


_BOOK_SQL: Final = _book_sql(_COLUMNS)
_BOOK_WITH_TERMS_SQL: Final = _book_sql(
    (*_COLUMNS, *_TERMS),
    """, terms AS (
    INSERT INTO parcel_terms (item_id, advice_of_delivery, pickup, length_mm, width_mm, height_mm,
        quote, payer, drawn_rials)
    SELECT item_id, advice_of_delivery, pickup, length_mm, width_mm, height_mm, quote, payer,
        drawn_rials
    FROM good WHERE has_terms
), delivery AS (
    INSERT INTO delivery_terms (item_id, partner, booked_at, addressee_only, national_card,
        undelivered, branch, return_branch, cost_centre)
    SELECT item_id, $6, booked_at, addressee_only, national_card, undelivered, branch,
        return_branch, cost_centre
    FROM good WHERE undelivered IS NOT NULL
), addressed AS (
    INSERT INTO addressee (item_id, national_id)
    SELECT item_id, addressee_national_id FROM good WHERE addressee_national_id IS NOT NULL
)""",
)

_STORE_SQL: Final = """
INSERT INTO idempotency (caller, operation, key, fingerprint, status, headers, body, expires_at)
VALUES ($1, $2, $3, $4, $5, '{}', $6, $7)
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the booking statement found and did; indexes into the rows it was given."""

    free: bool
    known: asyncpg.Record | None
    good: frozenset[int]
    closed: frozenset[int]


async def book(
    connection: asyncpg.Connection,
    effect: Once,
    partner: uuid.UUID,
    rows: Sequence[tuple[Any, ...]],
    answer: tuple[bytes, str] | None,
) -> Outcome:
    """Book rows; `answer` is body and headers to store, if known.

    Rows are tuples in the order of `_COLUMNS`, and of `_TERMS` after them or none of those.
    """
    columns = list(zip(*rows, strict=True))
    body, headers = answer if answer is not None else (None, None)
    row = await connection.fetchrow(
        _BOOK_SQL if len(columns) == len(_COLUMNS) else _BOOK_WITH_TERMS_SQL,
        lock_number(effect.caller, effect.operation, effect.key),
        effect.caller,
        effect.operation,
        effect.key,
        fingerprint(effect.payload),
        partner,
        effect.now,
        body,
        headers,
        effect.now + effect.keep,
        *columns,
    )
    return Outcome(
        row["free"],
        row if row["fingerprint"] is not None else None,
        frozenset(row["good"] or ()),
        frozenset(row["closed"] or ()),
    )


async def store_answer(
    connection: asyncpg.Connection, effect: Once, status: int, body: bytes
) -> None:
    await connection.execute(
        _STORE_SQL,
        effect.caller,
        effect.operation,
        effect.key,
        fingerprint(effect.payload),
        status,
        body,
        effect.now + effect.keep,
    )


async def counters(connection: asyncpg.Connection, offices: Collection[int]) -> dict[int, Counter]:
    """By office number, what the booking statement decides by."""
    rows = await connection.fetch(
        "SELECT id, active, gate_open, gate_until, gate_reason, gate_products, gate_weight_max_g"
        " FROM office WHERE id = ANY($1)",
        list(offices),
    )
    return {row["id"]: Counter(*list(row)[1:]) for row in rows}


async def items_of_references(
    connection: asyncpg.Connection, partner: uuid.UUID, references: Sequence[str]
) -> dict[str, int]:
    rows = await connection.fetch(
        "SELECT reference, item_id FROM partner_reference"
        " WHERE partner = $1 AND reference = ANY($2)",
        partner,
        references,
    )
    return {row["reference"]: row["item_id"] for row in rows}


async def get_own(
    session: AsyncSession, partner: uuid.UUID, item_id: int, *, lock: bool = False
) -> Parcel | None:
    query = select(Parcel).where(Parcel.item_id == item_id, Parcel.partner == partner)
    if lock:
        query = query.with_for_update(key_share=True)
    return (await session.execute(query)).scalar_one_or_none()


async def lock(session: AsyncSession, item_id: int, partner: uuid.UUID | None) -> Parcel | None:
    """An item, locked; of a partner, its own only."""
    query = select(Parcel).where(Parcel.item_id == item_id)
    if partner is not None:
        query = query.where(Parcel.partner == partner)
    return await session.scalar(query.with_for_update(key_share=True))


@dataclass(frozen=True, slots=True)
class Filter:
    reference: str | None = None
    status: Status | None = None
    changed_since: datetime | None = None


async def list_own(
    session: AsyncSession, partner: uuid.UUID, wanted: Filter, page: Page
) -> list[Parcel]:
    """Newest first, by item id; one row more than the page asks, to know whether there is more."""
    query = select(Parcel).where(Parcel.partner == partner)
    if wanted.reference is not None:
        query = query.where(Parcel.reference == wanted.reference)
    if wanted.status is not None:
        query = query.where(Parcel.status == int(wanted.status))
    if wanted.changed_since is not None:
        query = query.where(Parcel.updated_at >= wanted.changed_since)
    if page.after is not None:
        query = query.where(Parcel.item_id < page.after_int())
    query = query.order_by(Parcel.item_id.desc()).limit(page.limit + 1)
    return list((await session.execute(query)).scalars())


async def free_reference(session: AsyncSession, parcel: Parcel) -> None:
    await session.execute(
        text(
            "DELETE FROM partner_reference WHERE partner = :partner AND reference = :reference"
            " AND item_id = :item_id"
        ),
        {"partner": parcel.partner, "reference": parcel.reference, "item_id": parcel.item_id},
    )


async def item_of_alias(session: AsyncSession, code: str) -> int | None:
    found = await session.execute(
        text("SELECT item_id FROM item_alias WHERE code = :code"), {"code": code}
    )
    item_id: int | None = found.scalar()
    return item_id


async def newest_life(session: AsyncSession, lives: range) -> int | None:
    """Of an S10 number's items the newest."""
    found = await session.execute(
        text("SELECT max(item_id) FROM parcel WHERE item_id >= :first AND item_id < :end"),
        {"first": lives.start, "end": lives.stop},
    )
    item_id: int | None = found.scalar()
    return item_id
