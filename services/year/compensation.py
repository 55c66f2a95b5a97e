"""The year's compensation: claims of a parcel a month, approved, ordered, and paid by the bank.

Published: 900 million rials in the year (FACTS: undated). How many claims they were is not; here it
is one a month, of equal parts. It goes by what the API says, so that a run goes on wherever one was
stopped.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from services.year.client import Api
from services.year.days import HOUR, Month, at, rfc3339
from services.year.figures import COMPENSATION_RIALS, whole
from services.year.login import Key
from services.year.people import sheba
from services.year.plan import Item
from shared.apportion import apportion

POLL_SECONDS = 0.5
ORDERS_PER_FETCH = 200
PER_PAGE = 100
CLAIMED_AT, APPROVED_AT, FETCHED_AT, PAID_AT = (hour * HOUR for hour in (9, 10, 20, 21))

Claim = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CompensationKeys:
    """Of whom each step takes, since nobody approves what he proposed.

    The officer: complaints:read, complaints:answer and backfill; the decider: claims:decide and
    backfill; the bank: payments:execute and backfill; the manager: reports:read.
    """

    officer: str
    decider: str
    bank: Key
    manager: str


@dataclass(frozen=True, slots=True)
class Paid:
    """In rials, of the year: asked for, paid by the report, and by the ledger itself."""

    claimed: int = 0
    paid: int = 0
    ledger: int = 0


@dataclass(slots=True)
class Compensation:
    api: Api
    keys: CompensationKeys
    year: int
    scale: int
    samples: dict[Month, Item] = field(default_factory=dict)
    """A parcel of each month of the year: its first."""

    @property
    def total(self) -> int:
        """All of the year's, however many months are sent."""
        return (2 * COMPENSATION_RIALS + self.scale) // (2 * self.scale)

    def note(self, month: Month, items: Sequence[Item]) -> None:
        if month.year == self.year and items:
            self.samples[month] = items[0]

    async def finish(self, barcodes: Mapping[Month, str], wait_seconds: float) -> Paid:
        """Claim, approve and pay what is not yet; until the report has all of it."""
        months = whole(self.year)
        parts = dict(zip(months, apportion(self.total, [1] * len(months)), strict=True))
        day = max((_last_day(month) for month in barcodes), default=_last_day(months[-1]))
        claimed = 0
        for month, barcode in barcodes.items():
            if parts[month]:
                await self._approved(await self._claim(month, barcode, parts[month]), day)
                claimed += parts[month]
        until = time.monotonic() + wait_seconds
        while True:
            await self._pay(day)
            found = await self._paid(claimed)
            if found.paid >= claimed or time.monotonic() >= until:
                return found
            await asyncio.sleep(POLL_SECONDS)

    async def _claim(self, month: Month, barcode: str, rials: int) -> Claim:
        query: dict[str, str | int] = {"barcode": barcode}
        known = (await self.api.get("/v1/claims", self.keys.officer, query))["items"]
        for claim in known:
            if claim["cause"] == "damage":
                return dict(claim)
        day = _last_day(month)
        body = {
            "barcode": barcode,
            "cause": "damage",
            "loss_rials": rials,
            "payee": {"sheba": sheba(Random(barcode)), "holder_name": "فرستندهٔ نمونه"},  # noqa: S311 - example data that must repeat
            "occurred_at": rfc3339(at(day, CLAIMED_AT)),
        }
        made: Claim = await self.api.post(
            "/v1/claims", self.keys.officer, body, f"year/claim/{barcode}"
        )
        return made

    async def _approved(self, claim: Claim, day: date) -> None:
        if claim["status"] != "proposed":
            return
        body = {
            "amount_rials": claim["amount_rials"],
            "occurred_at": rfc3339(at(day, APPROVED_AT)),
        }
        path = f"/v1/claims/{claim['id']}/approvals"
        await self.api.post(path, self.keys.decider, body, f"year/approve/{claim['id']}")

    async def _pay(self, day: date) -> None:
        """The bank fetches what is ordered by now and confirms it."""
        body = {"limit": ORDERS_PER_FETCH, "occurred_at": rfc3339(at(day, FETCHED_AT))}
        await self.api.post(
            "/v1/bank/payment-orders/fetch", self.keys.bank, body, f"year/fetch/{uuid4()}"
        )
        for status in ("fetched", "unknown"):  # also what an earlier run left unanswered
            orders = await self.api.pages(
                "/v1/bank/payment-orders", PER_PAGE, {"status": status}, self.keys.bank
            )
            for order in (one for one in orders if one["purpose"] == "compensation"):
                said = {
                    "trace_number": order["reference"],
                    "amount_rials": order["amount_rials"],
                    "occurred_at": rfc3339(at(day, PAID_AT)),
                }
                path = f"/v1/bank/payment-orders/{order['id']}/confirm"
                await self.api.post(path, self.keys.bank, said, f"year/paid/{order['id']}")

    async def _paid(self, claimed: int) -> Paid:
        report = await self.api.get(
            "/v1/statistics/compensation", self.keys.manager, {"period": str(self.year)}
        )
        return Paid(claimed, report["paid_rials"], report["ledger_rials"])


def _last_day(month: Month) -> date:
    return month.next.first_day() - timedelta(1)
