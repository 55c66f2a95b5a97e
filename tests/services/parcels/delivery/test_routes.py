"""Deliveries, attempts, codes and proofs through the API, with the custody audit after all."""

import asyncio
import base64
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.parcels.audit import audit_custody
from services.parcels.delivery import service
from services.parcels.delivery.domain import CODE_TRIES_MAX, REASONS
from shared.auth import Caller, Minter, read_private
from shared.identifiers import item_id_fast
from tests.services.parcels.conftest import OTHER_SHOP, Parcels
from tests.services.parcels.delivery_round import OFFICE, PNG, Round

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(parcels: Parcels) -> AsyncIterator[Round]:
    made = Round(parcels)
    await made.courier()
    yield made
    audit = await audit_custody(parcels.api.database)
    assert audit.clean, audit.wrong


async def code_of(office: Round, barcode: str) -> str:
    async with office.api.database.transaction() as session:
        item_id = item_id_fast(barcode)
        assert item_id is not None
        return await service.code_of(session, "live", item_id)


async def delivered(office: Round) -> list[dict[str, Any]]:
    changed = await office.api.events("parcel.status_changed")
    return [i for e in changed for i in e["data"]["items"] if i["event"] == "delivered"]


async def test_a_delivery_with_its_proof(office: Round) -> None:
    (barcode,) = stops = await office.arrived(1)
    await office.out(stops)
    body = office.delivery(photo=PNG, national_id="۰۰۸۴۵۷۵۹۴۸", national_card_seen=True)
    path = f"/v1/parcels/{barcode}/deliveries"
    answer = await office.send("POST", path, body, key="once")
    assert answer.status_code == 201, answer.text
    assert (await office.send("POST", path, body, key="once")).content == answer.content
    assert await office.done("POST", path, body) == answer.json()  # the same event, another key
    assert answer.json()["courier"] == "KZ00001-01"
    assert await office.refused("POST", path, office.delivery()) == "already_ended"
    assert await office.status(barcode) == "delivered"
    assert len(await delivered(office)) == 1
    (told,) = await office.api.events("delivery.proved")
    assert told["data"]["delivery"]["barcode"] == barcode
    assert "0084575948" not in str(told)
    assert "مریم" not in str(told)

    proof = await office.own(f"/v1/parcels/{barcode}/proof")
    assert (proof["receiver_name"], proof["national_id"]) == ("مریم احمدی", "******5948")
    assert [image["kind"] for image in proof["images"]] == ["photo", "signature"]
    seen = await office.parcels.client.get(
        f"/v1/parcels/{barcode}/proof/images/photo", headers=office.parcels.shop()
    )
    assert (seen.content, seen.headers["content-type"]) == (base64.b64decode(PNG), "image/png")
    for end in ("proof", "proof/images/photo", "attempts"):
        foreign = await office.parcels.client.get(
            f"/v1/parcels/{barcode}/{end}", headers=office.parcels.shop(OTHER_SHOP)
        )
        assert foreign.json()["code"] == "parcel_not_found"

    erase = f"/v1/parcels/{barcode}/proof/erase"
    assert await office.refused("POST", erase) == "forbidden"
    for _ in range(2):
        await office.done("POST", erase, more=("custody:decide",))
    assert len(await office.api.events("proof.erased")) == 1
    proof = await office.own(f"/v1/parcels/{barcode}/proof")
    assert (proof["receiver_name"], proof["national_id"], proof["images"]) == (None, None, [])
    assert proof["method"] == "signature"
    listed = await office.own("/v1/proofs?limit=1")
    assert [p["barcode"] for p in listed["items"]] == [barcode]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await office.api.database.hot.execute("DELETE FROM delivery_proof")


async def test_racers_for_one_delivery(office: Round) -> None:
    """See test_races for many, in many rounds."""
    (barcode,) = await office.arrived(1)
    answers = await asyncio.gather(
        *(office.deliver(barcode, receiver_name=f"{n}") for n in range(16))
    )
    codes = [answer.status_code for answer in answers]
    assert (codes.count(201), codes.count(409)) == (1, 15)
    assert len(await delivered(office)) == 1
    assert len(await office.api.events("delivery.proved")) == 1
    rows = await office.api.database.hot.fetchval("SELECT count(*) FROM delivery_proof")
    assert rows == 1


async def test_a_scan_and_a_proof_at_once_are_one_delivery(office: Round) -> None:
    """A courier's phone that was offline sends its scans first, its proofs after."""
    (barcode,) = await office.arrived(1)
    scan = office.parcels.one(barcode, "delivered", -5)
    proof = office.delivery(event_id=scan["event_id"])
    path = f"/v1/parcels/{barcode}/deliveries"
    proofs = (office.send("POST", path, proof) for _ in range(4))
    _, *answers = await asyncio.gather(office.parcels.scan(scan), *proofs)
    assert {answer.status_code for answer in answers} == {201}
    assert len(await delivered(office)) == 1
    other = office.delivery(event_id=str(uuid.uuid4()))
    assert await office.refused("POST", path, other) == "already_ended"
    arrival = office.parcels.one(barcode, "arrival", 1)
    await office.parcels.results(arrival)
    wrong = office.delivery(event_id=arrival["event_id"])
    assert await office.refused("POST", path, wrong) == "event_in_use"


