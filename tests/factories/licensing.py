"""What licensing's tests ask for over HTTP: meetings that vote, applications on their way."""

from typing import Any

import httpx

from tests.factories.offices import office

SCOPES = ("licensing:read", "licensing:write", "licensing:decide")
VOTERS = ("governor", "regulator", "trade_association")
LETTER = "نامه ۱۲۳۴"
PHONE = "09123456789"
NATIONAL_ID = "0084575948"


async def ask(
    api: Any, method: str, path: str, body: Any = None, *, status: int | None = None, **headers: str
) -> Any:
    """The body of an answer to one who may do all of licensing; with `status`, of that one."""
    answer: httpx.Response = await api.client.request(
        method, f"/v1{path}", json=body, headers={**api.headers(*SCOPES), **headers}
    )
    expected = {200, 201} if status is None else {status}
    assert answer.status_code in expected, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json()


async def refused(api: Any, path: str, body: Any, *, method: str = "POST") -> tuple[str, str]:
    """The code and the detail of a 409."""
    problem = await ask(api, method, path, body, status=409)
    return problem["code"], problem["detail"]


async def seat(api: Any, *seats: str, since: str = "2010-01-01") -> dict[str, str]:
    """Members for these seats; their ids."""
    made = {}
    for each in seats or VOTERS:
        body = {"seat": each, "name": f"عضو {each}", "valid_from": since}
        made[each] = (await ask(api, "POST", "/working-group/members", body))["id"]
    return made


async def meeting(api: Any, *present: str) -> str:
    """An open meeting at which these seats are present; its id."""
    body = {"scheduled_for": api.clock.at.isoformat(), "place": "استانداری"}
    made: str = (await ask(api, "POST", "/working-group/meetings", body))["id"]
    await ask(api, "POST", f"/working-group/meetings/{made}/open")
    for each in present:
        path = f"/working-group/meetings/{made}/attendance/{each}"
        await ask(api, "PUT", path, {"present": True})
    return made


async def voted(api: Any, path: str, meeting_id: str, matter: str, **votes: str) -> str:
    """Put what is at `path` on an agenda, vote and decide; the item's id."""
    body = {"meeting": meeting_id, "matter": matter}
    item: str = (await ask(api, "POST", f"{path}/agenda", body))["id"]
    for each, choice in (votes or {"governor": "for", "regulator": "for"}).items():
        vote = {"seat": each, "choice": choice}
        await ask(api, "POST", f"/working-group/items/{item}/votes", vote)
    await ask(api, "POST", f"/working-group/items/{item}/decide")
    return item


def application(**fields: Any) -> dict[str, Any]:
    """The body of a pishkhan's application, for an office to be founded."""
    kind = fields.get("kind", "pishkhan")
    where = {} if "office" in fields else {"new_office": office(kind=kind)}
    return {
        "kind": kind,
        "applicant": {"name": "مریم احمدی", "national_id": NATIONAL_ID, "phone": PHONE},
        **where,
        **fields,
    }


async def file(api: Any, **fields: Any) -> str:
    made: str = (await ask(api, "POST", "/applications", application(**fields)))["id"]
    return made


async def at(api: Any, body: dict[str, Any], application_id: str) -> dict[str, Any]:
    """The body of a step or decision on the application as it is now."""
    statement = "SELECT version FROM application WHERE id = $1"
    return {"version": await api.database.hot.fetchval(statement, application_id), **body}


async def rule(api: Any, application_id: str, body: dict[str, Any]) -> Any:
    """A decision on an application as it is now."""
    path = f"/applications/{application_id}/decisions"
    return await ask(api, "POST", path, await at(api, body, application_id))


async def refuses(
    api: Any, application_id: str, body: dict[str, Any], *, to: str = "decisions"
) -> tuple[str, str]:
    """Why a decision or step on an application as it is now is refused."""
    path = f"/applications/{application_id}/{to}"
    return await refused(api, path, await at(api, body, application_id))


async def step(api: Any, application_id: str, transition: str) -> Any:
    more = {"visited_on": "2019-03-20", "favourable": True} if transition == "visit" else {}
    body = {"transition": transition, "text": "بررسی شد", **more}
    path = f"/applications/{application_id}/steps"
    return await ask(api, "POST", path, await at(api, body, application_id))


async def visited(api: Any, **fields: Any) -> str:
    """An application that the decision on agreement waits for."""
    made = await file(api, **fields)
    await step(api, made, "complete")
    await step(api, made, "visit")
    return made


async def agreed(api: Any, meeting_id: str | None = None, **fields: Any) -> str:
    """One that was agreed to: by a meeting, or by the regulator where no meeting is given."""
    made = await visited(api, **fields)
    shown = {"reference": LETTER}
    if meeting_id is not None:
        shown = {"item": await voted(api, f"/applications/{made}", meeting_id, "agree")}
    body = {"transition": "agree", "text": "موافقت شد", **shown}
    await rule(api, made, body)
    return made


async def answer_all(api: Any, application_id: str, *, but: str = "") -> None:
    for inquiry in (await ask(api, "GET", f"/applications/{application_id}"))["inquiries"]:
        if inquiry["kind"] != but and inquiry["answer"] is None:
            body = {"answer": "favourable", "reference": "پاسخ ۱"}
            await ask(api, "POST", f"/inquiries/{inquiry['id']}/answer", body)


def letter(transition: str, **fields: Any) -> dict[str, Any]:
    """A decision by the regulator's letter."""
    return {"transition": transition, "text": "به شرح نامه", "reference": LETTER, **fields}


async def imported(api: Any, office_code: str, **fields: Any) -> str:
    """A licence from before the system; its id."""
    row = {
        "number": "72-1",
        "office": office_code,
        "kind": "rural_ict",
        "valid_from": "2015-03-21",
        "valid_until": "2020-03-19",
        "paper_reference": "پروانه کاغذی ۱",
        **fields,
    }
    (result,) = (await ask(api, "POST", "/licences/import", {"licences": [row]}))["results"]
    assert result["result"] == "imported", result
    made: str = result["licence_id"]
    return made


async def record(api: Any, licence_id: str, transition: str, **fields: Any) -> Any:
    body = {"transition": transition, "text": "ثبت شد", **fields}
    return await ask(api, "POST", f"/licences/{licence_id}/records", body)


async def decide(api: Any, licence_id: str, transition: str, **fields: Any) -> Any:
    return await ask(api, "POST", f"/licences/{licence_id}/decisions", letter(transition, **fields))
