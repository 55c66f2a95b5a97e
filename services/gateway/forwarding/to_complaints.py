"""What is forwarded to complaints. Pure."""

from typing import Final

from services.gateway.forwarding.route import PUBLIC, Route, of

COMPLAINTS: Final[tuple[Route, ...]] = (
    *of(
        "complaints",
        ("GET", "/v1/complaints", "complaints:read"),
        ("POST", "/v1/complaints", PUBLIC),
        ("GET", "/v1/complaints/{number}", PUBLIC),
        ("POST", "/v1/complaints/{number}/messages", PUBLIC),
        ("POST", "/v1/complaints/{number}/answers", "complaints:answer"),
        ("POST", "/v1/complaints/{number}/close", "complaints:answer"),
        ("GET", "/v1/statistics/complaints", "reports:read"),
    ),
    *of(
        "complaints",
        ("GET", "/v1/complaints/{number}/clocks", "complaints:read"),
        ("POST", "/v1/complaints/{number}/pauses", "complaints:answer"),
        ("POST", "/v1/complaints/{number}/pauses/end", "complaints:answer"),
        ("POST", "/v1/complaints/{number}/escalations", "complaints:answer"),
        ("GET", "/v1/complaint-clocks", "complaints:read"),
        ("GET", "/v1/statistics/complaint-clocks", "reports:read"),
        ("GET", "/v1/complaint-targets", "complaints:read"),
        ("POST", "/v1/complaint-targets", "targets:write"),
        ("GET", "/v1/complaint-targets/{code}", "complaints:read"),
        ("POST", "/v1/complaint-targets/{code}/withdrawal", "targets:write"),
        ("GET", "/v1/complaint-hours", "complaints:read"),
        ("POST", "/v1/complaint-hours", "targets:write"),
        ("GET", "/v1/complaint-days", "complaints:read"),
        ("PUT", "/v1/complaint-days/{day}", "targets:write"),
        ("DELETE", "/v1/complaint-days/{day}", "targets:write"),
        ("GET", "/v1/complaint-calendar", "complaints:read"),
    ),
)
