"""Claims in their states, and charges back, that exist, for requests that are to come through."""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from tests.e2e.cash import SHEBA
from tests.e2e.papers import Papers
from tests.e2e.people import Make
from tests.factories.parcels import order, scan

PAYEE: Final = {"sheba": SHEBA, "holder_name": "آزمون"}
NOTE: Final = {"note": "آزمون دعوی"}
WHY: Final = {"reason": "آزمون دعوی"}
RIALS: Final = 1_000
PATIENCE_S: Final = 180


@dataclass
class Desk:
    """One who decides and pays, and an officer: nobody approves what he opened himself."""

    client: httpx.Client
    officer: dict[str, str]
    office: str
    papers: Papers = field(default_factory=Papers)

    def send(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        sent = {"Idempotency-Key": str(uuid.uuid4()), **(headers or {})}
        answer = self.client.post(path, json=body, headers=sent)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    def barcode(self) -> str:
        made: str = self.send("/v1/parcels", order(self.office))["barcode"]
        self.send("/v1/scans", {"scans": [scan(made, "acceptance", self.office)]})
        return made

    def proposed(self) -> str:
        body = {
            "barcode": self.barcode(),
            "cause": "damage",
            "loss_rials": RIALS,
            "payee": PAYEE,
            "liable_office": self.office,
        }
        made: str = self.send("/v1/claims", body, self.officer)["id"]
        return made

    def paid(self) -> tuple[str, str]:
        """A claim that a bank has paid, and its charge back."""
        claim = self.proposed()
        self.send(f"/v1/claims/{claim}/approvals", {"amount_rials": RIALS})
        order_id = self.client.get(f"/v1/claims/{claim}/payouts").json()["items"][0]["id"]
        paid = {"trace_number": f"C-{order_id[-8:]}", "amount_rials": RIALS}
        deadline = time.monotonic() + PATIENCE_S
        while self._status(claim) != "paid":
            assert time.monotonic() < deadline, f"nobody paid {claim}"
            self.send("/v1/bank/payment-orders/fetch", {})
            key = {"Idempotency-Key": str(uuid.uuid4())}
            path = f"/v1/bank/payment-orders/{order_id}/confirm"
            self.client.post(path, json=paid, headers=key)
            time.sleep(0.2)
        listed = self.client.get("/v1/charge-backs", params={"office": self.office}).json()
        (charge,) = [one["id"] for one in listed["items"] if one["claim"] == claim]
        return claim, charge

    def _status(self, claim: str) -> str:
        status: str = self.client.get(f"/v1/claims/{claim}").json()["status"]
        return status

    def of_claim(self, operation: str, claim: str, body: Any) -> None:
        self.papers.for_one(operation, {"claim_id": claim}, body)


def make_claims(client: httpx.Client, make: Make, office: str) -> Papers:
    """One claim each: what is decided is decided once."""
    account = make("/v1/partners", {"kind": "staff", "name": "کارشناس"})["id"]
    wanted = {"label": "officer", "scopes": ["complaints:read", "complaints:answer"]}
    key = make(f"/v1/partners/{account}/keys", wanted)["key"]
    desk = Desk(client, {"Authorization": f"Bearer {key}"}, office)
    claims = "POST /v1/claims/{claim_id}"
    desk.of_claim(f"{claims}/approvals", desk.proposed(), {"amount_rials": RIALS})
    desk.of_claim(f"{claims}/decline", desk.proposed(), NOTE)
    desk.of_claim(f"{claims}/assessments", desk.proposed(), {"loss_rials": RIALS, **NOTE})
    desk.of_claim("PUT /v1/claims/{claim_id}/payee", desk.proposed(), PAYEE)
    wanted = {"office": office, **WHY}
    desk.of_claim(f"{claims}/liability", desk.proposed(), wanted)
    paid, charge = desk.paid()
    desk.of_claim(f"{claims}/supplements", paid, {"loss_rials": 2 * RIALS, **NOTE})
    charges = "POST /v1/charge-backs/{charge_back}"
    desk.papers.for_one(f"{charges}/appeal", {"charge_back": charge}, WHY)
    ruling = {"decision": "lift", **WHY}
    desk.papers.for_one(f"{charges}/ruling", {"charge_back": desk.paid()[1]}, ruling)
    desk.papers.paths |= {"claim_id": paid, "charge_back": charge}
    desk.papers.bodies |= {"POST /v1/claims": {"barcode": desk.barcode(), "cause": "loss"}}
    rules = client.get("/v1/compensation-rules").json()["items"][-1]
    desk.papers.bodies |= {
        "POST /v1/compensation-rules": {
            "code": "e2e",
            "valid_from": "2150-03-21",
            "source": "آزمون",
            "terms": rules["terms"],
        }
    }
    return desk.papers
