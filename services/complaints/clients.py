"""What complaints asks of its sisters: parcels' histories and facts, money's orders, offices."""

from collections.abc import Awaitable, Mapping
from datetime import datetime
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote
from uuid import UUID

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from shared.auth import Caller, World
from shared.client import Sister
from shared.patience import PATIENCE
from shared.runtime import Runtime

log = structlog.get_logger(__name__)

DEADLINE_S: Final = 2.0 * PATIENCE
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


class ParcelFacts(BaseModel):
    """Our copy of what a claim is computed from: `GET …/compensation-facts` of parcels."""

    barcode: str
    partner: UUID
    product: str
    channel: str
    international: bool
    status: str
    price_rials: int
    declared_value_rials: int
    cod_rials: int
    cod_place: str | None
    cod_taken_at: datetime | None
    posted_at: datetime | None
    promised_at: datetime | None
    ended_at: datetime | None


class OrderRecord(BaseModel):
    """What parcels answers about a payment order; its events carry the same version."""

    id: UUID
    reference: str
    status: str
    version: int


class DeductionRecord(BaseModel):
    reference: str


class VolumeTotal(BaseModel):
    count: int
    previous_count: int


class VolumesRecord(BaseModel):
    """The part of `GET /v1/statistics/volumes` that costs are set against."""

    total: VolumeTotal


Record = TypeVar(
    "Record",
    ParcelHistory,
    ParcelCustody,
    CallerParcels,
    OfficeRecord,
    ParcelFacts,
    OrderRecord,
    DeductionRecord,
    VolumesRecord,
)


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


class RefusedError(RuntimeError):
    """The sister will not do it, however often it is asked; its code and reason."""


class Payments:
    """What of compensation is parcels' business: facts, payment orders, deductions."""

    def __init__(self, parcels: Sister, world: World) -> None:
        self._parcels = parcels
        self._world = world

    @classmethod
    def of(cls, runtime: Runtime, world: World) -> Self:
        return cls(runtime.sister("parcels", world), world)

    async def facts(self, barcode: str) -> ParcelFacts | None:
        path = f"/internal/parcels/{quote(barcode, safe='')}/compensation-facts"
        return await _get(self._parcels, path, ParcelFacts)

    async def volumes(self, period: str) -> VolumesRecord | None:
        path = f"/v1/statistics/volumes?period={quote(period, safe='')}"
        return await _get(self._as("reports:read"), path, VolumesRecord)

    async def order(self, wanted: Mapping[str, Any]) -> OrderRecord:
        """`wanted` may say `occurred_at`: the world's time, where a backfill pays."""
        return await _post(self._dated(wanted), "/internal/payment-orders", wanted, OrderRecord)

    async def void(self, claim: UUID, transfer: int, said: Mapping[str, Any]) -> OrderRecord:
        path = f"/internal/payment-orders/{claim}/{transfer}/void"
        return await _post(self._dated(said), path, said, OrderRecord)

    async def deduct(self, wanted: Mapping[str, Any]) -> DeductionRecord:
        return await _post(
            self._parcels, "/internal/commission-deductions", wanted, DeductionRecord
        )

    def _dated(self, said: Mapping[str, Any]) -> Sister:
        return (
            self._parcels if said.get("occurred_at") is None else self._as("internal", "backfill")
        )

    def _as(self, *scopes: str) -> Sister:
        return self._parcels.of(Caller("complaints", "service", frozenset(scopes), self._world))


async def _post(sister: Sister, path: str, body: Mapping[str, Any], record: type[Record]) -> Record:
    try:
        response = await sister.post(path, dict(body), timeout_s=DEADLINE_S)
    except (httpx.HTTPError, OSError) as error:
        raise SisterDownError(repr(error)) from error
    if 400 <= response.status_code < 500 and response.status_code not in {401, 429}:
        problem = response.json() if response.content else {}
        raise RefusedError(f"{problem.get('code')}: {problem.get('detail')}")
    try:
        return record.model_validate_json(response.raise_for_status().content)
    except httpx.HTTPStatusError as error:
        raise SisterDownError(str(error)) from error


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
