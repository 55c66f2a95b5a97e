"""Use cases of the promise: its terms, declared pauses, and a promise explained."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking import service as bookings
from services.parcels.calendars import repository as calendars
from services.parcels.promise import explaining, repository
from services.parcels.promise.domain import distance_of
from services.parcels.promise.errors import (
    NothingPromised,
    PauseHasEnded,
    TermsBeginTooEarly,
    TermsCodeInUse,
    TermsNotFound,
)
from services.parcels.promise.events import (
    PAUSE_DECLARED,
    PAUSE_ENDED,
    TERMS_PUBLISHED,
    pause_event,
    terms_event,
)
from services.parcels.promise.known import Promises
from services.parcels.promise.models import PromisePause, PromiseTarget, PromiseVersion
from services.parcels.promise.schemas import (
    NewPause,
    NewTerms,
    PauseEnd,
    PauseOut,
    PromiseOut,
    TargetIn,
    TargetOut,
    TermsOut,
    TermsSummary,
)
from services.parcels.tariff.domain import Distance
from services.parcels.vocabulary import PRODUCT_BY_WIRE, PRODUCT_WIRE
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.database import driver
from shared.errors import Invalid
from shared.fields import Day
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut, not_a_cursor

STAFF: Final = "staff"
_RowId = Annotated[int, Field(strict=True, ge=0, lt=2**63)]
_CURSOR: Final = TypeAdapter[tuple[date, int]](tuple[Day, _RowId])


async def publish(
    session: AsyncSession, wanted: NewTerms, *, caller: Caller, once: Once | None, now: datetime
) -> Answer:
    """Terms from a day to come on; they never change, later ones of the same day replace them.

    A day that has begun needs `backfill`.
    """

    async def make() -> tuple[str, TermsOut]:
        _check_new(wanted, caller, now)
        if await repository.terms(session, wanted.code) is not None:
            raise TermsCodeInUse(f"there are terms {wanted.code}: choose another code")
        version = PromiseVersion(
            code=wanted.code,
            valid_from=wanted.valid_from,
            source=wanted.source,
            recorded_at=now,
            recorded_by=caller.id,
        )
        await repository.add_terms(session, version, [_row(target) for target in wanted.targets])
        told = await _terms_out(session, version)
        await calendars.note_change(await driver(session))
        await outbox.append(
            session, TERMS_PUBLISHED, terms_event(told), time=now, subject=wanted.code
        )
        return f"/v1/promise-terms/{wanted.code}", told

    return await idempotency.created(session, once, make)


def _check_new(wanted: NewTerms, caller: Caller, now: datetime) -> None:
    if wanted.valid_from <= tehran_date(now) and "backfill" not in caller.scopes:
        raise TermsBeginTooEarly("valid_from must be a day to come: promises of today were given")
    named = [(target.product, target.distance_class) for target in wanted.targets]
    if len(set(named)) < len(named):
        raise Invalid.field("body.targets", "write each product and distance class once")


def _row(target: TargetIn) -> dict[str, Any]:
    cutoff = target.cutoff
    return {
        "product": int(PRODUCT_BY_WIRE[target.product]),
        "distance": target.distance_class.value,
        "target_hours": target.target_hours,
        "clock": target.clock,
        "cutoff_minute": None if cutoff is None else int(cutoff[:2]) * 60 + int(cutoff[3:]),
    }


async def terms(session: AsyncSession, code: str) -> TermsOut:
    version = await repository.terms(session, code)
    if version is None:
        raise TermsNotFound(f"there are no promise terms {code}")
    return await _terms_out(session, version)


async def all_terms(session: AsyncSession, page: Page) -> tuple[list[TermsSummary], str | None]:
    """By day, newest first."""
    try:
        after = None if page.after is None else _CURSOR.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None
    rows = await repository.all_terms(session, after, page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.valid_from.isoformat(), row.id])
    return [TermsSummary.model_validate(row) for row in shown], cursor


async def _terms_out(session: AsyncSession, version: PromiseVersion) -> TermsOut:
    summary = TermsSummary.model_validate(version)
    targets = await repository.targets(session, version)
    return TermsOut(**summary.model_dump(), targets=[_target_out(row) for row in targets])


def _target_out(row: PromiseTarget) -> TargetOut:
    return TargetOut.model_validate(
        {
            "product": PRODUCT_WIRE[row.product],
            "distance_class": Distance(row.distance),
            "target_hours": row.target_hours,
            "clock": row.clock,
            "cutoff": explaining.wall_time(row.cutoff_minute),
        }
    )


# declared pauses


async def declare(
    session: AsyncSession, wanted: NewPause, *, caller: Caller, once: Once | None, now: datetime
) -> Answer:
    """Force majeure in an area; the worker takes it through the items there."""

    async def make() -> tuple[str, PauseOut]:
        pause = PromisePause(
            id=await repository.new_id(session),
            **wanted.model_dump(),
            declared_by=caller.id,
            declared_at=now,
            changed_at=now,
        )
        session.add(pause)
        told = await _changed(session, pause, PAUSE_DECLARED, now)
        return f"/v1/promise-pauses/{pause.id}", told

    return await idempotency.created(session, once, make)


async def end(
    session: AsyncSession, pause_id: UUID, wanted: PauseEnd, *, now: datetime
) -> PauseOut:
    """Say when it ended or will end; once that has come, it stays so."""
    pause = await repository.pause(session, pause_id, lock=True)
    if pause.ends_at == wanted.ends_at:
        return PauseOut.model_validate(pause)
    if pause.ends_at is not None and pause.ends_at <= now:
        raise PauseHasEnded(f"it ended at {pause.ends_at.isoformat()}")
    if wanted.ends_at < pause.starts_at:
        raise Invalid.field("body.ends_at", "it ends before it starts; at its start: it never was")
    pause.ends_at, pause.changed_at = wanted.ends_at, now
    return await _changed(session, pause, PAUSE_ENDED, now)


async def _changed(
    session: AsyncSession, pause: PromisePause, event_type: str, now: datetime
) -> PauseOut:
    await session.flush()
    connection = await driver(session)
    await calendars.note_change(connection)
    await calendars.add_sweep(connection, pause.starts_at)
    told = PauseOut.model_validate(pause)
    await outbox.append(session, event_type, pause_event(told), time=now, subject=str(pause.id))
    return told


async def pause(session: AsyncSession, pause_id: UUID) -> PauseOut:
    return PauseOut.model_validate(await repository.pause(session, pause_id))


async def pauses(session: AsyncSession, page: Page) -> tuple[list[PauseOut], str | None]:
    """Newest first."""
    rows = await repository.pauses(session, page.after_uuid(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row.id)])
    return [PauseOut.model_validate(row) for row in shown], cursor


# one item's


async def explain(
    session: AsyncSession, caller: Caller, known: Promises, barcode: str, now: datetime
) -> PromiseOut:
    """How an item's promise came about; its partner's and staff's to see."""
    item_id = await bookings.resolve(session, barcode)
    connection = await driver(session)
    rows = await repository.facts(connection, [item_id])
    row: Mapping[str, Any] | None = rows[0] if rows else None
    if row is None or not (caller.kind == STAFF or row["partner"] == caller.account):
        await bookings.get(session, caller, barcode)  # who may see it learns why there is none
        raise NothingPromised("nothing was promised for this parcel: its terms have no target")
    moments = (await repository.moments(connection, [item_id])).get(item_id, ())
    await known.look(connection)
    found = known.target(row["product"], distance_of(row), row["booked_at"])
    return explaining.explained(row, known.facts(row, moments), found, now)
