"""The fold: order, terminal states, discrepancies."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.scanning.domain import CLOCK_AHEAD, FITS_AFTER, Scan, fold
from services.parcels.vocabulary import TERMINAL, Custodian, Event, Status

START = datetime(2019, 3, 21, 8, tzinfo=UTC)

scans = st.lists(
    st.builds(
        lambda event, minutes, late, n: Scan(
            uuid.UUID(int=n),
            event,
            START + timedelta(minutes=minutes),
            START + timedelta(minutes=minutes + late),
            n % 5 + 1,
        ),
        st.sampled_from(list(Event)),
        st.integers(0, 300),
        st.integers(-20, 200),
        st.integers(0, 10**6),
    ),
    max_size=12,
    unique_by=lambda scan: scan.event_id,
)


@given(scans, st.randoms())
def test_the_order_of_arrival_does_not_matter(found: list[Scan], rng: random.Random) -> None:
    shuffled = list(found)
    rng.shuffle(shuffled)
    assert fold(found) == fold(shuffled)


@given(scans)
def test_an_accepted_item_has_one_custodian_and_an_end_absorbs(found: list[Scan]) -> None:
    state = fold(found).state
    assert (state.custodian is None) == (state.status is Status.BOOKED)
    assert (state.accepted_at is None) == (state.status is Status.BOOKED)
    assert (state.ended_at is not None) == (state.status in TERMINAL)
    over = {Event.DELIVERED, Event.RETURNED, Event.LOST, Event.DESTROYED}
    ends = [s for s in found if s.event in over]
    assert (state.status in TERMINAL) == bool(ends)
    if ends:
        assert state.ended_at == min(ends, key=lambda s: s.order).effective_at
        assert state.custodian in {Custodian.RECIPIENT, Custodian.SENDER, Custodian.NOBODY}


@given(scans)
def test_what_fits_leaves_no_remark_and_what_does_not_is_named(found: list[Scan]) -> None:
    folded = fold(found)
    status = Status.BOOKED
    for scan in sorted(found, key=lambda s: s.order):
        fits = status in FITS_AFTER[scan.event] and status not in TERMINAL
        assert (scan.event_id in folded.discrepancies) == (not fits)
        before = [s for s in found if s.order <= scan.order]
        status = fold(before).state.status


@given(scans)
def test_flagged_events_count_for_nothing(found: list[Scan]) -> None:
    flagged = [
        Scan(s.event_id, s.event, s.occurred_at, s.recorded_at, s.office, flagged=True)
        for s in found
    ]
    assert fold(flagged).state.status is Status.BOOKED


@settings(max_examples=50)
@given(st.lists(st.integers(1, 6), min_size=2, max_size=6), st.data())
def test_a_hand_over_that_one_side_did_not_scan_is_a_gap(
    offices: list[int], data: st.DataObject
) -> None:
    """From office to office, each taking it in and letting it go; then without one of those."""
    legs = [(Event.ACCEPTANCE, offices[0])]
    for here, there in pairwise(offices):
        legs += [(Event.DEPARTURE, here), (Event.ARRIVAL, there)]
    history = [
        Scan(uuid.UUID(int=n), event, at, at, office)
        for n, (event, office) in enumerate(legs)
        for at in [START + timedelta(hours=n)]
    ]
    assert fold(history).gaps == {}
    left_out = data.draw(st.integers(1, len(legs) - 2))
    event, office = legs[left_out]
    after_office = legs[left_out + 1][1]
    before_office = legs[left_out - 1][1]
    folded = fold(history[:left_out] + history[left_out + 1 :])
    elsewhere = before_office if event is Event.ARRIVAL else office
    gap = {} if elsewhere == after_office else {uuid.UUID(int=left_out + 1): "handover_gap"}
    assert folded.gaps == gap
    holders = {event_id: holder_id for event_id, (_, holder_id) in folded.holders.items()}
    assert holders == dict.fromkeys(gap, elsewhere)


def test_a_clock_a_year_ahead_is_cut_to_five_minutes() -> None:
    scan = Scan(uuid.UUID(int=1), Event.ARRIVAL, START + timedelta(days=365), START, 1)
    assert scan.effective_at == START + CLOCK_AHEAD


def test_the_way_back_stays_returning_until_it_ends() -> None:
    events = (
        Event.ACCEPTANCE,
        Event.OUT_FOR_DELIVERY,
        Event.DELIVERY_FAILED,
        Event.RETURN_STARTED,
        Event.DEPARTURE,
        Event.ARRIVAL,
        Event.RETURNED,
    )
    history = [
        Scan(uuid.UUID(int=n), event, START + timedelta(hours=n), START + timedelta(hours=n), 1)
        for n, event in enumerate(events)
    ]
    folded = [fold(history[: n + 1]).state.status for n in range(len(history))]
    assert folded[-4:] == [Status.RETURNING] * 3 + [Status.RETURNED]
    assert fold(history).discrepancies == {}
