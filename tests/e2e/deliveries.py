"""Couriers, runs, deliveries and bank mail that exist, for requests that are to come through."""

import asyncio
import base64
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from tests.e2e.actors import eventually
from tests.factories.parcels import order, scan

DELIVERY_FIELDS: Final[dict[str, Any]] = {"delivery": None, "month": "1398-01"}
BRANCH: Final = "E2E-1"
COURIERS: Final = ("E2E-01", "E2E-02", "E2E-03", "E2E-04", "E2E-05")
PHOTO: Final = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(64) + b"\xff\xd9").decode()
RULE: Final = {
    "valid_from": "2150-03-21",
    "notices": 2,
    "hold_days": 5,
    "return_days": 7,
    "return_basis_points": 10_000,
    "source": "آزمون",
}


@dataclass
class Deliveries:
    """Path parameters by name, others by ends of operations, and bodies by whole operations."""

    client: httpx.Client
    office: str
    paths: dict[str, str] = field(default_factory=dict)
    special: dict[str, dict[str, str]] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)

    def post(self, path: str, body: Any = None) -> Any:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    def parcel(self, *events: str, **changes: Any) -> str:
        """One that was scanned so."""
        barcode: str = self.post("/v1/parcels", order(self.office, **changes))["barcode"]
        scans = [scan(barcode, event, self.office) for event in ("acceptance", *events)]
        self.post("/v1/scans", {"scans": scans})
        return barcode

    def run(self, courier: str, barcode: str) -> str:
        made: str = self.post("/v1/runs", {"courier": courier, "stops": [barcode]})["id"]
        return made

    def proof(self, **changes: Any) -> dict[str, Any]:
        images = {"method": "photo", "photo": PHOTO, "signature": PHOTO}
        return {"event_id": str(uuid.uuid4()), "office": self.office, **images, **changes}

    def destruction(self) -> dict[str, Any]:
        minutes = {"record": "M-1", "witnesses": ["98-1", "98-2"]}
        return {"event_id": str(uuid.uuid4()), "office": self.office, **minutes}

    def known(self, path: str) -> None:
        """Wait until the worker has followed."""

        async def seen() -> None:
            assert self.client.get(path).status_code == 200

        asyncio.run(eventually(seen))


def make_deliveries(client: httpx.Client, office: str) -> Deliveries:
    made = Deliveries(client, office)
    _make_runs(made)
    _make_proofs(made)
    _make_bank_mail(made)
    return made


def _make_runs(made: Deliveries) -> None:
    for code in COURIERS:
        person = {"name": "رضا", "phone": "09121112233"}
        made.post("/v1/couriers", {"code": code, "office": made.office, **person})
    made.paths["courier"] = COURIERS[0]
    made.special["/couriers/{courier}/erase"] = {"courier": COURIERS[4]}
    made.bodies["POST /v1/runs"] = {"courier": COURIERS[1], "stops": [made.parcel()]}
    stop = made.parcel()
    made.paths["run"] = made.run(COURIERS[1], stop)
    made.bodies["PUT /v1/runs/{run}/stops"] = {"stops": [stop]}
    made.bodies["POST /v1/runs/{run}/start"] = {}
    made.special["/runs/{run}/start"] = {"run": made.run(COURIERS[1], made.parcel())}
    made.special["/runs/{run}/cancel"] = {"run": made.run(COURIERS[1], made.parcel())}
    for courier, ending in ((COURIERS[2], "hand-back"), (COURIERS[3], "close")):
        stop = made.parcel()
        run = made.run(courier, stop)
        made.post(f"/v1/runs/{run}/start")
        made.special[f"/runs/{{run}}/{ending}"] = {"run": run}
        made.bodies.setdefault("POST /v1/runs/{run}/hand-back", {"stops": [stop]})
    made.post(f"/v1/runs/{run}/hand-back", {"stops": [stop]})  # so that it can be closed


def _make_proofs(made: Deliveries) -> None:
    for name in ("deliveries", "attempts", "delivery-code"):
        made.special[f"POST /v1/parcels/{{barcode}}/{name}"] = {"barcode": made.parcel()}
    made.bodies["POST /v1/parcels/{barcode}/deliveries"] = made.proof()
    attempt = {"event_id": str(uuid.uuid4()), "office": made.office, "reason": "absent"}
    made.bodies["POST /v1/parcels/{barcode}/attempts"] = attempt
    for ending in ("/proof", "/proof/images/{kind}", "/proof/erase"):
        barcode = made.parcel()
        made.post(f"/v1/parcels/{barcode}/deliveries", made.proof())
        made.special[f"{{barcode}}{ending}"] = {"barcode": barcode}
    for event, ending in (("held_at_counter", "holding"), ("return_started", "return-leg")):
        barcode = made.parcel(event)
        made.known(f"/v1/parcels/{barcode}/{ending}")
        made.special[f"{{barcode}}/{ending}"] = {"barcode": barcode}
    made.bodies["POST /v1/holding-rules"] = RULE


def _make_bank_mail(made: Deliveries) -> None:
    branch = {"name": "شعبه", "cost_centre": "CC-1"}
    made.client.put(f"/v1/bank-branches/{BRANCH}", json=branch).raise_for_status()
    made.paths["branch"] = BRANCH
    wishes = {"undelivered": "destroy", "branch": BRANCH}
    for method in ("POST", "GET"):
        barcode = made.parcel("delivery_failed", delivery=wishes)
        made.special[f"{method} /v1/parcels/{{barcode}}/destruction"] = {"barcode": barcode}
        if method == "GET":
            made.post(f"/v1/parcels/{barcode}/destruction", made.destruction())
    made.bodies["POST /v1/parcels/{barcode}/destruction"] = made.destruction()
