"""Use cases of the registry."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, assert_never
from uuid import uuid4

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.events import OfficeEventType, office_event
from services.offices.gate import service as gates
from services.offices.registry import domain, repository
from services.offices.registry.domain import Kind
from services.offices.registry.errors import NotASortingCentre, OfficeNotFound, SortingCentreInUse
from services.offices.registry.models import (
    Office,
    OfficeKindPeriod,
    OfficeStatusChange,
    OwnerPerson,
    Town,
)
from services.offices.registry.repository import Filters, Sort
from services.offices.registry.schemas import NewOffice, OfficeChange, OfficeOut, Owner
from shared import idempotency, outbox, pagination
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.database import driver
from shared.fields import Instant
from shared.idempotency import Answer, Once
from shared.pagination import Page
from shared.text import fa_key, text

DAY: Final = timedelta(days=1)


async def create(
    session: AsyncSession,
    wanted: NewOffice,
    *,
    caller: Caller,
    prefix: str,
    once: Once | None,
    now: datetime,
) -> Answer:
    """A new active office; with a key, the same answer however often it is sent."""

    async def work() -> Answer:
        office = await _new_office(session, wanted, prefix, caller, now)
        body = OfficeOut.model_validate(office).model_dump_json().encode()
        return Answer(201, body, {"Location": f"/v1/offices/{office.code}"})

    return await (work() if once is None else idempotency.once(session, once, work))


async def _new_office(
    session: AsyncSession, wanted: NewOffice, prefix: str, caller: Caller, now: datetime
) -> Office:
    past = _past(wanted, now)
    place = await repository.town(session, wanted.town)
    if wanted.sorting_centre is not None:
        locked = await repository.lock(session, [wanted.sorting_centre])
        domain.check_sorting(wanted.kind, centre_of(locked, wanted.sorting_centre).kind)
    (number,) = await repository.next_numbers(session, 1)
    office = founded(wanted, domain.office_code(prefix, number), number, place, now)
    session.add(office)
    await session.flush()
    await repository.keep_words(session, domain.vocabulary([office.search_text]))
    if wanted.owner is not None:
        hold(session, office, wanted.owner)
    for period, told in zip(past, wanted.past_kinds, strict=True):
        remember_kind(session, office, period, told.reference, caller=caller.id, now=now)
    await _tell(session, "office.created", office, now)
    return office


def _past(wanted: NewOffice, now: datetime) -> list[domain.KindPeriod]:
    told = [(past.kind, past.valid_until) for past in wanted.past_kinds]
    return domain.past_kinds(wanted.kind, wanted.founded_on, told, tehran_date(now))


def founded(wanted: NewOffice, code: str, number: int, place: Town, now: datetime) -> Office:
    """A new office, active, not yet in a session; its past, and an owner given, are added apart."""
    given = wanted.capabilities
    office = Office(
        **wanted.model_dump(
            mode="json", exclude={"capabilities", "owner", "founded_on", "past_kinds"}
        ),
        id=number,
        code=code,
        place=place,
        capabilities=domain.usual_capabilities(wanted.kind) if given is None else given,
        owner_kind=domain.usual_owner(wanted.kind),
        founded_on=wanted.founded_on,
        kind_since=wanted.founded_on,
        status="active",
        search_text=domain.search_text(wanted.name, wanted.address, code, place.name),
        version=1,
        created_at=now,
        updated_at=now,
    )
    gates.set_gate(office, [], 0, now)
    return office


def remember_kind(
    session: AsyncSession,
    office: Office,
    past: domain.KindPeriod,
    reference: str | None,
    *,
    caller: str,
    now: datetime,
) -> None:
    """Add a period of another kind, and begin that of today's the day after it."""
    session.add(
        OfficeKindPeriod(
            office_id=office.id,
            kind=past.kind,
            reference=reference,
            valid_from=past.valid_from,
            valid_until=past.valid_until,
            recorded_by=caller,
            recorded_at=now,
        )
    )
    office.kind_since = past.valid_until + DAY


def hold(session: AsyncSession, office: Office, owner: Owner) -> None:
    """Make someone the holder of an office that is saved; the name of a person is kept apart."""
    office.owner_kind, office.owner_name, office.owner_person = owner.kind, owner.name, None
    if owner.kind == "person":
        office.owner_name, office.owner_person = None, uuid4()
        session.add(OwnerPerson(id=office.owner_person, office_id=office.id, name=owner.name))


async def change(
    session: AsyncSession, code: str, wanted: OfficeChange, *, now: datetime
) -> Office:
    """The fields sent take effect; where none differs there is no new version and no event."""
    changes = wanted.changes()
    office, centre = await _lock_with_centre(session, code, changes)
    changes = {field: value for field, value in changes.items() if getattr(office, field) != value}
    corrected = await _correct_owner(session, office, wanted.owner)
    if not (changes or corrected):
        return office
    if "kind" in changes:
        domain.check_current(changes["kind"])
    await _check_sorting(session, office, centre, changes)
    if "town" in changes:
        office.place = await repository.town(session, changes["town"])
    for field, value in changes.items():
        setattr(office, field, value)
    await save(session, "office.changed", office, now)
    return office


