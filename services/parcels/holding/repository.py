"""SQL of holding and returns. Rows of `holding` follow the items' own rows, set-wise."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.banking.models import DeliveryTerms
from services.parcels.booking.models import Parcel
from services.parcels.holding.domain import Rule
from services.parcels.holding.models import Holding, HoldingRule, ReturnLeg
from services.parcels.vocabulary import Status
from shared.identifiers import S10, Ours, parse_barcode, s10_item_ids
from shared.validity import DAY_MIN


async def items_of(session: AsyncSession, barcodes: Collection[str]) -> dict[str, int]:
    """The items of our own events' barcodes; of an S10 number, the newest that bears it."""
    found: dict[str, int] = {}
    for barcode in barcodes:
        match parse_barcode(barcode):
            case Ours(item_id=item_id):
                found[barcode] = item_id
            case S10(item_id=first):
                lives = s10_item_ids(first)
                newest = await session.scalar(
                    select(Parcel.item_id)
                    .where(Parcel.item_id >= lives.start, Parcel.item_id < lives.stop)
                    .order_by(Parcel.item_id.desc())
                    .limit(1)
                )
                if newest is not None:
                    found[barcode] = newest
            case _:
                pass
    return found


async def rule(session: AsyncSession, day: date) -> Rule:
    """The rule of a day. The first one ever is of the earliest day that papers go back to."""
    row = await session.scalar(
        select(HoldingRule)
        .where(HoldingRule.valid_from <= max(day, DAY_MIN))
        .order_by(HoldingRule.valid_from.desc(), HoldingRule.id.desc())
        .limit(1)
    )
    if row is None:
        raise RuntimeError("there is no holding rule: the migration puts the first one")
    return Rule(row.notices, row.hold_days, row.return_days, row.return_basis_points)


async def rules(session: AsyncSession) -> Sequence[HoldingRule]:
    """All that were recorded; of two of a day, the later holds."""
    return (
        await session.scalars(select(HoldingRule).order_by(HoldingRule.valid_from, HoldingRule.id))
    ).all()


EVER: Final = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an item stands, and its holding as it is on record. Without scans it waits nowhere."""

    item_id: int
    partner: UUID
    status: Status
    office: int | None
    fold_at: datetime
    held: Holding | None

    @property
    def waits(self) -> bool:
        return self.status is Status.READY_FOR_PICKUP


async def standings(session: AsyncSession, items: Collection[int]) -> list[Standing]:
    rows = await session.execute(
        select(
            Parcel.item_id,
            Parcel.partner,
            Parcel.status,
            Parcel.custodian_id,
            Parcel.fold_at,
            Holding,
        )
        .outerjoin(Holding, Holding.item_id == Parcel.item_id)
        .where(Parcel.item_id.in_(items))
        .order_by(Parcel.item_id)
    )
    return [
        Standing(item_id, partner, Status(status), office, fold_at or EVER, held)
        for item_id, partner, status, office, fold_at, held in rows
    ]


async def keep(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    made = upsert(Holding)
    await session.execute(
        made.on_conflict_do_update(
            index_elements=["item_id"],
            set_={
                "office": made.excluded.office,
                "since": made.excluded.since,
                "until": made.excluded.until,
                "over_at": None,
            },
        ),
        list(rows),
    )


async def drop(session: AsyncSession, items: Collection[int]) -> None:
    await session.execute(delete(Holding).where(Holding.item_id.in_(items)))


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Items whose time is up, those first that have been so longest."""
    rows = await session.scalars(
        select(Holding.item_id)
        .where(Holding.over_at.is_(None), Holding.until <= now)
        .order_by(Holding.until, Holding.item_id)
        .limit(limit)
    )
    return list(rows)


async def mark_over(session: AsyncSession, items: Collection[int], now: datetime) -> None:
    await session.execute(update(Holding).where(Holding.item_id.in_(items)).values(over_at=now))


async def holding(session: AsyncSession, item_id: int) -> Holding | None:
    return await session.get(Holding, item_id, populate_existing=True)


async def at_office(
    session: AsyncSession, office: int, after: int | None, limit: int
) -> Sequence[Holding]:
    statement = (
        select(Holding).where(Holding.office == office).order_by(Holding.item_id).limit(limit)
    )
    if after is not None:
        statement = statement.where(Holding.item_id > after)
    return (await session.scalars(statement)).all()


_RETURNING: Final = (
    Parcel.item_id,
    Parcel.partner,
    Parcel.product,
    Parcel.weight_g,
    Parcel.origin_office,
    Parcel.backfill,
    DeliveryTerms.undelivered,
    DeliveryTerms.return_branch,
)


async def returning(session: AsyncSession, items: Collection[int]) -> Mapping[int, Any]:
    """By item, what its way back depends on."""
    rows = await session.execute(
        select(*_RETURNING)
        .outerjoin(DeliveryTerms, DeliveryTerms.item_id == Parcel.item_id)
        .where(Parcel.item_id.in_(items))
    )
    return {row.item_id: row for row in rows}


async def known_returns(
    session: AsyncSession, events: Collection[UUID], items: Collection[int]
) -> set[UUID]:
    """Which of these events' returns are on record."""
    rows = await session.scalars(
        select(ReturnLeg.event_id).where(
            ReturnLeg.item_id.in_(items), ReturnLeg.event_id.in_(events)
        )
    )
    return set(rows)


async def offices_of_branches(
    session: AsyncSession, wanted: Collection[tuple[UUID, str]]
) -> dict[tuple[UUID, str], int]:
    """The offices that bring these branches their mail, as far as they are told."""
    rows = await session.execute(
        text(
            "SELECT partner, code, office FROM bank_branch WHERE office IS NOT NULL"
            " AND (partner, code) IN (SELECT * FROM unnest(CAST(:partners AS uuid[]),"
            " CAST(:codes AS text[])))"
        ),
        {"partners": [p for p, _ in wanted], "codes": [c for _, c in wanted]},
    )
    return {(row.partner, row.code): row.office for row in rows}


async def add_returns(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    await session.execute(insert(ReturnLeg), list(rows))


async def last_return(session: AsyncSession, item_id: int) -> ReturnLeg | None:
    statement = (
        select(ReturnLeg)
        .where(ReturnLeg.item_id == item_id)
        .order_by(ReturnLeg.started_at.desc(), ReturnLeg.event_id.desc())
        .limit(1)
    )
    return await session.scalar(statement)
