"""Random timetables, small enough to follow every way through them."""

from datetime import date, timedelta
from random import Random

from services.parcels.routing.domain import FeederRule, Network
from services.parcels.transport import domain as lines
from services.parcels.transport.domain import Call, Line, Stop
from shared.validity import Span

DAY = date(2019, 3, 19)
"""Two days before the clock is put on."""
CENTRES = "ABC"
OFFICES = {"a": "A", "b": "B"}


def random_line(draw: Random, code: str) -> Line:
    """On the half hours, so that connections are often just made or just missed."""
    route = draw.sample(CENTRES, draw.randint(2, 3))
    minute, calls = 30 * draw.randint(8, 47), []
    for n, office in enumerate(route):
        arrives = minute if n else None
        minute += 30 * draw.randint(0, 2) if n else 0
        calls.append(Call(office, arrives, minute if n < len(route) - 1 else None))
        minute += 30 * draw.randint(1, 12)
    days = draw.choice([127, 127, 111, 0b101010])
    return Line(code, Span(date(2019, 1, 1)), "road", days, tuple(calls), 1, 1, 1)


def random_network(draw: Random) -> Network:
    """Lines between three centres, two offices that ride to theirs; some runs go amiss."""
    found = [random_line(draw, f"L{n}") for n in range(draw.randint(3, 7))]
    sorting = draw.choice([0, 30, 90, 240])
    rule = FeederRule(None, date(2019, 1, 1), 111, 900, 1140, 360, 450, 510, 840, sorting)
    own = FeederRule("a", date(2019, 3, 21), 127, 600, 700, 800, 900, 950, 1000, sorting)
    changed: dict[tuple[str, date], list[Stop] | None] = {}
    for line in found:
        day, by = DAY + timedelta(days=draw.randint(0, 3)), timedelta(minutes=30)
        late = [
            Stop(office, at and at + by, to and to + by)
            for office, at, to in lines.stops(line, day)
        ]
        changed[line.code, day] = draw.choice([None, late])
    return Network(found, [rule, own], OFFICES, changed)
