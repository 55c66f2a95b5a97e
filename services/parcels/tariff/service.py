"""Use cases of the tariff: the price of a consignment; drafts, publication; VAT."""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.parcels.events import (
    DRAFT_DISCARDED,
    DRAFT_SAVED,
    TARIFF_PUBLISHED,
    VAT_RATE_SET,
    tariff_event,
    vat_event,
)
from services.parcels.tariff import domain, repository
from services.parcels.tariff.domain import (
    Consignment,
    Distance,
    NoRateError,
    Price,
    Rate,
    Step,
    Version,
)
from services.parcels.tariff.errors import (
    NoTariff,
    TariffCodeInUse,
    TariffDayTaken,
    TariffIncomplete,
    TariffNotFound,
    TooLate,
)
from services.parcels.tariff.models import TariffRate, TariffSurcharge, TariffVersion, VatRate
from services.parcels.tariff.schemas import (
    DraftIn,
    NewDraft,
    NewVatRate,
    RateOut,
    SurchargeOut,
    TariffOut,
    TariffSummary,
    VatRateOut,
)
from services.parcels.vocabulary import PRODUCT_BY_WIRE, PRODUCT_WIRE
from shared import idempotency, outbox
from shared.auth import Caller
from shared.calendar import day_start, tehran_date
from shared.database import Database
from shared.errors import Invalid
from shared.fields import Instant
from shared.idempotency import Answer, Once
from shared.pagination import Page, cut, not_a_cursor

REFRESH_S: Final = 10.0
_MOMENT: Final = timedelta(microseconds=1)
_CURSOR: Final = TypeAdapter[tuple[datetime]](tuple[Instant])


