"""Use cases of measurements: record one, re-price by it, contest it, decide the contest.

Priced under the version of the booking; what is charged changes by the difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking import repository as parcels
from services.parcels.booking import service as booking
from services.parcels.booking.errors import ParcelNotFound
from services.parcels.booking.models import Parcel
from services.parcels.custody.timers import terms_of
from services.parcels.discrepancies import service as discrepancies
from services.parcels.discrepancies.domain import Misfit
from services.parcels.network.service import OfficeBook
from services.parcels.repricing import repository as prices
from services.parcels.repricing import service as repricing
from services.parcels.repricing.domain import Booked
from services.parcels.reweighing import repository
from services.parcels.reweighing.errors import (
    MeasurementNotFound,
    MeasurementTaken,
    NotContestable,
    NotContested,
    NotMeasurable,
)
from services.parcels.reweighing.events import (
    CONTESTED,
    DECIDED,
    RECORDED,
    REPRICED,
    Evidence,
    RepricedItem,
)
from services.parcels.reweighing.models import Measurement
from services.parcels.reweighing.schemas import (
    ContestDecision,
    MeasurementOut,
    NewMeasurement,
)
from services.parcels.tariff.domain import Size
from services.parcels.tariff.service import Tariff
from services.parcels.vocabulary import (
    CHANNEL_WIRE,
    PRODUCT_WIRE,
    STATUS_WIRE,
    TERMINAL,
)
from shared import outbox
from shared.auth import Caller
from shared.database import driver
from shared.identifiers import barcode_of
from shared.pagination import Page, cut

WEIGHT_DIFFERENCE = "weight_difference"


@dataclass(frozen=True, slots=True)
class Known:
    """What prices depend on beside the item."""

    offices: OfficeBook
    tariff: Tariff


async def measure(
    session: AsyncSession,
    known: Known,
    barcode: str,
    wanted: NewMeasurement,
    *,
    caller: Caller,
    now: datetime,
) -> MeasurementOut:
    """Record a measurement; where another price is due, the parcel costs that."""
    office = known.offices.named(wanted.office)
    caller.require_office(wanted.office)
    item_id = await booking.resolve(session, barcode)
    parcel = await _locked(session, item_id, None)
    again = await repository.get(session, item_id, wanted.measurement_id)
    if again is not None:
        if again.weight_g != wanted.weight_g or again.device != wanted.device:
            raise MeasurementTaken("this measurement_id was used for another: make a fresh one")
        return _out(again, known.offices)
    if parcel.status in TERMINAL:
        raise NotMeasurable(f"the parcel is {STATUS_WIRE[parcel.status]}")
    booked = await prices.booked_item(session, item_id)
    terms = await terms_of(session, now)
    made = Measurement(
        item_id=item_id,
        id=wanted.measurement_id,
        status="unchanged",
        office=office.id,
        device=wanted.device,
        photo_sha256=wanted.photo_sha256,
        weight_g=wanted.weight_g,
        measured_at=wanted.measured_at,
        recorded_at=now,
        actor=caller.account,
        tariff=parcel.tariff,
        weight_before_g=parcel.weight_g,
        price_before_rials=parcel.price_rials,
        price_rials=parcel.price_rials,
        contest_until=now + timedelta(days=terms.value("contest_days")),
    )
    size = None if wanted.size is None else Size(**wanted.size.model_dump())
    made.length_mm, made.width_mm, made.height_mm = size or (None, None, None)
    session.add(made)
    if booked is not None:
        await _reprice(session, known, parcel, made, booked, size)
    if made.status == "repriced":
        await session.flush()
        await _note(session, known.offices, made, now)
        await _tell_repriced(session, known.offices, parcel, made, "measured", now)
    return await _told(session, known.offices, RECORDED, made, now)


async def _locked(session: AsyncSession, item_id: int, partner: UUID | None) -> Parcel:
    parcel = await parcels.lock(session, item_id, partner)
    if parcel is None:
        raise ParcelNotFound
    return parcel


async def _reprice(
    session: AsyncSession,
    known: Known,
    parcel: Parcel,
    made: Measurement,
    booked: Booked,
    size: Size | None,
) -> None:
    """Charge the difference, if there is one and the version has both prices."""
    before = booked.size or (None, None, None)
    made.length_before_mm, made.width_before_mm, made.height_before_mm = before
    measured = replace(booked, weight_g=made.weight_g, size=size or booked.size)
    was = repricing.due_under(known.tariff, known.offices, booked.tariff, booked)
    due = repricing.due_under(known.tariff, known.offices, booked.tariff, measured)
    if was is None or due is None or was == due:
        return
    made.status = "repriced"
    made.price_rials = max(0, parcel.price_rials + due - was)
    parcel.price_rials, parcel.weight_g = made.price_rials, made.weight_g
    _changed(parcel, made.recorded_at)
    if size is not None:
        await repository.save_size(session, parcel.item_id, size)


def _changed(parcel: Parcel, now: datetime) -> None:
    parcel.version += 1
    parcel.updated_at = now


async def _note(
    session: AsyncSession, offices: OfficeBook, made: Measurement, now: datetime
) -> None:
    misfit = Misfit(made.item_id, str(made.id), WEIGHT_DIFFERENCE, made.office)
    await discrepancies.note(await driver(session), offices, [misfit], now)


async def contest(
    session: AsyncSession,
    offices: OfficeBook,
    barcode: str,
    wanted: UUID,
    reason: str,
    *,
    caller: Caller,
    now: datetime,
) -> MeasurementOut:
    """The owner does not agree; once more answers the same."""
    item_id = await booking.resolve(session, barcode)
    await _locked(session, item_id, caller.account)
    found = await _newest(session, item_id, wanted)
    if found.status == "contested":
        return _out(found, offices)
    if found.status != "repriced":
        raise NotContestable(f"it is {found.status}")
    if now >= found.contest_until:
        raise NotContestable(f"it could be contested until {found.contest_until:%Y-%m-%d %H:%M}Z")
    found.status, found.contest_reason, found.contested_at = "contested", reason, now
    return await _told(session, offices, CONTESTED, found, now)


async def _newest(session: AsyncSession, item_id: int, wanted: UUID) -> Measurement:
    """A measurement by which the parcel costs what it does now."""
    found = await repository.get(session, item_id, wanted)
    if found is None:
        raise MeasurementNotFound
    without = {"unchanged", "reversed"}
    changing = [m for m in await repository.of_item(session, item_id) if m.status not in without]
    if changing and changing[0].id != wanted:
        raise NotContestable("a later measurement changed the price since: contest that one")
    return found


async def decide(
    session: AsyncSession,
    offices: OfficeBook,
    barcode: str,
    wanted: UUID,
    decision: ContestDecision,
    *,
    caller: Caller,
    now: datetime,
) -> MeasurementOut:
    """Uphold a contested measurement, or let the price before it hold again."""
    item_id = await booking.resolve(session, barcode)
    parcel = await _locked(session, item_id, None)
    found = await repository.get(session, item_id, wanted)
    if found is None:
        raise MeasurementNotFound
    if found.status != "contested":
        raise NotContested(f"it is {found.status}")
    await _newest(session, item_id, wanted)
    found.status, found.decision_reason = decision.decision, decision.reason
    found.decided_by, found.decided_at = caller.id, now
    if decision.decision == "reversed":
        await _reverse(session, offices, parcel, found, now)
    await session.flush()
    await discrepancies.close_all(
        await driver(session),
        offices,
        item_id,
        kinds=[WEIGHT_DIFFERENCE],
        event_id=found.id,
        decision=(decision.reason, caller.id, now),
    )
    return await _told(session, offices, DECIDED, found, now)


async def _reverse(
    session: AsyncSession, offices: OfficeBook, parcel: Parcel, found: Measurement, now: datetime
) -> None:
    """What was measured never was; a redirect since then costs what it cost."""
    parcel.price_rials = max(0, parcel.price_rials + found.price_before_rials - found.price_rials)
    parcel.weight_g = found.weight_before_g
    _changed(parcel, now)
    if found.length_mm is not None:
        sides = (found.length_before_mm, found.width_before_mm, found.height_before_mm)
        length, width, height = sides
        told = None not in sides
        size = Size(length or 0, width or 0, height or 0) if told else None
        await repository.save_size(session, parcel.item_id, size)
    await session.flush()
    await _tell_repriced(session, offices, parcel, found, "reversed", now)


async def _tell_repriced(
    session: AsyncSession,
    offices: OfficeBook,
    parcel: Parcel,
    made: Measurement,
    reason: Literal["measured", "reversed"],
    now: datetime,
) -> None:
    sign = 1 if reason == "measured" else -1
    difference = sign * (made.price_rials - made.price_before_rials)
    weights = (made.weight_before_g, made.weight_g)[::sign]
    item = RepricedItem(
        barcode=barcode_of(parcel.item_id),
        partner=str(parcel.partner),
        reference=parcel.reference,
        product=PRODUCT_WIRE[parcel.product],
        channel=CHANNEL_WIRE[parcel.channel],
        measurement=made.id,
        reason=reason,
        tariff_version=parcel.tariff,
        weight_before_g=weights[0],
        weight_g=weights[1],
        price_before_rials=parcel.price_rials - difference,
        price_rials=parcel.price_rials,
        difference_rials=difference,
        evidence=_evidence(made, offices),
        contest_until=made.contest_until,
        repriced_at=now,
        version=parcel.version,
        backfill=parcel.backfill,
    )
    data = {"items": [item.model_dump(mode="json")]}
    await outbox.append(session, REPRICED, data, time=now)


async def of_parcel(
    session: AsyncSession, offices: OfficeBook, barcode: str, caller: Caller
) -> list[MeasurementOut]:
    """Of one of the caller's parcels, newest first."""
    parcel = await booking.get(session, caller, barcode)
    return _outs(await repository.of_item(session, parcel.item_id), offices)