async def test_a_code_opens_once_and_few_tries_are_given(office: Round) -> None:
    (barcode,) = await office.arrived(1)
    code = await code_of(office, barcode)
    wrong = str((int(code) + 1) % 10**6).zfill(6)

    async def give(code: str) -> Any:
        return await office.deliver(barcode, method="code", code=code, signature=None)

    guesses = await asyncio.gather(*(give(wrong) for _ in range(12)))
    refused = [guess.json()["code"] for guess in guesses]
    assert refused.count("wrong_delivery_code") == CODE_TRIES_MAX
    assert refused.count("delivery_code_blocked") == 12 - CODE_TRIES_MAX
    assert (await give(code)).json()["code"] == "delivery_code_blocked"
    assert {guess.headers["content-type"] for guess in guesses} == {"application/problem+json"}
    renewed = await office.done("POST", f"/v1/parcels/{barcode}/delivery-code")
    assert renewed == {"barcode": barcode, "serial": 1, "tries_left": CODE_TRIES_MAX}
    new = await code_of(office, barcode)
    assert new not in str(await office.api.events())
    body = office.delivery(method="code", code=code, signature=None)
    path = f"/v1/parcels/{barcode}/deliveries"
    for _ in range(CODE_TRIES_MAX + 1):  # the same guess sent again costs no second try
        assert await office.refused("POST", path, body, key="guess") == "wrong_delivery_code"
    assert (await give(f" {new} ")).status_code == 201
    assert await code_of(office, barcode) != new
    assert await office.status(barcode) == "delivered"
    proof = await office.own(f"/v1/parcels/{barcode}/proof")
    assert (proof["method"], proof["images"]) == ("code", [])


async def test_two_notices_then_it_is_held(office: Round) -> None:
    (barcode,) = stops = await office.arrived(1)
    reasons = await office.parcels.client.get("/v1/delivery-reasons")
    assert {r["code"] for r in reasons.json()["reasons"]} == set(REASONS)
    run = await office.out(stops)
    body = {"event_id": str(uuid.uuid4()), "office": OFFICE, "reason": "absent"}
    path = f"/v1/parcels/{barcode}/attempts"
    first = await office.done("POST", path, body)
    assert (first["action"], first["notice"]) == ("deliver_again", 1)
    assert await office.done("POST", path, body) == first
    office.api.clock.at += timedelta(hours=1)
    again = {"event_id": str(uuid.uuid4()), "action": "deliver_again"}
    assert await office.refused("POST", path, body | again) == "notices_used_up"
    assert await office.refused("POST", path, body | again | {"action": "forward"}) == (
        "action_not_allowed"
    )
    second = (await office.attempt(barcode, "door_locked")).json()
    assert (second["action"], second["notice"]) == ("hold_at_office", 2)
    assert second["reason_fa"] == REASONS["door_locked"].fa
    await office.done("POST", f"/v1/runs/{run}/hand-back", {"stops": [barcode]})
    assert await office.status(barcode) == "ready_for_pickup"
    own = await office.own(f"/v1/parcels/{barcode}/attempts")
    assert [a["notice"] for a in own["items"]] == [1, 2]
    assert len(await office.api.events("attempt.recorded")) == 2
    await office.deliver(barcode)
    assert await office.refused("POST", path, body | again) == "already_ended"


async def test_what_proves_nothing(office: Round) -> None:
    (barcode,) = await office.parcels.booked()
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"signature": None}, "body"),
        ({"method": "code"}, "body"),
        ({"signature": "AAAA"}, "body.signature"),
        ({"signature": "%%%"}, "body.signature"),
        ({"national_id": "0684159415"}, "body.national_id"),
        ({"office": "KZ99999"}, "body.office"),
        ({"occurred_at": "2019-03-21T09:00:00Z"}, "body.occurred_at"),
        ({"occurred_at": "2019-03-01T09:00:00Z"}, "body.occurred_at"),
    )
    for changes, field in cases:
        answer = await office.deliver(barcode, **changes)
        assert answer.status_code == 422, answer.text
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await office.status(barcode) == "booked"


async def test_who_may_deliver(office: Round) -> None:
    (barcode,) = await office.arrived(1)
    path = f"/v1/parcels/{barcode}/deliveries"
    body = office.delivery()
    for headers, code in (
        (office.parcels.shop(), "forbidden"),
        (office.api.headers("delivery:write"), "idempotency_key_missing"),
        ({}, "unauthenticated"),
    ):
        answer = await office.parcels.client.post(path, json=body, headers=headers)
        assert answer.json()["code"] == code
    caller = Caller(OTHER_SHOP, "staff", frozenset({"delivery:write"}), office="KZ00002")
    token = Minter("gateway", read_private(office.api.keys / "gateway.jwk")).token(caller)
    elsewhere = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    answer = await office.parcels.client.post(path, json=body, headers=elsewhere)
    assert answer.json()["code"] == "forbidden"  # a clerk of another office
    body |= {"office": "KZ00002"}
    answer = await office.parcels.client.post(path, json=body, headers=elsewhere)
    assert answer.status_code == 201
    run = await office.out(await office.arrived(1))
    answer = await office.parcels.client.post(f"/v1/runs/{run}/close", headers=elsewhere)
    assert answer.json()["code"] == "forbidden"
    for path in (f"/v1/runs/{run}", "/v1/couriers/KZ00001-01"):
        answer = await office.parcels.client.get(path, headers=elsewhere)
        assert answer.json()["code"] == "forbidden"
    for path in ("/v1/runs", "/v1/couriers"):
        answer = await office.parcels.client.get(path, headers=elsewhere)
        assert answer.json()["items"] == []  # not even those of all offices, with their phones
    absent = "/v1/parcels/610000000000000000000013/deliveries"
    assert await office.refused("POST", absent, body) == "parcel_not_found"
