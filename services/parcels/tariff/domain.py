"""Prices under a dated version: weight step and distance class, surcharges, VAT. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Final, Literal, NamedTuple, assert_never

from services.parcels.vocabulary import Product
from shared.money import share

PROVINCES: Final = frozenset(
    """
    alborz ardabil bushehr chaharmahal_bakhtiari east_azerbaijan fars gilan golestan hamadan
    hormozgan ilam isfahan kerman kermanshah khuzestan kohgiluyeh_boyer_ahmad kurdistan lorestan
    markazi mazandaran north_khorasan qazvin qom razavi_khorasan semnan sistan_baluchestan
    south_khorasan tehran west_azerbaijan yazd zanjan
    """.split()  # noqa: SIM905 - a table reads better than 31 quoted items
)
ADJACENT: Final[Mapping[str, frozenset[str]]] = {
    "khuzestan": frozenset(
        {"ilam", "lorestan", "chaharmahal_bakhtiari", "kohgiluyeh_boyer_ahmad", "bushehr"}
    ),
}
"""Neighbours of the provinces that have offices of ours (FACTS: Khuzestan's five)."""

SurchargeKind = Literal["declared_value", "cod", "advice_of_delivery", "oversize", "pickup"]
LineCode = Literal["postage", "further_kg", "vat"] | SurchargeKind
TariffStatus = Literal["draft", "published", "superseded"]
POINTS: Final = 10_000
"""Basis points of the whole."""


class Distance(StrEnum):
    URBAN = "urban"
    INTRA_PROVINCE = "intra_province"
    ADJACENT = "adjacent"
    OTHER = "other"
    INTERNATIONAL = "international"


EVERYWHERE: Final = (Distance.INTRA_PROVINCE, Distance.ADJACENT, Distance.OTHER)
"""A product that is offered is offered to these."""


class Place(NamedTuple):
    """`province` None: abroad. `town` is compared as it is written."""

    province: str | None
    town: str | None = None


class Size(NamedTuple):
    """Sides in millimetres, in any order."""

    length_mm: int
    width_mm: int
    height_mm: int


class Consignment(NamedTuple):
    """All of an item that its price depends on."""

    product: Product
    weight_g: int
    distance: Distance
    declared_value_rials: int = 0
    cod_rials: int = 0
    advice_of_delivery: bool = False
    pickup: bool = False
    size: Size | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """Up to `max_weight_g` for `price_rials`; above, `per_kg_rials` for each further kg begun."""

    max_weight_g: int
    price_rials: int
    per_kg_rials: int | None


@dataclass(frozen=True, slots=True)
class Surcharge:
    """A fixed sum, and a share of the value above what is free; oversize is above its limits."""

    fixed_rials: int
    basis_points: int
    free_up_to_rials: int
    longest_mm_max: int | None
    girth_mm_max: int | None


Rates = Mapping[tuple[int, Distance], Sequence[Rate]]


@dataclass(frozen=True, slots=True)
class Version:
    """A published tariff; each product's and distance's rates by weight."""

    code: str
    valid_from: datetime
    adds_vat: bool
    rates: Rates
    surcharges: Mapping[SurchargeKind, Surcharge]


class Line(NamedTuple):
    """A sum and the numbers it comes from, which differ by code (see `quotes.domain`)."""

    code: LineCode
    amount_rials: int
    terms: tuple[int, ...] = ()


class Price(NamedTuple):
    """`distance` is the class that was charged."""

    version: str
    distance: Distance
    lines: Sequence[Line]

    @property
    def rials(self) -> int:
        return sum(line.amount_rials for line in self.lines)


class NoRateError(ValueError):
    """The version has no price for this product, distance or weight."""


def distance_class(origin: Place, destination: Place) -> Distance:
    if destination.province is None or origin.province is None:
        return Distance.INTERNATIONAL
    if origin.province == destination.province:
        same_town = origin.town is not None and origin.town == destination.town
        return Distance.URBAN if same_town else Distance.INTRA_PROVINCE
    if destination.province in ADJACENT.get(origin.province, frozenset()):
        return Distance.ADJACENT
    return Distance.OTHER


def price(version: Version, wanted: Consignment, vat_basis_points: int) -> Price:
    """What it costs, line by line; raises NoRateError."""
    distance = charged_distance(version, wanted)
    lines = postage_lines(version.rates.get((wanted.product, distance), ()), wanted.weight_g)
    if version.surcharges:
        lines.extend(surcharge_lines(version.surcharges, wanted))
    if version.adds_vat and vat_basis_points:
        base = sum(line.amount_rials for line in lines)
        vat = share(base, vat_basis_points, POINTS)
        lines.append(Line("vat", vat, (vat_basis_points, base)))
    return Price(version.code, distance, lines)


def charged_distance(version: Version, wanted: Consignment) -> Distance:
    """The class that is charged: without urban rates, a town is a part of its province."""
    distance = wanted.distance
    if distance is Distance.URBAN and (wanted.product, distance) not in version.rates:
        return Distance.INTRA_PROVINCE
    return distance


def postage_lines(rates: Sequence[Rate], weight_g: int) -> list[Line]:
    """The price of a weight; `rates` of one product and distance, by weight."""
    for rate in rates:
        if weight_g <= rate.max_weight_g:
            return [Line("postage", rate.price_rials, (rate.max_weight_g,))]
    top = rates[-1] if rates else None
    if top is None or top.per_kg_rials is None:
        raise NoRateError
    further_kg = -(-(weight_g - top.max_weight_g) // 1000)
    return [
        Line("postage", top.price_rials, (top.max_weight_g,)),
        Line("further_kg", further_kg * top.per_kg_rials, (further_kg, top.per_kg_rials)),
    ]


def surcharge_lines(
    surcharges: Mapping[SurchargeKind, Surcharge], wanted: Consignment
) -> Iterator[Line]:
    for kind, surcharge in surcharges.items():
        match kind:
            case "declared_value":
                yield from _share_of(kind, surcharge, wanted.declared_value_rials)
            case "cod":
                yield from _share_of(kind, surcharge, wanted.cod_rials)
            case "advice_of_delivery" | "pickup" | "oversize":
                if _is_asked(kind, surcharge, wanted):
                    yield Line(kind, surcharge.fixed_rials)
            case _:
                assert_never(kind)


def _share_of(kind: SurchargeKind, surcharge: Surcharge, value: int) -> Iterator[Line]:
    fixed, points, free = (
        surcharge.fixed_rials,
        surcharge.basis_points,
        surcharge.free_up_to_rials,
    )
    if value > free:
        yield Line(kind, fixed + share(value - free, points, POINTS), (value, free, points, fixed))


def _is_asked(
    kind: Literal["advice_of_delivery", "pickup", "oversize"],
    surcharge: Surcharge,
    wanted: Consignment,
) -> bool:
    if kind == "oversize":
        return wanted.size is not None and is_oversize(surcharge, wanted.size)
    return wanted.pickup if kind == "pickup" else wanted.advice_of_delivery


def is_oversize(limits: Surcharge, size: Size) -> bool:
    """By the longest side, or by it and the girth around the other two, as the UPU measures."""
    longest, *others = sorted(size, reverse=True)
    too_long = limits.longest_mm_max is not None and longest > limits.longest_mm_max
    too_large = limits.girth_mm_max is not None and longest + 2 * sum(others) > limits.girth_mm_max
    return too_long or too_large


Step = tuple[int, Distance, Rate]
"""A rate, its product and its distance class."""


def rates_of(steps: Iterable[Step]) -> Rates:
    found: dict[tuple[int, Distance], list[Rate]] = defaultdict(list)
    for product, distance, rate in sorted(
        steps, key=lambda step: (step[0], step[1], step[2].max_weight_g)
    ):
        found[product, distance].append(rate)
    return dict(found)


def steps_fault(steps: Iterable[Step]) -> str | None:
    """What is wrong with the weight steps of a draft: heavier never costs less."""
    for (product, distance), rates in rates_of(steps).items():
        where = f"{Product(product).wire}, {distance}"
        for lighter, heavier in pairwise(rates):
            if lighter.max_weight_g == heavier.max_weight_g:
                return f"{where}: two prices up to {lighter.max_weight_g} g; keep one"
            if lighter.price_rials > heavier.price_rials:
                return f"{where}: {heavier.max_weight_g} g costs less than a lighter item"
            if lighter.per_kg_rials is not None:
                return f"{where}: only the heaviest step has per_kg_rials"
    return None


def gaps(steps: Iterable[Step]) -> list[str]:
    """Where a product has no price though it has one elsewhere in the country."""
    rates = rates_of(steps)
    products = sorted({product for product, _ in rates})
    return [
        f"{Product(product).wire}, {distance}"
        for product in products
        for distance in EVERYWHERE
        if (product, distance) not in rates
    ]


def status_of(
    published_at: datetime | None, valid_until: datetime | None, now: datetime
) -> TariffStatus:
    """`valid_until`: when the next published version begins, if there is one."""
    if published_at is None:
        return "draft"
    return "superseded" if valid_until is not None and valid_until <= now else "published"
