"""Answers from several sisters: whole, partial, or none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from services.gateway import clients
from tests.conftest import Serve
from tests.services.gateway.conftest import Gateway, bearer, start_with
from tests.services.gateway.webhooks.support import booked, event, follow

pytestmark = pytest.mark.anyio

BARCODE = "610000000000000042731796"
HOURS = {"sat": ["07:30-14:00"], "fri": []}
SERVICES: dict[str, Any] = {
    "services": {"in_force": 400},
    "electronic": {"count": 400, "previous_count": 250},
    "by_kind": [
        {"kind": "pishkhan", "count": 9, "previous_count": 0},
        {"kind": "post_office", "count": 1, "previous_count": 0},
    ],
}
TASKS = [
    {"task": "acceptance", "kind": "agency", "count": 3},
    {"task": "acceptance", "kind": "post_office", "count": 1},
    {"task": "sorting", "kind": "sorting_centre", "count": 5},
    {"task": "transport", "kind": "rural_ict", "count": 2},
    {"task": "transport", "kind": "sorting_centre", "count": 4},
    {"task": "delivery", "kind": "pishkhan", "count": 4},
]
VOLUMES: dict[str, Any] = {
    "total": {"count": 3},
    "rows": [
        {"product": "pishtaz", "channel": "counter", "count": 111, "previous_count": 100},
        {"product": "adi", "channel": "counter", "count": 221, "previous_count": 200},
        {"product": "sefareshi", "channel": "bank", "count": 21, "previous_count": 0},
        {"product": "pishtaz", "channel": "ecommerce", "count": 162, "previous_count": 100},
    ],
}
WORKFORCE: dict[str, Any] = {
    "total": 2400,
    "outside_state_percent": 75.0,
    "by_employment": [
        {"employment": "payroll", "kind": "post_office", "count": 450},
        {"employment": "payroll", "kind": "sorting_centre", "count": 150},
        {"employment": "agency", "kind": "agency", "count": 1800},
    ],
}
TARIFFS = [
    {"code": "1399", "status": "published", "valid_from": "2020-03-20"},
    {"code": "1396", "status": "published", "valid_from": "2016-03-20"},
]
FIGURES: dict[str, Any] = {
    "booked": 7,
    "within_promise_percent": 93.5,
    "cash": {"with_us_rials": 1, "due_rials": 2, "ordered_rials": 3},
}
AT_OFFICE = {"waiting_at_counter": 4, "waiting_too_long": 1, "drawer_rials": 5_000_000}
OPEN_CASES = {"open": 2, "unanswered": 1, "oldest_filed_at": "2019-03-01T08:00:00Z"}
EVENT: dict[str, Any] = {"event": "acceptance", "office": "KZ00012"}


class Province:
    """Three small sisters that know one parcel; `trouble` says which of them are in it."""

    def __init__(self) -> None:
        self.trouble: dict[str, str] = {}
        self.callers: dict[str, str] = {}
        self.tasks = TASKS
        self.tariffs = TARIFFS
        self.events = [EVENT, {"event": "arrival", "office": "KZ00001"}]

    def app(self, name: str) -> FastAPI:
        app = FastAPI(openapi_url=None, telemetry={"tracing": False, "metrics": False})

        @app.middleware("http")
        async def misbehave(request: Request, call_next: Any) -> Any:
            self.callers[request.url.path] = request.headers["authorization"]
            match self.trouble.get(name):
                case "late":
                    await asyncio.Event().wait()
                case "broken":
                    return JSONResponse({"detail": "broken"}, 500)
                case "wary":
                    return JSONResponse({"detail": "the internal token does not verify"}, 401)
                case "strange":
                    return JSONResponse(["not", "agreed"])
                case _:
                    pass
            return await call_next(request)

        getattr(self, f"_{name}")(app)
        return app

    def _parcels(self, app: FastAPI) -> None:
        @app.get("/v1/tracking/{barcode}")
        async def tracking(barcode: str) -> JSONResponse:
            if barcode != BARCODE:
                return JSONResponse({"detail": "no such parcel"}, 404)
            return JSONResponse({"barcode": barcode, "status": "in_transit"})

        @app.get("/internal/parcels/{barcode}/history")
        async def history(barcode: str) -> dict[str, Any]:
            return {"barcode": barcode, "origin_office": "KZ00012", "events": self.events}

        @app.get("/v1/statistics/volumes")
        async def volumes(period: str) -> JSONResponse:
            if period == "1397-05-12":
                return JSONResponse({"detail": "no days"}, 422)
            return JSONResponse(VOLUMES | {"period": period})

        @app.get("/v1/statistics/tasks")
        async def tasks(period: str) -> dict[str, Any]:
            return {"period": period, "as_of": None, "rows": self.tasks}

        self._figures(app)

    def _figures(self, app: FastAPI) -> None:
        @app.get("/v1/statistics/transit")
        async def transit(period: str, office: str | None = None) -> dict[str, Any]:
            total = {"accepted": 5 if office else 9, "within_promise_percent": 93.5}
            return {"period": period, "total": total, "rows": []}

        @app.get("/v1/tariffs")
        async def tariffs() -> dict[str, Any]:
            return {"items": self.tariffs, "next": None}

        @app.get("/internal/partners/{account}/figures")
        async def partner(account: str, period: str) -> dict[str, Any]:
            return FIGURES | {"period": period, "account": account}

        @app.get("/internal/offices/{code}/figures")
        async def office(code: str) -> JSONResponse:
            if code == "KZ99999":
                return JSONResponse({"detail": "no such office"}, 404)
            return JSONResponse(AT_OFFICE | {"office": code})

    def _offices(self, app: FastAPI) -> None:
        @app.get("/v1/offices/{code}")
        async def office(code: str) -> JSONResponse:
            if code == "KZ99999":
                return JSONResponse({"detail": "no such office"}, 404)
            known = {"code": code, "name": f"دفتر {code}", "town": "ahvaz", "hours": HOURS}
            return JSONResponse({**known, "address": "not for the public's tracking"})

        @app.get("/v1/statistics/services")
        async def services(period: str) -> JSONResponse:
            if self.trouble.get("services") == "unknown":
                return JSONResponse({"detail": "no such path"}, 404)
            return JSONResponse(SERVICES | {"period": period})

        @app.get("/v1/statistics/workforce")
        async def workforce(on: str) -> dict[str, Any]:
            return WORKFORCE | {"on": on}

    def _complaints(self, app: FastAPI) -> None:
        @app.get("/internal/cases")
        async def cases(barcode: str) -> dict[str, Any]:
            return {"barcode": barcode, "open": 1, "numbers": ["C-1"]}

        @app.get("/v1/statistics/complaints")
        async def counts(period: str) -> dict[str, Any]:
            return {"period": period, "filed": 2}

        @app.get("/v1/statistics/satisfaction")
        async def satisfaction(period: str) -> JSONResponse:
            if self.trouble.get("satisfaction") == "unknown":
                return JSONResponse({"detail": "no such path"}, 404)
            total = {"satisfied_percent": 95.0, "previous": {"satisfied_percent": 80.0}}
            return JSONResponse({"period": period, "total": total})

        @app.get("/v1/statistics/compensation")
        async def compensation(period: str) -> dict[str, Any]:
            return {"period": period, "paid_rials": 900_000_000, "previous_paid_rials": 0}

        @app.get("/internal/open-cases")
        async def open_counts(office: str = "", partner: str = "") -> dict[str, Any]:
            return OPEN_CASES | {"about": office or partner}


@pytest.fixture
def province() -> Province:
    return Province()


@pytest.fixture(params=["in_process", "http"])
async def gateway(
    request: pytest.FixtureRequest, serve: Serve, province: Province
) -> AsyncIterator[Gateway]:
    async with AsyncExitStack() as stack:
        sisters = {name: province.app(name) for name in ("offices", "parcels", "complaints")}
        yield await start_with(stack, serve, sisters, request.param)


async def full(gateway: Gateway, barcode: str = BARCODE) -> httpx.Response:
    return await gateway.client.get(f"/v1/tracking/{barcode}/full")


def office(code: str) -> dict[str, Any]:
    return {"code": code, "name": f"دفتر {code}", "town": "ahvaz", "hours": HOURS}


class TestFullTracking:
    async def test_everything(self, gateway: Gateway) -> None:
        assert (await full(gateway)).json() == {
            "tracking": {"barcode": BARCODE, "status": "in_transit"},
            "origin": office("KZ00012"),
            "current": office("KZ00001"),
            "cases": {"open": 1, "numbers": ["C-1"]},
            "partial": False,
            "missing": [],
        }

    async def test_persian_digits(self, gateway: Gateway) -> None:
        persian = BARCODE.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
        assert (await full(gateway, persian)).json()["tracking"]["barcode"] == BARCODE

    async def test_before_any_scan_it_is_where_it_was_booked(
        self, gateway: Gateway, province: Province
    ) -> None:
        province.events = []
        answer = (await full(gateway)).json()
        assert answer["current"] == answer["origin"] == office("KZ00012")

    @pytest.mark.parametrize("trouble", ["broken", "strange"])
    async def test_a_part_may_be_missing(
        self, gateway: Gateway, province: Province, trouble: str
    ) -> None:
        province.trouble = {"complaints": trouble, "offices": trouble}
        answer = (await full(gateway)).json()
        assert (answer["partial"], answer["missing"]) == (True, ["complaints", "offices"])
        assert (answer["cases"], answer["origin"], answer["current"]) == (None, None, None)
        assert answer["tracking"]["status"] == "in_transit"

    async def test_a_slow_sister_is_not_waited_for(
        self, gateway: Gateway, province: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(clients, "DEADLINE_S", 0.1)
        province.trouble = {"complaints": "late"}
        assert (await full(gateway)).json()["missing"] == ["complaints"]

    async def test_an_office_that_offices_does_not_know_is_missing(
        self, gateway: Gateway, province: Province
    ) -> None:
        province.events = [{"event": "arrival", "office": "KZ99999"}]
        answer = (await full(gateway)).json()
        assert (answer["missing"], answer["origin"]) == (["offices"], office("KZ00012"))

    @pytest.mark.parametrize("trouble", ["broken", "wary"])
    async def test_without_parcels_there_is_no_answer(
        self, gateway: Gateway, province: Province, trouble: str
    ) -> None:
        province.trouble = {"parcels": trouble}
        refused = await full(gateway)
        assert (refused.status_code, refused.json()["code"]) == (503, "sister_unavailable")

    @pytest.mark.parametrize("barcode", ["RB123456785GB", "x", "%2e%2e"])
    async def test_an_unknown_parcel_is_404(self, gateway: Gateway, barcode: str) -> None:
        refused = await full(gateway, barcode)
        assert refused.status_code == 404
        assert refused.headers["content-type"] == "application/problem+json"


def share(
    task: str, count: int, outside: int, percent: float | None, weight: float
) -> dict[str, Any]:
    return {
        "task": task,
        "count": count,
        "outside_count": outside,
        "outside_percent": percent,
        "weight": weight,
    }


def shown(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["value"], row["previous"], row["growth_percent"]


ROWS: dict[str, tuple[Any, ...]] = {
    "items": (515, 400, 28.75),
    "express_items": (111, 100, 11.0),
    "postal_items": (242, 200, 21.0),
    "ecommerce_packages": (162, 100, 62.0),
    "electronic_services": (583, 350, 66.57),
    "within_promise": (93.5, None, None),
    "satisfaction": (95.0, 80.0, 18.75),
    "compensation": (900_000_000, 0, None),
    "people": (2400, None, None),
    "people_on_the_payroll": (600, None, None),
    "people_outside_the_state_part": (75.0, None, None),
    "tasks_outside_the_state_part": (73.83, None, None),
    "delegated_services": (400, None, None),
    "online_shops": (0, None, None),
    "banks": (0, None, None),
    "years_of_unchanged_tariff": (3.0, None, None),
}


class TestProvinceReport:
    async def report(self, gateway: Gateway, period: str = "1397") -> httpx.Response:
        self.key = getattr(self, "key", None) or await gateway.issue("reports:read")
        url = f"/v1/reports/province?period={period}"
        return await gateway.client.get(url, headers=bearer(self.key))

    async def test_everything(self, gateway: Gateway, province: Province) -> None:
        answer = (await self.report(gateway, "۱۳۹۸-h1")).json()
        assert {row["name"]: shown(row) for row in answer.pop("rows")} == ROWS
        assert answer == {
            "period": "1398-H1",
            "volumes": VOLUMES | {"period": "1398-H1"},
            "complaints": {"period": "1398-H1", "filed": 2},
            "satisfaction": {
                "period": "1398-H1",
                "total": {"satisfied_percent": 95.0, "previous": {"satisfied_percent": 80.0}},
            },
            "compensation": {
                "period": "1398-H1",
                "paid_rials": 900_000_000,
                "previous_paid_rials": 0,
            },
            "transit": {"accepted": 9, "within_promise_percent": 93.5},
            "partners": {"shops": 0, "banks": 0, "others": 0},
            "services": SERVICES | {"period": "1398-H1"},
            "workforce": WORKFORCE | {"on": "2019-03-21"},  # today: the half is not over
            "tasks": {
                "state_kinds": ["post_office", "sorting_centre"],
                "rows": [
                    share("acceptance", 4, 3, 75.0, 0.3),
                    share("sorting", 5, 0, 0.0, 0.1),
                    share("transport", 6, 2, 33.33, 0.1),
                    share("delivery", 4, 4, 100.0, 0.3),
                    share("delegated", 10, 9, 90.0, 0.2),
                ],
                "total_outside_percent": 73.83,
            },
            "partial": False,
            "missing": [],
        }
        past = (await self.report(gateway)).json()["workforce"]
        assert past["on"] == "2019-03-20"  # the last day of 1397
        runtime = gateway.api.app.state.runtime
        asked_as = runtime.verifier.caller(province.callers["/v1/statistics/volumes"])
        assert asked_as.id == str(gateway.partner_id)  # the sister checks the caller's own scope

    @pytest.mark.parametrize("trouble", ["broken", "wary"])
    async def test_partial_and_none(
        self, gateway: Gateway, province: Province, trouble: str
    ) -> None:
        province.trouble = {"parcels": trouble}
        answer = (await self.report(gateway)).json()
        assert (answer["partial"], answer["missing"]) == (True, ["parcels"])
        assert answer["volumes"] is None
        assert answer["tasks"] is None
        assert answer["services"]["services"] == {"in_force": 400}
        values = {row["name"]: row["value"] for row in answer["rows"]}
        assert values["delegated_services"] == 400
        assert {values["items"], values["electronic_services"], values["within_promise"]} == {None}
        province.trouble |= {"complaints": "broken", "offices": "broken"}
        assert (await self.report(gateway)).status_code == 503

    async def test_a_sister_that_lacks_a_part_is_missing(
        self, gateway: Gateway, province: Province
    ) -> None:
        """Without delegated services, or without a task, there is no total to state."""
        province.trouble = {"satisfaction": "unknown"}
        answer = (await self.report(gateway)).json()
        assert (answer["missing"], answer["satisfaction"]) == (["complaints"], None)
        province.trouble = {"services": "unknown"}
        answer = (await self.report(gateway)).json()
        assert (answer["missing"], answer["services"]) == (["offices"], None)
        assert answer["workforce"]["total"] == 2400
        assert answer["tasks"]["rows"][-1] == share("delegated", 0, 0, None, 0.2)
        assert answer["tasks"]["total_outside_percent"] is None
        province.trouble, province.tasks = {}, TASKS[1:]
        answer = (await self.report(gateway)).json()
        assert answer["tasks"]["total_outside_percent"] == 51.33
        province.tasks = [{"task": "customs", "kind": "agency", "count": 1}]
        assert (await self.report(gateway)).json()["missing"] == ["parcels"]

    async def test_shops_and_banks_are_those_with_a_booking_in_the_period(
        self, gateway: Gateway
    ) -> None:
        accounts = {}
        for kind in ("shop", "shop", "bank", "integrator"):
            await gateway.issue("parcels:book", kind=kind)
            accounts[str(gateway.partner_id)] = kind
        shops = [account for account, kind in accounts.items() if kind == "shop"]
        others = [account for account, kind in accounts.items() if kind != "shop"]
        at = {"booked_at": "2018-06-01T08:00:00Z", "backfill": True}  # 11 Khordad 1397
        await follow(
            gateway.api,
            event(
                booked(1, partner=shops[0], **at),
                booked(2, partner=shops[0], **at),
                booked(3, partner=shops[1]),  # the first of Farvardin 1398
                booked(4, partner=others[0], **at),
                booked(5, partner=others[1], **at),
                booked(6, partner=None, **at),
                type_="parcel.booked",
            ),
        )
        year, half = [(await self.report(gateway, p)).json() for p in ("1397", "1398-H1")]
        assert year["partners"] == {"shops": 1, "banks": 1, "others": 1}
        values = {row["name"]: row["value"] for row in year["rows"]}
        assert (values["online_shops"], values["banks"]) == (1, 1)
        assert half["partners"] == {"shops": 1, "banks": 0, "others": 0}

    @pytest.mark.parametrize("period", ["", "1397-13", "x", "1397-05-12"])
    async def test_bad_periods(self, gateway: Gateway, period: str) -> None:
        refused = await self.report(gateway, period)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "query.period"

    async def test_needs_its_scope(self, gateway: Gateway) -> None:
        url = "/v1/reports/province?period=1397"
        assert (await gateway.client.get(url)).status_code == 401
        key = await gateway.issue("parcels:read")
        assert (await gateway.client.get(url, headers=bearer(key))).status_code == 403


class TestOverviews:
    async def get(self, gateway: Gateway, path: str, *scopes: str) -> httpx.Response:
        key = await gateway.issue(*scopes)
        return await gateway.client.get(path, headers=bearer(key))

    async def test_a_partners(self, gateway: Gateway, province: Province) -> None:
        path = "/v1/overview?period=1397-12"
        own = (await self.get(gateway, path, "parcels:read")).json()
        account = str(gateway.partner_id)
        assert own == {
            "period": "1397-12",
            "parcels": FIGURES | {"period": "1397-12", "account": account},
            "cases": OPEN_CASES,
            "partial": False,
            "missing": [],
        }
        province.trouble = {"complaints": "broken"}
        part = (await self.get(gateway, path, "parcels:read")).json()
        assert (part["missing"], part["cases"]) == (["complaints"], None)
        assert part["parcels"]["booked"] == 7
        province.trouble |= {"parcels": "strange"}
        assert (await self.get(gateway, path, "parcels:read")).status_code == 503
        assert (await self.get(gateway, path, "reports:read")).status_code == 403
        assert (await gateway.client.get(path)).status_code == 401
        bad = await self.get(gateway, "/v1/overview?period=1397-13", "parcels:read")
        assert bad.status_code == 422

    async def test_an_offices(self, gateway: Gateway, province: Province) -> None:
        path = "/v1/reports/offices/KZ00012?period=1397"
        whole = (await self.get(gateway, path, "reports:read")).json()
        assert whole == {
            "period": "1397",
            "office": office("KZ00012") | {"address": "not for the public's tracking"},
            "parcels": AT_OFFICE,
            "transit": {"accepted": 5, "within_promise_percent": 93.5},
            "cases": OPEN_CASES,
            "partial": False,
            "missing": [],
        }
        province.trouble = {"parcels": "broken", "offices": "broken"}
        part = (await self.get(gateway, path, "reports:read")).json()
        assert (part["missing"], part["cases"]) == (["offices", "parcels"], OPEN_CASES)
        province.trouble |= {"complaints": "broken"}
        assert (await self.get(gateway, path, "reports:read")).status_code == 503
        province.trouble = {}
        unknown = await self.get(gateway, path.replace("00012", "99999"), "reports:read")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "office_not_found")
        assert (await self.get(gateway, path, "parcels:read")).status_code == 403
