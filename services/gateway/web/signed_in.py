"""Pages of who has signed in: others are sent to do so first, and come back."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from services.gateway.web.cookies import PORTAL
from services.gateway.web.pages import Page, PageOf
from services.gateway.web.routing import GoTo

SIGN_IN = f"{PORTAL}/sign-in"


def require(*scopes: str) -> Callable[[Page], Awaitable[Page]]:
    """A dependency: the page of who has signed in and holds all `scopes`.

    Who has not is sent to sign in (303); who may not gets a page that says so (403).
    """

    async def check(page: PageOf) -> Page:
        if not page.signed_in:
            back = page.path if page.request.method == "GET" else PORTAL
            raise GoTo(f"{SIGN_IN}?then={quote(back, safe='')}")
        for scope in scopes:
            page.caller.require(scope)
        return page

    return check


def may(page: Page, scope: str) -> bool:
    return scope in page.caller.scopes
