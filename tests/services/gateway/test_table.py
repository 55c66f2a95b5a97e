"""Which route a path finds."""

import pytest

from services.gateway.forwarding.table import ROUTES, Table
from services.gateway.partners.domain import SCOPES

TABLE = Table(ROUTES)


def found(method: str, path: str) -> str | None:
    methods = TABLE.find(path)
    return methods[method].template if methods and method in methods else None


def test_every_route_finds_itself() -> None:
    for route in ROUTES:
        path = route.template.replace("{", "x").replace("}", "y")
        methods = TABLE.find(path)
        assert methods is not None
        assert methods[route.method] is route


def test_operations_are_listed_once() -> None:
    operations = [(route.method, route.template) for route in ROUTES]
    assert len(operations) == len(set(operations))


def test_scopes_can_be_granted() -> None:
    assert {route.scope for route in ROUTES} <= {"public", *SCOPES}


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/v1/offices/nearest", "/v1/offices/nearest"),
        ("/v1/offices/nearer", "/v1/offices/{code}"),
        ("/v1/offices", "/v1/offices"),
        ("/v1/offices/", None),
        ("/v1/offices//", None),
        ("/v1", None),
        ("/v2/offices/KZ00012", None),
        ("/hsds/", "/hsds/"),
        ("/hsds", None),
        ("/hsds/services", "/hsds/services"),
        ("/hsds/services/5f0c", "/hsds/services/{service_id}"),
        ("/hsds/services/", None),
        ("/hsds/offices/KZ00012", None),
        ("/v1/service_at_locations/5f0c", None),
        ("/v1/offices.geojson", "/v1/offices.geojson"),
        ("/v1/tracking/1/full", None),
        ("/v1/offices/a/b/c/d/e/f/g/h/i/j", None),
        ("", None),
        ("//", None),
        ("*", None),
    ],
)
def test_get(path: str, template: str | None) -> None:
    assert found("GET", path) == template
