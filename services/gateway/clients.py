"""Typed calls to the sisters, each with its deadline, and our own copies of their answers."""

from collections.abc import Awaitable, Mapping
from datetime import date
from typing import Any, Final, Literal, TypeVar
from urllib.parse import quote
from uuid import UUID

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from services.gateway.forwarding.errors import SisterUnavailable
from shared.auth import Caller, World, service_caller
from shared.client import Sister
from shared.patience import PATIENCE
from shared.readiness import Readiness
from shared.runtime import Runtime

log = structlog.get_logger(__name__)

DEADLINE_S: Final = 2.0 * PATIENCE
"""A service works out its OpenAPI document when it is asked first."""
REFUSALS: Final = frozenset({404, 422})
Body = dict[str, Any]
A = TypeVar("A")
T = TypeVar("T", bound=BaseModel)


class SisterAway(Exception):  # noqa: N818 - a state of the sister, not an error of ours
    """The sister did not answer in time, or not as agreed."""


class SisterRefused(Exception):  # noqa: N818 - the same
    """The sister knows none such (404), or not what is meant (422)."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class HistoryEvent(BaseModel):
    office: str | None


class History(BaseModel):
    """An item's history with the codes of its offices, oldest event first."""

    origin_office: str | None
    events: list[HistoryEvent]


class OfficeCard(BaseModel):
    """What the public may know of an office on a parcel's way; hours by weekday, `sat` first."""

    code: str
    name: str
    town: str
    hours: dict[str, list[str]]


class OpenCases(BaseModel):
    open: int
    numbers: list[str]


class KindCount(BaseModel):
    kind: str
    count: int


class ServicesByKind(BaseModel):
    """Delegated services performed in a period, by kind of office."""

    by_kind: list[KindCount]


class TaskCount(KindCount):
    task: Literal["acceptance", "sorting", "transport", "delivery"]


class TasksByKind(BaseModel):
    """Tasks done in a period, by kind of office."""

    rows: list[TaskCount]


class PartnerFigures(BaseModel):
    """Of what a partner booked in a period; it is passed on as it comes, with more."""

    booked: int
    within_promise_percent: float | None
    cash: dict[str, int]


class OfficeFigures(BaseModel):
    waiting_at_counter: int
    waiting_too_long: int
    drawer_rials: int


class OpenCounts(BaseModel):
    """Cases that are not closed."""

    open: int
    unanswered: int
    oldest_filed_at: str | None


class TariffVersion(BaseModel):
    code: str
    status: str
    valid_from: date


class Tariffs(BaseModel):
    """The newest first."""

    items: list[TariffVersion]


async def if_answered(asked: Awaitable[A]) -> A | None:
    """For a part that may be missing, whatever the reason."""
    try:
        return await unless_away(asked)
    except SisterRefused as refused:
        log.warning("sister_refused", status=refused.status)
        return None


async def unless_away(asked: Awaitable[A]) -> A | None:
    try:
        return await asked
    except SisterAway as away:
        log.warning("sister_away", reason=str(away)[:200])
        return None


async def tracking(runtime: Runtime, world: World, barcode: str) -> Body:
    return await _get(runtime, "parcels", world, f"/v1/tracking/{quote(barcode, safe='')}")


async def history(runtime: Runtime, world: World, barcode: str) -> History:
    path = f"/internal/parcels/{quote(barcode, safe='')}/history"
    return _read(History, await _get(runtime, "parcels", world, path))


async def office(runtime: Runtime, world: World, code: str) -> OfficeCard:
    path = f"/v1/offices/{quote(code, safe='')}"
    return _read(OfficeCard, await _get(runtime, "offices", world, path))


async def office_whole(runtime: Runtime, world: World, code: str) -> Body:
    return await _get(runtime, "offices", world, f"/v1/offices/{quote(code, safe='')}")


async def open_cases(runtime: Runtime, world: World, barcode: str) -> OpenCases:
    found = await _get(runtime, "complaints", world, "/internal/cases", {"barcode": barcode})
    return _read(OpenCases, found)


async def statistics(
    runtime: Runtime, caller: Caller, sister: str, what: str, **params: str
) -> Body:
    """A sister's counts of a period or day, asked as the caller, whose scope the sister checks."""
    return await _ask(_sister(runtime, sister, caller), f"/v1/statistics/{what}", params)


async def services(runtime: Runtime, caller: Caller, period: str) -> tuple[Body, ServicesByKind]:
    """The whole answer, and what we read of it."""
    body = await statistics(runtime, caller, "offices", "services", period=period)
    return body, _read(ServicesByKind, body)


