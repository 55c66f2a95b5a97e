"""Contributions, buckets and percentiles."""

from bisect import bisect_right
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.transit import domain, views
from services.parcels.transit.domain import BOUNDS_H, BUCKETS, SCALARS, Fact, Office, Places
from services.parcels.vocabulary import Status
from shared.calendar import month_start, tehran_date
from shared.errors import Invalid

START: Final = datetime(2018, 3, 1, tzinfo=UTC)
PLACES: Final = Places(
    [
        Office(1, "ahvaz", "khuzestan", "ahvaz", "اهواز"),
        Office(2, "dezful", "khuzestan", "ray", "ر"),
    ]
)
INSTANTS: Final = st.integers(0, 60 * 24 * 500).map(lambda n: START + timedelta(minutes=n))
FACTS: Final = st.builds(
    Fact,
    product=st.integers(1, 3),
    channel=st.integers(1, 2),
    status=st.sampled_from([int(status) for status in Status]),
    accepted_at=st.none() | INSTANTS,
    ended_at=st.none() | INSTANTS,
    promised_at=st.none() | INSTANTS,
    office=st.integers(0, 2),
    direction=st.integers(0, 3),
    province=st.sampled_from([None, "khuzestan", "tehran"]),
    town=st.sampled_from([None, "ahvaz", "اهواز", "ray"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(FACTS, FACTS), max_size=8))
def test_differences_lead_to_what_a_count_from_nothing_finds(pairs: list[Any]) -> None:
    old = [domain.contribution(one, PLACES) for one, _ in pairs]
    new = [domain.contribution(two, PLACES) for _, two in pairs]
    first = domain.cells(domain.differences((None, one) for one in old))
    change = domain.cells(domain.differences(zip(old, new, strict=True)))
    direct = domain.cells(domain.differences((None, two) for two in new))
    for by in (dict, domain.monthly):
        added: dict[Any, list[int]] = {}
        for part in (by(first), by(change)):
            for cell, figures in part.items():
                into = added.setdefault(cell, [0] * (len(SCALARS) + BUCKETS))
                added[cell] = [a + b for a, b in zip(into, figures, strict=True)]
        assert {cell: n for cell, n in added.items() if any(n)} == by(direct)


@settings(max_examples=60, deadline=None)
@given(FACTS)
def test_every_dimension_counts_an_item_once(fact: Fact) -> None:
    what = domain.contribution(fact, PLACES)
    assert (what is None) == (fact.accepted_at is None)
    if what is None:
        return
    assert what.accepted_on == tehran_date(fact.accepted_at or START)
    assert (what.outcome is None) == (what.ended_on is None)
    assert what.minutes is None or (what.outcome == Status.DELIVERED and what.minutes >= 0)
    if what.outcome == Status.LOST:
        assert not what.within
    accepted: Counter[int] = Counter()
    ended: Counter[int] = Counter()
    for cell, figures in domain.cells(Counter({what: 1})).items():
        accepted[cell.dimension] += figures[0]
        ended[cell.dimension] += sum(figures[1:5])
    once = Counter(map(int, domain.Dimension))
    assert accepted == once
    assert ended == (once if what.outcome else Counter())


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 60 * 24 * 40), min_size=1, max_size=60), st.integers(1, 100))
def test_a_percentile_is_exact_to_its_bucket(minutes: list[int], percent: int) -> None:
    hours = [0] * BUCKETS
    for one in minutes:
        hours[domain.bucket(one)] += 1
    found = views.percentile_hours(hours, percent)
    true = sorted(minutes)[-(-len(minutes) * percent // 100) - 1] / 60  # nearest rank
    assert found is not None
    ends = (0, *BOUNDS_H)
    n = bisect_right(BOUNDS_H, true)
    assert ends[n] <= found <= (ends[n + 1] if n + 1 < len(ends) else ends[n])
    assert found <= (views.percentile_hours(hours, 100) or 0)


def test_places_by_name_and_by_slug() -> None:
    assert [PLACES.origin(office) for office in (0, 1, 2, 9)] == [
        "abroad",
        "ahvaz",
        "dezful",
        "abroad",
    ]
    for province, town, found in (
        ("khuzestan", "ahvaz", "ahvaz"),
        ("khuzestan", "اهواز", "ahvaz"),
        ("khuzestan", None, "province:khuzestan"),
        ("tehran", "ray", "province:tehran"),
        (None, "ray", "unknown"),
    ):
        assert PLACES.destination(province, town) == found


def test_nothing_has_no_percentile() -> None:
    assert views.percentile_hours([0] * BUCKETS, 50) is None
    assert views.Total().mean_hours is None


def test_months_begin_where_the_jalali_calendar_says() -> None:
    assert month_start(date(2019, 3, 20)) == date(2019, 2, 20)
    assert month_start(date(2019, 3, 21)) == date(2019, 3, 21)
    assert month_start(date(1000, 1, 1)) < date(1000, 1, 1)


class TestViews:
    @pytest.mark.parametrize(
        ("by", "given", "dimension", "group"),
        [
            ("product", {}, "CHANNEL", "product"),
            ("day", {"office": 0}, "OFFICE", "day"),
            ("destination", {}, "DESTINATION", "key"),
            ("destination", {"county": "ahvaz"}, "LANE", "destination"),
            ("county", {"county": "ahvaz"}, "COUNTY", "key"),
            ("month", {"county": "a", "destination": "b"}, "LANE", "day"),
            ("lane", {"destination": "b"}, "LANE", "key"),
        ],
    )
    def test_where_a_report_is_kept(
        self, by: views.By, given: dict[str, Any], dimension: str, group: str
    ) -> None:
        found = views.view(by, views.Filters(**given))
        assert (found.dimension.name, found.group) == (dimension, group)

    @pytest.mark.parametrize(
        ("by", "given"), [("lane", {"channel": 1}), ("product", {"channel": 1, "direction": 1})]
    )
    def test_what_is_not_kept_together(self, by: views.By, given: dict[str, Any]) -> None:
        with pytest.raises(Invalid):
            views.view(by, views.Filters(**given))
