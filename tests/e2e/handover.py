"""Manifests, pickups, labels and messages, for requests that are to come through."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.factories.parcels import order

Ask = Callable[[str, str, Any], Any]


@dataclass(frozen=True)
class Handover:
    paths: dict[str, str]
    special: dict[str, dict[str, str]]
    bodies: dict[str, Any]


def _pickup(office: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "office": office,
        "place": order(office)["sender"],
        "window_from": (now + timedelta(hours=2)).isoformat(),
        "window_until": (now + timedelta(hours=5)).isoformat(),
        "pieces": 1,
        "weight_g": 500,
    }


def make_handover(ask: Ask, office: str) -> Handover:
    booked = [ask("POST", "/v1/parcels", order(office))["barcode"] for _ in range(4)]
    manifests = [
        ask("POST", "/v1/manifests", {"office": office, "barcodes": [barcode]})["code"]
        for barcode in booked[:3]
    ]
    courier = {
        "code": f"P-{uuid.uuid4().hex[:6].upper()}",
        "office": office,
        "name": "حسین",
        "phone": "09121112233",
    }
    ask("POST", "/v1/couriers", courier)
    pickups = [ask("POST", "/v1/pickups", _pickup(office))["id"] for _ in range(4)]
    assign = {"courier": courier["code"]}
    ask("POST", f"/v1/pickups/{pickups[0]}/assign", assign)
    special = {
        "/message-templates/{kind}/{language}": {"kind": "booked", "language": "en"},
        "/manifests/{code}": {"code": manifests[0]},
        "/manifests/{code}/items": {"code": manifests[0]},
        "/manifests/{code}/accept": {"code": manifests[0]},
        "/manifests/{code}/withdraw": {"code": manifests[1]},
        "/pickups/{pickup}/collect": {"pickup": pickups[0]},
        "/pickups/{pickup}/cancel": {"pickup": pickups[1]},
        "/pickups/{pickup}/assign": {"pickup": pickups[2]},
        "/pickups/{pickup}/miss": {"pickup": pickups[3]},
    }
    bodies = {
        "POST /v1/labels": {"barcodes": [booked[3]]},
        "POST /v1/manifests": {"office": office, "barcodes": [booked[3]]},
        "POST /v1/manifests/{code}/accept": {"office": office, "pieces": 1},
        "POST /v1/pickups": _pickup(office),
        "POST /v1/pickups/{pickup}/assign": assign,
        "POST /v1/pickups/{pickup}/collect": {"pieces": 1},
        "PUT /v1/quiet-hours": {"quiet_from": "21:00", "quiet_until": "08:00"},
        "PUT /v1/message-templates/{kind}/{language}": {"text": "{barcode}"},
    }
    return Handover({"pickup": pickups[2]}, special, bodies)
