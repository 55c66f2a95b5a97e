"""The internal keys' rotation: with an overlap, and seen by running processes within seconds.

The new public key is published first; when every process knows it, the service signs with it; the
old one verifies for as long as a token lives. A rotation that was cut short is taken up again.
"""

import asyncio
import fcntl
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import structlog
from joserfc.errors import JoseError

from shared.auth import (
    JWKS,
    LIFETIME_S,
    Minter,
    Verifier,
    issuer_of,
    new_key,
    read_private,
    read_public,
    read_set,
    write_private,
    write_set,
)
from shared.tasks import pass_on_cancellation

log = structlog.get_logger(__name__)

LOOK_S: Final = 1.0
"""How often a process looks whether its keys are others."""
SETTLE_S: Final = 5.0
"""After which every process has seen a change, also one that was busy."""
OVERLAP_S: Final = LIFETIME_S + 60
"""A token's life, and what clocks may differ."""
LOCK: Final = "lock"


@asynccontextmanager
async def followed(folder: Path, service: str) -> AsyncIterator[tuple[Minter, Verifier]]:
    """A service's minter and a verifier that take up changed keys by themselves."""
    seen = _stamps(folder, service)
    minter = Minter(service, read_private(folder / f"{service}.jwk"))
    verifier = Verifier(read_public(folder / JWKS))
    task = asyncio.create_task(_follow(folder, service, (minter, verifier), seen))
    try:
        yield minter, verifier
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _follow(
    folder: Path, service: str, users: tuple[Minter, Verifier], seen: tuple[object, ...]
) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            seen = look(folder, service, users, seen)
        except (OSError, ValueError, KeyError, JoseError):  # the keys it has still serve
            pass_on_cancellation()
            log.exception("keys_unreadable", service=service)


def look(
    folder: Path, service: str, users: tuple[Minter, Verifier], seen: tuple[object, ...]
) -> tuple[object, ...]:
    """Take over the keys if their files, or which of them are in force, are others than seen."""
    found = _stamps(folder, service)
    if found != seen:
        minter, verifier = users
        verifier.use(read_public(folder / JWKS))
        minter.use(read_private(folder / f"{service}.jwk"))
        log.info("keys_taken_over", service=service)
    return found


def _stamps(folder: Path, service: str) -> tuple[object, ...]:
    """What changes when keys do: the files, and the number of ends that have passed."""
    files = [(folder / name).stat() for name in (JWKS, f"{service}.jwk")]
    now = time.time()
    ended = sum(1 for key in _set_of(folder, files[0].st_mtime_ns) if key.get("exp", now) < now)
    return (*((file.st_mtime_ns, file.st_ino) for file in files), ended)


_read: dict[Path, tuple[int, list[dict[str, Any]]]] = {}


def _set_of(folder: Path, stamp: int) -> list[dict[str, Any]]:
    """The set as it was read at this state of its file: parsed once, looked at every second."""
    known = _read.get(folder)
    if known is None or known[0] != stamp:
        known = _read[folder] = (stamp, read_set(folder))
    return known[1]


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One rotation at a time; the kernel lets go of the lock when its holder dies."""
    with (folder / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def announce(folder: Path, service: str) -> str:
    """Make the next key and publish it, unless that is done; its id."""
    path = _next(folder, service)
    if not path.exists():
        day = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        write_private(path, new_key(service, f"{service}.{day}-{secrets.token_hex(2)}"))
    public = read_private(path).as_dict(private=False)
    known = [key for key in read_set(folder) if key["kid"] != public["kid"]]
    write_set(folder, [*known, public])
    return str(public["kid"])


def adopt(folder: Path, service: str, *, overlap_s: float) -> None:
    """Sign with the announced key; all older ones of the service end after the overlap."""
    current = str(read_private(_next(folder, service)).kid)
    end = int(time.time() + overlap_s)
    ending = [
        {**key, "exp": min(key.get("exp", end), end)}
        if issuer_of(key["kid"]) == service and key["kid"] != current
        else key
        for key in read_set(folder)
    ]
    _next(folder, service).replace(folder / f"{service}.jwk")
    write_set(folder, ending)


def _next(folder: Path, service: str) -> Path:
    return folder / f"{service}.next.jwk"


def newest(folder: Path) -> dict[str, float]:
    """The age of each service's signing key, in seconds."""
    found = sorted(path for path in folder.glob("*.jwk") if not path.name.endswith(".next.jwk"))
    return {path.stem: time.time() - path.stat().st_mtime for path in found}
