"""What befalls a post, drawn at random: bookings, scans, bags, rounds and decisions."""

import asyncio
from datetime import timedelta
from typing import Any, Final

from shared.identifiers import barcode_of
from tests.services.parcels.delivery_round import PNG
from tests.services.parcels.whole_post import WholePost

OFFICES: Final = ("KZ00001", "KZ00001", "KZ00002", "KZ00003")
FOREIGN: Final = ("RB123456785GB", "113470001234567890123456", "RR473124829DE")
SCANS: Final = (
    *("acceptance", "departure", "arrival", "held", "out_for_delivery", "delivery_failed"),
    *("held_at_counter", "return_started", "delivered", "returned"),
)
NEXT: Final = {
    "booked": ("acceptance",),
    "accepted": ("departure", "out_for_delivery", "held"),
    "in_transit": ("arrival", "out_for_delivery", "held_at_counter"),
    "out_for_delivery": ("delivered", "delivery_failed", "held_at_counter"),
    "ready_for_pickup": ("delivered", "return_started"),
    "delivery_failed": ("out_for_delivery", "held_at_counter", "return_started"),
    "returning": ("arrival", "returned"),
    "held": ("departure", "arrival"),
}
YEAR: Final = 525_600
HERE: Final = "custodian = 1 AND custodian_id = 1 AND status IN (2, 3, 4, 5, 6, 10)"
MOVING: Final = "status IN (2, 3, 4, 5, 6, 8, 10)"
ANNOUNCED: Final = "status = 1 AND origin_office = 1"


