"""The rules of payment orders and statements, whatever comes in whatever order."""

from datetime import date
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.bank_statements.domain import Line, Order, compare
from services.parcels.payments import domain
from services.parcels.payments.domain import Status

STATUSES: tuple[Status, ...] = get_args(Status)
TRACES = st.sampled_from(("A", "B"))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(STATUSES), max_size=30))
def test_what_a_bank_has_ends_by_its_answer_only(wanted: list[Status]) -> None:
    status: Status = "prepared"
    path = [status]
    for then in wanted:
        if domain.may(status, then):
            status = then
            path.append(status)
    assert len(path) == len(set(path))  # never back, so never ordered, paid or refused twice
    if "fetched" in path:
        assert not {"voided", "expired"} & set(path)
    if path[-1] in {"paid", "refused"}:
        assert "fetched" in path
    if path[-1] == "returned":
        assert path[-2] == "paid"


def test_every_state_can_be_reached_and_has_its_answers() -> None:
    assert domain.NEXT.keys() == set(STATUSES)
    reached = {"prepared"}.union(*domain.NEXT.values())
    assert reached == set(STATUSES)


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.sets(st.integers(-5, 5), max_size=8),
)
def test_a_proof_wants_every_day_from_the_fetching_on(fetched: date, offsets: set[int]) -> None:
    stated = {date.fromordinal(fetched.toordinal() + n) for n in offsets}
    missing = domain.missing_proof(fetched, stated)
    assert (missing == []) == ({0, 1, 2} <= offsets)
    assert not set(missing) & stated


@given(
    line=st.builds(
        Line,
        st.sampled_from(("paid", "returned")),
        st.just("PO-1"),
        TRACES,
        st.sampled_from((1, 2)),
    ),
    status=st.sampled_from(STATUSES),
    traces=st.tuples(TRACES, TRACES),
    seen=st.booleans(),
)
def test_a_line_moves_only_what_waits_for_it(
    line: Line, status: Status, traces: tuple[str, str], *, seen: bool
) -> None:
    order = Order(
        status,
        1,
        traces[0] if status in {"paid", "returned"} else None,
        traces[1] if status == "returned" else None,
    )
    outcome = compare(line, order, seen=seen)
    assert compare(line, None, seen=seen) == "unknown_order"
    if outcome == "confirmed":
        assert domain.may(status, "paid")
    if outcome == "returned":
        assert domain.may(status, "returned")
    if outcome in {"confirmed", "returned", "matched"}:
        assert (line.amount_rials, seen) == (1, False)
    if line.amount_rials != 1:
        assert outcome == "amount_differs"
