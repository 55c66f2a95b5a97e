"""What an officer may do to a case: the form's fields as what the service is asked. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.gateway.web.numbers import whole

Fields = Mapping[str, str]
"""A form; a field that was not sent is empty."""


@dataclass(frozen=True, slots=True)
class Act:
    """`path` under the case; `anchor`: where on its page one reads what came of it."""

    path: str
    body: Callable[[Fields], dict[str, Any] | None]
    anchor: str


def said(fields: Fields, *names: str) -> dict[str, Any]:
    """Those that were filled in."""
    return {name: fields[name] for name in names if fields[name]}


def _nothing(_: Fields) -> None:
    return None


def _words(fields: Fields) -> dict[str, Any]:
    return {"text": fields["text"]}


def _answer(fields: Fields) -> dict[str, Any]:
    party = fields["party"]
    return _words(fields) | ({"party": whole(party)} if party else {})


def _assessment(fields: Fields) -> dict[str, Any]:
    return said(fields, "severity", "category", "text")


def _overruling(fields: Fields) -> dict[str, Any]:
    return {"decision": "overrule"} | said(fields, "kind", "office", "code", "reason")


def _assignment(fields: Fields) -> dict[str, Any]:
    return said(fields, "officer", "reason")


def _pause(fields: Fields) -> dict[str, Any]:
    return {"reason": fields["waits_for"], "question": fields["question"]}


ACTS: Final[Mapping[str, Act]] = {
    "acknowledge": Act("acknowledgment", _nothing, "clocks"),
    "assess": Act("assessment", _assessment, "liability"),
    "investigate": Act("investigation", _words, "thread"),
    "note": Act("notes", _words, "thread"),
    "answer": Act("answers", _answer, "thread"),
    "close": Act("close", _nothing, "main"),
    "reopen": Act("reopen", _words, "thread"),
    "propose": Act("liability/proposals", _nothing, "liability"),
    "confirm": Act("liability", lambda _: {"decision": "confirm"}, "liability"),
    "overrule": Act("liability", _overruling, "liability"),
    "assign": Act("assignments", _assignment, "main"),
    "pause": Act("pauses", _pause, "clocks"),
    "resume": Act("pauses/end", _nothing, "clocks"),
    "escalate": Act("escalations", lambda fields: said(fields, "reason"), "clocks"),
}
SEVERITIES: Final = ("low", "normal", "high", "critical")
CATEGORIES: Final = (
    "delay",
    "loss",
    "damage",
    "partial_loss",
    "cod_not_remitted",
    "return_without_cause",
    "conduct",
    "price",
    "service",
    "website",
    "other",
)
CAUSES: Final = CATEGORIES[:6]
"""Of these, compensation may be due."""
STAGES: Final = (
    "received",
    "acknowledged",
    "assessed",
    "investigated",
    "answered",
    "accepted",
    "contested",
    "closed",
)
MEASURES: Final = ("first_response", "update", "resolution")
HOLDERS: Final = ("office", "trip", "courier", "operator", "nobody")
LEVELS: Final = ("province", "county", "office")
WAITS: Final = ("information_requested", "document_requested", "item_to_be_shown")


def left_s(due_at: str, now: datetime) -> float:
    """Until a clock is due; below zero once it is overdue."""
    return (datetime.fromisoformat(due_at) - now).total_seconds()


def way(
    snapshot: Mapping[str, Any] | None, since: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """A parcel's events, as the case noted them with their offices, and what came after.

    `since` is what anyone may track now; of it, only what the snapshot does not have.
    """
    noted = list(snapshot["events"]) if snapshot else []
    last = max((one["occurred_at"] for one in noted), default="")
    later = [one for one in since["events"] if one["occurred_at"] > last] if since else []
    return [
        {
            "event": one["event"],
            "at": one["occurred_at"],
            "where": one.get("office") or one.get("town"),
            "id": one.get("event_id"),
            "later": later_on,
        }
        for found, later_on in ((noted, False), (later, True))
        for one in found
    ]
