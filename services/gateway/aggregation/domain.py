"""The province's figures: whose work it is, and each row as the post publishes it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple, get_args

from services.gateway.aggregation.schemas import (
    ActivePartners,
    ReportRow,
    TaskName,
    TaskShare,
    TaskShares,
)
from services.gateway.clients import Tariffs

Part = Mapping[str, Any] | None
EXPRESS: Final = ("pishtaz", "vijeh")
ELECTRONIC: Final = ("ecommerce", "bank")
"""Channels of what shops and banks book."""
YEAR_DAYS: Final = 365.2422

STATE_KINDS: Final = ("post_office", "sorting_centre")
"""Kinds of office that are the state's own; agencies, counters and rural offices are not."""
WEIGHTS: Final[dict[TaskName, float]] = {
    "acceptance": 0.3,
    "sorting": 0.1,
    "transport": 0.1,
    "delivery": 0.3,
    "delegated": 0.2,
}
"""Ours, for want of published ones: what meets people weighs most. They add up to one."""


class Done(NamedTuple):
    """So much of a task at offices of a kind."""

    task: TaskName
    kind: str
    times: int


def task_shares(done: Iterable[Done]) -> TaskShares:
    """Each task's share, and the total by weights, which needs a share of each."""
    counts, outside = dict.fromkeys(WEIGHTS, 0), dict.fromkeys(WEIGHTS, 0)
    for task, kind, times in done:
        counts[task] += times
        outside[task] += 0 if kind in STATE_KINDS else times
    total = None
    if all(counts.values()):
        total = sum(100 * WEIGHTS[task] * outside[task] / counts[task] for task in WEIGHTS)
    return TaskShares(
        state_kinds=list(STATE_KINDS),
        rows=[
            TaskShare(
                task=task,
                count=counts[task],
                outside_count=outside[task],
                outside_percent=_percent(outside[task], counts[task]),
                weight=WEIGHTS[task],
            )
            for task in get_args(TaskName)
        ],
        total_outside_percent=None if total is None else round(total, 2),
    )


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


@dataclass(frozen=True, slots=True)
class Parts:
    """What the rows are made of, as the sisters answered it."""

    volumes: Part
    services: Part
    workforce: Part
    transit: Part
    satisfaction: Part
    compensation: Part
    tasks: TaskShares | None
    active: ActivePartners | None
    tariff_years: float | None


def unchanged_since(tariffs: Tariffs, on: date) -> float | None:
    """Years that the tariff in force on a day had held by then; None if there was none.

    A tariff that was published and withdrawn before its first day is in no list.
    """
    begun = [one.valid_from for one in tariffs.items if one.valid_from <= on]
    return round((on - max(begun)).days / YEAR_DAYS, 2) if begun else None


def rows(parts: Parts) -> list[ReportRow]:
    """Every row of the published year, in one order."""
    return [
        *_volumes(parts.volumes, parts.services),
        _plain("within_promise", "percent", _at(parts.transit, "total", "within_promise_percent")),
        _compared(
            "satisfaction",
            "percent",
            _at(parts.satisfaction, "total", "satisfied_percent"),
            _at(parts.satisfaction, "total", "previous", "satisfied_percent"),
        ),
        _compared(
            "compensation",
            "rials",
            _at(parts.compensation, "paid_rials"),
            _at(parts.compensation, "previous_paid_rials"),
        ),
        *_people(parts.workforce),
        _plain(
            "tasks_outside_the_state_part",
            "percent",
            None if parts.tasks is None else parts.tasks.total_outside_percent,
        ),
        _plain("delegated_services", "services", _at(parts.services, "services", "in_force")),
        _plain("online_shops", "partners", parts.active.shops if parts.active else None),
        _plain("banks", "partners", parts.active.banks if parts.active else None),
        _plain("years_of_unchanged_tariff", "years", parts.tariff_years),
    ]


def _volumes(volumes: Part, services: Part) -> Iterable[ReportRow]:
    """Express and postal items are without e-commerce; electronic is what is ordered so."""

    def of(name: Any, *keep: bool | None) -> ReportRow:
        counts = [row for row, kept in zip(every, keep, strict=True) if kept]
        if volumes is None:
            return _plain(name, "items", None)
        now = sum(row["count"] for row in counts)
        return _compared(name, "items", now, sum(row["previous_count"] for row in counts))

    every: list[Mapping[str, Any]] = list(volumes.get("rows", ())) if volumes else []
    shops = [row["channel"] == "ecommerce" for row in every]
    fast = [row["product"] in EXPRESS for row in every]
    yield of("items", *(True for _ in every))
    yield of("express_items", *(f and not s for f, s in zip(fast, shops, strict=True)))
    yield of("postal_items", *(not f and not s for f, s in zip(fast, shops, strict=True)))
    yield of("ecommerce_packages", *shops)
    ordered = of("electronic_services", *(row["channel"] in ELECTRONIC for row in every))
    performed, before = (
        _at(services, "electronic", "count"),
        _at(services, "electronic", "previous_count"),
    )
    if ordered.value is None or performed is None:
        yield _plain("electronic_services", "services", None)
    else:
        booked_before = ordered.previous or 0
        yield _compared(
            "electronic_services",
            "services",
            ordered.value + performed,
            booked_before + (before or 0),
        )


def _people(workforce: Part) -> Iterable[ReportRow]:
    employed = None if workforce is None else workforce.get("by_employment")
    payroll = None
    if employed is not None:
        payroll = sum(row["count"] for row in employed if row["employment"] == "payroll")
    outside = _at(workforce, "outside_state_percent")
    yield _plain("people", "people", _at(workforce, "total"))
    yield _plain("people_on_the_payroll", "people", payroll)
    yield _plain("people_outside_the_state_part", "percent", outside)


def _at(part: Any, *path: str) -> float | None:
    """The number at a path of a sister's answer; None where it is not there."""
    for name in path:
        if not isinstance(part, Mapping):
            return None
        part = part.get(name)
    return part if isinstance(part, int | float) else None


def _plain(name: Any, unit: Any, value: float | None) -> ReportRow:
    return ReportRow(name=name, unit=unit, value=value, previous=None, growth_percent=None)


def _compared(name: Any, unit: Any, value: float | None, previous: float | None) -> ReportRow:
    growth = round(100 * (value / previous - 1), 2) if value is not None and previous else None
    return ReportRow(name=name, unit=unit, value=value, previous=previous, growth_percent=growth)
