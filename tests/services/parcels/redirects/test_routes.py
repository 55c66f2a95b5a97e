"""Hold, redirect, change of recipient and recall, by those who may."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.parcels.redirects import timers
from tests.services.parcels.conftest import OTHER_SHOP, SHOP, Parcels

pytestmark = pytest.mark.anyio

HOLD = {"kind": "hold", "until": "2019-03-25"}
RECALL = {"kind": "recall"}
ELSEWHERE = {
    "kind": "redirect",
    "address": "تهران، خیابان ولیعصر",
    "postal_code": "1435743337",
    "province": "tehran",
    "town": "tehran",
}
NEAR = ELSEWHERE | {"address": "دزفول، خیابان امام", "province": "khuzestan", "town": "dezful"}
SOMEBODY = {"kind": "recipient_change", "name": "زهرا رضایی", "phone": "09351112233"}


class Owner:
    def __init__(self, parcels: Parcels) -> None:
        self.parcels = parcels
        self.client = parcels.client

    async def ask(self, barcode: str, body: Any, key: str | None = None) -> httpx.Response:
        headers = self.parcels.shop() | {"Idempotency-Key": key or str(uuid.uuid4())}
        path = f"/v1/parcels/{barcode}/instructions"
        return await self.client.post(path, json=body, headers=headers)

    async def refused(self, barcode: str, body: Any) -> str:
        answer = await self.ask(barcode, body)
        assert answer.status_code in {403, 404, 409, 422}, answer.text
        code: str = answer.json()["code"]
        return code

    async def recipient(self, barcode: str, last4: str, body: Any) -> httpx.Response:
        return await self.client.post(
            f"/v1/tracking/{barcode}/instructions",
            json={"phone_last_four": last4, "instruction": body},
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )

    async def listed(self, barcode: str) -> list[Any]:
        path = f"/v1/parcels/{barcode}/instructions"
        found: list[Any] = (await self.client.get(path, headers=self.parcels.shop())).json()
        return found

    async def at_office(self, office: str) -> list[Any]:
        answer = await self.client.get(
            "/v1/instructions", params={"office": office}, headers=self.parcels.clerk()
        )
        assert answer.status_code == 200, answer.text
        items: list[Any] = answer.json()["items"]
        return items

    async def settle(self, **later: float) -> None:
        self.parcels.api.clock.at += timedelta(**later)
        await timers.settle(self.parcels.api.database, self.parcels.api.clock)

    async def party(self, barcode: str) -> dict[str, Any]:
        row = await self.parcels.api.database.hot.fetchrow(
            "SELECT y.*, p.to_province, p.to_town, p.price_rials, p.version"
            " FROM parcel_party y JOIN parcel p USING (item_id) WHERE p.item_id % 10000 = $1",
            int(barcode[18:22]),
        )
        return dict(row)


@pytest.fixture
async def owner(parcels: Parcels) -> Owner:
    return Owner(parcels)


class TestOwner:
    async def test_a_recall_is_carried_out_by_its_return(self, owner: Owner) -> None:
        parcels = owner.parcels
        (barcode,) = await parcels.booked()
        assert await owner.refused(barcode, RECALL) == "not_instructable"  # cancel it instead
        await parcels.results(parcels.one(barcode, "acceptance", -5))
        key = str(uuid.uuid4())
        first, again = [await owner.ask(barcode, RECALL, key) for _ in range(2)]
        assert first.status_code == 201, first.text
        assert first.content == again.content
        assert await owner.refused(barcode, HOLD) == "not_instructable"
        assert [i["kind"] for i in await owner.at_office("KZ00001")] == ["recall"]
        assert await owner.at_office("KZ00002") == []
        await owner.settle()
        assert [i["status"] for i in await owner.listed(barcode)] == ["open"]
        await parcels.results(parcels.one(barcode, "return_started"))
        await owner.settle()
        assert [i["status"] for i in await owner.listed(barcode)] == ["carried_out"]
        assert await owner.refused(barcode, ELSEWHERE) == "not_instructable"
        told = await parcels.api.events("instruction.given", "instruction.settled")
        assert [e["data"]["items"][0]["status"] for e in told] == ["open", "carried_out"]

    async def test_many_recalls_at_once_are_one(self, owner: Owner) -> None:
        (barcode,) = await owner.parcels.booked()
        await owner.parcels.results(owner.parcels.one(barcode, "acceptance", -5))
        answers = await asyncio.gather(*(owner.ask(barcode, RECALL) for _ in range(12)))
        assert sorted(a.status_code for a in answers) == [201] + [409] * 11

    async def test_a_farther_redirect_costs_the_difference(self, owner: Owner) -> None:
        (barcode,) = await owner.parcels.booked()
        before = await owner.party(barcode)
        answer = await owner.ask(barcode, ELSEWHERE)
        body = answer.json()
        assert (body["price_before_rials"], body["price_rials"]) == (57_500, 84_000)
        after = await owner.party(barcode)
        assert (after["to_province"], after["price_rials"]) == ("tehran", 84_000)
        assert after["recipient_address"] == ELSEWHERE["address"]
        assert after["recipient_name"] == before["recipient_name"]
        assert after["version"] == before["version"] + 1
        kept = await owner.parcels.api.database.hot.fetchrow("SELECT * FROM instruction_party")
        assert kept["address"] == before["recipient_address"]
        # back again: it does not get cheaper, and the one before is overtaken
        back = (await owner.ask(barcode, NEAR)).json()
        assert back["price_rials"] == 84_000
        assert [i["status"] for i in await owner.listed(barcode)] == ["open", "overtaken"]
        told = await owner.parcels.api.events("parcel.redirected", "instruction.given")
        assert "خیابان" not in str(told)
        await owner.parcels.results(
            owner.parcels.one(barcode, "acceptance", -5), owner.parcels.one(barcode, "delivered")
        )
        await owner.settle()
        assert [i["status"] for i in await owner.listed(barcode)] == ["carried_out", "overtaken"]

    async def test_another_recipient_can_prove_it(self, owner: Owner) -> None:
        (barcode,) = await owner.parcels.booked()
        assert (await owner.ask(barcode, SOMEBODY)).status_code == 201
        party = await owner.party(barcode)
        assert (party["recipient_name"], party["recipient_phone"][-4:]) == ("زهرا رضایی", "2233")
        assert (await owner.recipient(barcode, "6789", HOLD)).status_code == 403
        assert (await owner.recipient(barcode, "۲۲۳۳", HOLD)).status_code == 201

    async def test_a_hold_ends_or_is_withdrawn(self, owner: Owner) -> None:
        one, two = await owner.parcels.booked(2)
        made = (await owner.ask(one, HOLD)).json()
        assert await owner.refused(one, HOLD) == "not_instructable"
        for until in ("2019-03-21", "2019-05-01"):
            assert await owner.refused(two, HOLD | {"until": until}) == "invalid"
        path = f"/v1/parcels/{one}/instructions/{made['id']}/withdraw"
        answers = [await owner.client.post(path, headers=owner.parcels.shop()) for _ in range(2)]
        assert [a.json()["status"] for a in answers] == ["withdrawn"] * 2
        await owner.ask(two, HOLD)
        await owner.settle(days=4)
        assert (await owner.listed(two))[0]["status"] == "open"
        await owner.settle(days=1)
        assert (await owner.listed(two))[0]["status"] == "overtaken"

    async def test_of_ones_own_parcels_only(self, owner: Owner) -> None:
        foreign = (await owner.parcels.book(sub=OTHER_SHOP)).json()["barcode"]
        assert SHOP != OTHER_SHOP
        absent = "610000000000000042731729"
        assert await owner.refused(foreign, HOLD) == await owner.refused(absent, HOLD)
        assert await owner.refused(foreign, HOLD) == "parcel_not_found"


class TestRecipient:
    async def test_may_hold_and_redirect_for_nothing(self, owner: Owner) -> None:
        (barcode,) = await owner.parcels.booked()
        assert (await owner.recipient(barcode, "6789", NEAR)).status_code == 201
        dearer = await owner.recipient(barcode, "6789", ELSEWHERE)
        assert (dearer.status_code, dearer.json()["code"]) == (403, "costs_more")
        assert (await owner.party(barcode))["to_province"] == "khuzestan"
        for forbidden in (RECALL, SOMEBODY):
            assert (await owner.recipient(barcode, "6789", forbidden)).status_code == 422
        assert [i["asked_by"] for i in await owner.listed(barcode)] == ["recipient"]

    async def test_may_guess_five_times_a_day(self, owner: Owner) -> None:
        (barcode,) = await owner.parcels.booked()
        for _ in range(7):  # right ones do not count
            assert (await owner.recipient(barcode, "6789", NEAR)).status_code == 201
        answers = await asyncio.gather(
            *(owner.recipient(barcode, f"{n:04d}", HOLD) for n in range(12))
        )
        codes = sorted(a.json()["code"] for a in answers)
        assert codes == ["not_verified"] * 5 + ["too_many_tries"] * 7
        right = await owner.recipient(barcode, "6789", HOLD)
        assert right.json()["code"] == "too_many_tries"
        owner.parcels.api.clock.at += timedelta(days=1)
        assert (await owner.recipient(barcode, "6789", HOLD)).status_code == 201
        absent = await owner.recipient("610000000000000042731729", "6789", HOLD)
        assert absent.status_code == 404
