"""Bags' numbers, their state, and when an item was in which of them."""

import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parcels.bags.domain import (
    BagEvent,
    BagScan,
    BagStatus,
    Packing,
    bag_of,
    code_of,
    fold_bag,
    stays,
)
from shared.identifiers import IdentifierError, parse_s8, parse_s9, receptacle_of

START = datetime(2019, 3, 21, 8, tzinfo=UTC)
MINUTES = [START + timedelta(minutes=n) for n in range(12)]

packings = st.lists(
    st.builds(
        lambda n, bag, packed, at, flagged: Packing(
            uuid.UUID(int=n), bag, packed, MINUTES[at], flagged
        ),
        st.integers(0, 10**6),
        st.integers(1, 3),
        st.sampled_from([True, True, False]),
        st.integers(0, 11),
        st.sampled_from([False] * 5 + [True]),
    ),
    max_size=8,
    unique_by=lambda p: p.event_id,
)
openings = st.dictionaries(
    st.integers(1, 3), st.lists(st.integers(0, 11).map(MINUTES.__getitem__), max_size=2)
)


def in_bag(found: list[Packing], opened: dict[int, list[datetime]], bag: int, at: datetime) -> bool:
    """By looking at each instant: the item went in, and nothing said otherwise before `at`."""
    last: dict[datetime, Packing] = {}
    for packing in found:
        if not packing.flagged:
            other = last.get(packing.at)
            key = (packing.packed, packing.event_id)
            if other is None or key > (other.packed, other.event_id):
                last[packing.at] = packing
    for since, packing in last.items():
        if packing.packed and packing.bag == bag and since <= at:
            ended = any(since < other < at for other in last)
            emptied = any(since <= time < at for time in opened.get(bag, []))
            if not ended and not emptied:
                return True
    return False


@given(packings, openings, st.randoms())
def test_stays_are_what_looking_at_each_instant_finds(
    found: list[Packing], opened: dict[int, list[datetime]], rng: random.Random
) -> None:
    where, doubled = stays(found, opened)
    for bag in (1, 2, 3):
        for at in MINUTES:
            inside = [
                stay
                for stay in where
                if stay.bag == bag and stay.since <= at and (stay.until is None or at <= stay.until)
            ]
            assert len(inside) == in_bag(found, opened, bag, at)
    shuffled = list(found)
    rng.shuffle(shuffled)
    assert stays(shuffled, opened) == (where, doubled)
    assert len({(stay.bag, stay.since) for stay in where}) == len(where)


def test_an_item_found_in_a_second_bag_is_doubled_unless_the_first_was_opened() -> None:
    first = Packing(uuid.UUID(int=1), 1, packed=True, at=MINUTES[1])
    second = Packing(uuid.UUID(int=2), 2, packed=True, at=MINUTES[5])
    assert stays([first, second], {})[1] == {second.event_id}
    assert stays([first, second], {1: [MINUTES[3]]})[1] == set()


@given(st.integers(0, 10**12 - 1), st.integers(0, 15), st.integers(1, 9))
def test_a_bags_number_survives_no_wrong_digit(bag: int, place: int, by: int) -> None:
    code = code_of(bag)
    assert (len(code), bag_of(code)) == (16, bag)
    assert bag_of(f" {code[:6]}-{code[6:].lower()}") == bag
    if place >= 2:
        wrong = code[:place] + str((int(code[place]) + by) % 10) + code[place + 1 :]
        assert bag_of(wrong) is None


def test_a_bags_state_is_a_fold_of_its_events() -> None:
    def scan(n: int, event: BagEvent, office: int = 1, seal: str | None = None) -> BagScan:
        return BagScan(uuid.UUID(int=n), event, MINUTES[n], office, seal)

    events = [
        scan(1, BagEvent.CLOSED, seal="A"),
        scan(2, BagEvent.LOADED),
        scan(3, BagEvent.UNLOADED, 2, seal="B"),
        scan(4, BagEvent.OPENED, 3, seal="A"),
        scan(5, BagEvent.HELD),
    ]
    state, remarks = fold_bag(reversed(events), 1, 2)
    assert (state.status, state.office, state.seal) == (BagStatus.OPENED, 3, "A")
    assert {(event.int, kind) for event, kind in remarks} == {
        (3, "seal_differs"),
        (4, "opened_elsewhere"),
        (5, "scanned_after_opening"),
    }
    assert fold_bag(events[:2], 1, 2)[0].office is None
    assert fold_bag([], 1, 2)[0].status is BagStatus.OPEN
    assert fold_bag([events[1]], None, None)[1] == set()  # another post closed it


def test_s8_and_s9_are_parsed_and_composed() -> None:
    text = "IRTHRADEFRAAAUN90012003110125"
    receptacle = parse_s9(text)
    assert str(receptacle) == text
    assert str(receptacle.dispatch) == text[:20]
    assert parse_s8(text[:20]) == receptacle.dispatch
    assert (receptacle.dispatch.series, receptacle.dispatch.number) == ("IRTHRADEFRAAAUN", 12)
    assert (receptacle.number, receptacle.last, receptacle.registered) == (3, True, True)
    assert receptacle.weight_hg == 125
    for wrong in (text[:-1], text.replace("DE", "XX"), text.replace("AUN", "5UN"), text.lower()):
        assert receptacle_of(wrong) is None
        with pytest.raises(IdentifierError):
            parse_s9(wrong)
