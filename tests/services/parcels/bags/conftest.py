"""Short ways to ask about bags."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.services.parcels.conftest import Parcels


class Bags:
    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels

    async def new(self, to: str | None = "KZ00002") -> str:
        answer = await self.parcels.client.post(
            "/v1/bags",
            json={"from_office": "KZ00001", "to_office": to},
            headers=self.parcels.clerk(),
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["bag"])

    def at(self, minutes: float) -> str:
        at: datetime = self.parcels.api.clock.now() + timedelta(minutes=minutes)
        return at.isoformat()

    def packing(
        self, barcode: str, minutes: float = 0, event: str = "packed", **more: Any
    ) -> dict[str, Any]:
        return {
            "barcode": barcode,
            "event_id": str(uuid.uuid4()),
            "event": event,
            "office": "KZ00001",
            "occurred_at": self.at(minutes),
        } | more

    async def pack(self, bag: str, *packings: dict[str, Any]) -> list[str]:
        answer = await self.parcels.client.post(
            f"/v1/bags/{bag}/items", json={"items": packings}, headers=self.parcels.clerk()
        )
        assert answer.status_code == 200, answer.text
        return [result["result"] for result in answer.json()["results"]]

    async def filled(self, *barcodes: str, minutes: float = 0) -> str:
        """A new bag with these in it."""
        bag = await self.new()
        packings = [self.packing(barcode, minutes) for barcode in barcodes]
        assert set(await self.pack(bag, *packings)) == {"recorded"}
        return bag

    def one(self, bag: str, event: str, minutes: float = 0, **more: Any) -> dict[str, Any]:
        return {
            "bag": bag,
            "event_id": str(uuid.uuid4()),
            "event": event,
            "office": "KZ00001",
            "occurred_at": self.at(minutes),
        } | more

    async def scan(
        self, *scans: dict[str, Any], more: tuple[str, ...] = ()
    ) -> list[tuple[str, int]]:
        answer = await self.parcels.client.post(
            "/v1/bag-scans", json={"scans": scans}, headers=self.parcels.clerk(*more)
        )
        assert answer.status_code == 200, answer.text
        return [(result["result"], result["items"]) for result in answer.json()["results"]]

    async def open(
        self, bag: str, items: list[str], minutes: float = 0, **more: str
    ) -> dict[str, Any]:
        body: dict[str, Any] = {
            "event_id": str(uuid.uuid4()),
            "office": "KZ00002",
            "occurred_at": self.at(minutes),
            "items": items,
        } | more
        answer = await self.parcels.client.post(
            f"/v1/bags/{bag}/openings", json=body, headers=self.parcels.clerk()
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def get(self, bag: str) -> dict[str, Any]:
        answer = await self.parcels.client.get(f"/v1/bags/{bag}", headers=self.parcels.clerk())
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def members(self, bag: str) -> list[dict[str, Any]]:
        answer = await self.parcels.client.get(
            f"/v1/bags/{bag}/items", headers=self.parcels.clerk()
        )
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def discrepancies(self) -> dict[str, int]:
        rows = await self.parcels.api.database.hot.fetch(
            "SELECT kind, count(*)::int AS n FROM discrepancy GROUP BY kind"
        )
        return {row["kind"]: row["n"] for row in rows}

    async def tracked(self, barcode: str) -> list[tuple[str, str]]:
        answer = await self.parcels.client.get(f"/v1/tracking/{barcode}")
        return [(event["event"], event["status"]) for event in answer.json()["events"]]


@pytest.fixture
def bags(parcels: Parcels) -> Bags:
    return Bags(parcels)
