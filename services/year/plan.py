"""The year as items with their scans: pure, the same for the same seed, scale and network.

Made month by month, so that memory holds one month however small the scale. What can be counted is
dealt in exact shares (product, channel, day, town, distance, outcome); only times of day and the
people are drawn at random.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

from services.year import people, route
from services.year.days import HOUR, OPENS, Month, at, closes, is_working, rfc3339
from services.year.figures import Cell, Counts, counts
from services.year.network import Network, Town
from services.year.people import ADJACENT, OTHER, Place
from services.year.route import Scan, Way
from shared.apportion import apportion

# Where items go, of a hundred; assumed. Vijeh stays in its town, whatever was dealt.
DISTANCE = {"intra_province": 60, "adjacent": 14, "other": 26}
# Grams, least and most. E-commerce letters are small parcels within the letter limit.
WEIGHTS_G = {
    "adi": (10, 100),
    "sefareshi": (20, 500),
    "matbu": (100, 1500),
    "pishtaz": (50, 3000),
    "vijeh": (50, 1000),
    "amanat": (500, 10_000),
}
ECOMMERCE_WEIGHTS_G = {"pishtaz": (200, 8000), "sefareshi": (100, 2000)}
EVENT_NAMESPACE = uuid5(NAMESPACE_URL, "urn:susa:year:scan")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Item:
    number: int
    reference: str
    cell: Cell
    party: int
    """Says which shop or clerk sends it, modulo how many there are."""
    booking: dict[str, Any]
    """The body of POST /v1/parcels."""
    booked_at: int
    scans: tuple[Scan, ...]

    def event_id(self, index: int) -> str:
        return str(uuid5(EVENT_NAMESPACE, f"{self.reference}/{index}/{self.scans[index].event}"))


@dataclass(slots=True)
class Plan:
    network: Network
    seed: int
    scale: int
    year: int
    counts: Counts = field(init=False)
    _first: dict[Month, int] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = counts(self.year, self.scale)
        self._first, number = {}, 1
        for month in sorted(self.counts):
            self._first[month] = number
            number += sum(self.counts[month].values())

    def months(self, first: Month, last: Month) -> list[Month]:
        known = [month for month in sorted(self.counts) if first <= month <= last]
        if first > last or first not in self.counts or last not in self.counts:
            raise ValueError(f"months from {min(self.counts)} to {max(self.counts)}")
        return known

    def items(self, month: Month) -> list[Item]:
        """In order of booking; numbered through the whole plan, so a range changes no number."""
        # The draw is test data and must repeat: not a place for a secure source.
        rng = Random(f"{self.seed}/{self.scale}/{month}")  # noqa: S311
        cells = [cell for cell, count in self.counts[month].items() for _ in range(count)]
        rng.shuffle(cells)
        drafts = _Month(rng, self.network, month, len(cells)).drafts(cells)
        first = self._first[month]
        return [
            self._item(number, draft)
            for number, draft in enumerate(sorted(drafts, key=lambda d: d.booked_at), first)
        ]

    def _item(self, number: int, draft: "_Draft") -> Item:
        reference = f"Y-{self.seed}-{number}"
        draft.booking["reference"] = reference
        draft.booking["occurred_at"] = rfc3339(draft.booked_at)
        return Item(
            number, reference, draft.cell, draft.party, draft.booking, draft.booked_at, draft.scans
        )


def dealt(rng: Random, count: int, choices: Sequence[T], weights: Sequence[int]) -> list[T]:
    """`count` choices in exact shares of `weights`, in random order."""
    parts = apportion(count, weights)
    hand = [choice for choice, part in zip(choices, parts, strict=True) for _ in range(part)]
    rng.shuffle(hand)
    return hand


@dataclass(slots=True)
class _Draft:
    cell: Cell
    party: int
    booking: dict[str, Any]
    booked_at: int
    scans: tuple[Scan, ...]


@dataclass(slots=True)
class _Month:
    """What is dealt for one month, and the making of its items."""

    rng: Random
    network: Network
    month: Month
    count: int

    def drafts(self, cells: Sequence[Cell]) -> list[_Draft]:
        rng, count, towns = self.rng, self.count, self.network.towns
        people_in = [town.population for town in towns]
        days = [day for day in self.month.days() if is_working(day)]
        hours = [closes(day) - OPENS for day in days]
        return [
            self._draft(*dealt_to_one)
            for dealt_to_one in zip(
                cells,
                dealt(rng, count, days, hours),
                dealt(rng, count, towns, people_in),
                dealt(rng, count, towns, people_in),
                dealt(rng, count, list(DISTANCE), list(DISTANCE.values())),
                dealt(rng, count, list(route.OUTCOMES), list(route.OUTCOMES.values())),
                strict=True,
            )
        ]

    def _draft(
        self, cell: Cell, day: date, origin: Town, target: Town, distance: str, outcome: str
    ) -> _Draft:
        rng = self.rng
        office = rng.choice(origin.counters)
        booked_at, accepted_at = self._counter_times(cell, day)
        if cell.product == "vijeh":
            target, distance = origin, "intra_province"
            scans = route.same_day(rng, office, accepted_at)
        elif distance == "intra_province":
            way = self._way(office, rng.choice(target.delivers))
            scans = route.within_province(rng, way, day, accepted_at, outcome)
        else:
            centre = self.network.centre_of[office]
            scans = route.out_of_province(rng, office, centre, day, accepted_at)
        booking = self._booking(cell, office, _place(origin), self._target(target, distance))
        return _Draft(cell, rng.randrange(1 << 16), booking, booked_at, tuple(scans))

    def _way(self, origin: str, delivery: str) -> Way:
        centre_of = self.network.centre_of
        return Way(origin, centre_of[origin], centre_of[delivery], delivery)

    def _counter_times(self, cell: Cell, day: date) -> tuple[int, int]:
        """Booked and accepted, the same day: counted months date by acceptance.

        A shop orders in the morning and hands its parcels in later; a clerk does both at once.
        """
        rng, close = self.rng, closes(day)
        if cell.channel == "ecommerce":
            booked = at(day, rng.randrange(OPENS, close - 2 * HOUR - HOUR // 2))
            return booked, booked + rng.randrange(HOUR // 2, 2 * HOUR)
        booked = at(day, rng.randrange(OPENS, close - 5 * 60))
        return booked, booked + rng.randrange(60, 4 * 60)

    def _target(self, town: Town, distance: str) -> Place:
        if distance == "intra_province":
            return _place(town)
        return self.rng.choice(ADJACENT if distance == "adjacent" else OTHER)

    def _booking(self, cell: Cell, office: str, origin: Place, target: Place) -> dict[str, Any]:
        rng = self.rng
        senders = defaultdict(lambda: people.person, bank=people.bank, ecommerce=people.shop)
        grams = (ECOMMERCE_WEIGHTS_G if cell.channel == "ecommerce" else WEIGHTS_G)[cell.product]
        recipient = people.person(rng, target)
        return {
            "product": cell.product,
            "channel": cell.channel,
            "weight_g": rng.randint(*grams),
            "origin_office": office,
            "sender": senders[cell.channel](rng, origin),
            "recipient": recipient | {"province": target.province, "town": target.town},
        }


def _place(town: Town) -> Place:
    return Place("khuzestan", town.slug, town.name, "6")
