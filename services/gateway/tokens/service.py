"""API key → caller, from a cache that is never more than seconds behind the database."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import asyncpg
import structlog

from services.gateway.partners import domain
from services.gateway.tokens import repository
from services.gateway.tokens.errors import AccountsAway, AccountSuspended, KeyRefused
from services.gateway.tokens.repository import Holder
from shared.auth import Caller
from shared.database import Database

log = structlog.get_logger(__name__)

FRESH_S: Final = 3.0  # so that a revoked key is refused within 5 s everywhere
UNKNOWN_S: Final = 1.0
STALE_S: Final = 3600.0  # how long a verified key serves while the database is away
RETRY_S: Final = 1.0
CACHE_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Verified:
    holder: Holder
    at: float


class Keyring:
    """Authenticates API keys in one process. Keeps digests, never the keys."""

    def __init__(
        self,
        database: Database,
        pepper: bytes,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._pepper = pepper
        self.monotonic = monotonic
        self._verified: dict[bytes, _Verified] = {}
        self._unknown: dict[bytes, float] = {}
        self._asking: dict[bytes, asyncio.Task[None]] = {}
        self._away_until = float("-inf")

    async def caller(self, authorization: bytes) -> Caller:
        """The holder of `Bearer susa_…`; KeyRefused, AccountSuspended, or AccountsAway."""
        digest = self._digest(authorization)
        known = self._verified.get(digest)
        if known is None or self.monotonic() - known.at >= FRESH_S:
            known = await self._refreshed(digest)
        return self._admit(known.holder)

    def _admit(self, holder: Holder) -> Caller:
        if holder.suspended:
            raise AccountSuspended("this account is suspended; ask the operator")
        return holder.caller

    async def _lookup(self, digest: bytes) -> Holder | None:
        return await repository.holder(self._database, digest)

    def _digest(self, authorization: bytes) -> bytes:
        scheme, _, key = authorization.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or domain.world_of(key) is None:
            raise KeyRefused("send `Authorization: Bearer` with an API key of this service")
        return domain.digest(self._pepper, key)

    async def _refreshed(self, digest: bytes) -> _Verified:
        """Ask the database, once for all who wait; while it is away, what was last known."""
        if self.monotonic() >= self._away_until and not self._is_unknown(digest):
            await asyncio.shield(self._ask_once(digest))
        if self._is_unknown(digest):
            raise KeyRefused("this API key is unknown or was revoked")
        known = self._verified.get(digest)
        if known is None or self.monotonic() - known.at >= STALE_S:
            raise AccountsAway("try again shortly", headers={"Retry-After": "1"})
        return known

    def _is_unknown(self, digest: bytes) -> bool:
        return self._unknown.get(digest, float("-inf")) > self.monotonic()

    def _ask_once(self, digest: bytes) -> asyncio.Task[None]:
        task = self._asking.get(digest)
        if task is None:
            task = asyncio.create_task(self._ask(digest))
            self._asking[digest] = task
            task.add_done_callback(lambda _: self._asking.pop(digest, None))
        return task

    async def _ask(self, digest: bytes) -> None:
        """Never raises: its outcome is what the caches say afterwards."""
        asked_at = self.monotonic()
        try:
            holder = await self._lookup(digest)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self._away_until = asked_at + RETRY_S
            log.warning("accounts_away", error=str(error)[:200] or type(error).__name__)
            return
        self._verified.pop(digest, None)
        if holder is None:
            _bound(self._unknown)
            self._unknown[digest] = asked_at + UNKNOWN_S
        else:
            _bound(self._verified)
            self._verified[digest] = _Verified(holder, asked_at)


def _bound(cache: dict[bytes, _Verified] | dict[bytes, float]) -> None:
    """Drop the oldest entry of a full cache; entries are in the order they were made."""
    if len(cache) >= CACHE_MAX:
        del cache[next(iter(cache))]
