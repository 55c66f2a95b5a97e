"""What a document says of numbers is in JSON Schema's words."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contracts.test_route_table import SISTERS, documented

PYDANTICS = {"ge", "gt", "le", "lt"}
"""Pydantic's own words: what it writes of bounds that stand behind a validator."""


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document that says of which type something is."""
    for child in node.values() if isinstance(node, dict) else node:
        if isinstance(child, dict | list):
            yield from schemas(child)
    if isinstance(node, dict) and "type" in node:
        yield node


@pytest.mark.parametrize("service", [*SISTERS, "gateway"])
def test_bounds_of_parameters_are_json_schemas(service: str) -> None:
    found = [
        schema
        for operation in documented(service).values()
        for parameter in operation.get("parameters", [])
        for schema in schemas(parameter)
    ]
    assert found
    assert [schema for schema in found if PYDANTICS & schema.keys()] == []


def test_a_year_of_holidays_has_its_bounds() -> None:
    (year,) = documented("offices")["GET", "/v1/holidays"]["parameters"]
    assert (year["schema"]["minimum"], year["schema"]["maximum"]) == (1300, 1500)
