"""Deliveries that parcels tells of, invitations to them, and answers."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import pytest

from services.complaints.surveys import inviting
from shared.consumer import Runner
from shared.identifiers import format_barcode
from tests.conftest import START, Api
from tests.services.complaints.conftest import OFFICE, Sisters

SCANS = UUID("0191d9f0-0000-7000-8000-00000000cafe")
EVERYTHING = {"rate_basis_points": 10_000, "seed": "s", "valid_from": "2010-01-01"}
STAFF = ("surveys:write", "surveys:send", "complaints:read", "reports:read", "backfill")

Deliver = Callable[..., Awaitable[list[dict[str, Any]]]]
Answering = Callable[..., Awaitable[Any]]


def delivered(
    number: int, at: datetime = START, *, office: str | None = OFFICE, **changes: Any
) -> dict[str, Any]:
    """An item of `parcel.status_changed` as parcels tells it."""
    barcode = format_barcode(number)
    return {
        "barcode": barcode,
        "partner": "0191d9f0-0000-7000-8000-0000000000aa",
        "reference": None,
        "product": "pishtaz",
        "channel": "counter",
        "event": "delivered",
        "event_id": str(uuid5(SCANS, barcode)),
        "office": office,
        "status": "delivered",
        "previous": "out_for_delivery",
        "occurred_at": at.isoformat(),
        "version": 7,
        "accepted_at": at.isoformat(),
        "accepted_before": at.isoformat(),
        "backfill": False,
        **changes,
    }


async def consume(api: Api) -> None:
    consumer = inviting.deliveries_consumer(api.clock)
    runner = Runner(consumer, api.database, api.app.state.runtime.sister("parcels", "live"))
    while await runner.step():
        pass


async def invitations(api: Api, **query: Any) -> list[dict[str, Any]]:
    got = await api.client.get(
        "/v1/surveys", params={"limit": 200, **query}, headers=api.headers(*STAFF)
    )
    assert got.status_code == 200, got.text
    found: list[dict[str, Any]] = got.json()["items"]
    return found


async def rule(api: Api, **changes: Any) -> Any:
    body = {**EVERYTHING, **changes}
    return await api.client.post("/v1/survey-rules", json=body, headers=api.headers(*STAFF))


@pytest.fixture
def deliver(api: Api, sisters: Sisters) -> Deliver:
    """Tells of deliveries, consumes them, and gives the invitations there are."""

    async def told(*items: dict[str, Any], event: str = "parcel.status_changed") -> Any:
        sisters.publish(event, *items)
        await consume(api)
        return await invitations(api)

    return told


@pytest.fixture
def answer(api: Api) -> Answering:
    async def given(invited: dict[str, Any], score: int, words: str | None = None) -> Any:
        return await api.client.put(
            f"/v1/surveys/{invited['id']}/answer",
            json={"score": score, "words": words},
            headers={"Susa-Survey-Secret": invited["secret"]},
        )

    return given
