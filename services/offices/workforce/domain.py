"""Rules of the workforce: vocabularies, who works where, and periods that do not overlap."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from services.offices.workforce.errors import (
    OverlappingAssignment,
    StillEmployed,
    TooManyAssignments,
    WrongPlaceForEmployment,
)
from shared.text import fold_code
from shared.validity import Span, first_overlap

Employment = Literal["payroll", "agency", "counter", "contract"]
Role = Literal[
    "manager",
    "supervisor",
    "clerk",
    "courier",
    "sorter",
    "driver",
    "technician",
    "accountant",
    "inspector",
    "trainer",
    "administrator",
    "guard",
]

EMPLOYMENTS: Final[dict[Employment, tuple[str, str]]] = {
    "payroll": ("رسمی و پیمانی", "on the state's payroll"),
    "agency": ("کارکنان نمایندگی", "employee of an agency"),
    "counter": ("کارکنان دفتر پیشخوان و ICT روستایی", "employee of a public counter"),
    "contract": ("شرکتی و قراردادی", "under contract in the post's own offices"),
}
"""Persian and English label of each employment."""

ROLES: Final[dict[Role, tuple[str, str]]] = {
    "manager": ("رئیس دفتر", "head of an office"),
    "supervisor": ("سرپرست", "supervisor"),
    "clerk": ("متصدی باجه", "counter clerk"),
    "courier": ("نامه‌رسان", "courier"),
    "sorter": ("متصدی تجزیه", "sorter"),
    "driver": ("راننده", "driver"),
    "technician": ("تکنسین", "technician"),
    "accountant": ("حسابدار", "accountant"),
    "inspector": ("بازرس", "inspector"),
    "trainer": ("مدرس", "trainer"),
    "administrator": ("کارمند اداری", "office administrator"),
    "guard": ("نگهبان", "guard"),
}

STATE: Final[Employment] = "payroll"
"""The only employment that is the state's; the rest counts as outside the state part."""

PLACES: Final[dict[Employment, tuple[str, ...]]] = {
    "payroll": ("post_office", "sorting_centre"),
    "contract": ("post_office", "sorting_centre"),
    "agency": ("agency",),
    "counter": ("pishkhan", "rural_ict", "subscriber_office", "communication_office"),
}
"""The kinds of office where people of an employment work."""

ASSIGNMENTS_MAX: Final = 200
"""Of one person in a life."""

_NUMBER = re.compile(r"[A-Z0-9]{1,20}")


def personnel_number(text: str) -> str:
    """As the operator issued it: 1 to 20 letters and digits; ValueError says so."""
    number = fold_code(text)
    if _NUMBER.fullmatch(number) is None:
        raise ValueError("Write a personnel number as 1 to 20 Latin letters and digits")
    return number


@dataclass(frozen=True, slots=True)
class Post:
    """What a person does, where and since when; `office` is the office's number."""

    employment: Employment
    role: Role
    office: int
    main: bool
    span: Span

    def same_start(self, other: "Post") -> bool:
        """Whether both tell of the same thing, whatever they say about its end."""
        return (self.employment, self.role, self.office, self.main, self.span.first) == (
            other.employment,
            other.role,
            other.office,
            other.main,
            other.span.first,
        )


def check_place(employment: Employment, kind: str) -> None:
    """Who is employed how works in which kind of office."""
    kinds = PLACES[employment]
    if kind in kinds:
        return
    fitting = [name for name, places in PLACES.items() if kind in places]
    raise WrongPlaceForEmployment(
        f"the employment {employment} is for offices of the kinds {', '.join(kinds)}, and this is"
        f" a {kind}: choose such an office, or the employment {' or '.join(fitting)}"
    )


def handed_over(held: Iterable[Post], new: Post) -> Post | None:
    """Which of the posts held ends the day before `new` starts; None where none has to.

    A person has one main post a day. The open-ended one gives way to its successor; what was
    recorded with an end, or starts later, does not.
    """
    held = list(held)
    if len(held) >= ASSIGNMENTS_MAX:
        raise TooManyAssignments(f"a person has at most {ASSIGNMENTS_MAX} assignments")
    if not new.main:
        return _check_secondary(held, new)
    mains = [post for post in held if post.main]
    before = next((p for p in mains if p.span.last is None and p.span.first < new.span.first), None)
    taken = first_overlap(new.span, (post.span for post in mains if post is not before))
    if taken is not None:
        raise OverlappingAssignment(
            f"there is a main assignment from {taken.first} to {taken.last or 'further notice'}:"
            " end that one first, choose other days, or send main: false"
        )
    return before


def _check_secondary(held: Iterable[Post], new: Post) -> None:
    """The same work at the same office twice at a time is a slip of the pen."""
    same = [p.span for p in held if (p.role, p.office, p.main) == (new.role, new.office, False)]
    if (taken := first_overlap(new.span, same)) is not None:
        raise OverlappingAssignment(
            f"this role at this office is recorded from {taken.first} already: choose other days"
        )


def day_before(day: date) -> date:
    return day - timedelta(days=1)



def check_left(held: Iterable[Post], today: date) -> None:
    """Only of those who left may details be erased."""
    if any(post.span.last is None or post.span.last >= today for post in held):
        raise StillEmployed("the person has an assignment today or later: end it first")


def outside_state_percent(by_employment: dict[str, int]) -> float | None:
    """The share of people who are not on the state's payroll; None of nobody."""
    total = sum(by_employment.values())
    return round(100 * (total - by_employment.get(STATE, 0)) / total, 1) if total else None
