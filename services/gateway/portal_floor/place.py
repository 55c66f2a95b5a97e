"""The office at which a page works: of who is signed in, else the one chosen last."""

from typing import Final

from starlette.responses import Response

from services.gateway.web import cookies
from services.gateway.web.pages import YEAR_S, Page
from services.gateway.web.routing import GoTo
from shared.text import fold_code

COOKIE: Final = "floor_office"
CHOOSE: Final = "/portal/sorting"


def office_or_none(page: Page) -> str | None:
    """Of those who work at no one office, what they chose."""
    if page.caller.office is not None:
        return page.caller.office
    chosen = page.request.query_params.get("office") or page.request.cookies.get(COOKIE, "")
    code = fold_code(chosen)[:12]
    return code if code.isascii() and code.isalnum() else None


def office_of(page: Page) -> str:
    """Sends to where one is chosen, if there is none yet."""
    office = office_or_none(page)
    if office is None:
        raise GoTo(CHOOSE)
    return office


def remembered(page: Page, response: Response) -> Response:
    """Keeps the office that was just chosen."""
    office = office_or_none(page)
    if "office" in page.request.query_params and office and page.caller.office is None:
        kept = cookies.kept(COOKIE, office, secure=page.secure, age_s=YEAR_S)
        response.headers.append("set-cookie", kept)
    return response
