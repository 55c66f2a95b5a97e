"""Use cases of service areas."""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.offices.areas import domain, repository
from services.offices.areas.domain import CodeRange
from services.offices.areas.repository import Overlap
from services.offices.areas.schemas import AreaIn
from services.offices.events import area_event
from services.offices.registry import repository as registry_rows
from services.offices.registry import service as registry
from services.offices.registry.domain import check_open
from services.offices.registry.models import Office
from shared import outbox, pagination
from shared.pagination import Page


async def area(session: AsyncSession, code: str) -> dict[str, Any]:
    office = await registry_rows.get(session, code)
    found = await repository.area(session, office)
    ranges = await repository.ranges(session, office)
    return _state(office, ranges, found.version if found else 0)


async def replace(
    session: AsyncSession, code: str, wanted: AreaIn, *, now: datetime
) -> dict[str, Any]:
    """The codes sent are the office's area; where they are already, nothing is told."""
    office = registry.existing(await registry_rows.lock(session, [code]), code)
    check_open(office.status)
    ranges = domain.merged(sent.codes() for sent in wanted.ranges)
    found = await repository.area(session, office)
    if ranges == await repository.ranges(session, office):
        return _state(office, ranges, found.version if found else 0)
    version = await repository.replace(session, office, ranges, now)
    event = area_event(code, [(r.first, r.last) for r in ranges], version)
    await outbox.append(session, "area.changed", event, time=now, subject=code)
    return _state(office, ranges, version)


def _state(office: Office, ranges: list[CodeRange], version: int) -> dict[str, Any]:
    return {"office": office.code, "ranges": ranges, "version": version}


async def offices_of(session: AsyncSession, postal_code: str) -> dict[str, Any]:
    offices = await repository.offices_of(session, int(postal_code))
    return {"postal_code": postal_code, "offices": offices}


async def overlaps(session: AsyncSession, page: Page) -> tuple[list[dict[str, Any]], str | None]:
    rows = await repository.overlaps(session, after=_after(page), limit=page.limit + 1)
    shown, following = pagination.cut(rows, page, _key)
    return [{"offices": (one, other), "codes": codes} for one, other, codes in shown], following


def _key(overlap: Overlap) -> tuple[int, int, int]:
    return overlap.one.id, overlap.other.id, overlap.codes.lower


def _after(page: Page) -> tuple[int, int, int] | None:
    try:
        return None if page.after is None else _CURSOR.validate_python(page.after)
    except ValidationError:
        raise pagination.not_a_cursor() from None


_Number = Annotated[int, Field(ge=0, lt=2**31, strict=True)]
_Code = Annotated[int, Field(ge=0, lt=10**domain.DIGITS, strict=True)]
_CURSOR: Final = TypeAdapter(tuple[_Number, _Number, _Code])
