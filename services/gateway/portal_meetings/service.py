"""Use cases of the working group's pages."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from fastapi import Response

from services.gateway.portal_meetings import domain
from services.gateway.portal_meetings.domain import Act
from services.gateway.portal_meetings.schemas import ApplicationsAsked, MeetingsAsked
from services.gateway.web import numbers
from services.gateway.web.asking import Answer, Trouble
from services.gateway.web.forms import Form
from services.gateway.web.pages import Page
from services.gateway.web.signed_in import may
from shared.errors import NotFound

GROUP: Final = "/v1/working-group"
MEETINGS: Final = f"{GROUP}/meetings"
APPLICATIONS: Final = "/v1/applications"
HERE: Final = "/portal/meetings"


async def meetings(
    page: Page, asked: MeetingsAsked, form: Form | None = None, problem: Trouble | None = None
) -> Response:
    query = {"status": asked.status or None, "cursor": asked.cursor, "limit": 50}
    found = await page.ask("GET", "offices", MEETINGS, query=query)
    return page.render(
        "portal_meetings/list.html",
        status=problem.status if problem else 200,
        found=found,
        rows=found.get("items", []),
        cursor=found.get("next"),
        asked=asked,
        statuses=domain.STATUSES,
        form=form or Form(),
        problem=problem,
        **_rights(page),
    )


async def plan(page: Page) -> Response:
    page.caller.require(domain.WRITE)
    form = await page.form()
    at = domain.moment(form["day"], form["time"])
    body = {"scheduled_for": at or f"{form['day']} {form['time']}", "place": form["place"]}
    made = await page.ask("POST", "offices", MEETINGS, json=body, key=form.key)
    if made.problem is not None:
        return await meetings(page, MeetingsAsked(), form, made.problem)
    return page.redirect(f"{HERE}/{made.body['id']}")


async def meeting(
    page: Page,
    meeting_id: UUID,
    failed: str = "",
    form: Form | None = None,
    problem: Trouble | None = None,
) -> Response:
    """The agenda with who is present, and what waits to be put on it."""
    found, seats, members, towns, waiting = await asyncio.gather(
        page.ask("GET", "offices", f"{MEETINGS}/{meeting_id}"),
        _seats(page),
        _members(page),
        _towns(page),
        page.ask("GET", "offices", APPLICATIONS, query={"state": "visited", "limit": 100}),
    )
    if found.problem is not None:
        return page.trouble(found.problem)
    known: dict[str, Any] = found.body
    subjects = await _subjects(page, known["items"])
    on_it = {one["subject_id"] for one in known["items"]}
    return page.render(
        "portal_meetings/meeting.html",
        status=problem.status if problem else 200,
        meeting=known,
        subjects=subjects,
        seats=seats,
        members=members,
        towns=towns,
        present={one["seat"]: one for one in known["attendance"] if one["present"]},
        waiting=[one for one in waiting.get("items", []) if one["id"] not in on_it],
        failed=failed,
        form=form or Form(),
        problem=problem,
        **_rights(page),
    )


async def on_meeting(page: Page, meeting_id: UUID, act: str) -> Response:
    wanted = _checked(page, domain.ON_MEETINGS, act)
    form = await page.form()
    path = wanted.path.format(seat=form["seat"] or "-")
    answer = await page.ask(
        wanted.method,
        "offices",
        f"{MEETINGS}/{meeting_id}/{path}",
        json=wanted.body(form),
        key=form.key,
    )
    if answer.problem is not None:
        return await meeting(page, meeting_id, act, form, answer.problem)
    return page.redirect(f"{HERE}/{meeting_id}#{act}")


async def minutes(page: Page, meeting_id: UUID) -> Response:
    """The document as it is kept, with its hash."""
    found, kept = await asyncio.gather(
        page.ask("GET", "offices", f"{MEETINGS}/{meeting_id}"),
        page.ask("GET", "offices", f"{MEETINGS}/{meeting_id}/minutes"),
    )
    if trouble := found.problem or kept.problem:
        return page.trouble(trouble)
    return page.render(
        "portal_meetings/minutes.html", meeting=found.body, minutes=kept.content.decode()
    )


async def item(
    page: Page,
    meeting_id: UUID,
    item_id: UUID,
    failed: str = "",
    form: Form | None = None,
    problem: Trouble | None = None,
) -> Response:
    """What is voted on, with saturation and coverage of the place, and the votes."""
    found, seats, members, towns = await asyncio.gather(
        page.ask("GET", "offices", f"{MEETINGS}/{meeting_id}"),
        _seats(page),
        _members(page),
        _towns(page),
    )
    if found.problem is not None:
        return page.trouble(found.problem)
    known: dict[str, Any] = found.body
    one = next((each for each in known["items"] if each["id"] == str(item_id)), None)
    if one is None:
        raise NotFound("this meeting has no such item")
    subject = (await _subjects(page, [one]))[one["subject_id"]]
    to_vote = domain.still_to_vote(known, one)
    place = await _place(page, one["subject_id"], wanted=one["subject_kind"] == "application")
    return page.render(
        "portal_meetings/item.html",
        status=problem.status if problem else 200,
        meeting=known,
        item=one,
        subject=subject,
        place=place,
        seats=seats,
        members=members,
        towns=towns,
        to_vote=to_vote,
        seat_choices=[(seat, seats.get(seat, seat)) for seat in to_vote],
        choices=domain.CHOICES,
        stakes=[each for each in known["stakes"] if each["subject_id"] == one["subject_id"]],
        failed=failed,
        form=form or Form(),
        problem=problem,
        **_rights(page),
    )


async def on_item(page: Page, meeting_id: UUID, item_id: UUID, act: str) -> Response:
    wanted = _checked(page, domain.ON_ITEMS, act)
    form = await page.form()
    path = f"{GROUP}/items/{item_id}/{wanted.path}"
    answer = await page.ask("POST", "offices", path, json=wanted.body(form), key=form.key)
    if answer.problem is not None:
        return await item(page, meeting_id, item_id, act, form, answer.problem)
    return page.redirect(f"{HERE}/{meeting_id}/items/{item_id}#votes")


async def applications(page: Page, asked: ApplicationsAsked) -> Response:
    query = {
        "state": asked.state or None,
        "kind": asked.kind or None,
        "county": asked.county or None,
        "overdue": True if asked.overdue else None,
        "cursor": asked.cursor,
        "limit": 50,
    }
    found = await page.ask("GET", "offices", APPLICATIONS, query=query)
    return page.render(
        "portal_meetings/applications.html",
        found=found,
        rows=found.get("items", []),
        cursor=found.get("next"),
        towns=await _towns(page),
        asked=asked,
        states=domain.STATES,
        kinds=domain.KINDS,
        **_rights(page),
    )


async def application(
    page: Page,
    application_id: UUID,
    failed: str = "",
    form: Form | None = None,
    problem: Trouble | None = None,
) -> Response:
    """An application with saturation, coverage and what was decided about it."""
    found, place, decisions, planned, towns = await asyncio.gather(
        page.ask("GET", "offices", f"{APPLICATIONS}/{application_id}"),
        _place(page, str(application_id)),
        page.ask("GET", "offices", f"{APPLICATIONS}/{application_id}/decisions"),
        page.ask("GET", "offices", MEETINGS, query={"limit": 50}),
        _towns(page),
    )
    if found.problem is not None:
        return page.trouble(found.problem)
    ahead = [one for one in planned.get("items", []) if one["status"] != "closed"]
    return page.render(
        "portal_meetings/application.html",
        status=problem.status if problem else 200,
        application=found.body,
        place=place,
        decisions=decisions,
        ahead=ahead,
        towns=towns,
        meeting_choices=[
            (one["id"], numbers.short_instant(one["scheduled_for"], page.lang)) for one in ahead
        ],
        failed=failed,
        form=form or Form(),
        problem=problem,
        **_rights(page),
    )


async def on_application(page: Page, application_id: UUID, act: str) -> Response:
    """To an agenda, which one sees then; or decided by what a meeting voted."""
    wanted = _checked(page, domain.ON_APPLICATIONS, act)
    form = await page.form()
    path = f"{APPLICATIONS}/{application_id}/{wanted.path}"
    answer = await page.ask("POST", "offices", path, json=wanted.body(form), key=form.key)
    if answer.problem is not None:
        return await application(page, application_id, act, form, answer.problem)
    if act == "agenda":
        return page.redirect(f"{HERE}/{answer.body['meeting_id']}")
    return page.redirect(f"{HERE}/applications/{application_id}#decisions")


async def _seats(page: Page) -> dict[str, str]:
    """What seats are called, in the page's language."""
    found = await page.ask("GET", "offices", f"{GROUP}/seats")
    name = "name" if page.lang == "fa" else "name_en"
    return {one["slug"]: one[name] for one in found.get("items", [])}


