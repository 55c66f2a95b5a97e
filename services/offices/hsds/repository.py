"""All SQL of HSDS. Principals, their services and who offers them are public.

By OFFSET, as the standard pages by number; DEPTH_MAX bounds how far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    func,
    literal,
    null,
    or_,
    select,
    union,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.offices.catalogue.models import DelegatedService, Offering, Principal
from services.offices.hsds.domain import Slice, stable_id
from services.offices.hsds.errors import NotThere
from services.offices.registry.models import Office

HOLDER: Final = "holder/"
"""Before a company's name in its key; a slug has no slash."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Of a list; None leaves all in. `words` is folded for search; ids are those of HSDS."""

    words: str | None = None
    organization: UUID | None = None
    service: UUID | None = None
    modified_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Organ:
    """A principal, by its slug, or a company that holds offices; people are in none of these."""

    key: str
    name: str
    name_en: str | None

    @property
    def is_principal(self) -> bool:
        return not self.key.startswith(HOLDER)


@dataclass(frozen=True, slots=True)
class Done:
    """A service and whose it is."""

    service: DelegatedService
    principal: Principal


@dataclass(frozen=True, slots=True)
class DoneAt:
    """A service offered at an office, which has its town."""

    offering: Offering
    done: Done


async def _page(
    session: AsyncSession, statement: Select[*tuple[Any, ...]], page: Slice
) -> tuple[Sequence[Any], int]:
    """The rows of a page, and how many there are in all."""
    bare = statement.order_by(None).options().with_only_columns(func.count())
    total = await session.scalar(bare) or 0
    rows = await session.execute(statement.offset(page.offset).limit(page.size))
    return rows.all(), total


def _organs() -> Subquery:
    """Principals, and the companies that hold offices which are not closed."""
    holders = select(
        (literal(HOLDER) + Office.owner_name).label("key"), Office.owner_name, null().cast(Text)
    ).where(Office.owner_kind == "company", Office.status != "closed")
    principals = select(Principal.slug, Principal.name, Principal.name_en)
    rows = union(holders, principals).subquery("rows")
    return select(
        rows.c[0].label("key"), rows.c[1].label("name"), rows.c[2].label("name_en")
    ).subquery("organ")


async def organizations(
    session: AsyncSession, words: str | None, page: Slice
) -> tuple[list[Organ], int]:
    organ = _organs()
    statement = select(organ.c.key, organ.c.name, organ.c.name_en).order_by(organ.c.key)
    if words is not None:
        named = (organ.c.name, organ.c.name_en)
        statement = statement.where(or_(*(n.icontains(words, autoescape=True) for n in named)))
    rows, total = await _page(session, statement, page)
    return [Organ(*row) for row in rows], total


async def organization(session: AsyncSession, id_: UUID) -> Organ:
    organ = _organs()
    rows = await session.execute(select(organ.c.key, organ.c.name, organ.c.name_en))
    for row in rows:
        if stable_id("organization", row[0]) == id_:
            return Organ(*row)
    raise NotThere(f"there is no organization {id_}")


def _services() -> Select[DelegatedService, Principal]:
    return select(DelegatedService, Principal).join(
        Principal, Principal.slug == DelegatedService.principal
    )


async def services(session: AsyncSession, wanted: Filters, page: Slice) -> tuple[list[Done], int]:
    """Of any day, by code."""
    statement = _services().order_by(DelegatedService.code)
    conditions = await _conditions(session, wanted)
    if wanted.modified_after is not None:
        conditions.append(DelegatedService.updated_at >= wanted.modified_after)
    rows, total = await _page(session, statement.where(*conditions), page)
    return [Done(*row) for row in rows], total


async def service(session: AsyncSession, id_: UUID) -> Done:
    """With its prices."""
    code = await _key(session, "service", id_)
    statement = _services().where(DelegatedService.code == code)
    row = (await session.execute(statement.options(selectinload(DelegatedService.prices)))).first()
    if row is None:
        raise NotThere(f"there is no service {id_}")
    return Done(*row)


async def services_of(session: AsyncSession, principal: str, day: date) -> list[Done]:
    """Those in force on a day."""
    statement = _services().where(DelegatedService.principal == principal)
    statement = statement.where(_valid(DelegatedService, day)).order_by(DelegatedService.code)
    return [Done(*row) for row in await session.execute(statement)]


def _at_offices(day: date) -> Select[Offering, DelegatedService, Principal]:
    """Offerings in force at active offices, of services in force."""
    return (
        select(Offering, DelegatedService, Principal)
        .join(Offering.offered)
        .join(Principal, Principal.slug == DelegatedService.principal)
        .join(Offering.host)
        .where(Office.status == "active")
        .where(_valid(Offering, day), _valid(DelegatedService, day))
        .options(selectinload(Offering.host).selectinload(Office.place))
    )


async def at_offices(
    session: AsyncSession, wanted: Filters, day: date, page: Slice
) -> tuple[list[DoneAt], int]:
    """By id, which grows with time."""
    conditions = await _conditions(session, wanted)
    if (since := wanted.modified_after) is not None:
        parts = (Offering, Office, DelegatedService)
        conditions.append(or_(*(part.updated_at >= since for part in parts)))
    statement = _at_offices(day).where(*conditions).order_by(Offering.id)
    rows, total = await _page(session, statement, page)
    return [DoneAt(row[0], Done(row[1], row[2])) for row in rows], total


async def at_office(session: AsyncSession, id_: UUID, day: date) -> DoneAt:
    """With its service's prices."""
    statement = _at_offices(day).where(Offering.id == id_)
    row = (await session.execute(statement.options(selectinload(DelegatedService.prices)))).first()
    if row is None:
        raise NotThere(f"there is no service at a location {id_} now")
    return DoneAt(row[0], Done(row[1], row[2]))


async def offices_of(session: AsyncSession, code: str, day: date, limit: int) -> list[DoneAt]:
    """Where a service is done, by id."""
    statement = _at_offices(day).where(Offering.service == code)
    rows = await session.execute(statement.order_by(Offering.id).limit(limit))
    return [DoneAt(row[0], Done(row[1], row[2])) for row in rows]


async def _conditions(session: AsyncSession, wanted: Filters) -> list[ColumnElement[bool]]:
    """Those on a service; an id that nothing has finds nothing, as a NULL key equals nothing."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.words is not None:
        conditions.append(DelegatedService.search_text.contains(wanted.words, autoescape=True))
    if wanted.organization is not None:
        slug = await _key(session, "organization", wanted.organization)
        conditions.append(DelegatedService.principal == (slug or ""))
    if wanted.service is not None:
        code = await _key(session, "service", wanted.service)
        conditions.append(DelegatedService.code == (code or ""))
    return conditions


async def _key(session: AsyncSession, table: str, id_: UUID) -> str | None:
    """Our own key of an id: name-based, so found by making those of all keys, some hundreds."""
    column = Principal.slug if table == "organization" else DelegatedService.code
    keys = await session.scalars(select(column))
    return next((key for key in keys if stable_id(table, key) == id_), None)


def _valid(row: type[Offering | DelegatedService], day: date) -> ColumnElement[bool]:
    return and_(row.valid_from <= day, or_(row.valid_until.is_(None), row.valid_until >= day))