async def contested(
    session: AsyncSession, offices: OfficeBook, page: Page
) -> tuple[list[MeasurementOut], str | None]:
    rows = await repository.contested(session, after=page.after_uuid(), limit=page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row.id)])
    return _outs(shown, offices), cursor


def _outs(rows: Sequence[Measurement], offices: OfficeBook) -> list[MeasurementOut]:
    return [_out(row, offices) for row in rows]


async def _told(
    session: AsyncSession, offices: OfficeBook, event_type: str, made: Measurement, now: datetime
) -> MeasurementOut:
    await session.flush()
    state = _out(made, offices)
    data = {"measurement": state.model_dump(mode="json")}
    await outbox.append(session, event_type, data, time=now, subject=str(made.id))
    return state


def _evidence(made: Measurement, offices: OfficeBook) -> Evidence:
    return Evidence(
        office=offices.code_of(made.office),
        device=made.device,
        photo_sha256=made.photo_sha256,
        measured_at=made.measured_at,
    )


def _out(made: Measurement, offices: OfficeBook) -> MeasurementOut:
    names = MeasurementOut.model_fields.keys() - {"barcode", "tariff_version", "evidence"}
    return MeasurementOut.model_validate(
        {
            **{name: getattr(made, name) for name in names},
            "barcode": barcode_of(made.item_id),
            "tariff_version": made.tariff,
            "evidence": _evidence(made, offices),
        }
    )
