"""The rules of charges: VAT within a price, what an account can bear, days of account."""

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.parcels.invoices.domain import MonthRow, statement
from services.parcels.postage.domain import (
    ACCOUNTS,
    Kind,
    accounted_on,
    afford,
    last_day,
    month_before,
    month_of,
    month_text,
    vat_within,
)
from services.parcels.vocabulary import Payer
from shared.money import share

DAYS = st.dates(date(1950, 1, 1), date(2100, 1, 1))
TIMELESS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
RIALS = st.integers(0, 10**12)


@TIMELESS
@given(RIALS, st.integers(0, 10_000))
def test_vat_is_what_the_tariff_added(base: int, points: int) -> None:
    vat = share(base, points, 10_000)
    assert vat_within(base + vat, points) == vat


@TIMELESS
@given(RIALS, st.integers(0, 10_000))
def test_vat_of_any_total_is_less_than_it(total: int, points: int) -> None:
    vat = vat_within(total, points)
    assert 0 <= vat <= total
    assert abs(share(total - vat, points, 10_000) - vat) <= 1


@TIMELESS
@given(
    st.lists(st.tuples(st.sampled_from([None, *ACCOUNTS]), st.integers(0, 100)), max_size=20),
    st.dictionaries(st.sampled_from(sorted(ACCOUNTS)), st.none() | st.integers(-50, 300)),
)
def test_no_account_bears_more_than_it_has(
    wanted: list[tuple[Payer | None, int]], available: dict[Payer, int | None]
) -> None:
    good = afford(wanted, available)
    for payer in ACCOUNTS:
        borne = sum(r for (p, r), ok in zip(wanted, good, strict=True) if ok and p is payer)
        has = available.get(payer, 0)
        if has is not None:
            assert borne <= max(has, 0)
            smallest = min(
                (r for (p, r), ok in zip(wanted, good, strict=True) if not ok and p is payer),
                default=None,
            )
            assert smallest is None or payer not in available or smallest > has - borne
    assert all(ok for (p, _), ok in zip(wanted, good, strict=True) if p is None)


@TIMELESS
@given(DAYS, DAYS)
def test_what_was_issued_stays_as_it_is(day: date, other: date) -> None:
    closed = month_of(other)
    accounted = accounted_on(day, closed)
    assert accounted > last_day(closed)
    assert accounted == day or day <= last_day(closed)
    assert accounted_on(day, None) == day
    assert month_of(last_day(closed)) == closed
    assert month_before(month_of(accounted_on(last_day(closed), closed))) == closed
    assert month_text(closed) == f"{closed // 100:04d}-{closed % 100:02d}"


@TIMELESS
@given(
    st.integers(-(10**9), 10**9),
    st.lists(
        st.builds(
            MonthRow,
            st.sampled_from([4, 5]),
            st.sampled_from(list(Kind)),
            st.integers(0, 6),
            st.integers(0, 9),
            st.integers(-(10**9), 10**9),
            st.integers(-100, 100),
        ),
        max_size=12,
    ),
)
def test_a_statement_adds_up(opening: int, rows: list[MonthRow]) -> None:
    made = statement(opening, rows)
    assert made.closing_rials == opening + sum(row.amount_rials for row in rows)
    assert sum(line["total_rials"] for line in made.lines) == made.closing_rials - opening
