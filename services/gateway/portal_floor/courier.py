"""A courier's phone: a shell that works offline, the day's run, and what is sent later."""

import asyncio
import json
from typing import Any, Final

from fastapi import Response
from fastapi.responses import JSONResponse

from services.gateway.portal_floor import domain, scanning
from services.gateway.portal_floor.domain import NotARecordError, Record
from services.gateway.portal_floor.place import office_of
from services.gateway.portal_floor.scanning import escaped, items
from services.gateway.web import assets, cookies
from services.gateway.web.asking import Answer, Trouble
from services.gateway.web.forms import Form
from services.gateway.web.pages import YEAR_S, Page
from shared.errors import BadRequest
from shared.text import fold_code

HOME: Final = "/portal/courier"
COOKIE: Final = "courier"
SENT_MAX: Final = 8
"""Records of one batch that are asked at once."""
WORKER: Final = "courier-worker.js"
SHELL: Final = (
    "susa.css",
    "susa.svg",
    "floor.css",
    "courier.js",
    "courier-store.js",
    "courier-sync.js",
    "courier-stop.js",
    "courier.webmanifest",
)
"""Files that the page needs without a network."""
FIRST: Final = 100
WORDS: Final = (
    *("state_sending", "state_offline", "state_away", "state_busy", "state_signed_out"),
    *(
        "state_sent",
        "state_refused",
        "collect",
        "national_card",
        "addressee_only",
        "no_name",
        "left",
    ),
    *("waiting_delivery", "waiting_attempt", "refused_delivery", "refused_attempt"),
    *("outcome_open", "outcome_failed", "outcome_delivered", "outcome_handed_back"),
    *("kind_delivery", "kind_attempt", "record_waiting", "record_refused", "record_done"),
    *("wrong_code", "wrong_signature", "wrong_national_id", "wrong_card"),
    *("problem_wrong_delivery_code", "problem_delivery_code_blocked", "problem_already_ended"),
    *("problem_delivery_terms_not_met", "problem_notices_used_up", "problem_parcel_not_found"),
    *("problem_action_not_allowed", "problem_forbidden", "problem_invalid"),
)
"""What the page's scripts say."""


def courier_of(page: Page) -> str | None:
    """The code that the person of this phone goes out under, once it was chosen."""
    code = fold_code(page.request.cookies.get(COOKIE, ""))[:20]
    kept = page.request.cookies.get(COOKIE, "")
    return kept if code and kept.isascii() and kept.replace("-", "").isalnum() else None


async def shell(page: Page) -> Response:
    """The page without anything of the run, so that the phone may keep it."""
    office = office_of(page)
    if courier_of(page) is None:
        return page.redirect(f"{HOME}/who")
    reasons = await page.ask("GET", "parcels", "/v1/delivery-reasons")
    if reasons.problem is not None:
        return page.trouble(reasons.problem)
    return page.render(
        "portal_floor/courier.html",
        office=office,
        courier=courier_of(page),
        reasons=reasons.body["reasons"],
        actions=reasons.body["actions"],
        receivers=[(code, page.t.name("floor.receiver", code)) for code in domain.RECEIVERS],
        words={word: page.t(f"floor.js.{word}") for word in WORDS},
    )


async def _choose(page: Page, office: str, problem: Trouble | None = None) -> Response:
    found = await page.ask("GET", "parcels", "/v1/couriers", query={"office": office, "limit": 200})
    return page.render(
        "portal_floor/who.html",
        problem.status if problem else 200,
        couriers=[one for one in items(found) if one["active"]],
        problem=problem or found.problem,
    )


async def who(page: Page) -> Response:
    return await _choose(page, office_of(page))


async def choose(page: Page) -> Response:
    """Remember who goes out with this phone."""
    form, office = await page.form(), office_of(page)
    found = await page.ask("GET", "parcels", f"/v1/couriers/{escaped(form['courier'])}")
    if found.problem is not None:
        return await _choose(page, office, found.problem)
    answer = page.redirect(HOME)
    kept = cookies.kept(COOKIE, found.body["code"], secure=page.secure, age_s=YEAR_S)
    answer.headers.append("set-cookie", kept)
    return answer


async def _open_run(page: Page, office: str) -> Answer | None:
    """The run that is out, else the one planned; None where there is none."""
    query = {"office": office, "courier": courier_of(page), "open": True, "limit": FIRST}
    found = await page.ask("GET", "parcels", "/v1/runs", query=query)
    if found.problem is not None:
        return found
    newest = domain.newest_run(items(found))
    if newest is None:
        return None
    return await page.ask("GET", "parcels", f"/v1/runs/{newest['id']}/sheet")


