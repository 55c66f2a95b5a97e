"""Pages to sign in and out by, and the portal's first."""

from typing import Annotated

from fastapi import Depends, Response

from services.gateway.portal import service
from services.gateway.web.pages import Page, PageOf
from services.gateway.web.routing import pages
from services.gateway.web.signed_in import require

router = pages()
SignedIn = Annotated[Page, Depends(require())]
Staff = Annotated[Page, Depends(require("session:staff"))]


@router.get("/portal")
async def home(page: SignedIn) -> Response:
    return service.home(page)


@router.get("/portal/sign-in")
async def sign_in_form(page: PageOf, then: str = "/portal") -> Response:
    return service.sign_in_form(page, then)


@router.post("/portal/sign-in")
async def sign_in(page: PageOf) -> Response:
    return await service.sign_in(page, await page.form())


@router.get("/portal/key")
async def key_form(page: PageOf) -> Response:
    return page.render("portal/key.html")


@router.post("/portal/key")
async def use_key(page: PageOf) -> Response:
    return await service.use_key(page, await page.form())


@router.get("/portal/password")
async def password_form(page: PageOf) -> Response:
    return page.render("portal/password.html")


@router.post("/portal/password")
async def set_password(page: PageOf) -> Response:
    return await service.set_password(page, await page.form())


@router.get("/portal/second-factor")
async def second_factor_form(page: Staff) -> Response:
    return service.second_factor_form(page)


@router.post("/portal/second-factor")
async def begin_second_factor(page: Staff) -> Response:
    return await service.begin_second_factor(page)


@router.post("/portal/second-factor/confirm")
async def confirm_second_factor(page: Staff) -> Response:
    return await service.confirm_second_factor(page, await page.form())


@router.get("/portal/device")
async def device_form(page: PageOf, then: str = "/portal") -> Response:
    return service.device_form(page, then)


@router.post("/portal/device")
async def sign_in_on_device(page: PageOf) -> Response:
    return await service.sign_in_on_device(page, await page.form())


@router.get("/portal/device/enrol")
async def enrol_form(page: PageOf) -> Response:
    return page.render("portal/enrol.html")


@router.post("/portal/device/enrol")
async def enrol(page: PageOf) -> Response:
    return await service.enrol(page, await page.form())


@router.post("/portal/sign-out")
async def sign_out(page: PageOf) -> Response:
    return await service.sign_out(page)
