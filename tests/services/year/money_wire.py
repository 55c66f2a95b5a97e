"""The till on the wire: cash on delivery, claims, and the bank that pays them."""

from dataclasses import dataclass

from aiohttp import web

from tests.services.year.till import PARTNERS, Till


@dataclass
class MoneyWire:
    till: Till

    async def command(self, request: web.Request) -> web.Response:
        key = request.headers["Idempotency-Key"]
        status, answer = self.till.command(
            caller_of(request), request.path, key, await request.json()
        )
        return web.json_response(answer, status=status)

    async def owed(self, _: web.Request) -> web.Response:
        return web.json_response({"items": self.till.owed(), "next": None})

    async def drawer(self, request: web.Request) -> web.Response:
        till, office = self.till, request.match_info["office"]
        expected = sum(n for held, n in till.held.items() if held[:2] == ("office", office))
        closed = till.closed.get(office)
        return web.json_response({"expected_rials": expected, "last_closed": closed})

    async def payees(self, _: web.Request) -> web.Response:
        return web.json_response({"items": [*self.till.payees.values()], "next": None})

    async def settlements(self, request: web.Request) -> web.Response:
        partner = PARTNERS[caller_of(request)]
        own = [one for one in self.till.orders.values() if one["partner"] == partner]
        return web.json_response({"items": own, "next": None})

    async def orders(self, request: web.Request) -> web.Response:
        wanted = request.query["status"]
        found = [one for one in self.till.orders.values() if one["status"] == wanted]
        return web.json_response({"items": found, "next": None})

    async def claims(self, request: web.Request) -> web.Response:
        found = self.till.claims.get(request.query["barcode"])
        return web.json_response({"items": [] if found is None else [found], "next": None})

    async def claim(self, request: web.Request) -> web.Response:
        assert caller_of(request) == "officer"
        status, answer = self.till.claim(await request.json())
        return web.json_response(answer, status=status)

    async def approve(self, request: web.Request) -> web.Response:
        assert caller_of(request) == "decider"
        number = request.match_info["claim"]
        status, answer = self.till.approve(number, await request.json())
        return web.json_response(answer, status=status)

    async def compensation(self, request: web.Request) -> web.Response:
        assert request.query["period"] == "1397"
        return web.json_response(self.till.compensation())

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1/cod/owed", self.owed),
            web.get("/v1/drawers/{office}", self.drawer),
            web.get("/v1/payees", self.payees),
            web.get("/v1/settlements", self.settlements),
            web.get("/v1/bank/payment-orders", self.orders),
            web.get("/v1/claims", self.claims),
            web.post("/v1/claims", self.claim),
            web.post("/v1/claims/{claim}/approvals", self.approve),
            web.get("/v1/statistics/compensation", self.compensation),
            web.post("/v1/hand-ins", self.command),
            web.post("/v1/drawers/{office}/closes", self.command),
            web.post("/v1/payees", self.command),
            web.post("/v1/settlements", self.command),
            web.post("/v1/bank/payment-orders/fetch", self.command),
            web.post("/v1/bank/payment-orders/{order}/confirm", self.command),
        ]


def caller_of(request: web.Request) -> str:
    return request.headers["Authorization"].removeprefix("Bearer ")
