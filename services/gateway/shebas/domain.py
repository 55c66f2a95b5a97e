"""A change of the account that a partner is paid to: who may do what when. Pure."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

Step = Literal["approved", "rejected", "effective", "delivered"]
Status = Literal["proposed", "approved", "rejected", "effective", "delivered"]
OPEN: Final[frozenset[Status]] = frozenset({"proposed", "approved"})


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken. `effective_at`: of an approval, from when it holds."""

    by: uuid.UUID | None
    at: datetime
    effective_at: datetime | None = None


def status_of(steps: Mapping[Step, Taken]) -> Status:
    """The last of what was done; calling off counts more than the approval before it."""
    order: tuple[Step, ...] = ("delivered", "effective", "rejected", "approved")
    return next((step for step in order if step in steps), "proposed")


def why_not_approved(steps: Mapping[Step, Taken]) -> str | None:
    """None where it may be, once; by whom see `why_not_second`."""
    return None if status_of(steps) == "proposed" else f"it is {status_of(steps)}"


def why_not_second(proposed_by: uuid.UUID, by: uuid.UUID, *, two_persons: bool) -> str | None:
    """None where `by` is a second pair of eyes; `two_persons`: of accounts with no hand in common.

    Otherwise who may give out credentials could equip a second account and approve by it.
    """
    if by == proposed_by:
        return "who proposed a change may not approve it: ask a second person"
    if not two_persons:
        return (
            "one account opened, or gave credentials to, both that which proposed this and yours,"
            " or one of them the other: ask a person whose account came from the terminal"
        )
    return None


def is_due(steps: Mapping[Step, Taken], now: datetime) -> bool:
    """Whether an approved change holds from now on, for good."""
    if status_of(steps) != "approved":
        return False
    effective_at = steps["approved"].effective_at
    return effective_at is not None and effective_at <= now
