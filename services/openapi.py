"""The OpenAPI document of the whole, as a file: what it is now, and what a change would break."""

import importlib
import json
from pathlib import Path
from typing import Any, Final

from services import compatibility
from services.errors import CommandError
from services.gateway.documentation.service import SISTERS, assembled
from shared.auth import SERVICES

Document = dict[str, Any]
PRETTY_DEPTH: Final = 5
"""Down to one answer of an operation, one property of a schema: each is a line of a diff."""


def document() -> Document:
    """What `/openapi.json` is to serve; needs neither database nor settings."""
    made = {service: _of(service) for service in SERVICES}
    return assembled(made["gateway"], {sister: made[sister] for sister in SISTERS})


def _of(service: str) -> Document:
    app = importlib.import_module(f"services.{service}.main").create_app()
    made: Document = getattr(app, "inner", app).openapi()
    return made


def rendered(found: Document) -> str:
    """Sorted, so that the same document is the same text."""
    return f"{_text(found, 0)}\n"


def _text(node: Any, depth: int) -> str:
    if depth >= PRETTY_DEPTH or not isinstance(node, dict | list) or not node:
        return json.dumps(node, ensure_ascii=False, sort_keys=True)
    space = " " * (depth + 1)
    if isinstance(node, list):
        return _lines("[]", [f"{space}{_text(one, depth + 1)}" for one in node], depth)
    named = [f"{space}{json.dumps(key)}: {_text(node[key], depth + 1)}" for key in sorted(node)]
    return _lines("{}", named, depth)


def _lines(brackets: str, lines: list[str], depth: int) -> str:
    return f"{brackets[0]}\n" + ",\n".join(lines) + f"\n{' ' * depth}{brackets[1]}"


def write(path: Path, *, breaking: bool) -> dict[str, Any]:
    """Bring the file up to date. A change that breaks who uses it is refused, unless wanted."""
    now = document()
    before = json.loads(path.read_text()) if path.exists() else {"paths": {}}
    found = compatibility.breaking(before, now)
    if found and not breaking:
        raise CommandError(
            f"{path} is left as it is, for this breaks who uses the API:\n"
            + "\n".join(f"  {line}" for line in found)
            + "\nIf it is meant: --breaking"
        )
    path.write_text(rendered(now))
    return {"path": str(path), "operations": compatibility.count(now), "breaking": found}
