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
        ("GET", "/v1/compensation-rules", PUBLIC),
        ("GET", "/v1/compensation-rules/in-force", PUBLIC),
        ("POST", "/v1/compensation-rules", "claims:decide"),
        ("POST", "/v1/claims", PUBLIC),
        ("GET", "/v1/claims", "complaints:read"),
        ("GET", "/v1/own-claims", "parcels:read"),
        ("GET", "/v1/claims/{claim_id}", PUBLIC),
        ("PUT", "/v1/claims/{claim_id}/payee", PUBLIC),
        ("POST", "/v1/claims/{claim_id}/assessments", "complaints:answer"),
        ("POST", "/v1/claims/{claim_id}/supplements", "complaints:answer"),
        ("POST", "/v1/claims/{claim_id}/approvals", "claims:decide"),
        ("POST", "/v1/claims/{claim_id}/decline", "claims:decide"),
        ("GET", "/v1/claims/{claim_id}/payouts", PUBLIC),
        ("POST", "/v1/claims/{claim_id}/liability", "complaints:answer"),
        ("GET", "/v1/charge-backs", "complaints:read"),
        ("GET", "/v1/charge-backs/{charge_back}", "complaints:read"),
        ("POST", "/v1/charge-backs/{charge_back}/appeal", "complaints:answer"),
        ("POST", "/v1/charge-backs/{charge_back}/ruling", "claims:decide"),
        ("GET", "/v1/statistics/compensation", "reports:read"),
    ),
)
