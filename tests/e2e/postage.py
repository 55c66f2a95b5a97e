"""Payments, invoices and statements that exist, for requests that are to come through."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.e2e.people import Make

Ask = Callable[[str, str, Any], Any]

FIELDS: Final[dict[str, Any]] = {"payer": "partner_credit", "month": "1398-01"}
_PROFILE: Final = {"name": "فروشگاه کارون", "legal_id": "10380284790", "address": "اهواز"}


@dataclass
class Postage:
    paths: dict[str, str] = field(default_factory=dict)
    special: dict[str, dict[str, str]] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)


def payment(paid_on: str) -> dict[str, Any]:
    return {
        "account": "partner_prepaid",
        "amount_rials": 1_000_000,
        "method": "cash",
        "reference": str(uuid.uuid4()),
        "paid_on": paid_on,
    }


def deduction(office: str, occurred_on: str) -> dict[str, Any]:
    return {
        "office": office,
        "amount_rials": 1_000,
        "reason": "آزمون",
        "reference": str(uuid.uuid4()),
        "occurred_on": occurred_on,
    }


def make_postage(make: Make, ask: Ask, partners: tuple[str, str], office: str, run: str) -> Postage:
    """A paid month of two partners, invoiced, and one to invoice; the same of an office."""
    own, other = partners
    numbers: dict[str, str] = {}
    paid: Mapping[str, Any] = {}
    for partner in partners:
        path = f"/v1/postage-accounts/{partner}"
        for day in ("2019-04-01", "2019-05-01"):
            paid = make(f"{path}/payments", payment(day))
        numbers[partner] = make(f"{path}/invoices", {"month": "1398-01"})["number"]
    for day in ("2019-04-01", "2019-05-01"):
        make("/v1/commission-deductions", deduction(office, day))
    make("/v1/commission-statements", {"office": office, "month": "1398-01"})
    ask("PUT", f"/v1/postage-accounts/{other}/profile", _PROFILE)
    special = {
        "GET /v1/invoices/{number}": {"number": numbers[own]},
        "/{partner}/invoices/{number}": {"number": numbers[other]},
        "/reconciliations/{day}": {"day": "2019-03-21"},
        "/reconciliations/{day}/file": {"day": "2019-03-21"},
    }
    accounts = "/v1/postage-accounts/{partner}"
    refunds = {"recomputation": run, "approve": False, "barcodes": ["0" * 24], "reason": "آزمون"}
    bodies = {
        f"POST {accounts}/payments": payment("2019-05-02"),
        f"POST {accounts}/invoices": {"month": "1398-02"},
        f"PUT {accounts}/profile": _PROFILE,
        "POST /v1/refund-decisions": refunds,
        "POST /v1/commission-deductions": deduction(office, "2019-05-02"),
        "POST /v1/commission-statements": {"office": office, "month": "1398-02"},
    }
    paths = {"partner": other, "payment_id": paid["id"], "office": office, "month": "1398-01"}
    return Postage(paths, special, bodies)
