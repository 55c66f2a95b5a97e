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
BANKS: Final = "payments:execute"
"""What every bank holds, each for the orders that it has fetched."""
FORM: Final = "application/x-www-form-urlencoded"
WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ENUMERATED: Final = frozenset({"day", "kind", "language", "month", "seat", "change", "call"})
"""Path parameters whose every value is public."""
CERTAIN_LENGTH: Final = 20
"""Of a barcode and a UUID: not in an answer by chance, and never the same in two worlds."""
_REQUEST: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_SLUG: Final = re.compile(r"[a-z]+(-[a-z]+)*")
_numbers: Final = count(1)

OF_NO_OFFICE: Final = frozenset(
    {
        "POST /v1/scans",
        "POST /v1/bag-scans",
        "POST /v1/bags/{bag}/items",
        "POST /v1/bags/{bag}/openings",
        "POST /v1/pre-advices",
        "POST /v1/parcels/{barcode}/delivery-code",
        "GET /v1/workforce/courses",
    }
)
"""Physical facts, taken from whoever tells of them; and what its recipient alone is told."""
EMPTY: Final = {
    "GET /v1/couriers": "items",
    "GET /v1/runs": "items",
    "GET /v1/workforce/people": "items",
    "GET /v1/workforce/certificates": "items",
    "POST /v1/counted": "recorded",
    "POST /v1/services/performed": "recorded",
}
"""Lists of one's own office, and batches whose every line is refused: with this field empty."""


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
    return f"{real}-absent" if _SLUG.fullmatch(real) else _like(real)


def _like(real: str) -> str:
    stem, dot, ending = real.partition(".")
    if len(stem) <= 3:
        return "ZZ9"
    return stem[:2] + re.sub(r"\w", "9", stem[2:]) + dot + ending


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
    def by_name(self) -> bool:
        """Whether it is asked about something that may or may not exist."""
        return not ENUMERATED.issuperset(self.parameters)

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

    def sent(self, client: httpx.Client, key: str | None, once: str | None = "") -> httpx.Response:
        """`once`: the Idempotency-Key; empty for a new one, None for none."""
        headers = dict(self.headers)
        if once is not None:
            headers["Idempotency-Key"] = once or str(uuid.uuid4())
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
        media, raw = written(operation, body)
        query = self._query(operation)
        if query:
            url = f"{url}?{httpx.QueryParams(query)}"
        return Request(operation.method, url, raw, media, ids, self._headers(operation))

    def apart(self, operation: Operation) -> tuple[Request, Request]:
        """Of things that exist, and of nothing; each with its own of what must be new."""
        made = []
        for real in (True, False):
            body = self.body(operation)
            if isinstance(body, dict) and "reference" in body:
                body = {**body, "reference": str(uuid.uuid4())}
            made.append(self.request(operation, real=real, body=body))
        return made[0], made[1]

    def things(self) -> set[str]:
        """Ids of all that was made, but of who asks."""
        made = [self.world.paths, *self.world.special.values()]
        ids = {str(value) for paths in made for value in paths.values()}
        ids -= {self.world.fields["collector"]}
        return {value for value in ids if len(value) >= CERTAIN_LENGTH}

    def _headers(self, operation: Operation) -> dict[str, str]:
        """The case's own word where it is asked for: who asks is told by the sender."""
        named = {p["name"].lower() for p in operation.raw.get("parameters", [])}
        return {"Susa-Case-Secret": self.world.secret} if "susa-case-secret" in named else {}

    def ids(self, operation: Operation, *, real: bool) -> dict[str, str]:
        found = {name: str(self.world.paths.get(name, "1")) for name in operation.parameters}
        for ending, paths in self.world.special.items():
            if operation.label.endswith(ending):
                found |= {name: str(v) for name, v in paths.items() if name in found}
        if "chain" in found:  # not the province's: there is one in every world
            found["chain"] = str(self.world.paths["partner_id"])
        return found if real else {name: absent(name, value) for name, value in found.items()}

    def body(self, operation: Operation) -> Any:
        """One that is valid, of things that exist."""
        if operation.method == "GET" or "requestBody" not in operation.raw:
            return None
        if (known := self.world.bodies.get(operation.label)) is not None:
            if callable(known):  # once: what it is made of is good for one
                known = self.world.bodies[operation.label] = known()
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


def written(operation: Operation, body: Any) -> tuple[str, bytes | None]:
    """The media type and the bytes of a body."""
    if body is None:
        return "", None
    if isinstance(body, str):
        return "text/csv", body.encode()
    if isinstance(body, bytes):
        return "application/octet-stream", body
    if FORM in operation.raw["requestBody"]["content"]:
        return FORM, str(httpx.QueryParams(body)).encode()
    return "application/json", json.dumps(body).encode()


def masked(response: httpx.Response, ids: Mapping[str, str]) -> tuple[int, str]:
    """Status and body without what must differ: the ids that were asked for."""
    text = response.text
    for value in sorted(ids.values(), key=len, reverse=True):
        if len(value) > 1:
            text = text.replace(value, "…")
    return response.status_code, text
