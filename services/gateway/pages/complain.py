"""Complaints for everybody: file one, follow it by its number and secret, answer, contest, rate.

The secret is in a cookie of the case's own path once it was shown or typed: in no address.
"""

import uuid
from typing import Any, Final

from fastapi import Response

from services.gateway.web.asking import Answer, Trouble
from services.gateway.web.cookies import kept
from services.gateway.web.forms import Form
from services.gateway.web.pages import Page
from shared.identifiers import Malformed, parse_barcode
from shared.text import fold_digits

SECRET: Final = "susa_case"  # noqa: S105 - a cookie's name
OF_CASE: Final = "Susa-Case-Secret"
OF_SURVEY: Final = "Susa-Survey-Secret"
ABOUT: Final = ("barcode", "office", "service")
ACTS: Final = frozenset({"messages", "accept", "contest", "reopen"})
SPEECHLESS: Final = "accept"


async def form(page: Page, given: Form) -> Response:
    return page.render("pages/complain.html", form=given)


async def file(page: Page, sent: Form) -> Response:
    body = {
        "about": _about(sent),
        "category": sent["category"],
        "text": sent["text"],
        "complainant": {"name": sent["name"], "phone": sent["phone"]},
    }
    if sent["remedy"]:
        body["remedy"] = sent["remedy"]
    answer = await page.ask("POST", "complaints", "/v1/complaints", json=body, key=sent.key)
    if answer.problem:
        return page.render(
            "pages/complain.html", answer.status, form=sent, problem=answer.problem, private=True
        )
    response = page.render("pages/filed.html", filed=answer.body, private=True)
    return _remember(page, response, answer.body["number"], answer.body["secret"])


async def open_case(page: Page, sent: Form) -> Response:
    """By number and secret, as they were told when it was filed."""
    number, secret = sent["number"], sent["secret"]
    answer = await _case(page, number, secret)
    if answer.problem:
        problem = answer.problem
        if answer.status == 422:
            problem = Trouble(404, "complaint_not_found", "", "")
        return page.render(
            "pages/follow.html", problem.status, form=sent, problem=problem, private=True
        )
    found = answer.body["number"]
    return _remember(page, page.redirect(f"/complain/{found}"), found, secret)


async def show(page: Page, number: str, problem: Trouble | None = None) -> Response:
    secret = page.request.cookies.get(SECRET, "")
    answer = await _case(page, number, secret) if secret else None
    if answer is None or not answer.ok:
        return page.render("pages/follow.html", form=Form({"number": number}), private=True)
    survey = await _survey(page, number, secret)
    return page.render(
        "pages/case.html",
        problem.status if problem else 200,
        case=answer.body,
        survey=survey.body if survey.ok else None,
        problem=problem,
        private=True,
    )


async def act(page: Page, number: str, what: str, sent: Form) -> Response:
    """Write, accept, contest or reopen; then the case as it stands."""
    if what not in ACTS:
        return page.redirect(f"/complain/{number}")
    answer = await page.ask(
        "POST",
        "complaints",
        f"/v1/complaints/{number}/{what}",
        json=None if what == SPEECHLESS else {"text": sent["text"]},
        key=None if what == SPEECHLESS else sent.key,
        headers={OF_CASE: _header(page.request.cookies.get(SECRET, ""))},
    )
    if answer.problem:
        return await show(page, number, answer.problem)
    return page.redirect(f"/complain/{number}")


async def open_survey(page: Page, sent: Form) -> Response:
    """By what stands behind the `#` of its link, which browsers send to nobody."""
    survey, _, secret = sent["code"].partition("#")[2].partition(".")
    if not survey:
        survey, _, secret = sent["code"].partition(".")
    try:
        path = f"/v1/surveys/{uuid.UUID(survey)}"
    except ValueError:
        problem = Trouble(404, "survey_not_found", "", "")
        return page.render("pages/rate_open.html", 404, problem=problem, private=True)
    answer = await page.ask("GET", "complaints", path, headers={OF_SURVEY: _header(secret)})
    return _survey_page(page, answer, Form({"secret": secret}))


async def rate(page: Page, survey: str, sent: Form) -> Response:
    """The same answer again changes nothing, so a double click has one effect."""
    said = {OF_SURVEY: _header(sent["secret"])}
    score = fold_digits(sent["score"])
    body: dict[str, Any] = {"score": int(score) if score in set("12345") else 0}
    if sent["words"]:
        body["words"] = sent["words"]
    path = f"/v1/surveys/{survey}"
    answer = await page.ask("PUT", "complaints", f"{path}/answer", json=body, headers=said)
    if answer.ok:
        return _survey_page(page, answer, sent)
    known = await page.ask("GET", "complaints", path, headers=said)
    return _survey_page(page, known, sent, answer.problem)


def _survey_page(
    page: Page, answer: Answer, sent: Form, problem: Trouble | None = None
) -> Response:
    if answer.problem:
        return page.render("pages/rate_open.html", answer.status, problem=answer.problem)
    return page.render(
        "pages/rate.html",
        problem.status if problem else 200,
        survey=answer.body,
        form=sent,
        problem=problem,
        private=True,
    )


async def _case(page: Page, number: str, secret: str) -> Answer:
    path = f"/v1/complaints/{number}"
    return await page.ask("GET", "complaints", path, headers={OF_CASE: _header(secret)})


async def _survey(page: Page, number: str, secret: str) -> Answer:
    path = f"/v1/complaints/{number}/survey"
    return await page.ask("GET", "complaints", path, headers={OF_CASE: _header(secret)})


def _remember(page: Page, response: Response, number: str, secret: str) -> Response:
    cookie = kept(SECRET, secret, secure=page.secure, path=f"/complain/{number}")
    response.headers.append("set-cookie", cookie)
    return response


def _header(secret: str) -> str:
    """What cannot be a secret is none: a header holds ASCII alone."""
    return secret if secret.isascii() and secret.isprintable() else ""


def _about(sent: Form) -> dict[str, Any]:
    """Only what belongs to the kind that was chosen; a number as it was meant."""
    kind = sent["kind"] or "parcel"
    of_kind = {
        "parcel": ("barcode",),
        "office": ("office",),
        "service": ("service", "office"),
        "conduct": ("barcode", "office"),
        "price": ("barcode", "office"),
    }.get(kind, ())
    about = {"kind": kind} | {name: sent[name] for name in of_kind if sent[name]}
    parsed = parse_barcode(sent["barcode"])
    if "barcode" in about and not isinstance(parsed, Malformed):
        about["barcode"] = parsed.code
    return about
