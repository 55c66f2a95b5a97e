"""Next hops against asking for the way at every half hour of the week."""

from collections import Counter
from datetime import date, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.parcels.hops import domain
from services.parcels.transport.domain import Call, Line, instant
from shared.validity import Span
from tests.factories.timetables import CENTRES, DAY, random_network

HALF_HOUR = timedelta(minutes=30)


@settings(deadline=None, max_examples=4)
@given(st.integers(0, 2**32))
def test_a_week_of_hours(seed: int) -> None:
    """All runs are on the half hours, so what holds in the middle of one holds in all of it."""
    network = random_network(Random(seed))
    found = {(h.centre, h.destination): h for h in domain.next_hops(network, CENTRES, DAY)}
    begins, ends = instant(DAY, 0), instant(DAY + domain.WEEK, 0)
    for centre in CENTRES:
        for other in set(CENTRES) - {centre}:
            hops: Counter[tuple[str, str | None]] = Counter()
            takes = []
            at = begins + HALF_HOUR / 2
            while at < ends:
                journey = network.journey(centre, other, at)
                if journey is not None:
                    first = journey.legs[0]
                    hops[first.destination, first.line] += 1
                    takes.append((journey.arrives_at - at) / timedelta(minutes=1))
                at += HALF_HOUR
            hop = found.get((centre, other))
            assert (hop is None) == (not hops)
            if hop is None:
                continue
            share = hops[hop.next_office, hop.line] / ((ends - begins) / HALF_HOUR)
            assert hop.share_percent == round(100 * share, 1)
            assert hops[hop.next_office, hop.line] == max(hops.values())
            assert abs(hop.mean_min - sum(takes) / len(takes)) <= 0.5
            assert hop.worst_min == round(max(takes) + 15)


def test_the_fingerprint_changes_with_what_runs_in_the_week_and_with_nothing_else() -> None:
    calls = (Call("A", None, 60), Call("B", 120, None))

    def seen(on: date, until: date | None = None, **changes: int) -> str:
        line = Line("L", Span(date(2019, 1, 1), until), "road", 127, calls, 1, 1, 1)
        given = {name: changes.get(name, getattr(line, name)) for name in ("days", "distance_km")}
        line = Line("L", line.span, "road", given["days"], calls, 1, 1, given["distance_km"])
        return domain.fingerprint([line], [], ["A", "B"], on)

    day = date(2019, 3, 21)
    known = seen(day)
    assert known == seen(date(2019, 4, 2)) == seen(day, date(2019, 3, 27))
    assert known == seen(day, distance_km=7)
    assert known not in {seen(day, days=1), seen(day, date(2019, 3, 26)), seen(date(2018, 12, 31))}
