"""The seeded province: which offices Khuzestan's towns get, as a pure plan without a database.

Towns are real (towns.csv names its sources); the offices are plausible, not real: their number
follows population, their addresses and postal codes are made up and only look right.
"""

import csv
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from shared.apportion import apportion

OFFICES_TOTAL = 380
SEAT_PEOPLE_PER_POST_OFFICE = 250_000
POST_OFFICE_PEOPLE_MIN = 20_000  # a town this big has a post office though it is no county seat
RURAL_PEOPLE_MAX = 12_000
PISHKHAN_SHARE = 3  # of every five counters that are not the post's own, three are pishkhan
EARTH_RADIUS_KM = 6371.0

# Why these six: Ahvaz is the hub and the province's gate; each of the others closes a circle that
# Ahvaz reaches only after an hour or more of road: Dezful the north (with Andimeshk's railway and
# the road to Lorestan), Abadan the far south-west, Mahshahr the ports, Behbahan the south-east
# (the road to Kohgiluyeh and Bushehr), Izeh the mountains (the road to Chaharmahal). Shushtar,
# Masjed Soleyman and Susangerd lie within about 80 km of one of them. A test pins that distance.
SORTING_TOWNS = ("ahvaz", "dezful", "abadan", "mahshahr", "behbahan", "izeh")

WEEK = ("sat", "sun", "mon", "tue", "wed")
STREETS = (
    "خیابان امام خمینی", "خیابان طالقانی", "خیابان شریعتی", "خیابان آزادی", "بلوار معلم",
    "خیابان شهید بهشتی", "خیابان حافظ", "بلوار پاسداران", "خیابان سعدی", "خیابان فردوسی",
    "خیابان شهید مطهری", "بلوار انقلاب",
)  # fmt: skip
KIND_NAMES = {
    "post_office": "دفتر پستی",
    "agency": "نمایندگی پستی",
    "pishkhan": "دفتر پیشخوان",
    "rural_ict": "دفتر ICT روستایی",
    "sorting_centre": "مرکز تجزیه و مبادلات",
}
PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@dataclass(frozen=True, slots=True)
class County:
    slug: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Town:
    slug: str
    name: str
    name_en: str
    county: str
    latitude: float
    longitude: float
    population: int
    seat: bool


@dataclass(frozen=True, slots=True)
class OfficePlan:
    """`key` is the natural key (town/kind/number); `sorting_centre` is the key of another plan."""

    key: str
    kind: str
    name: str
    county: str
    town: str
    address: str
    postal_code: str
    latitude: float
    longitude: float
    hours: dict[str, list[str]]
    sorting_centre: str | None
    capacity_per_day: int
    capabilities: list[str]


def load_counties() -> list[County]:
    return [County(**row) for row in _rows("counties.csv")]


def load_towns() -> list[Town]:
    return [
        Town(
            slug=row["slug"],
            name=row["name"],
            name_en=row["name_en"],
            county=row["county"],
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            population=int(row["population"]),
            seat=row["seat"] == "1",
        )
        for row in _rows("towns.csv")
    ]


def plan_offices(towns: Sequence[Town]) -> list[OfficePlan]:
    """All offices of the province, sorting centres first (the others name them), same every time.

    Sorting centres are planned in the towns of SORTING_TOWNS that are given, at least one.
    """
    centres = [_office(town, "sorting_centre", 1, None) for town in towns if _sorts(town)]
    if not centres:
        raise ValueError("no town among those given may hold a sorting centre")
    own = [{"post_office": _post_offices(town), "rural_ict": _rural(town)} for town in towns]
    left = OFFICES_TOTAL - len(centres) - sum(sum(kinds.values()) for kinds in own)
    counters = apportion(max(left, 0), [town.population for town in towns])
    offices = []
    for town, kinds, count in zip(towns, own, counters, strict=True):
        centre = min(centres, key=lambda c: distance_km(c, town))
        pishkhan = count * PISHKHAN_SHARE // 5
        kinds |= {"agency": count - pishkhan, "pishkhan": pishkhan}
        offices += [
            _office(town, kind, number, centre.key)
            for kind, of_kind in kinds.items()
            for number in range(1, of_kind + 1)
        ]
    return centres + offices


