"""How much each client asks, counted in this process."""

import ipaddress
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

from services.gateway.traffic.domain import (
    ADDRESS_PER_MINUTE,
    PARTNER_PER_MINUTE,
    WINDOW_S,
    Bucket,
    Class,
    Header,
    Quota,
)
from services.gateway.traffic.errors import TooManyRequests
from shared.auth import Caller

CLIENTS_MAX: Final = 50_000
GUESSES_MAX: Final = 300
WAITS_MAX: Final = 16
UNLIMITED: Final = "backfill"
"""Who may load the past loads it as fast as it can; staff gives this scope out.

In the sandbox every partner takes it, to move the clock there: it frees nobody but staff.
"""


class Quotas:
    """A client's quota is divided by the web processes, each of which counts for itself.

    `agreed`: what was agreed with an account, requests a minute by class; 0 is none at all.
    """

    def __init__(
        self, factor: float, processes: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.agreed: Callable[[str], Mapping[str, int]] = _nothing
        self.monotonic = monotonic
        self._factor = factor / processes
        self._buckets: dict[tuple[str, str, Class], Bucket] = {}
        self._quotas: dict[tuple[Class, int], tuple[Quota, Header]] = {}

    def take(self, caller: Caller, address: str, kind: Class) -> tuple[Header, ...]:
        """Count one request; what the client is told. TooManyRequests when there is none left."""
        if UNLIMITED in caller.scopes and (caller.world == "live" or caller.kind == "staff"):
            return ()
        anonymous = caller.kind == "anonymous"
        who = network_of(address) if anonymous else caller.id
        quota, policy = self._quota(caller, kind, anonymous=anonymous)
        bucket = self._bucket((who, caller.world, kind))
        now = self.monotonic()
        wait_s = bucket.take(quota, now)
        told = bucket.told(quota, now)
        if wait_s is not None:
            headers = {"RateLimit-Policy": policy[1].decode(), "RateLimit": told.decode()}
            raise TooManyRequests(
                f"at most {quota.limit} {kind} a minute", retry_s=wait_s, headers=headers
            )
        return (policy, (b"ratelimit", told))

    def _quota(self, caller: Caller, kind: Class, *, anonymous: bool) -> tuple[Quota, Header]:
        usual = (ADDRESS_PER_MINUTE if anonymous else PARTNER_PER_MINUTE)[kind]
        wanted = self.agreed(caller.id).get(kind, usual)
        if wanted == 0:
            raise TooManyRequests(
                f"no {kind} were agreed with this account", retry_s=WINDOW_S, headers={}
            )
        limit = max(1, int(wanted * self._factor))
        known = self._quotas.get((kind, limit))
        if known is None:
            quota = Quota(kind, limit)
            known = self._quotas[kind, limit] = (quota, (b"ratelimit-policy", quota.policy()))
        return known

    def _bucket(self, key: tuple[str, str, Class]) -> Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= CLIENTS_MAX:
                del self._buckets[next(iter(self._buckets))]
            bucket = self._buckets[key] = Bucket()
        return bucket


class Guesses:
    """Credentials that nobody has, by network: each costs a look into the database.

    Past `most` in REST_S only those are heard from there that were good before, so that a
    shop behind the same address goes on.
    """

    REST_S: Final = 60.0

    def __init__(
        self, factor: float, processes: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.monotonic = monotonic
        self.most = max(1, int(GUESSES_MAX * factor / processes))
        self._counts: Counter[str] = Counter()
        self._until = float("-inf")

    def count(self, address: str) -> None:
        now = self.monotonic()
        if now >= self._until or len(self._counts) >= CLIENTS_MAX:
            self._counts.clear()
            self._until = now + self.REST_S
        self._counts[network_of(address)] += 1

    def spent(self, address: str) -> bool:
        if not self._counts or self._counts[network_of(address)] < self.most:
            return False
        return self.monotonic() < self._until


class Waits:
    """Long polls of the feed under way, by account: each looks at every hint of news."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    @contextmanager
    def one(self, who: str) -> Iterator[None]:
        if self._counts[who] >= WAITS_MAX:
            raise TooManyRequests(
                f"at most {WAITS_MAX} reads of the feed at once", retry_s=1, headers={}
            )
        self._counts[who] += 1
        try:
            yield
        finally:
            self._counts[who] -= 1
            if not self._counts[who]:
                del self._counts[who]


def _nothing(_: str) -> Mapping[str, int]:
    return {}


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """An IPv6 client owns a whole /64 of addresses, so that is what is counted."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    except ValueError:
        return address
