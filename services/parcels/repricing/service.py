"""Use cases of recomputation: a period's bookings under another version, a step at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.events import (
    RECOMPUTATION_FINISHED,
    RECOMPUTATION_REQUESTED,
    REFUNDS_PROPOSED,
    ProposedRefund,
    RefundsProposed,
    recomputation_event,
)
from services.parcels.network.service import Directory, OfficeBook
from services.parcels.repricing import domain, repository
from services.parcels.repricing.domain import Booked, Charge
from services.parcels.repricing.errors import PeriodNotOver
from services.parcels.repricing.models import Recomputation, RecomputedCharge, RefundProposal
from services.parcels.repricing.schemas import (
    ChargeOut,
    Kind,
    NewRecomputation,
    RecomputationOut,
    RefundProposalOut,
)
from services.parcels.tariff import service as tariffs
from services.parcels.tariff.domain import Place
from services.parcels.tariff.errors import NoTariff, TariffNotFound
from services.parcels.tariff.service import Tariff
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import day_start, tehran_date
from shared.clock import Clock, world_now
from shared.database import Database
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.identifiers import barcode_of
from shared.pagination import Page, cut, not_a_cursor

ITEMS: Final = 1_000
"""Of a step, and of its event at most."""
WINDOW: Final = timedelta(days=1)
_DAY: Final = timedelta(days=1)
_MOMENT: Final = timedelta(microseconds=1)

_ItemId = Annotated[int, Field(strict=True, ge=0, lt=2**63)]
_Charge = Annotated[bool, Field(strict=True)]
_CHARGE: Final = TypeAdapter[tuple[bool, int]](tuple[_Charge, _ItemId])
_PROPOSAL: Final = TypeAdapter[tuple[int, UUID]](tuple[_ItemId, UUID])
K = TypeVar("K")


async def request(
    session: AsyncSession,
    wanted: NewRecomputation,
    *,
    caller: Caller,
    once: Once | None,
    now: datetime,
) -> Answer:
    """A run that the worker carries out, since a period may have millions of bookings."""

    async def make() -> tuple[str, RecomputationOut]:
        run = await _new(session, wanted, caller, now)
        await outbox.append(
            session,
            RECOMPUTATION_REQUESTED,
            recomputation_event(run),
            time=now,
            subject=str(run.id),
        )
        return f"/v1/recomputations/{run.id}", out(run)

    return await idempotency.created(session, once, make)


async def _new(
    session: AsyncSession, wanted: NewRecomputation, caller: Caller, now: datetime
) -> Recomputation:
    try:
        await tariffs.get(session, wanted.version, now)
    except TariffNotFound as error:
        raise Invalid.field("body.version", error.detail) from None
    begins, ends = day_start(wanted.booked_from), day_start(wanted.booked_until + _DAY)
    if ends > now:
        raise PeriodNotOver("booked_until must be a day that is over: choose an earlier one")
    counters = ("over", "under", "refunds")
    run = Recomputation(
        id=await repository.new_id(session),
        version=wanted.version,
        booked_from=begins,
        booked_until=ends,
        proposes_refunds=wanted.proposes_refunds,
        status="running",
        at_time=begins,
        at_item=0,
        examined=0,
        without_price=0,
        **{f"{name}_{unit}": 0 for name in counters for unit in ("count", "rials")},
        requested_by=caller.id,
        requested_at=now,
    )
    session.add(run)
    await session.flush()
    return run


async def carry_out(database: Database, clock: Clock) -> None:
    """All runs to their end, a bounded transaction at a time; a crash loses a step at most."""
    more = True
    while more:
        async with database.transaction() as session:
            more = await _step(session, database, await world_now(session, clock))


async def _step(session: AsyncSession, database: Database, now: datetime) -> bool:
    """The next items of the first run; False where there is none."""
    await repository.lock_step(session)
    run = await repository.running(session)
    if run is None:
        return False
    until = min(run.at_time + WINDOW, run.booked_until)
    items = await repository.booked(session, run.at_time, until, run.at_item, ITEMS)
    priced = await _priced(database, run.version, items)
    charges = [charge for charge in priced if charge.difference]
    await repository.add_charges(session, run.id, charges)
    refunded = await _propose(session, run, charges, now) if run.proposes_refunds else {}
    step = domain.totals(len(items), len(priced), charges, refunded)
    repository.add_totals(run, step)
    if len(items) == ITEMS:
        run.at_item = items[-1].item_id
    else:
        run.at_time, run.at_item = until, 0
    await _finish(session, run, now)
    return True


async def _finish(session: AsyncSession, run: Recomputation, now: datetime) -> None:
    """End a run that has come to the end of its period."""
    if run.at_time < run.booked_until:
        return
    run.status, run.finished_at = "finished", now
    await session.flush()
    await outbox.append(
        session, RECOMPUTATION_FINISHED, recomputation_event(run), time=now, subject=str(run.id)
    )


async def _priced(database: Database, code: str, items: Sequence[Booked]) -> list[Charge]:
    """Those of the items that the version has a price for, with it."""
    tariff = await Tariff(database).fresh()
    offices = await Directory(database).fresh()
    due = ((booked, due_under(tariff, offices, code, booked)) for booked in items)
    return [Charge(booked, rials) for booked, rials in due if rials is not None]


def due_under(tariff: Tariff, offices: OfficeBook, code: str, booked: Booked) -> int | None:
    """The price of an item under a version, with the VAT of its booking; None if it has none."""
    version, office = tariff.version(code), offices.by_id.get(booked.origin_office)
    if office is None or version is None:
        return None
    wanted = domain.consignment(booked, Place(office.province, office.town), office.town_name)
    try:
        return tariff.price_under(version, wanted, booked.booked_at).rials
    except NoTariff:
        return None


async def _propose(
    session: AsyncSession, run: Recomputation, charges: Sequence[Charge], now: datetime
) -> Mapping[int, int]:
    """Refunds of what was charged too much, less what was proposed before; rials by item."""
    over = {c.booked.item_id: c.booked.partner for c in charges if c.difference > 0}
    before = await repository.proposed(session, over)
    refunded = domain.refunds(charges, before)
    if not refunded:
        return {}
    rows: list[dict[str, Any]] = [
        {
            "item_id": item_id,
            "recomputation": run.id,
            "partner": over[item_id],
            "amount_rials": rials,
            "proposed_at": now,
        }
        for item_id, rials in refunded.items()
    ]
    await repository.propose(session, rows)
    items = [ProposedRefund(barcode=barcode_of(row["item_id"]), **row) for row in rows]
    told = RefundsProposed(items=items).model_dump(mode="json")
    await outbox.append(session, REFUNDS_PROPOSED, told, time=now, subject=str(run.id))
    return refunded


async def listing(session: AsyncSession, page: Page) -> tuple[list[RecomputationOut], str | None]:
    """Newest first."""
    rows = await repository.listing(session, page.after_uuid(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda run: [str(run.id)])
    return [out(run) for run in shown], cursor


async def get(session: AsyncSession, run_id: UUID) -> RecomputationOut:
    return out(await repository.get(session, run_id))


async def charges(
    session: AsyncSession, run_id: UUID, kind: Kind | None, page: Page
) -> tuple[list[ChargeOut], str | None]:
    await repository.get(session, run_id)
    rows = await repository.charges(
        session,
        run_id,
        overcharged=None if kind is None else kind == "over",
        after=_after(_CHARGE, page),
        limit=page.limit + 1,
    )
    shown, cursor = cut(rows, page, lambda row: [row.overcharged, row.item_id])
    return [_charge(row) for row in shown], cursor


async def proposals(
    session: AsyncSession, partner: UUID | None, run_id: UUID | None, page: Page
) -> tuple[list[RefundProposalOut], str | None]:
    rows = await repository.proposals(
        session,
        partner=partner,
        run_id=run_id,
        after=_after(_PROPOSAL, page),
        limit=page.limit + 1,
    )
    shown, cursor = cut(rows, page, lambda row: [row.item_id, str(row.recomputation)])
    return [_proposal(row) for row in shown], cursor


def _after(cursor: TypeAdapter[K], page: Page) -> K | None:
    try:
        return None if page.after is None else cursor.validate_python(page.after)
    except ValidationError:
        raise not_a_cursor() from None


def out(run: Recomputation) -> RecomputationOut:
    counted = {
        name: getattr(run, name)
        for name in RecomputationOut.model_fields
        if not name.startswith("booked_")
    }
    return RecomputationOut(
        booked_from=tehran_date(run.booked_from),
        booked_until=tehran_date(run.booked_until - _MOMENT),
        **counted,
    )


def _charge(row: RecomputedCharge) -> ChargeOut:
    return ChargeOut(
        barcode=barcode_of(row.item_id),
        partner=row.partner,
        booked_tariff=row.booked_tariff,
        charged_rials=row.charged_rials,
        due_rials=row.due_rials,
        difference_rials=row.charged_rials - row.due_rials,
    )


def _proposal(row: RefundProposal) -> RefundProposalOut:
    return RefundProposalOut(
        barcode=barcode_of(row.item_id),
        partner=row.partner,
        recomputation=row.recomputation,
        amount_rials=row.amount_rials,
        proposed_at=row.proposed_at,
    )
