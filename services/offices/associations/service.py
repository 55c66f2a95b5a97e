"""Use cases of the associations."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.associations import domain, repository
from services.offices.associations.errors import RunsOutside, StillServing, UnknownMember
from services.offices.associations.models import (
    Association,
    Membership,
    Representative,
    RepresentativeDetail,
)
from services.offices.associations.repository import Filters
from services.offices.associations.schemas import (
    AssociationChange,
    AssociationOut,
    Ending,
    MembershipOut,
    NewAssociation,
    NewMembership,
    NewRepresentative,
    OfficeMembershipOut,
    RepresentativeOut,
)
from services.offices.registry import repository as registry
from services.offices.registry.models import Office
from services.offices.states import states
from services.offices.working_group import repository as seats
from services.offices.working_group import service as working_group
from services.offices.working_group.schemas import MemberRequest
from shared import idempotency, outbox, pagination
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.pagination import Page
from shared.validity import Span


async def found(
    session: AsyncSession, wanted: NewAssociation, *, once: Once | None, now: datetime
) -> Answer:
    async def work() -> Answer:
        new = Association(
            **wanted.model_dump(), dissolved_on=None, version=1, created_at=now, updated_at=now
        )
        await repository.save(session, new)
        await _tell(session, "association.created", new.id, now, association=new)
        body = AssociationOut.model_validate(new).model_dump_json().encode()
        return Answer(201, body, {"Location": f"/v1/associations/{new.id}"})

    return await _once(session, once, work)


async def change(
    session: AsyncSession, association_id: UUID, wanted: AssociationChange, *, now: datetime
) -> Association:
    """The fields sent; where none differs there is no new version and no event."""
    association = await repository.locked(session, association_id)
    changes = {k: v for k, v in wanted.changes().items() if getattr(association, k) != v}
    if not changes:
        return association
    if changes.keys() & {"founded_on", "dissolved_on"}:
        await _check_life(session, association, changes)
    for field, value in changes.items():
        setattr(association, field, value)
    association.version += 1
    association.updated_at = now
    await repository.save(session)
    await _tell(session, "association.changed", association.id, now, association=association)
    return association


async def _check_life(
    session: AsyncSession, association: Association, changes: dict[str, date | None]
) -> None:
    founded = changes.get("founded_on", association.founded_on)
    dissolved = changes.get("dissolved_on", association.dissolved_on)
    if founded is not None and dissolved is not None and dissolved < founded:
        raise Invalid.field("body.dissolved_on", f"not before {founded}, when it was founded")
    life = domain.life(founded, dissolved)
    if await repository.runs_outside(session, association.id, life):
        raise RunsOutside(
            "a membership or a representative is recorded beyond these days: end those first"
        )


async def listing(
    session: AsyncSession, wanted: Filters, page: Page
) -> tuple[list[Association], str | None]:
    rows = await repository.listing(session, wanted, after=page.after_uuid(), limit=page.limit + 1)
    return pagination.cut(rows, page, lambda one: [str(one.id)])


async def join(
    session: AsyncSession,
    association_id: UUID,
    wanted: NewMembership,
    *,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    """An office joins its province's association, or that association the federation."""

    async def work() -> Answer:
        span = Span(wanted.valid_from, wanted.valid_until)
        body, office, member = await _parties(session, association_id, wanted)
        domain.check_within(span, domain.life(body.founded_on, body.dissolved_on))
        if member is not None:
            domain.check_within(span, domain.life(member.founded_on, member.dissolved_on))
        new = Membership(
            association_id=body.id,
            body=body,
            office_id=office and office.id,
            place=office,
            member_id=member and member.id,
            joined=member,
            valid_from=span.first,
            valid_until=span.last,
            end_reason=None,
            recorded_by=caller.id,
            version=1,
            created_at=now,
            updated_at=now,
        )
        domain.check_apart(
            span,
            await repository.spans_of_member(
                session, office_id=new.office_id, member_id=new.member_id
            ),
        )
        session.add(new)
        await _tell_membership(session, "membership.started", new, now)
        return Answer(201, MembershipOut.model_validate(new).model_dump_json().encode())

    return await _once(session, once, work)


async def _parties(
    session: AsyncSession, association_id: UUID, wanted: NewMembership
) -> tuple[Association, Office | None, Association | None]:
    """The association and who is to be its member, locked in this order: they may be."""
    ids = {association_id, wanted.association or association_id}
    locked = await repository.lock(session, *ids)
    body = repository.known(locked.get(association_id), association_id)
    if wanted.office is None:
        member = locked.get(wanted.association or association_id)
        if member is None:
            raise UnknownMember(f"there is no association {wanted.association}")
        domain.check_association(body.level, member.level)
        return body, None, member
    office = (await registry.lock(session, [wanted.office])).get(wanted.office)
    if office is None:
        raise UnknownMember(f"there is no office {wanted.office}")
    domain.check_office(body.level, body.province, office.kind, office.province)
    return body, office, None


