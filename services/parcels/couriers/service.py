"""Use cases of couriers: who goes out for which office."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.caches import Desk
from services.parcels.couriers import repository
from services.parcels.couriers.errors import CourierCodeInUse
from services.parcels.couriers.events import (
    COURIER_CHANGED,
    COURIER_ERASED,
    COURIER_REGISTERED,
    CourierState,
    courier_event,
)
from services.parcels.couriers.models import Courier, CourierPerson
from services.parcels.couriers.schemas import CourierChange, CourierOut, NewCourier
from shared import idempotency, outbox
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut


async def office_of(desk: Desk, code: str, field: str = "body.office") -> int:
    """The office's number. Who works at one office acts there only."""
    office = (await desk.caches.directory.fresh()).named(code, field)
    desk.caller.require_office(code)
    return office.id


def check_own(desk: Desk, office: int) -> None:
    known = desk.caches.directory.by_id.get(office)
    desk.caller.require_office(known.code if known else None)


async def register(
    session: AsyncSession, desk: Desk, wanted: NewCourier, once: Once | None
) -> Answer:
    office = await office_of(desk, wanted.office)

    async def make() -> tuple[str, CourierOut]:
        made = Courier(code=wanted.code, office=office, active=True, version=1, updated_at=desk.now)
        if not await repository.add(session, made):
            raise CourierCodeInUse(f"there is a courier {wanted.code}: choose another code")
        person = CourierPerson(courier=wanted.code, name=wanted.name, phone=wanted.phone)
        session.add(person)
        await _tell(session, desk, made, COURIER_REGISTERED)
        return f"/v1/couriers/{made.code}", _out(desk, made, person)

    return await idempotency.created(session, once, make)


async def change(session: AsyncSession, desk: Desk, code: str, wanted: CourierChange) -> CourierOut:
    """What is named; a run that is out goes on under the office it went out from."""
    office = None if wanted.office is None else await office_of(desk, wanted.office)
    await desk.caches.directory.fresh()
    courier = await repository.get(session, code, lock=True)
    check_own(desk, courier.office)
    person = (await repository.people(session, [code])).get(code)
    if wanted.name is not None or wanted.phone is not None:
        person = _person(session, code, person, wanted)
    courier.office = courier.office if office is None else office
    courier.active = courier.active if wanted.active is None else wanted.active
    courier.version += 1
    courier.updated_at = desk.now
    await _tell(session, desk, courier, COURIER_CHANGED)
    return _out(desk, courier, person)


def _person(
    session: AsyncSession, code: str, person: CourierPerson | None, wanted: CourierChange
) -> CourierPerson:
    """The person with what is named; of an erased one both name and phone are needed."""
    if person is not None:
        person.name, person.phone = wanted.name or person.name, wanted.phone or person.phone
        return person
    if wanted.name is None or wanted.phone is None:
        raise Invalid.field("body.name", "this courier was erased: send name and phone")
    person = CourierPerson(courier=code, name=wanted.name, phone=wanted.phone)
    session.add(person)
    return person


async def erase(session: AsyncSession, desk: Desk, code: str) -> CourierOut:
    """Forget who it is; the code stays in the runs. A second call finds it erased."""
    await desk.caches.directory.fresh()
    courier = await repository.get(session, code, lock=True)
    check_own(desk, courier.office)
    if not await repository.people(session, [code]):
        return _out(desk, courier, None)
    await repository.forget_person(session, code)
    courier.active = False
    courier.version += 1
    courier.updated_at = desk.now
    await _tell(session, desk, courier, COURIER_ERASED)
    return _out(desk, courier, None)


async def get(session: AsyncSession, desk: Desk, code: str) -> CourierOut:
    await desk.caches.directory.fresh()
    courier = await repository.get(session, code)
    check_own(desk, courier.office)
    return _out(desk, courier, (await _people(session, desk, [code])).get(code))


async def listing(
    session: AsyncSession, desk: Desk, office: str | None, page: Page
) -> tuple[list[CourierOut], str | None]:
    """By code; of the caller's own office where the token names one."""
    after = page.after_text()
    asked = office or desk.caller.office
    of = None if asked is None else await office_of(desk, asked, "query.office")
    await desk.caches.directory.fresh()
    rows = await repository.listing(session, of, after, page.limit + 1)
    shown, cursor = cut(rows, page, lambda courier: [courier.code])
    people = await _people(session, desk, [courier.code for courier in shown])
    return [_out(desk, courier, people.get(courier.code)) for courier in shown], cursor


async def _people(
    session: AsyncSession, desk: Desk, codes: list[str]
) -> Mapping[str, CourierPerson]:
    """Names and phones are for staff."""
    return await repository.people(session, codes) if desk.caller.kind == "staff" else {}


async def _tell(session: AsyncSession, desk: Desk, courier: Courier, event_type: str) -> None:
    await session.flush()
    state = CourierState(
        code=courier.code,
        office=_office(desk, courier),
        active=courier.active,
        version=courier.version,
    )
    await outbox.append(
        session, event_type, courier_event(state), time=desk.now, subject=courier.code
    )


def _office(desk: Desk, courier: Courier) -> str | None:
    office = desk.caches.directory.by_id.get(courier.office)
    return office.code if office else None


def _out(desk: Desk, courier: Courier, person: CourierPerson | None) -> CourierOut:
    return CourierOut(
        code=courier.code,
        office=_office(desk, courier),
        active=courier.active,
        name=person.name if person else None,
        phone=person.phone if person else None,
        version=courier.version,
    )
