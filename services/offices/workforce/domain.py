"""Rules of the workforce: vocabularies, who works where, and periods that do not overlap."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from services.offices.workforce.errors import (
    DiffersFromRecord,
    OfficeClosed,
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
    """What a person does, where and when; `office` is the office's number, `void` a mistake."""

    employment: Employment
    role: Role
    office: int
    main: bool
    span: Span
    void: bool = False

    def starts_like(self, other: "Post") -> bool:
        """Whether both tell of the same thing, whatever they say about its end."""
        return _start(self) == _start(other)


def _start(post: Post) -> tuple[object, ...]:
    return (post.employment, post.role, post.office, post.main, post.span.first)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a row does to the posts held: the one that ends, by its place, and on which day.

    `adds`: the row itself becomes a post.
    """

    ends: tuple[int, date] | None = None
    adds: bool = False


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


def check_open(status: str, span: Span, today: date) -> None:
    """What was at an office that is closed by now may be recorded, what is to come may not."""
    if status == "closed" and (span.last is None or span.last > today):
        raise OfficeClosed("the office is closed: choose another, or a valid_until in the past")


def added(held: Sequence[Post], new: Post) -> Taken:
    """A person has one main post a day: the open-ended one ends the day before its successor.

    What was recorded with an end, or starts on that day or later, does not give way.
    """
    if len(held) >= ASSIGNMENTS_MAX:
        raise TooManyAssignments(f"a person has at most {ASSIGNMENTS_MAX} assignments")
    if not new.main:
        return Taken(adds=True)
    mains = {n: post.span for n, post in enumerate(held) if post.main and not post.void}
    open_before = [n for n, s in mains.items() if s.last is None and s.first < new.span.first]
    for n in open_before:
        del mains[n]
    taken = first_overlap(new.span, mains.values())
    if taken is not None:
        raise OverlappingAssignment(
            f"there is a main assignment from {taken.first} to {taken.last or 'further notice'}:"
            " end that one first, choose other days, or send main: false"
        )
    day_before = new.span.first - timedelta(days=1)
    return Taken((open_before[0], day_before) if open_before else None, adds=True)


def repeated(held: Sequence[Post], new: Post) -> Taken:
    """The same as `added`, but a post that is held already is not added again.

    A row without an end says nothing new of one that has ended since; a row with one ends it.
    """
    same = [(n, post) for n, post in enumerate(held) if post.starts_like(new)]
    if not same:
        return added(held, new)
    n, post = same[-1]
    if post.void or new.span.last in {None, post.span.last}:
        return Taken()
    if post.span.last is not None or new.span.last is None:
        raise DiffersFromRecord(
            f"this assignment is recorded until {post.span.last}: send that valid_until, or none"
        )
    return Taken((n, new.span.last))


def check_left(held: Iterable[Post], today: date) -> None:
    """Only of those who left may details be erased."""
    if any(not p.void and (p.span.last is None or p.span.last >= today) for p in held):
        raise StillEmployed("the person has an assignment today or later: end it first")


@dataclass(frozen=True, slots=True)
class Headcount:
    """People by their main assignment on a day."""

    total: int
    by_employment: dict[str, int]
    by_role: dict[str, int]
    by_office_kind: dict[str, int]
    outside_state_percent: float | None


def headcount(counted: Iterable[tuple[str, str, str, int]], kinds: Iterable[str]) -> Headcount:
    """From counts by employment, role and kind of office; what nobody does counts zero."""
    employments: Counter[str] = Counter(dict.fromkeys(EMPLOYMENTS, 0))
    roles: Counter[str] = Counter(dict.fromkeys(ROLES, 0))
    places = Counter(dict.fromkeys(kinds, 0))
    for employment, role, kind, people in counted:
        employments[employment] += people
        roles[role] += people
        places[kind] += people
    total = employments.total()
    outside = round(100 * (total - employments[STATE]) / total, 1) if total else None
    return Headcount(total, dict(employments), dict(roles), dict(places), outside)
