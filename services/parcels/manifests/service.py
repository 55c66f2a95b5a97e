"""Use cases of manifests: a shop closes its day's bookings, one scan and a count accept them."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.caches import Desk
from services.parcels.couriers.service import office_of
from services.parcels.manifests import domain, repository
from services.parcels.manifests.errors import (
    CountDiffers,
    ManifestNotFound,
    ManifestOver,
    NothingToClose,
    OnAnotherManifest,
)
from services.parcels.manifests.events import (
    MANIFEST_ACCEPTED,
    MANIFEST_CLOSED,
    MANIFEST_WITHDRAWN,
    manifest_event,
)
from services.parcels.manifests.models import Manifest
from services.parcels.manifests.schemas import (
    PIECES_MAX,
    Handover,
    ManifestItemOut,
    ManifestOut,
    NewManifest,
)
from services.parcels.runs.service import check_moment, named
from services.parcels.scanning import service as scanning
from services.parcels.scanning.service import Fact
from services.parcels.tracking.service import resolve
from services.parcels.vocabulary import STATUS_WIRE, Event, Status
from shared import idempotency, outbox
from shared.auth import Caller
from shared.database import driver
from shared.errors import Invalid
from shared.idempotency import Answer, Once
from shared.identifiers import barcode_of
from shared.pagination import Page, cut

BOOKED_WITHIN: Final = timedelta(days=14)
"""What was booked longer ago and never brought is not part of a day's work: name it to send it."""


async def close(
    session: AsyncSession, desk: Desk, wanted: NewManifest, once: Once | None
) -> Answer:
    partner = desk.caller.account
    office = (await desk.caches.directory.fresh()).named(wanted.office)
    named_items = None if wanted.barcodes is None else await _named_items(desk, wanted.barcodes)

    async def make() -> tuple[str, ManifestOut]:
        items: Sequence[int] = named_items or await repository.waiting(
            session, partner, office.id, desk.now - BOOKED_WITHIN, PIECES_MAX
        )
        found = await repository.lock_items(session, items)
        elsewhere = set(await repository.announced_elsewhere(session, items))
        own = {
            item
            for item, row in found.items()
            if row.partner == partner and row.status == Status.BOOKED
        }
        if named_items is not None:
            _refuse(items, own, "you have no such parcel that waits to be accepted")
            if elsewhere:
                raise OnAnotherManifest(f"on a manifest that waits: {named(sorted(elsewhere))}")
        chosen = own - elsewhere  # another request may have taken some meanwhile
        if not chosen:
            raise NothingToClose(f"nothing booked for {wanted.office} waits for a manifest")
        manifest = Manifest(
            partner=partner,
            office=office.id,
            status="closed",
            pieces=len(chosen),
            closed_at=desk.now,
            version=0,
            updated_at=desk.now,
        )
        session.add(manifest)
        await session.flush()
        await repository.announce(session, manifest.id, chosen)
        made = await _saved(session, desk, manifest, MANIFEST_CLOSED)
        return f"/v1/manifests/{made.code}", made

    return await idempotency.created(session, once, make)


async def _named_items(desk: Desk, barcodes: Sequence[str]) -> list[int]:
    found = [await resolve(desk.database, barcode) for barcode in barcodes]
    items = [item for item in found if item is not None]
    unknown = [n for n, item in enumerate(found) if item is None]
    seen: set[int] = set()
    for n, item in enumerate(found):
        if item is not None and item in seen:
            raise Invalid.field(f"body.barcodes.{n}", "this parcel stands in the list already")
        seen.add(item or 0)
    if unknown:
        raise Invalid.field(
            f"body.barcodes.{unknown[0]}", "you have no such parcel", "unknown_parcel"
        )
    return items


def _refuse(items: Sequence[int], good: Collection[int], message: str) -> None:
    bad = [n for n, item in enumerate(items) if item not in good]
    if bad:
        errors = [
            {"field": f"body.barcodes.{n}", "message": message, "code": "invalid"}
            for n in bad[:100]
        ]
        raise Invalid(f"{errors[0]['field']}: {message}", errors=errors)


async def accept(session: AsyncSession, desk: Desk, code: str, handed: Handover) -> ManifestOut:
    """Accept what is there; a second call with the same count finds it accepted."""
    office = await office_of(desk, handed.office)
    check_moment(desk, handed.occurred_at)
    at = min(handed.occurred_at or desk.now, desk.now)
    present, strange = await _present(desk, handed)
    number = await _number(session, code)
    announced = await repository.items_of(session, number, "announced")
    found = await repository.lock_items(session, {*announced, *(present or ())})
    manifest = await repository.get(session, number, lock=True)
    if manifest is None:
        raise ManifestNotFound("you have no manifest of this number")
    if manifest.status == "accepted" and manifest.counted == handed.pieces:
        return await _out(session, desk, manifest)
    if manifest.status != "closed":
        raise ManifestOver(f"it is {manifest.status}")
    # read under the lock: none joins a manifest that is closed, but a cancelled one is not awaited
    expected = [item for item in announced if found[item].status != Status.CANCELLED]
    if present is None and handed.pieces != len(expected):
        raise CountDiffers(
            f"{len(expected)} pieces are announced and {handed.pieces} counted:"
            " count again, or scan them all and send their `barcodes`"
        )
    compared = domain.compare(expected, None if present is None else present & found.keys())
    facts = [
        Fact(item, domain.event_of(number, item), Event.ACCEPTANCE, office, at)
        for item in sorted(compared.here | compared.surplus)
        if found[item].status == Status.BOOKED
    ]
    await repository.outcome(session, number, compared.here, "accepted")
    await repository.outcome(session, number, compared.missing, "missing")
    unknown = (present or set()) - found.keys()
    surplus = [barcode_of(item) for item in compared.surplus | unknown]
    await repository.note_surplus(session, number, [*surplus, *strange])
    manifest.status, manifest.counted = "accepted", handed.pieces
    manifest.accepted_at, manifest.accepted_office = at, office
    await session.flush()
    await scanning.record_within(await driver(session), desk, facts)
    return await _saved(session, desk, manifest, MANIFEST_ACCEPTED)


