"""Use cases of the registry."""

import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.events import OfficeEventType, office_event
from services.offices.gate import service as gates
from services.offices.registry import domain, repository
from services.offices.registry.domain import Kind
from services.offices.registry.errors import NotASortingCentre, OfficeNotFound, SortingCentreInUse
from services.offices.registry.models import Office, OfficeStatusChange, Town
from services.offices.registry.repository import Filters
from services.offices.registry.schemas import NewOffice, OfficeChange, OfficeOut
from shared import idempotency, outbox, pagination
from shared.auth import Caller
from shared.calendar import Hours, open_at
from shared.database import driver
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.pagination import Page

NEAR_CANDIDATES_MAX: Final = 2_000


async def create(
    session: AsyncSession, wanted: NewOffice, *, prefix: str, once: Once | None, now: datetime
) -> Answer:
    """A new active office; with a key, the same answer however often it is sent."""

    async def work() -> Answer:
        office = await _new_office(session, wanted, prefix, now)
        body = OfficeOut.model_validate(office).model_dump_json().encode()
        return Answer(201, body, {"Location": f"/v1/offices/{office.code}"})

    return await (work() if once is None else idempotency.once(session, once, work))


async def _new_office(
    session: AsyncSession, wanted: NewOffice, prefix: str, now: datetime
) -> Office:
    place = await repository.town(session, wanted.town)
    if wanted.sorting_centre is not None:
        locked = await repository.lock(session, [wanted.sorting_centre])
        domain.check_sorting(wanted.kind, _centre(locked, wanted.sorting_centre).kind)
    (number,) = await repository.next_numbers(session, 1)
    office = founded(wanted, domain.office_code(prefix, number), number, place, now)
    session.add(office)
    await _tell(session, "office.created", office, now)
    return office


def founded(wanted: NewOffice, code: str, number: int, place: Town, now: datetime) -> Office:
    """A new office, active, not yet in a session; it has no papers."""
    office = Office(
        **wanted.model_dump(mode="json"),
        id=number,
        code=code,
        place=place,
        status="active",
        version=1,
        created_at=now,
        updated_at=now,
    )
    gates.set_gate(office, [], 0, now)
    return office


async def change(
    session: AsyncSession, code: str, wanted: OfficeChange, *, now: datetime
) -> Office:
    """The fields sent take effect; where none differs there is no new version and no event."""
    changes = wanted.changes()
    office, centre = await _lock_with_centre(session, code, changes)
    changes = {field: value for field, value in changes.items() if getattr(office, field) != value}
    if not changes:
        return office
    await _check_sorting(session, office, centre, changes)
    if "town" in changes:
        office.place = await repository.town(session, changes["town"])
    for field, value in changes.items():
        setattr(office, field, value)
    await save(session, "office.changed", office, now)
    return office


async def _lock_with_centre(
    session: AsyncSession, code: str, changes: dict[str, Any]
) -> tuple[Office, Office | None]:
    """The office and the centre it is to be assigned to, whose kind may not change meanwhile."""
    centre = changes.get("sorting_centre")
    locked = await repository.lock(session, {code, centre} if centre else {code})
    return _existing(locked, code), _centre(locked, centre) if centre else None


def _existing(locked: Mapping[str, Office], code: str) -> Office:
    if code not in locked:
        raise OfficeNotFound(f"there is no office {code}")
    return locked[code]


def _centre(locked: Mapping[str, Office], code: str) -> Office:
    if code not in locked:
        raise NotASortingCentre(f"there is no office {code} to be the sorting_centre")
    return locked[code]


async def _check_sorting(
    session: AsyncSession, office: Office, centre: Office | None, changes: dict[str, Any]
) -> None:
    kind: Kind = changes.get("kind", office.kind)
    assigned = changes.get("sorting_centre", office.sorting_centre)
    if assigned is not None:
        # an assignment that stays is to a centre already
        domain.check_sorting(kind, centre.kind if centre else "sorting_centre")
    left = office.kind == "sorting_centre" != kind
    if left and await repository.sorts_for_others(session, office.code):
        raise SortingCentreInUse("assign its offices to another sorting centre first")


