"""A running parcels service that knows a few offices."""

import copy
import uuid
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from services.parcels.booking.schemas import EXAMPLE
from services.parcels.network.service import on_office_events
from tests.conftest import Api, Serve

SHOP = "00000000-0000-7000-8000-000000000001"
OTHER_SHOP = "00000000-0000-7000-8000-000000000002"
TOWNS = (("ahvaz", "اهواز"), ("dezful", "دزفول"), ("abadan", "آبادان"))


OPEN = {"open": True, "until": None, "reason": None, "products": None, "weight_max_g": None}


def office_event(
    n: int,
    *,
    kind: str = "agency",
    status: str = "active",
    version: int = 1,
    gate: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The newest state of an office; without a gate, as it was told before there were any."""
    slug, name = TOWNS[n % len(TOWNS)]
    event = {
        "data": {
            "office": {
                "id": n,
                "code": f"KZ{n:05d}",
                "name": f"دفتر {n}",
                "kind": kind,
                "town": slug,
                "town_name": name,
                "county": slug,
                "province": "khuzestan",
                "latitude": 31.3,
                "longitude": 48.7,
                "hours": {},
                "status": status,
                "sorting_centre": None,
                "version": version,
            }
        }
    }
    if gate is not None:
        event["data"]["office"]["gate"] = OPEN | gate
    return event


ABADAN, AHVAZ, DEZFUL = "KZ00011", "KZ00012", "KZ00013"
"""The sorting centres of `centres`."""


def centres() -> list[dict[str, Any]]:
    """Three sorting centres, and in each of their towns a post office that rides there."""
    events = [office_event(n, kind="sorting_centre") for n in (11, 12, 13)]
    for n, centre in ((1, DEZFUL), (2, ABADAN), (3, AHVAZ)):
        event = office_event(n, kind="post_office", version=2)
        event["data"]["office"]["sorting_centre"] = centre
        events.append(event)
    return events


class Parcels:
    """Short ways to ask parcels as a shop and as a clerk."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.client = api.client

    def shop(self, sub: str = SHOP, *more: str) -> dict[str, str]:
        return self.api.headers("parcels:book", "parcels:read", *more, sub=sub)

    def clerk(self, *more: str) -> dict[str, str]:
        return self.api.headers("scans:write", *more, sub=OTHER_SHOP, kind="staff")

    def order(self, **changes: Any) -> dict[str, Any]:
        order: dict[str, Any] = copy.deepcopy(EXAMPLE)
        order.pop("reference")
        return order | changes

    async def book(
        self, key: str | None = None, *, sub: str = SHOP, more: tuple[str, ...] = (), **changes: Any
    ) -> httpx.Response:
        headers = self.shop(sub, *more) | {"Idempotency-Key": key or str(uuid.uuid4())}
        return await self.client.post("/v1/parcels", json=self.order(**changes), headers=headers)

    async def booked(self, count: int = 1, **changes: Any) -> list[str]:
        orders = [self.order(**changes) for _ in range(count)]
        response = await self.batch(orders)
        return [result["parcel"]["barcode"] for result in response.json()["results"]]

    async def batch(self, orders: list[Any], key: str | None = None) -> httpx.Response:
        headers = self.shop() | {"Idempotency-Key": key or str(uuid.uuid4())}
        return await self.client.post(
            "/v1/parcels/batch", json={"parcels": orders}, headers=headers
        )

    def one(self, barcode: str, event: str, minutes: float = 0, **changes: Any) -> dict[str, Any]:
        at: datetime = self.api.clock.now() + timedelta(minutes=minutes)
        return {
            "barcode": barcode,
            "event_id": str(uuid.uuid4()),
            "event": event,
            "office": "KZ00001",
            "occurred_at": at.isoformat(),
        } | changes

    async def scan(self, *scans: dict[str, Any], more: tuple[str, ...] = ()) -> httpx.Response:
        return await self.client.post(
            "/v1/scans", json={"scans": list(scans)}, headers=self.clerk(*more)
        )

    async def results(self, *scans: dict[str, Any], more: tuple[str, ...] = ()) -> list[str]:
        response = await self.scan(*scans, more=more)
        assert response.status_code == 200, response.text
        return [result["result"] for result in response.json()["results"]]

    async def get(self, barcode: str, sub: str = SHOP) -> dict[str, Any]:
        response = await self.client.get(f"/v1/parcels/{barcode}", headers=self.shop(sub))
        body: dict[str, Any] = response.json()
        return body

    async def follow(self, *events: dict[str, Any]) -> None:
        async with self.api.database.transaction() as session:
            await on_office_events(session, events)


@pytest.fixture
async def parcels(serve: Serve) -> Parcels:
    made = Parcels(await serve("parcels"))
    await made.follow(*(office_event(n) for n in range(1, 4)))
    return made
