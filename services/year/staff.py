"""Who works where: rows of POST /v1/workforce/people/import, without names."""

from collections.abc import Iterator
from itertools import chain, count, cycle, islice
from typing import Any

from services.year.days import Month
from services.year.figures import STAFF
from services.year.network import Network
from shared.apportion import apportion

ROLES = {
    "post_office": ("clerk", "courier", "clerk", "courier", "driver"),
    "sorting_centre": ("sorter", "driver", "sorter", "sorter"),
    "agency": ("clerk", "courier"),
    "pishkhan": ("clerk",),
    "rural_ict": ("clerk", "courier"),
}
"""Of those employed alike at one office, in turn, after its head; assumed."""


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
        for office, role in _posts(network, kind, people, headed=employment != "contract")
    ]


def _posts(network: Network, kind: str, people: int, *, headed: bool) -> Iterator[tuple[str, str]]:
    """Shared out evenly; where there is no office of a kind, nobody works."""
    offices = sorted(office for office, its_kind in network.kind_of.items() if its_kind == kind)
    if offices:
        for office, of_office in zip(offices, apportion(people, [1] * len(offices)), strict=True):
            roles = chain(["manager"] if headed else [], cycle(ROLES[kind]))
            for role in islice(roles, of_office):
                yield office, role
