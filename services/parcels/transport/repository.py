"""SQL of lines."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final, cast

from sqlalchemy import Select, distinct, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import cast as sql_cast

from services.parcels.network.models import Office
from services.parcels.transport.domain import Call, Line, Mode
from services.parcels.transport.models import LineVersion
from shared.validity import Span

LINES_LOCK: Final = 0x5053_0020


async def lock_lines(session: AsyncSession) -> None:
    """One change of a line at a time, until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(LINES_LOCK)))


async def versions(session: AsyncSession, code: str) -> Sequence[LineVersion]:
    """A line's versions, by time."""
    statement = select(LineVersion).where(LineVersion.code == code).order_by(LineVersion.valid_from)
    return (await session.scalars(statement)).all()


async def lines_count(session: AsyncSession) -> int:
    return await session.scalar(select(func.count(distinct(LineVersion.code)))) or 0


async def known_offices(session: AsyncSession, codes: Collection[str]) -> set[str]:
    """Those of the codes that are an office's, closed ones too."""
    return set((await session.scalars(select(Office.code).where(Office.code.in_(codes)))).all())


def _valid(first: date, last: date) -> Select[LineVersion]:
    """Versions that hold on some day from first to last."""
    until = LineVersion.valid_until
    return select(LineVersion).where(
        LineVersion.valid_from <= last, or_(until.is_(None), until >= first)
    )


async def listing(
    session: AsyncSession,
    on: date,
    mode: Mode | None,
    office: str | None,
    page: tuple[str | None, int],
) -> Sequence[LineVersion]:
    """Valid on a day, by code; `page`: the code after which, and how many."""
    after, limit = page
    statement = _valid(on, on).order_by(LineVersion.code).limit(limit)
    if after is not None:
        statement = statement.where(LineVersion.code > after)
    if mode is not None:
        statement = statement.where(LineVersion.mode == mode)
    if office is not None:
        called = sql_cast([{"office": office}], JSONB)
        statement = statement.where(LineVersion.calls.contains(called))
    return (await session.scalars(statement)).all()


async def lines(
    session: AsyncSession, first: date, last: date, code: str | None = None
) -> list[Line]:
    """What is valid on some day from first to last; of one line, if asked."""
    statement = _valid(first, last).order_by(LineVersion.code, LineVersion.valid_from)
    if code is not None:
        statement = statement.where(LineVersion.code == code)
    return [line_of(row) for row in await session.scalars(statement)]


async def every_line(session: AsyncSession) -> list[Line]:
    """All that was, is and will be, by code and time."""
    statement = select(LineVersion).order_by(LineVersion.code, LineVersion.valid_from)
    return [line_of(row) for row in await session.scalars(statement)]


def line_of(row: LineVersion) -> Line:
    return Line(
        row.code,
        Span(row.valid_from, row.valid_until),
        cast("Mode", row.mode),
        row.days,
        tuple(_call(call) for call in row.calls),
        row.capacity_items,
        row.capacity_kg,
        row.distance_km,
    )


def _call(stored: dict[str, Any]) -> Call:
    return Call(stored["office"], stored["arrives"], stored["departs"])
