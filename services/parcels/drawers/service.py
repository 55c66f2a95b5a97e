"""Use cases of counted cash: a courier hands in, an office closes its day."""

from datetime import date, datetime
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.cod import repository as takings
from services.parcels.cod import service as cod
from services.parcels.cod.domain import (
    COLLECTED,
    Place,
    courier_account,
    difference_account,
    office_account,
)
from services.parcels.cod.repository import At
from services.parcels.drawers import domain, repository
from services.parcels.drawers.domain import Count, Movement
from services.parcels.drawers.errors import (
    DayClosed,
    DayNotCome,
    DifferenceUnexplained,
    DrawerNotFound,
    NothingToHandIn,
    NotThisOffice,
    ReceiptUsed,
)
from services.parcels.drawers.events import (
    CLOSED,
    HANDED_IN,
    DrawerCloseEvent,
    DrawerCloseState,
    HandInEvent,
    HandInState,
)
from services.parcels.drawers.models import DrawerClose, HandIn
from services.parcels.drawers.schemas import (
    DrawerCloseOut,
    DrawerOut,
    HandInOut,
    NewDrawerClose,
    NewHandIn,
)
from services.parcels.network.repository import OfficeRow
from services.parcels.network.service import Directory
from shared import idempotency, ledger, ledger_batch, outbox
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.clock import happened_at
from shared.idempotency import Answer, Once
from shared.ledger import Entry, When
from shared.pagination import Page, cut, not_a_cursor

_DAY: Final = TypeAdapter[tuple[date]](tuple[date])
_RECEIPT: Final = TypeAdapter[tuple[str]](tuple[Annotated[str, Field(max_length=40)]])
K = TypeVar("K")


async def hand_in(
    session: AsyncSession,
    directory: Directory,
    wanted: NewHandIn,
    *,
    caller: Caller,
    once: Once,
) -> Answer:
    """The office takes over all that the courier has of ours; what is missing he goes on owing."""
    office = _own_office(directory, caller, wanted.office, "body.office")

    async def make() -> tuple[str, HandInOut]:
        made = await _hand_in(session, office, wanted, caller, once.now)
        out = _hand_in_out(made, office.code)
        told = HandInEvent(hand_in=HandInState.model_validate(out.model_dump()))
        data = told.model_dump(mode="json")
        await outbox.append(session, HANDED_IN, data, time=once.now, subject=str(made.id))
        return f"/v1/drawers/{office.code}/hand-ins", out

    return await idempotency.created(session, once, make)


async def _hand_in(
    session: AsyncSession, office: OfficeRow, wanted: NewHandIn, caller: Caller, now: datetime
) -> HandIn:
    when = When(happened_at(caller, wanted.occurred_at, now), now)
    courier, drawer = courier_account(wanted.collector), office_account(office.id)
    await cod.open_holders(session, {drawer: "asset"}, now)
    carried = await takings.lock_holders(session, {courier, drawer})
    if courier not in carried:
        raise NothingToHandIn("no cash was taken by this collector")
    made_id = await repository.new_id(session)
    places = (Place.COURIER, Place.OFFICE)
    moved = await takings.move(session, wanted.collector, places, made_id, office=office.id)
    count = Count(moved.rials, carried[courier], wanted.counted_rials)
    if not (moved.items or count.expected or count.counted):
        raise NothingToHandIn("all that this collector took was handed in")
    _explained(count, wanted.note)
    made = HandIn(
        id=made_id,
        office=office.id,
        receipt=wanted.receipt,
        collector=wanted.collector,
        items=moved.items,
        expected_rials=count.expected,
        counted_rials=count.counted,
        note=wanted.note,
        received_by=caller.id,
        occurred_at=when.occurred_at,
        recorded_at=when.recorded_at,
    )
    if not await repository.add_hand_in(session, made):
        raise ReceiptUsed(f"receipt {wanted.receipt} was given: number this hand-in anew")
    moves, carries = domain.handed_in(count, courier, drawer)
    await _post(session, moves, f"cod/hand-in/{made.id}", when)
    await takings.carry(session, carries)
    return made


def _explained(count: Count, note: str | None) -> None:
    if count.difference and note is None:
        raise DifferenceUnexplained(
            f"{count.expected} rials were expected and {count.counted} counted:"
            " count again, or say why in note"
        )


async def _post(session: AsyncSession, moves: list[Movement], reference: str, when: When) -> None:
    for move in moves:
        entry = Entry(
            move.debit,
            move.credit,
            move.amount_rials,
            move.kind,
            f"{reference}/{move.kind}",
            when,
        )
        await ledger.transfer(session, entry)