async def leave(
    session: AsyncSession,
    association_id: UUID,
    membership_id: UUID,
    ending: Ending,
    *,
    now: datetime,
) -> Membership:
    one = await repository.membership(session, association_id, membership_id)
    _end(one, ending, now)
    await _tell_membership(session, "membership.ended", one, now)
    return one


def _end(one: Membership | Representative, ending: Ending, now: datetime) -> None:
    one.valid_until = one.span.ended(ending.on, tehran_date(now)).last
    one.end_reason = ending.reason
    one.version += 1
    one.updated_at = now


async def members(
    session: AsyncSession, association_id: UUID, on: date | None, page: Page
) -> tuple[list[Membership], str | None]:
    await repository.get(session, association_id)
    rows = await repository.members(
        session, association_id, on=on, after=page.after_uuid(), limit=page.limit + 1
    )
    return pagination.cut(rows, page, lambda one: [str(one.id)])


async def of_office(
    session: AsyncSession, code: str, on: date | None, now: datetime
) -> OfficeMembershipOut:
    """Of a day, today where none is named."""
    day = on or tehran_date(now)
    history = await repository.of_office(session, await registry.get(session, code))
    current = next((one for one in history if one.span.covers(day)), None)
    return OfficeMembershipOut.model_validate(
        {"office": code, "on": day, "membership": current, "history": history}
    )


async def appoint(
    session: AsyncSession,
    association_id: UUID,
    wanted: NewRepresentative,
    *,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    """With a seat, the person is also seated in the working group for these days."""

    async def work() -> Answer:
        association = await repository.locked(session, association_id)
        span = Span(wanted.valid_from, wanted.valid_until)
        domain.check_within(span, domain.life(association.founded_on, association.dissolved_on))
        domain.check_seat(association.level, wanted.seat)
        new = Representative(
            association_id=association.id,
            seat=wanted.seat,
            member_id=await _seated(session, wanted, caller, now) if wanted.seat else None,
            detail=RepresentativeDetail(name=wanted.name, mobile=wanted.mobile),
            valid_from=span.first,
            valid_until=span.last,
            end_reason=None,
            recorded_by=caller.id,
            version=1,
            created_at=now,
            updated_at=now,
        )
        session.add(new)
        await _tell_representative(session, "representative.appointed", new, now)
        return Answer(201, RepresentativeOut.model_validate(new).model_dump_json().encode())

    return await _once(session, once, work)


async def _seated(
    session: AsyncSession, wanted: NewRepresentative, caller: Caller, now: datetime
) -> UUID:
    request = MemberRequest(
        seat=str(wanted.seat),
        name=wanted.name,
        phone=wanted.mobile,
        valid_from=wanted.valid_from,
        valid_until=wanted.valid_until,
    )
    return (await working_group.seat_member(session, request, caller=caller, now=now)).id


async def dismiss(
    session: AsyncSession,
    association_id: UUID,
    representative_id: UUID,
    ending: Ending,
    *,
    now: datetime,
) -> Representative:
    """The seat is left on the same day, unless the working group ended it earlier."""
    one = await repository.representative(session, association_id, representative_id)
    _end(one, ending, now)
    if one.member_id is not None:
        until = (await seats.member(session, one.member_id)).valid_until
        if until is None or until > ending.on:
            await working_group.end_membership(session, one.member_id, ending.on, now)
    await _tell_representative(session, "representative.ended", one, now)
    return one


async def erase(
    session: AsyncSession, association_id: UUID, representative_id: UUID, *, now: datetime
) -> Representative:
    """Forget who it was who served; that somebody did, and when, stays."""
    one = await repository.representative(session, association_id, representative_id)
    if one.valid_until is None or one.valid_until >= tehran_date(now):
        raise StillServing("the representative serves today or later: end that first")
    if one.detail is not None:
        await repository.forget(session, one)
        one.version += 1
        one.updated_at = now
        await _tell_representative(session, "representative.erased", one, now)
    return one


async def representatives(
    session: AsyncSession, association_id: UUID, on: date | None, page: Page
) -> tuple[list[Representative], str | None]:
    await repository.get(session, association_id)
    rows = await repository.representatives(
        session, association_id, on=on, after=page.after_uuid(), limit=page.limit + 1
    )
    return pagination.cut(rows, page, lambda one: [str(one.id)])


async def _once(
    session: AsyncSession, once: Once | None, work: Callable[[], Awaitable[Answer]]
) -> Answer:
    return await (work() if once is None else idempotency.once(session, once, work))


async def _tell_membership(
    session: AsyncSession, event: str, one: Membership, now: datetime
) -> None:
    await _tell(session, event, one.id, now, membership=one)


async def _tell_representative(
    session: AsyncSession, event: str, one: Representative, now: datetime
) -> None:
    await _tell(session, event, one.id, now, representative=one)


async def _tell(
    session: AsyncSession, event: str, subject: UUID, now: datetime, **told: object
) -> None:
    """Save, then append: the event comes after the row lock, so events are in commit order."""
    await session.flush()
    await outbox.append(session, event, states(**told), time=now, subject=str(subject))
