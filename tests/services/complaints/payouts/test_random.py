"""Whatever people, banks and parcels do in whatever order, every rial is in one place."""

import os
from random import Random
from typing import Any

import httpx
import pytest

from tests.services.complaints.money import DECIDER, OFFICE, OTHER_DECIDER, PAYEE, Money

pytestmark = pytest.mark.anyio

NOTE = {"note": "به تصادف", "reason": "به تصادف"}
CAUSES = ("loss", "damage", "partial_loss", "delay", "return_without_cause")


class Walk:
    """Random acts over a few parcels; a refusal is a good answer, a fault never is."""

    def __init__(self, money: Money, barcodes: list[str], seed: int) -> None:
        self.money = money
        self.barcodes = barcodes
        self.random = Random(seed)
        self.done: dict[str, int] = {}
        self.traces = 0

    async def step(self) -> None:
        often = [self.approve, self.approve, self.bank]
        acts = [self.open, self.approve, self.assess, self.bank, self.declare, self.supplement]
        act = self.random.choice([*often, *acts, self.decline, self.charge, self.pass_time])
        await act()
        if self.random.random() < 0.5:
            await self.money.work()

    def say(self, answer: httpx.Response) -> None:
        name = f"{answer.request.method} {answer.request.url.path.split('/')[-1][:12]}"
        assert answer.status_code < 500, f"{name}: {answer.text}"
        assert answer.status_code in {200, 201, 403, 404, 409}, f"{name}: {answer.text}"
        if answer.is_success:
            self.done[name] = self.done.get(name, 0) + 1

    async def claims(self) -> list[dict[str, Any]]:
        answer = await self.money.ask("GET", "/v1/claims?limit=200", scope="complaints:read")
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def choose(self, found: list[dict[str, Any]], status: str) -> dict[str, Any]:
        """Mostly one for which the act is meant."""
        meant = [one for one in found if one["status"] == status]
        return self.random.choice(meant if meant and self.random.random() < 0.8 else found)

    async def act(
        self, rest: str, body: dict[str, Any], status: str, scope: str = "complaints:answer"
    ) -> None:
        if claims := await self.claims():
            claim = self.choose(claims, status)
            sub = self.random.choice((DECIDER, OTHER_DECIDER))
            if "amount_rials" in body:
                body = {"amount_rials": claim["amount_rials"] or 1}
            path = f"/v1/claims/{claim['id']}/{rest}"
            self.say(await self.money.ask("POST", path, body, scope=scope, sub=sub))

    async def open(self) -> None:
        body = {
            "barcode": self.random.choice(self.barcodes),
            "cause": self.random.choice(CAUSES),
            "loss_rials": self.random.choice((1_000, 90_000_000, 300_000_000)),
            "payee": self.random.choice((None, PAYEE)),
            "liable_office": self.random.choice((None, OFFICE)),
        }
        self.say(await self.money.ask("POST", "/v1/claims", body))
        for claim in await self.claims():
            if claim["status"] == "payee_needed":
                path = f"/v1/claims/{claim['id']}/payee"
                self.say(await self.money.ask("PUT", path, PAYEE))

    async def approve(self) -> None:
        await self.act("approvals", {"amount_rials": 0}, "proposed", "claims:decide")

    async def assess(self) -> None:
        loss = self.random.choice((5_000, 40_000_000))
        await self.act("assessments", {"loss_rials": loss, "note": NOTE["note"]}, "refused")

    async def supplement(self) -> None:
        loss = self.random.choice((60_000_000, 190_000_000))
        await self.act("supplements", {"loss_rials": loss, "note": NOTE["note"]}, "paid")

    async def decline(self) -> None:
        await self.act("decline", {"note": NOTE["note"]}, "reopened", "claims:decide")

    async def bank(self) -> None:
        await self.money.fetched()
        listed = await self.money.ask(
            "GET",
            "/v1/payment-orders?limit=200",
            scope="accounts:write",
            at=self.money.parcels.api,
        )
        if orders := listed.json()["items"]:
            order = self.choose(orders, "fetched")
            self.traces += 1
            body: dict[str, Any] = {"trace_number": f"T-{self.traces}"}
            how = self.random.choice(("confirm", "confirm", "refuse", "return"))
            body |= {"confirm": {"amount_rials": order["amount_rials"]}}.get(how, {})
            body = {"reason": NOTE["reason"]} if how == "refuse" else body
            body |= {"reason": NOTE["reason"]} if how == "return" else {}
            self.say(await self.money.bank(f"{order['id']}/{how}", body))

    async def declare(self) -> None:
        path = f"/v1/parcels/{self.random.choice(self.barcodes)}"
        what = self.random.choice(("lost", "found"))
        answer = await self.money.ask(
            "POST",
            f"{path}/{what}",
            {"reason": NOTE["reason"]},
            scope="custody:decide",
            at=self.money.parcels.api,
        )
        self.say(answer)

    async def charge(self) -> None:
        listed = await self.money.ask("GET", "/v1/charge-backs", scope="complaints:read")
        if made := listed.json()["items"]:
            path = f"/v1/charge-backs/{self.random.choice(made)['id']}"
            reason = {"reason": NOTE["reason"]}
            if self.random.random() < 0.5:
                self.say(await self.money.ask("POST", f"{path}/appeal", reason))
                return
            body = {"decision": self.random.choice(("uphold", "lift")), **reason}
            answer = await self.money.ask(
                "POST", f"{path}/ruling", body, scope="claims:decide", sub=DECIDER
            )
            self.say(answer)

    async def pass_time(self) -> None:
        self.money.pass_days(self.random.choice((1, 5, 15)))
        await self.money.expire()


@pytest.mark.soak
async def test_random_walks_leave_the_books_whole(money: Money) -> None:
    barcodes = [await money.posted(declared_value_rials=0) for _ in range(3)]
    walk = Walk(money, barcodes, seed=7)
    for n in range(3_000 if os.environ.get("SUSA_SOAK") == "1" else 40):
        await walk.step()
        if n % 20 == 19:
            await money.audited()
    assert {"POST approvals", "POST confirm"} <= walk.done.keys(), walk.done
