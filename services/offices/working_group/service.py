"""Use cases of the working group: seats, compositions, who sits when."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.states import states
from services.offices.working_group import domain, repository
from services.offices.working_group.errors import (
    CompositionOverlaps,
    SeatTaken,
    UnknownSeat,
)
from services.offices.working_group.models import (
    Composition,
    CompositionSeat,
    Member,
    MemberPerson,
)
from services.offices.working_group.repository import MemberFilter
from services.offices.working_group.schemas import (
    CompositionOut,
    CompositionRequest,
    CompositionSeatRequest,
    MemberOut,
    MemberRequest,
    SeatOut,
    SeatRequest,
    SeatsOut,
)
from shared import outbox, pagination
from shared.auth import Caller
from shared.calendar import day_start
from shared.errors import Invalid
from shared.fields import Day
from shared.pagination import Page

DAY: Final = timedelta(days=1)


async def tell(
    session: AsyncSession, event: str, now: datetime, *, subject: object, **told: Any
) -> None:
    """Save, then append: the event comes after the row lock, so events are in commit order."""
    await session.flush()
    await outbox.append(session, event, states(**told), time=now, subject=str(subject))


async def seats(session: AsyncSession) -> SeatsOut:
    return SeatsOut.model_validate({"items": await repository.seats(session)})


async def put_seat(session: AsyncSession, slug: str, wanted: SeatRequest, now: datetime) -> SeatOut:
    await repository.put_seat(session, slug, wanted.name, wanted.name_en)
    seat = SeatOut(slug=slug, name=wanted.name, name_en=wanted.name_en)
    await tell(session, "seat.saved", now, subject=slug, seat=seat)
    return seat


async def add_composition(
    session: AsyncSession, wanted: CompositionRequest, *, caller: Caller, now: datetime
) -> CompositionOut:
    """A new composition; one that was open-ended ends the day before it."""
    _check_days(wanted.valid_from, wanted.valid_until)
    faults = domain.composition_faults(
        wanted.quorum, [seat.vote for seat in wanted.seats], [seat.chair for seat in wanted.seats]
    )
    if len({seat.seat for seat in wanted.seats}) != len(wanted.seats):
        faults.append("seats: a seat is named twice")
    if faults:
        raise Invalid.field("body", "; ".join(faults))
    await _check_seats(session, [seat.seat for seat in wanted.seats])
    await repository.lock_compositions(session)
    await _make_room(session, wanted, now)
    made = Composition(
        **wanted.model_dump(exclude={"seats"}),
        id=uuid4(),
        seats=[CompositionSeat(**seat.model_dump()) for seat in sorted(wanted.seats, key=_seat)],
        version=1,
        created_by=caller.id,
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    await tell(session, "composition.created", now, subject=made.id, composition=made)
    return CompositionOut.model_validate(made)


def _seat(each: CompositionSeatRequest) -> str:
    return each.seat


async def _make_room(session: AsyncSession, wanted: CompositionRequest, now: datetime) -> None:
    standing = await repository.compositions_within(session, wanted.valid_from, wanted.valid_until)
    for other in standing:
        ends = other.valid_until is None and other.valid_from < wanted.valid_from
        if not ends:
            raise CompositionOverlaps(
                f"the composition from {other.valid_from} is in force then: begin after it ends"
            )
        if await repository.has_met(session, other.id, day_start(wanted.valid_from)):
            raise CompositionOverlaps(
                f"the composition from {other.valid_from} has met on or after valid_from"
            )
        other.valid_until = wanted.valid_from - DAY
        other.version += 1
        other.updated_at = now
        await tell(session, "composition.ended", now, subject=other.id, composition=other)


def _check_days(first: date, last: date | None) -> None:
    if last is not None and last < first:
        raise Invalid.field("body.valid_until", "not before valid_from")


async def _check_seats(session: AsyncSession, slugs: Sequence[str]) -> None:
    if unknown := await repository.unknown_seats(session, slugs):
        raise UnknownSeat(
            f"no seat {', '.join(sorted(unknown))}: add it to /v1/working-group/seats"
        )


async def compositions(
    session: AsyncSession, page: Page
) -> tuple[list[CompositionOut], str | None]:
    rows = await repository.compositions(session, after=_after_day(page), limit=page.limit + 1)
    shown, following = pagination.cut(rows, page, lambda row: [row.valid_from.isoformat()])
    return [CompositionOut.model_validate(row) for row in shown], following


def _after_day(page: Page) -> date | None:
    try:
        return None if page.after is None else _CURSOR.validate_python(page.after)[0]
    except ValidationError:
        raise pagination.not_a_cursor() from None


_CURSOR: Final[TypeAdapter[tuple[Day]]] = TypeAdapter(tuple[Day])


async def composition(session: AsyncSession, composition_id: UUID) -> CompositionOut:
    return CompositionOut.model_validate(await repository.composition(session, composition_id))


async def seat_member(
    session: AsyncSession, wanted: MemberRequest, *, caller: Caller, now: datetime
) -> MemberOut:
    """A person takes a seat, which nobody else holds on any of the days."""
    _check_days(wanted.valid_from, wanted.valid_until)
    await _check_seats(session, [wanted.seat])
    await repository.lock_compositions(session)
    if await repository.seat_is_held(session, wanted.seat, wanted.valid_from, wanted.valid_until):
        raise SeatTaken(f"the seat {wanted.seat} is held then: end that membership first")
    made = Member(
        id=uuid4(),
        seat=wanted.seat,
        valid_from=wanted.valid_from,
        valid_until=wanted.valid_until,
        person=MemberPerson(name=wanted.name, phone=wanted.phone),
        version=1,
        created_by=caller.id,
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    await tell(session, "member.seated", now, subject=made.id, member=made)
    return MemberOut.model_validate(made)


async def end_membership(
    session: AsyncSession, member_id: UUID, last: date, now: datetime
) -> MemberOut:
    await repository.lock_compositions(session)
    member = await repository.member(session, member_id, lock=True)
    _check_days(member.valid_from, last)
    first = member.valid_from
    if await repository.seat_is_held(session, member.seat, first, last, but=member.id):
        raise SeatTaken(f"the seat {member.seat} is held by another before {last}")
    member.valid_until = last
    member.version += 1
    member.updated_at = now
    await tell(session, "member.left", now, subject=member.id, member=member)
    return MemberOut.model_validate(member)


async def members(
    session: AsyncSession, wanted: MemberFilter, page: Page
) -> tuple[list[MemberOut], str | None]:
    rows = await repository.members(session, wanted, after=page.after_uuid(), limit=page.limit + 1)
    shown, following = pagination.cut(rows, page, lambda row: [str(row.id)])
    return [MemberOut.model_validate(row) for row in shown], following
