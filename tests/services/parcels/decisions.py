"""What a post's staff, shops and banks decide, drawn at random: corrections, terms and money."""

import asyncio
from datetime import timedelta
from typing import Any

from shared.calendar import tehran_date
from tests.services.parcels.acts import HERE, MOVING, OFFICES, Acts
from tests.services.parcels.conftest import OTHER_SHOP, SHOP

INSTRUCTIONS: tuple[dict[str, Any], ...] = (
    {"kind": "recall"},
    {"kind": "redirect", "address": "تهران، خیابان ولیعصر", "province": "tehran", "town": "tehran"},
    {"kind": "redirect", "address": "دزفول، خیابان امام", "province": "khuzestan"},
    {"kind": "recipient_change", "name": "زهرا رضایی", "phone": "09351112233"},
)

FLAGGED = "item_id IN (SELECT item_id FROM scan_event WHERE flagged)"


class Decisions(Acts):
    """The same post, with those who decide about its items and its money."""

    async def at_once(self, path: str, body: Any = None, times: int = 2) -> None:
        await asyncio.gather(*(self.post.call("POST", path, body) for _ in range(times)))

    async def _event(self, barcode: str, *, counts: bool) -> str:
        found = await self.post.call("GET", f"/v1/parcels/{barcode}/events")
        known = found.json().get("events", ())
        events = [e for e in known if e["counts"] == counts] or known
        events = events or [{"event_id": self.post.uuid()}]
        return str(self.rng.choice(events[-3:])["event_id"])

    # --- custody ---

    async def declare(self) -> None:
        barcode = self.one()
        body = {"event_id": await self._event(barcode, counts=True), "note": "اشتباه"}
        body["reason"] = self.rng.choice(("did_not_occur", "incorrect_data"))
        await self.at_once(f"/v1/parcels/{barcode}/declarations", body)

    async def rule(self) -> None:
        barcode = await self.that(FLAGGED)
        body = {"event_id": await self._event(barcode, counts=False), "note": "بررسی شد"}
        body["ruling"] = self.rng.choice(("accepted", "accepted", "dismissed"))
        await self.at_once(f"/v1/parcels/{barcode}/rulings", body)

    async def lose(self) -> None:
        await self.at_once(f"/v1/parcels/{await self.that(MOVING)}/lost", {"reason": "سیل"})

    async def find(self) -> None:
        await self.at_once(
            f"/v1/parcels/{await self.that('status = 11')}/found", {"reason": "پیدا شد"}
        )

    async def on_a_discrepancy(self) -> None:
        found = await self.post.call("GET", "/v1/discrepancies?status=open")
        if items := found.json()["items"]:
            path = f"/v1/discrepancies/{self.rng.choice(items)['id']}"
            await self.post.call("POST", f"{path}/assign", {"office": self.rng.choice(OFFICES)})
            if self.rng.random() < 0.5:
                await self.at_once(f"{path}/close", {"reason": "رسید هست"})

    async def instruct(self) -> None:
        day = tehran_date(self.post.api.clock.now()) + timedelta(days=2)
        hold = {"kind": "hold", "until": day.isoformat()}
        barcode = self.one()
        path, body = f"/v1/parcels/{barcode}/instructions", self.rng.choice((hold, *INSTRUCTIONS))
        answer = await self.post.shop("POST", path, body)
        if answer.is_success and self.rng.random() < 0.3:
            await self.post.shop("POST", f"{path}/{answer.json()['id']}/withdraw")

    async def force_majeure(self) -> None:
        body = {"province": "khuzestan", "starts_at": self.post.at(-600), "reason": "سیل"}
        answer = await self.post.call("POST", "/v1/promise-pauses", body)
        if answer.is_success:
            path = f"/v1/promise-pauses/{answer.json()['id']}/end"
            await self.post.call("POST", path, {"ends_at": self.post.at(-60)})

    # --- prices ---

    async def measure(self) -> None:
        # known and open: what is repriced before its booking was posted is charged to the journal
        # and not to the balance of an account with a limit
        barcode = await self.that(HERE)
        body = {"measurement_id": self.post.uuid(), "office": "KZ00002", "device": "scales-7"}
        body |= {"photo_sha256": "ab" * 32, "measured_at": self.post.at()}
        weight: dict[str, Any] = {"weight_g": self.rng.choice((300, 480, 1_200, 6_000))}
        path = f"/v1/parcels/{barcode}/measurements"
        await self._twice(path, body | weight)
        one = f"{path}/{body['measurement_id']}"
        if self.rng.random() < 0.6:
            await self.post.shop("POST", f"{one}/contest", {"reason": "ترازوی ما دقیق است"})
            decision = self.rng.choice(("upheld", "reversed"))
            await self.at_once(f"{one}/decide", {"decision": decision, "reason": "دوباره"})

    async def top_up(self) -> None:
        account = self.rng.choice(("partner_prepaid", "partner_credit"))
        body = {"account": account, "amount_rials": self.rng.choice((50_000, 400_000))}
        body |= {"method": "bank_transfer", "reference": self.post.uuid()}
        path = f"/v1/postage-accounts/{SHOP}/payments"
        answer = await self.post.call("POST", path, body)
        if answer.is_success and self.rng.random() < 0.3:
            reverse = f"/v1/postage-payments/{answer.json()['id']}/reverse"
            await self.at_once(reverse, {"reason": "چک برگشت خورد"})

    async def limit(self) -> None:
        rials = self.rng.choice((None, None, 100_000, 1_000_000, 5_000_000))
        body = {"limit_rials": rials, "reason": "قرارداد"}
        await self.post.call("PUT", f"/v1/postage-accounts/{SHOP}/limit", body)
        caches = self.post.api.app.state.runtime.caches.get("live")
        if caches is not None:  # a process knows of a limit within a second; here at once
            caches.limits._read_at = float("-inf")

    async def deduct(self) -> None:
        body = {"office": "KZ00001", "amount_rials": 1_000, "reason": "غرامت"}
        body["reference"] = self.post.uuid()
        await self.at_once("/v1/commission-deductions", body)

    # --- cash ---

    async def hand_in(self) -> None:
        sql = "SELECT DISTINCT collector FROM cod_taking WHERE collector IS NOT NULL ORDER BY 1"
        known = [row["collector"] for row in await self.post.api.database.hot.fetch(sql)]
        collector = self.rng.choice([*known, OTHER_SHOP])
        body = {"office": "KZ00001", "collector": collector, "receipt": self.post.uuid()}
        body |= {"counted_rials": self.rng.choice((0, 1_000, 71_000)), "note": "شمرده شد"}
        await self._twice("/v1/hand-ins", body)

    async def close_drawer(self) -> None:
        day = tehran_date(self.post.api.clock.now()) - timedelta(days=self.rng.randrange(2))
        body = {"day": day.isoformat(), "counted_rials": self.rng.choice((0, 70_000, 142_000))}
        await self._twice("/v1/drawers/KZ00001/closes", body | {"note": "شمرده شد"})

    async def settle(self) -> None:
        await self.at_once("/v1/settlements", {})

    async def pay(self) -> None:
        """A bank fetches and answers as banks do: late, twice, with a return, or not at all."""
        fetched = await self.post.bank("payment-orders/fetch", {})
        orders = fetched.json().get("orders", ())
        listed = await self.post.call("GET", "/v1/payment-orders")
        for order in [*orders, *listed.json()["items"][:2]]:
            path, trace = f"payment-orders/{order['id']}", self.post.uuid()
            confirm = {"trace_number": trace, "amount_rials": order["amount_rials"]}
            refuse = {"reason": "حساب بسته است"}
            match self.rng.randrange(5):
                case 0 | 1:
                    await asyncio.gather(
                        *(self.post.bank(f"{path}/confirm", confirm) for _ in range(2)),
                        self.post.bank(f"{path}/refuse", refuse),
                    )
                case 2:
                    await self.post.bank(f"{path}/refuse", refuse)
                case 3:
                    back = {"trace_number": trace, "reason": "برگشت"}
                    await self.post.bank(f"{path}/return", back)
                case _:
                    how = self.rng.choice(("void", "prove-unpaid"))
                    await self.at_once(f"/v1/payment-orders/{order['id']}/{how}", {"reason": "-"})
