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
)
