"""When an item counts as missing, and custody's other rules with their days. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, NamedTuple

from services.parcels.vocabulary import Custodian, Product, Status

TermName = Literal[
    "return_working_days",
    "contest_days",
    "unseen_hours_adi",
    "unseen_hours_sefareshi",
    "unseen_hours_pishtaz",
    "unseen_hours_vijeh",
    "unseen_hours_amanat",
    "unseen_hours_matbu",
    "unseen_hours_past_promise",
    "unseen_hours_waiting",
]
VALUE_MAX: Final = 10_000
UNDER_WAY: Final = frozenset(
    {
        Status.ACCEPTED,
        Status.IN_TRANSIT,
        Status.OUT_FOR_DELIVERY,
        Status.READY_FOR_PICKUP,
        Status.DELIVERY_FAILED,
        Status.RETURNING,
        Status.HELD,
    }
)
"""In the post's custody, so that it can be lost."""
WAITING: Final = frozenset({Status.READY_FOR_PICKUP, Status.HELD})
"""Nobody need touch these for a while."""
UNSEEN: Final = "unseen_hours_"


class Term(NamedTuple):
    name: str
    valid_from: date
    value: int


class Terms:
    """The rules as they hold on a day (in Tehran)."""

    def __init__(self, rows: Iterable[Term], day: date) -> None:
        begun = sorted((row for row in rows if row.valid_from <= day), key=lambda r: r.valid_from)
        self._values: Mapping[str, int] = {row.name: row.value for row in begun}

    def value(self, name: TermName) -> int:
        return self._values[name]

    def hours(self, name: str) -> timedelta:
        return timedelta(hours=self._values[UNSEEN + name])

    @property
    def shortest_unseen(self) -> timedelta:
        """Nothing that was seen within it is missing."""
        hours = [value for name, value in self._values.items() if name.startswith(UNSEEN)]
        return timedelta(hours=min(hours))


@dataclass(frozen=True, slots=True)
class Seen:
    """An item as it was seen last."""

    status: Status
    product: Product
    custodian: Custodian | None
    seen_at: datetime
    promised_at: datetime | None
    to_province: str | None


def missing_at(seen: Seen, terms: Terms, provinces: frozenset[str]) -> datetime | None:
    """From when on it counts as missing; None where it is not for us to look for it.

    `provinces`: where we have offices. What left for another province travels with another post.
    """
    if seen.status not in UNDER_WAY or seen.custodian is Custodian.OPERATOR:
        return None
    abroad = seen.to_province is not None and seen.to_province not in provinces
    if abroad and seen.custodian is Custodian.TRIP:
        return None
    if seen.status in WAITING:
        return seen.seen_at + terms.hours("waiting")
    if seen.promised_at is not None:
        return max(seen.seen_at, seen.promised_at) + terms.hours("past_promise")
    return seen.seen_at + terms.hours(seen.product.wire)
