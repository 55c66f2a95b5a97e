"""Cases at every stage, an officer and a call, for requests that are to come through."""

from collections.abc import Callable
from typing import Any, Final

import httpx

Ask = Callable[[str, str, Any], Any]
"""Method, path and body to the answer's body; refused, it raises."""

TEXT: Final = {"text": "آزمون"}
PDF: Final = b"%PDF-1.7\n%%EOF\n"
COMPLAINT: Final[dict[str, Any]] = {
    "about": {"kind": "website", "page": None},
    "category": "website",
    "text": "باز نمی‌شود",
    "complainant": {"name": "مریم", "phone": "09123456780"},
}
IN_CALL: Final = {
    "about": {"kind": "website", "page": None},
    "category": "website",
    "text": "باز نمی‌شود",
    "name": "مریم",
}
_CASE: Final = "POST /v1/complaints/{number}"
BODIES: Final[dict[str, Any]] = {
    f"{_CASE}/messages": TEXT,
    f"{_CASE}/answers": TEXT,
    f"{_CASE}/accept": {},
    f"{_CASE}/contest": TEXT,
    f"{_CASE}/notes": TEXT,
    f"{_CASE}/close": {},
    f"{_CASE}/assessment": {"severity": "high"},
    f"{_CASE}/investigation": TEXT,
    f"{_CASE}/reopen": TEXT,
    f"{_CASE}/liability": {"decision": "overrule", "kind": "nobody", "reason": "آزمون"},
    f"{_CASE}/assignments": {"reason": "آزمون"},
    f"{_CASE}/attachments": PDF,
    "PUT /v1/complaint-officers/{account}": {"level": "province"},
    "POST /v1/contact-centre/calls": {"phone": "09123456780"},
    "POST /v1/contact-centre/calls/{call_id}/cases": IN_CALL,
    "POST /v1/contact-centre/calls/{call_id}/end": {"outcome": "other"},
}


def make_complaints(
    client: httpx.Client, ask: Ask, case: dict[str, Any], account: str
) -> tuple[dict[str, str], dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """Path parameters by name; others, and headers, for paths that end so.

    `case` gets an attachment.
    """

    def made(*steps: tuple[str, Any]) -> Any:
        filed = ask("POST", "/v1/complaints", COMPLAINT)
        for rest, body in steps:
            ask("POST", f"/v1/complaints/{filed['number']}/{rest}", body)
        return filed

    def filed(*steps: tuple[str, Any]) -> dict[str, str]:
        return {"number": made(*steps)["number"]}

    ask("PUT", f"/v1/complaint-officers/{account}", {"level": "province"})
    own = {"Susa-Case-Secret": case["secret"]}
    path = f"/v1/complaints/{case['number']}/attachments"
    attachment = client.post(path, content=PDF, headers=own).raise_for_status().json()["id"]
    calls = [ask("POST", "/v1/contact-centre/calls", {"phone": "09123456780"}) for _ in range(2)]
    answered = ("answers", TEXT)
    ended = (answered, ("close", None))
    acceptable = made(answered)
    special = {
        "/complaints/{number}/accept": {"number": acceptable["number"]},
        "/complaints/{number}/assessment": filed(),
        "/complaints/{number}/investigation": filed(("assessment", {"severity": "low"})),
        "/complaints/{number}/reopen": filed(*ended),
        "/complaints/{number}/acknowledgment": filed(*ended, ("reopen", TEXT)),
        "/complaints/{number}/close": filed(answered),
        "/calls/{call_id}/end": {"call_id": str(calls[1]["id"])},
    }
    paths = {"attachment": attachment, "account": account, "call_id": str(calls[0]["id"])}
    secrets = {"/complaints/{number}/accept": {"Susa-Case-Secret": acceptable["secret"]}}
    return paths, special, secrets
