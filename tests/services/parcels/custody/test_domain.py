"""When an item is missing."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.custody.domain import UNDER_WAY, Seen, Term, Terms, missing_at
from services.parcels.vocabulary import Custodian, Product, Status

START = datetime(2019, 3, 21, 8, tzinfo=UTC)
HOURS = {
    **{product.wire: 100 + n for n, product in enumerate(Product)},
    "past_promise": 50,
    "waiting": 700,
}
TERMS = Terms(
    [Term(f"unseen_hours_{n}", date(2016, 3, 20), v) for n, v in HOURS.items()], date(2019, 3, 21)
)
OURS = frozenset({"khuzestan"})

seen = st.builds(
    Seen,
    st.sampled_from(Status),
    st.sampled_from(Product),
    st.sampled_from(Custodian),
    st.integers(0, 500).map(lambda hours: START + timedelta(hours=hours)),
    st.none() | st.integers(0, 500).map(lambda hours: START + timedelta(hours=hours)),
    st.sampled_from(["khuzestan", "tehran", None]),
)


@settings(max_examples=60)
@given(seen, st.integers(0, 300))
def test_a_later_sight_or_promise_never_makes_it_missing_earlier(one: Seen, hours: int) -> None:
    at = missing_at(one, TERMS, OURS)
    later = timedelta(hours=hours)
    again = Seen(
        one.status, one.product, one.custodian, one.seen_at + later, one.promised_at, "khuzestan"
    )
    if at is None:
        travels_elsewhere = one.to_province == "tehran" and one.custodian is Custodian.TRIP
        handed_over = one.custodian is Custodian.OPERATOR
        assert one.status not in UNDER_WAY or travels_elsewhere or handed_over
        return
    assert at > one.seen_at
    assert (
        one.promised_at is None
        or one.status in {Status.HELD, Status.READY_FOR_PICKUP}
        or (at > one.promised_at)
    )
    assert (missing_at(again, TERMS, OURS) or at) >= at


def test_of_a_rules_values_the_last_one_begun_holds() -> None:
    rows = [
        Term("contest_days", date(2016, 3, 20), 7),
        Term("contest_days", date(2019, 3, 22), 9),
        Term("contest_days", date(2019, 3, 21), 8),
    ]
    on = [Terms(rows, date(2019, 3, day)).value("contest_days") for day in (20, 21, 22)]
    assert on == [7, 8, 9]
