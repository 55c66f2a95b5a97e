"""A partner's month in sums, and as a file. Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from services.parcels.postage.domain import Kind
from services.parcels.vocabulary import PAYER_WIRE, PRODUCT_WIRE
from shared.calendar import jalali_date
from shared.money import persian_number
from shared.text import persian_digits

Format = Literal["json", "csv", "pdf"]

MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "json": "application/json",
    "csv": "text/csv",
    "pdf": "application/pdf",
}
PAYMENTS: Final = frozenset({Kind.PAYMENT, Kind.PAYMENT_REVERSED})
COLUMNS: Final = (
    "invoice",
    "month",
    "kind",
    "product",
    "account",
    "entries",
    "base_rials",
    "vat_rials",
    "total_rials",
)
_KINDS: Final[Mapping[str, str]] = {
    "booked": "کرایهٔ پستی",
    "cancelled": "ابطال",
    "repriced": "اصلاح وزن و بها",
    "refunded": "بازپرداخت",
    "due_charged": "کرایهٔ پرداخت‌نشدهٔ گیرنده",
    "due_released": "برگشت کرایهٔ گیرنده",
    "payment": "پرداخت",
    "payment_reversed": "برگشت پرداخت",
}
_PRODUCTS: Final[Mapping[str, str]] = {
    "adi": "عادی",
    "sefareshi": "سفارشی",
    "pishtaz": "پیشتاز",
    "vijeh": "ویژه",
    "amanat": "امانت",
    "matbu": "مطبوع",
}


class MonthRow(NamedTuple):
    """Of the roll-up; `amount_rials` includes `vat_rials`."""

    payer: int
    kind: int
    product: int
    entries: int
    amount_rials: int
    vat_rials: int


@dataclass(frozen=True, slots=True)
class Statement:
    """closing = opening + charges + VAT - payments; above zero the partner owes it."""

    opening_rials: int
    charges_rials: int
    vat_rials: int
    payments_rials: int
    closing_rials: int
    lines: list[dict[str, Any]]


def statement(opening_rials: int, rows: Iterable[MonthRow]) -> Statement:
    charges = vat = payments = 0
    lines = []
    for row in rows:
        if row.kind in PAYMENTS:
            payments -= row.amount_rials
        else:
            charges += row.amount_rials - row.vat_rials
            vat += row.vat_rials
        if row.amount_rials or row.kind == Kind.BOOKED:
            lines.append(_line(row))
    closing = opening_rials + charges + vat - payments
    return Statement(opening_rials, charges, vat, payments, closing, lines)


def _line(row: MonthRow) -> dict[str, Any]:
    return {
        "kind": Kind(row.kind).wire,
        "product": PRODUCT_WIRE.get(row.product),
        "account": PAYER_WIRE[row.payer],
        "entries": row.entries,
        "base_rials": row.amount_rials - row.vat_rials,
        "vat_rials": row.vat_rials,
        "total_rials": row.amount_rials,
    }


def invoice_number(year: int, n: int) -> str:
    return f"{year}-{n:06d}"


def as_csv(number: str, month: str, lines: Sequence[Mapping[str, Any]]) -> bytes:
    """Nothing in it is free text, so no cell can be taken for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([number, month, *(line[name] for name in COLUMNS[2:])] for line in lines)
    return out.getvalue().encode()


def for_print(invoice: Any, buyer: Any | None) -> dict[str, Any]:
    """What the template shows: of an invoice, and whom it is made out to if that is kept."""
    return {
        "number": invoice.number,
        "partner": str(invoice.partner),
        "month": persian_digits(invoice.month.replace("-", "/")),
        "issued": persian_digits(jalali_date(invoice.issued_at).replace("-", "/")),
        "buyer": None if buyer is None else _buyer(buyer),
        "lines": [
            [
                _KINDS.get(line["kind"], line["kind"]),
                _PRODUCTS.get(line["product"] or "", ""),
                *(
                    persian_number(line[name])
                    for name in ("entries", "base_rials", "vat_rials", "total_rials")
                ),
            ]
            for line in invoice.lines
        ],
        "sums": [
            ["ماندهٔ آغاز ماه", persian_number(invoice.opening_rials)],
            ["بهای خدمات", persian_number(invoice.charges_rials)],
            ["مالیات بر ارزش افزوده", persian_number(invoice.vat_rials)],
            ["پرداختی", persian_number(invoice.payments_rials)],
            ["ماندهٔ پایان ماه", persian_number(invoice.closing_rials)],
        ],
    }


def _buyer(buyer: Any) -> list[list[str]]:
    return [
        ["خریدار", buyer.name],
        ["شناسهٔ ملی", persian_digits(buyer.legal_id or buyer.national_id)],
        ["نشانی", buyer.address],
        ["کد پستی", persian_digits(buyer.postal_code or "—")],
    ]