async def suspend(
    session: AsyncSession, code: str, reason: str, *, caller: Caller, now: datetime
) -> Office:
    office = _existing(await repository.lock(session, [code]), code)
    office.status = domain.suspended(office.status)
    return await _status_changed(session, "office.suspended", office, reason, caller, now)


async def reopen(session: AsyncSession, code: str, *, caller: Caller, now: datetime) -> Office:
    office = _existing(await repository.lock(session, [code]), code)
    office.status = domain.reopened(office.status)
    return await _status_changed(session, "office.reopened", office, None, caller, now)


async def _status_changed(
    session: AsyncSession,
    event: OfficeEventType,
    office: Office,
    reason: str | None,
    caller: Caller,
    now: datetime,
) -> Office:
    session.add(
        OfficeStatusChange(
            office_id=office.id,
            version=office.version + 1,
            status=office.status,
            reason=reason,
            changed_by=caller.id,
            changed_at=now,
        )
    )
    await save(session, event, office, now)
    return office


async def save(
    session: AsyncSession, event: OfficeEventType, office: Office, now: datetime
) -> None:
    """The next version of an office that the caller has locked and changed, told as `event`.

    Which papers it needs goes by its kind, so with that its gate may change.
    """
    if inspect(office).attrs.kind.history.has_changes():
        await gates.refresh(session, [office], now)
    await save_all(session, event, [office], now)


async def save_all(
    session: AsyncSession, event: OfficeEventType, offices: Sequence[Office], now: datetime
) -> None:
    """The same for offices whose kind and gate are settled, in a round trip for all."""
    for office in offices:
        office.version += 1
        office.updated_at = now
    await session.flush()  # the events come after the row locks, so they are in commit order
    rows = [(event, office.code, now, json.dumps(office_event(office))) for office in offices]
    await (await driver(session)).executemany(outbox.APPEND_SQL, rows)


async def _tell(
    session: AsyncSession, event: OfficeEventType, office: Office, now: datetime
) -> None:
    """Save, then append: the event comes after the row lock, so events are in commit order."""
    await session.flush()
    await outbox.append(session, event, office_event(office), time=now, subject=office.code)


async def listing(
    session: AsyncSession, wanted: Filters, page: Page
) -> tuple[list[Office], str | None]:
    """A page by office number, and the cursor of the next."""
    rows: Sequence[Office] = await repository.listing(
        session, wanted, after=_after(page), limit=page.limit + 1
    )
    return pagination.cut(rows, page, lambda office: [office.id])


def _after(page: Page) -> int:
    match page.after:
        case None:
            return 0
        case [int(number)] if 0 <= number <= 99_999:
            return number
        case _:
            raise Invalid.field("query.cursor", "not a cursor that this list gave out")


@dataclass(frozen=True, slots=True)
class Near:
    """What to look for around a point: of one kind or all that serve the public, open or any."""

    latitude: float
    longitude: float
    kind: Kind | None
    open_only: bool
    limit: int


@dataclass(frozen=True, slots=True)
class Found:
    office: Office
    distance_m: int
    open_now: bool


async def nearest(session: AsyncSession, near: Near, now: datetime) -> list[Found]:
    """The nearest active offices; with `open_only`, among the 2,000 nearest at most."""
    rows_max = NEAR_CANDIDATES_MAX if near.open_only else near.limit
    statement = repository.nearest_statement(
        near.latitude, near.longitude, kind=near.kind, limit=rows_max
    )
    found: list[Found] = []
    async with aclosing(repository.nearest(session, statement)) as rows:
        async for office, chord in rows:
            is_open = open_at(Hours.model_validate(office.hours), now)
            if is_open or not near.open_only:
                found.append(Found(office, domain.metres(chord), is_open))
            if len(found) == near.limit:
                break
    return found
