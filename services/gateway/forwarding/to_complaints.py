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
        ("GET", "/v1/complaints/{number}/survey", PUBLIC),
        ("GET", "/v1/surveys", "surveys:send"),
        ("GET", "/v1/surveys/{survey}", PUBLIC),
        ("PUT", "/v1/surveys/{survey}/answer", PUBLIC),
        ("DELETE", "/v1/surveys/{survey}/words", PUBLIC),
        ("GET", "/v1/survey-answers", "complaints:read"),
        ("PUT", "/v1/survey-answers/{survey}/categories", "surveys:write"),
        ("GET", "/v1/survey-rules", "surveys:write"),
        ("POST", "/v1/survey-rules", "surveys:write"),
        ("POST", "/v1/survey-rules/{rule_id}/end", "surveys:write"),
        ("GET", "/v1/survey-keywords", "surveys:write"),
        ("PUT", "/v1/survey-keywords/{keyword}", "surveys:write"),
        ("DELETE", "/v1/survey-keywords/{keyword}", "surveys:write"),
        ("GET", "/v1/statistics/satisfaction", "reports:read"),
        ("GET", "/v1/statistics/satisfaction/reasons", "reports:read"),
        ("GET", "/v1/statistics/satisfaction/recount", "reports:read"),
        ("GET", "/open311/v2/discovery.json", PUBLIC),
        ("GET", "/open311/v2/discovery.xml", PUBLIC),
        ("GET", "/open311/v2/services.json", PUBLIC),
        ("GET", "/open311/v2/services.xml", PUBLIC),
        ("GET", "/open311/v2/services/{document}", PUBLIC),
        ("GET", "/open311/v2/requests.json", PUBLIC),
        ("GET", "/open311/v2/requests.xml", PUBLIC),
        ("POST", "/open311/v2/requests.json", PUBLIC),
        ("POST", "/open311/v2/requests.xml", PUBLIC),
        ("GET", "/open311/v2/requests/{document}", PUBLIC),
        ("GET", "/open311/v2/tokens/{document}", PUBLIC),
    ),
)
