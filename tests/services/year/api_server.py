"""The wire shapes of the public API that the year uses, kept in memory, with faults on demand.

It holds to the contract where a client could cheat: a batch is replayed only for the same key and
body, another body under the same key is 422, a reference is booked once per caller, a scan
is recorded once per event id.
"""

import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from persiantools.jdatetime import JalaliDateTime

from tests.services.year.money_wire import MoneyWire, caller_of
from tests.services.year.polls import Polls, polled
from tests.services.year.sample import KINDS, OFFERED, OFFICES, SERVICES, TOWNS
from tests.services.year.till import PARTNERS, Till

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TASKS = {
    "acceptance": "acceptance",
    "arrival": "sorting",
    "departure": "transport",
    "delivered": "delivery",
    "returned": "delivery",
}
WEIGHTS = {"acceptance": 0.3, "sorting": 0.1, "transport": 0.1, "delivery": 0.3, "delegated": 0.2}
STATE = {"post_office", "sorting_centre"}
FACTS_OF_A_PARCEL = ("reference", "product", "channel", "weight_g", "origin_office")


@dataclass
class Api:
    faults: list[str] = field(default_factory=list)
    """One taken per write: "ok", "drop" (done, but the answer is lost), "503", "409"."""
    dearer_from: str = ""
    """A day from which everything costs a tenth more."""
    refuse: str = ""
    """A reference whose booking is refused."""
    malform: bool = False
    till: Till = field(default_factory=Till)
    polls: Polls = field(default_factory=Polls)
    lag: bool = False
    """Whether the roll-ups have counted nothing yet."""
    keep_keys: bool = True
    """Whether idempotency keys are remembered; False as if they had expired."""
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    """Of writes: method and path, caller, idempotency key."""
    clocks: list[dict[str, str]] = field(default_factory=list)
    parcels: dict[str, dict[str, Any]] = field(default_factory=dict)
    scans: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    references: dict[tuple[str, str], str] = field(default_factory=dict)
    events: set[tuple[str, str]] = field(default_factory=set)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    performed: dict[str, dict[str, Any]] = field(default_factory=dict)
    unwell: int = 0
    """How many more reports come without the offices' part."""
    replays: dict[tuple[str, str], tuple[bytes, dict[str, Any]]] = field(default_factory=dict)

    @property
    def posts(self) -> Counter[str]:
        return Counter(path for path, _, _ in self.requests)

    def volumes(self, period: str) -> dict[str, Any]:
        counts, before = self._accepted(period), self._accepted(_year_before(period))
        rows = [
            {
                "product": cell[0],
                "channel": cell[1],
                "count": counts[cell],
                "previous_count": before[cell],
            }
            for cell in sorted(counts.keys() | before.keys())
        ]
        total = {"count": counts.total(), "previous_count": before.total()}
        return {"period": period, "total": total, "rows": rows}

    def _accepted(self, period: str) -> Counter[tuple[str, str]]:
        found: Counter[tuple[str, str]] = Counter()
        for barcode, scans in self.scans.items():
            for scan in scans:
                if scan["event"] == "acceptance" and _falls(scan["occurred_at"], period):
                    parcel = self.parcels[barcode]
                    found[parcel["product"], parcel["channel"]] += 1
        return found

    def tasks(self, period: str) -> list[dict[str, Any]]:
        """As parcels counts them: by task and kind of office."""
        found: Counter[tuple[str, str]] = Counter()
        for scan in (scan for scans in self.scans.values() for scan in scans):
            task, kind = TASKS.get(scan["event"]), KINDS[scan["office"]]
            if task == "sorting" and kind != "sorting_centre":
                continue
            if task is not None and _falls(scan["occurred_at"], period):
                found[task, kind] += 1
        return [{"task": task, "kind": kind, "count": n} for (task, kind), n in found.items()]

    def services(self, period: str) -> dict[str, Any]:
        now, before = self._done(period), self._done(_year_before(period))
        electronic = (_sum(now, electronic=True), _sum(before, electronic=True))
        return {
            "services": {"in_force": 400},
            "total": {"count": _sum(now), "previous_count": _sum(before)},
            "electronic": {"count": electronic[0], "previous_count": electronic[1]},
            "by_kind": [
                {"kind": kind, "count": _sum(r for r in now if KINDS[r["office"]] == kind)}
                for kind in sorted(set(KINDS.values()))
            ],
        }

    def workforce(self) -> dict[str, Any]:
        by_employment = Counter(row["employment"] for row in self.people.values())
        total = len(self.people)
        return {
            "total": total,
            "by_employment": [{"employment": e, "count": n} for e, n in by_employment.items()],
            "outside_state_percent": 100 * (total - by_employment["payroll"]) / total,
        }

    def task_shares(self, period: str) -> dict[str, Any]:
        """As the gateway joins them."""
        done: dict[str, Counter[bool]] = defaultdict(Counter)
        for row in self.tasks(period):
            done[row["task"]][row["kind"] not in STATE] += row["count"]
        for row in self.services(period)["by_kind"]:
            done["delegated"][row["kind"] not in STATE] += row["count"]
        rows: list[dict[str, Any]] = [
            {
                "task": task,
                "count": done[task].total(),
                "outside_count": done[task][True],
                "outside_percent": 100 * done[task][True] / max(done[task].total(), 1),
                "weight": weight,
            }
            for task, weight in WEIGHTS.items()
        ]
        known = all(row["count"] for row in rows)
        total = sum(row["weight"] * row["outside_percent"] for row in rows)
        return {"rows": rows, "total_outside_percent": round(total, 2) if known else None}

    def _done(self, period: str) -> list[dict[str, Any]]:
        return [r for r in self.performed.values() if _falls(f"{r['day']}T12:00Z", period)]

    def book(self, caller: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        reference = body["reference"]
        if reference == self.refuse:
            return 422, {"code": "invalid", "detail": "no"}
        if (caller, reference) in self.references:
            return 409, {"code": "duplicate_reference"}
        barcode = f"{len(self.parcels) + 1:024d}"
        self.references[caller, reference] = barcode
        parcel = {name: body[name] for name in FACTS_OF_A_PARCEL}
        parcel |= {"cod_rials": body.get("cod_rials", 0), "caller": caller}
        self.parcels[barcode] = parcel | {
            "barcode": barcode,
            "status": "booked",
            "booked_at": body["occurred_at"],
        }
        return 201, self.parcels[barcode]

    def scan(self, caller: str, scan: dict[str, Any]) -> str:
        if self.malform or scan["barcode"] not in self.parcels:
            return "malformed" if self.malform else "unknown"
        if (scan["barcode"], scan["event_id"]) in self.events:
            return "duplicate"
        self.events.add((scan["barcode"], scan["event_id"]))
        before = self.scans[scan["barcode"]]
        self._take(caller, self.parcels[scan["barcode"]], scan, [one["event"] for one in before])
        before.append(scan)
        return "recorded"

    def _take(
        self, caller: str, parcel: dict[str, Any], scan: dict[str, Any], before: list[str]
    ) -> None:
        if scan["event"] == "delivered" and parcel["cod_rials"]:
            went_out = before[-1] == "out_for_delivery"
            partner = PARTNERS[parcel["caller"]]
            self.till.take(caller if went_out else "", scan["office"], partner, parcel["cod_rials"])


def _sum(records: Iterable[dict[str, Any]], *, electronic: bool = False) -> int:
    return sum(r["count"] for r in records if r["electronic"] or not electronic)


def _falls(occurred_at: str, period: str) -> bool:
    year, month = _month(occurred_at)
    wanted, _, part = period.partition("-")
    return year == int(wanted) and (part != "H1" or month <= 6)


@cache
def _month(occurred_at: str) -> tuple[int, int]:
    moment = datetime.fromisoformat(occurred_at).astimezone(ZoneInfo("Asia/Tehran"))
    day: Any = JalaliDateTime.to_jalali(moment)  # type: ignore[no-untyped-call] # no types there
    return day.year, day.month


def _year_before(period: str) -> str:
    return f"{int(period[:4]) - 1}{period[4:]}"


@dataclass
class Wire:
    api: Api

    async def towns(self, _: web.Request) -> web.Response:
        return web.json_response({"items": TOWNS})

    async def offices(self, request: web.Request) -> web.Response:
        start = int(request.query.get("cursor", "0"))
        after = start + 4  # fewer than asked for, so that the cursor is used
        following = str(after) if after < len(OFFICES) else None
        return web.json_response({"items": OFFICES[start:after], "next": following})

    async def batch(self, request: web.Request) -> web.Response:
        caller, body = caller_of(request), await request.read()
        replay = caller, request.headers["Idempotency-Key"]
        if self.api.keep_keys and replay in self.api.replays:
            kept, answer = self.api.replays[replay]
            return web.json_response(answer if kept == body else {}, status=_same(kept, body))
        parcels = json.loads(body)["parcels"]
        assert 0 < len(parcels) <= 1000
        results: list[dict[str, Any]] = []
        for index, parcel in enumerate(parcels):
            status, said = self.api.book(caller, parcel)
            name = "parcel" if status == 201 else "problem"
            results.append({"index": index, "status": status, name: dict(said)})
        answer = {"results": results}
        self.api.replays[replay] = body, answer
        return web.json_response(answer)

    async def listed(self, request: web.Request) -> web.Response:
        barcode = self.api.references.get((caller_of(request), request.query["reference"]))
        found = [] if barcode is None else [self.api.parcels[barcode]]
        return web.json_response({"items": found, "next": None})

    async def scans(self, request: web.Request) -> web.Response:
        caller, sent = caller_of(request), (await request.json())["scans"]
        assert 0 < len(sent) <= 5000
        results = [
            {"barcode": s["barcode"], "event_id": s["event_id"], "result": self.api.scan(caller, s)}
            for s in sent
        ]
        return web.json_response({"recorded": len(results), "results": results})

    async def tracking(self, request: web.Request) -> web.Response:
        barcode = request.match_info["barcode"]
        events = [
            {"event": scan["event"], "occurred_at": scan["occurred_at"]}
            for scan in self.api.scans[barcode]
        ]
        return web.json_response({"barcode": barcode, "events": events})

    async def clock(self, request: web.Request) -> web.Response:
        self.api.clocks.append(await request.json())
        return web.json_response(self.api.clocks[-1])

    async def services(self, request: web.Request) -> web.Response:
        assert request.query["delegated"] == "true"
        return web.json_response({"items": SERVICES, "next": None})

    async def offerings(self, request: web.Request) -> web.Response:
        assert request.query["valid_on"] == "2017-03-21"
        codes = OFFERED.get(request.match_info["code"], [])
        return web.json_response({"items": [{"service": c} for c in codes], "next": None})

    async def performed(self, request: web.Request) -> web.Response:
        sent, results = (await request.json())["records"], []
        assert 0 < len(sent) <= 1000
        assert caller_of(request) == "registrar"
        for record in sent:
            known = self.api.performed.setdefault(record["record_id"], record)
            assert known == record
            result = "recorded" if known is record else "duplicate"
            flags = [] if record["service"] in OFFERED[record["office"]] else ["not_offered"]
            results.append({"record_id": record["record_id"], "result": result, "flags": flags})
        return web.json_response({"recorded": len(sent), "results": results})

    async def people(self, request: web.Request) -> web.Response:
        rows, results = (await request.json())["rows"], []
        assert 0 < len(rows) <= 1000
        assert caller_of(request) == "registrar"
        for n, row in enumerate(rows):
            known = self.api.people.setdefault(row["personnel_number"], row)
            assert known == row
            results.append({"row": n, "result": "hired" if known is row else "unchanged"})
        hired = sum(result["result"] == "hired" for result in results)
        return web.json_response({"hired": hired, "results": results})

    async def volumes(self, request: web.Request) -> web.Response:
        volumes = self.api.volumes(request.query["period"])
        if self.api.lag:
            volumes["total"]["count"] = 0
        return web.json_response(volumes)

    async def tasks(self, request: web.Request) -> web.Response:
        return web.json_response({"rows": self.api.tasks(request.query["period"])})

    async def counts(self, request: web.Request) -> web.Response:
        return web.json_response(self.api.services(request.query["period"]))

    async def report(self, request: web.Request) -> web.Response:
        period = request.query["period"]
        report: dict[str, Any] = {
            "missing": [],
            "volumes": self.api.volumes(period),
            "services": self.api.services(period),
            "workforce": self.api.workforce(),
            "tasks": self.api.task_shares(period),
        }
        if self.api.unwell:
            self.api.unwell -= 1
            report |= {"missing": ["offices"], "services": None}
        return web.json_response(report)

    async def transit(self, request: web.Request) -> web.Response:
        assert request.query["period"] == "1397"
        return web.json_response({"total": {"within_promise_percent": 91.5}})

    async def quote(self, request: web.Request) -> web.Response:
        dearer = self.api.dearer_from and request.query["on"] >= self.api.dearer_from
        price = 50 * int(request.query["weight_g"])
        return web.json_response({"price_rials": price * 11 // 10 if dearer else price})

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1/towns", self.towns),
            web.get("/v1/offices", self.offices),
            web.post("/v1/parcels/batch", self.batch),
            web.get("/v1/parcels", self.listed),
            web.post("/v1/scans", self.scans),
            web.get("/v1/tracking/{barcode}", self.tracking),
            web.put("/v1/clock", self.clock),
            web.get("/v1/services", self.services),
            web.get("/v1/offices/{code}/offerings", self.offerings),
            web.post("/v1/services/performed", self.performed),
            web.post("/v1/workforce/people/import", self.people),
            web.get("/v1/statistics/volumes", self.volumes),
            web.get("/v1/statistics/tasks", self.tasks),
            web.get("/v1/statistics/services", self.counts),
            web.get("/v1/reports/province", self.report),
            web.get("/v1/statistics/transit", self.transit),
            web.get("/v1/quotes", self.quote),
            *MoneyWire(self.api.till).routes(),
        ]


def _app(api: Api) -> web.Application:
    @web.middleware
    async def faults(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method == "GET":
            return await handler(request)
        key = request.headers.get("Idempotency-Key", "")
        api.requests.append((f"{request.method} {request.path}", caller_of(request), key))
        fault = api.faults.pop(0) if api.faults else "ok"
        if fault == "409" and not key:
            fault = "ok"  # only a request under a key can find itself in flight
        if fault.isdecimal():
            code = "idempotency_key_in_flight" if fault == "409" else "fault"
            return web.json_response({"code": code}, status=int(fault))
        answer = await handler(request)
        if fault == "drop":
            assert request.transport is not None
            request.transport.abort()
        return answer

    app = web.Application(client_max_size=5_000_000, middlewares=[faults])
    app.add_routes([*Wire(api).routes(), *polled(api.polls, api.scans)])
    return app


def _same(kept: bytes, body: bytes) -> int:
    return 200 if kept == body else 422


@asynccontextmanager
async def serving(api: Api) -> AsyncIterator[str]:
    """A real socket on a free port of this machine."""
    runner = web.AppRunner(_app(api), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
