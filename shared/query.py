"""A query string validated as one model, for hot routes.

FastAPI's own way costs as much as all else that such a route does in Python (profiled).
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)


def query(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """A dependency: the validated query, of a name sent twice the last; 422 names the field."""

    async def read(request: Request) -> M:
        text: bytes = request.scope["query_string"]
        pairs = parse_qsl(text.decode("latin-1"), keep_blank_values=True)
        try:
            return model.model_validate(dict(pairs))
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            raise RequestValidationError(
                [{**each, "loc": ("query", *each["loc"])} for each in found]
            ) from None

    return read


def query_extra(model: type[BaseModel]) -> dict[str, Any]:
    """`openapi_extra` of a route whose query is read by `query`; fields of plain types only."""
    schema = model.model_json_schema(mode="validation")
    required = schema.get("required", ())
    parameters = [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in schema["properties"].items()
    ]
    for parameter in parameters:
        if description := parameter["schema"].pop("description", None):
            parameter["description"] = description
    return {"parameters": parameters}