async def _present(desk: Desk, handed: Handover) -> tuple[set[int] | None, list[str]]:
    """The items scanned, if they were, and the barcodes that are no item's."""
    if handed.barcodes is None:
        return None, []
    if len(set(handed.barcodes)) != handed.pieces:
        raise Invalid.field("body.pieces", f"{len(set(handed.barcodes))} barcodes were scanned")
    items: set[int] = set()
    strange: list[str] = []
    for barcode in handed.barcodes:
        item = await resolve(desk.database, barcode)
        if item is None:
            strange.append(barcode)
        else:
            items.add(item)
    return items, strange


async def withdraw(session: AsyncSession, desk: Desk, code: str) -> ManifestOut:
    """The shop takes it back before it is accepted; a second call finds it withdrawn."""
    number = await _number(session, code, desk.caller)
    items = await repository.items_of(session, number, "announced")
    await repository.lock_items(session, items)
    manifest = await repository.get(session, number, lock=True)
    if manifest is None:
        raise ManifestNotFound("you have no manifest of this number")
    await desk.caches.directory.fresh()
    if manifest.status == "withdrawn":
        return await _out(session, desk, manifest)
    if manifest.status != "closed":
        raise ManifestOver(f"it is {manifest.status}")
    await repository.outcome(session, number, items, "withdrawn")
    manifest.status = "withdrawn"
    return await _saved(session, desk, manifest, MANIFEST_WITHDRAWN)


async def _number(session: AsyncSession, code: str, owner: Caller | None = None) -> int:
    """ManifestNotFound for another's as for none; an office may accept anybody's."""
    number = domain.manifest_of(code)
    manifest = None if number is None else await repository.get(session, number)
    if manifest is None or (owner is not None and manifest.partner != owner.account):
        raise ManifestNotFound("you have no manifest of this number")
    return manifest.id


async def get(session: AsyncSession, desk: Desk, code: str) -> ManifestOut:
    await desk.caches.directory.fresh()
    manifest = await repository.get(session, await _number(session, code, desk.caller))
    if manifest is None:
        raise ManifestNotFound("you have no manifest of this number")
    return await _out(session, desk, manifest)


async def items(
    session: AsyncSession, desk: Desk, code: str, page: Page
) -> tuple[list[ManifestItemOut], str | None]:
    number = await _number(session, code, desk.caller)
    rows = await repository.page_of_items(session, number, page)
    shown, cursor = cut(rows, page, lambda row: [str(row.item_id)])
    return [
        ManifestItemOut.model_validate(
            {
                "barcode": barcode_of(row.item_id),
                "outcome": row.outcome,
                "status": STATUS_WIRE[row.status],
            }
        )
        for row in shown
    ], cursor


async def listing(
    session: AsyncSession, desk: Desk, page: Page
) -> tuple[list[ManifestOut], str | None]:
    await desk.caches.directory.fresh()
    rows = await repository.own(session, desk.caller.account, page)
    shown, cursor = cut(rows, page, lambda manifest: [str(manifest.id)])
    return [await _out(session, desk, manifest) for manifest in shown], cursor


async def _saved(
    session: AsyncSession, desk: Desk, manifest: Manifest, event_type: str
) -> ManifestOut:
    manifest.version += 1
    manifest.updated_at = desk.now
    await session.flush()
    out = await _out(session, desk, manifest)
    event = manifest_event(out.model_dump() | {"partner": manifest.partner})
    await outbox.append(session, event_type, event, time=desk.now, subject=out.code)
    return out


async def _out(session: AsyncSession, desk: Desk, manifest: Manifest) -> ManifestOut:
    accepted = manifest.status == "accepted"
    missing = await repository.items_of(session, manifest.id, "missing") if accepted else []
    fields: dict[str, Any] = {
        "code": domain.code_of(manifest.id),
        "office": _office(desk, manifest.office),
        "status": manifest.status,
        "pieces": manifest.pieces,
        "counted": manifest.counted,
        "closed_at": manifest.closed_at,
        "accepted_at": manifest.accepted_at,
        "accepted_office": _office(desk, manifest.accepted_office),
        "missing": [barcode_of(item) for item in missing],
        "surplus": await repository.surplus_of(session, manifest.id) if accepted else [],
        "version": manifest.version,
    }
    return ManifestOut.model_validate(fields)


def _office(desk: Desk, number: int | None) -> str | None:
    office = desk.caches.directory.by_id.get(number or 0)
    return office.code if office else None
