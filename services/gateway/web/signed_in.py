"""Pages of who has signed in: others are sent to do so first, and come back."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Depends

from services.gateway.web.cookies import PORTAL
from services.gateway.web.pages import Page, PageOf
from services.gateway.web.routing import GoTo

SIGN_IN = f"{PORTAL}/sign-in"
PARTNERS: Final = frozenset({"bank", "shop", "integrator", "app"})


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


async def partner_page(page: Annotated[Page, Depends(require())]) -> Page:
    """The page of a partner's person, or of who signed in with the partner's key."""
    if page.caller.kind not in PARTNERS:
        page.caller.require("session:partner")
    return page


PartnerPage = Annotated[Page, Depends(partner_page)]
"""A partner's own account, by one of its people or with its key."""


def may(page: Page, scope: str) -> bool:
    return scope in page.caller.scopes
