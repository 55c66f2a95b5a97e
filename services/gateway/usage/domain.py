"""What an account asks, by class of traffic. Pure."""

from typing import Final, Literal

from shared.auth import World

Outcome = Literal["answered", "refused_limit", "failed"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("answered", "refused_limit", "failed")
ACCOUNTS: Final = frozenset({"bank", "shop", "integrator", "app"})
"""Kinds of caller that are counted: accounts of partners."""
Cell = tuple[str, World, str]
"""An account, its world, a class."""


def outcome(status: int) -> int:
    """The place of a status among OUTCOMES; 0, when no answer began, is a failure."""
    if status == 429:
        return 1
    return 0 if 0 < status < 500 else 2


class Tally:
    """Requests since they were last taken away, in memory: nobody waits for their counting."""

    def __init__(self) -> None:
        self._cells: dict[Cell, list[int]] = {}

    def count(self, cell: Cell, status: int) -> None:
        counts = self._cells.get(cell)
        if counts is None:
            counts = self._cells[cell] = [0] * len(OUTCOMES)
        counts[outcome(status)] += 1

    def take(self) -> dict[Cell, list[int]]:
        taken, self._cells = self._cells, {}
        return taken

    def put_back(self, taken: dict[Cell, list[int]]) -> None:
        """What could not be written down is counted with what came since."""
        for cell, counts in taken.items():
            known = self._cells.get(cell)
            self._cells[cell] = (
                counts if known is None else [a + b for a, b in zip(known, counts, strict=True)]
            )
