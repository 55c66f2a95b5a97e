"""The client against the OpenAPI document: every path, parameter, field and type it believes in."""

import inspect
import json
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin
from uuid import UUID

import pytest
from pydantic import BaseModel

from services.gateway.documentation.service import committed
from susa_client import resources
from susa_client.call import Call
from susa_client.models import Page
from susa_client.models.base import Request, Tagged
from susa_client.operation import Resource, listing, operation

DOCUMENT: Final = json.loads(committed())
Schema = dict[str, Any]


def calls() -> dict[str, Call[Any]]:
    """One of every operation, by its name here: `Parcels.book`."""
    found: dict[str, Call[Any]] = {}
    for name, kind in vars(resources).items():
        if not (inspect.isclass(kind) and issubclass(kind, Resource)) or kind is Resource:
            continue
        for method, made in vars(kind).items():
            if isinstance(made, operation | listing):
                found[f"{name}.{method}"] = made.build(None, *_arguments(made.build))
    return found


def _arguments(build: Any) -> Iterator[Any]:
    """The least that it asks for, of the right types and of no sense."""
    for name, parameter in list(inspect.signature(build).parameters.items())[1:]:
        required = parameter.default is parameter.empty
        if parameter.kind is not parameter.KEYWORD_ONLY and required:
            annotated = parameter.annotation
            if inspect.isclass(annotated) and issubclass(annotated, BaseModel):
                yield annotated.model_construct()
            elif "Sequence" in str(annotated):
                yield []
            else:
                yield None if "None" in str(annotated) else name


CALLS: Final = calls()


def where(call: Call[Any]) -> Schema:
    found: Schema = DOCUMENT["paths"][call.path][call.method.lower()]
    return found


def resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def forms(schema: Schema) -> list[Schema]:
    schema = resolved(schema)
    found = schema.get("anyOf", schema.get("oneOf"))
    return [schema] if found is None else [one for form in found for one in forms(form)]


def kinds(schema: Schema) -> set[str]:
    return {form.get("type", "any") for form in forms(schema)}


def options(annotation: Any) -> list[Any]:
    """The types that an annotation stands for."""
    origin = get_origin(annotation)
    if origin in {Union, UnionType}:
        return [one for part in get_args(annotation) for one in options(part)]
    if origin is not None and hasattr(annotation, "__metadata__"):
        return options(get_args(annotation)[0])
    return [annotation]


def models(annotation: Any) -> list[type[BaseModel]]:
    found = []
    for one in options(annotation):
        if inspect.isclass(one) and issubclass(one, BaseModel):
            found.append(one)
        elif get_origin(one) in {list, tuple}:
            found += models(get_args(one)[0])
    return found


def agree(model: type[BaseModel], schema: Schema, at: str) -> None:
    """Field by field, and what lies below."""
    known = schema["properties"]
    for name, field in model.model_fields.items():
        assert name in known, f"{at}.{name} is not documented"
        nullable = NoneType in options(field.annotation)
        if issubclass(model, Request):
            sent = field.is_required() or (name == "kind" and issubclass(model, Tagged))
            assert sent or name not in schema.get("required", []), f"{at}.{name} must be sent"
        else:
            assert name in schema["required"], f"{at}.{name} may be left out"
            assert nullable or "null" not in kinds(known[name]), f"{at}.{name} may be null"
        below(field.annotation, known[name], f"{at}.{name}")
    if issubclass(model, Request):
        missing = set(schema.get("required", [])) - model.model_fields.keys()
        assert not missing, f"{at} lacks {missing}"
        words(model, known, at)


def words(model: type[BaseModel], known: Schema, at: str) -> None:
    """What may be sent in an enumeration is what is taken: no word more, no word less."""
    for name, field in model.model_fields.items():
        mine = {w for one in options(field.annotation) for w in _literal(one)}
        theirs = {w for form in forms(known[name]) for w in _named(form)}
        if mine:
            assert mine == theirs, f"{at}.{name}"


def _literal(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if "Literal" in str(get_origin(annotation)) else ()


def _named(form: Schema) -> list[Any]:
    return [form["const"]] if "const" in form else form.get("enum", [])


def below(annotation: Any, schema: Schema, at: str) -> None:
    items = [form["items"] for form in forms(schema) if "items" in form]
    for model in models(annotation):
        listed = [form for one in items for form in forms(one)]
        objects = [f for f in (listed or forms(schema)) if "properties" in f]
        fitting = [f for f in objects if model.model_fields.keys() <= f["properties"].keys()]
        assert fitting, f"{at}: nothing of the shape of {model.__name__}"
        likest = min(fitting, key=lambda f: (_other_tag(model, f), len(f["properties"])))
        agree(model, likest, at)


def _other_tag(model: type[BaseModel], schema: Schema) -> bool:
    field = model.model_fields.get("kind")
    mine = set(_literal(field.annotation)) if field is not None else set()
    return bool(mine) and mine != set(_named(schema["properties"]["kind"]))


@pytest.mark.parametrize("name", CALLS)
class TestOperations:
    def test_are_there_with_their_parameters(self, name: str) -> None:
        call = CALLS[name]
        parameters = where(call).get("parameters", [])
        known = {(one["in"], one["name"]) for one in parameters}
        assert {("query", n) for n in call.params} | {("header", n) for n in call.headers} <= known
        assert {("path", n) for n in call.at} == {one for one in known if one[0] == "path"}
        cursor = ("query", "cursor") in known
        assert cursor == (get_origin(call.answer) is None and _is_page(call.answer))

    def test_have_a_key_where_one_is_taken(self, name: str) -> None:
        call = CALLS[name]
        known = {one["name"] for one in where(call).get("parameters", [])}
        assert call.keyed == ("Idempotency-Key" in known)

    def test_send_what_is_taken(self, name: str) -> None:
        call = CALLS[name]
        content = where(call).get("requestBody", {}).get("content", {})
        if isinstance(call.body, BaseModel):
            below(type(call.body), content["application/json"]["schema"], name)
        elif call.body is None:
            assert not where(call).get("requestBody", {}).get("required"), name

    def test_read_what_comes(self, name: str) -> None:
        call = CALLS[name]
        answers = [a for s, a in where(call)["responses"].items() if s.startswith("2")]
        for answer in answers:
            content = answer.get("content", {})
            if call.answer is None:
                assert content == {}
            elif call.answer is bytes:
                assert "application/json" not in content
            else:
                below(call.answer, content["application/json"]["schema"], name)


def _is_page(kind: Any) -> bool:
    return inspect.isclass(kind) and issubclass(kind, Page)


def test_every_operation_is_met() -> None:
    assert len(CALLS) > 30
    assert UUID in get_args(resources.Id)
