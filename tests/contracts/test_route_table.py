"""The gateway forwards what its sisters document, with the same scopes; no more and no less."""

from typing import Any

import pytest

from services.gateway.forwarding.table import PUBLIC, ROUTES
from services.gateway.partners.domain import SCOPES
from services.gateway.sessions.domain import SESSION_SCOPES
from tests.contracts.documents import document

SISTERS = ("offices", "parcels", "complaints")
METHODS = {"get", "put", "post", "patch", "delete"}


def documented(service: str) -> dict[tuple[str, str], dict[str, Any]]:
    """A service's operations from its own document, without those for sisters only."""
    return {
        (method.upper(), path): operation
        for path, item in document(service)["paths"].items()
        for method, operation in item.items()
        if method in METHODS and not path.startswith("/internal/")
    }


@pytest.mark.parametrize("service", SISTERS)
def test_the_table_is_what_the_sister_documents(service: str) -> None:
    operations = documented(service)
    scopes = {where: operation.get("x-scope") for where, operation in operations.items()}
    table = {(r.method, r.template): r.scope for r in ROUTES if r.service == service}
    assert table == scopes


def test_the_gateways_own_scopes_can_be_granted() -> None:
    own = documented("gateway")
    assert {operation["x-scope"] for operation in own.values()} <= {
        PUBLIC,
        *SCOPES,
        *SESSION_SCOPES,
    }
    assert not {(route.method, route.template) for route in ROUTES} & own.keys()


def test_operation_ids_are_unique_over_all_services() -> None:
    ids = [
        operation["operationId"]
        for service in (*SISTERS, "gateway")
        for operation in documented(service).values()
    ]
    assert len(ids) == len(set(ids))
