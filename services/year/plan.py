"""The year as items with their scans: pure, the same for the same seed, scale and network.

Made month by month, so that memory holds one month however small the scale. What can be counted is
dealt in exact shares (product, channel, day, town, distance, outcome, whose office it is); only
times of day, the office among those of a town, and the people are drawn at random.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, NamedTuple, TypeVar
from uuid import NAMESPACE_URL, uuid5

from services.year import people, route
from services.year.days import HOUR, OPENS, Month, at, closes, is_working, rfc3339
from services.year.figures import (
    ACCEPTED_OUTSIDE,
    DELIVERED_OUTSIDE,
    Cell,
    Counts,
    counts,
    whole,
)
from services.year.network import Network, Town
from services.year.people import ADJACENT, OTHER, Place
from services.year.route import Scan, Way
from services.year.tasks import Tasks, tasks_of
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
# Cash on delivery, assumed: of a hundred of the shops' packages; least and most, in thousand rials.
COD_PERCENT = 60
COD_THOUSAND_RIALS = (500, 20_000)
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

    @property
    def cod_rials(self) -> int:
        amount: int = self.booking.get("cod_rials", 0)
        return amount

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
        rng = self._rng(month, "/people")
        first = self._first[month]
        return [
            self._item(rng, number, draft)
            for number, draft in enumerate(self._drafts(month), first)
        ]

    def tasks(self, year: int) -> Tasks:
        """The tasks of a year's scans, those of items that were under way before it too."""
        months = [Month(year - 1, 12), *whole(year)]
        start, end = months[1].starts_at(), months[-1].next.starts_at()
        scans = (
            scan
            for month in months
            if month in self.counts
            for draft in self._drafts(month)
            for scan in draft.scans
            if start <= scan.at < end
        )
        return tasks_of(scans, self.network)

    def _drafts(self, month: Month) -> "list[_Draft]":
        rng = self._rng(month)
        cells = [cell for cell, count in self.counts[month].items() for _ in range(count)]
        rng.shuffle(cells)
        drafts = _Month(rng, self.network, month, len(cells)).drafts(cells)
        return sorted(drafts, key=lambda draft: draft.booked_at)

    def _rng(self, month: Month, what: str = "") -> Random:
        # The draw is test data and must repeat: not a place for a secure source.
        return Random(f"{self.seed}/{self.scale}/{month}{what}")  # noqa: S311

    def _item(self, rng: Random, number: int, draft: "_Draft") -> Item:
        reference = f"Y-{self.seed}-{number}"
        booking = _booking(rng, draft) | {
            "reference": reference,
            "occurred_at": rfc3339(draft.booked_at),
        }
        return Item(
            number, reference, draft.cell, draft.party, booking, draft.booked_at, draft.scans
        )


def dealt(rng: Random, count: int, choices: Sequence[T], weights: Sequence[int]) -> list[T]:
    """`count` choices in exact shares of `weights`, in random order."""
    parts = apportion(count, weights)
    hand = [choice for choice, part in zip(choices, parts, strict=True) for _ in range(part)]
    rng.shuffle(hand)
    return hand


class _Hand(NamedTuple):
    """What was dealt to one item."""

    cell: Cell
    day: date
    origin: Town
    target: Town
    distance: str
    outcome: str

    @property
    def comes_to_an_office(self) -> bool:
        """Vijeh goes from the counter straight to the recipient."""
        return self.distance == "intra_province" and self.cell.product != "vijeh"


@dataclass(frozen=True, slots=True)
class _Draft:
    cell: Cell
    party: int
    booked_at: int
    origin: Place
    target: Place
    scans: tuple[Scan, ...]


@dataclass(slots=True)
class _Month:
    """What is dealt for one month, and the making of its items."""

    rng: Random
    network: Network
    month: Month
    count: int

    def drafts(self, cells: Sequence[Cell]) -> list[_Draft]:
        hands = self._hands(cells)
        origins = self._offices([hand.origin for hand in hands], ACCEPTED_OUTSIDE)
        coming = [n for n, hand in enumerate(hands) if hand.comes_to_an_office]
        targets = self._offices([hands[n].target for n in coming], DELIVERED_OUTSIDE)
        deliveries = dict(zip(coming, targets, strict=True))
        return [
            self._draft(hand, origin, deliveries.get(n, origin))
            for n, (hand, origin) in enumerate(zip(hands, origins, strict=True))
        ]

    def _hands(self, cells: Sequence[Cell]) -> list[_Hand]:
        rng, count, towns = self.rng, self.count, self.network.towns
        people_in = [town.population for town in towns]
        days = [day for day in self.month.days() if is_working(day)]
        hours = [closes(day) - OPENS for day in days]
        return [
            _Hand(*one)
            for one in zip(
                cells,
                dealt(rng, count, days, hours),
                dealt(rng, count, towns, people_in),
                dealt(rng, count, towns, people_in),
                dealt(rng, count, list(DISTANCE), list(DISTANCE.values())),
                dealt(rng, count, list(route.OUTCOMES), list(route.OUTCOMES.values())),
                strict=True,
            )
        ]

    def _offices(self, towns: Sequence[Town], outside_percent: int) -> list[str]:
        """An office in each town; the exact share outside, as far as the towns have offices so."""
        rng = self.rng
        outside, _ = apportion(len(towns), (outside_percent, 100 - outside_percent))
        free = [n for n, town in enumerate(towns) if town.state and town.outside]
        fixed = sum(1 for town in towns if not town.state)
        chosen = set(rng.sample(free, min(max(outside - fixed, 0), len(free))))
        return [
            rng.choice(town.outside if n in chosen or not town.state else town.state)
            for n, town in enumerate(towns)
        ]

    def _draft(self, hand: _Hand, origin: str, delivery: str) -> _Draft:
        rng = self.rng
        booked_at, accepted_at = self._counter_times(hand.cell, hand.day)
        home = _place(hand.origin)
        if hand.cell.product == "vijeh":
            target, scans = home, route.same_day(rng, origin, accepted_at)
        elif hand.comes_to_an_office:
            target, way = _place(hand.target), self._way(origin, delivery)
            scans = route.within_province(rng, way, hand.day, accepted_at, hand.outcome)
        else:
            target = rng.choice(ADJACENT if hand.distance == "adjacent" else OTHER)
            centre = self.network.centre_of[origin]
            scans = route.out_of_province(rng, origin, centre, hand.day, accepted_at)
        return _Draft(hand.cell, rng.randrange(1 << 16), booked_at, home, target, tuple(scans))

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


def _booking(rng: Random, draft: _Draft) -> dict[str, Any]:
    cell = draft.cell
    senders = defaultdict(lambda: people.person, bank=people.bank, ecommerce=people.shop)
    grams = (ECOMMERCE_WEIGHTS_G if cell.channel == "ecommerce" else WEIGHTS_G)[cell.product]
    recipient = people.person(rng, draft.target)
    cod: dict[str, int] = {}
    if cell.channel == "ecommerce" and rng.randrange(100) < COD_PERCENT:
        cod = {"cod_rials": 1000 * rng.randint(*COD_THOUSAND_RIALS)}
    return cod | {
        "product": cell.product,
        "channel": cell.channel,
        "weight_g": rng.randint(*grams),
        "origin_office": draft.scans[0].office,
        "sender": senders[cell.channel](rng, draft.origin),
        "recipient": recipient | {"province": draft.target.province, "town": draft.target.town},
    }


def _place(town: Town) -> Place:
    return Place("khuzestan", town.slug, town.name, "6")
