"""The merged document, kept fresh; a sister that is down keeps its last known place in it."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from services.gateway import clients
from services.gateway.clients import SisterAway, SisterRefused
from services.gateway.documentation import domain, examples
from services.gateway.documentation.domain import Document, Operation
from services.gateway.forwarding.table import ROUTES
from shared.runtime import Runtime

log = structlog.get_logger(__name__)

FRESH_S: Final = 60.0
RETRY_S: Final = 5.0  # while a sister's document is missing
SISTERS: Final = tuple(dict.fromkeys(route.service for route in ROUTES))
_SERVED: Final = frozenset((r.service, r.method, r.template) for r in ROUTES)
_BOUND: Final = frozenset((r.service, r.method, r.template) for r in ROUTES if r.bound)
_INFO: Final = {
    "title": "Susa",
    "version": "1",
    "description": examples.DESCRIPTION,
}


class Documents:
    """The sisters' documents as last seen, merged with the gateway's own."""

    def __init__(
        self,
        runtime: Runtime,
        own: Callable[[], Document],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._runtime = runtime
        self._own = own
        self.monotonic = monotonic
        self._known: dict[str, Document] = {}
        self._merged = b""
        self._fresh_until = float("-inf")
        self._refreshing: asyncio.Task[None] | None = None

    async def merged(self) -> bytes:
        """JSON. Sisters never seen are named in `x-missing`.

        Who gives up waiting does not end the work: the next finds it done.
        """
        if self.monotonic() >= self._fresh_until:
            if self._refreshing is None or self._refreshing.done():
                self._refreshing = asyncio.create_task(self._refresh())
            await asyncio.shield(self._refreshing)
        return self._merged

    def _rendered(self) -> bytes:
        document = assembled(self._own(), self._known)
        if missing := [sister for sister in SISTERS if sister not in self._known]:
            document["x-missing"] = missing
        return json.dumps(document, ensure_ascii=False).encode()

    async def _refresh(self) -> None:
        answered = await asyncio.gather(*(self._fetch(sister) for sister in SISTERS))
        self._merged = await asyncio.to_thread(self._rendered)
        self._fresh_until = self.monotonic() + (FRESH_S if all(answered) else RETRY_S)

    async def _fetch(self, sister: str) -> bool:
        try:
            self._known[sister] = await clients.document(self._runtime, sister)
        except (SisterAway, SisterRefused) as error:
            log.warning("document_missing", sister=sister, reason=str(error)[:200])
            return False
        return True


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
