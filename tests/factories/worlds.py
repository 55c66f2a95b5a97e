"""Small random worlds: towns, offices and what they offer, and a slow recount of distances."""

import json
import math
import random
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.factories.offices import HOURS

EARTH_RADIUS_M = 6_371_008.8
KINDS = ("post_office", "agency", "pishkhan", "rural_ict", "sorting_centre")
SERVICES = ("civil.id-card", "tax.return", "water.bill")
VALID = {
    SERVICES[0]: (date(2018, 1, 1), None),
    SERVICES[1]: (date(2018, 1, 1), date(2019, 3, 21)),
    SERVICES[2]: (date(2030, 1, 1), None),
}
DAY = date(2019, 3, 21)


def great_circle_m(a: Any, b: Any) -> float:
    """Haversine between two points of a world."""
    lat_a, lon_a, lat_b, lon_b = (
        math.radians(degrees) for p in (a, b) for degrees in (p.latitude, p.longitude)
    )
    h = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(h))


@dataclass(frozen=True)
class Point:
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Town:
    slug: str
    county: str
    latitude: float
    longitude: float
    population: int
    seat: bool


@dataclass(frozen=True)
class Office:
    id: int
    kind: str
    status: str
    town: str
    latitude: float
    longitude: float

    @property
    def code(self) -> str:
        return f"KZ{self.id:05d}"


@dataclass(frozen=True)
class Offering:
    office: Office
    service: str
    valid_from: date
    valid_until: date | None


@dataclass
class World:
    towns: list[Town] = field(default_factory=list)
    offices: list[Office] = field(default_factory=list)
    offerings: list[Offering] = field(default_factory=list)

    def counted(
        self, kind: str | None = None, service: str | None = None, on: date = DAY
    ) -> list[Office]:
        """The offices that coverage should count."""
        offering = {
            o.office.id
            for o in self.offerings
            if o.service == service and _on(on, o.valid_from, o.valid_until)
            if _on(on, *VALID[service])
        }
        return [
            o
            for o in self.offices
            if o.status == "active"
            and (o.kind == kind if kind else service or o.kind != "sorting_centre")
            and (service is None or o.id in offering)
        ]

    def town(self, slug: str) -> Town:
        return next(town for town in self.towns if town.slug == slug)


def _on(day: date, first: date, last: date | None) -> bool:
    return first <= day and (last is None or day <= last)


def nearest(point: Any, offices: list[Office]) -> tuple[float, Office] | None:
    return min(((great_circle_m(point, o), o) for o in offices), key=lambda p: p[0], default=None)


def near(draw: random.Random, point: Any, km: float) -> Point:
    """A point within about so many kilometres."""
    return Point(
        point.latitude + draw.uniform(-km, km) / 111, point.longitude + draw.uniform(-km, km) / 95
    )


def random_world(seed: int) -> World:
    """A dozen towns in three counties, two of which have a seat; some forty offices near them."""
    draw = random.Random(seed)
    world = World()
    for n in range(12):
        county = ("east", "north", "west")[n % 3]
        place = Point(draw.uniform(30.5, 32.5), draw.uniform(48, 50))
        world.towns.append(
            Town(
                f"town-{chr(97 + n)}",
                county,
                place.latitude,
                place.longitude,
                draw.randint(0, 100_000),
                n in {0, 1},
            )
        )
    for number in range(1, 41):
        town = draw.choice(world.towns)
        at = near(draw, town, draw.choice([1, 4, 15]))
        status = draw.choice(["active", "active", "active", "suspended", "closed"])
        office = Office(number, draw.choice(KINDS), status, town.slug, at.latitude, at.longitude)
        world.offices.append(office)
        for service in draw.sample(SERVICES[:2], draw.randint(0, 2)):
            until = draw.choice([None, date(2019, 3, 20), DAY])
            start = draw.choice([date(2018, 1, 1), DAY]) if until != date(2019, 3, 20) else None
            world.offerings.append(Offering(office, service, start or date(2018, 1, 1), until))
    return world


async def put(api: Any, world: World) -> None:
    """The world into a service's empty database, by SQL."""
    hot = api.database.hot
    await hot.executemany(
        "INSERT INTO town (slug, name, name_en, county, province, latitude, longitude, population,"
        " seat) VALUES ($1, $1, $1, $2, 'khuzestan', $3, $4, $5, $6)",
        [(t.slug, t.county, t.latitude, t.longitude, t.population, t.seat) for t in world.towns],
    )
    await hot.executemany(
        "INSERT INTO office (id, code, name, kind, town, address, postal_code, latitude,"
        " longitude, hours, status, version, created_at, updated_at) VALUES ($1, $2, 'دفتر', $3,"
        " $4, 'خیابان اول، پلاک ۷', '6135743337', $5, $6, $7, $8, 1, now(), now())",
        [
            (o.id, o.code, o.kind, o.town, o.latitude, o.longitude, json.dumps(HOURS), o.status)
            for o in world.offices
        ],
    )
    await put_services(api)
    await hot.executemany(
        "INSERT INTO offering (office_id, service, valid_from, valid_until, version, created_at,"
        " updated_at) VALUES ($1, $2, $3, $4, 1, now(), now())",
        [(o.office.id, o.service, o.valid_from, o.valid_until) for o in world.offerings],
    )


async def put_services(api: Any) -> None:
    """A principal, its three services, what they cost and ask for."""
    hot = api.database.hot
    await hot.execute(
        "INSERT INTO principal (slug, name, name_en, version, created_at, updated_at)"
        " VALUES ('civil-registration', 'ثبت احوال', 'Civil registration', 1, now(), now())"
    )
    await hot.executemany(
        "INSERT INTO delegated_service (code, principal, name, name_en, search_text, documents,"
        " duration_minutes, delegated, electronic, at_counter, valid_from, valid_until, version,"
        " created_at, updated_at) VALUES ($1, 'civil-registration', 'خدمت ' || $1, $1, $1,"
        """ '["کارت ملی", "شناسنامه"]', 15, true, true, true, $2, $3, 1, now(), now())""",
        [(code, *days) for code, days in VALID.items()],
    )
    await hot.executemany(
        "INSERT INTO service_price (service, valid_from, fee_rials, office_share_rials)"
        " VALUES ($1, $2, $3, 0)",
        [
            (SERVICES[0], date(2018, 1, 1), 100_000),
            (SERVICES[0], date(2019, 3, 1), 250_000),
            (SERVICES[1], date(2018, 1, 1), 0),
        ],
    )
