"""Pure parts of booking: a validated order becomes a row, an event item and an answer."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.parcels.banking.schemas import DeliveryWishes
from services.parcels.booking.errors import FundsShort, OfficeMayNotBook, OfficeSuspended
from services.parcels.booking.schemas import Booking
from services.parcels.events import BookedItem
from services.parcels.tariff.domain import Consignment, Place, Size, distance_class
from services.parcels.vocabulary import (
    CHANNEL_BY_WIRE,
    PAYER_BY_WIRE,
    PRODUCT_BY_WIRE,
    PRODUCT_WIRE,
    Payer,
    Status,
    usual_payer,
)
from shared.errors import Problem
from shared.identifiers import format_barcode


@dataclass(frozen=True, slots=True)
class Terms:
    """What the tariff and the network say about an order."""

    office_id: int
    price_rials: int
    tariff: str
    booked_at: datetime
    promised_at: datetime | None
    backfill: bool
    cost_centre: str | None = None
    account: Payer | None = None
    """The partner's account that has to bear the price; None where nothing is to be checked."""


def consignment(order: Booking, origin: Place, origin_town_name: str) -> Consignment:
    """What the price depends on; the recipient's town may be written by its name or its slug."""
    recipient, size = order.recipient, order.size
    town = origin.town if recipient.town == origin_town_name else recipient.town
    return Consignment(
        PRODUCT_BY_WIRE[order.product],
        order.weight_g,
        distance_class(origin, Place(recipient.province, town)),
        order.declared_value_rials,
        order.cod_rials,
        order.advice_of_delivery,
        order.pickup,
        None if size is None else Size(size.length_mm, size.width_mm, size.height_mm),
    )


def payer_of(order: Booking) -> Payer:
    if order.payer is None:
        return usual_payer(CHANNEL_BY_WIRE[order.channel])
    return PAYER_BY_WIRE[order.payer]


def is_plain(order: Booking, terms: Terms) -> bool:
    """Whether the order asks for nothing that has a row of its own."""
    return not (_has_terms(order, terms) or order.delivery)


def _has_terms(order: Booking, terms: Terms) -> bool:
    return bool(
        order.advice_of_delivery
        or order.pickup
        or order.size
        or order.quote
        or payer_of(order) is not usual_payer(CHANNEL_BY_WIRE[order.channel])
        or terms.account is not None
    )


def wishes(order: Booking, terms: Terms) -> tuple[Any, ...]:
    """The further columns of the booking statement, where not every order is plain."""
    return (*_terms(order, terms), *_delivery(order.delivery, terms.cost_centre))


def _terms(order: Booking, terms: Terms) -> tuple[Any, ...]:
    size = order.size
    sides = (None,) * 3 if size is None else (size.length_mm, size.width_mm, size.height_mm)
    return (
        _has_terms(order, terms),
        order.advice_of_delivery,
        order.pickup,
        *sides,
        order.quote,
        int(payer_of(order)),
        None if terms.account is None else terms.price_rials,
    )


def _delivery(wanted: DeliveryWishes | None, cost_centre: str | None) -> tuple[Any, ...]:
    if wanted is None:
        return (None,) * 7
    return (
        wanted.addressee_only,
        wanted.national_card,
        wanted.undelivered,
        wanted.branch,
        wanted.return_branch or wanted.branch,
        cost_centre,
        wanted.addressee_national_id,
    )


@dataclass(frozen=True, slots=True)
class Counter:
    """Of an office, what decides whether it may book; see network.models.Office."""

    active: bool
    open: bool
    until: datetime | None
    reason: str | None
    products: list[int] | None
    weight_max_g: int | None


def refusal(counter: Counter, order: Booking, at: datetime) -> Problem:
    """Why the office may not book an order at a time: the booking statement's check in words."""
    code = order.origin_office
    if not counter.active:
        return OfficeSuspended(f"office {code} takes no bookings now")
    if not (counter.open if counter.until is None else at < counter.until):
        return OfficeMayNotBook(f"office {code} may not book: {counter.reason or 'it is closed'}")
    if counter.products is not None and PRODUCT_BY_WIRE[order.product] not in counter.products:
        allowed = ", ".join(PRODUCT_WIRE[product] for product in counter.products)
        return OfficeMayNotBook(
            f"office {code} may not book {order.product}: its contract is for {allowed or 'none'}"
        )
    if counter.weight_max_g is not None and order.weight_g > counter.weight_max_g:
        return OfficeMayNotBook(
            f"office {code} may not book {order.weight_g} g:"
            f" its contract is for {counter.weight_max_g} g at most"
        )
    return OfficeSuspended(f"office {code} has only now been opened; try again")


def short(order: Booking, terms: Terms, available: Mapping[Payer, int | None]) -> Problem:
    """Why the account that is to pay does not, with what it could bear."""
    if terms.account is not None and terms.account not in available:
        return FundsShort("there is no prepaid account: have a first payment recorded")
    left = available[terms.account] if terms.account is not None else 0
    return FundsShort(
        f"{payer_of(order).wire} can bear {max(left or 0, 0)} rials,"
        f" this costs {terms.price_rials}: pay in, or name another payer"
    )


def wire_time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def event_item(item_id: int, partner: uuid.UUID, order: Booking, terms: Terms) -> dict[str, Any]:
    return BookedItem(
        barcode=format_barcode(item_id),
        partner=str(partner),
        reference=order.reference,
        product=order.product,
        channel=order.channel,
        origin_office=order.origin_office,
        booked_at=wire_time(terms.booked_at),
        version=1,
        backfill=terms.backfill,
    ).model_dump()


def row(item_id: int, order: Booking, terms: Terms, event: str) -> tuple[Any, ...]:
    """In the order of the booking statement's columns."""
    sender, recipient = order.sender, order.recipient
    return (
        item_id,
        order.reference,
        int(PRODUCT_BY_WIRE[order.product]),
        int(CHANNEL_BY_WIRE[order.channel]),
        order.weight_g,
        terms.office_id,
        recipient.province,
        recipient.town,
        terms.price_rials,
        terms.tariff,
        order.declared_value_rials,
        order.cod_rials,
        terms.backfill,
        terms.booked_at,
        terms.promised_at,
        sender.name,
        sender.phone,
        sender.address,
        sender.postal_code,
        recipient.name,
        recipient.phone,
        recipient.address,
        recipient.postal_code,
        event,
    )


def answer(item_id: int, order: Booking, terms: Terms, now: datetime) -> Mapping[str, Any]:
    """The body of a fresh booking (schemas.ParcelBody)."""
    return {
        "barcode": format_barcode(item_id),
        "status": Status.BOOKED.wire,
        "reference": order.reference,
        "product": order.product,
        "channel": order.channel,
        "weight_g": order.weight_g,
        "price_rials": terms.price_rials,
        "tariff_version": terms.tariff,
        "origin_office": order.origin_office,
        "booked_at": wire_time(terms.booked_at),
        "promised_at": terms.promised_at and wire_time(terms.promised_at),
        "accepted_at": None,
        "ended_at": None,
        "updated_at": wire_time(now),
        "version": 1,
    }
