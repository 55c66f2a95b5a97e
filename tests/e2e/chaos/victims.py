"""Who may be killed, at any moment, with SIGKILL; each comes back at once."""

import os
import random
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from shared.embedded.home import find
from shared.embedded.processes import servers_of
from tests.e2e.chaos.installation import Installation
from tests.e2e.processes import Part


class Victim(Protocol):
    @property
    def name(self) -> str: ...

    def strike(self) -> None: ...


@dataclass(frozen=True)
class Process:
    """One of Susa's processes; the harness starts it again."""

    part: Part

    @property
    def name(self) -> str:
        return self.part.name

    def strike(self) -> None:
        self.part.restart()


@dataclass(frozen=True)
class Tree:
    """PostgreSQL with all its backends; `susa db` starts it again."""

    home: Path

    @property
    def name(self) -> str:
        return "PostgreSQL"

    def strike(self) -> None:
        place = find(self.home)
        for process in servers_of(place.data, place.account):
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)


def victims(made: Installation, dice: random.Random) -> Iterator[Victim]:
    """For ever, in rounds: everyone once in random order, before anyone a second time."""
    assert made.db is not None
    everyone: list[Victim] = [Tree(made.postgres), Process(made.db)]
    everyone += [Process(part) for part in made.parts]
    while True:
        yield from dice.sample(everyone, len(everyone))
