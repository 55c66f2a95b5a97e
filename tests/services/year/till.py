"""Cash of deliveries on the wire, in memory: where every rial is, who is paid, by whom."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.identifiers import parse_sheba

Answer = tuple[int, dict[str, Any]]
PARTNERS = {"shop-a": str(UUID(int=1)), "shop-b": str(UUID(int=2))}


@dataclass
class Till:
    """Takings by place, holder and partner. It holds to the contract where a client could cheat."""

    late: int = 0
    """How many more counts find that more has come in while they counted."""
    held: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    payees: dict[str, dict[str, Any]] = field(default_factory=dict)
    receipts: set[tuple[str, str]] = field(default_factory=set)
    closed: dict[str, str] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    claims: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By barcode, with the orders that pay them."""
    astray_rials: int = 0
    """How much less the ledger has than what was paid."""

    def take(self, collector: str, office: str, partner: str, rials: int) -> None:
        """By the courier who scanned it, or the office where nobody went out."""
        where = ("courier", collector) if collector else ("office", office)
        self.held[*where, partner] += rials

    def owed(self) -> list[dict[str, Any]]:
        sums: Counter[tuple[str, str]] = Counter()
        for (place, holder, partner), rials in self.held.items():
            sums[place, partner if place == "due" else holder] += rials
        names = {"courier": "collector", "office": "office", "due": "partner"}
        blank: dict[str, Any] = dict.fromkeys(names.values()) | {"oldest_taken_at": None}
        return [
            blank | {"place": place, names[place]: name, "amount_rials": n, "carried_rials": 0}
            for (place, name), n in sorted(sums.items())
            if n
        ]

    def command(self, caller: str, path: str, key: str, body: dict[str, Any]) -> Answer:
        """A command under a key: said again it is answered as before."""
        assert caller == ("bank" if path.startswith("/v1/bank") else "cashier")
        assert key
        if (path, key) not in self.answers:
            answer = self._do(path.removeprefix("/v1/").split("/"), body)
            if answer[0] >= 400:
                return answer
            self.answers[path, key] = answer
        return self.answers[path, key]

    def claim(self, body: dict[str, Any]) -> Answer:
        assert (body["cause"], parse_sheba(body["payee"]["sheba"])) == (
            "damage",
            body["payee"]["sheba"],
        )
        number = str(UUID(int=5000 + len(self.claims)))
        made = {"id": number, "amount_rials": body["loss_rials"], "status": "proposed"}
        return 201, self.claims.setdefault(body["barcode"], made | {"cause": body["cause"]})

    def approve(self, number: str, body: dict[str, Any]) -> Answer:
        (claim,) = [one for one in self.claims.values() if one["id"] == number]
        assert claim["amount_rials"] == body["amount_rials"]
        claim["status"] = "ordered"
        order = {
            "id": number,
            "reference": f"PO-{number}",
            "purpose": "compensation",
            "partner": number,
            "amount_rials": claim["amount_rials"],
            "status": "prepared",
        }
        self.orders.setdefault(number, order)
        return 200, claim

    def compensation(self) -> dict[str, Any]:
        paid = sum(
            order["amount_rials"]
            for order in self.orders.values()
            if (order["purpose"], order["status"]) == ("compensation", "paid")
        )
        return {"paid_rials": paid, "ledger_rials": paid - self.astray_rials}

    def _do(self, path: list[str], body: dict[str, Any]) -> Answer:
        match path:
            case ["hand-ins"]:
                return self._hand_in(body)
            case ["drawers", office, "closes"]:
                return self._close(office, body)
            case ["payees"]:
                assert parse_sheba(body["sheba"]) == body["sheba"]
                self.payees[body["partner"]] = body
                return 201, body
            case ["settlements"]:
                return self._settle(body)
            case _:
                return self._bank(path[2:], body)

    def _bank(self, path: list[str], body: dict[str, Any]) -> Answer:
        if path == ["fetch"]:
            for order in self.orders.values():
                if order["status"] == "prepared":
                    order["status"] = "fetched"
            return 200, {"orders": []}
        number, what = path
        order = self.orders[number]
        assert (what, order["status"]) == ("confirm", "fetched")
        assert order["amount_rials"] == body["amount_rials"]
        order["status"] = "paid"
        return 200, order

    def _hand_in(self, body: dict[str, Any]) -> Answer:
        receipt = body["office"], body["receipt"]
        assert receipt not in self.receipts
        answer = self._move(("courier", body["collector"]), ("office", body["office"]), body)
        if answer[0] == 201:
            self.receipts.add(receipt)
        return answer

    def _close(self, office: str, body: dict[str, Any]) -> Answer:
        assert body["day"] <= body["occurred_at"][:10]
        if body["day"] <= self.closed.get(office, ""):
            return 409, {"code": "day_closed"}
        answer = self._move(("office", office), ("due", ""), body)
        if answer[0] == 201:
            self.closed[office] = body["day"]
        return answer

    def _move(
        self, source: tuple[str, str], target: tuple[str, str], body: dict[str, Any]
    ) -> Answer:
        moving = {held: n for held, n in self.held.items() if held[:2] == source and n}
        if self.late or sum(moving.values()) != body["counted_rials"]:
            self.late = max(self.late - 1, 0)
            return 409, {"code": "difference_unexplained"}
        for held, rials in moving.items():
            self.held[held] = 0
            self.held[*target, held[2]] += rials
        return 201, body

    def _settle(self, body: dict[str, Any]) -> Answer:
        for partner in body["partners"]:
            assert partner in self.payees
            rials = self.held.pop(("due", "", partner), 0)
            if rials:
                order = {
                    "id": str(UUID(int=1000 + len(self.orders))),
                    "reference": f"PO-{len(self.orders)}",
                    "purpose": "cod_settlement",
                    "partner": partner,
                    "amount_rials": rials,
                    "status": "prepared",
                }
                self.orders[str(order["id"])] = order
        return 201, {"settled": [], "skipped": [], "next": None}
