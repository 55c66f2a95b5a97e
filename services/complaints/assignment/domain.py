"""Whose case it becomes. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

Level = Literal["office", "county", "province"]
LEVELS: Final[tuple[Level, ...]] = ("office", "county", "province")
"""The nearest first."""


class Candidate(NamedTuple):
    account: str
    level: Level


def nearest(candidates: Iterable[Candidate]) -> tuple[Level, list[str]] | None:
    """The accounts of the nearest level that has any, in their order; None if there is nobody."""
    found = list(candidates)
    for level in LEVELS:
        accounts = sorted(one.account for one in found if one.level == level)
        if accounts:
            return level, accounts
    return None


def least_burdened(accounts: Iterable[str], open_cases: Mapping[str, int]) -> str:
    """Who has the fewest open cases; of several the first by account, so that it is foreseeable."""
    return min(accounts, key=lambda account: (open_cases.get(account, 0), account))
