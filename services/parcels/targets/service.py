"""Use cases of populations and targets: record, list, compare with what was done."""

from datetime import datetime
from typing import Annotated, Final, TypeVar

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.events import (
    POPULATION_SET,
    TARGET_SET,
    PopulationEvent,
    PopulationState,
    TargetEvent,
    TargetState,
)
from services.parcels.targets import domain, repository
from services.parcels.targets.domain import ALL_COUNTIES, ALL_PRODUCTS
from services.parcels.targets.models import CountyPopulation, Target
from services.parcels.targets.schemas import (
    BASIS_POINTS_MAX,
    NewPopulation,
    NewTarget,
    PerHead,
    PerHeadRow,
    PopulationOut,
    TargetAchieved,
    TargetOut,
)
from services.parcels.transit import repository as rolled_up
from services.parcels.transit import service as transit
from services.parcels.transit.export import Table, table
from services.parcels.vocabulary import PRODUCT_BY_WIRE, PRODUCT_WIRE
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import Period
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut, not_a_cursor

_Code = Annotated[str, Field(max_length=100, pattern=r"^[a-z_-]*$")]
_Number = Annotated[int, Field(strict=True, ge=0, lt=2**63)]
_Small = Annotated[int, Field(strict=True, ge=0, lt=2**15)]
_POPULATION: Final = TypeAdapter[tuple[str, int]](tuple[_Code, _Number])
_TARGET: Final = TypeAdapter[tuple[str, str, int]](tuple[_Code, _Code, _Small])
_FIRST: Final = ("", "", -1)
K = TypeVar("K")


async def set_population(
    session: AsyncSession,
    wanted: NewPopulation,
    *,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    async def make() -> tuple[str, PopulationOut]:
        row = CountyPopulation(**wanted.model_dump(), recorded_at=now, recorded_by=caller.id)
        session.add(row)
        await session.flush()
        told = PopulationEvent(population=PopulationState.model_validate(row))
        data = told.model_dump(mode="json")
        await outbox.append(session, POPULATION_SET, data, time=now, subject=wanted.county)
        return "/v1/populations", PopulationOut.model_validate(row)

    return await idempotency.created(session, once, make)


async def populations(
    session: AsyncSession, county: str | None, page: Page
) -> tuple[list[PopulationOut], str | None]:
    after = None if page.after is None else _key(_POPULATION, page)
    rows = await repository.populations(session, county, after, page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.county, row.id])
    return [PopulationOut.model_validate(row) for row in shown], cursor


async def per_head(session: AsyncSession, period: Period) -> PerHead:
    before = period.previous()
    people = await repository.people(session, period.end)
    now = await transit.by_county(session, period)
    then = await transit.by_county(session, before)
    total, rows = domain.per_head(people, now, then)
    return PerHead.model_validate(
        {
            "period": str(period),
            "previous": str(before),
            "as_of": await rolled_up.as_of(session),
            "total": total,
            "rows": rows,
        }
    )


def as_table(found: PerHead) -> Table:
    head = {"period": found.period, "previous": found.previous, "as_of": found.as_of}
    return table(f"per-head-{found.period}", head, PerHeadRow, found.rows)


async def set_target(
    session: AsyncSession,
    wanted: NewTarget,
    *,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    if wanted.measure == "within_promise" and (wanted.value or 0) > BASIS_POINTS_MAX:
        raise Invalid.field("body.value", f"a share is {BASIS_POINTS_MAX} at most: 95% is 9500")

    async def make() -> tuple[str, TargetOut]:
        row = Target(
            period=wanted.period,
            measure=wanted.measure,
            county=wanted.county or ALL_COUNTIES,
            product=int(PRODUCT_BY_WIRE[wanted.product]) if wanted.product else ALL_PRODUCTS,
            value=wanted.value,
            reason=wanted.reason,
            recorded_at=now,
            recorded_by=caller.id,
        )
        session.add(row)
        await session.flush()
        told = TargetOut(**wanted.model_dump(), recorded_at=now)
        data = TargetEvent(target=TargetState.model_validate(told)).model_dump(mode="json")
        await outbox.append(session, TARGET_SET, data, time=now, subject=wanted.period)
        return f"/v1/targets?period={wanted.period}", told

    return await idempotency.created(session, once, make)


async def targets(
    session: AsyncSession, period: Period, of: tuple[str | None, str | None], page: Page
) -> tuple[list[TargetAchieved], str | None]:
    """The targets that hold, of a county and of a product or of any, each with its share."""
    county, product = of
    numbered = (county, None if product is None else int(PRODUCT_BY_WIRE[product]))
    after = _FIRST if page.after is None else _key(_TARGET, page)
    rows = await repository.targets(session, str(period), numbered, after, page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row.measure, row.county, row.product])
    found = await transit.by_county(session, period)
    as_of = await rolled_up.as_of(session)
    answers = []
    for row in shown:
        reached = domain.achieved(found, row.measure, row.county, row.product)
        answers.append(
            TargetAchieved(
                period=row.period,
                measure=row.measure,
                county=row.county or None,
                product=PRODUCT_WIRE.get(row.product),
                value=row.value,
                reason=row.reason,
                recorded_at=row.recorded_at,
                achieved=reached,
                share_percent=domain.share_percent(reached, row.value),
                as_of=as_of,
                items=domain.items_link(row.period, row.measure, row.county, row.product),
            )
        )
    return answers, cursor


def _key(cursor: TypeAdapter[K], page: Page) -> K:
    try:
        return cursor.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None
