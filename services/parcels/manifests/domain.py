"""What is there of what was announced. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from shared.identifiers.numbered import numbered, serial_of

PREFIX: Final = "MF"
_EVENTS: Final = UUID("6ac2dc1e-4f0a-5b43-9a52-6f8f5b1f53c1")


def code_of(manifest: int) -> str:
    return numbered(PREFIX, manifest)


def manifest_of(code: str) -> int | None:
    return serial_of(PREFIX, code)


def event_of(manifest: int, item_id: int) -> UUID:
    """The acceptance that a manifest brings about for an item: the same however often."""
    return uuid5(_EVENTS, f"{manifest}:{item_id}")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Items by what became of them."""

    here: frozenset[int]
    missing: frozenset[int]
    surplus: frozenset[int]


def compare(announced: Collection[int], present: Collection[int] | None) -> Comparison:
    """Against what was scanned; `None`: everything is there, since the count agrees."""
    wanted = frozenset(announced)
    found = wanted if present is None else frozenset(present)
    return Comparison(wanted & found, wanted - found, found - wanted)
