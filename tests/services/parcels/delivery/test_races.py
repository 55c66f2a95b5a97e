"""64 couriers and clerks at one delivery, in many rounds: one effect each."""

import asyncio
import os
from typing import Any, Final

import pytest

from services.parcels.audit import audit_custody
from services.parcels.vocabulary import Status
from tests.services.parcels.conftest import Parcels
from tests.services.parcels.delivery_round import Round

pytestmark = pytest.mark.anyio

ROUNDS: Final = 1_000 if os.environ.get("SUSA_SOAK") == "1" else 2
AT_ONCE: Final = 64


@pytest.mark.soak
async def test_one_delivery_or_one_attempt_too_late(parcels: Parcels) -> None:
    """Some deliver, some scan it delivered, some say that they tried in vain."""
    office = Round(parcels)
    barcodes = await office.arrived(ROUNDS)

    async def race(barcode: str) -> None:
        def racer(n: int) -> Any:
            if n % 8 == 0:
                return parcels.scan(parcels.one(barcode, "delivered"))
            if n % 8 == 1:
                return office.attempt(barcode, "absent", action="hold_at_office")
            return office.deliver(barcode)

        answers = await asyncio.gather(*(racer(n) for n in range(AT_ONCE)))
        assert {answer.status_code for answer in answers} <= {200, 201, 409}

    for barcode in barcodes:
        await race(barcode)
    ends = await parcels.api.database.hot.fetch(
        "SELECT p.item_id, p.status, (SELECT count(*) FROM delivery_proof d"
        " WHERE d.item_id = p.item_id) AS proofs FROM parcel p"
    )
    assert {row["status"] for row in ends} == {int(Status.DELIVERED)}
    assert all(row["proofs"] <= 1 for row in ends)
    await parcels.api.publish()
    told = await parcels.api.database.hot.fetch(
        "SELECT i ->> 'barcode' AS barcode FROM feed, json_array_elements(data -> 'items') i"
        " WHERE type = 'parcel.status_changed' AND i ->> 'status' = 'delivered'"
    )
    assert sorted(row["barcode"] for row in told) == sorted(barcodes)
    audit = await audit_custody(parcels.api.database)
    assert audit.clean, audit.wrong
