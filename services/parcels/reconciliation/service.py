"""Use cases of reconciliations: what a partner's day was, in sums and entry by entry."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.postage.domain import Kind
from services.parcels.reconciliation import repository
from services.parcels.reconciliation.schemas import ReconciliationOut, SumOut
from services.parcels.vocabulary import PAYER_WIRE, PRODUCT_WIRE
from shared.database import Database
from shared.identifiers import barcode_of

COLUMNS: Final = (
    "day",
    "kind",
    "barcode",
    "reference",
    "product",
    "payer",
    "amount_rials",
    "vat_rials",
    "cod_rials",
    "occurred_at",
    "recorded_at",
)
_FIRST: Final = (-1, 0, 0)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


async def sums(session: AsyncSession, partner: UUID, day: date) -> ReconciliationOut:
    found = [
        SumOut(
            kind=Kind(row.kind).wire,
            payer=PAYER_WIRE[row.payer],
            entries=row.entries,
            amount_rials=row.amount_rials,
            vat_rials=row.vat_rials,
            cod_rials=row.cod_rials,
        )
        for row in await repository.sums(session, partner, day)
    ]
    return ReconciliationOut(
        partner=partner,
        day=day,
        as_of=await repository.as_of(session),
        entries=sum(one.entries for one in found),
        charged_rials=sum(one.amount_rials for one in found),
        cod_rials=sum(one.cod_rials for one in found),
        sums=found,
    )


async def file(database: Database, partner: UUID, day: date) -> AsyncIterator[bytes]:
    """The day as CSV, a page of rows at a time; no connection is held in between."""
    yield _csv([COLUMNS])
    after = _FIRST
    while rows := await repository.rows(database, partner, day, after):
        yield _csv(_row(day, row) for row in rows)
        after = (rows[-1]["item_id"], rows[-1]["kind"], rows[-1]["seq"])


def _row(day: date, row: Any) -> tuple[Any, ...]:
    return (
        day,
        Kind(row["kind"]).wire,
        barcode_of(row["item_id"]),
        cell(row["reference"]),
        PRODUCT_WIRE[row["product"]],
        PAYER_WIRE[row["payer"]],
        row["amount_rials"],
        row["vat_rials"],
        row["cod_rials"],
        row["occurred_at"].isoformat(),
        row["recorded_at"].isoformat(),
    )


def cell(value: str | None) -> str | None:
    """Free text that no spreadsheet takes for a formula."""
    return f"'{value}" if value is not None and value.startswith(_FORMULA) else value


def _csv(rows: Iterable[Iterable[Any]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()
