"""What the forms of a webhook ask. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from shared.text import fold_digits

ACTS: Final = ("enable", "disable", "rotate", "delete", "test", "replay", "change")
EVENTS: Final = (
    "parcel.*",
    "promise.*",
    "attempt.recorded",
    "holding.begun",
    "return.begun",
    "pickup.*",
    "payment_order.*",
    "invoice.issued",
    "case.*",
    "claim.*",
    "webhook.disabled",
)
"""The groups that are offered; the API takes each single type too."""
STATUSES: Final = ("waiting", "pending", "delivered", "dead")
HOURS: Final = (1, 6, 24, 72, 168)
"""How far back a replay may begin."""


def asked(
    act: str, fields: Mapping[str, str], events: list[str], now: datetime
) -> tuple[str, str, dict[str, Any] | None]:
    """Method, what comes after the webhook's path, and the body."""
    match act:
        case "enable" | "disable":
            return "PATCH", "", {"disabled": act == "disable"}
        case "change":
            return "PATCH", "", {"events": events}
        case "rotate":
            hours = fold_digits(fields["overlap_hours"]) or "24"
            return "POST", "/rotate", {"overlap_hours": _number(hours)}
        case "delete":
            return "DELETE", "", None
        case "replay":
            return "POST", "/replays", _span(fields, now)
        case _:
            return "POST", "/test", None


def _span(fields: Mapping[str, str], now: datetime) -> dict[str, Any]:
    hours = fold_digits(fields["hours"])
    back = next((n for n in HOURS if hours == str(n)), HOURS[0])
    since = now - timedelta(hours=back)
    return {
        "since": since.isoformat(),
        "until": now.isoformat(),
        "only_missing": fields["only_missing"] == "yes",
    }


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) <= 6 else text
