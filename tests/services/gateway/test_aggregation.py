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

pytestmark = pytest.mark.anyio

BARCODE = "610000000000000042731796"
HOURS = {"sat": ["07:30-14:00"], "fri": []}
SERVICES: dict[str, Any] = {
    "services": {"in_force": 400},
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
EVENT: dict[str, Any] = {"event": "acceptance", "office": "KZ00012"}


class Province:
    """Three small sisters that know one parcel; `trouble` says which of them are in it."""

    def __init__(self) -> None:
        self.trouble: dict[str, str] = {}
        self.callers: dict[str, str] = {}
        self.tasks = TASKS
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
            return JSONResponse({"period": period, "total": {"count": 3}})

        @app.get("/v1/statistics/tasks")
        async def tasks(period: str) -> dict[str, Any]:
            return {"period": period, "as_of": None, "rows": self.tasks}

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
            return {"on": on, "total": 2400}

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
            return JSONResponse({"period": period, "total": {"answered": 7}})


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


class TestProvinceReport:
    async def report(self, gateway: Gateway, period: str = "1397") -> httpx.Response:
        self.key = getattr(self, "key", None) or await gateway.issue("reports:read")
        url = f"/v1/reports/province?period={period}"
        return await gateway.client.get(url, headers=bearer(self.key))

    async def test_everything(self, gateway: Gateway, province: Province) -> None:
        assert (await self.report(gateway, "۱۳۹۸-h1")).json() == {
            "period": "1398-H1",
            "volumes": {"period": "1398-H1", "total": {"count": 3}},
            "complaints": {"period": "1398-H1", "filed": 2},
            "satisfaction": {"period": "1398-H1", "total": {"answered": 7}},
            "services": SERVICES | {"period": "1398-H1"},
            "workforce": {"on": "2019-03-21", "total": 2400},  # today: the half is not over
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