def distance_km(a: Town | OfficePlan, b: Town | OfficePlan) -> float:
    """Great-circle distance (haversine)."""
    lat_a, lat_b = math.radians(a.latitude), math.radians(b.latitude)
    d_lat, d_lon = lat_b - lat_a, math.radians(b.longitude - a.longitude)
    h = math.sin(d_lat / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(d_lon / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(h))


def _rows(name: str) -> list[dict[str, str]]:
    text = files("services.offices.registry").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def _sorts(town: Town) -> bool:
    return town.slug in SORTING_TOWNS


def _post_offices(town: Town) -> int:
    """One per county seat and more in the largest; one in another town big enough for its own."""
    if town.seat:
        return 1 + town.population // SEAT_PEOPLE_PER_POST_OFFICE
    return int(town.population >= POST_OFFICE_PEOPLE_MIN)


def _rural(town: Town) -> int:
    return int(not town.seat and town.population < RURAL_PEOPLE_MAX)


def _office(town: Town, kind: str, number: int, centre: str | None) -> OfficePlan:
    key = f"{town.slug}/{kind}/{number}"
    digest = hashlib.sha256(key.encode()).digest()
    latitude, longitude = _spread(town, digest)
    return OfficePlan(
        key=key,
        kind=kind,
        name=_name(town, kind, number),
        county=town.county,
        town=town.slug,
        address=f"{town.name}، {STREETS[digest[0] % len(STREETS)]}، پلاک {digest[1] + 1}".translate(
            PERSIAN_DIGITS
        ),
        postal_code=_postal_code(digest),
        latitude=latitude,
        longitude=longitude,
        hours=_hours(kind, midday_break=digest[2] % 2 == 0),
        sorting_centre=centre,
        capacity_per_day=_CAPACITY[kind],
        capabilities=_capabilities(kind, main=kind == "post_office" and number == 1),
    )


def _name(town: Town, kind: str, number: int) -> str:
    if kind == "sorting_centre":
        return f"{KIND_NAMES[kind]} {town.name}"
    if kind == "post_office" and number == 1:
        return f"دفتر پستی مرکزی {town.name}"
    return f"{KIND_NAMES[kind]} {town.name} {number}".translate(PERSIAN_DIGITS)


def _spread(town: Town, digest: bytes) -> tuple[float, float]:
    """A point within the town: evenly over a disc that grows with the root of the population.

    0.6 km for ten thousand people gives about 6.5 km for Ahvaz, which is about right.
    """
    radius_km = 0.6 * math.sqrt(town.population / 10_000)
    r = radius_km * math.sqrt(int.from_bytes(digest[3:7]) / 2**32)
    angle = 2 * math.pi * int.from_bytes(digest[7:11]) / 2**32
    km_per_degree = math.radians(1) * EARTH_RADIUS_KM
    latitude = town.latitude + r * math.sin(angle) / km_per_degree
    longitude = town.longitude + r * math.cos(angle) / (
        km_per_degree * math.cos(math.radians(town.latitude))
    )
    return round(latitude, 6), round(longitude, 6)


def _postal_code(digest: bytes) -> str:
    """Looks right and is nobody's by design: 6 as in Khuzestan, then digits without 0 and 2."""
    return "6" + "".join("13456789"[byte % 8] for byte in digest[11:20])


def _hours(kind: str, *, midday_break: bool) -> dict[str, list[str]]:
    """Saturday to Wednesday full, Thursday half, Friday closed; afternoons start after the heat."""
    full, half = _DAYS[kind]
    if midday_break and kind in {"agency", "pishkhan"}:
        full = ["08:00-13:00", "16:30-20:00"]
    return {day: list(full) for day in WEEK} | {"thu": list(half), "fri": []}


def _capabilities(kind: str, *, main: bool) -> list[str]:
    """A town's first post office does everything but lockers, which no seeded office has."""
    return ["cod_cash", "counter", "international", "pickup"] if main else _CAPABILITIES[kind]


_CAPABILITIES: Mapping[str, list[str]] = {
    "sorting_centre": [],
    "post_office": ["cod_cash", "counter", "pickup"],
    "agency": ["cod_cash", "counter", "pickup"],
    "pishkhan": ["counter"],
    "rural_ict": ["counter"],
}
_CAPACITY: Mapping[str, int] = {  # items a day: made up, in proportion to the kind's size
    "sorting_centre": 60_000,
    "post_office": 2_500,
    "agency": 800,
    "pishkhan": 400,
    "rural_ict": 120,
}
_DAYS: Mapping[str, tuple[list[str], list[str]]] = {
    "sorting_centre": (["06:00-22:00"], ["06:00-14:00"]),
    "post_office": (["07:30-14:30"], ["07:30-12:30"]),
    "agency": (["08:00-14:00"], ["08:00-12:30"]),
    "pishkhan": (["07:30-14:30"], ["07:30-12:30"]),
    "rural_ict": (["08:00-14:00"], ["08:00-12:30"]),
}
