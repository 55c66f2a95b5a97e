"""Use cases of the audit: write what was done, checkpoint, read, find what was tampered with."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.audit import domain, repository
from services.gateway.audit.domain import Fault, Head, Link, Mark, Walk
from services.gateway.audit.errors import ChainNotFound
from services.gateway.audit.models import AuditEntry, AuditHead
from services.gateway.audit.schemas import ChainBody, EntryBody
from services.gateway.audit.signing import Checker, Signer
from shared.consumer import Event
from shared.database import Database
from shared.pagination import Page, cut

WRONG_MAX: Final = 100
MARKS_PAGE: Final = 500
Handler = Callable[[AsyncSession, Sequence[Event]], Awaitable[None]]


def following(source: str, signer: Signer) -> Handler:
    """Consumer of a service's feed: each event goes to its chain with the cursor's move."""

    async def handle(session: AsyncSession, events: Sequence[Event]) -> None:
        found = [one for event in events for one in domain.deeds_of(source, event)]
        if not found:
            return  # batches of nothing
        heads = await repository.lock_heads(session, {chain for chain, _ in found})
        there = await repository.known(session, {(c, UUID(deed.event)) for c, deed in found})
        links: list[tuple[str, Link]] = []
        moved: set[str] = set()
        for chain, deed in found:
            if (chain, UUID(deed.event)) in there:
                continue
            link = domain.linked(heads[chain], deed)
            heads[chain] = Head(chain, link.seq, link.hash)
            links.append((chain, link))
            moved.add(chain)
        if links:
            ends = [(heads[chain], signer.head(heads[chain])) for chain in sorted(moved)]
            await repository.write(session, links, ends)

    return handle


async def checkpoint(session: AsyncSession, signer: Signer, now: datetime) -> bool:
    """Note the heads that moved; False where none did."""
    heads = await repository.moved_heads(session)
    if not heads:
        return False
    last = await repository.last_mark(session)
    mark = domain.mark_after(last, now.isoformat(), heads)
    await repository.add_mark(session, mark, signer.mark(mark), now)
    return True


async def marks_after(session: AsyncSession, number: int) -> list[tuple[Mark, str]]:
    """The next checkpoints with their signatures, MARKS_PAGE at most."""
    rows = await repository.marks(session, number, MARKS_PAGE)
    return [(repository.mark_of(row), row.signature) for row in rows]


async def list_chains(session: AsyncSession, page: Page) -> tuple[list[ChainBody], str | None]:
    rows = await repository.heads(session, page.after_text(), page.limit + 1)
    shown, next_ = cut(rows, page, lambda row: [row.chain])
    return [_chain(row) for row in shown], next_


async def list_entries(
    session: AsyncSession, chain: str, page: Page, type_: str | None
) -> tuple[list[EntryBody], str | None]:
    if await repository.head(session, chain) is None:
        raise ChainNotFound("there is no chain of this name: a partner's id, or `province`")
    after = page.after_int() or 0
    rows = await repository.entries(session, chain, after, page.limit + 1, type_)
    shown, next_ = cut(rows, page, lambda row: [row.seq])
    return [_entry(row) for row in shown], next_


def _chain(row: AuditHead) -> ChainBody:
    return ChainBody(chain=row.chain, seq=row.seq, hash=row.hash.hex(), signature=row.signature)


def _entry(row: AuditEntry) -> EntryBody:
    return EntryBody(
        chain=row.chain,
        seq=row.seq,
        source=row.source,
        event=row.event,
        type=row.type,
        subject=row.subject,
        time=datetime.fromisoformat(row.time),
        data=from_json(row.data),
        prev=row.prev.hex(),
        hash=row.hash.hex(),
    )


@dataclass(slots=True)
class Found:
    """What a recount of all chains found."""

    chains: int = 0
    entries: int = 0
    checkpoints: int = 0
    faults: list[Fault] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        shown = self.faults[:WRONG_MAX]
        return {
            "chains": self.chains,
            "entries": self.entries,
            "checkpoints": self.checkpoints,
            "faults": len(self.faults),
            "clean": not self.faults,
            "wrong": [{"chain": f.chain, "seq": f.seq, "what": f.what} for f in shown],
        }


async def recount(database: Database, checker: Checker, apart: Sequence[tuple[Mark, str]]) -> Found:
    """Every chain from its first entry, against its head and all checkpoints.

    `apart`: those of the file, read before, so that they cannot be newer than the database.
    """
    found = Found()
    async with database.transaction() as session:
        await repository.freeze(session)
        kept = await _marks(session)
        found.checkpoints = len(kept)
        found.faults += _marks_faults(kept, apart, checker)
        # the file's too: a checkpoint that the database lost still says what there was
        seen = domain.marks_by_chain(mark for mark, _ in [*kept, *apart])
        for chain in sorted(await repository.every_chain(session) | seen.keys()):
            walk = Walk(chain, seen.get(chain, {}))
            async for link in repository.links(session, chain):
                walk.step(link)
                found.entries += 1
            head = await _head(session, chain, checker)
            found.faults += walk.end(head)
            found.chains += 1
    return found


async def _marks(session: AsyncSession) -> list[tuple[Mark, str]]:
    kept: list[tuple[Mark, str]] = []
    while more := await marks_after(session, kept[-1][0].number if kept else 0):
        kept += more
    return kept


def _marks_faults(
    kept: Sequence[tuple[Mark, str]], apart: Sequence[tuple[Mark, str]], checker: Checker
) -> list[Fault]:
    marks = [mark for mark, _ in kept]
    forged = [
        Fault(domain.CHECKPOINTS, mark.number, "its signature is not ours")
        for mark, signature in [*kept, *apart]
        if not checker.mark(mark, signature)
    ]
    apart_marks = [mark for mark, _ in apart]
    return [
        *domain.walk_marks(marks),
        *domain.walk_marks(apart_marks),
        *domain.compared(marks, apart_marks),
        *forged,
    ]


async def _head(session: AsyncSession, chain: str, checker: Checker) -> Head | None:
    row = await repository.head(session, chain)
    if row is None:
        return None
    head = Head(row.chain, row.seq, row.hash)
    return head if checker.head(head, row.signature) else None
