"""All SQL of the audit."""

import uuid
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.audit.domain import Deed, Head, Link, Mark, beginning
from services.gateway.audit.models import AuditCheckpoint, AuditEntry, AuditHead

PAGE_ROWS: Final = 1_000
HEADS_MAX: Final = 500


async def lock_heads(session: AsyncSession, chains: Collection[str]) -> dict[str, Head]:
    """The heads of these chains, locked in one order; new chains begin."""
    ordered = sorted(chains)
    fresh = [{"chain": c, "seq": 0, "hash": beginning(c).hash, "signature": ""} for c in ordered]
    await session.execute(upsert(AuditHead).on_conflict_do_nothing(), fresh)
    query = (
        select(AuditHead.chain, AuditHead.seq, AuditHead.hash)
        .where(AuditHead.chain.in_(ordered))
        .order_by(AuditHead.chain)
        .with_for_update()
    )
    rows = (await session.execute(query)).all()
    return {row.chain: Head(row.chain, row.seq, row.hash) for row in rows}


async def known(
    session: AsyncSession, wanted: Collection[tuple[str, uuid.UUID]]
) -> set[tuple[str, uuid.UUID]]:
    """Which of these (chain, event) are written already, as after a resync."""
    query = select(AuditEntry.chain, AuditEntry.event).where(
        tuple_(AuditEntry.chain, AuditEntry.event).in_(list(wanted))
    )
    return {(row.chain, row.event) for row in await session.execute(query)}


async def write(
    session: AsyncSession,
    links: Sequence[tuple[str, Link]],
    heads: Iterable[tuple[Head, str]],
) -> None:
    """Entries, and each chain's new head with its signature."""
    rows = [
        {
            "chain": chain,
            "seq": link.seq,
            "source": link.deed.source,
            "event": uuid.UUID(link.deed.event),
            "type": link.deed.type,
            "subject": link.deed.subject,
            "time": link.deed.time,
            "data": link.deed.data,
            "prev": link.prev,
            "hash": link.hash,
        }
        for chain, link in links
    ]
    await session.execute(insert(AuditEntry), rows)
    for head, signature in heads:
        await session.execute(
            update(AuditHead)
            .where(AuditHead.chain == head.chain)
            .values(seq=head.seq, hash=head.hash, signature=signature)
        )


async def moved_heads(session: AsyncSession) -> list[Head]:
    """Heads that no checkpoint has seen, locked; HEADS_MAX at most."""
    query = (
        select(AuditHead)
        .where(AuditHead.seq > AuditHead.checked_seq)
        .order_by(AuditHead.chain)
        .limit(HEADS_MAX)
        .with_for_update()
    )
    rows = (await session.scalars(query)).all()
    for row in rows:
        row.checked_seq = row.seq
    return [Head(row.chain, row.seq, row.hash) for row in rows]


async def last_mark(session: AsyncSession) -> Mark | None:
    query = select(AuditCheckpoint).order_by(AuditCheckpoint.number.desc()).limit(1)
    row = (await session.scalars(query)).one_or_none()
    return None if row is None else mark_of(row)


async def add_mark(session: AsyncSession, mark: Mark, signature: str, at: datetime) -> None:
    session.add(
        AuditCheckpoint(
            number=mark.number,
            at=at,
            heads=mark.heads,
            prev=mark.prev,
            hash=mark.hash,
            signature=signature,
        )
    )
    await session.flush()


async def marks(session: AsyncSession, after: int, rows: int) -> Sequence[AuditCheckpoint]:
    query = (
        select(AuditCheckpoint)
        .where(AuditCheckpoint.number > after)
        .order_by(AuditCheckpoint.number)
        .limit(rows)
    )
    return (await session.scalars(query)).all()


def mark_of(row: AuditCheckpoint) -> Mark:
    at = row.at.isoformat()
    return Mark(row.number, at, row.heads, row.prev, row.hash)


async def heads(session: AsyncSession, after: str | None, rows: int) -> Sequence[AuditHead]:
    query = select(AuditHead).where(AuditHead.seq > 0).order_by(AuditHead.chain).limit(rows)
    if after is not None:
        query = query.where(AuditHead.chain > after)
    return (await session.scalars(query)).all()


async def head(session: AsyncSession, chain: str) -> AuditHead | None:
    return await session.get(AuditHead, chain)


async def entries(
    session: AsyncSession, chain: str, after: int, rows: int, type_: str | None = None
) -> Sequence[AuditEntry]:
    query = (
        select(AuditEntry)
        .where(AuditEntry.chain == chain, AuditEntry.seq > after)
        .order_by(AuditEntry.seq)
        .limit(rows)
    )
    if type_ is not None:
        query = query.where(AuditEntry.type == type_)
    return (await session.scalars(query)).all()


async def links(session: AsyncSession, chain: str) -> AsyncIterator[Link]:
    """A whole chain in its order, a page at a time."""
    after = -1
    while rows := await entries(session, chain, after, PAGE_ROWS):
        for row in rows:
            yield _link(row)
        after = rows[-1].seq
        session.expunge_all()


def _link(row: AuditEntry) -> Link:
    deed = Deed(row.source, str(row.event), row.type, row.subject, row.time, row.data)
    return Link(row.seq, deed, row.prev, row.hash)


async def every_chain(session: AsyncSession) -> set[str]:
    """Of entries and of heads: either may have been taken away."""
    found = await session.execute(
        text(
            "WITH RECURSIVE c AS (SELECT min(chain) AS chain FROM audit_entry UNION ALL"
            " SELECT (SELECT min(chain) FROM audit_entry e WHERE e.chain > c.chain) FROM c"
            " WHERE c.chain IS NOT NULL)"
            " SELECT chain FROM c WHERE chain IS NOT NULL"
            " UNION SELECT chain FROM audit_head WHERE seq > 0"
        )
    )
    return set(found.scalars())


async def freeze(session: AsyncSession) -> None:
    """All that follows in the transaction sees one moment; a session's first act."""
    _ = await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
