"""The folder that keeps the bytes of attachments: a file each, in a folder a day of their ids.

A file is whole and on disk before its row is committed. What a failure leaves without a row, the
worker removes a day later.
"""

import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import anyio
from anyio import to_thread

from services.complaints.attachments import domain
from shared.errors import TooLarge


@dataclass(frozen=True, slots=True)
class Received:
    path: Path
    size: int
    sha256: str
    head: bytes


class Folder:
    """The files of one world."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, file_id: UUID) -> Path:
        return self._root / str(domain.day_of(file_id)) / str(file_id)

    async def receive(self, stream: AsyncIterator[bytes]) -> Received:
        """A stream to a file of its own, hashed on the way; 413 as soon as it is too long."""
        incoming = self._root / "incoming"
        await to_thread.run_sync(lambda: incoming.mkdir(mode=0o700, parents=True, exist_ok=True))
        path, digest, size, head = incoming / str(uuid4()), hashlib.sha256(), 0, b""
        try:
            async with await anyio.open_file(path, "xb") as file:
                async for piece in stream:
                    size += len(piece)
                    _check(size)
                    head = head if len(head) >= domain.HEAD_BYTES else head + piece
                    digest.update(piece)
                    await file.write(piece)
                await file.flush()
                await to_thread.run_sync(os.fsync, file.wrapped.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Received(path, size, digest.hexdigest(), head)

    async def keep(self, received: Received, file_id: UUID) -> None:
        await to_thread.run_sync(_move, received.path, self.path(file_id))

    async def discard(self, received: Received) -> None:
        """Nothing, of one that was kept."""
        await to_thread.run_sync(lambda: received.path.unlink(missing_ok=True))

    async def remove(self, file_id: UUID) -> None:
        await to_thread.run_sync(lambda: self.path(file_id).unlink(missing_ok=True))

    async def ids_of(self, day: int) -> list[UUID]:
        """The files of a day."""
        return await to_thread.run_sync(_ids, self._root / str(day))

    async def forget_incoming(self, before_s: float) -> None:
        """What was broken off before a time (POSIX seconds)."""
        await to_thread.run_sync(_unlink_older, self._root / "incoming", before_s)


def _check(size: int) -> None:
    if size > domain.SIZE_BYTES_MAX:
        raise TooLarge(f"a file may have {domain.SIZE_BYTES_MAX} bytes")


def _move(source: Path, to: Path) -> None:
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source.replace(to)
    folder = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _ids(folder: Path) -> list[UUID]:
    return [UUID(path.name) for path in folder.iterdir()] if folder.exists() else []


def _unlink_older(folder: Path, before_s: float) -> None:
    for path in folder.iterdir() if folder.exists() else ():
        if path.stat().st_mtime < before_s:
            path.unlink(missing_ok=True)
