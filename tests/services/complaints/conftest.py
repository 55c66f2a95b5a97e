"""Complaints with stand-ins for its sisters: they speak the wire, and can be down."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.client import in_process
from shared.identifiers import format_barcode
from tests.conftest import Api, Serve
from tests.services.complaints.money import Money
from tests.services.parcels.conftest import Parcels, office_event

BARCODE = format_barcode(42_7317)
OTHER_BARCODE = format_barcode(99_1234)
OFFICE = "KZ00012"
EPOCH = "0191d9f0-0000-7000-8000-000000000001"


def history(barcode: str, *, status: str = "in_transit", version: int = 3) -> dict[str, Any]:
    """A history as parcels answers it, with a field that complaints does not know."""
    return {
        "barcode": barcode,
        "product": "pishtaz",
        "status": status,
        "partner": "0191d9f0-0000-7000-8000-0000000000aa",
        "origin_office": OFFICE,
        "booked_at": "2019-03-18T06:00:00Z",
        "version": version,
        "weight_g": 450,
        "events": [
            {
                "event": "acceptance",
                "event_id": "0191d9f0-0000-7000-8000-0000000000bb",
                "office": OFFICE,
                "occurred_at": "2019-03-18T08:00:00Z",
                "recorded_at": "2019-03-18T08:00:04Z",
                "status": "accepted",
            }
        ],
    }


@dataclass
class Sisters:
    """What the stand-ins know; `down` names those that do not answer."""

    parcels: dict[str, dict[str, Any]] = field(default_factory=dict)
    offices: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    custody: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_phone: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def new_parcel(self) -> str:
        """Another parcel that parcels knows."""
        barcode = format_barcode(200_0000 + len(self.parcels) * 10_000)
        self.parcels[barcode] = history(barcode)
        return barcode

    def client(self, name: str) -> httpx.AsyncClient:
        def handle(request: httpx.Request) -> httpx.Response:
            self.asked.append(request.url.path)
            assert request.headers["authorization"].startswith("Bearer ")
            if name in self.down:
                raise httpx.ConnectError("refused", request=request)
            return self._parcels(request) if name == "parcels" else self._offices(request)

        return httpx.AsyncClient(
            transport=httpx.MockTransport(handle), base_url=f"http://{name}.test"
        )

    def _parcels(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/internal/feed":
            return self._feed(request)
        if request.url.path == "/internal/parcels/by-phone":
            phone = json.loads(request.content)["phone"]
            return httpx.Response(200, json={"parcels": self.by_phone.get(phone, [])})
        known = self.custody if request.url.path.endswith("/custody") else self.parcels
        found = known.get(request.url.path.split("/")[3])
        return httpx.Response(200, json=found) if found else httpx.Response(404)

    def _offices(self, request: httpx.Request) -> httpx.Response:
        found = self.offices.get(request.url.path.rpartition("/")[2])
        return httpx.Response(200, json=found) if found else httpx.Response(404)

    def _feed(self, request: httpx.Request) -> httpx.Response:
        after = int(request.url.params["after"])
        wanted = request.url.params["types"].split(",")
        events = [e for e in self.events if e["position"] > after and e["type"] in wanted]
        head = len(self.events)
        page = {"epoch": EPOCH, "after": after, "upto": max(after, head), "head": head}
        return httpx.Response(200, json={**page, "events": events})

    def publish(self, event_type: str, *items: dict[str, Any]) -> None:
        self.events.append(
            {"position": len(self.events) + 1, "type": event_type, "data": {"items": list(items)}}
        )


@pytest.fixture
def sisters() -> Sisters:
    made = Sisters()
    made.parcels[BARCODE] = history(BARCODE)
    made.parcels[OTHER_BARCODE] = history(OTHER_BARCODE)
    made.offices[OFFICE] = {
        "code": OFFICE,
        "name": "دفتر کیانپارس",
        "county": "ahvaz",
        "address": "…",
    }
    return made


@pytest.fixture
async def api(serve: Serve, sisters: Sisters, tmp_path: Path) -> AsyncIterator[Api]:
    clients = {name: sisters.client(name) for name in ("parcels", "offices")}
    made: Api = await serve("complaints", clients=clients, settings={"attachments": tmp_path})
    yield made
    for client in clients.values():
        await client.aclose()


COMPLAINT = {
    "about": {"kind": "parcel", "barcode": BARCODE},
    "category": "delay",
    "text": "بسته هنوز نرسیده است",
    "complainant": {"name": "زهرا احمدی", "phone": "09161234567"},
}
STAFF = ("complaints:read", "complaints:answer")

File = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def file(api: Api, sisters: Sisters) -> File:
    """Files the usual case, with changes, and gives what was answered; each about a new parcel.

    The first is about `BARCODE`. Two about the same parcel would be one case.
    """
    filings = 0

    async def filed(**changes: Any) -> dict[str, Any]:
        nonlocal filings
        filings += 1
        barcode = BARCODE if filings == 1 or "about" in changes else sisters.new_parcel()
        complaint = {**COMPLAINT, "about": {"kind": "parcel", "barcode": barcode}, **changes}
        response = await api.client.post("/v1/complaints", json=complaint)
        assert response.status_code == 201, response.text
        body: dict[str, Any] = response.json()
        return body

    return filed


def secret(filed: dict[str, Any]) -> dict[str, str]:
    return {"Susa-Case-Secret": filed["secret"]}


@pytest.fixture
async def money(serve: Serve) -> Money:
    """Complaints beside parcels itself, which knows three offices."""
    parcels = Parcels(await serve("parcels"))
    await parcels.follow(*(office_event(n) for n in range(1, 4)))
    clients = {"parcels": in_process(parcels.api.app), "offices": in_process(parcels.api.app)}
    return Money(await serve("complaints", clients=clients, clock=parcels.api.clock), parcels)
