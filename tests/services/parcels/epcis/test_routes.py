"""A partner takes a parcel's history away as EPCIS; nobody takes another's."""

import json
import uuid

import jsonschema_rs
import pytest

from tests.services.parcels.conftest import OTHER_SHOP, SHOP, Parcels
from tests.services.parcels.epcis.test_domain import SCHEMA, needs_schema

pytestmark = pytest.mark.anyio


async def test_the_journey_in_the_words_of_epcis(parcels: Parcels) -> None:
    [barcode] = await parcels.booked()
    url = f"/v1/parcels/{barcode}/epcis"
    booked = await parcels.client.get(url, headers=parcels.shop())
    assert booked.json()["epcisBody"]["eventList"] == []
    first = parcels.one(barcode, "acceptance", -50)
    await parcels.results(
        first,
        parcels.one(barcode, "departure", -40),
        parcels.one(barcode, "out_for_delivery", -30, office="KZ00002"),
        parcels.one(barcode, "delivery_failed", -20, office="KZ00002", reason="absent"),
        parcels.one(barcode, "return_started", -10, office="KZ00002"),
        parcels.one(barcode, "departure", -5, office="nowhere"),
        parcels.one(barcode, "arrival", -60 * 24 * 5),  # outside the offline window
    )
    answer = await parcels.client.get(url, headers=parcels.shop())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/ld+json"
    body = answer.json()
    assert body["@context"][1] == {"susa": "urn:susa:epcis:"}
    events = body["epcisBody"]["eventList"]
    assert [(e["bizStep"], e["disposition"], e["susa:event"]) for e in events] == [
        ("accepting", "in_progress", "acceptance"),
        ("departing", "in_transit", "departure"),
        ("transporting", "in_transit", "out_for_delivery"),
        ("other", "in_transit", "delivery_failed"),
        ("holding", "returned", "return_started"),
        ("departing", "returned", "departure"),
    ]
    assert events[0] == {
        "type": "ObjectEvent",
        "eventID": f"urn:susa:event:{barcode}:{first['event_id']}",
        "eventTime": "2019-03-21T07:10:00Z",
        "eventTimeZoneOffset": "+03:30",
        "recordTime": "2019-03-21T08:00:00Z",
        "epcList": [f"urn:susa:parcel:{barcode}"],
        "action": "OBSERVE",
        "bizStep": "accepting",
        "disposition": "in_progress",
        "readPoint": {"id": "urn:susa:office:KZ00001"},
        "bizLocation": {"id": "urn:susa:office:KZ00001"},
        "susa:event": "acceptance",
        "susa:m40": ["EMA"],
    }
    assert events[3]["susa:reason"] == "absent"
    assert "readPoint" not in events[5]  # of an unknown office
    assert "bizLocation" not in events[1]


@needs_schema
async def test_the_answer_validates(parcels: Parcels) -> None:
    [barcode] = await parcels.booked()
    await parcels.results(parcels.one(barcode, "acceptance"), parcels.one(barcode, "delivered", 1))
    answer = await parcels.client.get(f"/v1/parcels/{barcode}/epcis", headers=parcels.shop())
    schema = json.loads(SCHEMA.read_text())
    jsonschema_rs.Draft7Validator(schema, validate_formats=True).validate(answer.json())


async def test_anothers_parcel_is_as_none(parcels: Parcels) -> None:
    [barcode] = await parcels.booked()
    answers = [
        await parcels.client.get(f"/v1/parcels/{asked}/epcis", headers=parcels.shop(sub))
        for asked, sub in (
            (barcode, OTHER_SHOP),
            ("610000000000000042731729", SHOP),
            ("x" * 24, SHOP),
            (str(uuid.uuid4()), SHOP),
        )
    ]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert {answer.text for answer in answers} == {answers[0].text}
    url = f"/v1/parcels/{barcode}/epcis"
    assert (await parcels.client.get(url)).status_code == 401
    booker = parcels.api.headers("parcels:book")
    assert (await parcels.client.get(url, headers=booker)).status_code == 403
