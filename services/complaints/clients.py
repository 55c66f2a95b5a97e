"""What complaints asks of its sisters: a parcel's history and custody, an office's name."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import quote

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from shared.client import Sister

log = structlog.get_logger(__name__)

DEADLINE_S: Final = 2.0
BY_PHONE: Final = "/internal/parcels/by-phone"


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

    @property
    def last_office(self) -> str | None:
        """Where it was seen last; before that, where it was booked."""
        seen = (event.office for event in reversed(self.events) if event.office is not None)
        return next(seen, self.origin_office)


class CustodyEvent(BaseModel):
    """An event with who had the item in hand by it: a trip, a courier, an operator, an office."""

    event: str
    event_id: str
    office: str | None
    trip: str | None
    courier: str | None
    operator: str | None
    reason: str | None
    status: str
    occurred_at: datetime


class Misfit(BaseModel):
    """A discrepancy of the item, with who had it before; closed or not."""

    kind: str
    event_id: str
    office: str | None
    last_custodian: str | None
    last_office: str | None
    recorded_at: datetime


class ParcelCustody(BaseModel):
    """Our copy of what `GET /internal/parcels/{barcode}/custody` answers."""

    barcode: str
    status: str
    origin_office: str | None
    promised_at: datetime | None
    ended_at: datetime | None
    custodian: str | None
    events: list[CustodyEvent]
    discrepancies: list[Misfit]


class CallerParcel(BaseModel):
    """A parcel that somebody sent or is to get."""

    barcode: str
    role: str
    status: str
    product: str
    origin_office: str | None
    booked_at: datetime
    promised_at: datetime | None


class CallerParcels(BaseModel):
    """Our copy of what `POST /internal/parcels/by-phone` answers: the newest ones."""

    parcels: list[CallerParcel]


class OfficeRecord(BaseModel):
    """The part of `GET /v1/offices/{code}` that a case keeps."""

    code: str
    name: str
    county: str


Record = TypeVar("Record", ParcelHistory, ParcelCustody, CallerParcels, OfficeRecord)


class Sisters:
    """Parcels and offices, asked within two seconds; None is their word for "no such"."""

    def __init__(self, parcels: Sister, offices: Sister) -> None:
        self._parcels = parcels
        self._offices = offices

    async def parcel(self, barcode: str) -> ParcelHistory | None:
        path = f"/internal/parcels/{quote(barcode, safe='')}/history"
        return await _get(self._parcels, path, ParcelHistory)

    async def custody(self, barcode: str) -> ParcelCustody | None:
        path = f"/internal/parcels/{quote(barcode, safe='')}/custody"
        return await _get(self._parcels, path, ParcelCustody)

    async def parcels_by_phone(self, phone: str) -> CallerParcels | None:
        """Asked in the body: a URL is written to logs."""
        asking = self._parcels.post(BY_PHONE, {"phone": phone}, timeout_s=DEADLINE_S)
        return await _read(asking, CallerParcels)

    async def office(self, code: str) -> OfficeRecord | None:
        return await _get(self._offices, f"/v1/offices/{quote(code, safe='')}", OfficeRecord)


async def _get(sister: Sister, path: str, record: type[Record]) -> Record | None:
    return await _read(sister.get(path, timeout_s=DEADLINE_S), record)


async def _read(asking: Awaitable[httpx.Response], record: type[Record]) -> Record | None:
    try:
        response = await asking
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
