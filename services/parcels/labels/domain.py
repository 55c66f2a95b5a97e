"""What a label shows, and how pixels become ZPL. Pure."""

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, Final

import segno
from barcode.codex import Code128

from services.parcels.vocabulary import Product
from shared.calendar import jalali_date
from shared.identifiers import barcode_of
from shared.money import persian_number
from shared.text import persian_digits

DOTS_PER_MM: Final = 8
"""Of a 203 dpi printer; every length of a label is a multiple of one dot."""
PPI: Final = DOTS_PER_MM * 25.4
_MODULE_MM: Final = 0.5
_MM_PER_POINT: Final = 25.4 / 72
_LETTER_EM: Final = 0.602  # of DejaVu Sans Mono
_LINE_EM: Final = 1.35  # as label.typ sets it
_SIZES: Final = (11.0, 9.5, 8.0, 7.0, 6.0, 5.0, 4.0)
_PRODUCTS: Final = {
    Product.ADI: "عادی",
    Product.SEFARESHI: "سفارشی",
    Product.PISHTAZ: "پیشتاز",
    Product.VIJEH: "ویژه",
    Product.AMANAT: "امانت",
    Product.MATBU: "مطبوعات",
}


def bars(code: str) -> tuple[str, float]:
    """Code 128 (ISO/IEC 15417) as SVG, and its width in mm; a module is four dots."""
    modules: str = Code128(code).build()[0]
    path = "".join(f"M{n} 0h1v1h-1z" for n, module in enumerate(modules) if module == "1")
    return _svg(path, len(modules), 1), len(modules) * _MODULE_MM


def square(code: str) -> str:
    """QR (ISO/IEC 18004) as SVG, with its quiet zone, so that 25 mm are 25 modules of version 1."""
    matrix = list(segno.make_qr(code, error="m").matrix_iter(border=2))
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark
    )
    return _svg(path, len(matrix), len(matrix))


def _svg(path: str, width: int, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" preserveAspectRatio="none" shape-rendering="crispEdges">'
        f'<path d="{path}"/></svg>'
    )


def route_code(province: str | None, town: str | None, postal_code: str | None) -> str:
    """For the sorter: the first five digits of the postal code (its delivery area), and where."""
    where = (town or province or "-").upper()
    return f"{postal_code[:5]} {where}" if postal_code else where


def fields(row: Any, origin: str | None) -> dict[str, Any]:
    """A label's data, as `label.typ` reads it."""
    code = barcode_of(row.item_id)
    svg, width = bars(code)
    lines = [
        ("وزن", f"{persian_number(row.weight_g or 0)} گرم", False),
        ("تاریخ", persian_digits(jalali_date(row.booked_at)), True),
        ("مبدأ", origin or "-", True),
    ]
    if row.reference:
        lines.append(("شمارهٔ سفارش", row.reference, True))
    if row.declared_value_rials:
        worth = f"{persian_number(row.declared_value_rials)} ریال"
        lines.append(("ارزش اظهارشده", worth, False))
    return {
        "bars": svg,
        "bars_mm": width,
        "qr": square(code),
        "readable": " ".join(code[n : n + 4] for n in range(0, len(code), 4)),
        "product": _PRODUCTS[Product(row.product)],
        "options": ["آگهی وصول"] if row.advice_of_delivery else [],
        "route": route_code(row.to_province, row.to_town, row.recipient_postal_code),
        "recipient": _party(row, "recipient", 36),
        "sender": _party(row, "sender", 21),
        "cod": persian_number(row.cod_rials) if row.cod_rials else None,
        "lines": lines,
        "size": fitting([f"{name}: {value}" for name, value, _ in lines] + [""] * 2, 69, 26),
    }


def _party(row: Any, side: str, height_mm: int) -> dict[str, Any]:
    names = ("name", "phone", "address", "postal_code")
    who = {name: getattr(row, f"{side}_{name}") for name in names}
    lines = [f"گیرنده: {who['name']}", who["address"], "کد پستی: 1234567890 تلفن: +989123456789"]
    return who | {"size": fitting(lines, 93, height_mm)}


def fitting(lines: Sequence[str], width_mm: float, height_mm: float) -> float:
    """The largest type size, in points, at which lines of a monospaced font fit a block.

    Reckoned here: typst would have to measure each block at each size, six times the work.
    """
    for size in _SIZES:
        mm = size * _MM_PER_POINT
        letters = int(width_mm / (_LETTER_EM * mm))
        rows = sum(len(wrap(line, letters)) or 1 for line in lines)
        if rows * _LINE_EM * mm <= height_mm:
            return size
    return _SIZES[-1]


@dataclass(frozen=True, slots=True)
class Bitmap:
    """One bit a dot, a row padded to whole bytes, 1 is black."""

    row_bytes: int
    data: bytes


def zpl(labels: Sequence[Bitmap]) -> bytes:
    """A ZPL II format a label: one graphic field, so the printer needs neither font nor shaping.

    `:Z64:` is zlib in base64 with CRC-16/XMODEM of that text (Zebra, ZPL II, ^GF and ~DY).
    """
    return b"".join(_format(label) for label in labels)


def _format(label: Bitmap) -> bytes:
    size = len(label.data)
    packed = base64.b64encode(zlib.compress(label.data, 9))
    crc = binascii.crc_hqx(packed, 0)
    field = b":Z64:%s:%04X" % (packed, crc)
    return b"^XA^FO0,0^GFA,%d,%d,%d,%s^FS^XZ\n" % (size, size, label.row_bytes, field)
