"""Rules of an office's history: what may become of it, and from which day."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

from services.offices.history.errors import ChangeTooEarly, NotConvertible
from services.offices.registry.domain import Kind

Change = Literal["conversion", "relocation", "transfer"]

CONVERSIONS: Final[Mapping[Kind, frozenset[Kind]]] = {
    "subscriber_office": frozenset({"pishkhan"}),
    "communication_office": frozenset({"pishkhan"}),
}
"""What may become of which kind: offices of 1378 and 1382 were taken over as public counters.

Every other office that is to be of another kind is closed, and a new one is licensed.
"""


def check_conversion(kind: Kind, wanted: Kind) -> None:
    allowed = CONVERSIONS.get(kind, frozenset())
    if wanted not in allowed:
        fix = f"it may become {', '.join(sorted(allowed))}" if allowed else "it stays what it is"
        raise NotConvertible(f"kind: a {kind} does not become a {wanted}; {fix}")


def check_since(on: date, since: date | None, founded_on: date | None) -> None:
    """What is so today was so for a day at least; where nobody knows since when, any day will do.

    `since` is the first day of what is so today.
    """
    begin = since or founded_on
    if begin is not None and on <= begin:
        raise ChangeTooEarly(
            f"on: what is so today is so from {begin}: give a later day, or correct with PATCH"
        )
