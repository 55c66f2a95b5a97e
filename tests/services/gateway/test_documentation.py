"""The merged OpenAPI document, `/docs`, and readiness."""

import copy
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, Final

import pytest
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from services.gateway.documentation import domain, service
from services.gateway.documentation.domain import Document
from services.gateway.documentation.service import assembled
from shared.errors import responses
from shared.readiness import Lag, Reader, Readiness
from tests.conftest import Serve
from tests.contracts.documents import document
from tests.services.gateway.conftest import Gateway, bearer, start_with

pytestmark = pytest.mark.anyio
QUIET: Final[TelemetryConfig] = {"tracing": False, "metrics": False}


class Switch:
    """A sister that can be away."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.away = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.away:
            raise ConnectionError("away")
        await self.app(scope, receive, send)


def offices() -> FastAPI:
    class Place(BaseModel):
        town: str

    class Listed(BaseModel):
        items: list[Place]

    app = FastAPI(telemetry=QUIET)
    public, write = {"x-scope": "public"}, {"x-scope": "offices:write"}

    @app.get("/v1/offices", operation_id="list_offices", openapi_extra=public)
    async def list_offices() -> Listed:
        return Listed(items=[])

    @app.post(
        "/v1/offices",
        operation_id="create_office",
        openapi_extra=write,
        responses=responses(409, 422),
    )
    async def create_office(place: Place) -> Place:
        return place

    @app.get("/livez")
    @app.get("/v1/secret")
    async def not_in_the_table() -> dict[str, str]:
        return {"status": "ok"}

    return app


def parcels() -> FastAPI:
    class Place(BaseModel):
        office: str

    class Unused(BaseModel):
        x: int

    app = FastAPI(telemetry=QUIET)

    @app.get("/v1/tracking/{barcode}", operation_id="track", openapi_extra={"x-scope": "public"})
    async def track(barcode: str) -> Place:
        return Place(office=barcode)

    @app.get("/livez")
    async def livez() -> Unused:
        return Unused(x=1)

    return app


def ready(app: FastAPI, service: str) -> FastAPI:
    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Readiness:
        reader = Reader(name="a.b", events_behind=1, late_s=7, silent_s=2)
        lag = Lag(world="live", relay_s=3, readers=[reader])
        return Readiness(status="ok", service=service, worlds=[lag])

    return app


class World:
    def __init__(self) -> None:
        apps = {"offices": offices(), "parcels": parcels(), "complaints": FastAPI(telemetry=QUIET)}
        apps = {name: ready(app, name) for name, app in apps.items()}
        self.sisters = {name: Switch(app) for name, app in apps.items()}
        self.gateway: Gateway


@pytest.fixture
async def world(serve: Serve) -> AsyncIterator[World]:
    made = World()
    async with AsyncExitStack() as stack:
        made.gateway = await start_with(stack, serve, made.sisters, "in_process")
        yield made


@pytest.fixture(scope="module")
def merged() -> Document:
    """The gateway's own document with those of the small sisters above."""
    return assembled(
        copy.deepcopy(document("gateway")),
        {"offices": offices().openapi(), "parcels": parcels().openapi()},
    )


