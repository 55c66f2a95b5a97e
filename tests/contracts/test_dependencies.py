"""No request goes through the thread pool: every dependency and endpoint is a coroutine."""

import importlib
import inspect
from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from shared.auth import SERVICES


def calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from calls(inner)


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_blocks_in_a_thread(service: str) -> None:
    app = importlib.import_module(f"services.{service}.main").create_app()
    found = [c.original_route for c in iter_route_contexts(getattr(app, "inner", app).routes)]
    routes = [route for route in found if isinstance(route, APIRoute)]
    assert len(routes) > 5
    for route in routes:
        for call in calls(route.dependant):
            is_async = inspect.iscoroutinefunction(call) or inspect.isasyncgenfunction(call)
            assert is_async, f"{route.path}: {call}"
