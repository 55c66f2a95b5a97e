"""Replacing what an office offers, day by day."""

from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.catalogue.domain import Span
from services.offices.offerings.domain import replace

FIRST = date(2019, 3, 21)
DAYS = [FIRST + timedelta(days=n) for n in range(30)]
SERVICES = ("post.mail", "post.cargo", "tax.form")


@dataclass(frozen=True, slots=True)
class Row:
    service: str
    valid_from: date
    valid_until: date | None


@st.composite
def histories(draw: st.DrawFn) -> list[Row]:
    """Per service, spans one after another that do not overlap; only the last may be open."""
    rows = []
    for service in SERVICES:
        cuts = draw(st.lists(st.sampled_from(DAYS), unique=True, max_size=5).map(sorted))
        ends: list[date | None] = [*cuts[1::2]]
        if len(cuts) % 2:
            ends.append(None)
        rows += [Row(service, first, last) for first, last in zip(cuts[::2], ends, strict=True)]
    return rows


def offered(rows: list[Row], day: date) -> list[str]:
    return sorted(row.service for row in rows if day in Span(row.valid_from, row.valid_until))


@given(histories(), st.sets(st.sampled_from(SERVICES)), st.sampled_from(DAYS))
@settings(max_examples=100, deadline=None)
def test_exactly_these_from_the_day_on_and_the_days_before_as_they_were(
    rows: list[Row], wanted: set[str], on: date
) -> None:
    plan = replace(rows, wanted, on)
    ends = dict(plan.until)
    after = [
        Row(row.service, row.valid_from, ends.get(row, row.valid_until))
        for row in rows
        if row not in plan.withdraw
    ]
    after += [Row(service, on, None) for service in plan.start]
    for day in DAYS:
        assert offered(after, day) == (offered(rows, day) if day < on else sorted(wanted))
    assert all(row.valid_until is None or row.valid_until >= row.valid_from for row in after)
    assert replace(after, wanted, on) == replace([], [], on)  # nothing is left to do
