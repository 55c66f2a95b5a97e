"""The committed document is what the code makes; and what of a change would break its users."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import openapi
from services.compatibility import breaking, count
from services.errors import CommandError
from services.gateway.documentation import service
from services.gateway.documentation.service import SISTERS, assembled
from tests.contracts.documents import document

COMMITTED: Final = Path(service.__file__).parent / "openapi.json"
Document = dict[str, Any]
Change = Callable[[Document], object]
HOW: Final = (
    "bring it up to date: .venv/bin/susa openapi --to services/gateway/documentation/openapi.json"
)


def test_the_committed_document_is_what_the_code_makes() -> None:
    made = {service: copy.deepcopy(document(service)) for service in ("gateway", *SISTERS)}
    now = assembled(made.pop("gateway"), made)
    committed = json.loads(COMMITTED.read_text())
    assert breaking(committed, now) == [], f"this breaks who uses the API; if meant, {HOW}"
    # lines, for a difference that can be read
    changed = set(openapi.rendered(now).splitlines()) ^ set(COMMITTED.read_text().splitlines())
    assert sorted(changed)[:20] == [], HOW


def test_it_is_sorted_and_every_schema_has_a_property_a_line() -> None:
    text = COMMITTED.read_text()
    found = json.loads(text)
    assert openapi.rendered(json.loads(json.dumps(found, sort_keys=False))) == text
    assert max(map(len, text.splitlines())) < 20_000
    assert count(found) > 500


PARTY: Final[Document] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {"name": {"type": "string", "maxLength": 100}, "phone": {"type": "string"}},
}
ORDER: Final[Document] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["product", "to"],
    "properties": {
        "product": {"type": "string", "enum": ["pishtaz", "vijeh"]},
        "weight_g": {"type": "integer", "minimum": 1, "maximum": 30_000},
        "to": {"$ref": "#/components/schemas/Party"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
    },
}
PARCEL: Final[Document] = {
    "type": "object",
    "required": ["barcode", "items"],
    "properties": {
        "barcode": {"type": "string"},
        "weight_g": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Parcel"}},
        "about": {
            "oneOf": [
                {"type": "object", "properties": {"kind": {"const": "a"}, "x": {"type": "string"}}},
                {"type": "object", "properties": {"kind": {"const": "b"}, "y": {"type": "string"}}},
            ]
        },
    },
}
BASE: Final[Document] = {
    "paths": {
        "/v1/parcels": {
            "get": {
                "operationId": "list_parcels",
                "x-scope": "parcels:read",
                "parameters": [
                    {"name": "status", "in": "query", "schema": {"enum": ["booked", "lost"]}}
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}
                        }
                    }
                },
            },
            "post": {
                "operationId": "book_parcel",
                "x-scope": "parcels:book",
                "parameters": [],
                "requestBody": {
                    "required": False,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Order"}}
                    },
                },
                "responses": {
                    "201": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}
                        }
                    },
                    "409": {},
                },
            },
        }
    },
    "components": {"schemas": {"Party": PARTY, "Order": ORDER, "Parcel": PARCEL}},
}


def at(made: Document, *path: str) -> Document:
    for name in path:
        made = made[name]
    return made


def schema(made: Document, name: str) -> Document:
    return at(made, "components", "schemas", name)


def operation(made: Document, method: str) -> Document:
    return at(made, "paths", "/v1/parcels", method)


PROPERTY: Final = "properties"
BREAKING: Final[dict[str, tuple[Change, str]]] = {
    "an operation": (lambda d: d["paths"]["/v1/parcels"].pop("get"), "the operation is gone"),
    "a field of an answer": (
        lambda d: schema(d, "Parcel")[PROPERTY].pop("barcode"),
        ".barcode is not answered any more",
    ),
    "a field that was always there": (
        lambda d: schema(d, "Parcel")["required"].remove("items"),
        ".items may be left out now",
    ),
    "a new required field": (
        lambda d: schema(d, "Order")["required"].append("weight_g"),
        "body.weight_g is required now",
    ),
    "a new required field of a part": (
        lambda d: schema(d, "Party")["required"].append("phone"),
        "body.to.phone is required now",
    ),
    "fewer words": (
        lambda d: schema(d, "Order")[PROPERTY]["product"]["enum"].remove("vijeh"),
        "body.product takes no ['vijeh'] any more",
    ),
    "words where anything went": (
        lambda d: schema(d, "Party")[PROPERTY]["name"].update(enum=["x"]),
        "body.to.name takes only ['x']",
    ),
    "fewer words of items": (
        lambda d: at(schema(d, "Order"), PROPERTY, "tags", "items")["enum"].remove("b"),
        "body.tags[] takes no ['b'] any more",
    ),
    "a field of a request": (
        lambda d: schema(d, "Order")[PROPERTY].pop("tags"),
        "body.tags is not taken any more",
    ),
    "null": (
        lambda d: schema(d, "Order")[PROPERTY].update(note={"type": "string"}),
        "body.note is not taken any more as null",
    ),
    "a larger least": (
        lambda d: at(schema(d, "Order"), PROPERTY, "weight_g").update(minimum=10),
        "body.weight_g has minimum 10, before 1",
    ),
    "a smaller most": (
        lambda d: at(schema(d, "Party"), PROPERTY, "name").update(maxLength=50),
        "body.to.name has maxLength 50, before 100",
    ),
    "another type of what is sent": (
        lambda d: schema(d, "Order")[PROPERTY].update(weight_g={"type": "string"}),
        "body.weight_g is string, before integer",
    ),
    "another type of what comes": (
        lambda d: schema(d, "Parcel")[PROPERTY].update(barcode={"type": "integer"}),
        ".barcode is integer, before string",
    ),
    "null in an answer": (
        lambda d: schema(d, "Parcel")[PROPERTY].update(
            barcode={"anyOf": [{"type": "string"}, {"type": "null"}]}
        ),
        ".barcode may be null",
    ),
    "a field of one form of several": (
        lambda d: at(schema(d, "Parcel"), PROPERTY, "about")["oneOf"][1][PROPERTY].pop("y"),
        ".about.y is not answered any more",
    ),
    "a scope": (
        lambda d: operation(d, "get").update({"x-scope": "parcels:book"}),
        "needs the scope parcels:book",
    ),
    "a proof": (
        lambda d: operation(d, "post").update({"x-sender-constrained": True}),
        "an API key is not enough",
    ),
    "a name": (lambda d: operation(d, "get").update(operationId="x"), "rename a method"),
    "a parameter": (lambda d: operation(d, "get").update(parameters=[]), "query status is gone"),
    "a required parameter": (
        lambda d: operation(d, "get")["parameters"].append(
            {"name": "day", "in": "query", "required": True, "schema": {"type": "string"}}
        ),
        "query day is new and required",
    ),
    "a parameter that is required now": (
        lambda d: operation(d, "get")["parameters"][0].update(required=True),
        "query status is required now",
    ),
    "a word of a parameter": (
        lambda d: operation(d, "get")["parameters"][0]["schema"]["enum"].remove("lost"),
        "query status takes no ['lost']",
    ),
    "a body": (
        lambda d: operation(d, "post")["requestBody"].update(required=True),
        "a body is required now",
    ),
    "another media type": (
        lambda d: operation(d, "post")["requestBody"].update(content={"text/csv": {}}),
        "takes no application/json",
    ),
    "another status": (
        lambda d: (
            operation(d, "post")["responses"].update({"202": {}})
            or operation(d, "post")["responses"].pop("201")
        ),
        "does not answer 201",
    ),
    "another media type of an answer": (
        lambda d: operation(d, "get")["responses"]["200"].update(content={"text/csv": {}}),
        "answers 200 without application/json",
    ),
}
HARMLESS: Final[dict[str, Change]] = {
    "an operation more": lambda d: d["paths"].update({"/v1/x": d["paths"]["/v1/parcels"]}),
    "a field more of an answer": lambda d: schema(d, "Parcel")[PROPERTY].update(x={}),
    "an optional field more": lambda d: schema(d, "Order")[PROPERTY].update(x={}),
    "a field that need not be sent": lambda d: schema(d, "Order")["required"].remove("to"),
    "a word more": lambda d: schema(d, "Order")[PROPERTY]["product"]["enum"].append("matbu"),
    "an optional parameter": lambda d: operation(d, "get")["parameters"].append(
        {"name": "day", "in": "query", "schema": {"type": "string"}}
    ),
    "a wider bound": lambda d: at(schema(d, "Party"), PROPERTY, "name").pop("maxLength"),
    "a number for an integer": lambda d: at(schema(d, "Order"), PROPERTY, "weight_g").update(
        type="number"
    ),
    "no null any more in an answer": lambda d: schema(d, "Parcel")[PROPERTY].update(
        weight_g={"type": "integer"}
    ),
    "for everybody": lambda d: operation(d, "get").update({"x-scope": "public"}),
    "words about it": lambda d: operation(d, "get").update(summary="Parcels"),
    "another refusal": lambda d: operation(d, "post")["responses"].pop("409"),
    "another name of a schema": lambda d: (
        d["components"]["schemas"].update(Person=d["components"]["schemas"].pop("Party")),
        schema(d, "Order")[PROPERTY].update(to={"$ref": "#/components/schemas/Person"}),
    ),
}


class TestComparison:
    @pytest.mark.parametrize("what", BREAKING)
    def test_shows_what_breaks_and_where(self, what: str) -> None:
        change, said = BREAKING[what]
        after = copy.deepcopy(BASE)
        change(after)
        found = breaking(BASE, after)
        assert found
        assert any(said in line for line in found), found
        assert all("/v1/parcels: " in line for line in found)

    @pytest.mark.parametrize("what", HARMLESS)
    def test_is_silent_about_what_does_not(self, what: str) -> None:
        after = copy.deepcopy(BASE)
        HARMLESS[what](after)
        assert after != BASE
        assert breaking(BASE, after) == []

    @given(st.sets(st.sampled_from(sorted(HARMLESS))), st.sampled_from(sorted(BREAKING)))
    @settings(max_examples=60)
    def test_what_is_harmless_hides_nothing(self, harmless: set[str], broken: str) -> None:
        clash = {
            "for everybody": {"a scope"},
            "a wider bound": {"a smaller most"},
            "a number for an integer": {"another type of what is sent"},
            "an optional parameter": {"a required parameter"},
        }
        after = copy.deepcopy(BASE)
        BREAKING[broken][0](after)
        for name in sorted(harmless):
            if broken in clash.get(name, ()):
                continue
            try:
                HARMLESS[name](after)
            except (KeyError, ValueError):
                continue  # what it would change is gone
        assert breaking(BASE, after) != []

    def test_every_operation_that_goes_is_shown(self) -> None:
        committed = json.loads(COMMITTED.read_text())
        assert breaking(committed, committed) == []
        assert len(breaking(committed, {"paths": {}})) == count(committed)


class TestCommand:
    def test_writes_unless_it_breaks(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "openapi.json"
        monkeypatch.setattr(openapi, "document", lambda: copy.deepcopy(BASE))
        assert openapi.write(path, breaking=False)["operations"] == 2
        text = path.read_text()
        assert json.loads(text) == BASE
        fewer = copy.deepcopy(BASE)
        del fewer["paths"]["/v1/parcels"]["get"]
        monkeypatch.setattr(openapi, "document", lambda: fewer)
        with pytest.raises(CommandError, match="GET /v1/parcels: the operation is gone"):
            openapi.write(path, breaking=False)
        assert path.read_text() == text
        assert openapi.write(path, breaking=True)["breaking"] != []
        assert json.loads(path.read_text()) == fewer
