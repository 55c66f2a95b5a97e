"""Who works where: rows of POST /v1/workforce/people/import, without names."""

from collections.abc import Iterator
from itertools import count, cycle, islice
from typing import Any

from services.year.days import Month
from services.year.figures import STAFF
from services.year.network import Network
from shared.apportion import apportion

ROLES = {
    "post_office": ("manager", "clerk", "courier", "clerk", "courier", "driver"),
    "sorting_centre": ("manager", "sorter", "driver", "sorter", "sorter"),
    "agency": ("manager", "clerk", "courier"),
    "pishkhan": ("manager", "clerk", "clerk"),
    "rural_ict": ("manager", "clerk", "courier"),
}
"""Of those employed alike at one office, in turn; assumed."""


def staff(network: Network, year: int) -> list[dict[str, Any]]:
    """Everybody, employed from the first day of the year before on; alike for seeds and scales.

    A figure of the year as a whole: heads are not scaled.
    """
    numbers = count(1)
    since = Month(year - 1, 1).first_day().isoformat()
    return [
        {
            "personnel_number": f"KZ{next(numbers):05d}",
            "employment": employment,
            "role": role,
            "office": office,
            "valid_from": since,
        }
        for (employment, kind), people in STAFF.items()
        for office, role in _posts(network, kind, people)
    ]


def _posts(network: Network, kind: str, people: int) -> Iterator[tuple[str, str]]:
    """Shared out evenly; where there is no office of a kind, nobody works."""
    offices = sorted(office for office, its_kind in network.kind_of.items() if its_kind == kind)
    if offices:
        for office, of_office in zip(offices, apportion(people, [1] * len(offices)), strict=True):
            for role in islice(cycle(ROLES[kind]), of_office):
                yield office, role
