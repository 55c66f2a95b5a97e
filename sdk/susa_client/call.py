"""A request as a value: what is asked, and how its answer is read. No input, no output."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Any, Final, Generic, Literal, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from susa_client.errors import UnexpectedAnswer

T = TypeVar("T")
Method = Literal["GET", "PUT", "POST", "PATCH", "DELETE"]
REPEATABLE: Final = frozenset({"GET", "PUT", "DELETE"})
NO_BODY: Final = 204


@dataclass(frozen=True)
class Call(Generic[T]):
    """`path` is a template that `at` fills in; parameters that are None are left out.

    `keyed`: the operation takes an Idempotency-Key. Each call has one, drawn where none is given,
    so that all attempts of the call are one effect.
    """

    method: Method
    path: str
    answer: Any
    """The type that the answer is read as: `bytes` as it stands, else JSON."""
    at: Mapping[str, object] = field(default_factory=dict)
    params: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: Any = None
    keyed: bool = False
    key: str | None = None

    def once(self) -> Self:
        """The same with a key, where it takes one and has none."""
        if not self.keyed or self.key is not None:
            return self
        return replace(self, key=str(uuid.uuid4()))

    def with_params(self, **more: object) -> Self:
        return replace(self, params={**self.params, **more})

    @property
    def safe(self) -> bool:
        """Sent twice it has the effect of once."""
        return self.method in REPEATABLE or (self.keyed and self.key is not None)

    def request(self, base_url: httpx.URL) -> httpx.Request:
        path = self.path.format(**{name: quote(str(v), safe="") for name, v in self.at.items()})
        headers = {name: value for name, value in self.headers.items() if value is not None}
        if self.key is not None:
            headers["Idempotency-Key"] = self.key
        content = None
        if self.body is not None:
            content = _encoder().dump_json(self.body, exclude_unset=True, by_alias=True)
            headers["Content-Type"] = "application/json"
        params = {name: _text(v) for name, v in self.params.items() if v is not None}
        url = base_url.copy_with(raw_path=base_url.raw_path.rstrip(b"/") + path.encode())
        return httpx.Request(
            self.method, url, params=params or None, headers=headers, content=content
        )

    def read(self, answer: httpx.Response) -> T:
        """UnexpectedAnswer where the body is not what is documented."""
        if self.answer is bytes or self.answer is None:
            return answer.content if self.answer is bytes else None  # type: ignore[return-value]
        try:
            found: T = _adapter(self.answer).validate_json(answer.content)
        except ValidationError as error:
            raise UnexpectedAnswer(f"{self.method} {self.path}: {error}") from error
        return found


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@cache
def _encoder() -> TypeAdapter[Any]:
    return TypeAdapter(BaseModel | Any)


def _text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)
