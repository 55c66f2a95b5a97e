"""Operations that have a successor: since when, until when, and where to read on. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Final

from services.gateway.traffic.domain import Header


@dataclass(frozen=True, slots=True)
class Deprecated:
    """`since` and `sunset` are days (UTC) that begin at midnight; `successor` is a path."""

    method: str
    template: str
    since: date
    sunset: date
    successor: str

    def headers(self) -> tuple[Header, ...]:
        """`Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a link to what comes instead."""
        since_s = int(_midnight(self.since).timestamp())
        sunset = format_datetime(_midnight(self.sunset), usegmt=True)
        return (
            (b"deprecation", b"@%d" % since_s),
            (b"sunset", sunset.encode()),
            (b"link", f'<{self.successor}>; rel="successor-version"'.encode()),
        )


DEPRECATED: Final[tuple[Deprecated, ...]] = ()
"""None yet: `/v1` is the first version. A line here is all that an old operation needs."""


def by_operation(table: Iterable[Deprecated]) -> Mapping[tuple[str, str], tuple[Header, ...]]:
    return {(line.method, line.template): line.headers() for line in table}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
