"""Structured logs, one JSON object a line (console form on a terminal). No PII goes in."""

import logging
import re
import sys
from typing import Final

import structlog

# PostgreSQL quotes the row that it refuses: "Failing row contains (…)", "Key (phone)=(…)"
_ROWS: Final = re.compile(
    r"DETAIL:.*?(?=\n(?:HINT|CONTEXT|\[SQL|\(Background|The above|During handling)|\Z)", re.DOTALL
)
# and the value that it cannot read: invalid input syntax for type integer: "…"
_VALUES: Final = re.compile(r'((?:invalid|out of range|too long|value)[^"\n]*)"(?:[^"]|"")*"')


def configure(service: str, *, level: str = "INFO") -> None:
    terminal = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            without_rows,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def without_rows(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """What a database's error tells of its rows is cut out of all that is logged."""
    for name, value in event.items():
        if isinstance(value, str) and ("DETAIL:" in value or "asyncpg" in value):
            told = _VALUES.sub(r'\1"…"', value)
            event[name] = _ROWS.sub("DETAIL: not logged", told)
    return event
