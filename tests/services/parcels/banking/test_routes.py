"""A bank's mail: branches and cost centres, terms of delivery, return to a branch, destruction."""

import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.parcels.audit import audit_custody
from tests.services.parcels.conftest import OTHER_SHOP, Parcels
from tests.services.parcels.delivery_round import OFFICE, Round

pytestmark = pytest.mark.anyio

CARD = "0084575948"


class Bank(Round):
    """The bank, and the office that delivers its mail."""

    async def branch(self, code: str, **changes: Any) -> Any:
        body = {"name": f"شعبهٔ {code}", "cost_centre": f"CC-{code}", **changes}
        answer = await self.parcels.client.put(
            f"/v1/bank-branches/{code}", json=body, headers=self.parcels.shop()
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def letters(self, count: int, **wishes: Any) -> list[str]:
        return await self.arrived(count, channel="bank", delivery={"branch": "1234", **wishes})


@pytest.fixture
async def bank(parcels: Parcels) -> AsyncIterator[Bank]:
    made = Bank(parcels)
    await made.courier()
    await made.branch("1234")
    yield made
    audit = await audit_custody(parcels.api.database)
    assert audit.clean, audit.wrong


async def test_branches_and_what_their_mail_cost(bank: Bank) -> None:
    parcels = bank.parcels
    changed = await bank.branch("77", cost_centre="CC-1", office="KZ00003")
    assert (changed["version"], changed["office"]) == (1, "KZ00003")
    assert (await bank.branch("77", cost_centre="CC-2"))["version"] == 2
    listed = await bank.own("/v1/bank-branches?limit=1")
    assert [b["code"] for b in listed["items"]] == ["1234"]
    foreign = await parcels.client.get("/v1/bank-branches/77", headers=parcels.shop(OTHER_SHOP))
    assert foreign.json()["code"] == "branch_not_found"

    delivered, *_ = await bank.letters(2)
    await parcels.booked(delivery={"branch": "77"})
    await parcels.booked(delivery={"addressee_only": True})  # of no branch
    await bank.branch("77", active=False)
    for wishes in (
        {"branch": "77"},
        {"branch": "nowhere"},
        {"undelivered": "branch"},
        {"addressee_national_id": CARD},
    ):
        refused = await parcels.book(delivery=wishes)
        assert refused.status_code == 422, refused.text
    await bank.deliver(delivered)
    costs = (await bank.own("/v1/bank-mail/costs?month=1398-01"))["items"]
    price = (await parcels.get(delivered))["price_rials"]
    assert [(c["cost_centre"], c["branch"], c["items"], c["delivered"]) for c in costs] == [
        ("CC-1234", "1234", 2, 1),
        ("CC-2", "77", 1, 0),
    ]
    assert costs[0]["price_rials"] == 2 * price
    year = await parcels.client.get("/v1/bank-mail/costs?month=1398", headers=parcels.shop())
    assert year.status_code == 422


async def test_for_the_addressee_with_the_card(bank: Bank) -> None:
    (barcode,) = await bank.letters(
        1, addressee_only=True, national_card=True, addressee_national_id=CARD
    )
    card: dict[str, Any] = {"national_id": CARD, "national_card_seen": True}
    for changes in (
        {},
        card | {"receiver": "household"},
        card | {"national_id": "0499370899"},
        {"national_id": CARD},
    ):
        answer = await bank.deliver(barcode, **changes)
        assert answer.json()["code"] == "delivery_terms_not_met", answer.text
    answer = await bank.deliver(barcode, method="national_id", signature=None, **card)
    assert answer.status_code == 201, answer.text
    assert (await bank.own(f"/v1/parcels/{barcode}/proof"))["national_card_seen"]
    assert CARD not in str(await bank.api.events())


async def test_what_nobody_takes_goes_to_the_return_branch(bank: Bank) -> None:
    await bank.branch("99", office="KZ00003")
    (barcode,) = await bank.letters(1, undelivered="branch", return_branch="99")
    await bank.parcels.results(bank.parcels.one(barcode, "held_at_counter", 1))
    await bank.follow()
    bank.api.clock.at += timedelta(days=6)
    await bank.tick()
    await bank.follow()
    leg = await bank.own(f"/v1/parcels/{barcode}/return-leg")
    assert (leg["destination"], leg["branch"], leg["office"]) == ("branch", "99", "KZ00003")
    assert await bank.status(barcode) == "returning"


async def test_what_is_to_be_destroyed_is_destroyed_on_record(bank: Bank) -> None:
    barcode, other = await bank.letters(2, undelivered="destroy")
    (plain,) = await bank.letters(1)
    path = f"/v1/parcels/{barcode}/destruction"
    record = {
        "event_id": str(uuid.uuid4()),
        "office": OFFICE,
        "record": "M-12",
        "witnesses": ["98-0012", "98-0013"],
    }
    assert await bank.refused("POST", path, record) == "not_undeliverable"
    assert await bank.refused("POST", f"/v1/parcels/{plain}/destruction", record) == (
        "destruction_not_ordered"
    )
    await bank.parcels.results(bank.parcels.one(barcode, "held_at_counter", 1))
    await bank.follow()
    assert await bank.refused("POST", path, record) == "not_undeliverable"
    bank.api.clock.at += timedelta(days=6)
    await bank.tick()
    await bank.tick()
    (expired,) = await bank.api.events("holding.expired")
    assert [item["barcode"] for item in expired["data"]["items"]] == [barcode]
    assert (await bank.own(f"/v1/parcels/{barcode}/holding"))["over"]
    assert await bank.refused("POST", path, record | {"witnesses": ["1", "1"]}) == "invalid"
    made = await bank.done("POST", path, record, key="once")
    assert await bank.done("POST", path, record, key="once") == made
    assert await bank.done("POST", path, record) == made
    assert await bank.refused("POST", path, record | {"event_id": str(uuid.uuid4())}) == (
        "not_undeliverable"
    )
    assert await bank.status(barcode) == "destroyed"
    refused = (await bank.attempt(other, "refused")).json()
    assert refused["action"] == "treat_as_undeliverable"  # it does not go back
    record |= {"event_id": str(uuid.uuid4())}
    await bank.done("POST", f"/v1/parcels/{other}/destruction", record)
    assert (await bank.own(path))["record"] == "M-12"
    assert len(await bank.api.events("destruction.recorded")) == 2
    tracking = (await bank.parcels.client.get(f"/v1/tracking/{barcode}?lang=en")).json()
    assert tracking["status_text"] == "Destroyed as its sender ordered"
    await bank.follow()
    costs = (await bank.own("/v1/bank-mail/costs?month=1398-01"))["items"]
    assert costs[0]["destroyed"] == 2
