"""What the gateway tells shops fits what its sisters publish, and nothing of people is in it."""

from typing import get_args

import pytest
from pydantic import BaseModel

from services.complaints.claims.events import ClaimState
from services.complaints.events import CaseState
from services.gateway.events import TOLD
from services.gateway.webhooks.domain import wants
from services.gateway.webhooks.schemas import EventPattern
from services.parcels.delivery.events import AttemptState
from services.parcels.events import BookedItem, CancelledItem, ScannedItem
from services.parcels.holding.events import HeldItem, ReturnItem
from services.parcels.manifests.events import ManifestState
from services.parcels.payments.events import PaymentOrderState
from services.parcels.pickups.events import PickupState
from services.parcels.postage.events import InvoiceState
from services.parcels.promise.events import BreachItem, PromisedItem, RiskItem
from services.parcels.redirects.events import RedirectedItem
from services.parcels.returns.events import ReturnState
from services.parcels.reweighing.events import RepricedItem
from tests.contracts.test_gateway_copies import misfits, resolved

PUBLISHED: dict[str, type[BaseModel]] = {
    "parcel.booked": BookedItem,
    "parcel.cancelled": CancelledItem,
    "parcel.status_changed": ScannedItem,
    "parcel.promise_changed": PromisedItem,
    "parcel.corrected": ScannedItem,
    "parcel.redirected": RedirectedItem,
    "parcel.repriced": RepricedItem,
    "promise.at_risk": RiskItem,
    "promise.breached": BreachItem,
    "promise.breach_withdrawn": BreachItem,
    "attempt.recorded": AttemptState,
    "holding.begun": HeldItem,
    "return.begun": ReturnItem,
    "customer_return.requested": ReturnState,
    "manifest.accepted": ManifestState,
    **dict.fromkeys((name for name in TOLD if name.startswith("pickup.")), PickupState),
    **dict.fromkeys(
        (name for name in TOLD if name.startswith("payment_order.")), PaymentOrderState
    ),
    "invoice.issued": InvoiceState,
    **dict.fromkeys((name for name in TOLD if name.startswith("case.")), CaseState),
    **dict.fromkeys((name for name in TOLD if name.startswith("claim.")), ClaimState),
}


def test_every_one_is_compared_and_can_be_asked_for() -> None:
    assert PUBLISHED.keys() == TOLD.keys()
    patterns = get_args(EventPattern)
    assert all(any(wants([pattern], name) for pattern in patterns) for name in TOLD)
    assert all(any(wants([pattern], name) for name in TOLD) for pattern in patterns)


@pytest.mark.parametrize("name", TOLD)
def test_the_copy_fits(name: str) -> None:
    """What every one must have, parcels always sends, of the same type."""
    own = TOLD[name].model_json_schema()
    theirs = PUBLISHED[name].model_json_schema(mode="serialization")
    needed = {field: own["properties"][field] for field in own["required"] if field != "partner"}
    shape = {"type": "object", "properties": needed, "$defs": own.get("$defs", {})}
    objects = {f for f, schema in needed.items() if resolved(schema, own).get("type") == "object"}
    for field in objects:  # passed on as they come
        assert field in theirs["required"]
        del needed[field]
    assert misfits(shape, own, theirs, theirs, name) == []


@pytest.mark.parametrize("name", TOLD)
def test_nothing_of_people_is_passed_on(name: str) -> None:
    fields = TOLD[name].model_fields
    shown = {field for field, info in fields.items() if not info.exclude}
    assert not shown & {"partner", "backfill", "courier", "bank", "phone", "name", "address"}
