"""Parcels in every state of custody, for requests that are to come through."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.factories.parcels import order, scan

Ask = Callable[[str, str, Any], Any]
"""Method, path and body to the answer's body; refused, it raises."""

REASON: Final = "آزمون"
RECALL: Final = {"kind": "recall"}


@dataclass
class Custody:
    """As `World` has them: path parameters, those of operations, bodies that come through."""

    paths: dict[str, str]
    special: dict[str, dict[str, str]]
    bodies: dict[str, Any]


class Maker:
    def __init__(self, ask: Ask, office: str) -> None:
        self._ask = ask
        self._office = office

    def post(self, path: str, body: Any) -> Any:
        return self._ask("POST", path, body)

    def parcel(self, *events: str) -> str:
        """A parcel after these events, a minute apart, the last one now."""
        barcode: str = self.post("/v1/parcels", order(self._office))["barcode"]
        now = datetime.now(UTC)
        scans = [
            scan(
                barcode,
                event,
                self._office,
                occurred_at=(now - timedelta(minutes=len(events) - n)).isoformat(),
            )
            for n, event in enumerate(events)
        ]
        if scans:
            self.post("/v1/scans", {"scans": scans})
        return barcode

    def event(self, barcode: str, **changes: Any) -> str:
        """The id of one event of a parcel, scanned now."""
        made = scan(barcode, "arrival", self._office, **changes)
        self.post("/v1/scans", {"scans": [made]})
        event_id: str = made["event_id"]
        return event_id

    def measurement(self, weight_g: int) -> dict[str, Any]:
        return {
            "measurement_id": str(uuid.uuid4()),
            "office": self._office,
            "device": "scales-1",
            "weight_g": weight_g,
            "measured_at": datetime.now(UTC).isoformat(),
        }

    def repriced(self) -> dict[str, str]:
        """A parcel that was measured to cost more, and by what."""
        barcode = self.parcel("acceptance")
        made = self.post(f"/v1/parcels/{barcode}/measurements", self.measurement(5_000))
        return {"barcode": barcode, "measurement_id": made["id"]}

    def contested(self) -> dict[str, str]:
        paths = self.repriced()
        path = f"/v1/parcels/{paths['barcode']}/measurements/{paths['measurement_id']}/contest"
        self.post(path, {"reason": REASON})
        return paths

    def held(self) -> dict[str, str]:
        """A parcel that is to be held, and the instruction."""
        barcode = self.parcel("acceptance")
        until = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
        body = {"kind": "hold", "until": until}
        made = self.post(f"/v1/parcels/{barcode}/instructions", body)
        return {"barcode": barcode, "instruction_id": made["id"]}

    def lost(self) -> str:
        barcode = self.parcel("acceptance")
        self.post(f"/v1/parcels/{barcode}/lost", {"reason": REASON})
        return barcode


def make_custody(ask: Ask, late_ask: Ask, office: str) -> Custody:
    make = Maker(ask, office)
    unaccepted = make.parcel("arrival")
    found = ask("GET", f"/v1/parcels/{unaccepted}/discrepancies", None)
    wrong, late = make.parcel("acceptance"), make.parcel("acceptance")
    old = (datetime.now(UTC) - timedelta(days=5)).isoformat()
    returned = make.parcel("acceptance", "delivered")
    code = make.post(f"/v1/parcels/{returned}/return", {})["code"]
    held, contested = make.held(), make.contested()
    barcode = "/v1/parcels/{barcode}"
    return Custody(
        paths={
            "discrepancy_id": found["items"][0]["id"],
            "instruction_id": held["instruction_id"],
            "measurement_id": contested["measurement_id"],
            "return_code": code,
        },
        special={
            "/declarations": {"barcode": wrong},
            "/rulings": {"barcode": late},
            "/lost": {"barcode": make.parcel("acceptance")},
            "/found": {"barcode": make.lost()},
            f"POST {barcode}/instructions": {"barcode": make.parcel("acceptance")},
            "POST /v1/tracking/{barcode}/instructions": {"barcode": make.parcel("acceptance")},
            "/instructions/{instruction_id}/withdraw": held,
            f"POST {barcode}/measurements": {"barcode": make.parcel("acceptance")},
            "/contest": make.repriced(),
            "/measurements/{measurement_id}/decide": contested,
            f"GET {barcode}/return": {"barcode": returned},
            f"POST {barcode}/return": {"barcode": make.parcel("acceptance", "delivered")},
            "POST /v1/tracking/{barcode}/details": {"barcode": make.parcel("acceptance")},
            "POST /v1/tracking/{barcode}/return": {
                "barcode": make.parcel("acceptance", "delivered")
            },
        },
        bodies={
            f"POST {barcode}/declarations": {
                "event_id": make.event(wrong),
                "reason": "did_not_occur",
                "note": REASON,
            },
            f"POST {barcode}/rulings": {
                "event_id": Maker(late_ask, office).event(late, occurred_at=old),
                "ruling": "dismissed",
                "note": REASON,
            },
            f"POST {barcode}/instructions": RECALL,
            "POST /v1/tracking/{barcode}/instructions": {
                "phone_last_four": "6789",
                "instruction": {
                    "kind": "redirect",
                    "address": "دزفول، خیابان امام",
                    "province": "khuzestan",
                    "town": "dezful",
                },
            },
            f"POST {barcode}/measurements": make.measurement(700),
            f"POST {barcode}/return": {},
            "POST /v1/tracking/{barcode}/details": {"phone_last_four": "6789"},
            "POST /v1/tracking/{barcode}/return": {"phone_last_four": "6789"},
        },
    )
