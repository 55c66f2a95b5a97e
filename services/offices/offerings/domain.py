"""What becomes of an office's offerings when it is to offer other services from a day on."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, Protocol, TypeVar

from services.offices.catalogue.domain import Span


class Offered(Protocol):
    @property
    def service(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date | None: ...


O = TypeVar("O", bound=Offered)  # noqa: E741 - of offering


@dataclass(frozen=True, slots=True)
class Plan(Generic[O]):
    """Services to start on the day, offerings to withdraw, and those that end otherwise."""

    start: list[str]
    withdraw: list[O]
    until: list[tuple[O, date | None]]


def replace(rows: Iterable[O], wanted: Collection[str], on: date) -> Plan[O]:
    """From `on` exactly `wanted`, without an end; the days before stay as they were.

    `rows` are one office's. One that would begin on the day or later has not begun: it is
    withdrawn, unless it is the very one wanted.
    """
    plan: Plan[O] = Plan([], [], [])
    missing = set(wanted)
    for row in rows:
        span = Span(row.valid_from, row.valid_until)
        if span.last is not None and span.last < on:
            continue
        if on in span and row.service in missing:
            missing.discard(row.service)
            if span.last is not None:
                plan.until.append((row, None))
        elif row.valid_from >= on:
            plan.withdraw.append(row)
        else:
            plan.until.append((row, on - timedelta(days=1)))
    plan.start.extend(sorted(missing))
    return plan
