"""The file of checkpoints, a JSON line each: what the database says is held against it."""

import json
import os
from pathlib import Path
from typing import Any

from services.gateway.audit.domain import Mark
from shared.auth import World


class UnreadableError(RuntimeError):
    """A line of the file is none of ours."""


def file_of(path: Path, world: World) -> Path:
    """Each world has its own."""
    return path.with_name(f"{path.stem}-{world}{path.suffix or '.jsonl'}")


def read(path: Path) -> list[tuple[Mark, str]]:
    """All of it, in its order; nothing where there is no file yet."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return [_parsed(line, number) for number, line in enumerate(file, 1) if line.strip()]


def append(path: Path, marks: list[tuple[Mark, str]]) -> None:
    """On the disk before it returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for mark, signature in marks:
            file.write(json.dumps(_written(mark, signature), ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


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
