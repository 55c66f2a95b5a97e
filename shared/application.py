"""How a service's app is put together: errors, body limit, feed, health; called, not inherited."""

import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.telemetry import TelemetryConfig
from pydantic import BaseModel, ConfigDict, model_validator

from shared import body, clock, errors, feed, readiness
from shared.auth import Caller
from shared.dependencies import RuntimeOf, SessionOf, require
from shared.errors import ProblemBody
from shared.fields import Instant
from shared.limits import BodyLimit
from shared.runtime import Runtime
from shared.settings import BODY_MAX_BYTES

Opening = Callable[[], AbstractAsyncContextManager[Runtime]]


class Health(BaseModel):
    status: str


class ClockBody(BaseModel):
    """`wall` has no time of its own; `backfill` and `sandbox` stand at `at`."""

    model_config = ConfigDict(extra="forbid")

    mode: clock.Mode
    at: Instant | None = None

    @model_validator(mode="after")
    def _time_fits_mode(self) -> Self:
        if (self.mode == "wall") != (self.at is None):
            raise ValueError("`at` goes with backfill and sandbox, and only with them")
        return self


def service_app(
    service: str,
    title: str,
    opening: Opening,
    routers: Iterable[APIRouter],
) -> FastAPI:
    """A service's FastAPI app; `opening` opens its runtime when the lifespan starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opening() as runtime:
            runtime.install(app)
            yield

    app = FastAPI(
        title=title,
        version="1",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_telemetry(),
    )
    errors.install(app)
    app.add_middleware(BodyLimit, limit=BODY_MAX_BYTES)
    # the routers' own routes: `include_router` would work each out a second time, which is half
    # of a service's start
    for router in (*routers, feed.router(service), _health(), _clock()):
        app.router.routes.extend(router.routes)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _telemetry() -> TelemetryConfig:
    """FastAPI's own OpenTelemetry, on request: SUSA_OTEL=1, beside an SDK that sends it somewhere.

    Never its logs: they would carry request bodies, and with them names and telephones.
    """
    wanted = os.environ.get("SUSA_OTEL") == "1"
    return {"tracing": wanted, "metrics": wanted, "logs": False}


def _health() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def livez() -> Health:
        """Whether this process serves at all; looks at nothing else."""
        return Health(status="ok")

    @router.get("/readyz")
    async def readyz(runtime: RuntimeOf) -> readiness.Readiness:
        """Whether this service can do its work. The gateway's own route asks all of them."""
        return await readiness.check(runtime)

    return router


def _clock() -> APIRouter:
    router = APIRouter(tags=["internal"])

    @router.put("/internal/clock", responses=errors.responses(401, 403, 422))
    async def set_clock(
        body: ClockBody, session: SessionOf, _: Annotated[Caller, Depends(require("internal"))]
    ) -> ClockBody:
        """Set the clock row of the caller's world: what timers call now."""
        await clock.set_world(session, body.mode, body.at)
        return body

    return router


def _openapi(app: FastAPI) -> dict[str, Any]:
    """FastAPI's document with our problem body in place of its own validation error."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["ProblemBody"] = ProblemBody.model_json_schema(
        ref_template="#/components/schemas/{model}"
    )
    schemas["FieldError"] = schemas["ProblemBody"].pop("$defs")["FieldError"]
    body.add_schemas(document)
    problem = errors.responses(422)[422]
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation.get("responses", {}).items():
                content = response.get("content", {})
                if status == "422" or errors.MEDIA_TYPE in content:
                    response["content"] = problem["content"]
    app.openapi_schema = document
    return document
