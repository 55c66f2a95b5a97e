"""Use cases of customers' returns: ask for one, look it up, accept it by its code."""

from datetime import datetime
from typing import Final

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking import repository as parcels
from services.parcels.booking import service as booking
from services.parcels.booking.errors import ParcelNotFound
from services.parcels.booking.models import Parcel
from services.parcels.booking.schemas import Booking
from services.parcels.caches import Desk
from services.parcels.custody.timers import terms_of
from services.parcels.network.repository import OfficeRow
from services.parcels.network.service import OfficeBook
from services.parcels.redirects.domain import Asker
from services.parcels.returns import domain, repository
from services.parcels.returns.errors import (
    NotReturnable,
    ReturnExists,
    ReturnNotFound,
    ReturnTooLate,
)
from services.parcels.returns.events import REQUESTED, ReturnEvent, ReturnState
from services.parcels.returns.models import CustomerReturn
from services.parcels.returns.schemas import (
    NewReturn,
    RecipientReturn,
    ReturnAtCounter,
    ReturnOut,
)
from services.parcels.tariff.domain import Place
from services.parcels.verification import service as verification
from services.parcels.vocabulary import STATUS_WIRE, Status
from shared import outbox
from shared.auth import Caller
from shared.database import driver
from shared.errors import Invalid
from shared.idempotency import Once
from shared.identifiers import barcode_of
from shared.text import fold_code

_TRIES: Final = 5


async def ask(session: AsyncSession, desk: Desk, barcode: str, wanted: NewReturn) -> ReturnOut:
    """The owner of a delivered parcel has it sent back."""
    item_id = await booking.resolve(session, barcode)
    parcel = await parcels.lock(session, item_id, desk.caller.account)
    if parcel is None:
        raise ParcelNotFound
    return await _ask(session, desk, parcel, wanted, "owner")


async def ask_verified(
    session: AsyncSession, desk: Desk, barcode: str, wanted: RecipientReturn
) -> ReturnOut:
    """The recipient does, who knows how their phone ends."""
    item_id = await booking.resolve(session, barcode)
    phone_end = wanted.phone_last_four
    await verification.check_recipient(session, desk.database, item_id, phone_end, desk.now)
    parcel = await parcels.lock(session, item_id, None)
    if parcel is None:
        raise ParcelNotFound
    return await _ask(session, desk, parcel, wanted, "recipient")


async def _ask(
    session: AsyncSession, desk: Desk, parcel: Parcel, wanted: NewReturn, asker: Asker
) -> ReturnOut:
    now, offices = desk.now, await desk.caches.directory.fresh()
    until = await _until(session, parcel, now)
    known = await repository.of(session, parcel.item_id)
    if known is not None and await _is_live(session, known):
        raise ReturnExists(f"{barcode_of(known.item_id)} carries it back")
    order = await _order(session, offices, parcel, wanted, asker)
    effect = Once(f"return of {parcel.item_id}", "return", barcode_of(parcel.item_id), b"", now)
    connection = await driver(session)
    booked = await booking.book_within(connection, desk, parcel.partner, order, effect)
    made = known or CustomerReturn(return_of=parcel.item_id)
    made.item_id, made.code = booked.item_id, await _code(session, parcel.item_id)
    made.asked_by, made.asked_at, made.hand_in_until = asker, now, until
    made.reason, made.price_rials = wanted.reason, booked.terms.price_rials
    session.add(made)
    await session.flush()
    told = ReturnEvent(partner=str(parcel.partner), customer_return=_state(made))
    await outbox.append(
        session,
        REQUESTED,
        told.model_dump(mode="json"),
        time=now,
        subject=told.customer_return.barcode,
    )
    return _out(made)


async def _until(session: AsyncSession, parcel: Parcel, now: datetime) -> datetime:
    """Until when it may be handed in; refuses what may not be returned."""
    if parcel.status != Status.DELIVERED or parcel.ended_at is None:
        raise NotReturnable(f"the parcel is {STATUS_WIRE[parcel.status]}: it must be delivered")
    if parcel.tariff is None or await repository.is_return(session, parcel.item_id):
        raise NotReturnable("it came from another post, or is a return itself")
    terms = await terms_of(session, parcel.ended_at)
    until = domain.hand_in_until(parcel.ended_at, terms.value("return_working_days"))
    if now >= until:
        raise ReturnTooLate(f"it could be returned until {until:%Y-%m-%dT%H:%M:%SZ}")
    return until


async def _is_live(session: AsyncSession, known: CustomerReturn) -> bool:
    """Whether it was not cancelled before it was handed in."""
    carrier = await repository.parcel(session, known.item_id)
    return carrier.status != Status.CANCELLED


async def _order(
    session: AsyncSession, offices: OfficeBook, parcel: Parcel, wanted: NewReturn, asker: Asker
) -> Booking:
    posted_at = offices.by_id.get(parcel.origin_office or 0)
    party = await repository.party(session, parcel.item_id)
    if posted_at is None or party is None:
        raise NotReturnable("nobody is named as its sender")
    counter = await _counter(session, offices, parcel, wanted.office)
    back_to = Place(posted_at.province, posted_at.town)
    try:
        return Booking.model_validate(domain.order(parcel, party, counter.code, back_to, asker))
    except ValidationError:  # names and phones may have been erased
        raise NotReturnable("its sender or recipient is no longer known") from None


async def _counter(
    session: AsyncSession, offices: OfficeBook, parcel: Parcel, code: str | None
) -> OfficeRow:
    if code is not None:
        return offices.named(code)
    delivered_by = await repository.delivering_office(session, parcel)
    found = offices.by_id.get(delivered_by or 0)
    if found is None:
        raise Invalid.field("body.office", "name the office where it is handed in")
    return found


async def _code(session: AsyncSession, return_of: int) -> str:
    for _ in range(_TRIES):
        code = domain.new_code()
        if await repository.take_code(session, code, return_of):
            return code
    raise ReturnExists("no code is free now: try again")


async def of_parcel(session: AsyncSession, caller: Caller, barcode: str) -> ReturnOut:
    """The return of one of the caller's parcels."""
    parcel = await booking.get(session, caller, barcode)
    found = await repository.of(session, parcel.item_id)
    if found is None:
        raise ReturnNotFound
    return _out(found)


async def at_counter(session: AsyncSession, code: str, now: datetime) -> ReturnAtCounter:
    """What a customer's code stands for. A counter accepts it by a scan of the barcode."""
    found = await repository.by_code(session, fold_code(code))
    if found is None:
        raise ReturnNotFound
    carrier = await repository.parcel(session, found.item_id)
    in_time = carrier.status == Status.BOOKED and now < found.hand_in_until
    return ReturnAtCounter.model_validate(
        {
            "barcode": barcode_of(found.item_id),
            "return_of": barcode_of(found.return_of),
            "status": STATUS_WIRE[carrier.status],
            "hand_in_until": found.hand_in_until,
            "in_time": in_time,
        }
    )


def _state(made: CustomerReturn) -> ReturnState:
    return ReturnState.model_validate(
        {
            "barcode": barcode_of(made.item_id),
            "return_of": barcode_of(made.return_of),
            "asked_by": made.asked_by,
            "asked_at": made.asked_at,
            "hand_in_until": made.hand_in_until,
            "reason": made.reason,
            "price_rials": made.price_rials,
        }
    )


def _out(made: CustomerReturn) -> ReturnOut:
    return ReturnOut(**_state(made).model_dump(), code=made.code)
