"""The file of checkpoints on a disk that is full, or loses its power."""

import errno
import os
from pathlib import Path

import pytest

from services.gateway.audit import heads
from services.gateway.audit.domain import Mark

ONE, TWO = ((Mark(n, "at", "[]", b"p", b"h"), f"signature {n}") for n in (1, 2))


def test_half_a_line_is_none_and_is_written_whole_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "heads.jsonl"
    assert heads.read(file) == []
    heads.append(file, [ONE])
    whole = file.read_bytes()
    file.write_bytes(whole + whole[: len(whole) // 2])  # the power went
    assert heads.read(file) == [ONE]
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", _no_room)
        with pytest.raises(OSError, match="No space"):
            heads.append(file, [TWO])
    assert file.read_bytes() == whole
    heads.append(file, [TWO])
    assert heads.read(file) == [ONE, TWO]


def _no_room(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
