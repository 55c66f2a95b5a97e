"""Cash on delivery and payment orders that exist, for requests that are to come through."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import httpx

from tests.e2e.papers import Papers
from tests.factories.parcels import order, scan

SHEBA: Final = "IR820540102680020817909002"
WHY: Final = {"reason": "آزمون"}
RIALS: Final = 1_000
PATIENCE_S: Final = 180
PAST: Final = date(2019, 3, 21)


@dataclass
class Till:
    """One office and one account, which is shop, courier, clerk and bank alike."""

    client: httpx.Client
    office: str
    account: str
    closed: int = 0
    papers: Papers = field(default_factory=Papers)

    def send(self, path: str, body: Any) -> Any:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    def delivered(self, by: str, holder: str) -> None:
        """Cash for one parcel, as soon as the consumer has taken it."""
        barcode = self.send("/v1/parcels", order(self.office, cod_rials=RIALS))["barcode"]
        for event in ("acceptance", by, "delivered"):
            self.send("/v1/scans", {"scans": [scan(barcode, event, self.office)]})
        deadline = time.monotonic() + PATIENCE_S
        while barcode not in self.client.get(f"/v1/cod/takings?{holder}").text:
            assert time.monotonic() < deadline, f"nobody took the cash of {barcode}"
            time.sleep(0.05)

    def ordered(self) -> str:
        """A payment order that no bank has fetched."""
        self.delivered("held_at_counter", f"office={self.office}")
        day = PAST + timedelta(days=self.closed)
        self.closed += 1
        counted = {"day": day.isoformat(), "counted_rials": RIALS}
        self.send(f"/v1/drawers/{self.office}/closes", counted)
        (settled,) = self.send("/v1/settlements", {"partners": [self.account]})["settled"]
        made: str = settled["payment_order"]
        return made

    def fetched(self, at: str | None = None) -> str:
        made = self.ordered()
        self.send("/v1/bank/payment-orders/fetch", {"occurred_at": at})
        return made

    def answer(self, operation: str, order_id: str, body: Any) -> None:
        self.papers.for_one(operation, {"order_id": order_id}, body)


def make_cash(client: httpx.Client, office: str, account: str) -> Papers:
    """What may be asked of payment orders in their states; one each, for each is answered once."""
    till = Till(client, office, account)
    payee = {"partner": account, "sheba": SHEBA, "holder_name": "آزمون", "source": "آزمون"}
    till.send("/v1/payees", {**payee, "valid_from": "2012-03-20"})
    paid = {"trace_number": "E2E-1", "amount_rials": RIALS}
    bank = "POST /v1/bank/payment-orders/{order_id}"
    staff = "POST /v1/payment-orders/{order_id}"
    till.answer(f"{bank}/confirm", till.fetched(), paid)
    till.answer(f"{bank}/refuse", till.fetched(), WHY)
    returned = till.fetched()
    confirmation = {"trace_number": "E2E-2", "amount_rials": RIALS}
    till.send(f"/v1/bank/payment-orders/{returned}/confirm", confirmation)
    till.answer(f"{bank}/return", returned, {"trace_number": "E2E-3", **WHY})
    till.answer(f"{staff}/prove-unpaid", till.fetched(f"{PAST}T08:00:00Z"), WHY)
    for n in range(3):
        stated = {"day": (PAST + timedelta(days=n)).isoformat(), "lines": []}
        statement = till.send("/v1/bank/statements", stated)
    till.answer(f"{staff}/void", till.ordered(), WHY)
    till.delivered("out_for_delivery", f"collector={account}")
    till.papers.paths |= {"order_id": returned, "statement_id": statement["id"]}
    till.papers.bodies |= {
        "POST /v1/payees": {**payee, "partner": str(uuid.uuid4()), "valid_from": "2013-03-20"},
        "POST /v1/settlements": {"partners": [account]},
        "POST /v1/bank/payment-orders/fetch": {"limit": 1},
        "POST /v1/bank/statements": {"day": "2018-03-21", "lines": []},
        "POST /v1/hand-ins": {
            "office": office,
            "collector": account,
            "receipt": "E2E-1",
            "counted_rials": RIALS,
        },
    }
    closing = {"day": "2025-03-21", "counted_rials": 0, "note": "آزمون"}
    till.papers.for_one("POST /v1/drawers/{code}/closes", {"code": office}, closing)
    return till.papers
