"""The merged document: made when the API changes, served from a file.

Made while serving, it would stop every sister for the seconds that its part takes; and the gateway
forwards what its own table names, of whatever version the sisters are.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from services.gateway.documentation import domain, examples
from services.gateway.documentation.domain import Document, Operation
from services.gateway.forwarding.table import ROUTES

SISTERS: Final = tuple(dict.fromkeys(route.service for route in ROUTES))
_SERVED: Final = frozenset((r.service, r.method, r.template) for r in ROUTES)
_BOUND: Final = frozenset((r.service, r.method, r.template) for r in ROUTES if r.bound)
_INFO: Final = {
    "title": "Susa",
    "version": "1",
    "description": examples.DESCRIPTION,
}


@cache
def committed() -> bytes:
    """JSON, as `susa openapi --to` wrote it."""
    return (resources.files(__package__) / "openapi.json").read_bytes()


def assembled(own: Document, known: Mapping[str, Document]) -> Document:
    """Of the gateway's own document and those of its sisters, what the gateway serves."""
    parts = {"gateway": domain.cut(own, _own_operation)}
    parts |= {sister: cut_to_table(sister, document) for sister, document in known.items()}
    document = domain.merge(parts, _INFO)
    examples.add_to(document)
    return document


def _own_operation(_: str, __: str, operation: Operation) -> bool:
    return "x-scope" in operation


def cut_to_table(sister: str, document: Document) -> Document:
    known = domain.cut(document, lambda method, path, _: (sister, method, path) in _SERVED)
    for where, operation in domain.operations(known):
        if (sister, *where) in _BOUND:
            operation[domain.CONSTRAINED] = True
    return known
