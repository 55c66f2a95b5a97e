"""The rules of compensation, whatever a parcel was and whatever is asked."""

from datetime import UTC, date, datetime, timedelta
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from services.complaints.rules.domain import (
    Asked,
    Cause,
    Contents,
    Facts,
    Late,
    Terms,
    approvals_needed,
    last_day,
    work,
)

POSTED = datetime(2019, 3, 21, 8, tzinfo=UTC)
CAPS: dict[Contents, int] = {
    "goods": 200_000_000,
    "foreign_goods": 30_000_000,
    "cash": 50_000_000,
    "bank_documents": 1_000_000_000,
}
CAUSES: tuple[Cause, ...] = get_args(Cause)
TERMS = Terms(
    caps=CAPS,
    postage_basis_points={cause: 10_000 if cause == "loss" else 2_500 for cause in CAUSES},
    late={"pishtaz": (Late(24, 5_000), Late(72, 10_000))},
    two_approvals_above_rials=100,
    fetched_within_days=30,
    charged_back_basis_points=dict.fromkeys(CAUSES, 10_000),
    appeal_days=14,
    cod_overdue_days=5,
    domestic_bar_years=1,
    international_bar_months=6,
)
RIALS = st.integers(0, 2_000_000_000)

facts = st.builds(
    Facts,
    product=st.sampled_from(("pishtaz", "adi")),
    international=st.booleans(),
    status=st.sampled_from(("lost", "returned", "delivered")),
    price_rials=st.integers(0, 5_000_000),
    declared_value_rials=st.one_of(st.just(0), RIALS),
    cod_rials=RIALS,
    cod_place=st.sampled_from((None, "office", "paid")),
    cod_taken_at=st.one_of(st.none(), st.just(POSTED + timedelta(days=25))),
    posted_at=st.one_of(st.none(), st.just(POSTED)),
    promised_at=st.one_of(st.none(), st.just(POSTED + timedelta(days=2))),
    ended_at=st.one_of(st.none(), st.just(POSTED + timedelta(days=4))),
)
asked = st.builds(
    Asked,
    cause=st.sampled_from(CAUSES),
    contents=st.sampled_from(get_args(Contents)),
    loss_rials=st.one_of(st.none(), RIALS),
    claimed_on=st.dates(date(2019, 3, 21), date(2021, 1, 1)),
    now=st.just(POSTED + timedelta(days=30)),
    asked_rials=st.one_of(st.none(), RIALS),
    committed_rials=RIALS,
    paid_before_rials=RIALS,
)


@settings(max_examples=300, deadline=None)
@given(facts, asked)
def test_steps_add_up_and_stay_within_the_cap(parcel: Facts, wanted: Asked) -> None:
    worked = work(TERMS, parcel, wanted)
    assert sum(step.rials for step in worked.steps) == worked.amount_rials
    assert (worked.outcome == "payable") == (worked.amount_rials > 0)
    room = max(CAPS[wanted.contents] - wanted.committed_rials, 0)
    assert 0 <= worked.amount_rials <= room
    assert all(step.text for step in worked.steps)
    if parcel.posted_at is None:
        assert worked.outcome == "nothing_due"
        return
    last = last_day(POSTED.date(), TERMS, international=parcel.international)
    assert (worked.outcome == "time_barred") == (wanted.claimed_on > last)


@settings(max_examples=100, deadline=None)
@given(facts, asked, RIALS)
def test_who_lost_more_is_not_paid_less(parcel: Facts, wanted: Asked, more: int) -> None:
    def due(loss: int) -> int:
        fields = {name: getattr(wanted, name) for name in Asked.__slots__}
        return work(TERMS, parcel, Asked(**fields | {"loss_rials": loss})).amount_rials

    less = wanted.loss_rials or 0
    assert due(less) <= due(less + more)


def test_time_bars() -> None:
    """Both days included: a year from posting, or six months from the day after."""
    assert last_day(date(2019, 3, 21), TERMS, international=False) == date(2020, 3, 21)
    assert last_day(date(2020, 2, 29), TERMS, international=False) == date(2021, 2, 28)
    assert last_day(date(2019, 3, 21), TERMS, international=True) == date(2019, 9, 22)
    assert last_day(date(2019, 8, 30), TERMS, international=True) == date(2020, 2, 29)


@given(st.integers(1, 200))
def test_two_people_above_the_threshold(rials: int) -> None:
    assert approvals_needed(TERMS, rials) == (2 if rials > 100 else 1)
