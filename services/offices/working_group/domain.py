"""Rules of the working group's composition: who votes, and how many make a decision."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

Majority = Literal["votes_cast", "present", "all_seats"]

SEATS_MAX: Final = 30


@dataclass(frozen=True, slots=True)
class Rules:
    """Of a composition: how many voting seats must be present, and of what more than half."""

    quorum: int
    majority: Majority
    voting_seats: frozenset[str]


def composition_faults(quorum: int, votes: Collection[bool], chairs: Collection[bool]) -> list[str]:
    """Why seats and quorum do not make a composition; empty when they do."""
    faults = []
    if sum(votes) < quorum:
        faults.append("quorum: more than there are seats with a vote")
    if sum(chairs) != 1:
        faults.append("seats: exactly one seat has the chair")
    return faults
