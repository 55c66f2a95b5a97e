"""A JSON body read once and validated straight from its bytes, for hot routes and idempotent ones.

FastAPI would parse to Python first and validate after; the bytes are also an effect's fingerprint.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)

MODELS: Final[dict[str, type[BaseModel]]] = {}
"""Bodies read this way, by schema name, for the OpenAPI document."""


@dataclass(frozen=True, slots=True)
class Body(Generic[M]):
    value: M
    raw: bytes


def json_body(model: type[M]) -> Callable[[Request], Awaitable[Body[M]]]:
    """A dependency: the validated body and its bytes; 422 names the field."""
    MODELS[model.__name__] = model

    async def read(request: Request) -> Body[M]:
        raw = await request.body()
        try:
            return Body(model.model_validate_json(raw), raw)
        except ValidationError as error:
            errors: list[dict[str, Any]] = [
                {**found, "loc": ("body", *found["loc"])}
                for found in error.errors(include_url=False, include_input=False)
            ]
            raise RequestValidationError(errors) from None

    return read


def body_extra(model: type[BaseModel]) -> dict[str, Any]:
    """`openapi_extra` of a route whose body is read by `json_body`."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def add_schemas(document: dict[str, Any]) -> None:
    """Put the schemas of bodies read by `json_body` where the document refers to them."""
    schemas = document["components"]["schemas"]
    for operations in document["paths"].values():
        for operation in operations.values():
            content = operation.get("requestBody", {}).get("content", {})
            ref = content.get("application/json", {}).get("schema", {}).get("$ref", "")
            name = ref.rpartition("/")[2]
            if name in MODELS and name not in schemas:
                schema = MODELS[name].model_json_schema(
                    ref_template="#/components/schemas/{model}", mode="validation"
                )
                schemas.update(schema.pop("$defs", {}))
                schemas[name] = schema
