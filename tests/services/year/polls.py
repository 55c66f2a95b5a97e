"""Surveys on the wire, in memory: all deliveries are asked about, as a rule of 100% has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from persiantools.jdatetime import JalaliDateTime

Scans = Mapping[str, Sequence[dict[str, Any]]]


@cache
def _year(occurred_at: str) -> int:
    moment = datetime.fromisoformat(occurred_at).astimezone(ZoneInfo("Asia/Tehran"))
    day: Any = JalaliDateTime.to_jalali(moment)  # type: ignore[no-untyped-call] # no types there
    return int(day.year)


@dataclass
class Polls:
    """It holds to the contract where a client could cheat: a secret, one answer, in its time."""

    rule: dict[str, Any] | None = None
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def invitations(self, scans: Scans) -> dict[str, dict[str, Any]]:
        assert self.rule is not None
        return {
            f"survey-{barcode}": {
                "id": f"survey-{barcode}",
                "secret": f"secret-{barcode}",
                "subject": barcode,
                "occurred_at": scan["occurred_at"],
                "invited_at": scan["occurred_at"],
            }
            for barcode, of_item in scans.items()
            for scan in of_item
            if scan["event"] == "delivered"
        }

    def figures(self, scans: Scans, year: int) -> dict[str, Any]:
        asked = [
            one for one in self.invitations(scans).values() if _year(one["occurred_at"]) == year
        ]
        given = [self.answers[one["id"]] for one in asked if one["id"] in self.answers]
        satisfied = sum(answer["score"] > 3 for answer in given)
        share = round(100 * satisfied / len(given), 2) if given else None
        return {
            "occasions": len(asked),
            "answered": len(given),
            "satisfied": satisfied,
            "satisfied_percent": share,
            "low_percent": None if share is None else max(share - 6, 0),
            "high_percent": None if share is None else min(share + 4, 100),
        }


def polled(polls: Polls, scans: Scans) -> list[web.RouteDef]:
    async def rule(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer surveyor"
        if polls.rule is not None:
            return web.json_response({"code": "survey_rules_overlap"}, status=409)
        polls.rule = await request.json()
        assert 0 < polls.rule["rate_basis_points"] <= 10_000
        return web.json_response(polls.rule, status=201)

    async def listed(request: web.Request) -> web.Response:
        assert dict(request.query).items() >= {"answered": "false", "kind": "delivery"}.items()
        found = [one for key, one in polls.invitations(scans).items() if key not in polls.answers]
        start = int(request.query.get("cursor", "0"))
        after = start + int(request.query["limit"])
        following = str(after) if after < len(found) else None
        return web.json_response({"items": found[start:after], "next": following})

    async def answered(request: web.Request) -> web.Response:
        of_item = request.match_info["survey"].removeprefix("survey-")
        (asked,) = polls.invitations({of_item: scans[of_item]}).values()
        body = await request.json()
        assert request.headers["Susa-Survey-Secret"] == asked["secret"]
        assert 1 <= body["score"] <= 5
        invited_at = datetime.fromisoformat(asked["invited_at"])
        given_at = datetime.fromisoformat(body["occurred_at"])
        assert invited_at <= given_at < invited_at + timedelta(days=30)
        assert polls.answers.setdefault(asked["id"], body) == body
        return web.json_response({})

    async def satisfaction(request: web.Request) -> web.Response:
        year = int(request.query["period"])
        total = polls.figures(scans, year) | {"previous": polls.figures(scans, year - 1)}
        return web.json_response({"total": total})

    return [
        web.post("/v1/survey-rules", rule),
        web.get("/v1/surveys", listed),
        web.put("/v1/surveys/{survey}/answer", answered),
        web.get("/v1/statistics/satisfaction", satisfaction),
    ]