async def tasks(runtime: Runtime, caller: Caller, period: str) -> TasksByKind:
    return _read(TasksByKind, await statistics(runtime, caller, "parcels", "tasks", period=period))


async def partner_figures(runtime: Runtime, caller: Caller, period: str) -> Body:
    """The whole answer, if it has what was agreed."""
    path = f"/internal/partners/{caller.account}/figures"
    found = await _get(runtime, "parcels", caller.world, path, {"period": period})
    _read(PartnerFigures, found)
    return found


async def office_figures(runtime: Runtime, world: World, code: str) -> OfficeFigures:
    path = f"/internal/offices/{quote(code, safe='')}/figures"
    return _read(OfficeFigures, await _get(runtime, "parcels", world, path))


async def open_counts(runtime: Runtime, world: World, **about: str) -> OpenCounts:
    """About `office`, or filed by `partner`."""
    return _read(
        OpenCounts, await _get(runtime, "complaints", world, "/internal/open-cases", about)
    )


async def tariffs(runtime: Runtime, caller: Caller) -> Tariffs:
    found = await _ask(_sister(runtime, "parcels", caller), "/v1/tariffs", {"limit": "200"})
    return _read(Tariffs, found)


async def set_clock(runtime: Runtime, world: World, sister: str, body: Body) -> None:
    """Raises SisterUnavailable: a clock that could not be set must be set again."""
    try:
        asked = _sister(runtime, sister, service_caller(runtime.service, world))
        answer = await asked.post("/internal/clock", body, method="PUT", timeout_s=DEADLINE_S)
        answer.raise_for_status()
    except (SisterAway, httpx.HTTPError, OSError) as error:
        raise SisterUnavailable(sister) from error


async def register_payee(runtime: Runtime, approved_by: UUID, key: str, body: Body) -> None:
    """Tell parcels to whom a partner is paid, once under `key`: two persons have agreed.

    Raises SisterAway; SisterRefused where parcels will not have it.
    """
    scopes = frozenset({"accounts:write", "internal"})
    caller = Caller(str(approved_by), "staff", scopes, bound=True)
    try:
        asked = _sister(runtime, "parcels", caller)
        answer = await asked.post("/v1/payees", body, timeout_s=DEADLINE_S, idempotency_key=key)
    except (httpx.HTTPError, OSError) as error:
        raise SisterAway(str(error)) from error
    if answer.status_code in {400, 409, 422}:
        raise SisterRefused(answer.status_code, answer.text[:300])
    if answer.status_code != 201:
        raise SisterAway(f"/v1/payees: {answer.status_code}")


async def readiness(runtime: Runtime, sister: str) -> Readiness:
    """SisterAway says what is wrong, in the sister's own words if it has any."""
    if sister not in runtime.clients:
        raise SisterAway(f"no address of {sister} is set")
    try:
        asked = runtime.sister(sister, "live")
        response = await asked.get("/readyz", timeout_s=DEADLINE_S)
        body = response.json()
    except (httpx.HTTPError, OSError, ValueError) as error:
        raise SisterAway(f"no answer from {sister}") from error
    if response.status_code != 200 or not isinstance(body, dict):
        raise SisterAway(str(body.get("detail")) if isinstance(body, dict) else f"{sister} is ill")
    return _read(Readiness, body)


async def _get(
    runtime: Runtime,
    sister: str,
    world: World,
    path: str,
    params: Mapping[str, str] | None = None,
) -> Body:
    asked_as = service_caller(runtime.service, world)
    return await _ask(_sister(runtime, sister, asked_as), path, params)


def _sister(runtime: Runtime, sister: str, caller: Caller) -> Sister:
    if sister not in runtime.clients:
        raise SisterAway(f"no address of {sister} is set")
    return runtime.sister(sister, caller.world).of(caller)


async def _ask(sister: Sister, path: str, params: Mapping[str, str] | None) -> Body:
    try:
        response = await sister.get(path, params=params, timeout_s=DEADLINE_S)
        body = response.json()
    except (httpx.HTTPError, OSError, ValueError) as error:
        raise SisterAway(str(error)) from error
    if response.status_code in REFUSALS and isinstance(body, dict):
        raise SisterRefused(response.status_code, str(body.get("detail", "")))
    if response.status_code >= 400 or not isinstance(body, dict):
        raise SisterAway(f"{path}: {response.status_code}")
    return body


def _read(model: type[T], body: Body) -> T:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise SisterAway(f"not the agreed shape: {error.error_count()} differences") from error
