"""What sister services are told: through whose hands a parcel went, and a caller's parcels."""

import pytest

from tests.services.parcels.bags.conftest import Bags
from tests.services.parcels.conftest import Parcels
from tests.services.parcels.delivery_round import Round

pytestmark = pytest.mark.anyio


def sister(parcels: Parcels) -> dict[str, str]:
    return parcels.api.headers("internal", sub="complaints", kind="service")


async def test_custody_names_trip_and_courier(parcels: Parcels) -> None:
    bags, office = Bags(parcels), Round(parcels)
    (barcode,) = await parcels.booked()
    await parcels.results(parcels.one(barcode, "acceptance"))
    bag = await bags.filled(barcode, minutes=1)
    await bags.scan(bags.one(bag, "loaded", 2, trip="KZ-12/2019-03-21"))
    url = f"/internal/parcels/{barcode}/custody"
    assert (await parcels.client.get(url, headers=parcels.shop())).status_code == 403
    assert (await parcels.client.get(url)).status_code == 401
    chain = (await parcels.client.get(url, headers=sister(parcels))).json()
    assert [(e["event"], e["office"], e["trip"], e["status"]) for e in chain["events"]] == [
        ("acceptance", "KZ00001", None, "accepted"),
        ("departure", "KZ00001", "KZ-12/2019-03-21", "in_transit"),
    ]
    assert (chain["custodian"], chain["origin_office"]) == ("trip", "KZ00001")
    assert chain["promised_at"] is not None

    await office.courier()
    (mine,) = await office.arrived(1)
    await office.out([mine])
    await office.attempt(mine, "damaged")
    url = f"/internal/parcels/{mine}/custody"
    chain = (await parcels.client.get(url, headers=sister(parcels))).json()
    tail = [(e["event"], e["courier"], e["reason"]) for e in chain["events"][-2:]]
    assert tail[0] == ("out_for_delivery", "KZ00001-01", None)
    assert tail[1][0] == "delivery_failed"
    assert tail[1][2] == "damaged"
    absent = await parcels.client.get("/internal/parcels/x/custody", headers=sister(parcels))
    assert absent.status_code == 404


async def test_parcels_of_a_phone_the_newest_first(parcels: Parcels) -> None:
    own = parcels.order()
    own["sender"] = own["sender"] | {"phone": own["recipient"]["phone"]}
    first = (await parcels.booked())[0]
    second = (await parcels.batch([own])).json()["results"][0]["parcel"]["barcode"]
    url = "/internal/parcels/by-phone"
    written = {"phone": "+98 912 345 6789"}
    got = await parcels.client.post(url, json=written, headers=sister(parcels))
    assert {(one["barcode"], one["role"]) for one in got.json()["parcels"]} == {
        (first, "recipient"),
        (second, "sender"),
    }
    for phone, count in (("06133334444", 1), ("09120000000", 0)):
        got = await parcels.client.post(url, json={"phone": phone}, headers=sister(parcels))
        assert len(got.json()["parcels"]) == count
    refused = await parcels.client.post(url, json=written, headers=parcels.clerk())
    assert refused.status_code == 403
    assert (await parcels.client.post(url, json={"phone": "1"}, headers=sister(parcels))).json()[
        "errors"
    ][0]["field"] == "body.phone"
