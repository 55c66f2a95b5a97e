"""A quote in words, and whether a booking is what a held quote was for. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never
from uuid import UUID

from services.parcels.quotes.schemas import Asked, QuoteLine
from services.parcels.tariff.domain import (
    Consignment,
    Distance,
    Line,
    LineCode,
    Place,
    Price,
    Size,
    distance_class,
)
from services.parcels.vocabulary import PRODUCT_BY_WIRE, Product
from shared.money import persian_number
from shared.text import persian_digits

HELD: Final = timedelta(hours=24)

_PRODUCTS: Final[Mapping[Product, tuple[str, str]]] = {
    Product.ADI: ("عادی", "ordinary"),
    Product.SEFARESHI: ("سفارشی", "registered"),
    Product.PISHTAZ: ("پیشتاز", "express"),
    Product.VIJEH: ("ویژه", "special"),
    Product.AMANAT: ("امانت", "parcel"),
    Product.MATBU: ("مطبوع", "printed matter"),
}
_DISTANCES: Final[Mapping[Distance, tuple[str, str]]] = {
    Distance.URBAN: ("درون‌شهری", "within the town"),
    Distance.INTRA_PROVINCE: ("درون‌استانی", "within the province"),
    Distance.ADJACENT: ("به استان هم‌جوار", "to an adjacent province"),
    Distance.OTHER: ("به استان غیرهم‌جوار", "to another province"),
    Distance.INTERNATIONAL: ("بین‌المللی", "abroad"),
}


def consignment(asked: Asked) -> Consignment:
    origin = Place(asked.origin_province, asked.origin_town)
    destination = Place(asked.destination_province, asked.destination_town)
    size = None
    if asked.length_mm is not None and asked.width_mm is not None and asked.height_mm is not None:
        size = Size(asked.length_mm, asked.width_mm, asked.height_mm)
    return Consignment(
        PRODUCT_BY_WIRE[asked.product],
        asked.weight_g,
        distance_class(origin, destination),
        asked.declared_value_rials,
        asked.cod_rials,
        asked.advice_of_delivery,
        asked.pickup,
        size,
    )


def explained(price: Price, wanted: Consignment) -> list[QuoteLine]:
    """The lines of a price with their reasons, in Persian and English."""
    lines = []
    for line in price.lines:
        fa, en = _reason(line, wanted.product, price.distance)
        lines.append(QuoteLine(code=line.code, amount_rials=line.amount_rials, fa=fa, en=en))
    return lines


_FIXED: Final[Mapping[LineCode, tuple[str, str]]] = {
    "advice_of_delivery": ("آگهی وصول (دوقبضه)", "advice of delivery"),
    "oversize": ("ابعاد بیش از اندازه", "oversize"),
    "pickup": ("جمع‌آوری از محل فرستنده", "pickup at the sender's"),
}
_VALUED: Final[Mapping[LineCode, tuple[str, str]]] = {
    "declared_value": ("حق بیمهٔ ارزش اظهارشده", "declared value"),
    "cod": ("وصول بهای کالا هنگام تحویل", "cash on delivery"),
}


def _reason(line: Line, product: Product, distance: Distance) -> tuple[str, str]:
    match line.code:
        case "postage":
            (grams,) = line.terms
            fa = f"کرایهٔ {_PRODUCTS[product][0]}، {_DISTANCES[distance][0]}"
            en = f"{_PRODUCTS[product][1]}, {_DISTANCES[distance][1]}"
            return f"{fa}، تا {persian_number(grams)} گرم", f"{en}, up to {grams} g"
        case "further_kg":
            count, each = line.terms
            fa = f"{persian_number(count)} کیلوگرم بیشتر، هر یک {persian_number(each)} ریال"
            return fa, f"{count} further kg at {each:,} rials"
        case "declared_value" | "cod":
            fa, en = _share(line)
            return f"{_VALUED[line.code][0]}، {fa}", f"{_VALUED[line.code][1]}, {en}"
        case "vat":
            points, base = line.terms
            fa = f"مالیات بر ارزش افزوده، {_percent_fa(points)} از {persian_number(base)} ریال"
            return fa, f"VAT, {_percent(points)} of {base:,} rials"
        case "advice_of_delivery" | "oversize" | "pickup":
            return _FIXED[line.code]
        case _:
            assert_never(line.code)


def _share(line: Line) -> tuple[str, str]:
    value, free, points, fixed = line.terms
    over = value - free
    fa = f"{_percent_fa(points)} از {persian_number(over)} ریال"
    en = f"{_percent(points)} of {over:,} rials"
    if fixed:
        return f"{persian_number(fixed)} ریال و {fa}", f"{fixed:,} rials and {en}"
    return fa, en


def _percent(basis_points: int) -> str:
    return f"{basis_points / 100:g}%"


def _percent_fa(basis_points: int) -> str:
    return persian_digits(f"{basis_points / 100:g}".replace(".", "\u066b")) + "٪"


@dataclass(frozen=True, slots=True)
class Held:
    """A held quote: `charged` is the class its price is of."""

    id: UUID
    version: str
    price_rials: int
    charged: Distance
    wanted: Consignment
    held_until: datetime


def differences(held: Held, wanted: Consignment, charged: Distance) -> list[str]:
    """In what a consignment is not what the quote was for, as fields of a booking."""
    fields = (
        "product",
        "weight_g",
        "declared_value_rials",
        "cod_rials",
        "advice_of_delivery",
        "pickup",
        "size",
    )
    found = [name for name in fields if getattr(held.wanted, name) != getattr(wanted, name)]
    return found if held.charged is charged else [*found, "distance_class"]