class Tariff:
    """The published versions, kept in memory: they never change, only new ones come."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()
        self._versions: list[Version] = []
        self._vat: list[tuple[datetime, int]] = []

    async def fresh(self) -> "Tariff":
        if time.monotonic() - self._read_at <= REFRESH_S:
            return self
        async with self._reading:  # one request of many reads, the others wait for it
            if time.monotonic() - self._read_at <= REFRESH_S:
                return self
            self._versions = await repository.published(self._database)
            self._vat = await repository.vat(self._database)
            self._read_at = time.monotonic()
        return self

    def price(self, wanted: Consignment, at: datetime) -> Price:
        """The price under the version in force at `at`; raises NoTariff where that has none."""
        version = next((v for v in self._versions if v.valid_from <= at), None)
        if version is None:
            raise NoTariff(f"no tariff is in force on {at:%Y-%m-%d}")
        return self.price_under(version, wanted, at)

    def price_under(self, version: Version, wanted: Consignment, at: datetime) -> Price:
        """The price under this version, with the VAT of `at`; raises NoTariff."""
        vat = next((points for since, points in self._vat if since <= at), 0)
        try:
            return domain.price(version, wanted, vat)
        except NoRateError:
            raise NoTariff(
                f"tariff {version.code} has no price for {wanted.product.wire},"
                f" {wanted.distance}, {wanted.weight_g} g"
            ) from None

    def version(self, code: str) -> Version | None:
        return next((version for version in self._versions if version.code == code), None)


async def listing(
    session: AsyncSession, page: Page, now: datetime
) -> tuple[list[TariffSummary], str | None]:
    rows = await repository.listing(session, _after(page), page.limit + 1)
    shown, cursor = cut(rows, page, lambda row: [row[0].valid_from.isoformat()])
    return [TariffSummary(**_summary(row[0], row[1], now)) for row in shown], cursor


def _after(page: Page) -> datetime | None:
    try:
        return None if page.after is None else _CURSOR.validate_python(page.after)[0]
    except ValidationError:
        raise not_a_cursor() from None


async def get(session: AsyncSession, code: str, now: datetime) -> TariffOut:
    return await _out(session, code, now, draft=False)


async def drafts(
    session: AsyncSession, page: Page, now: datetime
) -> tuple[list[TariffSummary], str | None]:
    rows = await repository.drafts(session, page.after_text(), page.limit + 1)
    shown, cursor = cut(rows, page, lambda draft: [draft.code])
    return [TariffSummary(**_summary(draft, None, now)) for draft in shown], cursor


async def draft(session: AsyncSession, code: str, now: datetime) -> TariffOut:
    return await _out(session, code, now, draft=True)


async def create(
    session: AsyncSession, wanted: NewDraft, *, once: Once | None, now: datetime
) -> Answer:
    async def make() -> tuple[str, TariffOut]:
        await repository.lock_versions(session)
        if await repository.code_is_taken(session, wanted.code):
            raise TariffCodeInUse(f"there is a tariff {wanted.code}: choose another code")
        version = TariffVersion(code=wanted.code, **_head(wanted, now))
        session.add(version)
        return f"/v1/tariff-drafts/{wanted.code}", await _save(session, version, wanted, now)

    return await idempotency.created(session, once, make)


async def replace(session: AsyncSession, code: str, wanted: DraftIn, *, now: datetime) -> TariffOut:
    """The whole of a draft anew."""
    version = await _locked(session, code)
    for field, value in _head(wanted, now).items():
        setattr(version, field, value)
    await repository.clear(session, code)
    return await _save(session, version, wanted, now)


async def discard(session: AsyncSession, code: str, *, now: datetime) -> None:
    version = await _locked(session, code)
    told = await _out(session, code, now, draft=True)
    await repository.clear(session, code)
    await session.delete(version)
    await session.flush()
    await outbox.append(session, DRAFT_DISCARDED, tariff_event(told), time=now, subject=code)


async def publish(session: AsyncSession, code: str, *, caller: Caller, now: datetime) -> TariffOut:
    """From now on it never changes. It begins on a day to come; an earlier needs `backfill`."""
    await repository.lock_versions(session)
    version = await _locked(session, code)
    _check_day(version.valid_from, caller, now)
    if (other := await repository.beginning(session, version.valid_from)) is not None:
        raise TariffDayTaken(f"{other} begins on {tehran_date(version.valid_from)}: change the day")
    rates = await repository.in_full(session, code, draft=True)
    if rates is not None and (gaps := domain.gaps(_steps_of(rates))):
        raise TariffIncomplete(f"there is no price for {'; '.join(gaps)}: add rates")
    version.published_at, version.published_by = now, caller.id
    await session.flush()
    told = await _out(session, code, now, draft=False)
    await outbox.append(session, TARIFF_PUBLISHED, tariff_event(told), time=now, subject=code)
    return told


async def vat_rates(session: AsyncSession) -> list[VatRateOut]:
    return [_vat_out(row) for row in await repository.vat_rates(session)]


async def set_vat(
    session: AsyncSession, wanted: NewVatRate, *, caller: Caller, once: Once | None, now: datetime
) -> Answer:
    """A rate from a day to come on; one recorded before for that day no longer holds."""

    async def make() -> tuple[str, VatRateOut]:
        begins = day_start(wanted.valid_from)
        _check_day(begins, caller, now)
        row = VatRate(
            valid_from=begins,
            basis_points=wanted.basis_points,
            source=wanted.source,
            recorded_at=now,
            recorded_by=caller.id,
        )
        session.add(row)
        await session.flush()
        told = _vat_out(row)
        await outbox.append(session, VAT_RATE_SET, vat_event(told), time=now)
        return "/v1/vat-rates", told

    return await idempotency.created(session, once, make)


def _check_day(begins: datetime, caller: Caller, now: datetime) -> None:
    if begins <= now and "backfill" not in caller.scopes:
        raise TooLate("valid_from must be a day to come: what was booked since would not fit")


async def _locked(session: AsyncSession, code: str) -> TariffVersion:
    version = await repository.lock_draft(session, code)
    if version is None:
        raise TariffNotFound(f"there is no draft {code}")
    return version


async def _save(
    session: AsyncSession, version: TariffVersion, wanted: DraftIn, now: datetime
) -> TariffOut:
    """Give a draft that has none its rates and surcharges."""
    if (fault := domain.steps_fault(_steps(wanted))) is not None:
        raise Invalid.field("body.rates", fault)
    kinds = [surcharge.kind for surcharge in wanted.surcharges]
    if len(set(kinds)) < len(kinds):
        raise Invalid.field("body.surcharges", "write each kind once")
    await session.flush()
    session.add_all(_rows(version.code, wanted))
    await session.flush()
    told = await _out(session, version.code, now, draft=True)
    await outbox.append(session, DRAFT_SAVED, tariff_event(told), time=now, subject=version.code)
    return told


def _head(wanted: DraftIn, now: datetime) -> dict[str, Any]:
    return {
        "valid_from": day_start(wanted.valid_from),
        "source": wanted.source,
        "adds_vat": wanted.adds_vat,
        "updated_at": now,
    }


def _steps(wanted: DraftIn) -> Iterator[Step]:
    for rate in wanted.rates:
        step = Rate(rate.max_weight_g, rate.price_rials, rate.per_kg_rials)
        yield PRODUCT_BY_WIRE[rate.product], rate.distance_class, step


def _steps_of(version: TariffVersion) -> Iterator[Step]:
    for rate in version.rates:
        step = Rate(rate.max_weight_g, rate.price_rials, rate.per_kg_rials)
        yield rate.product, Distance(rate.distance), step


def _rows(code: str, wanted: DraftIn) -> Iterator[TariffRate | TariffSurcharge]:
    for product, distance, rate in _steps(wanted):
        yield TariffRate(
            version=code,
            product=int(product),
            distance=distance.value,
            max_weight_g=rate.max_weight_g,
            price_rials=rate.price_rials,
            per_kg_rials=rate.per_kg_rials,
        )
    for surcharge in wanted.surcharges:
        yield TariffSurcharge(version=code, **surcharge.model_dump())


async def _out(session: AsyncSession, code: str, now: datetime, *, draft: bool) -> TariffOut:
    version = await repository.in_full(session, code, draft=draft)
    if version is None:
        kind = "draft" if draft else "published tariff"
        raise TariffNotFound(f"there is no {kind} {code}")
    until = None if draft else await repository.next_beginning(session, version.valid_from)
    return TariffOut(
        **_summary(version, until, now),
        rates=[
            RateOut.model_validate(
                {
                    "product": PRODUCT_WIRE[rate.product],
                    "distance_class": rate.distance,
                    "max_weight_g": rate.max_weight_g,
                    "price_rials": rate.price_rials,
                    "per_kg_rials": rate.per_kg_rials,
                }
            )
            for rate in version.rates
        ],
        surcharges=[SurchargeOut.model_validate(row) for row in version.surcharges],
    )


def _summary(version: TariffVersion, until: datetime | None, now: datetime) -> dict[str, Any]:
    return {
        "code": version.code,
        "status": domain.status_of(version.published_at, until, now),
        "valid_from": tehran_date(version.valid_from),
        "valid_until": None if until is None else tehran_date(until - _MOMENT),
        "source": version.source,
        "adds_vat": version.adds_vat,
        "published_at": version.published_at,
    }


def _vat_out(row: VatRate) -> VatRateOut:
    return VatRateOut(
        valid_from=tehran_date(row.valid_from),
        basis_points=row.basis_points,
        source=row.source,
        recorded_at=row.recorded_at,
    )
