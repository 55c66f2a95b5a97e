"""All SQL of licences."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, delete, exists, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, selectinload

from services.offices.decisions.models import Decision, DecisionEffect
from services.offices.licensing.domain import STOPPED, LicenceKind, LicenceStatus
from services.offices.licensing.errors import LicenceNotFound
from services.offices.licensing.models import DecisionDue, Licence
from services.offices.registry.models import Office, Town

NUMBERS_LOCK: Final = 0x5053_0009


async def get(session: AsyncSession, licence_id: UUID, *, lock: bool = False) -> Licence:
    statement = select(Licence).where(Licence.id == licence_id)
    if lock:
        statement = statement.with_for_update(of=Licence)
    whole = (selectinload(Licence.site), selectinload(Licence.holder))
    found = await session.scalar(statement.options(*whole))
    if found is None:
        raise LicenceNotFound(f"there is no licence {licence_id}")
    return found


@dataclass(frozen=True, slots=True)
class Filters:
    """Of a list of licences; None leaves all in."""

    status: LicenceStatus | None = None
    kind: LicenceKind | None = None
    county: str | None = None
    office: str | None = None
    expiring_before: date | None = None


async def listing(
    session: AsyncSession, wanted: Filters, *, after: tuple[str] | None, limit: int
) -> Sequence[Licence]:
    """By number."""
    statement = _filtered(wanted).order_by(Licence.number).limit(limit)
    if after is not None:
        statement = statement.where(Licence.number > after[0])
    return (await session.scalars(statement)).all()


async def expiring(
    session: AsyncSession, wanted: Filters, *, after: tuple[date, str] | None, limit: int
) -> Sequence[Licence]:
    """By the last day of validity; those without one are not in it."""
    statement = _filtered(wanted).where(Licence.valid_until.is_not(None)).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(Licence.valid_until, Licence.number) > after)
    return (await session.scalars(statement.order_by(Licence.valid_until, Licence.number))).all()


def _filtered(wanted: Filters) -> Select[Licence]:
    statement = select(Licence).options(selectinload(Licence.site), selectinload(Licence.holder))
    if wanted.status is not None:
        statement = statement.where(Licence.status == wanted.status)
    if wanted.kind is not None:
        statement = statement.where(Licence.kind == wanted.kind)
    if wanted.expiring_before is not None:
        statement = statement.where(Licence.valid_until < wanted.expiring_before)
    if wanted.county is not None or wanted.office is not None:
        statement = statement.join(Licence.site)
    if wanted.office is not None:
        statement = statement.where(Office.code == wanted.office)
    if wanted.county is not None:
        statement = statement.join(Office.place).where(Town.county == wanted.county)
    return statement


async def lock_numbers(session: AsyncSession) -> None:
    """One at a time gives out licence numbers, so that nobody takes one that is being taken.

    Taken after the locks of offices.
    """
    await session.execute(select(func.pg_advisory_xact_lock(NUMBERS_LOCK)))


async def by_number(session: AsyncSession, numbers: Collection[str]) -> dict[str, Licence]:
    statement = select(Licence).where(Licence.number.in_(numbers))
    statement = statement.options(selectinload(Licence.site))
    return {licence.number: licence for licence in await session.scalars(statement)}


async def in_force(
    session: AsyncSession, offices: Collection[int]
) -> dict[tuple[int, LicenceKind], Licence]:
    """The licences of these offices that are active or suspended, by office and kind."""
    statement = select(Licence).where(
        Licence.office_id.in_(offices), Licence.status.in_(("active", "suspended"))
    )
    return {(row.office_id, row.kind): row for row in await session.scalars(statement)}


async def another_active(session: AsyncSession, licence: Licence) -> str | None:
    """The number of another licence that is active for the same office and kind."""
    statement = select(Licence.number).where(
        Licence.office_id == licence.office_id,
        Licence.kind == licence.kind,
        Licence.status == "active",
        Licence.id != licence.id,
    )
    return await session.scalar(statement.limit(1))


async def stopping(session: AsyncSession, office: Office) -> Licence | None:
    """A licence of the office's kind, suspended or revoked, while none of the kind is active."""
    other = aliased(Licence)
    active = exists().where(
        other.office_id == office.id, other.kind == Licence.kind, other.status == "active"
    )
    statement = select(Licence).where(
        Licence.office_id == office.id,
        Licence.kind == office.kind,
        Licence.status.in_(STOPPED),
        ~active,
    )
    return await session.scalar(statement.order_by(Licence.updated_at.desc()).limit(1))


async def last_that_stopped(session: AsyncSession, licence_id: UUID) -> Decision | None:
    """The decision by which a licence was last suspended or revoked."""
    statement = (
        select(Decision)
        .join(DecisionEffect)
        .where(
            Decision.subject_id == licence_id,
            Decision.transition.in_(("suspend", "revoke")),
            DecisionEffect.effect == "applied",
        )
        .order_by(Decision.seq.desc())
        .limit(1)
    )
    return await session.scalar(statement)


async def pending(session: AsyncSession, licence_id: UUID) -> Sequence[Decision]:
    """The decisions that are yet to take effect, in the order in which they will."""
    statement = (
        select(Decision)
        .join(DecisionDue, DecisionDue.decision_id == Decision.id)
        .where(DecisionDue.licence_id == licence_id)
        .options(selectinload(Decision.outcome))
        .order_by(Decision.effective_from, Decision.seq)
    )
    return (await session.scalars(statement)).all()


async def no_longer_due(session: AsyncSession, decision_id: UUID) -> None:
    await session.execute(delete(DecisionDue).where(DecisionDue.decision_id == decision_id))


async def to_settle(
    session: AsyncSession, now: datetime, today: date, *, limit: int
) -> Sequence[UUID]:
    """Licences with a decision that is due, or whose last day has passed."""
    due = select(DecisionDue.licence_id).where(DecisionDue.effective_from <= now)
    over = select(Licence.id).where(Licence.status == "active", Licence.valid_until < today)
    return (await session.scalars(due.union(over).limit(limit))).all()


async def offices(session: AsyncSession, codes: Collection[str]) -> dict[str, Office]:
    """The offices with these codes, locked in the order of their numbers."""
    statement = select(Office).where(Office.code.in_(codes)).order_by(Office.id)
    statement = statement.options(selectinload(Office.place)).with_for_update()
    return {row.code: row for row in await session.scalars(statement)}