async def _members(page: Page) -> dict[str, str]:
    """Who sits or sat there, by the member's id; who was erased is not named."""
    found = await page.ask("GET", "offices", f"{GROUP}/members", query={"limit": 200})
    return {one["id"]: one["person"]["name"] for one in found.get("items", []) if one["person"]}


async def _towns(page: Page) -> dict[str, str]:
    """What towns are called, in the page's language; a town that is not known goes by its slug."""
    found = await page.ask("GET", "offices", "/v1/towns")
    name = "name" if page.lang == "fa" else "name_en"
    return {one["slug"]: one[name] for one in found.get("items", [])}


async def _subjects(page: Page, items: list[dict[str, Any]]) -> dict[str, Answer]:
    """The application or licence of each item."""
    paths = {one["subject_id"]: f"/v1/{one['subject_kind']}s/{one['subject_id']}" for one in items}
    found = await asyncio.gather(*(page.ask("GET", "offices", path) for path in paths.values()))
    return dict(zip(paths, found, strict=True))


async def _place(page: Page, application_id: str, *, wanted: bool = True) -> dict[str, Answer]:
    """Saturation and coverage where an application wants an office."""
    if not wanted:
        return {}
    at = f"{APPLICATIONS}/{application_id}"
    saturation, coverage = await asyncio.gather(
        page.ask("GET", "offices", f"{at}/saturation"),
        page.ask("GET", "offices", f"{at}/coverage"),
    )
    return {"saturation": saturation, "coverage": coverage}


def _rights(page: Page) -> dict[str, bool]:
    return {"may_write": may(page, domain.WRITE), "may_decide": may(page, domain.DECIDE)}


def _checked(page: Page, acts: Mapping[str, Act], act: str) -> Act:
    wanted = acts.get(act)
    if wanted is None:
        raise NotFound("there is no such act")
    page.caller.require(wanted.scope)
    return wanted
