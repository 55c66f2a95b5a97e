"""Passwords and PINs as argon2id hashes, made in threads, few at a time.

A hash takes some 20 ms of a core and 19 MiB (OWASP's second choice of parameters), so that they are
bounded: who comes when too many wait is told to try again, and the loop never waits for one.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import Unavailable

AT_ONCE: Final = 2
WAITING_MAX: Final = 40
MEMORY_KIB: Final = 19_456
PASSES: Final = 2
NOBODYS: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$"
    "5kF4Zy3yvdCA94j9w0Q89g$l/xr6rrwabg0DyybcCYFvx5WQyJ5lV+/81ThpPcld2M"
)
"""A hash of these parameters, to take as long over a name that nobody has."""


class HashingBusy(Unavailable):
    code, title = "hashing_busy", "Too many sign in at once"


class Hasher:
    """One for a process."""

    def __init__(self, *, at_once: int = AT_ONCE, waiting_max: int = WAITING_MAX) -> None:
        self._argon2 = PasswordHasher(PASSES, MEMORY_KIB, parallelism=1)
        self._gate = asyncio.Semaphore(at_once)
        self._waiting = 0
        self._waiting_max = waiting_max

    async def hash(self, secret: str) -> str:
        async with self._turn():
            return await asyncio.to_thread(self._argon2.hash, secret)

    async def matches(self, hashed: str | None, secret: str) -> bool:
        """Whether it is the secret; for None, whose there is none, False after as long a time."""
        async with self._turn():
            found = await asyncio.to_thread(self._matches, hashed or NOBODYS, secret)
        return found and hashed is not None

    def _matches(self, hashed: str, secret: str) -> bool:
        try:
            return self._argon2.verify(hashed, secret)
        except (VerificationError, InvalidHashError):
            return False

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._waiting >= self._waiting_max:
            raise HashingBusy("try again shortly", headers={"Retry-After": "2"})
        self._waiting += 1
        try:
            async with self._gate:
                yield
        finally:
            self._waiting -= 1
