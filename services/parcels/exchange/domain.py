"""Numbers of dispatches and receptacles, and the comparison with a pre-advice. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from shared.identifiers import DispatchId, ReceptacleId, parse_s8

NUMBER_MAX: Final = 9_999
RECEPTACLES_MAX: Final = 999
_HECTOGRAM_G: Final = 100


def year_of(digit: int, now_year: int) -> int:
    """The year that a number's last digit means: one of the last nine, this one or the next."""
    ago = (now_year - digit) % 10
    return now_year + 1 if ago == 9 else now_year - ago


def dispatch_number(series: str | None, year: int | None, number: int | None) -> DispatchId | None:
    """A dispatch's S8 number; None for a domestic one."""
    if series is None or year is None or number is None:
        return None
    return parse_s8(f"{series}{year % 10}{number:04d}")


def receptacles(number: DispatchId, weights_g: Sequence[int]) -> list[str]:
    """The S9 numbers of a dispatch's bags in their order; all hold registered items."""
    last = len(weights_g)
    return [
        str(
            ReceptacleId(
                number,
                n,
                last=n == last,
                registered=True,
                weight_hg=-(-weight // _HECTOGRAM_G),
            )
        )
        for n, weight in enumerate(weights_g, start=1)
    ]


@dataclass(frozen=True, slots=True)
class Comparison:
    missing: list[str]
    surplus: list[str]


def compared(listed: Iterable[str], found: Iterable[str]) -> Comparison:
    """A list against what was in the receptacle."""
    expected, there = set(listed), set(found)
    return Comparison(sorted(expected - there), sorted(there - expected))
