"""Routes of pages: what goes wrong is a page too, and what other sites send is refused."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from typing_extensions import override

from services.gateway.web.asking import of_problem, trouble_of
from services.gateway.web.pages import Page, language_of
from shared.auth import ANONYMOUS
from shared.errors import Forbidden, Invalid, Problem, field_errors
from shared.runtime import Runtime

SAFE: Final = frozenset({"GET", "HEAD"})
OURS: Final = frozenset({"same-origin", "none"})
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class FromElsewhere(Forbidden):
    code, title = "cross_site", "Sent from another site"


class GoTo(Problem):
    """Not an error: the answer is on another page of ours."""

    status, code, title = 303, "see_other", "See another page"

    def __init__(self, path: str) -> None:
        super().__init__(path, headers={"Location": path, "Cache-Control": "no-store"})
        self.path = path


class PageRoute(APIRoute):
    @override
    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def handle_page(request: Request) -> Response:
            try:
                refuse_others(request)
                return await handle(request)
            except GoTo as elsewhere:
                return _page(request).redirect(elsewhere.path)
            except Problem as problem:
                answer = _page(request).trouble(of_problem(problem))
                answer.headers.update(problem.headers)
                return answer
            except RequestValidationError as error:
                wrong = Invalid("the address or form is not as expected").as_dict()
                wrong["errors"] = field_errors(error.errors())
                return _page(request).trouble(trouble_of(wrong, 422))
            except HTTPException as error:
                wrong = {"code": f"http_{error.status_code}", "detail": str(error.detail)}
                return _page(request).trouble(trouble_of(wrong, error.status_code))

        return handle_page


def pages() -> APIRouter:
    """A router for pages: they are in no OpenAPI document."""
    return APIRouter(include_in_schema=False, route_class=PageRoute)


def refuse_others(request: Request) -> None:
    """A form of another site must not act as who is signed in here (CSRF).

    Browsers say where a request comes from in Sec-Fetch-Site; old ones, and over plain http, in
    Origin. Who says neither is no browser of the last ten years.
    """
    if request.method in SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site in OURS:
            return
    elif request.headers.get("origin", "").partition("://")[2] == request.headers.get("host"):
        return
    raise FromElsewhere("sent from another site: open the page here and send it again")


def _page(request: Request) -> Page:
    """For what went wrong before its handler had a page."""
    authorization = request.headers.get("authorization")
    runtime: Runtime = request.app.state.runtime
    caller = ANONYMOUS if authorization is None else runtime.verifier.caller(authorization)
    return Page(request, caller, language_of(request.query_params, request.cookies))
