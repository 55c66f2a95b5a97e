"""Use case of static files: a year in caches under the hash of their bytes."""

from typing import Final

from fastapi import Response

from services.gateway.web.assets import all_assets
from shared.errors import NotFound

FOREVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"


def static(name: str, version: str, known: str | None) -> Response:
    """NotFound for what is not there. Under another version it is what is there now."""
    asset = all_assets().get(name)
    if asset is None:
        raise NotFound("there is no such file")
    etag = f'"{asset.version}"'
    headers = {
        "ETag": etag,
        "Cache-Control": FOREVER if version == asset.version else ASK_AGAIN,
        "X-Content-Type-Options": "nosniff",
    }
    if known is not None and known.removeprefix("W/") == etag:
        return Response(status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)
