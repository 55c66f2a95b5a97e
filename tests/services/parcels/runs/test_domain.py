"""Rules of runs: what a stop's item says of it, and when a command's fact was."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.parcels.runs.domain import Item, Stop, doubled, hand_back_event, unaccounted
from services.parcels.scanning.domain import CUSTODIAN_AFTER
from services.parcels.vocabulary import Custodian, Event, Status

NOW = datetime(2019, 3, 21, 8, tzinfo=UTC)
minutes = st.integers(-10, 10).map(lambda n: NOW + timedelta(minutes=n))


@given(st.lists(st.integers(0, 5)))
def test_of_what_stands_twice_the_later_places_are_named(items: list[int]) -> None:
    places = doubled(items)
    kept = [item for n, item in enumerate(items) if n not in places]
    assert kept == list(dict.fromkeys(items))


@given(st.sampled_from(Status), st.none() | st.sampled_from(Custodian))
def test_a_stop_is_open_as_long_as_the_courier_answers_for_it(
    status: Status, custodian: Custodian | None
) -> None:
    stop = Stop(1, 1, "open", status, custodian, None)
    assert bool(unaccounted([stop])) == (
        custodian is Custodian.COURIER and status is not Status.DELIVERED
    )
    assert stop.outcome(out=False) == "open"
    assert Stop(1, 1, "delivered", status, custodian, NOW).outcome(out=True) == "delivered"


@given(st.none() | st.text(max_size=30) | st.sampled_from(["hold_at_office", "return_to_sender"]))
def test_what_is_handed_back_is_with_the_office(action: str | None) -> None:
    assert CUSTODIAN_AFTER[hand_back_event(action)] is Custodian.OFFICE
    assert hand_back_event("forward") is Event.ARRIVAL


@given(st.none() | minutes, st.none() | minutes)
def test_a_command_comes_after_what_is_known(
    said: datetime | None, folded: datetime | None
) -> None:
    item = Item(1, uuid.UUID(int=1), Status.ACCEPTED, None, 1, 0, None, folded)
    at = item.time(said, NOW)
    if said is not None:
        assert at == min(said, NOW)
    else:
        assert at >= NOW
        assert folded is None or at > folded
