"""Use cases of targets: publish a version, withdraw one that has not begun, list, read."""

from datetime import date, datetime
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.complaints.targets import repository
from services.complaints.targets.errors import (
    TargetsCodeInUse,
    TargetsHaveBegun,
    TargetsWithdrawn,
)
from services.complaints.targets.events import PUBLISHED, WITHDRAWN, TargetsEvent, TargetsState
from services.complaints.targets.models import SlaVersion
from services.complaints.targets.schemas import NewTargets, TargetsOut, TargetsSummary
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.fields import Day
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut, not_a_cursor

_RowId = Annotated[int, Field(strict=True, ge=0, lt=2**63)]
_CURSOR: Final = TypeAdapter[tuple[date, int]](tuple[Day, _RowId])
_ABOUT: Final = {"code", "valid_from", "source"}


async def publish(
    session: AsyncSession, wanted: NewTargets, *, caller: Caller, once: Once | None, now: datetime
) -> Answer:
    """Targets from a day to come on; one that has begun needs `backfill`."""

    async def make() -> tuple[str, TargetsOut]:
        if wanted.valid_from <= tehran_date(now) and "backfill" not in caller.scopes:
            raise TargetsHaveBegun("valid_from must be a day to come: today's cases have theirs")
        if await repository.find(session, wanted.code) is not None:
            raise TargetsCodeInUse(f"there are targets {wanted.code}: choose another code")
        version = SlaVersion(
            **wanted.model_dump(include=_ABOUT),
            terms=wanted.model_dump(mode="json", exclude=_ABOUT),
            recorded_at=now,
            recorded_by=caller.id,
        )
        session.add(version)
        await _told(session, PUBLISHED, version, now)
        return f"/v1/complaint-targets/{wanted.code}", TargetsOut.model_validate(version)

    return await idempotency.created(session, once, make)


async def withdraw(
    session: AsyncSession, code: str, *, caller: Caller, now: datetime
) -> TargetsOut:
    """Of targets that no case can have yet."""
    version = await repository.get(session, code, lock=True)
    if version.withdrawn_at is not None:
        raise TargetsWithdrawn(f"{code} was withdrawn at {version.withdrawn_at.isoformat()}")
    if version.valid_from <= tehran_date(now):
        raise TargetsHaveBegun(f"{code} is in force since {version.valid_from}: publish others")
    version.withdrawn_at, version.withdrawn_by = now, caller.id
    await _told(session, WITHDRAWN, version, now)
    return TargetsOut.model_validate(version)


async def _told(session: AsyncSession, event_type: str, version: SlaVersion, now: datetime) -> None:
    await session.flush()
    told = TargetsEvent(complaint_targets=TargetsState.model_validate(version))
    await outbox.append(
        session, event_type, told.model_dump(mode="json"), time=now, subject=version.code
    )


async def read(session: AsyncSession, code: str) -> TargetsOut:
    return TargetsOut.model_validate(await repository.get(session, code))


async def listing(session: AsyncSession, page: Page) -> tuple[list[TargetsSummary], str | None]:
    """By the day from which they hold, the newest first."""
    try:
        before = None if page.after is None else _CURSOR.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None
    rows = await repository.newest(session, before, page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.valid_from.isoformat(), row.id])
    return [TargetsSummary.model_validate(row) for row in shown], cursor
