"""Rules of recording: which records are refused, which are kept with a flag, and growth."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal
from uuid import UUID

from services.offices.catalogue.domain import Span

OLD_AFTER: Final = timedelta(days=31)

Cell = tuple[date, str, str, bool]
"""Day, service, kind of office, electronic."""


@dataclass(frozen=True, slots=True)
class Record:
    record_id: UUID
    office: str
    service: str
    day: date
    count: int
    electronic: bool


@dataclass(frozen=True, slots=True)
class Service:
    span: Span
    electronic: bool
    at_counter: bool


Refused = Literal[
    "unknown_office", "other_office", "unknown_service", "future_day", "needs_backfill"
]
Flagged = Literal["not_offered", "service_not_in_force", "other_channel"]


def refusal(
    record: Record,
    offices: Collection[str],
    services: Collection[str],
    today: date,
    *,
    backfills: bool,
    at: str | None = None,
) -> Refused | None:
    """Why a record cannot be kept at all; None when it can.

    `at`: the one office that the recorder works at; it records nothing for others.
    """
    if at not in {None, record.office}:
        return "other_office"
    if record.office not in offices:
        return "unknown_office"
    if record.service not in services:
        return "unknown_service"
    if record.day > today:
        return "future_day"
    if record.day < today - OLD_AFTER and not backfills:
        return "needs_backfill"
    return None


def flags(record: Record, service: Service, offered: Iterable[Span]) -> list[Flagged]:
    """What did not fit. It was done all the same: a physical fact is recorded, not refused."""
    found: list[Flagged] = []
    if not any(record.day in span for span in offered):
        found.append("not_offered")
    if record.day not in service.span:
        found.append("service_not_in_force")
    if not (service.electronic if record.electronic else service.at_counter):
        found.append("other_channel")
    return found


def rolled_up(records: Iterable[tuple[Record, str]]) -> Mapping[Cell, int]:
    """What records, each with its office's kind, add to the roll-up."""
    cells: Counter[Cell] = Counter()
    for record, kind in records:
        cells[record.day, record.service, kind, record.electronic] += record.count
    return cells


def growth_percent(count: int, previous: int) -> float | None:
    """Growth on the period before, in percent to two decimals; None where there was nothing."""
    return round((count - previous) * 100 / previous, 2) if previous else None
