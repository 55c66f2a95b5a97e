"""One OpenAPI document out of several. Pure."""

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from services.gateway.forwarding.table import PUBLIC
from services.gateway.partners.domain import SCOPES
from services.gateway.roles.domain import as_markdown, roles_of
from services.gateway.sessions.domain import SESSION_SCOPES
from shared.errors import MEDIA_TYPE

Document = dict[str, Any]
Operation = dict[str, Any]
METHODS: Final = frozenset({"get", "put", "post", "delete", "patch", "head", "options"})
BODY_METHODS: Final = frozenset({"POST", "PUT", "PATCH"})
_REF: Final = "#/components/schemas/"
_PROBLEM: Final = {MEDIA_TYPE: {"schema": {"$ref": f"{_REF}ProblemBody"}}}
_KEY: Final = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "susa_live_… or susa_test_…, or susa_in_… of who signed in",
    "description": "An API key, or the token of a session. Each operation names its scope in"
    " `x-scope`:\n\n"
    + "\n".join(
        f"- `{scope}`: {meaning}" for scope, meaning in {**SCOPES, **SESSION_SCOPES}.items()
    )
    + "\n\nWhat staff who signed in may do follows from their role, which each operation names in"
    f" `x-roles`:\n\n{as_markdown()}",
}
CONSTRAINED: Final = "x-sender-constrained"
_OAUTH: Final = {
    "type": "oauth2",
    "description": "Client credentials. Operations with `x-sender-constrained` take nothing else,"
    " from a client with `private_key_jwt` or a certificate.",
    "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": SCOPES}},
}


def merge(parts: Mapping[str, Document], info: Mapping[str, str]) -> Document:
    """The operations of all parts, already cut to those that are served, and what they need."""
    unclashed = _unclashed(parts)
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for part in unclashed.values():
        for path, item in part["paths"].items():
            paths.setdefault(path, {}).update(item)
        schemas |= _schemas(part)
    for (method, _), operation in operations({"paths": paths}):
        _as_served(method, operation)
    return {
        "openapi": "3.1.0",
        "info": dict(info),
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"apiKey": _KEY, "oauth": _OAUTH},
        },
    }


def cut(document: Document, served: Callable[[str, str, Operation], bool]) -> Document:
    """The document with those operations only for which `served(METHOD, path, operation)`.

    And with those schemas only that they need.
    """
    paths: dict[str, Any] = {}
    for path, item in document.get("paths", {}).items():
        for method, operation in item.items():
            if method in METHODS and served(method.upper(), path, operation):
                paths.setdefault(path, {})[method] = operation
    schemas = _schemas(document)
    needed = {name: schemas[name] for name in _reachable(paths, schemas)}
    return {"paths": paths, "components": {"schemas": needed}}


def operations(document: Document) -> Iterator[tuple[tuple[str, str], Operation]]:
    """((METHOD, path), operation) of each."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield (method.upper(), path), operation


def _as_served(method: str, operation: Operation) -> None:
    """Add what the front asks of every request and may answer to it."""
    public = operation.get("x-scope") == PUBLIC
    statuses = {400, 401, 429, 503, 504}
    statuses |= set() if public else {403}
    statuses |= {408, 413} if method in BODY_METHODS else set()
    answers = operation.setdefault("responses", {})
    for status in sorted(statuses):
        described = {"description": HTTPStatus(status).phrase, "content": _PROBLEM}
        answers.setdefault(str(status), described)
    if roles := roles_of(operation.get("x-scope", "")):
        operation["x-roles"] = roles
    operation["security"] = _security(operation)


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    scope = operation.get("x-scope", PUBLIC)
    if scope == PUBLIC:
        return [{}, {"apiKey": []}, {"oauth": []}]
    oauth = {"oauth": [scope]}
    return [oauth] if operation.get(CONSTRAINED) else [{"apiKey": []}, oauth]


def _schemas(part: Document) -> dict[str, Any]:
    schemas: dict[str, Any] = part.get("components", {}).get("schemas", {})
    return schemas


def _unclashed(parts: Mapping[str, Document]) -> dict[str, Document]:
    """Where parts mean different things by a schema's name, each says whose it is.

    The first part, which is the gateway's own, keeps its names.
    """
    clashing = _clashing([_schemas(part) for part in parts.values()])
    unclashed: dict[str, Document] = {}
    for service, part in parts.items():
        prefix = service.title() if unclashed else ""
        unclashed[service] = _renamed(part, {name: prefix + name for name in clashing})
    return unclashed


def _clashing(vocabularies: list[dict[str, Any]]) -> set[str]:
    """Names with unlike schemas, and those that refer to such a name from more than one part."""
    meanings: dict[str, list[Any]] = {}
    for schemas in vocabularies:
        for name, schema in schemas.items():
            meanings.setdefault(name, []).append(schema)
    shared = {name: found for name, found in meanings.items() if len(found) > 1}
    clashing = {name for name, found in shared.items() if any(s != found[0] for s in found)}
    while more := {
        name for name in shared.keys() - clashing if clashing & set(_references(shared[name]))
    }:
        clashing |= more
    return clashing


def _renamed(part: Document, names: Mapping[str, str]) -> Document:
    """A copy in which schemas, and all references to them, have their new names."""

    def copy(node: Any) -> Any:
        match node:
            case dict():
                return {key: copy(value) for key, value in node.items()}
            case list():
                return [copy(value) for value in node]
            case str() if node.startswith(_REF):
                name = node.removeprefix(_REF)
                return _REF + names.get(name, name)
            case _:
                return node

    copied: Document = copy(part)
    if "schemas" in copied.get("components", {}):
        schemas = copied["components"]["schemas"]
        copied["components"]["schemas"] = {names.get(n, n): s for n, s in schemas.items()}
    return copied


def _references(node: Any) -> Iterator[str]:
    """Names of the schemas that a piece of a document refers to."""
    match node:
        case dict():
            for value in node.values():
                yield from _references(value)
        case list():
            for value in node:
                yield from _references(value)
        case str() if node.startswith(_REF):
            yield node.removeprefix(_REF)
        case _:
            return


def _reachable(paths: Document, schemas: Mapping[str, Any]) -> set[str]:
    """Names of the schemas that the paths need, through others too."""
    found: set[str] = set()
    fresh = set(_references(paths)) & schemas.keys()
    while fresh:
        found |= fresh
        fresh = {name for known in fresh for name in _references(schemas[known])} - found
        fresh &= schemas.keys()
    return found
