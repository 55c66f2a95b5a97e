"""Rules of coverage: radii, densities, and what distance costs. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

RADII_KM: Final = (2, 5, 10)


def percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def per_10_000(offices: int, people: int) -> float | None:
    return round(10_000 * offices / people, 3) if people else None


@dataclass(frozen=True, slots=True)
class Reach:
    """Of some places: how many people live within each radius of their nearest office.

    `person_m`: each person's metres to it, summed; None where there is no office at all.
    """

    places: int
    people: int
    within: tuple[int, ...]
    person_m: float | None

    @property
    def person_km(self) -> int | None:
        return None if self.person_m is None else round(self.person_m / 1000)

    @property
    def mean_distance_m(self) -> int | None:
        if self.person_m is None or not self.people:
            return None
        return round(self.person_m / self.people)


def together(parts: Sequence[Reach]) -> Reach:
    """The sum: there is an office for all of them or for none."""
    metres = [part.person_m for part in parts if part.person_m is not None]
    return Reach(
        sum(part.places for part in parts),
        sum(part.people for part in parts),
        tuple(sum(counts) for counts in zip(*(part.within for part in parts), strict=True))
        or (0,) * len(RADII_KM),
        sum(metres) if metres else None,
    )


@dataclass(frozen=True, slots=True)
class Factor:
    """One assumption of a reckoning, bounded where a reader sets another value."""

    name: str
    value: float
    unit: str
    source: str
    least: float
    most: float

    def chosen(self, value: float) -> "Factor":
        """As it is, or with the value of a reader, who is then its source."""
        if value == self.value:
            return self
        return replace(self, value=value, source="given in the request")


FACTORS: Final = (
    Factor("trips_per_service", 1.0, "journeys there and back per service", "assumption", 0, 10),
    Factor(
        "detour",
        1.417,
        "road km per great-circle km",
        "Boscoe, Henry, Zdeb: A Nationwide Comparison of Driving Distance Versus Straight-Line"
        " Distance to Hospitals, The Professional Geographer 64(2), 2012 (United States)",
        1,
        3,
    ),
    Factor("by_car", 0.6, "share of journeys made by car", "assumption", 0, 1),
    Factor("people_per_car", 1.5, "people sharing a car", "assumption", 1, 5),
    Factor("fuel_l_per_100km", 8.5, "litres of petrol per 100 km", "assumption", 0, 50),
    Factor(
        "co2_kg_per_l",
        2.348,
        "kg of CO2 per litre of petrol",
        "United States EPA and DOT, 8,887 g of CO2 per gallon (75 FR 25324, 2010)",
        0,
        10,
    ),
    Factor("speed_kmh", 35.0, "km per hour, door to door", "assumption", 1, 130),
)


@dataclass(frozen=True, slots=True)
class Saved:
    """What was not travelled: journeys, and what they would have taken."""

    services: int
    trips: int
    km: int
    fuel_litres: int
    co2_kg: int
    hours: int


def saved(services: int, one_way_km: float, factors: Mapping[str, float]) -> Saved:
    """From services and the great-circle km one way, summed over them, that they did not need.

    Everybody's hours count; fuel is burnt by cars only, and shared by who rides in one.
    """
    trips = services * factors["trips_per_service"]
    km = 2 * one_way_km * factors["trips_per_service"] * factors["detour"]
    car_km = km * factors["by_car"] / factors["people_per_car"]
    litres = car_km * factors["fuel_l_per_100km"] / 100
    return Saved(
        services=services,
        trips=round(trips),
        km=round(km),
        fuel_litres=round(litres),
        co2_kg=round(litres * factors["co2_kg_per_l"]),
        hours=round(km / factors["speed_kmh"]),
    )
