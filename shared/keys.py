"""The internal keys' rotation: with an overlap, and seen by running processes within seconds.

The new public key is published first; when every process knows it, the service signs with it; the
old one verifies for as long as a token lives. A rotation that was cut short is taken up again.
Partners' access tokens have a set of their own, of which the first key signs.
"""

import asyncio
import fcntl
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.auth import (
    JWKS,
    LIFETIME_S,
    OAUTH,
    Minter,
    Verifier,
    issuer_of,
    new_key,
    new_oauth_key,
    read_oauth,
    read_oauth_set,
    read_private,
    read_public,
    read_retired,
    read_set,
    write_oauth_set,
    write_private,
    write_retired,
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
Seen = tuple[object, ...]
"""What files of keys looked like when they were read."""


@asynccontextmanager
async def followed(folder: Path, service: str) -> AsyncIterator[tuple[Minter, Verifier]]:
    """A service's minter and a verifier that take up changed keys by themselves."""
    seen = _stamps(folder, service)
    minter = Minter(service, read_private(folder / f"{service}.jwk"))
    verifier = Verifier(read_public(folder / JWKS))
    async with _following(partial(look, folder, service, (minter, verifier)), seen):
        yield minter, verifier


@asynccontextmanager
async def followed_oauth(folder: Path, use: Callable[[KeySet], None]) -> AsyncIterator[None]:
    """Give whoever signs and verifies partners' tokens their keys, and others as they change."""
    seen = look_oauth(folder, use, ())
    async with _following(partial(look_oauth, folder, use), seen):
        yield


@asynccontextmanager
async def _following(look_again: Callable[[Seen], Seen], seen: Seen) -> AsyncIterator[None]:
    task = asyncio.create_task(_follow(look_again, seen))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _follow(look_again: Callable[[Seen], Seen], seen: Seen) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            seen = look_again(seen)
        except (OSError, ValueError, KeyError, JoseError):  # the keys it has still serve
            pass_on_cancellation()
            log.exception("keys_unreadable")


def look_oauth(folder: Path, use: Callable[[KeySet], None], seen: Seen) -> Seen:
    """Hand the tokens' keys over if they, or which of them are in force, are others than seen."""
    file = folder / OAUTH
    found = _stamp(file), _ended(_parsed(file))
    if found != seen:
        use(read_oauth(folder))
        if seen:
            log.info("token_keys_taken_over")
    return found


def look(folder: Path, service: str, users: tuple[Minter, Verifier], seen: Seen) -> Seen:
    """Take over the keys if their files, or which of them are in force, are others than seen."""
    found = _stamps(folder, service)
    if found != seen:
        minter, verifier = users
        verifier.use(read_public(folder / JWKS))
        minter.use(read_private(folder / f"{service}.jwk"))
        log.info("keys_taken_over", service=service)
    return found


def _stamps(folder: Path, service: str) -> Seen:
    """What changes when keys do: the files, and the number of ends that have passed."""
    public = folder / JWKS
    return _stamp(public), _stamp(folder / f"{service}.jwk"), _ended(_parsed(public))


def _stamp(file: Path) -> tuple[int, int]:
    state = file.stat()
    return state.st_mtime_ns, state.st_ino


def _ended(ends: Iterable[float]) -> int:
    now = time.time()
    return sum(1 for end in ends if end < now)


_read: dict[Path, tuple[tuple[int, int], list[float]]] = {}


def _parsed(file: Path) -> list[float]:
    """When keys of a set end, as its file is now: parsed once, looked at every second."""
    stamp = _stamp(file)
    known = _read.get(file)
    if known is None or known[0] != stamp:
        keys = json.loads(file.read_text())["keys"]
        known = _read[file] = (stamp, [key["exp"] for key in keys if "exp" in key])
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
    """Sign with the announced key; all older ones of the service end after the overlap.

    They are kept apart for good: the audit's heads of their time are signed with the gateway's.
    """
    current = str(read_private(_next(folder, service)).kid)
    known = read_set(folder)
    old = [k for k in known if issuer_of(k["kid"]) == service and k["kid"] != current]
    _retire(folder, old)
    end = time.time() + overlap_s
    _next(folder, service).replace(folder / f"{service}.jwk")
    write_set(folder, [_ending(key, end) if key in old else key for key in known])


def _ending(key: Mapping[str, Any], end: float) -> dict[str, Any]:
    return {**key, "exp": int(min(key.get("exp", end), end))}


def _retire(folder: Path, keys: Iterable[Mapping[str, Any]]) -> None:
    known = read_retired(folder)
    ids = {key["kid"] for key in known}
    more = [{n: v for n, v in key.items() if n != "exp"} for key in keys if key["kid"] not in ids]
    write_retired(folder, [*known, *more])


def announce_oauth(folder: Path) -> str:
    """Put the next key of partners' tokens last in their set, unless one waits there; its id."""
    known = read_oauth_set(folder)
    waiting = [key for key in known[1:] if "exp" not in key]
    if not waiting:
        waiting = [dict(new_oauth_key().as_dict(private=True))]
        write_oauth_set(folder, [*known, *waiting])
    return str(waiting[0]["kid"])


def adopt_oauth(folder: Path, *, overlap_s: float) -> None:
    """Sign partners' tokens with the announced key; the older ones end after the overlap."""
    known = read_oauth_set(folder)
    current = next(key for key in known[1:] if "exp" not in key)
    end = time.time() + overlap_s
    write_oauth_set(folder, [current, *(_ending(key, end) for key in known if key != current)])


def _next(folder: Path, service: str) -> Path:
    return folder / f"{service}.next.jwk"


def newest(folder: Path) -> dict[str, float]:
    """The age of each service's signing key, and of the tokens', in seconds."""
    found = sorted(path for path in folder.glob("*.jwk") if not path.name.endswith(".next.jwk"))
    found.append(folder / OAUTH)
    return {path.stem: time.time() - path.stat().st_mtime for path in found}
