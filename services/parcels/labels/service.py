"""Use case of labels: a partner's own parcels as pages or as printer code."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from io import BytesIO
from typing import Any, Final

from PIL import Image
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.booking import service as booking
from services.parcels.booking.errors import ParcelNotFound
from services.parcels.labels import domain, repository
from services.parcels.labels.domain import Bitmap
from services.parcels.labels.errors import NothingToPrint
from services.parcels.labels.schemas import LabelsRequest
from services.parcels.network.service import Directory
from services.parcels.vocabulary import Status
from shared import typeset
from shared.auth import Caller
from shared.errors import Invalid

_TEMPLATE: Final = (resources.files(__package__) / "label.typ").read_text(encoding="utf-8")
MEDIA_TYPES: Final = {"pdf": "application/pdf", "zpl": "application/vnd.zebra-zpl"}
_BLACK_BELOW: Final = 128


async def one(
    session: AsyncSession,
    directory: Directory,
    caller: Caller,
    barcode: str,
    wanted: LabelsRequest,
    now: datetime,
) -> bytes:
    """ParcelNotFound for another's as for none; NothingToPrint for a cancelled one."""
    item_id = await booking.resolve(session, barcode)
    rows = await repository.printed(session, caller.account, [item_id])
    if item_id not in rows:
        raise ParcelNotFound
    if rows[item_id].status == Status.CANCELLED:
        raise NothingToPrint("the parcel is cancelled; a label would bring it to a counter")
    return await _draw([rows[item_id]], directory, wanted, now)


async def many(
    session: AsyncSession,
    directory: Directory,
    caller: Caller,
    wanted: LabelsRequest,
    now: datetime,
) -> bytes:
    """All or none: Invalid names each barcode that is not a parcel of the caller's to be sent."""
    if wanted.format == "zpl" and wanted.layout != "a6":
        raise Invalid.field("body.layout", "ZPL is printed label by label: write a6")
    items: list[int | None] = []
    for barcode in wanted.barcodes:
        try:
            items.append(await booking.resolve(session, barcode))
        except ParcelNotFound:
            items.append(None)
    rows = await repository.printed(session, caller.account, [i for i in items if i is not None])
    faults: list[dict[str, str]] = []
    for n, item_id in enumerate(items):
        row = rows.get(item_id) if item_id is not None else None
        if row is None:
            faults.append(_fault(n, "you have no such parcel"))
        elif row.status == Status.CANCELLED:
            faults.append(_fault(n, "the parcel is cancelled"))
    if faults:
        raise Invalid(f"{len(faults)} of the barcodes have no label", errors=faults)
    return await _draw([rows[i] for i in items if i is not None], directory, wanted, now)


def _fault(n: int, message: str) -> dict[str, str]:
    return {"field": f"body.barcodes.{n}", "message": message, "code": "invalid"}


async def _draw(
    rows: Sequence[Any], directory: Directory, wanted: LabelsRequest, now: datetime
) -> bytes:
    data = await asyncio.to_thread(_data, rows, directory, wanted.layout)
    if wanted.format == "pdf":
        return await typeset.pdf(_TEMPLATE, data, now)
    pages = await typeset.png(_TEMPLATE, data, domain.PPI)
    return await asyncio.to_thread(lambda: domain.zpl([_bitmap(page) for page in pages]))


def _data(rows: Sequence[Any], directory: Directory, layout: str) -> dict[str, Any]:
    """Some milliseconds a label, in a thread: 500 would hold up everybody else."""
    offices = directory.by_id
    labels = [
        domain.fields(row, office.code if (office := offices.get(row.origin_office)) else None)
        for row in rows
    ]
    return {"layout": layout, "labels": labels}


def _bitmap(page: bytes) -> Bitmap:
    """Black and white, without dithering: grey edges would blur the bars."""
    grey = Image.open(BytesIO(page)).convert("L")
    inked = grey.point(lambda level: 255 if level < _BLACK_BELOW else 0).convert("1")
    return Bitmap((inked.width + 7) // 8, inked.tobytes())