async def close(
    session: AsyncSession,
    directory: Directory,
    code: str,
    wanted: NewDrawerClose,
    *,
    caller: Caller,
    once: Once,
) -> Answer:
    """Count the drawer, pay in what is there; its takings are due to their partners now."""
    office = _own_office(directory, caller, code, None)

    async def make() -> tuple[str, DrawerCloseOut]:
        made = await _close(session, office, wanted, caller, once.now)
        out = _close_out(made, office.code)
        told = DrawerCloseEvent(drawer_close=DrawerCloseState.model_validate(out.model_dump()))
        data = told.model_dump(mode="json")
        await outbox.append(session, CLOSED, data, time=once.now, subject=str(made.id))
        return f"/v1/drawers/{office.code}/closes", out

    return await idempotency.created(session, once, make)


async def _close(
    session: AsyncSession, office: OfficeRow, wanted: NewDrawerClose, caller: Caller, now: datetime
) -> DrawerClose:
    when = When(happened_at(caller, wanted.occurred_at, now), now)
    if wanted.day > tehran_date(when.occurred_at):
        raise DayNotCome(f"{wanted.day} has not begun: close today or a day before")
    drawer, difference = office_account(office.id), difference_account(office.id)
    await cod.open_holders(session, {drawer: "asset"}, now)
    await ledger_batch.open_all(session, {COLLECTED: "asset", difference: "expense"}, now)
    carried = await takings.lock_holders(session, {drawer})
    last = await repository.last_closed(session, office.id)
    if last is not None and last >= wanted.day:
        raise DayClosed(f"this office closed {last}: its next day is after it")
    made_id = await repository.new_id(session)
    moved = await takings.move(session, office.id, (Place.OFFICE, Place.DUE), made_id)
    count = Count(moved.rials, carried[drawer], wanted.counted_rials)
    _explained(count, wanted.note)
    made = DrawerClose(
        id=made_id,
        office=office.id,
        day=wanted.day,
        items=moved.items,
        expected_rials=count.expected,
        counted_rials=count.counted,
        note=wanted.note,
        closed_by=caller.id,
        occurred_at=when.occurred_at,
        recorded_at=when.recorded_at,
    )
    if not await repository.add_close(session, made):
        raise DayClosed(f"this office closed {wanted.day}")
    moves, carries = domain.closed(count, drawer, COLLECTED, difference)
    await _post(session, moves, f"cod/close/{made.id}", when)
    await takings.carry(session, carries)
    return made


async def drawer(
    session: AsyncSession, directory: Directory, code: str, caller: Caller
) -> DrawerOut:
    office = _own_office(directory, caller, code, None)
    held = await takings.held(session, At(Place.OFFICE, office=office.id))
    carried = await takings.carried(session, office_account(office.id))
    return DrawerOut(
        office=office.code,
        items=held.items,
        takings_rials=held.rials,
        carried_rials=carried,
        expected_rials=held.rials + carried,
        last_closed=await repository.last_closed(session, office.id),
    )


async def closes(
    session: AsyncSession, directory: Directory, code: str, caller: Caller, page: Page
) -> tuple[list[DrawerCloseOut], str | None]:
    office = _own_office(directory, caller, code, None)
    before = _after(_DAY, page)
    rows = await repository.closes(session, office.id, before, page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.day.isoformat()])
    return [_close_out(row, office.code) for row in shown], cursor


async def hand_ins(
    session: AsyncSession, directory: Directory, code: str, caller: Caller, page: Page
) -> tuple[list[HandInOut], str | None]:
    office = _own_office(directory, caller, code, None)
    after = _after(_RECEIPT, page)
    rows = await repository.hand_ins(session, office.id, after, page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.receipt])
    return [_hand_in_out(row, office.code) for row in shown], cursor


def _after(cursor: TypeAdapter[tuple[K]], page: Page) -> K | None:
    try:
        return None if page.after is None else cursor.validate_python(page.after)[0]
    except ValidationError:
        raise not_a_cursor() from None


def _own_office(directory: Directory, caller: Caller, code: str, field: str | None) -> OfficeRow:
    """The office, which must be the caller's own if a token names one."""
    if field is None and code not in directory.by_code:
        raise DrawerNotFound(f"there is no office {code}")
    office = directory.named(code, field or "path.code")
    if caller.office not in {None, code}:
        raise NotThisOffice(f"you work at {caller.office}: its drawer is yours alone")
    return office


def _counted(row: HandIn | DrawerClose) -> dict[str, Any]:
    return {
        "id": row.id,
        "items": row.items,
        "expected_rials": row.expected_rials,
        "counted_rials": row.counted_rials,
        "difference_rials": row.counted_rials - row.expected_rials,
        "occurred_at": row.occurred_at,
        "recorded_at": row.recorded_at,
        "note": row.note,
    }


def _hand_in_out(row: HandIn, office: str) -> HandInOut:
    return HandInOut(
        office=office,
        receipt=row.receipt,
        collector=row.collector,
        received_by=row.received_by,
        **_counted(row),
    )


def _close_out(row: DrawerClose, office: str) -> DrawerCloseOut:
    return DrawerCloseOut(office=office, day=row.day, closed_by=row.closed_by, **_counted(row))
