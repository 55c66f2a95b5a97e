"""Credential → caller, from a cache that is never more than seconds behind the database."""

import asyncio
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import asyncpg
import structlog
from joserfc.jwk import KeySet

from services.gateway.partners import domain
from services.gateway.tokens import repository
from services.gateway.tokens.domain import Access
from services.gateway.tokens.errors import (
    AccountsAway,
    AccountSuspended,
    AddressRefused,
    KeyRefused,
    TokenRefused,
)
from services.gateway.tokens.issuer import Issuer
from services.gateway.tokens.origin import Origin, within
from services.gateway.tokens.repository import Holder
from shared.auth import Caller
from shared.clock import Clock, WallClock
from shared.database import Database
from shared.errors import Unauthenticated
from shared.patience import PATIENCE

log = structlog.get_logger(__name__)

FRESH_S: Final = 3.0  # so that a revoked key is refused within 5 s everywhere
UNKNOWN_S: Final = 1.0
STALE_S: Final = 3600.0  # how long a verified key serves while the database is away
RETRY_S: Final = 1.0
ASK_S: Final = 2.5 * PATIENCE
CACHE_MAX: Final = 10_000

Ref = bytes | uuid.UUID
"""A credential: by the digest of its API key, or by its id, which an access token names."""


@dataclass(frozen=True, slots=True)
class _Verified:
    holder: Holder
    at: float


@dataclass(slots=True)
class _Known:
    """A verified access token, and who it made of which holder."""

    access: Access
    holder: Holder | None = None
    caller: Caller | None = None

    def caller_of(self, holder: Holder) -> Caller:
        """Reckoned anew only when the holder was: the caller's own token is cached by it."""
        if self.holder is not holder or self.caller is None:
            scopes = self.access.scopes & holder.caller.scopes
            bound = holder.method != "api_key"
            self.caller = replace(holder.caller, scopes=scopes, bound=bound)
            self.holder = holder
        return self.caller


