"""All SQL of the applications and inquiries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, exists, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.offices.applications.domain import InquiryKind, State
from services.offices.applications.errors import ApplicationNotFound, InquiryNotFound
from services.offices.applications.models import Application, Inquiry, InquiryTerm
from services.offices.licensing.domain import AppliedKind
from services.offices.registry.models import Town

Sort = Literal["filed_at", "updated_at"]


async def get(session: AsyncSession, application_id: UUID, *, lock: bool = False) -> Application:
    statement = select(Application).where(Application.id == application_id)
    if lock:
        statement = statement.with_for_update()
    found = await session.scalar(_whole(statement))
    if found is None:
        raise ApplicationNotFound(f"there is no application {application_id}")
    return found


def _whole(statement: Select[Application]) -> Select[Application]:
    return statement.options(
        selectinload(Application.place),
        selectinload(Application.site),
        selectinload(Application.applicant),
        selectinload(Application.inquiries),
    )


@dataclass(frozen=True, slots=True)
class Filters:
    """Of a list of applications; `overdue`: with an inquiry whose time has passed."""

    state: State | None = None
    kind: AppliedKind | None = None
    county: str | None = None
    town: str | None = None
    overdue: bool = False


async def listing(
    session: AsyncSession,
    wanted: Filters,
    sort: Sort,
    now: datetime,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Application]:
    """The newest first."""
    by = Application.filed_at if sort == "filed_at" else Application.updated_at
    statement = _whole(select(Application)).order_by(by.desc(), Application.id.desc())
    if wanted.state is not None:
        statement = statement.where(Application.state == wanted.state)
    if wanted.kind is not None:
        statement = statement.where(Application.kind == wanted.kind)
    if wanted.town is not None:
        statement = statement.where(Application.town == wanted.town)
    if wanted.county is not None:
        statement = statement.join(Application.place).where(Town.county == wanted.county)
    if wanted.overdue:
        open_ = exists().where(
            Inquiry.application_id == Application.id,
            Inquiry.answer.is_(None),
            Inquiry.due_at <= now,
        )
        statement = statement.where(open_, Application.state == "agreed")
    if after is not None:
        statement = statement.where(tuple_(by, Application.id) < after)
    return (await session.scalars(statement.limit(limit))).all()


async def inquiry(session: AsyncSession, inquiry_id: UUID) -> Inquiry:
    found = await session.get(Inquiry, inquiry_id)
    if found is None:
        raise InquiryNotFound(f"there is no inquiry {inquiry_id}")
    return found


async def open_inquiries(
    session: AsyncSession,
    kind: InquiryKind | None,
    due_before: datetime | None,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Inquiry]:
    """Those of applications that wait for them, the next due first."""
    statement = (
        select(Inquiry)
        .join(Application, Application.id == Inquiry.application_id)
        .where(Inquiry.answer.is_(None), Application.state == "agreed")
        .order_by(Inquiry.due_at, Inquiry.id)
    )
    if kind is not None:
        statement = statement.where(Inquiry.kind == kind)
    if due_before is not None:
        statement = statement.where(Inquiry.due_at < due_before)
    if after is not None:
        statement = statement.where(tuple_(Inquiry.due_at, Inquiry.id) > after)
    return (await session.scalars(statement.limit(limit))).all()


async def newly_overdue(session: AsyncSession, now: datetime, *, limit: int) -> Sequence[Inquiry]:
    """Inquiries whose time has passed untold, locked; those another worker has are left to it."""
    statement = (
        select(Inquiry)
        .join(Application, Application.id == Inquiry.application_id)
        .where(
            Inquiry.answer.is_(None),
            Inquiry.due_at <= now,
            Inquiry.overdue_told_at.is_(None),
            Application.state == "agreed",
        )
        .order_by(Inquiry.due_at, Inquiry.id)
        .limit(limit)
        .with_for_update(of=Inquiry, skip_locked=True)
    )
    return (await session.scalars(statement)).all()


async def days(session: AsyncSession, day: date) -> Mapping[InquiryKind, int]:
    """How many days an inquiry of each kind may take that is asked on a day."""
    statement = (
        select(InquiryTerm.kind, InquiryTerm.days)
        .where(InquiryTerm.valid_from <= day)
        .order_by(InquiryTerm.valid_from)
    )
    # of each kind the last that has begun
    return {row[0]: row[1] for row in await session.execute(statement)}


async def terms(session: AsyncSession) -> Sequence[InquiryTerm]:
    statement = select(InquiryTerm).order_by(InquiryTerm.kind, InquiryTerm.valid_from)
    return (await session.scalars(statement.limit(1000))).all()


async def put_term(session: AsyncSession, values: Mapping[str, Any]) -> None:
    statement = insert(InquiryTerm).values(values)
    key = {"kind", "valid_from"}
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[InquiryTerm.kind, InquiryTerm.valid_from],
            set_={name: value for name, value in values.items() if name not in key},
        )
    )
