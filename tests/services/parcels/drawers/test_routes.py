"""Counting cash: couriers hand in, offices close their day; what differs is told, never lost."""

import asyncio
import uuid

import pytest

from tests.services.parcels.cash import COURIER, OFFICE, OTHER_COURIER, Cash
from tests.services.parcels.conftest import Parcels

pytestmark = pytest.mark.anyio


@pytest.fixture
async def cash(parcels: Parcels) -> Cash:
    return Cash(parcels)


async def test_what_a_courier_lacks_he_goes_on_owing(cash: Cash) -> None:
    await cash.delivered(2, 1_000)
    refused = await cash.hand_in(1_500)
    assert (refused.status_code, refused.json()["code"]) == (409, "difference_unexplained")
    short = (await cash.hand_in(1_500, note="lost a note")).json()
    assert (short["items"], short["expected_rials"], short["difference_rials"]) == (2, 2_000, -500)
    assert await cash.balance(f"cod/courier/{COURIER}") == 500
    courier, office = (await cash.get("/v1/cod/owed"))["items"]
    assert (courier["place"], courier["items"], courier["carried_rials"]) == ("courier", 0, 500)
    assert (courier["oldest_taken_at"], office["carried_rials"]) == (None, -500)
    await cash.delivered(1, 1_000)
    paid_up = (await cash.hand_in(1_500, "2")).json()
    assert (paid_up["items"], paid_up["expected_rials"]) == (1, 1_500)
    nothing = await cash.hand_in(0, "3")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_hand_in")
    never = await cash.hand_in(5, "3", collector=OTHER_COURIER)
    assert (never.status_code, never.json()["code"]) == (409, "nothing_to_hand_in")
    listed = (await cash.get(f"/v1/drawers/{OFFICE}/hand-ins?limit=1"))["items"]
    assert [(item["receipt"], item["note"]) for item in listed] == [("1", "lost a note")]
    assert len(await cash.api.events("cash.handed_in")) == 2
    drawer = await cash.get(f"/v1/drawers/{OFFICE}")
    assert (drawer["takings_rials"], drawer["carried_rials"]) == (3_000, 0)
    await cash.audited()


async def test_a_day_is_closed_once_and_its_difference_booked(cash: Cash) -> None:
    await cash.delivered(2, 1_000)
    await cash.hand_in(2_000)
    assert (await cash.close(1_900)).json()["code"] == "difference_unexplained"
    assert (await cash.close(1, "2019-03-22")).json()["code"] == "day_not_come"
    closed = (await cash.close(1_900, note="counted twice")).json()
    assert (closed["items"], closed["difference_rials"], closed["day"]) == (2, -100, "2019-03-21")
    assert await cash.balance("cod/difference/1") == 100
    assert await cash.balance("cod/collected") == 1_900
    for day in ("2019-03-21", "2019-03-20"):
        assert (await cash.close(0, day)).json()["code"] == "day_closed", day
    await cash.delivered(1, 700)
    await cash.hand_in(700, "2")
    cash.api.clock.at = cash.api.clock.at.replace(day=22)
    over = (await cash.close(730, "2019-03-22", note="thirty too much")).json()
    assert over["difference_rials"] == 30
    assert await cash.balance("cod/difference/1") == 70
    # the shop's due is whole, whatever was lost on the way
    (owed,) = (await cash.get("/v1/cod/owed"))["items"]
    assert (owed["place"], owed["amount_rials"]) == ("due", 2_700)
    listed = await cash.get(f"/v1/drawers/{OFFICE}/closes?limit=1")
    more = await cash.get(f"/v1/drawers/{OFFICE}/closes?cursor={listed['next']}")
    days = [item["day"] for item in listed["items"] + more["items"]]
    assert days == ["2019-03-22", "2019-03-21"]
    assert len(await cash.api.events("drawer.closed")) == 2
    await cash.audited()


async def test_one_hand_in_however_often_it_is_sent(cash: Cash) -> None:
    """The same key, and the same receipt under other keys from two terminals at once."""
    await cash.delivered(3, 1_000)
    body = {"office": OFFICE, "collector": COURIER, "receipt": "R-1", "counted_rials": 3_000}
    key = str(uuid.uuid4())
    sent = [cash.post("/v1/hand-ins", body, key=key) for _ in range(4)]
    sent += [cash.post("/v1/hand-ins", body) for _ in range(4)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(made) == 1
    assert (await cash.get(f"/v1/drawers/{OFFICE}"))["expected_rials"] == 3_000
    closing = [cash.close(3_000, note="x") for _ in range(8)]
    codes = sorted([answer.status_code for answer in await asyncio.gather(*closing)])
    assert codes == [201] + [409] * 7
    assert await cash.balance("cod/collected") == 3_000
    await cash.audited()


async def test_who_may_count(cash: Cash) -> None:
    await cash.delivered(1)
    body = {"office": OFFICE, "collector": COURIER, "receipt": "1", "counted_rials": 1_000}
    headers = cash.api.headers("cash:count", kind="staff")
    without_key = await cash.api.client.post("/v1/hand-ins", json=body, headers=headers)
    assert (without_key.status_code, without_key.json()["code"]) == (400, "idempotency_key_missing")
    assert (await cash.post("/v1/hand-ins", body, by="parcels:book")).status_code == 403
    for changes, field in (
        ({"office": "KZ99999"}, "body.office"),
        ({"counted_rials": -1}, "body.counted_rials"),
        ({"collector": "x y"}, "body.collector"),
    ):
        answer = await cash.post("/v1/hand-ins", body | changes)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    late = await cash.hand_in(1_000, occurred_at="2019-03-20T08:00:00Z")
    assert (late.status_code, late.json()["code"]) == (403, "forbidden")
    absent = await cash.post(
        "/v1/drawers/KZ99999/closes", {"day": "2019-03-21", "counted_rials": 0}
    )
    assert (absent.status_code, absent.json()["code"]) == (404, "drawer_not_found")
    for cursor in ("WyJ4Il0", "WzFd", "W1tdXQ"):  # ["x"], [1], [[]]
        path = f"/v1/drawers/{OFFICE}/closes?cursor={cursor}"
        assert (await cash.api.client.get(path, headers=headers)).status_code == 422
