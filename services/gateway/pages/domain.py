"""What pages for everybody work out by themselves: numbers in a text, a way as stops. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from shared.text import fold_code

NUMBERS_MAX: Final = 20
PARTS: Final = re.compile(r"[\n\r,;/|\u060c\u061b]+")
"""What people put between numbers, the Persian comma and semicolon among it."""
OURS, S10 = 24, 13
GOOD: Final = frozenset({"delivered", "ready_for_pickup"})
BAD: Final = frozenset({"lost", "destroyed"})
ODD: Final = frozenset({"delivery_failed", "held", "returning", "returned", "cancelled"})
OVER: Final = frozenset({"delivered", "returned", "lost", "cancelled", "destroyed"})


def numbers_in(text: str) -> list[str]:
    """Every number in what was pasted, once, in its order; spaces within a number do no harm.

    What looks like none stays as it is: the page says so beside it.
    """
    found: dict[str, None] = {}
    for part in PARTS.split(text):
        for number in _joined(part.split()):
            found.setdefault(number)
    return list(found)[:NUMBERS_MAX]


def _joined(tokens: Iterable[str]) -> list[str]:
    whole: list[str] = []
    so_far = ""
    for token in tokens:
        so_far = fold_code(so_far + token)[:100]
        if _is_whole(so_far):
            whole.append(so_far)
            so_far = ""
    return [*whole, so_far] if so_far else whole


def _is_whole(code: str) -> bool:
    return len(code) == (OURS if code.isdigit() else S10)


def mood(status: str) -> str:
    """The colour of a status: ok, bad, warn or info."""
    if status in GOOD:
        return "ok"
    if status in BAD:
        return "bad"
    return "warn" if status in ODD else "info"


@dataclass(slots=True)
class Stop:
    """A town on the way and what happened there; `at` is None where nobody can tell yet."""

    town: str | None
    events: list[Mapping[str, Any]] = field(default_factory=list)
    kind: str = "done"
    at: str | None = None


def stops_of(tracking: Mapping[str, Any], eta: Mapping[str, Any] | None) -> list[Stop]:
    """The way as a line: events one after another in one town are one stop; then what is to come.

    A step without a town (with a courier, by a decision) belongs to the stop before it.
    """
    stops: list[Stop] = []
    for event in tracking["events"]:
        if not stops or event["town"] not in {None, stops[-1].town}:
            stops.append(Stop(event["town"]))
        stops[-1].events.append(event)
    if not stops:
        return stops
    status = tracking["status"]
    stops[-1].kind = "bad" if status in BAD else "done" if status in OVER else "now"
    expected = (eta or {}).get("delivered_by") or (eta or {}).get("arrives_at")
    if status not in OVER and eta is not None and expected is not None:
        stops.append(Stop(eta["town"], kind="next", at=expected))
    return stops


def target_of(
    targets: Sequence[Mapping[str, Any]], product: str, distance: str
) -> Mapping[str, Any] | None:
    """What is promised of a product so far; None: nothing is."""
    wanted = (product, distance)
    return next((t for t in targets if (t["product"], t["distance_class"]) == wanted), None)
