"""Every operation that the gateway forwards, and how a request finds its own. No catch-all.

`tests/contracts/test_route_table.py` pins this table to the sisters' documents.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from services.gateway.forwarding.route import PUBLIC, Route
from services.gateway.forwarding.to_complaints import COMPLAINTS
from services.gateway.forwarding.to_offices import OFFICES
from services.gateway.forwarding.to_parcels import PARCELS

ROUTES: Final[tuple[Route, ...]] = (*OFFICES, *PARCELS, *COMPLAINTS)

Methods = Mapping[str, Route]


class Table:
    """Finds a path's routes: a dict for literal paths, else a handful of templates to compare."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._literal: dict[str, dict[str, Route]] = {}
        self._templates: dict[tuple[int, str], dict[tuple[str, ...], dict[str, Route]]] = {}
        for route in routes:
            if "{" in route.template:
                parts = tuple(route.template.split("/"))
                same_shape = self._templates.setdefault((len(parts), parts[2]), {})
                same_shape.setdefault(parts, {})[route.method] = route
            else:
                self._literal.setdefault(route.template, {})[route.method] = route

    def find(self, path: str) -> Methods | None:
        """The routes of a path by method; None when the path is not forwarded."""
        methods = self._literal.get(path)
        if methods is not None:
            return methods
        parts = path.split("/", 8)
        if len(parts) < 4:
            return None
        for template, methods in self._templates.get((len(parts), parts[2]), {}).items():
            if all(t == p or (t[:1] == "{" and p) for t, p in zip(template, parts, strict=True)):
                return methods
        return None


__all__ = ["PUBLIC", "ROUTES", "Methods", "Route", "Table"]
