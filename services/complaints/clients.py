"""What complaints asks of its sisters: a parcel's history, an office's name."""

from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import quote

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from shared.client import Sister

log = structlog.get_logger(__name__)

DEADLINE_S: Final = 2.0


class SisterDownError(RuntimeError):
    """The sister gave no answer in time, or none that we can read."""


class HistoryEvent(BaseModel):
    event: str
    event_id: str
    office: str | None
    occurred_at: datetime
    recorded_at: datetime
    status: str


class ParcelHistory(BaseModel):
    """Our copy of what `GET /internal/parcels/{barcode}/history` answers."""

    barcode: str
    product: str | None
    status: str
    partner: str | None
    origin_office: str | None
    booked_at: datetime | None
    version: int
    events: list[HistoryEvent]


class OfficeRecord(BaseModel):
    """The part of `GET /v1/offices/{code}` that a case keeps."""

    code: str
    name: str
    county: str


Record = TypeVar("Record", ParcelHistory, OfficeRecord)


class Sisters:
    """Parcels and offices, asked within two seconds; None is their word for "no such"."""

    def __init__(self, parcels: Sister, offices: Sister) -> None:
        self._parcels = parcels
        self._offices = offices

    async def parcel(self, barcode: str) -> ParcelHistory | None:
        path = f"/internal/parcels/{quote(barcode, safe='')}/history"
        return await _get(self._parcels, path, ParcelHistory)

    async def office(self, code: str) -> OfficeRecord | None:
        return await _get(self._offices, f"/v1/offices/{quote(code, safe='')}", OfficeRecord)


async def _get(sister: Sister, path: str, record: type[Record]) -> Record | None:
    try:
        response = await sister.get(path, timeout_s=DEADLINE_S)
    except (httpx.HTTPError, OSError) as error:
        raise SisterDownError(repr(error)) from error
    if response.status_code == 404:
        return None
    try:
        return record.model_validate_json(response.raise_for_status().content)
    except httpx.HTTPStatusError as error:
        raise SisterDownError(str(error)) from error
    except ValidationError as error:  # a breach of the contract, not a wire that is down
        log.error("sister_answer_unreadable", record=record.__name__, errors=error.error_count())  # noqa: TRY400 - the input may be personal
        raise SisterDownError(f"{record.__name__} could not be read") from error
