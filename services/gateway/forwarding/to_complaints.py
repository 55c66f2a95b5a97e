"""What is forwarded to complaints. Pure."""

from typing import Final

from services.gateway.forwarding.route import PUBLIC, Route, of

READ: Final = "complaints:read"
ANSWER: Final = "complaints:answer"
TARGETS: Final = "targets:write"
_CASE: Final = "/v1/complaints/{number}"
_CALLS: Final = "/v1/contact-centre/calls"

COMPLAINTS: Final[tuple[Route, ...]] = (
    *of(
        "complaints",
        ("GET", "/v1/complaints", READ),
        ("POST", "/v1/complaints", PUBLIC),
        ("GET", _CASE, PUBLIC),
        ("POST", f"{_CASE}/messages", PUBLIC),
        ("POST", f"{_CASE}/answers", ANSWER),
        ("POST", f"{_CASE}/close", ANSWER),
        ("GET", "/v1/statistics/complaints", "reports:read"),
    ),
    *of(
        "complaints",
        ("POST", f"{_CASE}/accept", PUBLIC),
        ("POST", f"{_CASE}/contest", PUBLIC),
        ("POST", f"{_CASE}/reopen", PUBLIC),
        ("POST", f"{_CASE}/acknowledgment", ANSWER),
        ("POST", f"{_CASE}/assessment", ANSWER),
        ("POST", f"{_CASE}/investigation", ANSWER),
        ("POST", f"{_CASE}/notes", ANSWER),
        ("GET", f"{_CASE}/liability", READ),
        ("POST", f"{_CASE}/liability", ANSWER),
        ("POST", f"{_CASE}/liability/proposals", ANSWER),
        ("GET", f"{_CASE}/assignments", READ),
        ("POST", f"{_CASE}/assignments", ANSWER),
        ("PUT", _CASE + "/watchers/{account}", ANSWER),
        ("DELETE", _CASE + "/watchers/{account}", ANSWER),
        ("GET", f"{_CASE}/attachments", PUBLIC),
        ("POST", f"{_CASE}/attachments", PUBLIC),
        ("GET", _CASE + "/attachments/{attachment}", PUBLIC),
        ("GET", f"{_CASE}/personal-data", PUBLIC),
        ("DELETE", f"{_CASE}/personal-data", PUBLIC),
        ("POST", "/v1/complainants/export", ANSWER),
        ("POST", "/v1/complainants/erase", ANSWER),
        ("GET", "/v1/complaint-officers", READ),
        ("PUT", "/v1/complaint-officers/{account}", ANSWER),
        ("GET", "/v1/complaint-officers/{account}/watched", READ),
        ("POST", "/v1/complaint-officers/{account}/hand-over", ANSWER),
        ("GET", _CALLS, ANSWER),
        ("POST", _CALLS, ANSWER),
        ("GET", _CALLS + "/{call_id}", ANSWER),
        ("GET", _CALLS + "/{call_id}/caller", ANSWER),
        ("POST", _CALLS + "/{call_id}/cases", ANSWER),
        ("POST", _CALLS + "/{call_id}/end", ANSWER),
        ("POST", "/v1/contact-centre/callers", ANSWER),
        ("GET", "/v1/statistics/complaints/breakdown", "reports:read"),
        ("GET", "/v1/statistics/complaints/ageing", "reports:read"),
    ),
    *of(
        "complaints",
        ("GET", f"{_CASE}/clocks", READ),
        ("POST", f"{_CASE}/pauses", ANSWER),
        ("POST", f"{_CASE}/pauses/end", ANSWER),
        ("POST", f"{_CASE}/escalations", ANSWER),
        ("GET", "/v1/complaint-clocks", READ),
        ("GET", "/v1/statistics/complaint-clocks", "reports:read"),
        ("GET", "/v1/complaint-targets", READ),
        ("POST", "/v1/complaint-targets", TARGETS),
        ("GET", "/v1/complaint-targets/{code}", READ),
        ("POST", "/v1/complaint-targets/{code}/withdrawal", TARGETS),
        ("GET", "/v1/complaint-hours", READ),
        ("POST", "/v1/complaint-hours", TARGETS),
        ("GET", "/v1/complaint-days", READ),
        ("PUT", "/v1/complaint-days/{day}", TARGETS),
        ("DELETE", "/v1/complaint-days/{day}", TARGETS),
        ("GET", "/v1/complaint-calendar", READ),
    ),
)
