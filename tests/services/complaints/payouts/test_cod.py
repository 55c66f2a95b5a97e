"""Cash on delivery that was not remitted: paid ahead, and never a second time."""

from typing import Any

import pytest

from tests.services.complaints.money import PAYEE, Money
from tests.services.parcels.cash import Cash

pytestmark = pytest.mark.anyio

RIALS = 70_000


async def test_paid_ahead_of_its_settlement_and_not_twice(money: Money) -> None:
    cash = Cash(money.parcels)
    (barcode,) = await cash.delivered(1, RIALS)
    asked = {"barcode": barcode, "cause": "cod_not_remitted", "payee": PAYEE}
    early = (await money.ask("POST", "/v1/claims", asked)).json()
    assert (early["status"], early["worked"][-1]["step"]) == ("declined", "cod")
    money.pass_days(10)
    claims: list[Any] = []
    for how in ("refuse", "confirm"):
        claim = (await money.ask("POST", "/v1/claims", asked)).json() if not claims else claims[0]
        if claims:
            path = f"/v1/claims/{claim['id']}/assessments"
            await money.ask("POST", path, {"note": "حساب تازه"})
            await money.work()
            claim = await money.get(claim)
        assert (claim["status"], claim["amount_rials"]) == ("proposed", RIALS)
        claims.append(claim)
        await money.approve(claim)
        await money.work()
        await cash.audited()
        if how == "refuse":
            (order,) = await money.fetched()
            await money.answered(order, "refuse")
        else:
            await money.pay()
        await cash.audited()
    assert await money.status(claims[0]) == "paid"
    # now the courier hands it in after all: the shop has had it
    assert (await cash.hand_in(RIALS)).status_code == 201
    assert (await cash.close(RIALS, "2019-03-31")).status_code == 201
    await cash.register()
    settled = await cash.settle()
    assert (settled["settled"], settled["skipped"][0]["reason"]) == ([], "nothing_due")
    found = await cash.audited()
    assert (found.paid_rials, found.owed_rials) == (RIALS, 0)
    await money.audited()
