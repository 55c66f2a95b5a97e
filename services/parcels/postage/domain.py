"""What is charged to whom: the parts of a price, accounts of the ledger, days of account. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import Final, assert_never
from uuid import UUID

from services.parcels.vocabulary import Payer
from shared.calendar import Period, jalali_text
from shared.ledger import AccountKind, Entry, When
from shared.money import share

POINTS: Final = 10_000
ACCOUNTS: Final = frozenset({Payer.PARTNER_PREPAID, Payer.PARTNER_CREDIT})
"""Payers that are an account of a partner with us."""
POSTAGE: Final = "postage"
VAT: Final = "vat_payable"
DUE: Final = "postage_due"
"""Postage that recipients have to pay at delivery."""
BANK: Final = "postage_bank"
REFUNDS: Final = "refunds_payable"
"""Refunds to those who had paid in cash, by card or as recipients: they fetch them."""
HOUSE: Final[Mapping[str, AccountKind]] = {
    POSTAGE: "income",
    VAT: "liability",
    DUE: "asset",
    BANK: "asset",
    REFUNDS: "liability",
}


class Kind(IntEnum):
    """Of an entry in a partner's journal."""

    BOOKED = 1
    CANCELLED = 2
    REPRICED = 3
    REFUNDED = 4
    DELIVERED = 5
    DELIVERY_UNDONE = 6
    RETURNED = 7
    RETURN_UNDONE = 8
    DUE_CHARGED = 9
    """What the recipient was to pay, of an item that came back: the partner owes it."""
    DUE_RELEASED = 10
    PAYMENT = 11
    PAYMENT_REVERSED = 12

    @property
    def wire(self) -> str:
        return self.name.lower()


def vat_within(total_rials: int, basis_points: int) -> int:
    """The VAT in a price that has it added: total = base + share(base), to the rial.

    No base may give that total (a price of another day): then the nearest share of it.
    """
    base = total_rials * POINTS // (POINTS + basis_points)
    for candidate in (base, base + 1):
        vat = share(candidate, basis_points, POINTS)
        if candidate + vat == total_rials:
            return vat
    return share(total_rials, basis_points, POINTS + basis_points)


@dataclass(frozen=True, slots=True)
class Item:
    """A priced item; `drawn_rials`: booking took that from the partner's account itself.

    It may have been priced anew since.
    """

    item_id: int
    partner: UUID
    product: int
    price_rials: int
    booked_at: datetime
    office: str | None
    payer: Payer
    drawn_rials: int
    cancelled: bool
    vat_basis_points: int

    @property
    def vat_rials(self) -> int:
        return vat_within(self.price_rials, self.vat_basis_points)

    @property
    def account(self) -> str:
        return payer_account(self.payer, self.partner, self.office)[0]


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry of a partner's journal; `amount_rials` > 0 is what the payer owes more."""

    item: Item
    kind: Kind
    seq: int
    payer: Payer
    amount_rials: int
    vat_rials: int
    occurred_at: datetime


@lru_cache(maxsize=10_000)
def payer_account(payer: Payer, partner: UUID, office: str | None) -> tuple[str, AccountKind]:
    """The account of the ledger that is debited, and its kind."""
    match payer:
        case Payer.COUNTER_CASH | Payer.COUNTER_CARD:
            return f"{payer.wire}:{office or 'nowhere'}", "asset"
        case Payer.RECIPIENT:
            return DUE, "asset"
        case Payer.PARTNER_PREPAID:
            return f"partner:{partner}:prepaid", "liability"
        case Payer.PARTNER_CREDIT:
            return f"partner:{partner}:credit", "asset"
        case _:
            assert_never(payer)


def accounts_of(items: Iterable[Item]) -> dict[str, AccountKind]:
    return dict(payer_account(item.payer, item.partner, item.office) for item in items)


@dataclass(frozen=True, slots=True)
class Parts:
    """A charge in its two parts; below zero where it is given back."""

    base_rials: int
    vat_rials: int

    @property
    def total_rials(self) -> int:
        return self.base_rials + self.vat_rials


def parts(total_rials: int, vat_rials: int) -> Parts:
    return Parts(total_rials - vat_rials, vat_rials)


def transfers(account: str, charge: Parts, kind: str, reference: str, when: When) -> list[Entry]:
    """Of a payer's account to postage and VAT; the other way round where it is given back."""
    found = []
    for what, credit, rials in (
        ("", POSTAGE, charge.base_rials),
        ("vat_", VAT, charge.vat_rials),
    ):
        debit_credit = (account, credit) if rials > 0 else (credit, account)
        if rials:
            found.append(Entry(*debit_credit, abs(rials), f"{what}{kind}", what + reference, when))
    return found


def postage_reference(barcode: str) -> str:
    return f"postage:{barcode}"


def refund_reference(barcode: str, recomputation: UUID) -> str:
    return f"refund:{barcode}:{recomputation}"


def month_of(day: date) -> int:
    """The Jalali month of a day as 139801."""
    text = jalali_text(day)
    return int(text[:4]) * 100 + int(text[5:7])


@lru_cache(maxsize=1024)
def month_period(month: int) -> Period:
    return Period(month // 100, month=month % 100)


def month_text(month: int) -> str:
    return str(month_period(month))


def month_before(month: int) -> int:
    return month - 1 if month % 100 > 1 else month - 100 + 11


def accounted_on(day: date, closed_month: int | None) -> date:
    """The day itself, or the first that no paper has closed: what was issued stays as it is."""
    return day if closed_month is None else max(day, month_period(closed_month).end)


def last_day(month: int) -> date:
    return month_period(month).end - timedelta(days=1)


def afford(
    wanted: Sequence[tuple[Payer | None, int]], available: Mapping[Payer, int | None]
) -> list[bool]:
    """Which of these charges their accounts can bear, in order; a None account needs none.

    `available` None: without limit. An account that is not there bears nothing.
    """
    left = dict(available)
    found = []
    for payer, rials in wanted:
        rest = None if payer is None else left.get(payer, -1)
        good = rest is None or rials <= rest
        if good and payer is not None and rest is not None:
            left[payer] = rest - rials
        found.append(good)
    return found


def balance_changes(entries: Iterable[Posted]) -> Counter[tuple[UUID, int]]:
    """By partner and account; what a booking has drawn itself does not count again."""
    found: Counter[tuple[UUID, int]] = Counter()
    for one in entries:
        if one.payer in ACCOUNTS:
            drawn = one.item.drawn_rials if one.kind is Kind.BOOKED else 0
            found[one.item.partner, int(one.payer)] -= one.amount_rials - drawn
    return found
