"""The merged OpenAPI document, and Swagger UI with nothing from outside this machine."""

from importlib import resources
from pathlib import Path
from typing import Final, Literal

from fastapi import APIRouter, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse

from services.gateway.documentation.service import committed
from shared.etag import tagged

router = APIRouter(include_in_schema=False)
ASSETS: Final = Path(str(resources.files("fastapi_offline"))) / "static"
Asset = Literal["swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"]


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    return tagged(request, committed(), "application/json", ())


@router.get("/docs")
async def docs() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Susa",
        oauth2_redirect_url=None,
        swagger_js_url="/docs/swagger-ui-bundle.js",
        swagger_css_url="/docs/swagger-ui.css",
        swagger_favicon_url="/docs/favicon.png",
    )


@router.get("/docs/{asset}")
async def docs_asset(asset: Asset) -> FileResponse:
    return FileResponse(ASSETS / asset, headers={"Cache-Control": "public, max-age=86400"})
