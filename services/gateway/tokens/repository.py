"""The one statement behind every authentication."""

import asyncio
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_network
from typing import Any, Final

from services.gateway.partners.domain import Method, World
from services.gateway.tokens.origin import Network
from shared.auth import Caller
from shared.database import Database
from shared.patience import PATIENCE

LOOKUP_TIMEOUT_S: Final = 2.0 * PATIENCE
NO_KEY: Final = uuid.UUID(int=0)

_SELECT: Final = """
SELECT p.id, p.kind, p.office, p.status, p.products, p.quotas, k.id AS key, k.method, k.scopes,
    k.world, k.networks, k.expires_at, k.jwks, k.certificates
FROM partner_key k JOIN partner p ON p.id = k.partner_id
"""
_BY_DIGEST: Final = f"{_SELECT} WHERE k.digest = $1 AND k.revoked_at IS NULL"
_BY_ID: Final = f"{_SELECT} WHERE k.id = $1 AND k.revoked_at IS NULL"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a credential speaks for, and how it must prove itself."""

    caller: Caller
    suspended: bool
    key: uuid.UUID = NO_KEY
    method: Method = "api_key"
    networks: tuple[Network, ...] = ()
    expires_at: datetime | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)
    jwks: list[dict[str, Any]] = field(default_factory=list)
    certificates: frozenset[str] = frozenset()

    def over(self, now: datetime) -> bool:
        """Whether its time is up, as after a rotation."""
        return self.expires_at is not None and now >= self.expires_at


async def holder(database: Database, digest: bytes) -> Holder | None:
    """The holder of an API key in force; None for a key that is unknown or revoked."""
    return await _found(database, _BY_DIGEST, digest)


async def holder_of(database: Database, key: uuid.UUID) -> Holder | None:
    """The same of a credential by its id: what an access token names."""
    return await _found(database, _BY_ID, key)


async def _found(database: Database, statement: str, key: bytes | uuid.UUID) -> Holder | None:
    async with asyncio.timeout(LOOKUP_TIMEOUT_S):
        row = await database.hot.fetchrow(statement, key)
    if row is None:
        return None
    world: World = row["world"]
    products = None if row["products"] is None else frozenset(row["products"])
    caller = Caller(
        str(row["id"]), row["kind"], frozenset(row["scopes"]), world, row["office"], products
    )
    return Holder(
        caller,
        row["status"] != "active",
        row["key"],
        row["method"],
        tuple(ip_network(network) for network in row["networks"]),
        row["expires_at"],
        json.loads(row["quotas"]),
        json.loads(row["jwks"]),
        frozenset(row["certificates"]),
    )