class Acts:
    """Each takes one step, of a shop, a terminal, an office or the clock."""

    def __init__(self, post: WholePost) -> None:
        self.post, self.rng = post, post.rng
        self.barcodes: list[str] = []
        self.bags: list[str] = []
        self.runs: list[str] = []
        self.manifests: list[str] = []
        self.pickups: list[str] = []
        self.dispatches: list[str] = []
        self.sent: list[tuple[str, Any]] = []

    # --- who and when ---

    def one(self) -> str:
        """Mostly of those booked lately, so that things go on happening to the same."""
        if not self.barcodes:
            return FOREIGN[0]
        return self.rng.choice(self.barcodes[-10:] if self.rng.random() < 0.8 else self.barcodes)

    def some(self) -> list[str]:
        return list(dict.fromkeys(self.one() for _ in range(self.rng.randrange(1, 5))))

    async def those(self, where: str) -> list[str]:
        """A few of the items of which this is so, for what would else be refused mostly."""
        sql = f"SELECT item_id FROM parcel WHERE {where} ORDER BY item_id DESC LIMIT 8"
        found = [barcode_of(row["item_id"]) for row in await self.post.api.database.hot.fetch(sql)]
        if not found or self.rng.random() < 0.1:
            return self.some()
        return self.rng.sample(found, min(len(found), self.rng.randrange(1, 5)))

    async def that(self, where: str) -> str:
        return (await self.those(where))[0] if self.barcodes else FOREIGN[0]

    def any_of(self, known: list[str]) -> str:
        return self.rng.choice(known[-4:]) if known else self.post.uuid()

    def when(self) -> str:
        """On time, late, within the offline window and beyond it, and a year ahead."""
        minutes = self.rng.choice([0, 0, 0, -1, -7, 3, -90, -600, -73 * 60, YEAR])
        return self.post.at(minutes + self.rng.random())

    # --- booking ---

    def order(self) -> dict[str, Any]:
        rng = self.rng
        order: dict[str, Any] = self.post.parcels.order(
            origin_office=rng.choice(OFFICES), product=rng.choice(("pishtaz", "sefareshi", "vijeh"))
        )
        if rng.random() < 0.4:
            order["cod_rials"] = rng.choice((1_000, 70_000))
        if rng.random() < 0.4:
            order["payer"] = rng.choice(("partner_prepaid", "partner_credit", "recipient"))
        if rng.random() < 0.3:
            order["recipient"] |= {"province": "tehran", "town": None}
        if rng.random() < 0.2:
            wish = {"undelivered": rng.choice(("sender", "branch", "destroy")), "branch": "1234"}
            order["delivery"] = wish
            order["channel"] = "bank"
        return order

    async def book(self) -> None:
        key, order = self.post.uuid(), self.order()
        sent = [self.post.shop("POST", "/v1/parcels", order, key=key) for _ in range(2)]
        answers = await asyncio.gather(*sent)
        found = {a.json()["barcode"] for a in answers if a.status_code == 201}
        assert len(found) <= 1, "booked twice by one key"
        self.barcodes += found

    async def book_many(self) -> None:
        orders = {"parcels": [self.order() for _ in range(self.rng.randrange(2, 5))]}
        answer = await self.post.shop("POST", "/v1/parcels/batch", orders)
        results = answer.json().get("results", ())
        self.barcodes += [r["parcel"]["barcode"] for r in results if r["status"] == 201]

    async def cancel(self) -> None:
        await self.post.shop("POST", f"/v1/parcels/{await self.that('status = 1')}/cancel")

    # --- scanning ---

    async def go_on(self) -> None:
        """What comes next for a few, as it should."""
        scans = []
        for barcode in self.some():
            found = await self.post.shop("GET", f"/v1/parcels/{barcode}")
            if events := NEXT.get(found.json().get("status", "")):
                scans.append(self._scan(barcode, self.rng.choice(events), self.post.at()))
        await self._send_scans(scans)

    async def scan(self) -> None:
        known = [*self.some(), self.rng.choice(FOREIGN)]
        scans = [
            self._scan(self.rng.choice(known), self.rng.choice(SCANS), self.when())
            for _ in range(self.rng.randrange(1, 6))
        ]
        await self._send_scans(scans, self.rng.choice((1, 1, 2)))

    def _scan(self, barcode: str, event: str, at: str) -> dict[str, Any]:
        office = self.rng.choice(OFFICES)
        where = {"office": office, "occurred_at": at, "event_id": self.post.uuid()}
        return {"barcode": barcode, "event": event, **where}

    async def _send_scans(self, scans: list[dict[str, Any]], times: int = 1) -> None:
        if scans:
            await self._twice("/v1/scans", {"scans": scans}, times)

    async def _twice(self, path: str, body: Any, times: int = 2) -> None:
        """The same from as many terminals at once; it may come again later."""
        self.sent.append((path, body))
        await asyncio.gather(*(self.post.call("POST", path, body) for _ in range(times)))

    async def again(self) -> None:
        if self.sent:
            path, body = self.rng.choice(self.sent[-30:])
            await self.post.call("POST", path, body)

    # --- bags and exchange ---

    async def bag(self) -> str:
        if not self.bags or self.rng.random() < 0.1:
            await self.new_bag()
        return self.any_of(self.bags)

    async def new_bag(self) -> None:
        to = self.rng.choice(("KZ00002", "KZ00003"))
        body = {"from_office": "KZ00001", "to_office": to}
        answer = await self.post.call("POST", "/v1/bags", body)
        self.bags.append(answer.json()["bag"])
        await self.pack()

    async def pack(self) -> None:
        items = [
            {
                "barcode": barcode,
                "event_id": self.post.uuid(),
                "event": self.rng.choice(("packed", "packed", "packed", "removed")),
                "office": "KZ00001",
                "occurred_at": self.when(),
            }
            for barcode in await self.those(HERE)
        ]
        await self._twice(f"/v1/bags/{await self.bag()}/items", {"items": items})

    async def scan_bag(self) -> None:
        event = self.rng.choice(("closed", "loaded", "loaded", "unloaded", "held"))
        await self._bag_scan(await self.bag(), event, self.when())

    async def _bag_scan(self, bag: str, event: str, at: str) -> None:
        office = "KZ00001" if event == "closed" else self.rng.choice(OFFICES)
        one = {"bag": bag, "event_id": self.post.uuid(), "event": event}
        one |= {"office": office, "occurred_at": at}
        await self._twice("/v1/bag-scans", {"scans": [one]})

    async def open_bag(self) -> None:
        """With what was found in it: some is missing, some unexpected."""
        body: dict[str, Any] = {"event_id": self.post.uuid(), "office": self.rng.choice(OFFICES)}
        body |= {"occurred_at": self.when(), "items": self.some()}
        await self._twice(f"/v1/bags/{await self.bag()}/openings", body)

    async def dispatch(self) -> None:
        body = {"from_office": "KZ00001", "operator": "DPAG"}
        made = await self.post.call("POST", "/v1/dispatches", body)
        path = f"/v1/dispatches/{made.json()['id']}"
        await self.new_bag()
        bag = self.bags[-1]
        await self._bag_scan(bag, "closed", self.post.at())
        sent = {"bags": [{"bag": bag, "weight_g": 1_250}]}
        if (await self.post.call("POST", f"{path}/bags", sent)).is_success:
            await self.post.call("POST", f"{path}/close")
            self.dispatches.append(path)

    async def hand_over(self) -> None:
        if self.dispatches:
            path = self.any_of(self.dispatches)
            receipt = {"receipt": path[-20:], "office": "KZ00001"}
            await self._twice(f"{path}/handover", receipt, 4)

    async def pre_advise(self) -> None:
        items = [{"barcode": code} for code in (*FOREIGN[::2], "RB000000005DE")]
        dispatch = self.rng.choice(("DEFRAAIRTHRAAUN90012", "DEFRAAIRTHRAAUN90013"))
        body = {"operator": "DPAG", "dispatch": dispatch, "items": items}
        await self.post.call("POST", "/v1/pre-advices", body)

    # --- manifests and pickups ---

    async def manifest(self) -> None:
        barcodes = await self.those(ANNOUNCED) if self.rng.random() < 0.5 else None
        body = {"office": "KZ00001", "barcodes": barcodes}
        answer = await self.post.shop("POST", "/v1/manifests", body)
        if answer.status_code == 201:
            self.manifests.append(answer.json()["code"])

    async def on_a_manifest(self) -> None:
        code = self.any_of(self.manifests)
        if self.rng.random() < 0.2:
            await self.post.shop("POST", f"/v1/manifests/{code}/withdraw")
            return
        found = (await self.post.shop("GET", f"/v1/manifests/{code}")).json()
        body: dict[str, Any] = {"office": "KZ00001", "pieces": found.get("pieces", 1)}
        if self.rng.random() < 0.5:
            barcodes = await self.those(ANNOUNCED)
            body |= {"pieces": len(barcodes), "barcodes": barcodes}
        await self._twice(f"/v1/manifests/{code}/accept", body)

    async def pickup(self) -> None:
        window = {"window_from": self.post.at(120), "window_until": self.post.at(300)}
        body = {"office": "KZ00001", "pieces": 2, "weight_g": 500, **window}
        body["place"] = self.post.parcels.order()["sender"]
        answer = await self.post.shop("POST", "/v1/pickups", body)
        if answer.status_code == 201:
            self.pickups.append(answer.json()["id"])

    async def on_a_pickup(self) -> None:
        path = f"/v1/pickups/{self.any_of(self.pickups)}"
        await self.post.call("POST", f"{path}/assign", {"courier": "KZ00001-01"})
        await self.post.call("POST", f"{path}/collect", {"pieces": 2})

    # --- delivery ---

    async def plan(self) -> None:
        courier = self.rng.choice(("KZ00001-01", "KZ00001-02"))
        body: dict[str, Any] = {"courier": courier, "stops": await self.those(HERE)}
        answer = await self.post.call("POST", "/v1/runs", body)
        if answer.status_code == 201:
            self.runs.append(answer.json()["id"])
            if self.rng.random() < 0.5:
                await self._on_run(answer.json()["id"], "start")

    async def on_a_run(self) -> None:
        what = self.rng.choice(("start", "start", "hand-back", "close", "cancel", "stops"))
        await self._on_run(self.any_of(self.runs), what)

    async def _on_run(self, run: str, what: str) -> None:
        path = f"/v1/runs/{run}/{what}"
        if what == "stops":
            await self.post.call("PUT", path, {"stops": await self.those(HERE)})
        else:
            body = {"stops": await self.those("status = 4")} if what == "hand-back" else None
            await asyncio.gather(*(self.post.call("POST", path, body) for _ in range(2)))

    async def deliver(self) -> None:
        proof = {"method": "signature", "signature": PNG, "receiver_name": "مریم احمدی"}
        body = {"event_id": self.post.uuid(), "office": self.rng.choice(OFFICES), **proof}
        await self._twice(f"/v1/parcels/{await self.that(MOVING)}/deliveries", body)

    async def attempt(self) -> None:
        reasons = ("absent", "refused", "own_pickup_requested", "moved", "customs", "damaged")
        body = {"event_id": self.post.uuid(), "office": self.rng.choice(OFFICES)}
        body["reason"] = self.rng.choice(reasons)
        await self._twice(f"/v1/parcels/{await self.that(MOVING)}/attempts", body)

    async def destroy(self) -> None:
        body: dict[str, Any] = {
            "event_id": self.post.uuid(),
            "office": "KZ00001",
            "record": self.post.uuid(),
        }
        body["witnesses"] = ["98-1", "98-2"]
        await self._twice(f"/v1/parcels/{await self.that(MOVING)}/destruction", body)

    async def customer_return(self) -> None:
        answer = await self.post.shop(
            "POST", f"/v1/parcels/{await self.that('status = 7')}/return", {}
        )
        if answer.status_code == 201:
            self.barcodes.append(answer.json()["barcode"])

    # --- the clock, and whom it moves ---

    async def later(self) -> None:
        minutes = self.rng.choice((1, 4, 30, 300, 1_500, 4_000))
        self.post.api.clock.at += timedelta(minutes=minutes)

    async def tick(self) -> None:
        names = list(self.post.worker.ticks)
        await self.post.tick(*self.rng.sample(names, self.rng.randrange(1, len(names))))
