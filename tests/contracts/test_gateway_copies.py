"""The gateway's own copies of its sisters' answers still fit what the sisters document."""

from typing import Any

import pytest
from pydantic import BaseModel

from services.gateway.clients import (
    History,
    OfficeCard,
    OfficeFigures,
    OpenCases,
    OpenCounts,
    PartnerFigures,
    ServicesByKind,
    Tariffs,
    TasksByKind,
)
from tests.contracts.documents import document

Schema = dict[str, Any]


def resolved(schema: Schema, document: Schema) -> Schema:
    """The schema behind a reference; of `x or null`, x."""
    if ref := schema.get("$ref"):
        name = ref.rpartition("/")[2]
        return resolved({**document.get("$defs", {}), **_components(document)}[name], document)
    if options := schema.get("anyOf"):
        return resolved(next(o for o in options if o.get("type") != "null"), document)
    return schema


def _components(document: Schema) -> Schema:
    found: Schema = document.get("components", {}).get("schemas", {})
    return found


def misfits(ours: Schema, own: Schema, theirs: Schema, document: Schema, at: str) -> list[str]:
    """Where what we read is not among what they always send."""
    ours, theirs = resolved(ours, own), resolved(theirs, document)
    if ours.get("type") != theirs.get("type"):
        return [f"{at}: {ours.get('type')} is now {theirs.get('type')}"]
    if ours["type"] == "array":
        return misfits(ours["items"], own, theirs["items"], document, f"{at}[]")
    found: list[str] = []
    wanted: Schema = ours.get("properties", {})
    if every := ours.get("additionalProperties"):  # ours is a mapping: all they send must fit
        wanted = dict.fromkeys(theirs["properties"], every)
    for name, schema in wanted.items():
        if name not in theirs.get("required", []) and not every:
            found.append(f"{at}.{name}: not always there")
        else:
            there = theirs["properties"][name]
            found += misfits(schema, own, there, document, f"{at}.{name}")
    return found


@pytest.mark.parametrize(
    ("copy", "service", "path"),
    [
        (History, "parcels", "/internal/parcels/{barcode}/history"),
        (OfficeCard, "offices", "/v1/offices/{code}"),
        (OpenCases, "complaints", "/internal/cases"),
        (TasksByKind, "parcels", "/v1/statistics/tasks"),
        (ServicesByKind, "offices", "/v1/statistics/services"),
        (PartnerFigures, "parcels", "/internal/partners/{account}/figures"),
        (OfficeFigures, "parcels", "/internal/offices/{code}/figures"),
        (OpenCounts, "complaints", "/internal/open-cases"),
        (Tariffs, "parcels", "/v1/tariffs"),
    ],
)
def test_copy_fits(copy: type[BaseModel], service: str, path: str) -> None:
    theirs_all = document(service)
    answer = theirs_all["paths"][path]["get"]["responses"]["200"]
    theirs = answer["content"]["application/json"]["schema"]
    own = copy.model_json_schema()
    assert misfits(own, own, theirs, theirs_all, copy.__name__) == []


def test_a_change_would_be_noticed() -> None:
    own = OpenCases.model_json_schema()
    changed = {
        "type": "object",
        "properties": {"open": {"type": "string"}, "numbers": own["properties"]["numbers"]},
        "required": ["open"],
    }
    assert misfits(own, own, changed, {}, "it") == [
        "it.open: integer is now string",
        "it.numbers: not always there",
    ]
