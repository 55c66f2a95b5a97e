"""Use cases of delivery: hand over and prove it, try in vain, read and erase proofs, new codes."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.banking import repository as banking
from services.parcels.booking import service as booking
from services.parcels.booking.errors import ParcelNotFound
from services.parcels.caches import Desk
from services.parcels.couriers.service import office_of
from services.parcels.delivery import domain, repository
from services.parcels.delivery.errors import (
    AlreadyEnded,
    CodeBlocked,
    EventInUse,
    ProofNotFound,
    WrongCode,
)
from services.parcels.delivery.events import (
    ATTEMPT_RECORDED,
    CODE_REISSUED,
    DELIVERY_PROVED,
    PROOF_ERASED,
    AttemptEvent,
    AttemptState,
    CodeEvent,
    CodeState,
    ErasedEvent,
    ErasedState,
    ProofEvent,
    ProofState,
    payload,
)
from services.parcels.delivery.models import (
    DeliveryAttempt,
    DeliveryImage,
    DeliveryPerson,
    DeliveryProof,
)
from services.parcels.delivery.schemas import (
    ActionOut,
    AttemptIn,
    AttemptOut,
    AttemptsOut,
    CodeOut,
    DeliveryIn,
    ImageOut,
    ProofOut,
    ProofView,
    ReasonOut,
    VocabularyOut,
    image_bytes,
)
from services.parcels.holding import repository as holding
from services.parcels.runs import repository as runs
from services.parcels.runs.domain import Item
from services.parcels.runs.service import check_moment
from services.parcels.scanning import service as scanning
from services.parcels.scanning.service import Fact
from services.parcels.tracking.service import resolve
from services.parcels.vocabulary import TERMINAL, Event
from shared import idempotency, outbox
from shared.auth import World, read_pepper
from shared.calendar import tehran_date
from shared.database import driver
from shared.errors import MEDIA_TYPE
from shared.idempotency import Answer, Once
from shared.identifiers import barcode_of
from shared.pagination import Page, cut
from shared.settings import ServiceSettings


@lru_cache(maxsize=8)
def _pepper(keys: Path) -> bytes:
    return read_pepper(keys)


async def code_of(session: AsyncSession, world: World, item_id: int) -> str:
    """The code of an item, for whoever tells its recipient. It goes into no event and no log."""
    return _code(session, world, item_id, await repository.serial(session, item_id))


def _code(session: AsyncSession, world: World, item_id: int, serial: int) -> str:
    settings = cast("ServiceSettings", session.info["settings"])
    return domain.code_of(_pepper(settings.keys), world, item_id, serial)


def vocabulary() -> VocabularyOut:
    return VocabularyOut(
        reasons=[
            ReasonOut(
                code=code,
                fa=reason.fa,
                en=reason.en,
                actions=list(reason.actions),
                leaves_notice=reason.notice,
            )
            for code, reason in domain.REASONS.items()
        ],
        actions=[
            ActionOut(code=code, fa=fa, en=en) for code, (fa, en) in domain.ACTION_TEXTS.items()
        ],
    )


async def _item(session: AsyncSession, desk: Desk, barcode: str) -> Item:
    """The item of a barcode, locked; anybody's."""
    item_id = await resolve(desk.database, barcode)
    found = {} if item_id is None else await runs.lock_items(session, [item_id])
    if not found:
        raise ParcelNotFound
    return next(iter(found.values()))


async def deliver(
    session: AsyncSession, desk: Desk, barcode: str, wanted: DeliveryIn, once: Once
) -> Answer:
    """A wrong code is answered like a success, for the try that it cost is to be kept.

    So it is stored under its key as well: the same guess sent again costs no second try.
    """

    async def work() -> Answer:
        try:
            proved = await _deliver(session, desk, barcode, wanted)
        except WrongCode as problem:
            body = json.dumps(problem.as_dict()).encode()
            return Answer(problem.status, body, {"Content-Type": MEDIA_TYPE})
        return Answer(201, proved.model_dump_json().encode())

    return await idempotency.once(session, once, work)


async def _deliver(session: AsyncSession, desk: Desk, barcode: str, wanted: DeliveryIn) -> ProofOut:
    """One delivery has one effect: under the item's lock, the first of two proves it.

    Of a scan that was recorded without proof (`event_id` names it), the proof is added.
    """
    office = await office_of(desk, wanted.office)
    check_moment(desk, wanted.occurred_at)
    item = await _item(session, desk, barcode)
    at = item.time(wanted.occurred_at, desk.now)
    if (known := await repository.proof(session, item.item_id, wanted.event_id)) is not None:
        return _proof(desk, known)
    scanned = await _scanned(session, item, wanted.event_id)
    asked = (await banking.asked(session, [item.item_id])).get(item.item_id)
    domain.check_terms(
        asked, wanted.receiver, wanted.national_id, card_seen=wanted.national_card_seen
    )
    if wanted.code is not None:
        await _check_code(session, desk, item, wanted.code)
    if scanned is None:
        fact = Fact(item.item_id, wanted.event_id, Event.DELIVERED, office, at)
        await scanning.record_within(await driver(session), desk, [fact])
        await runs.settle(session, [item.item_id], desk.now)
    return await _prove(session, desk, item, wanted, (office, scanned or at))


