"""One line of the table of what is forwarded. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

PUBLIC: Final = "public"


@dataclass(frozen=True, slots=True)
class Route:
    """`scope`: what the caller's key must hold, or `public`. `slow`: a batch, given more time."""

    method: str
    template: str
    service: str
    scope: str
    slow: bool = False


def of(service: str, *operations: tuple[str, str, str]) -> Iterable[Route]:
    return (Route(method, template, service, scope) for method, template, scope in operations)
