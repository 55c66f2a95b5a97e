"""The one statement behind every authentication."""

import asyncio
from dataclasses import dataclass
from typing import Final

from services.gateway.partners.domain import World
from shared.auth import Caller
from shared.database import Database

LOOKUP_TIMEOUT_S: Final = 2.0

_SQL: Final = """
SELECT p.id, p.kind, p.office, p.status, k.scopes, k.world
FROM partner_key k JOIN partner p ON p.id = k.partner_id
WHERE k.digest = $1 AND k.revoked_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a key speaks for."""

    caller: Caller
    suspended: bool


async def holder(database: Database, digest: bytes) -> Holder | None:
    """The holder of a key in force; None for a key that is unknown or revoked."""
    async with asyncio.timeout(LOOKUP_TIMEOUT_S):
        row = await database.hot.fetchrow(_SQL, digest)
    if row is None:
        return None
    world: World = row["world"]
    scopes = frozenset(row["scopes"])
    caller = Caller(str(row["id"]), row["kind"], scopes, world, row["office"])
    return Holder(caller, row["status"] != "active")