class Keyring:
    """Authenticates API keys and access tokens in one process. Keeps digests, never the keys."""

    def __init__(
        self,
        database: Database,
        pepper: bytes,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        clock: Clock | None = None,
        issuer: Issuer | None = None,
    ) -> None:
        """Without an `issuer` it takes API keys only."""
        self._database = database
        self._pepper = pepper
        self.monotonic = monotonic
        self._clock = clock or WallClock()
        self._issuer = issuer
        self._verified: dict[Ref, _Verified] = {}
        self._unknown: dict[Ref, float] = {}
        self._tokens: dict[bytes, _Known] = {}
        self._quotas: dict[str, Mapping[str, int]] = {}
        self._asking: dict[Ref, asyncio.Task[None]] = {}
        self._away_until = float("-inf")

    async def caller(self, authorization: bytes, origin: Origin | None = None) -> Caller:
        """The holder of `Bearer susa_…` or of an access token.

        KeyRefused, TokenRefused, AccountSuspended, AddressRefused, or AccountsAway.
        """
        if self._issuer is not None and authorization.count(b".") == 2:
            return await self._by_token(self._issuer, authorization, origin)
        return self._admit(await self.holder(self._digest(authorization)), origin)

    def knows(self, authorization: bytes) -> bool:
        """Whether it was good here before; telling so asks no database."""
        if self.digest(_bearer(authorization)) in self._tokens:
            return True
        try:
            return self._digest(authorization) in self._verified
        except Unauthenticated:
            return False

    def _digest(self, authorization: bytes) -> bytes:
        key = _bearer(authorization)
        if domain.world_of(key) is None:
            raise KeyRefused(
                "send `Authorization: Bearer` with an API key or an access token of this service"
            )
        return self.digest(key)

    def digest(self, key: str) -> bytes:
        return domain.digest(self._pepper, key)

    def forget(self, authorization: bytes) -> None:
        """Ask the database when this one comes again: it was just changed in this process."""
        self._verified.pop(self._digest(authorization), None)

    async def holder(self, ref: Ref) -> Holder:
        """Of a credential in force; KeyRefused or AccountsAway."""
        known = self._verified.get(ref)
        if known is None or self.monotonic() - known.at >= FRESH_S:
            known = await self._refreshed(ref)
        if known.holder.over(self._clock.now()):
            raise KeyRefused("this credential was replaced and its time is up: use the new one")
        return known.holder

    def use(self, keys: KeySet) -> None:
        """Take tokens of other keys from now on; what an older one signed is looked at again."""
        if self._issuer is not None:
            self._issuer.use(keys)
        self._tokens.clear()

    def quotas(self, account: str) -> Mapping[str, int]:
        """Requests a minute by class that were agreed with an account; empty: nothing special."""
        return self._quotas.get(account, {})

    async def _by_token(
        self, issuer: Issuer, authorization: bytes, origin: Origin | None
    ) -> Caller:
        token = _bearer(authorization)
        digest = self.digest(token)
        known = self._tokens.get(digest)
        if known is None:
            known = _Known(issuer.read(token))
            _bound(self._tokens)
            self._tokens[digest] = known
        access = known.access
        if self._clock.now().timestamp() >= access.expires_at:
            self._tokens.pop(digest, None)
            raise TokenRefused("this access token has expired: get a new one")
        if access.certificate is not None and (
            origin is None or origin.certificate != access.certificate
        ):
            raise TokenRefused("this access token is bound to another certificate")
        holder = await self.holder(access.client)
        self._admit(holder, origin)
        return known.caller_of(holder)

    def _admit(self, holder: Holder, origin: Origin | None = None) -> Caller:
        if holder.suspended:
            raise AccountSuspended("this account is suspended or closed; ask the operator")
        if holder.networks and not within(origin.address if origin else "", holder.networks):
            raise AddressRefused("this credential may not be used from this address")
        return holder.caller

    async def _refreshed(self, ref: Ref) -> _Verified:
        """Ask the database, once for all who wait; while it is away, what was last known."""
        if self.monotonic() >= self._away_until and not self._is_unknown(ref):
            await self._asked(ref)
        if self._is_unknown(ref):
            raise KeyRefused("this credential is unknown or was revoked")
        known = self._verified.get(ref)
        if known is None or self.monotonic() - known.at >= STALE_S:
            raise AccountsAway("try again shortly", headers={"Retry-After": "1"})
        return known

    def _is_unknown(self, ref: Ref) -> bool:
        return self._unknown.get(ref, float("-inf")) > self.monotonic()

    async def _asked(self, ref: Ref) -> None:
        """Waits ASK_S at most: of a database that hangs, even giving a connection up may hang."""
        done, _ = await asyncio.wait({self._ask_once(ref)}, timeout=ASK_S)
        if not done:
            self._away_until = self.monotonic() + RETRY_S
            log.warning("accounts_away", error=f"no answer within {ASK_S:g} s")

    def _ask_once(self, ref: Ref) -> asyncio.Task[None]:
        task = self._asking.get(ref)
        if task is None:
            task = asyncio.create_task(self._ask(ref))
            self._asking[ref] = task
            task.add_done_callback(lambda _: self._asking.pop(ref, None))
        return task

    async def _ask(self, ref: Ref) -> None:
        """Never raises: its outcome is what the caches say afterwards."""
        asked_at = self.monotonic()
        try:
            holder = await self._lookup(ref)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self._away_until = asked_at + RETRY_S
            log.warning("accounts_away", error=str(error)[:200] or type(error).__name__)
            return
        self._verified.pop(ref, None)
        if holder is None:
            _bound(self._unknown)
            self._unknown[ref] = asked_at + UNKNOWN_S
        else:
            _bound(self._verified)
            self._verified[ref] = _Verified(holder, asked_at)
            _bound(self._quotas)
            self._quotas[holder.caller.id] = holder.quotas

    async def _lookup(self, ref: Ref) -> Holder | None:
        if isinstance(ref, bytes):
            return await repository.holder(self._database, ref)
        return await repository.holder_of(self._database, ref)


def _bearer(authorization: bytes) -> str:
    """What follows the scheme Bearer; empty for another scheme."""
    scheme, _, credential = authorization.decode("latin-1").partition(" ")
    return credential if scheme.lower() == "bearer" else ""


def _bound(cache: dict[Any, Any]) -> None:
    """Drop the oldest entry of a full cache; entries are in the order they were made."""
    if len(cache) >= CACHE_MAX:
        del cache[next(iter(cache))]
