"""Refusals of this slice."""

from shared.errors import NotFound


class ChainNotFound(NotFound):
    code, title = "audit_chain_not_found", "No such chain"
