"""The file of checkpoints, a JSON line each: what the database says is held against it."""

import json
import os
from pathlib import Path
from typing import Any, Final

from services.gateway.audit.domain import Mark
from shared.auth import World

TAIL_BYTES: Final = 1024 * 1024
"""No line is as long: it names some hundred heads."""


class UnreadableError(RuntimeError):
    """A line of the file is none of ours."""


def file_of(path: Path, world: World) -> Path:
    """Each world has its own."""
    return path.with_name(f"{path.stem}-{world}{path.suffix or '.jsonl'}")


def read(path: Path) -> list[tuple[Mark, str]]:
    """All of it, in its order; nothing where there is no file yet.

    A last line without its end was never said to be written: the power went, or the disk was full.
    """
    if not path.exists():
        return []
    with path.open(encoding="utf-8", errors="replace") as file:
        return [
            _parsed(line, number)
            for number, line in enumerate(file, 1)
            if line.strip() and line.endswith("\n")
        ]


def append(path: Path, marks: list[tuple[Mark, str]]) -> None:
    """On the disk before it returns; if it cannot be, the file is as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(_written(*one), ensure_ascii=False) + "\n" for one in marks]
    left = memoryview("".join(lines).encode())
    with path.open("ab", buffering=0) as file:
        end = _whole_lines(path)
        if end < file.tell():  # a system may let such a file grow and no more
            file.truncate(end)
        try:
            while left:
                left = left[file.write(left) :]
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            raise


def _whole_lines(path: Path) -> int:
    """Bytes up to the end of the last line that has one."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        begin = max(0, size - TAIL_BYTES)
        file.seek(begin)
        return begin + file.read().rfind(b"\n") + 1


def _written(mark: Mark, signature: str) -> dict[str, Any]:
    return {
        "number": mark.number,
        "at": mark.at,
        "heads": mark.heads,
        "prev": mark.prev.hex(),
        "hash": mark.hash.hex(),
        "signature": signature,
    }


def _parsed(line: str, number: int) -> tuple[Mark, str]:
    try:
        known = json.loads(line)
        mark = Mark(
            int(known["number"]),
            str(known["at"]),
            str(known["heads"]),
            bytes.fromhex(known["prev"]),
            bytes.fromhex(known["hash"]),
        )
        return mark, str(known["signature"])
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableError(f"line {number} of the checkpoints' file is none of ours") from error
