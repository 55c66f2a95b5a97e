"""Who approves: two people above a threshold, never one who opened, proposed or named the payee."""

import pytest

from tests.services.complaints.money import DECIDER, OFFICER, OTHER_DECIDER, PAYEE, Money

pytestmark = pytest.mark.anyio


async def test_who_proposed_does_not_approve(money: Money) -> None:
    claim = await money.opened(await money.posted())
    own = await money.approve(claim, sub=OFFICER)
    assert (own.status_code, own.json()["code"]) == (403, "approver_concerned")
    other = await money.approve(claim, amount_rials=claim["amount_rials"] + 1)
    assert (other.status_code, other.json()["code"]) == (409, "claim_amount_differs")
    path = f"/v1/claims/{claim['id']}/approvals"
    body = {"amount_rials": claim["amount_rials"]}
    assert (await money.ask("POST", path, body)).status_code == 403
    keyless = money.api.headers("claims:decide", sub=DECIDER, kind="staff")
    answer = await money.api.client.post(path, json=body, headers=keyless)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    first = await money.approve(claim, key="k")
    assert first.json()["status"] == "ordered"
    again = await money.approve(claim, key="k")
    assert (again.status_code, again.content) == (200, first.content)
    later = await money.approve(claim, key="other")
    assert (later.status_code, later.json()["code"]) == (409, "claim_state")
    assert [one["transfer"] for one in (await money.get(claim, "/payouts"))["items"]] == [1]


async def test_two_people_above_the_threshold_for_one_proposal(money: Money) -> None:
    barcode = await money.posted(declared_value_rials=150_000_000)
    claim = await money.opened(barcode)
    assert claim["amount_rials"] > 100_000_000
    assert (await money.approve(claim)).json()["status"] == "proposed"
    assert (await money.approve(claim)).json()["status"] == "proposed"  # the same one twice
    account = {"sheba": "IR062960000000100324200001", "holder_name": "دیگری"}
    path = f"/v1/claims/{claim['id']}/payee"
    # whoever names another account needs new approvals, and does not give one
    named = await money.ask("PUT", path, account, sub=DECIDER)
    assert named.json()["status"] == "proposed", named.text
    assert (await money.approve(claim)).json()["code"] == "approver_concerned"
    assert (await money.approve(claim, sub=OTHER_DECIDER)).json()["status"] == "proposed"
    assert (await money.ask("PUT", path, PAYEE)).json()["status"] == "proposed"
    assert (await money.approve(claim, sub=OTHER_DECIDER)).json()["status"] == "proposed"
    assert (await money.approve(claim)).json()["status"] == "ordered"
    seen = await money.get(claim)
    assert [(one["round"], one["approver"]) for one in seen["approvals"]] == [
        (1, DECIDER),
        (2, OTHER_DECIDER),
        (3, DECIDER),
        (3, OTHER_DECIDER),
    ]
    late = await money.ask("PUT", path, account)
    assert (late.status_code, late.json()["code"]) == (409, "claim_state")
