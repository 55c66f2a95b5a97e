"""Rules of an application's way to a licence, as a table: nothing is skipped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, get_args

from services.offices.applications.errors import StepNotPossible
from services.offices.decisions.domain import Authority
from services.offices.licensing.domain import Path
from shared.calendar import day_start, tehran_date

Answer = Literal["favourable", "unfavourable"]
InquiryKind = Literal[
    "security", "criminal_record", "addiction", "tax", "bank", "insurance", "premises"
]
State = Literal[
    "received",
    "returned",
    "complete",
    "visited",
    "agreed",
    "cleared",
    "licensed",
    "refused",
    "withdrawn",
]
ClerksAct = Literal["complete", "return", "resubmit", "visit", "clear", "withdraw"]
Verdict = Literal["agree", "refuse", "issue"]
Act = ClerksAct | Verdict

INQUIRIES: Final[tuple[InquiryKind, ...]] = get_args(InquiryKind)
FINAL: Final = frozenset[State]({"licensed", "refused", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Step:
    """The state after an act, and on whose authority it rests."""

    after: State
    authority: Authority


_ALIKE: Final[Mapping[tuple[State, Act], Step]] = {
    ("received", "complete"): Step("complete", "clerk"),
    ("received", "return"): Step("returned", "clerk"),
    ("returned", "resubmit"): Step("received", "clerk"),
    ("complete", "visit"): Step("visited", "clerk"),
    ("complete", "return"): Step("returned", "clerk"),
    ("visited", "return"): Step("returned", "clerk"),
    ("agreed", "clear"): Step("cleared", "clerk"),
    ("agreed", "refuse"): Step("refused", "regulator"),
    ("cleared", "refuse"): Step("refused", "regulator"),
    ("cleared", "issue"): Step("licensed", "regulator"),
    ("received", "withdraw"): Step("withdrawn", "clerk"),
    ("returned", "withdraw"): Step("withdrawn", "clerk"),
    ("complete", "withdraw"): Step("withdrawn", "clerk"),
    ("visited", "withdraw"): Step("withdrawn", "clerk"),
    ("agreed", "withdraw"): Step("withdrawn", "clerk"),
    ("cleared", "withdraw"): Step("withdrawn", "clerk"),
}

FLOW: Final[Mapping[Path, Mapping[tuple[State, Act], Step]]] = {
    "working_group": {
        **_ALIKE,
        ("visited", "agree"): Step("agreed", "working_group"),
        ("visited", "refuse"): Step("refused", "working_group"),
    },
    "regulator": {
        **_ALIKE,
        ("visited", "agree"): Step("agreed", "regulator"),
        ("visited", "refuse"): Step("refused", "regulator"),
    },
}
"""The working group agrees in principle or refuses; what follows is the regulator's, by letter."""


def follow(path: Path, state: State, act: Act) -> Step:
    step = FLOW[path].get((state, act))
    if step is None:
        possible = sorted(act for (before, act) in FLOW[path] if before == state)
        raise StepNotPossible(
            f"{act}: the application is {state}; possible: {', '.join(possible) or 'nothing more'}"
        )
    return step


def matters(path: Path, state: State) -> list[str]:
    """What the working group may be asked about an application."""
    return sorted(
        act
        for (before, act), step in FLOW[path].items()
        if before == state and step.authority == "working_group"
    )


def not_cleared(answers: Iterable[tuple[InquiryKind, int, Answer | None]]) -> list[str]:
    """The inquiries whose newest round has no favourable answer, by kind with what is the matter.

    `answers`: kind, round, answer; a kind that was never asked counts as open.
    """
    newest: dict[InquiryKind, tuple[int, Answer | None]] = {}
    for kind, round_, answer in answers:
        if kind not in newest or round_ > newest[kind][0]:
            newest[kind] = (round_, answer)
    found = ((kind, newest.get(kind, (0, None))[1]) for kind in INQUIRIES)
    return [f"{kind} ({answer or 'open'})" for kind, answer in found if answer != "favourable"]


def due_at(asked_at: datetime, days: int) -> datetime:
    """The end of the last of so many days in Tehran, the day of asking not counted."""
    return day_start(tehran_date(asked_at) + timedelta(days=days + 1))
