"""SQL of manifests. Items are locked before their manifest."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.manifests.models import Manifest, ManifestItem, ManifestSurplus
from services.parcels.vocabulary import Status
from shared.pagination import Page

_LOCKED = text("""
SELECT item_id, partner, status, origin_office FROM parcel
WHERE item_id = ANY(:items) ORDER BY item_id FOR NO KEY UPDATE
""")
# the recent bookings of everybody, by the BRIN of their time, and of these the partner's
_WAITING = text("""
SELECT item_id FROM parcel
WHERE partner = :partner AND booked_at >= :since AND origin_office = :office
    AND status = :booked AND NOT EXISTS (
        SELECT FROM manifest_item m WHERE m.item_id = parcel.item_id AND m.outcome = 'announced')
ORDER BY item_id LIMIT :limit
""")
_ITEMS = text("""
SELECT m.item_id, m.outcome, p.status FROM manifest_item m JOIN parcel p USING (item_id)
WHERE m.manifest = :manifest AND m.item_id > :after ORDER BY m.item_id LIMIT :limit
""")


async def lock_items(session: AsyncSession, items: Collection[int]) -> dict[int, Row[Any]]:
    rows = await session.execute(_LOCKED, {"items": sorted(items)})
    return {row.item_id: row for row in rows}


async def waiting(
    session: AsyncSession, partner: uuid.UUID, office: int, since: datetime, limit: int
) -> list[int]:
    """Booked for an office, not accepted, on no manifest that waits; the oldest first."""
    found = await session.scalars(
        _WAITING,
        {
            "partner": partner,
            "office": office,
            "since": since,
            "booked": int(Status.BOOKED),
            "limit": limit,
        },
    )
    return list(found)


async def announced_elsewhere(session: AsyncSession, items: Collection[int]) -> list[int]:
    query = select(ManifestItem.item_id).where(
        ManifestItem.item_id.in_(items), ManifestItem.outcome == "announced"
    )
    return list((await session.scalars(query)).all())


async def announce(session: AsyncSession, manifest: int, items: Iterable[int]) -> None:
    rows = [
        {"item_id": item, "manifest": manifest, "outcome": "announced"} for item in sorted(items)
    ]
    await session.execute(insert(ManifestItem), rows)


async def outcome(session: AsyncSession, manifest: int, items: Collection[int], what: str) -> None:
    if items:
        await session.execute(
            update(ManifestItem)
            .where(ManifestItem.manifest == manifest, ManifestItem.item_id.in_(items))
            .values(outcome=what)
        )


async def note_surplus(session: AsyncSession, manifest: int, barcodes: Iterable[str]) -> None:
    rows = [{"manifest": manifest, "barcode": barcode} for barcode in sorted(set(barcodes))]
    if rows:
        await session.execute(insert(ManifestSurplus).on_conflict_do_nothing(), rows)


async def get(session: AsyncSession, manifest: int, *, lock: bool = False) -> Manifest | None:
    query = select(Manifest).where(Manifest.id == manifest)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def items_of(session: AsyncSession, manifest: int, what: str) -> list[int]:
    query = select(ManifestItem.item_id).where(
        ManifestItem.manifest == manifest, ManifestItem.outcome == what
    )
    return sorted((await session.scalars(query)).all())


async def surplus_of(session: AsyncSession, manifest: int) -> list[str]:
    query = select(ManifestSurplus.barcode).where(ManifestSurplus.manifest == manifest)
    return sorted((await session.scalars(query)).all())


async def page_of_items(session: AsyncSession, manifest: int, page: Page) -> Sequence[Row[Any]]:
    after = 0 if page.after is None else page.after_int()
    wanted = {"manifest": manifest, "after": after, "limit": page.limit + 1}
    return (await session.execute(_ITEMS, wanted)).all()


async def own(session: AsyncSession, partner: uuid.UUID, page: Page) -> list[Manifest]:
    """Newest first."""
    query = select(Manifest).where(Manifest.partner == partner)
    if page.after is not None:
        query = query.where(Manifest.id < page.after_int())
    query = query.order_by(Manifest.id.desc()).limit(page.limit + 1)
    return list((await session.scalars(query)).all())
