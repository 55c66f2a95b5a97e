"""One line of the table of what is forwarded. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from services.gateway.traffic.domain import Class, class_of

PUBLIC: Final = "public"


@dataclass(frozen=True, slots=True)
class Route:
    """`scope`: what the caller's key must hold, or `public`. `slow`: a batch, given more time.

    `bound`: only with a token that is of use to its owner alone (`x-sender-constrained`).
    """

    method: str
    template: str
    service: str
    scope: str
    slow: bool = False
    bound: bool = False
    traffic: Class = field(init=False)

    def __post_init__(self) -> None:
        found = class_of(self.method, self.template, self.scope, slow=self.slow)
        object.__setattr__(self, "traffic", found)


def of(service: str, *operations: tuple[str, str, str], bound: bool = False) -> Iterable[Route]:
    return (
        Route(method, template, service, scope, bound=bound)
        for method, template, scope in operations
    )
