"""Periods of work: no two main posts a day, and rows that say the same twice."""

from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.registry.domain import Kind
from services.offices.workforce.domain import (
    EMPLOYMENTS,
    PLACES,
    ROLES,
    Employment,
    Post,
    Role,
    Taken,
    added,
    check_left,
    check_place,
    headcount,
    personnel_number,
    repeated,
)
from services.offices.workforce.errors import StillEmployed, WrongPlaceForEmployment
from shared.errors import Conflict
from shared.validity import AlreadyEnded, EndsBeforeItStarts, Span

START = date(2019, 1, 1)
DAYS = st.integers(0, 30).map(lambda n: START + timedelta(days=n))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    first = draw(DAYS)
    length = draw(st.none() | st.integers(0, 12))
    return Span(first, None if length is None else first + timedelta(days=length))


POSTS = st.builds(
    Post,
    employment=st.just("payroll"),
    role=st.sampled_from(["clerk", "sorter"]),
    office=st.integers(1, 2),
    main=st.booleans() | st.just(value=True),
    span=spans(),
)


def recorded(held: list[Post], taken: Taken, new: Post) -> list[Post]:
    """What is held after a decision was carried out."""
    after = list(held)
    if taken.ends is not None:
        n, last = taken.ends
        post = after[n]
        after[n] = Post(
            post.employment, post.role, post.office, post.main, Span(post.span.first, last)
        )
    return [*after, new] if taken.adds else after


def sent(rows: list[Post], held: list[Post]) -> tuple[list[Post], list[str]]:
    results = []
    for row in rows:
        try:
            taken = repeated(held, row)
        except Conflict as refusal:
            results.append(refusal.code)
            continue
        results.append("unchanged" if taken == Taken() else "recorded")
        held = recorded(held, taken, row)
    return held, results


@settings(max_examples=60)
@given(st.lists(POSTS, max_size=12))
def test_main_posts_never_overlap_and_the_same_rows_again_change_nothing(rows: list[Post]) -> None:
    held, _ = sent(rows, [])
    mains = [post.span for post in held if post.main]
    for n in range(45):
        assert sum(span.covers(START + timedelta(days=n)) for span in mains) <= 1
    again, second = sent(rows, held)
    assert again == held
    assert "recorded" not in second


@settings(max_examples=60)
@given(spans(), spans(), DAYS)
def test_spans_are_sets_of_days(a: Span, b: Span, day: date) -> None:
    horizon = [START + timedelta(days=n) for n in range(60)]
    days_a, days_b = ({d for d in horizon if s.covers(d)} for s in (a, b))
    assert a.overlaps(b) == b.overlaps(a) == bool(days_a & days_b)
    assert a.within(b) == (days_a <= days_b)
    assert (day in days_a) == a.covers(day)


@settings(max_examples=60)
@given(spans(), DAYS, DAYS)
def test_an_end_only_comes_nearer_and_the_past_stays(span: Span, on: date, today: date) -> None:
    try:
        shorter = span.ended(on, today)
    except AlreadyEnded:
        assert span.last is not None
        assert span.last < today or span.last <= on
    except EndsBeforeItStarts:
        assert on < span.first
    else:
        assert shorter == Span(span.first, on)
        assert shorter.within(span)


def test_a_successor_ends_the_open_post_and_nothing_else() -> None:
    def post(first: int, last: int | None = None, *, main: bool = True) -> Post:
        until = None if last is None else START + timedelta(days=last)
        return Post("payroll", "clerk", 1, main, Span(START + timedelta(days=first), until))

    before = [post(0, 4), post(5)]
    assert added(before, post(9)) == Taken((1, START + timedelta(days=8)), adds=True)
    assert added(before, post(2, main=False)) == Taken(adds=True)
    for taken in (post(5), post(3, 4), post(-1), post(4, 4)):
        with pytest.raises(Conflict, match="end that one first"):
            added(before, taken)
    with pytest.raises(StillEmployed):
        check_left(before, START)
    check_left([post(0, 4)], START + timedelta(days=5))


def fits(employment: Employment, kind: str) -> bool:
    try:
        check_place(employment, kind)
    except WrongPlaceForEmployment:
        return False
    return True


def test_who_is_employed_how_works_where() -> None:
    own = {"post_office", "sorting_centre"}
    expected = {
        "payroll": own,
        "contract": own,
        "agency": {"agency"},
        "counter": {"pishkhan", "rural_ict", "subscriber_office", "communication_office"},
    }
    for employment in get_args(Employment):
        kinds = {kind for kind in get_args(Kind) if fits(employment, kind)}
        assert kinds == expected[employment]
    with pytest.raises(WrongPlaceForEmployment, match=r"employment agency$"):
        check_place("payroll", "agency")
    with pytest.raises(WrongPlaceForEmployment, match=r"payroll or contract$"):
        check_place("counter", "post_office")


def test_vocabularies_are_whole() -> None:
    assert set(EMPLOYMENTS) == set(get_args(Employment)) == set(PLACES)
    assert set(ROLES) == set(get_args(Role))
    assert {kind for kinds in PLACES.values() for kind in kinds} == set(get_args(Kind))


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(get_args(Employment)),
            st.sampled_from(get_args(Role)),
            st.sampled_from(get_args(Kind)),
            st.integers(1, 1000),
        ),
        max_size=30,
    )
)
def test_every_table_of_the_headcount_sums_to_the_total(
    rows: list[tuple[str, str, str, int]],
) -> None:
    found = headcount(rows, get_args(Kind))
    total = sum(people for *_, people in rows)
    for table in (found.by_employment, found.by_role, found.by_office_kind):
        assert sum(table.values()) == found.total == total
    payroll = sum(people for employment, *_, people in rows if employment == "payroll")
    if total:
        assert found.outside_state_percent == round(100 - 100 * payroll / total, 1)
    else:
        assert found.outside_state_percent is None


@pytest.mark.parametrize(
    ("typed", "number"), [("۱۰۴-۵۱۲", "104512"), (" ab 12 ", "AB12"), ("7", "7")]
)
def test_personnel_numbers_however_typed(typed: str, number: str) -> None:
    assert personnel_number(typed) == number


@pytest.mark.parametrize("typed", ["", "-", "کارمند", "1" * 21, "ı2"])
def test_what_is_no_personnel_number(typed: str) -> None:
    with pytest.raises(ValueError, match="personnel number"):
        personnel_number(typed)