async def _scanned(session: AsyncSession, item: Item, event_id: UUID) -> datetime | None:
    """When this very delivery was, if its scan is known; AlreadyEnded if it was another."""
    event = await repository.event(session, item.item_id, event_id)
    if event is not None and event.event != Event.DELIVERED:
        raise EventInUse("this event id is another event's: use a fresh one")
    if event is not None and item.ended_at is not None:
        return item.ended_at
    _refuse_ended(item)
    return None


def _refuse_ended(item: Item) -> None:
    if item.status in TERMINAL:
        raise AlreadyEnded(f"the parcel is {item.status.wire} already")


async def _check_code(session: AsyncSession, desk: Desk, item: Item, given: str) -> None:
    paid = await repository.pay_for_a_try(session, item.item_id, desk.now)
    if paid is None:
        raise CodeBlocked("ask for a new code to be sent, or prove the delivery otherwise")
    serial, tries = paid
    if not domain.is_code(_code(session, desk.caller.world, item.item_id, serial), given):
        left = domain.CODE_TRIES_MAX - tries
        raise WrongCode(f"this is not the code; {left} tries are left")
    await repository.next_code(session, item.item_id, desk.now)


async def _prove(
    session: AsyncSession,
    desk: Desk,
    item: Item,
    wanted: DeliveryIn,
    where: tuple[int, datetime],
) -> ProofOut:
    office, delivered_at = where
    key: dict[str, Any] = {"item_id": item.item_id, "event_id": wanted.event_id}
    proof = DeliveryProof(
        **key,
        id=await repository.new_id(session),
        partner=item.partner,
        method=wanted.method,
        receiver=wanted.receiver,
        national_card_seen=wanted.national_card_seen,
        office=office,
        courier=(await runs.couriers_of(session, [item.item_id])).get(item.item_id),
        delivered_at=delivered_at,
        recorded_at=desk.now,
        recorded_by=desk.caller.id,
    )
    session.add(proof)
    if wanted.receiver_name or wanted.national_id:
        session.add(
            DeliveryPerson(**key, name=wanted.receiver_name, national_id=wanted.national_id)
        )
    for kind in ("signature", "photo"):
        if (encoded := getattr(wanted, kind)) is not None:
            session.add(_image(key, kind, image_bytes(encoded)))
    out = _proof(desk, proof)
    state = ProofState.model_validate({"partner": item.partner, **out.model_dump()})
    await _tell(session, desk, DELIVERY_PROVED, ProofEvent(delivery=state), item)
    return out


def _image(key: dict[str, Any], kind: str, content: bytes) -> DeliveryImage:
    return DeliveryImage(
        **key,
        kind=kind,
        media_type=domain.media_type(content),
        sha256=domain.digest(content),
        content=content,
    )


async def _tell(
    session: AsyncSession, desk: Desk, event_type: str, event: BaseModel, item: Item
) -> None:
    await session.flush()
    subject = barcode_of(item.item_id)
    await outbox.append(session, event_type, payload(event), time=desk.now, subject=subject)


async def attempt(session: AsyncSession, desk: Desk, barcode: str, wanted: AttemptIn) -> AttemptOut:
    """In vain: the reason, what follows, and whether a notice was left."""
    office = await office_of(desk, wanted.office)
    check_moment(desk, wanted.occurred_at)
    item = await _item(session, desk, barcode)
    at = item.time(wanted.occurred_at, desk.now)
    if (known := await repository.attempt(session, item.item_id, wanted.event_id)) is not None:
        return _attempt(desk, known)
    if await repository.event(session, item.item_id, wanted.event_id) is not None:
        raise EventInUse("this event id is another event's: use a fresh one")
    _refuse_ended(item)
    rule = await holding.rule(session, tehran_date(at))
    before = await repository.notices(session, item.item_id)
    decision = domain.decide(wanted.reason, wanted.action, before, rule.notices)
    asked = (await banking.asked(session, [item.item_id])).get(item.item_id)
    action = domain.as_ordered(decision.action, asked)
    made = DeliveryAttempt(
        item_id=item.item_id,
        event_id=wanted.event_id,
        partner=item.partner,
        reason=wanted.reason,
        action=action,
        notice=decision.notice,
        office=office,
        courier=(await runs.couriers_of(session, [item.item_id])).get(item.item_id),
        attempted_at=at,
        recorded_at=desk.now,
        recorded_by=desk.caller.id,
    )
    session.add(made)
    fact = Fact(
        item.item_id,
        wanted.event_id,
        Event.DELIVERY_FAILED,
        office,
        at,
        wanted.reason,
        action,
    )
    await session.flush()
    await scanning.record_within(await driver(session), desk, [fact])
    out = _attempt(desk, made)
    state = AttemptState.model_validate({"partner": item.partner, **out.model_dump()})
    await _tell(session, desk, ATTEMPT_RECORDED, AttemptEvent(attempt=state), item)
    return out


