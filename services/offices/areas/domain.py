"""Rules of service areas: ranges of postal codes, as numbers of ten digits."""

from collections.abc import Iterable
from typing import Final, NamedTuple

DIGITS: Final = 10


class CodeRange(NamedTuple):
    """Postal codes from `lower` up to, not including, `upper`."""

    lower: int
    upper: int

    @property
    def first(self) -> str:
        return f"{self.lower:010d}"

    @property
    def last(self) -> str:
        return f"{self.upper - 1:010d}"


def of_prefixes(first: str, last: str) -> CodeRange:
    """From the first code that begins with `first` to the last that begins with `last`.

    ValueError where that runs backwards.
    """
    lower, upper = int(first.ljust(DIGITS, "0")), int(last.ljust(DIGITS, "9")) + 1
    if lower >= upper:
        raise ValueError("Write a range upwards: its `from` before its `to`")
    return CodeRange(lower, upper)


def merged(ranges: Iterable[CodeRange]) -> list[CodeRange]:
    """The same codes in as few ranges as can be, in order."""
    found: list[CodeRange] = []
    for lower, upper in sorted(ranges):
        if found and lower <= found[-1].upper:
            found[-1] = CodeRange(found[-1].lower, max(found[-1].upper, upper))
        else:
            found.append(CodeRange(lower, upper))
    return found
