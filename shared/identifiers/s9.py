"""UPU S8 and S9: the 20 characters of a dispatch, the 29 of a receptacle in it. No check digit.

Origin office of exchange 6, destination 6, category 1, subclass 2, last digit of the year 1,
dispatch 4; receptacle 3, whether it is the last 1, whether it holds registered items 1, weight in
100 g 4. An office of exchange: ISO country 2, and 4 of its own. Widths unofficial.
"""

import re
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from shared.identifiers.invalid import IdentifierError, Reason
from shared.identifiers.s10 import COUNTRIES

_DISPATCH: Final = (
    r"([A-Z]{2}[A-Z0-9]{4})([A-Z]{2}[A-Z0-9]{4})([ABCD])([A-Z0-9]{2})([0-9])([0-9]{4})"
)
_S8: Final = re.compile(_DISPATCH)
_S9: Final = re.compile(_DISPATCH + r"([0-9]{3})([01])([01])([0-9]{4})")
_EXCHANGE_OFFICE: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{4}")


@dataclass(frozen=True, slots=True)
class DispatchId:
    """S8. `category`: A air, B SAL, C surface, D priority by surface."""

    origin: str
    destination: str
    category: str
    subclass: str
    year_digit: int
    number: int

    @override
    def __str__(self) -> str:
        return f"{self.series}{self.year_digit}{self.number:04d}"

    @property
    def series(self) -> str:
        """What its numbers run in, a year at a time."""
        return f"{self.origin}{self.destination}{self.category}{self.subclass}"


@dataclass(frozen=True, slots=True)
class ReceptacleId:
    """S9. `last`: it has the highest number of its dispatch."""

    dispatch: DispatchId
    number: int
    last: bool
    registered: bool
    weight_hg: int
    """In 100 g."""

    @override
    def __str__(self) -> str:
        flags = f"{self.last:d}{self.registered:d}"
        return f"{self.dispatch}{self.number:03d}{flags}{self.weight_hg:04d}"


def parse_exchange_office(text: str) -> str:
    """An office of exchange, such as IRTHRA; IdentifierError else."""
    if _EXCHANGE_OFFICE.fullmatch(text) is None:
        raise IdentifierError(
            Reason.WRONG_CHARACTERS,
            "Write an office of exchange as country and 4 characters: IRTHRA",
        )
    if text[:2] not in COUNTRIES:
        raise IdentifierError(
            Reason.UNKNOWN_COUNTRY, "An office of exchange begins with its ISO country: IRTHRA"
        )
    return text


def parse_s8(text: str) -> DispatchId:
    """IdentifierError where it is no dispatch's number."""
    found = _S8.fullmatch(text)
    if found is None:
        raise IdentifierError(Reason.WRONG_LENGTH, "An S8 number of a dispatch has 20 characters")
    return _dispatch(*found.groups())


def parse_s9(text: str) -> ReceptacleId:
    """IdentifierError where it is no receptacle's number."""
    found = _S9.fullmatch(text)
    if found is None:
        raise IdentifierError(Reason.WRONG_LENGTH, "An S9 number of a receptacle has 29 characters")
    *dispatch, number, last, registered, weight = found.groups()
    return ReceptacleId(
        _dispatch(*dispatch), int(number), last == "1", registered == "1", int(weight)
    )


def receptacle_of(text: str) -> str | None:
    """The S9 number, if it is one."""
    try:
        return str(parse_s9(text))
    except IdentifierError:
        return None


def _dispatch(
    origin: str, destination: str, category: str, subclass: str, year: str, number: str
) -> DispatchId:
    parse_exchange_office(origin)
    parse_exchange_office(destination)
    return DispatchId(origin, destination, category, subclass, int(year), int(number))
