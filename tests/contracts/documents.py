"""Each service's own OpenAPI document, made once a process: that of offices takes seconds."""

import importlib
from functools import cache
from typing import Any


@cache
def document(service: str) -> dict[str, Any]:
    app = importlib.import_module(f"services.{service}.main").create_app()
    made: dict[str, Any] = getattr(app, "inner", app).openapi()
    return made
