"""A feed after its database was restored: another epoch, and what it has in common with the former.

The first event of the new epoch, `feed.restored`, says so: up to which position each former epoch's
events are those of this feed. A consumer that read no further goes on; any other knows that what
it had consumed is gone.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import asyncpg

RESTORED: Final = "feed.restored"

_LINEAGE_SQL: Final = "SELECT epoch, position, floor FROM feed_head"
_FORMER_SQL: Final = "SELECT data FROM feed WHERE type = $1 ORDER BY position DESC LIMIT 1"
_RENEW_SQL: Final = """
WITH head AS (
    UPDATE feed_head SET epoch = $1, position = position + 1 RETURNING position
)
INSERT INTO feed (position, event_id, type, time, data)
SELECT position, uuidv7(), $2, now(), $3 FROM head
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A feed: its epoch, how far it goes, and its former epochs' last common positions."""

    epoch: str
    head: int
    floor: int
    restored: Mapping[str, int]


async def read_lineage(connection: asyncpg.Connection) -> Known:
    row = await connection.fetchrow(_LINEAGE_SQL)
    found = await connection.fetchval(_FORMER_SQL, RESTORED)
    data = json.loads(found) if isinstance(found, str) else found
    restored = {epoch: int(upto) for epoch, upto in (data or {"restored": {}})["restored"].items()}
    return Known(str(row["epoch"]), row["position"], row["floor"], restored)


def former(now: Known, replaced: Known | None) -> dict[str, int]:
    """Every epoch whose events this feed has, with the last of them; pure.

    `now` is the restored feed under its old epoch, `replaced` the one that it takes the place of.
    """
    known = {**now.restored, now.epoch: now.head}
    if replaced is not None:
        shared = now.head if replaced.epoch == now.epoch else replaced.restored.get(now.epoch)
        if shared is not None:
            upto = min(shared, now.head)
            theirs = {**replaced.restored, replaced.epoch: upto}
            known = {e: min(at, upto) for e, at in theirs.items() if e not in known} | known
    return known


async def renew(connection: asyncpg.Connection, replaced: Known | None = None) -> str:
    """Give a restored database's feed its new epoch, as a superuser or the owner; the epoch."""
    epoch = uuid.uuid4()
    async with connection.transaction():
        await connection.execute("LOCK TABLE feed_head")
        await connection.execute("SELECT feed_extend()")
        data = {"epoch": str(epoch), "restored": former(await read_lineage(connection), replaced)}
        await connection.execute(_RENEW_SQL, epoch, RESTORED, json.dumps(data))
    return str(epoch)
