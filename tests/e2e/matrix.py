"""Requests of the matrix: every operation of the document, asked by those who may and may not."""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import httpx

from shared.identifiers.barcode import barcode_of
from shared.identifiers.item import compose
from tests.e2e.examples import body_schema, example

OWNED: Final = frozenset({"parcels:book", "parcels:read", "webhooks:write"})
"""Scopes that many partners hold: what stands behind them belongs to one of them."""
WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ENUMERATED: Final = frozenset({"day", "kind", "language", "month", "seat", "change", "call"})
"""Path parameters whose every value is public."""
_REQUEST: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_numbers: Final = count(1)


def absent_barcode() -> str:
    """Well-formed and of ours, never issued."""
    return barcode_of(compose(0, 99_999_999_999_000 + next(_numbers), 4321))


def absent(name: str, real: str) -> str:
    """An id like the real one, of nothing."""
    if name in ENUMERATED:
        return real
    if name == "barcode":
        return absent_barcode()
    if _REQUEST.fullmatch(real):
        return str(uuid.uuid4())
    if real.isdigit():
        return str(9_000_000 + next(_numbers))
    return f"{real[:2]}{'9' * (len(real) - 2)}" if len(real) > 3 else "ZZ9"


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    raw: Mapping[str, Any]

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def scope(self) -> str:
        scope: str = self.raw["x-scope"]
        return scope

    @property
    def keyed(self) -> bool:
        return any(p["name"] == "Idempotency-Key" for p in self.raw.get("parameters", []))

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, raw in item.items():
            yield Operation(method.upper(), path, raw)


@dataclass
class Request:
    method: str
    url: str
    content: bytes | None
    media: str
    ids: dict[str, str]
    headers: dict[str, str] = field(default_factory=dict)

    def sent(self, client: httpx.Client, key: str | None) -> httpx.Response:
        headers = {**self.headers, "Idempotency-Key": str(uuid.uuid4())} | (
            {"Idempotency-Key": self.headers["Idempotency-Key"]}
            if "Idempotency-Key" in self.headers
            else {}
        )
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        if self.content is not None:
            headers["Content-Type"] = self.media
        return client.request(self.method, self.url, content=self.content, headers=headers)


@dataclass
class Asker:
    """Makes requests out of the document and of what exists (tests/e2e/test_schemathesis.World)."""

    document: dict[str, Any]
    world: Any

    def request(self, operation: Operation, *, real: bool, body: Any = ...) -> Request:
        ids = self.ids(operation, real=real)
        url = operation.path.format(**ids)
        if body is ...:
            body = self.body(operation)
        media = "text/csv" if isinstance(body, str) else "application/json"
        raw = None
        if body is not None:
            raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        query = self._query(operation)
        if query:
            url = f"{url}?{httpx.QueryParams(query)}"
        return Request(operation.method, url, raw, media, ids)

    def ids(self, operation: Operation, *, real: bool) -> dict[str, str]:
        found = {name: str(self.world.paths.get(name, "1")) for name in operation.parameters}
        for ending, paths in self.world.special.items():
            if operation.label.endswith(ending):
                found |= {name: str(v) for name, v in paths.items() if name in found}
        return found if real else {name: absent(name, value) for name, value in found.items()}

    def body(self, operation: Operation) -> Any:
        """One that is valid, of things that exist."""
        if operation.method == "GET" or "requestBody" not in operation.raw:
            return None
        if (known := self.world.bodies.get(operation.label)) is not None:
            return known
        schema = body_schema(dict(operation.raw), self.document)
        if schema is None:
            return ""
        made = self.world._real(example(schema, self.document))
        if isinstance(made, dict):
            self.world._fit(operation.path, made)
        return made

    def _query(self, operation: Operation) -> dict[str, Any]:
        if operation.method == "GET" and operation.label in self.world.bodies:
            known: dict[str, Any] = self.world.bodies[operation.label]
            return known
        wanted = [p for p in operation.raw.get("parameters", []) if p["in"] == "query"]
        required = [p for p in wanted if p.get("required")]
        made = {p["name"]: example(p["schema"], self.document) for p in required}
        return {name: self.world.fields.get(name, value) for name, value in made.items()}


def masked(response: httpx.Response, ids: Mapping[str, str]) -> tuple[int, str]:
    """Status and body without what must differ: the ids that were asked for."""
    text = response.text
    for value in sorted(ids.values(), key=len, reverse=True):
        if len(value) > 1:
            text = text.replace(value, "…")
    return response.status_code, text
