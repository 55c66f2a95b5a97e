"""Use cases of instructions: hold, redirect, change the recipient, recall; withdraw them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking import repository as parcels
from services.parcels.booking import service as booking
from services.parcels.booking.errors import ParcelNotFound
from services.parcels.booking.models import Parcel
from services.parcels.network.service import OfficeBook
from services.parcels.redirects import domain, repository
from services.parcels.redirects.domain import Asker
from services.parcels.redirects.errors import (
    CostsMore,
    InstructionNotFound,
    NotInstructable,
    NotWithdrawable,
)
from services.parcels.redirects.events import (
    GIVEN,
    REDIRECTED,
    SETTLED,
    WITHDRAWN,
    RedirectedItem,
)
from services.parcels.redirects.models import Instruction, InstructionParty
from services.parcels.redirects.schemas import (
    AnyInstruction,
    Hold,
    InstructionOut,
    Recall,
    RecipientChange,
    RecipientInstruction,
    Redirect,
)
from services.parcels.repricing import repository as prices
from services.parcels.repricing import service as repricing
from services.parcels.tariff.service import Tariff
from services.parcels.verification import service as verification
from services.parcels.vocabulary import Status
from shared import outbox
from shared.auth import Caller
from shared.calendar import tehran_date
from shared.database import Database
from shared.errors import Invalid
from shared.identifiers import barcode_of
from shared.pagination import Page, cut


@dataclass(frozen=True, slots=True)
class Known:
    """What prices depend on beside the item."""

    offices: OfficeBook
    tariff: Tariff


async def give(
    session: AsyncSession,
    known: Known,
    barcode: str,
    wanted: AnyInstruction,
    *,
    caller: Caller,
    now: datetime,
) -> InstructionOut:
    """What the owner of a parcel asks for."""
    item_id = await booking.resolve(session, barcode)
    parcel = await parcels.lock(session, item_id, caller.account)
    if parcel is None:
        raise ParcelNotFound
    return await _give(session, known, parcel, wanted, "owner", now)


async def give_verified(
    session: AsyncSession,
    database: Database,
    known: Known,
    barcode: str,
    wanted: RecipientInstruction,
    now: datetime,
) -> InstructionOut:
    """What the recipient asks for, who knows how their phone ends."""
    item_id = await booking.resolve(session, barcode)
    await verification.check_recipient(session, database, item_id, wanted.phone_last_four, now)
    parcel = await parcels.lock(session, item_id, None)
    if parcel is None:
        raise ParcelNotFound
    return await _give(session, known, parcel, wanted.instruction, "recipient", now)


async def _give(
    session: AsyncSession,
    known: Known,
    parcel: Parcel,
    wanted: AnyInstruction,
    asker: Asker,
    now: datetime,
) -> InstructionOut:
    before = await repository.of_item(session, parcel.item_id, opened=True)
    kinds = [one.kind for one in before]
    refusal = domain.refusal(wanted.kind, Status(parcel.status), kinds)  # type: ignore[arg-type]  # checked by the table
    if refusal is not None:
        raise NotInstructable(refusal)
    made = Instruction(
        item_id=parcel.item_id,
        id=await prices.new_id(session),
        kind=wanted.kind,
        status="open",
        asked_by=asker,
        asked_at=now,
        from_province=parcel.to_province,
        from_town=parcel.to_town,
        to_province=parcel.to_province,
        to_town=parcel.to_town,
        price_before_rials=parcel.price_rials,
        price_rials=parcel.price_rials,
    )
    session.add(made)
    match wanted:
        case Hold():
            if fault := domain.hold_fault(wanted.until, tehran_date(now)):
                raise Invalid.field("body.until", fault)
            made.hold_until = wanted.until
        case Redirect():
            await _redirect(session, known, parcel, made, wanted)
        case RecipientChange():
            await _save_recipient(session, made, name=wanted.name, phone=wanted.phone)
        case Recall():
            pass
        case _:
            assert_never(wanted)
    await _overtake(session, before, made, now)
    await session.flush()
    if wanted.kind in {"redirect", "recipient_change"}:
        await _change(session, parcel, made, now)
    return await _told(session, GIVEN, made, now)


async def _redirect(
    session: AsyncSession, known: Known, parcel: Parcel, made: Instruction, wanted: Redirect
) -> None:
    """Another destination; dearer where it is farther, never cheaper."""
    made.to_province, made.to_town = wanted.province, wanted.town
    booked = await prices.booked_item(session, parcel.item_id)
    if booked is not None:
        there = replace(booked, to_province=wanted.province, to_town=wanted.town)
        here = repricing.due_under(known.tariff, known.offices, booked.tariff, booked)
        due = repricing.due_under(known.tariff, known.offices, booked.tariff, there)
        if due is None or here is None:
            raise NotInstructable("the parcel's tariff has no price to there")
        made.price_rials += max(0, due - here)
    if made.asked_by == "recipient" and made.price_rials > made.price_before_rials:
        raise CostsMore("this costs more: ask the sender to redirect the parcel")
    await _save_recipient(session, made, address=wanted.address, postal_code=wanted.postal_code)


async def _save_recipient(session: AsyncSession, made: Instruction, **changes: Any) -> None:
    """Change who receives it where, and keep who was to before."""
    party = await repository.party(session, made.item_id)
    if party is None:
        raise NotInstructable("nobody is named as its recipient")
    session.add(
        InstructionParty(
            item_id=made.item_id,
            id=made.id,
            name=party.recipient_name,
            phone=party.recipient_phone,
            address=party.recipient_address,
            postal_code=party.recipient_postal_code,
        )
    )
    for name, value in changes.items():
        setattr(party, f"recipient_{name}", value)


async def _overtake(
    session: AsyncSession, before: Iterable[Instruction], made: Instruction, now: datetime
) -> None:
    """One of a kind replaces the one before; a recall all others."""
    for one in before:
        if made.kind in {one.kind, "recall"}:
            one.status, one.settled_at = "overtaken", now
            await _told(session, SETTLED, one, now)


async def _change(session: AsyncSession, parcel: Parcel, made: Instruction, now: datetime) -> None:
    """The parcel itself, and who follows it is told."""
    parcel.to_province, parcel.to_town = made.to_province, made.to_town
    parcel.price_rials = made.price_rials
    parcel.version += 1
    parcel.updated_at = now
    await session.flush()
    item = RedirectedItem(
        barcode=barcode_of(parcel.item_id),
        partner=str(parcel.partner),
        reference=parcel.reference,
        instruction=made.id,
        to_province=made.to_province,
        to_town=made.to_town,
        price_before_rials=made.price_before_rials,
        price_rials=made.price_rials,
        redirected_at=now,
        version=parcel.version,
        backfill=parcel.backfill,
    )
    data = {"items": [item.model_dump(mode="json")]}
    await outbox.append(session, REDIRECTED, data, time=now)


async def withdraw(
    session: AsyncSession, barcode: str, wanted: UUID, *, caller: Caller, now: datetime
) -> InstructionOut:
    """Take back a hold or a recall that was not carried out; once more answers the same."""
    item_id = await booking.resolve(session, barcode)
    if await parcels.lock(session, item_id, caller.account) is None:
        raise ParcelNotFound
    found = await repository.lock(session, item_id, wanted)
    if found is None:
        raise InstructionNotFound
    if found.status == "withdrawn":
        return out(found)
    if found.status != "open":
        raise NotWithdrawable(f"it was {found.status}")
    if found.kind not in {"hold", "recall"}:
        raise NotWithdrawable("it holds at once: give another one")
    found.status, found.settled_at = "withdrawn", now
    return await _told(session, WITHDRAWN, found, now)


async def of_parcel(session: AsyncSession, barcode: str, caller: Caller) -> list[InstructionOut]:
    """All that was asked for one of the caller's parcels, newest first."""
    parcel = await booking.get(session, caller, barcode)
    return [out(one) for one in await repository.of_item(session, parcel.item_id)]


async def at_office(
    session: AsyncSession, offices: OfficeBook, code: str, page: Page
) -> tuple[list[InstructionOut], str | None]:
    """What an office has to do with the items it has."""
    office = offices.named(code, "query.office")
    rows = await repository.at_office(
        session, office.id, after=page.after_uuid(), limit=page.limit + 1
    )
    shown, cursor = cut(rows, page, lambda row: [str(row.id)])
    return [out(row) for row in shown], cursor


async def _told(
    session: AsyncSession, event_type: str, made: Instruction, now: datetime
) -> InstructionOut:
    await session.flush()
    state = out(made)
    data = {"items": [state.model_dump(mode="json")]}
    await outbox.append(session, event_type, data, time=now, subject=str(made.id))
    return state


def out(made: Any) -> InstructionOut:
    """Of an instruction, or a row of one."""
    fields = {
        name: getattr(made, name) for name in InstructionOut.model_fields if name != "barcode"
    }
    return InstructionOut.model_validate({"barcode": barcode_of(made.item_id), **fields})
