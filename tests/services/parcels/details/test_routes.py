"""What whoever knows the recipient's phone is told, and nobody else."""

import json

import pytest

from tests.services.parcels.conftest import Parcels
from tests.services.parcels.delivery_round import OFFICE, Round

pytestmark = pytest.mark.anyio


async def test_details_by_the_end_of_the_phone(parcels: Parcels) -> None:
    office = Round(parcels)
    await office.courier()
    (barcode,) = stops = await office.arrived(1, cod_rials=250_000)
    await office.out(stops)
    tried = await office.attempt(barcode, "door_locked")
    assert tried.status_code == 201, tried.text
    path = f"/v1/tracking/{barcode}/details"
    phone = parcels.order()["recipient"]["phone"]
    answer = await parcels.client.post(path, json={"phone_last_four": phone[-4:]})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    events = [(e["event"], e["office"]["code"]) for e in found["events"]]
    assert events[0] == ("acceptance", OFFICE)
    assert events[-1] == ("delivery_failed", OFFICE)
    assert (found["cod_rials"], found["weight_g"]) == (250_000, parcels.order()["weight_g"])
    assert len(found["attempts"]) == 1
    assert found["attempts"][0]["reason_fa"]
    for personal in parcels.order()["recipient"]["name"], parcels.order()["sender"]["name"]:
        assert personal not in json.dumps(found, ensure_ascii=False)

    wrong = f"{(int(phone[-4:]) + 1) % 10_000:04d}"
    refused = [await parcels.client.post(path, json={"phone_last_four": wrong}) for _ in range(6)]
    codes = [one.json()["code"] for one in refused]
    assert codes == ["not_verified"] * 5 + ["too_many_tries"]
    unknown = await parcels.client.post(
        "/v1/tracking/610000000000000000000100/details", json={"phone_last_four": wrong}
    )
    assert unknown.status_code == 404
