"""Rules of decisions: what each must rest on."""

from collections.abc import Mapping
from typing import Final, Literal

from services.offices.decisions.errors import DecisionMissing

Authority = Literal["working_group", "regulator", "clerk", "paper", "clock"]
Effect = Literal["applied", "lapsed", "rescinded"]

DECIDING: Final = frozenset[Authority]({"working_group", "regulator", "paper"})
"""Whose word is a decision on the merits; a clerk records, the clock counts days."""
REJECTION_MEANS: Final[Mapping[str, str]] = {"agree": "refuse", "overturn": "uphold"}
"""What it decides when the working group rejects a matter."""


def authority(allowed: frozenset[Authority], act: str, *, item: bool, reference: bool) -> Authority:
    """On whose authority an act is done, by what is shown for it; else what is missing."""
    shown: tuple[tuple[Authority, bool], ...] = (
        ("working_group", item),
        ("regulator", reference),
        ("paper", reference),
        ("clerk", True),
    )
    for kind, is_shown in shown:
        if kind in allowed and is_shown:
            return kind
    raise DecisionMissing(f"{act}: {' or '.join(_WANTED[kind] for kind in sorted(allowed))}")


_WANTED: Final[Mapping[Authority, str]] = {
    "working_group": "send item, decided by the working group on this matter",
    "regulator": "send reference, the number of the regulator's letter",
    "paper": "send paper_reference",
    "clerk": "a clerk records it",
    "clock": "only the clock does this",
}


def decides(act: str, matter: str, outcome: str | None) -> bool:
    """Whether an item's outcome is the decision to do an act: adopted, or its opposite rejected."""
    return (outcome == "adopted" and act == matter) or (
        outcome == "rejected" and REJECTION_MEANS.get(matter) == act
    )
