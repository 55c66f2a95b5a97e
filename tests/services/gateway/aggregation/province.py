"""Three sisters as small as the gateway's answers need them."""

import asyncio
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

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


def office(code: str) -> dict[str, Any]:
    return {"code": code, "name": f"دفتر {code}", "town": "ahvaz", "hours": HOURS}
