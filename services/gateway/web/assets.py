"""Files that pages name: ours and Leaflet's, read once, each under the hash of its bytes."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

OURS: Final = Path(__file__).parent / "static"
LEAFLET: Final = (
    "leaflet.css",
    "leaflet.js",
    "images/layers.png",
    "images/layers-2x.png",
    "images/marker-icon.png",
    "images/marker-icon-2x.png",
    "images/marker-shadow.png",
)
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    media_type: str
    version: str


@cache
def all_assets() -> dict[str, Asset]:
    """By name, as in `/static/<name>`."""
    found = {path.name: path for path in sorted(OURS.iterdir()) if path.suffix in TYPES}
    leaflet = Path(str(resources.files("xstatic.pkg.leaflet"))) / "data"
    found |= {f"leaflet/{name}": leaflet / name for name in LEAFLET}
    return {name: _asset(path) for name, path in found.items()}


def url(name: str) -> str:
    """KeyError for a file that there is not: a page that names one does not render."""
    return f"/static/{name}?v={all_assets()[name].version}"


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    return Asset(body, TYPES[path.suffix], hashlib.sha256(body).hexdigest()[:12])
