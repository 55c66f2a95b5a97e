"""One table says what staff may do: the guide, the OpenAPI and the sessions show the same."""

from pathlib import Path

import pytest

from services.gateway.partners.domain import SCOPES
from services.gateway.roles.domain import OF_MACHINES, ROLES, STRONG, as_markdown, may_with
from services.gateway.sessions.domain import SESSION_SCOPES
from tests.conftest import Serve

GUIDE = Path(__file__).parents[4] / "docs" / "people.md"


def test_the_guide_shows_the_table() -> None:
    assert as_markdown() in GUIDE.read_text()


def test_every_scope_is_somebodys() -> None:
    held = {scope for role in ROLES.values() for scope in role.scopes}
    assert held - SCOPES.keys() == {"session:partner"}
    assert SCOPES.keys() - held == OF_MACHINES
    assert SCOPES.keys() | SESSION_SCOPES.keys() >= STRONG


def test_who_approves_votes_or_holds_keys_needs_a_second_factor() -> None:
    needing = {name for name, role in ROLES.items() if role.second_factor}
    assert needing == {
        "administrator",
        "working_group_member",
        "compensation_officer",
        "finance_officer",
        "tariff_officer",
        "partner",
    }
    for role in ROLES.values():
        assert may_with(role, strong=True) == role.scopes
        assert role.scopes.isdisjoint(STRONG) or not may_with(role, strong=False)
        assert not role.second_factor or role.sign_in == "password"


@pytest.mark.anyio
async def test_the_openapi_names_the_roles(serve: Serve) -> None:
    api = await serve("gateway")
    shown = (await api.client.get("/v1/roles")).json()["items"]
    assert [one["name"] for one in shown] == list(ROLES)
    document = (await api.client.get("/openapi.json")).json()
    described = document["components"]["securitySchemes"]["apiKey"]["description"]
    assert as_markdown() in described
    assert document["paths"]["/v1/staff"]["post"]["x-roles"] == ["administrator"]
    assert "x-roles" not in document["paths"]["/v1/sessions"]["post"]
