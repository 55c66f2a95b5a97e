"""The other side of the tracking measurement: one FastAPI route, one asyncpg query."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, Response
from pydantic_core import to_json

from services.parcels.tracking.repository import TRACK_SQL
from shared.identifiers import item_id_fast


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["BENCH_DSN"], min_size=1, max_size=6) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan, openapi_url=None)


@app.get("/v1/tracking/{barcode}")
async def track(barcode: str) -> Response:
    rows = await app.state.pool.fetch(TRACK_SQL, item_id_fast(barcode))
    return Response(to_json([dict(row) for row in rows]), media_type="application/json")
