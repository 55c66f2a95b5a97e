"""Pages for everybody."""

from fastapi import Response

from services.gateway.web.pages import PageOf
from services.gateway.web.routing import pages

router = pages()


@router.get("/")
async def home(page: PageOf) -> Response:
    return page.render("pages/home.html")