class TestMergedDocument:
    def test_has_what_the_table_forwards_and_the_gateways_own(self, merged: Document) -> None:
        assert merged["openapi"] == "3.1.0"
        served = {where for where, _ in domain.operations(merged)}
        assert ("GET", "/v1/offices") in served
        assert ("POST", "/v1/partners/{partner_id}/keys") in served
        assert ("GET", "/v1/tracking/{barcode}/full") in served
        assert not {path for _, path in served} & {"/v1/secret", "/livez", "/internal/feed"}

    def test_schemas_of_one_name_are_told_apart(self, merged: Document) -> None:
        schemas = merged["components"]["schemas"]
        assert "town" in schemas["OfficesPlace"]["properties"]
        assert "office" in schemas["ParcelsPlace"]["properties"]
        ref = schemas["Listed"]["properties"]["items"]["items"]["$ref"]
        assert ref == "#/components/schemas/OfficesPlace"
        assert not schemas.keys() & {"Place", "Unused"}

    def test_every_reference_leads_somewhere(self, merged: Document) -> None:
        found = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(merged)))
        assert found == merged["components"]["schemas"].keys()

    def test_operations_tell_what_the_front_may_answer(self, merged: Document) -> None:
        create = merged["paths"]["/v1/offices"]["post"]
        assert create["x-scope"] == "offices:write"
        assert create["security"] == [{"apiKey": []}, {"oauth": ["offices:write"]}]
        statuses = {"200", "400", "401", "403", "408", "409", "413", "422", "429", "503", "504"}
        assert create["responses"].keys() == statuses
        for status in statuses - {"200"}:
            assert "application/problem+json" in create["responses"][status]["content"]
        listing = merged["paths"]["/v1/offices"]["get"]
        assert listing["security"] == [{}, {"apiKey": []}, {"oauth": []}]
        assert listing["responses"].keys() == {"200", "400", "401", "429", "503", "504"}

    async def test_a_body_may_be_too_large_also_where_none_is_wanted(
        self, world: World, merged: Document
    ) -> None:
        key = await world.gateway.issue("partners:write", kind="staff")
        path = f"/v1/partners/{world.gateway.partner_id}/suspend"
        refused = await world.gateway.client.post(
            path, headers=bearer(key), content=b"x" * 6_000_000
        )
        assert refused.status_code == 413
        suspend = merged["paths"]["/v1/partners/{partner_id}/suspend"]["post"]
        assert "413" in suspend["responses"]

    async def test_the_committed_one_is_served_with_every_sister_away(self, world: World) -> None:
        for sister in world.sisters.values():
            sister.away = True
        answer = await world.gateway.client.get("/openapi.json")
        assert (answer.status_code, answer.content) == (200, service.committed())
        known = {"If-None-Match": answer.headers["etag"]}
        again = await world.gateway.client.get("/openapi.json", headers=known)
        assert (again.status_code, again.content) == (304, b"")


def test_a_name_clashes_through_what_it_refers_to() -> None:
    def part(path: str, inner: dict[str, Any]) -> domain.Document:
        ref = {"schema": {"$ref": "#/components/schemas/Page"}}
        answer = {"description": "", "content": {"application/json": ref}}
        page = {"properties": {"item": {"$ref": "#/components/schemas/Item"}}}
        document = {
            "paths": {path: {"get": {"x-scope": "public", "responses": {"200": answer}}}},
            "components": {"schemas": {"Page": page, "Item": inner, "Unused": {}}},
        }
        return domain.cut(document, lambda *_: True)

    parts = {"own": part("/o", {}), "a": part("/a", {"type": "string"})}
    parts["b"] = part("/b", {"type": "integer"})
    merged = domain.merge(parts, {"title": "x", "version": "1"})
    schemas = merged["components"]["schemas"]
    assert schemas.keys() == {"Page", "Item", "APage", "AItem", "BPage", "BItem"}
    assert schemas["BPage"]["properties"]["item"]["$ref"].endswith("/BItem")


class TestDocs:
    async def test_needs_nothing_from_outside(self, near: Gateway) -> None:
        page = await near.client.get("/docs")
        assert page.headers["content-type"].startswith("text/html")
        assert re.findall(r"https?://", page.text) == []
        assets = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(assets) == 3
        for asset in assets:
            answer = await near.client.get(asset)
            assert (answer.status_code, len(answer.content) > 1000) == (200, True)

    @pytest.mark.parametrize("asset", ["redoc.standalone.js", "..%2Fcore.py", "x"])
    async def test_gives_out_no_other_file(self, near: Gateway, asset: str) -> None:
        refused = await near.client.get(f"/docs/{asset}")
        assert refused.status_code in {404, 422}


class TestHealth:
    async def test_alive_and_ready(self, world: World) -> None:
        assert (await world.gateway.client.get("/livez")).json() == {"status": "ok"}
        ready = await world.gateway.client.get("/readyz")
        assert ready.json()["status"] == "ok"
        assert ready.json()["sisters"] == ["offices", "parcels", "complaints"]
        told = [part["service"] for part in ready.json()["parts"]]
        assert told == ["gateway", "offices", "parcels", "complaints"]
        lags = {"relay_lag_s": 3, "consumer_lag_s": 7, "consumer_silence_s": 2}
        assert ready.json()["parts"][2] == {"service": "parcels", **lags}

    async def test_names_who_is_away(self, world: World) -> None:
        world.sisters["offices"].away = True
        refused = await world.gateway.client.get("/readyz")
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert "offices" in refused.json()["detail"]

    async def test_its_own_database_counts(self, world: World) -> None:
        await world.gateway.api.database.hot.close()
        refused = await world.gateway.client.get("/readyz")
        assert "database" in refused.json()["detail"]
