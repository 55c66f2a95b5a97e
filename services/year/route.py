"""The scans of one item on its way, with times: what a clerk, a lorry and a courier would do.

The day of posting: acceptance, departure after the counter closes, arrival at the sorting centre
in the evening. A second sorting centre is reached overnight. The next working day: to the delivery
office at dawn, out with the courier, delivered by early afternoon.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from services.year.days import HOUR, OPENS, at, closes, working_day_after

# Of a thousand items for Khuzestan; assumed.
OUTCOMES = {"delivered": 930, "second_try": 40, "from_counter": 20, "returned": 10}
HELD_WORKING_DAYS = 5  # then it goes back (FACTS: unofficial)


class Scan(NamedTuple):
    at: int
    event: str
    office: str


@dataclass(frozen=True, slots=True)
class Way:
    """Offices by code; `centre` and `far_centre` may be the same one."""

    origin: str
    centre: str
    far_centre: str
    delivery: str


def same_day(rng: Random, office: str, accepted_at: int) -> list[Scan]:
    """Vijeh: straight from the counter to the recipient in the same town, within three hours."""
    out = accepted_at + rng.randrange(10 * 60, 50 * 60)
    return [
        Scan(accepted_at, "acceptance", office),
        Scan(out, "out_for_delivery", office),
        Scan(out + rng.randrange(15 * 60, 90 * 60), "delivered", office),
    ]


def out_of_province(
    rng: Random, origin: str, centre: str, day: date, accepted_at: int
) -> list[Scan]:
    """Ends with the departure that hands it over to the other province's post: in transit."""
    return [
        *_collected(rng, origin, centre, day, accepted_at),
        Scan(_about(rng, day, 21 * HOUR, 2 * HOUR), "departure", centre),
    ]


def within_province(rng: Random, way: Way, day: date, accepted_at: int, outcome: str) -> list[Scan]:
    delivery_day = working_day_after(day)
    return [
        *_collected(rng, way.origin, way.centre, day, accepted_at),
        *_overnight(rng, way.centre, way.far_centre, day),
        *_to_office(rng, way.far_centre, way.delivery, delivery_day),
        *_delivery(rng, way, delivery_day, outcome),
    ]


def _about(rng: Random, day: date, start: int, width: int) -> int:
    return at(day, start + rng.randrange(width))


def _visit(rng: Random, day: date) -> int:
    """When the courier stands at the door: from nine until the counters close."""
    return _about(rng, day, 9 * HOUR, closes(day) - 9 * HOUR)


def _collected(rng: Random, origin: str, centre: str, day: date, accepted_at: int) -> list[Scan]:
    return [
        Scan(accepted_at, "acceptance", origin),
        *_to_centre(rng, origin, centre, day),
    ]


def _to_centre(rng: Random, office: str, centre: str, day: date) -> list[Scan]:
    return [
        Scan(_about(rng, day, 15 * HOUR, HOUR), "departure", office),
        Scan(_about(rng, day, 17 * HOUR, 3 * HOUR), "arrival", centre),
    ]


def _overnight(rng: Random, centre: str, far_centre: str, day: date) -> list[Scan]:
    if centre == far_centre:
        return []
    return [
        Scan(_about(rng, day, 21 * HOUR, 2 * HOUR), "departure", centre),
        Scan(_about(rng, day + timedelta(1), 4 * HOUR + HOUR // 2, HOUR), "arrival", far_centre),
    ]


def _to_office(rng: Random, centre: str, office: str, day: date) -> list[Scan]:
    return [
        Scan(_about(rng, day, 6 * HOUR, HOUR // 2), "departure", centre),
        Scan(_about(rng, day, 7 * HOUR, HOUR // 2), "arrival", office),
    ]


def _delivery(rng: Random, way: Way, day: date, outcome: str) -> list[Scan]:
    match outcome:
        case "delivered":
            return _round(rng, way.delivery, day, "delivered")
        case "second_try":
            return [
                *_round(rng, way.delivery, day, "delivery_failed"),
                *_round(rng, way.delivery, working_day_after(day), "delivered"),
            ]
        case "from_counter":
            collected = working_day_after(day, rng.randrange(1, HELD_WORKING_DAYS))
            return [
                *_round(rng, way.delivery, day, "delivery_failed"),
                _held(rng, way.delivery, day),
                Scan(_visit(rng, collected), "delivered", way.delivery),
            ]
        case "returned":
            return _returned(rng, way, day)
        case _:
            raise ValueError(outcome)


def _round(rng: Random, office: str, day: date, end: str) -> list[Scan]:
    return [
        Scan(_about(rng, day, OPENS, HOUR // 2), "out_for_delivery", office),
        Scan(_visit(rng, day), end, office),
    ]


def _held(rng: Random, office: str, day: date) -> Scan:
    return Scan(_about(rng, day, closes(day), HOUR // 2), "held_at_counter", office)


def _returned(rng: Random, way: Way, day: date) -> list[Scan]:
    """Two tries, held for its days, and back to the sender by the same way."""
    second = working_day_after(day)
    back = working_day_after(second, HELD_WORKING_DAYS)
    home = working_day_after(back)
    return [
        *_round(rng, way.delivery, day, "delivery_failed"),
        *_round(rng, way.delivery, second, "delivery_failed"),
        _held(rng, way.delivery, second),
        Scan(_visit(rng, back), "return_started", way.delivery),
        *_to_centre(rng, way.delivery, way.far_centre, back),
        *_overnight(rng, way.far_centre, way.centre, back),
        *_to_office(rng, way.centre, way.origin, home),
        Scan(_visit(rng, home), "returned", way.origin),
    ]
