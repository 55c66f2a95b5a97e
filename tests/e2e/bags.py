"""Bags, dispatches, a pre-advice and counted mail that exist, for requests to come through."""

import uuid
from collections.abc import Callable
from typing import Any, Final

from tests.e2e.people import Make
from tests.factories.parcels import order, scan

Ask = Callable[[str, str, Any], Any]
PARTS: Final = {"origin": "IRTHRA", "destination": "DEFRAA", "category": "A", "subclass": "UN"}
OPERATOR: Final = {"name": "Deutsche Post", "country": "DE", "valid_from": "1950-01-01"}
ADVICE: Final = {
    "operator": "DPAG",
    "dispatch": "DEFRAAIRTHRAAUN90012",
    "items": [{"barcode": "RB123456785GB"}],
}


def _closed(make: Make, ask: Ask, office: str) -> str:
    bag: str = make("/v1/bags", {"from_office": office})["bag"]
    scan = {
        "bag": bag,
        "event_id": str(uuid.uuid4()),
        "event": "closed",
        "office": office,
        "occurred_at": "2019-03-21T08:00:00Z",
    }
    ask("POST", "/v1/bag-scans", {"scans": [scan]})
    return bag


def _packing(ask: Ask, office: str) -> dict[str, Any]:
    """A body that packs a parcel."""
    barcode = ask("POST", "/v1/parcels", order(office))["barcode"]
    return {"items": [scan(barcode, "packed", office)]}


def make_bags(
    make: Make, ask: Ask, office: str
) -> tuple[dict[str, str], dict[str, dict[str, str]], dict[str, Any]]:
    """Path parameters by name, others for paths that end so, bodies that hang together."""
    for code in ("DPAG", "ENDS"):
        make("/v1/operators", {"code": code, **OPERATOR})
    sent = {"from_office": office, "operator": "DPAG"}
    full, empty = (make("/v1/dispatches", sent)["id"] for _ in range(2))
    bags = [_closed(make, ask, office) for _ in range(2)]
    ask("POST", f"/v1/dispatches/{full}/bags", {"bags": [{"bag": bags[0]}]})
    ask("POST", f"/v1/dispatches/{full}/close", None)
    counted = {
        "office": office,
        "reference": "S-COUNTED",
        "product": "adi",
        "kind": "letters",
        "day": "2019-03-21",
        "items": 10,
        "weight_g": 200,
    }
    recorded = ask("POST", "/v1/counted", {"consignments": [counted]})
    paths = {
        "bag": make("/v1/bags", {"from_office": office})["bag"],
        "operator": "DPAG",
        "dispatch_id": empty,
        "advice_id": make("/v1/pre-advices", ADVICE)["id"],
        "consignment_id": recorded["results"][0]["id"],
    }
    special = {
        "/operators/{operator}/end": {"operator": "ENDS"},
        "/dispatches/{dispatch_id}/handover": {"dispatch_id": full},
    }
    bodies = {
        "POST /v1/operators": {"code": "NEWOP", **OPERATOR},
        "POST /v1/dispatches": {**sent, "international": PARTS},
        "POST /v1/dispatches/{dispatch_id}/bags": {"bags": [{"bag": bags[1]}]},
        "POST /v1/dispatches/{dispatch_id}/handover": {"receipt": "R-1", "office": office},
        "POST /v1/bags/{bag}/items": _packing(ask, office),
        "POST /v1/bags/{bag}/openings": {
            "event_id": str(uuid.uuid4()),
            "office": office,
            "occurred_at": "2019-03-21T08:00:00Z",
            "items": [],
        },
        "POST /v1/counted": {"consignments": [{**counted, "reference": "S-COUNTED-2"}]},
        "POST /v1/pre-advices": {**ADVICE, "dispatch": "DEFRAAIRTHRAAUN90013"},
    }
    return paths, special, bodies
