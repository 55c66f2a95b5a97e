"""Use cases of signing in on the portal: its cookie holds a session's token, or a partner's key."""

import json
from typing import Any, Final

import segno
from fastapi import Response

from services.gateway.sessions.domain import is_session
from services.gateway.tokens.origin import Origin
from services.gateway.tokens.service import Keyring
from services.gateway.web.asking import Answer, Trouble, of_problem
from services.gateway.web.cookies import PORTAL, SESSION, authorization_of, kept
from services.gateway.web.forms import Form
from services.gateway.web.navigation import SET_UP
from services.gateway.web.pages import Page, own_path
from shared.errors import Problem

FACTOR: Final = f"{PORTAL}/second-factor"
URI_MAX: Final = 1_000
"""Bytes of what is drawn as a QR code, which has no room for more than 3,000."""


def home(page: Page) -> Response:
    """Where the role may go; first to its second factor, where it may do nothing without."""
    if page.caller.scopes == SET_UP:
        return page.redirect(FACTOR)
    return page.render("portal/home.html")


def sign_in_form(page: Page, then: str) -> Response:
    if page.signed_in:
        return page.redirect(own_path(then, PORTAL))
    return page.render("portal/sign_in.html", form=Form({"then": then}))


async def sign_in(page: Page, form: Form) -> Response:
    asked = {"login": form["login"], "password": form["password"], "world": _world(form)}
    if form["code"]:
        asked["code"] = form["code"]
    answer = await page.ask("POST", "gateway", "/v1/sessions", json=asked)
    if not answer.ok:
        return _again(page, "portal/sign_in.html", form, answer)
    return _enter(page, answer, form)


async def use_key(page: Page, form: Form) -> Response:
    """A partner's key stands in the cookie itself, for as long as the browser is open."""
    token = form["api_key"]
    origin = Origin(page.request.headers.get("x-forwarded-for", "unknown"))
    keyring: Keyring = page.request.app.state.keyring
    try:
        await keyring.caller(b"Bearer " + token.encode(), origin)
    except Problem as refused:
        problem = of_problem(refused)
        return page.render("portal/key.html", problem.status, problem=problem, private=True)
    return _with_cookie(page, page.redirect(f"{PORTAL}/partner"), token)


async def set_password(page: Page, form: Form) -> Response:
    if form["password"] != form["again"]:
        problem = Trouble(422, "passwords_differ", "", "")
        return page.render("portal/password.html", 422, form=form, problem=problem, private=True)
    new = {"code": form["code"], "password": form["password"]}
    answer = await page.ask("POST", "gateway", "/v1/staff/password", json=new)
    if not answer.ok:
        return _again(page, "portal/password.html", form, answer)
    return page.render("portal/sign_in.html", done="portal.password.done")


def second_factor_form(page: Page) -> Response:
    return page.render("portal/second_factor.html", uri=None)


async def begin_second_factor(page: Page) -> Response:
    """The secret is shown this once, as a code to be scanned and as text."""
    answer = await page.ask("POST", "gateway", "/v1/me/second-factor")
    if answer.problem:
        return page.render(
            "portal/second_factor.html", answer.status, uri=None, problem=answer.problem
        )
    return _factor_page(page, answer.body["secret"], answer.body["uri"])


async def confirm_second_factor(page: Page, form: Form) -> Response:
    answer = await page.ask(
        "POST", "gateway", "/v1/me/second-factor/confirm", json={"code": form["code"]}
    )
    if answer.problem:
        return _factor_page(page, form["secret"], form["uri"], answer.problem)
    _forget(page)
    return page.redirect(PORTAL)


def _factor_page(page: Page, secret: str, uri: str, problem: Trouble | None = None) -> Response:
    # it comes back with the form that a wrong code is sent in
    drawn = 0 < len(uri.encode()) <= URI_MAX
    image = segno.make(uri).svg_data_uri(scale=4, border=2, dark="#17242d") if drawn else None
    return page.render(
        "portal/second_factor.html",
        problem.status if problem else 200,
        uri=uri,
        secret=secret,
        image=image,
        problem=problem,
    )


def device_form(page: Page, then: str) -> Response:
    if page.signed_in:
        return page.redirect(own_path(then, PORTAL))
    return page.render("portal/device.html", form=Form({"then": then}))


async def sign_in_on_device(page: Page, form: Form) -> Response:
    """The page's script had the device's challenge signed by its key; the PIN comes with it."""
    asked = {"assertion": form["assertion"], "pin": form["pin"], "world": _world(form)}
    path = f"/v1/devices/{form['device'] or 'none'}/sessions"
    answer = await page.ask("POST", "gateway", path, json=asked)
    if not answer.ok:
        return _again(page, "portal/device.html", form, answer)
    return _enter(page, answer, form)


async def enrol(page: Page, form: Form) -> Response:
    """The page's script made the key and keeps it; here comes its public half."""
    new = {
        "code": form["code"],
        "name": form["name"],
        "pin": form["pin"],
        "public_key": _object(form["public_key"]),
    }
    answer = await page.ask("POST", "gateway", "/v1/devices", json=new)
    if not answer.ok:
        return _again(page, "portal/enrol.html", form, answer)
    return page.render("portal/enrolled.html", device=answer.body, private=True)


async def sign_out(page: Page) -> Response:
    await page.ask("DELETE", "gateway", "/v1/sessions/current")
    response = page.render("portal/sign_in.html", done="portal.signed_out")
    cookie = kept(SESSION, "", secure=page.secure, age_s=0)
    response.headers.append("set-cookie", cookie)
    _forget(page)
    return response


def _enter(page: Page, answer: Answer, form: Form) -> Response:
    """The session's end is the server's to say: the cookie goes with the browser."""
    factor = answer.get("next") == "second_factor"
    then = FACTOR if factor else own_path(form["then"], PORTAL)
    return _with_cookie(page, page.redirect(then), answer.body["token"])


def _with_cookie(page: Page, response: Response, token: str) -> Response:
    response.headers.append("set-cookie", kept(SESSION, token, secure=page.secure))
    return response


def _again(page: Page, template: str, form: Form, answer: Answer) -> Response:
    return page.render(template, answer.status, form=form, problem=answer.problem, private=True)


def _forget(page: Page) -> None:
    """What the session may do has just changed: do not answer from memory."""
    authorization = authorization_of(page.request.url.path, page.request.scope["headers"])
    if authorization is not None and is_session(authorization):
        page.request.app.state.sessions.forget(authorization)


def _world(form: Form) -> str:
    return "test" if form["world"] == "test" else "live"


def _object(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
