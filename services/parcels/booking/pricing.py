"""From an order to a price and a promise: every check of a booking that needs no lock."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from services.parcels.banking import repository as banking
from services.parcels.booking import domain
from services.parcels.booking.domain import Terms
from services.parcels.booking.errors import ProductNotAllowed
from services.parcels.booking.schemas import Booking
from services.parcels.caches import Caches, Desk
from services.parcels.quotes import repository as quoted
from services.parcels.quotes import service as quotes
from services.parcels.quotes.domain import Held
from services.parcels.tariff.domain import Place
from shared.errors import Forbidden, Invalid, Problem, field_errors

_BOOKING: Final = TypeAdapter(Booking)


@dataclass(frozen=True, slots=True)
class Priced:
    """An order that passed every check that needs no lock."""

    item_id: int
    order: Booking
    terms: Terms


@dataclass(frozen=True, slots=True)
class Known:
    """Whose orders they are, and what they name of that partner's: quotes, cost centres."""

    partner: uuid.UUID
    held: Mapping[uuid.UUID, Held]
    cost_centres: Mapping[str, str]


async def known_of(desk: Desk, partner: uuid.UUID, orders: Sequence[Booking]) -> Known:
    quoted_by = {order.quote for order in orders if order.quote is not None}
    asking = [order for order in orders if order.delivery is not None]
    branches = {code for order in asking for code in _branches(order)}
    return Known(
        partner,
        await quoted.held(desk.database, partner, quoted_by) if quoted_by else {},
        await banking.cost_centres(desk.database, partner, branches) if branches else {},
    )


def _branches(order: Booking) -> set[str]:
    wanted = order.delivery
    return set() if wanted is None else {b for b in (wanted.branch, wanted.return_branch) if b}


def _cost_centre(order: Booking, known: Known) -> str | None:
    """Of the branch that sends; Invalid where there is no such branch."""
    unknown = _branches(order) - known.cost_centres.keys()
    if unknown:
        raise Invalid.field(
            "body.delivery.branch", f"you have no active branch {min(unknown)}: save it first"
        )
    branch = order.delivery.branch if order.delivery else None
    return known.cost_centres[branch] if branch else None


def terms_of(desk: Desk, order: Booking, known: Known) -> Terms:
    """Terms of an order under fresh caches; raises the Problem that refuses it."""
    if order.occurred_at is not None and "backfill" not in desk.caller.scopes:
        raise Forbidden("occurred_at needs the scope backfill")
    _check_product(desk, order)
    office = desk.caches.directory.named(order.origin_office, "body.origin_office")
    at = order.occurred_at or desk.now
    origin, recipient = Place(office.province, office.town), order.recipient
    wanted = domain.consignment(order, origin, office.town_name)
    places = (origin, Place(recipient.province, recipient.town))
    promised_at = desk.caches.promises.at_booking(
        office.code, places, wanted.product, wanted.distance, at
    )
    tariff = desk.caches.tariff
    centre = None if order.delivery is None else _cost_centre(order, known)
    late = order.occurred_at is not None
    account = desk.caches.limits.account(known.partner, domain.payer_of(order))
    if order.quote is not None:
        quote = quotes.check(tariff, known.held.get(order.quote), wanted, at)
        return Terms(
            office.id, quote.price_rials, quote.version, at, promised_at, late, centre, account
        )
    price = tariff.price(wanted, at)
    return Terms(office.id, price.rials, price.version, at, promised_at, late, centre, account)


def _check_product(desk: Desk, order: Booking) -> None:
    allowed = desk.caller.products
    if allowed is not None and order.product not in allowed:
        raise ProductNotAllowed(
            f"product: this account may not book {order.product},"
            f" only {', '.join(sorted(allowed)) or 'nothing'}; ask the operator"
        )


async def price_one(desk: Desk, partner: uuid.UUID, order: Booking) -> Priced:
    """A partner's order; it may be asked for by somebody else, such as the recipient."""
    await desk.caches.tariff.fresh()
    await desk.caches.directory.fresh()
    await desk.caches.limits.fresh()
    await desk.caches.promises.fresh(desk.database)
    terms = terms_of(desk, order, await known_of(desk, partner, [order]))
    return Priced((await desk.caches.serials.take(1))[0], order, terms)


def validated(raw: Any) -> "Booking | Problem":
    """An item of a batch, as far as it can be told without the rest; a Problem stays one."""
    if isinstance(raw, Problem):
        return raw
    try:
        return _BOOKING.validate_python(raw)
    except ValidationError as error:
        errors = field_errors(error.errors(include_url=False, include_input=False))
        return Invalid(f"{errors[0]['field']}: {errors[0]['message']}", errors=errors)


def price_valid(desk: Desk, order: "Booking | Problem", known: Known) -> "Priced | Problem":
    """Its item id is given later, to all in one go."""
    if isinstance(order, Problem):
        return order
    try:
        return Priced(0, order, terms_of(desk, order, known))
    except Problem as problem:
        return problem


async def give_ids(caches: Caches, checked: list["Priced | Problem"]) -> None:
    places = [n for n, item in enumerate(checked) if isinstance(item, Priced)]
    for n, item_id in zip(places, await caches.serials.take(len(places)), strict=True):
        item = checked[n]
        if isinstance(item, Priced):
            checked[n] = Priced(item_id, item.order, item.terms)
