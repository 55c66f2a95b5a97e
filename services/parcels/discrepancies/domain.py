"""The words of discrepancies. Pure."""

from typing import Final, Literal, NamedTuple

Kind = Literal[
    "acceptance_missing",
    "accepted_twice",
    "out_of_sequence",
    "scanned_after_end",
    "scanned_after_cancellation",
    "handover_gap",
    "in_two_places",
    "unknown_office",
    "outside_offline_window",
    "missing",
    "weight_difference",
    "missing_at_opening",
    "unexpected_at_opening",
    "in_two_bags",
]
FOLDED: Final[tuple[Kind, ...]] = (
    "acceptance_missing",
    "accepted_twice",
    "out_of_sequence",
    "scanned_after_end",
    "scanned_after_cancellation",
    "handover_gap",
    "in_two_places",
)
"""Found by folding an item's events, and settled when a later event or a correction mends it."""


class Misfit(NamedTuple):
    """A discrepancy to be noted; the last custodian, where it is not who has the item now."""

    item_id: int
    event_id: str
    kind: str
    office: int | None = None
    holder: int | None = None
    holder_id: int | None = None
