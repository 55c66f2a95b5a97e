"""A closed case with its survey, a rule and a keyword, for requests that are to come through."""

from dataclasses import dataclass
from typing import Any, Final

import httpx

from tests.e2e.people import Make

SATISFACTION: Final = {"period": "1398", "by": "office"}
RULE: Final = {"rate_basis_points": 100, "seed": "s", "valid_from": "2150-03-21"}
FORM: Final = {"service_code": "conduct", "description": "برخورد بد"}
PERSON: Final = {"attribute[name]": "مریم", "attribute[phone]": "09123456789"}


@dataclass(frozen=True)
class Surveys:
    """`headers`: secrets, by the endings of the operations that ask for them."""

    paths: dict[str, str]
    special: dict[str, dict[str, str]]
    bodies: dict[str, Any]
    headers: dict[str, dict[str, str]]


def make_surveys(client: httpx.Client, make: Make, office: str) -> Surveys:
    filed = make(
        "/v1/complaints",
        {
            "about": {"kind": "office", "office": office},
            "category": "conduct",
            "text": "برخورد بد",
            "complainant": {"name": "مریم", "phone": "09123456789"},
        },
    )
    number = filed["number"]
    make(f"/v1/complaints/{number}/answers", {"text": "بررسی شد"})
    client.post(f"/v1/complaints/{number}/close").raise_for_status()
    of_case = {"Susa-Case-Secret": filed["secret"]}
    link = client.get(f"/v1/complaints/{number}/survey", headers=of_case)
    survey = link.raise_for_status().json()
    secret = {"Susa-Survey-Secret": survey["secret"]}
    answer = {"score": 2, "words": "دیر"}
    path = f"/v1/surveys/{survey['id']}/answer"
    client.put(path, json=answer, headers=secret).raise_for_status()
    rule = make("/v1/survey-rules", {**RULE, "product": "matbu"})
    client.put("/v1/survey-keywords/آزمون", json={"category": "other"}).raise_for_status()
    form = {**FORM, **PERSON, "address_id": office}
    request = client.post("/open311/v2/requests.json", data=form).raise_for_status().json()[0]
    paths = {"survey": survey["id"], "keyword": "آزمون"}
    special = {
        "/survey-rules/{rule_id}/end": {"rule_id": str(rule["id"])},
        "/open311/v2/services/{document}": {"document": "delay.json"},
        "/open311/v2/requests/{document}": {"document": f"{request['service_request_id']}.json"},
        "/open311/v2/tokens/{document}": {"document": f"{request['token']}.json"},
        "/complaints/{number}/survey": {"number": number},
    }
    bodies = {
        "PUT /v1/surveys/{survey}/answer": answer,
        "GET /v1/statistics/satisfaction": SATISFACTION,
        "POST /v1/survey-rules": {**RULE, "product": "adi"},
        "POST /v1/survey-rules/{rule_id}/end": {"on": "2150-04-20"},
        "PUT /v1/survey-answers/{survey}/categories": {"categories": ["delay"]},
        "POST /open311/v2/requests.json": form,
        "POST /open311/v2/requests.xml": form,
    }
    headers = {"/complaints/{number}/survey": of_case}
    headers |= dict.fromkeys(("/surveys/{survey}", "/answer", "/words"), secret)
    return Surveys(paths, special, bodies, headers)