async def run(page: Page) -> Response:
    """The run with its stops, for the phone to keep; `now` is what its clock is set against."""
    found = await _open_run(page, office_of(page))
    if found is not None and found.problem is not None:
        return _refused(found.problem)
    body = {"now": scanning.now(page), "courier": courier_of(page), "run": found and found.body}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _refused(problem: Trouble) -> Response:
    body = {"code": problem.code, "detail": problem.detail}
    return JSONResponse(body, problem.status, {"Cache-Control": "no-store"})


async def sync(page: Page) -> Response:
    """What the phone noted while it was offline; each record is answered by itself.

    A record's key is its delivery's event too, so it counts once however often it is sent.
    """
    office = office_of(page)
    records = _records(await page.request.body(), office)
    gate = asyncio.Semaphore(SENT_MAX)

    async def send(record: Record) -> dict[str, Any]:
        async with gate:
            answer = await page.ask(
                "POST", "parcels", record.path, json=record.body, key=record.key
            )
        return _told(record, answer)

    results = await asyncio.gather(*(send(record) for record in records))
    body = {"now": scanning.now(page), "results": results}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _records(body: bytes, office: str) -> list[Record]:
    """BadRequest for anything but a list of what our page makes."""
    try:
        sent = json.loads(body)["records"]
        if not (isinstance(sent, list) and 0 < len(sent) <= domain.RECORDS_MAX):
            raise NotARecordError
        return [domain.record_of(one, office) for one in sent]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadRequest(f"send 1 to {domain.RECORDS_MAX} records of the queue") from error


def _told(record: Record, answer: Answer) -> dict[str, Any]:
    problem = answer.problem
    return {
        "key": record.key,
        "state": domain.settled(answer.status),
        "status": answer.status,
        "code": problem.code if problem else None,
        "detail": problem.detail if problem else None,
        "action": answer.get("action") if answer.ok else None,
    }


def worker() -> Response:
    """The service worker, with the files that it keeps; another text whenever one changes."""
    names = [assets.url(name) for name in SHELL]
    plain = [f"/static/{name}" for name in SHELL if name.endswith(".js")]
    kept = {"version": "-".join(name[-6:] for name in names), "files": [*names, *plain]}
    script = assets.all_assets()[WORKER].body.decode()
    return Response(
        f"const KEPT = {json.dumps(kept)};\n{script}",
        media_type="text/javascript",
        headers={
            "Cache-Control": "no-cache",
            "Service-Worker-Allowed": HOME,
            "X-Content-Type-Options": "nosniff",
        },
    )


async def round_(page: Page, problem: Trouble | None = None, form: Form | None = None) -> Response:
    """At the office: scan what to take out; at the end, give back what is left."""
    office = office_of(page)
    if courier_of(page) is None:
        return await _choose(page, office)
    found = await _open_run(page, office)
    trouble = problem or (found.problem if found else None)
    return page.render(
        "portal_floor/round.html",
        trouble.status if trouble else 200,
        courier=courier_of(page),
        run=found.body if found and found.ok else None,
        problem=trouble,
        form=form or Form(),
    )


async def go(page: Page) -> Response:
    """Plan, go out, hand back, end."""
    form = await page.form()
    office_of(page)
    match form["do"]:
        case "plan":
            done = await _plan(page, form)
        case "start" | "close" | "cancel":
            path = f"/v1/runs/{escaped(form['run'])}/{form['do']}"
            done = await page.ask("POST", "parcels", path, key=form.key)
        case _:
            done = await _hand_back(page, form)
    if done.problem is not None:
        return await round_(page, done.problem, form)
    return page.redirect(HOME if form["do"] in {"plan", "start"} else f"{HOME}/round")


async def _plan(page: Page, form: Form) -> Answer:
    """And go out at once."""
    body = {"courier": courier_of(page), "stops": domain.codes(form["items"])}
    made = await page.ask("POST", "parcels", "/v1/runs", json=body, key=form.key)
    if made.problem is not None:
        return made
    key = domain.event_id(form.key, "start")
    return await page.ask("POST", "parcels", f"/v1/runs/{made.body['id']}/start", key=key)


async def _hand_back(page: Page, form: Form) -> Answer:
    """What is left goes back to the office, and the run ends."""
    path = f"/v1/runs/{escaped(form['run'])}"
    left = form.all("stop")
    if left:
        body = {"stops": left}
        back = await page.ask("POST", "parcels", f"{path}/hand-back", json=body, key=form.key)
        if back.problem is not None:
            return back
    return await page.ask("POST", "parcels", f"{path}/close")