async def _correct_owner(session: AsyncSession, office: Office, owner: Owner | None) -> bool:
    """Whether the holder on record is another now; the name of a person that was wrong is gone."""
    before = office.owner_person
    known = await repository.person_name(session, before) if before else office.owner_name
    if owner is None or (owner.kind, owner.name) == (office.owner_kind, known):
        return False
    hold(session, office, owner)
    if before is not None:
        await repository.forget_person(session, before)
    return True


async def _lock_with_centre(
    session: AsyncSession, code: str, changes: dict[str, Any]
) -> tuple[Office, Office | None]:
    """The office and the centre it is to be assigned to, whose kind may not change meanwhile."""
    centre = changes.get("sorting_centre")
    locked = await repository.lock(session, {code, centre} if centre else {code})
    return existing(locked, code), centre_of(locked, centre) if centre else None


def existing(locked: Mapping[str, Office], code: str) -> Office:
    if code not in locked:
        raise OfficeNotFound(f"there is no office {code}")
    return locked[code]


def centre_of(locked: Mapping[str, Office], code: str) -> Office:
    """The office that is to sort for others; its kind is for `domain.check_sorting` to judge."""
    if code not in locked:
        raise NotASortingCentre(f"there is no office {code} to be the sorting_centre")
    if locked[code].status == "closed":
        raise NotASortingCentre(f"{code} is closed: name another sorting_centre")
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
    office = existing(await repository.lock(session, [code]), code)
    office.status = domain.suspended(office.status)
    return await status_changed(session, "office.suspended", office, reason, caller, now)


async def reopen(session: AsyncSession, code: str, *, caller: Caller, now: datetime) -> Office:
    office = existing(await repository.lock(session, [code]), code)
    office.status = domain.reopened(office.status)
    return await status_changed(session, "office.reopened", office, None, caller, now)


async def status_changed(
    session: AsyncSession,
    event: OfficeEventType,
    office: Office,
    reason: str | None,
    caller: Caller,
    now: datetime,
) -> Office:
    """Save a locked office whose status was set, with who did it and why."""
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
    """The next version of an office that the caller has locked and changed, told as `event`."""
    await next_version(session, [office], now)
    await _tell(session, event, office, now)


async def save_all(
    session: AsyncSession, event: OfficeEventType, offices: Sequence[Office], now: datetime
) -> None:
    """The same of many offices, their events in one round trip."""
    await next_version(session, offices, now)
    await tell_all(session, [(event, office) for office in offices], now)


async def next_version(session: AsyncSession, offices: Sequence[Office], now: datetime) -> None:
    """Locked and changed offices as they are to be saved: searchable by what they now say.

    Which papers an office needs goes by its kind, so with that its gate may change.
    """
    converted = [o for o in offices if inspect(o).attrs.kind.history.has_changes()]
    if converted:
        await gates.refresh(session, converted, now)
    for office in offices:
        office.version += 1
        office.updated_at = now
    renamed = [office for office in offices if office.search_text != _searched(office)]
    for office in renamed:
        office.search_text = _searched(office)
    await repository.keep_words(
        session, domain.vocabulary(office.search_text for office in renamed)
    )


def _searched(office: Office) -> str:
    return domain.search_text(office.name, office.address, office.code, office.town_name)


async def _tell(
    session: AsyncSession, event: OfficeEventType, office: Office, now: datetime
) -> None:
    """Save, then append: the event comes after the row lock, so events are in commit order."""
    await session.flush()
    await outbox.append(session, event, office_event(office), time=now, subject=office.code)


async def tell_all(
    session: AsyncSession, told: Sequence[tuple[OfficeEventType, Office]], now: datetime
) -> None:
    """The same of many offices, their events in one round trip."""
    await session.flush()
    rows = [(event, office.code, now, json.dumps(office_event(office))) for event, office in told]
    await (await driver(session)).executemany(outbox.APPEND_SQL, rows)


async def listing(
    session: AsyncSession, wanted: Filters, sort: Sort, page: Page
) -> tuple[list[Office], str | None]:
    """A page in the order asked for, and the cursor of the next."""
    rows: Sequence[Office] = await repository.listing(
        session, wanted, sort, after=_after(sort, page), limit=page.limit + 1
    )
    return pagination.cut(rows, page, _keys(sort))


def _keys(sort: Sort) -> Callable[[Office], list[Any]]:
    match sort:
        case "code":
            return lambda office: [office.id]
        case "name":
            return lambda office: [fa_key(office.name), office.id]
        case "updated_at":
            return lambda office: [office.updated_at.isoformat(), office.id]
        case _:
            assert_never(sort)


def _after(sort: Sort, page: Page) -> list[Any] | None:
    try:
        return None if page.after is None else _CURSORS[sort].validate_python(page.after)
    except ValidationError:
        raise pagination.not_a_cursor() from None


_Number = Annotated[int, Field(ge=0, lt=2**31, strict=True)]
_CURSORS: Final[Mapping[Sort, TypeAdapter[Any]]] = {
    "code": TypeAdapter(tuple[_Number]),
    "name": TypeAdapter(tuple[Annotated[str, text(0, 500)], _Number]),
    "updated_at": TypeAdapter(tuple[Instant, _Number]),
}
"""What the cursor of each order holds, as far as whoever made it up can be trusted."""