async def reissue(session: AsyncSession, desk: Desk, barcode: str) -> CodeOut:
    """A new code; the one before no longer opens. The event asks for it to be sent."""
    item = await _item(session, desk, barcode)
    _refuse_ended(item)
    serial = await repository.next_code(session, item.item_id, desk.now)
    code = barcode_of(item.item_id)
    event = CodeEvent(delivery_code=CodeState(barcode=code, partner=item.partner, serial=serial))
    await _tell(session, desk, CODE_REISSUED, event, item)
    return CodeOut(barcode=code, serial=serial, tries_left=domain.CODE_TRIES_MAX)


async def proof(session: AsyncSession, desk: Desk, barcode: str) -> ProofView:
    """Of one's own parcel's newest delivery."""
    found = await _own_proof(session, desk, barcode)
    person = await repository.person(session, found.item_id, found.event_id)
    images = await repository.images(session, found.item_id, found.event_id)
    view: dict[str, Any] = {
        **_proof(desk, found).model_dump(),
        "receiver_name": person.name if person else None,
        "national_id": domain.masked(person.national_id) if person else None,
        "images": [
            ImageOut.model_validate({"kind": kind, "media_type": media, "sha256": sha256})
            for kind, media, sha256 in images
        ],
    }
    return ProofView.model_validate(view)


async def _own_proof(session: AsyncSession, desk: Desk, barcode: str) -> DeliveryProof:
    await desk.caches.directory.fresh()
    parcel = await booking.get(session, desk.caller, barcode)
    found = await repository.last_proof(session, parcel.item_id)
    if found is None:
        raise ProofNotFound("no proof of this parcel's delivery was recorded")
    return found


async def image(session: AsyncSession, desk: Desk, barcode: str, kind: str) -> DeliveryImage:
    proved = await _own_proof(session, desk, barcode)
    found = await repository.image(session, proved.item_id, proved.event_id, kind)
    if found is None:
        raise ProofNotFound(f"the proof has no {kind}, or it was erased")
    return found


async def proofs(
    session: AsyncSession, desk: Desk, page: Page
) -> tuple[list[ProofOut], str | None]:
    """One's own, the newest first."""
    await desk.caches.directory.fresh()
    rows = await repository.proofs(session, desk.caller.account, page.after_uuid(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [str(row.id)])
    return [_proof(desk, row) for row in shown], cursor


async def attempts(session: AsyncSession, desk: Desk, barcode: str) -> AttemptsOut:
    """Of one's own parcel, in their order."""
    await desk.caches.directory.fresh()
    parcel = await booking.get(session, desk.caller, barcode)
    rows: Sequence[DeliveryAttempt] = await repository.attempts(session, parcel.item_id)
    return AttemptsOut(items=[_attempt(desk, row) for row in rows])


async def erase(session: AsyncSession, desk: Desk, barcode: str) -> None:
    """Forget who took it and every image; how and when it was proved stays."""
    item = await _item(session, desk, barcode)
    await banking.forget_addressee(session, item.item_id)
    if not await repository.erase(session, item.item_id):
        return
    state = ErasedState(barcode=barcode_of(item.item_id), partner=item.partner)
    await _tell(session, desk, PROOF_ERASED, ErasedEvent(proof=state), item)


def _office(desk: Desk, number: int) -> str | None:
    office = desk.caches.directory.by_id.get(number)
    return office.code if office else None


def _proof(desk: Desk, proof: DeliveryProof) -> ProofOut:
    fields: dict[str, Any] = {
        "barcode": barcode_of(proof.item_id),
        "event_id": proof.event_id,
        "method": proof.method,
        "receiver": proof.receiver,
        "national_card_seen": proof.national_card_seen,
        "office": _office(desk, proof.office),
        "courier": proof.courier,
        "delivered_at": proof.delivered_at,
    }
    return ProofOut.model_validate(fields)


def _attempt(desk: Desk, attempt: DeliveryAttempt) -> AttemptOut:
    reason = domain.REASONS[cast("domain.ReasonCode", attempt.reason)]
    fields: dict[str, Any] = {
        "barcode": barcode_of(attempt.item_id),
        "event_id": attempt.event_id,
        "reason": attempt.reason,
        "reason_fa": reason.fa,
        "reason_en": reason.en,
        "action": attempt.action,
        "notice": attempt.notice,
        "office": _office(desk, attempt.office),
        "courier": attempt.courier,
        "attempted_at": attempt.attempted_at,
    }
    return AttemptOut.model_validate(fields)
