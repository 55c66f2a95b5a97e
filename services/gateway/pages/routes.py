"""Pages for everybody."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Response

from services.gateway.pages import complain, find, price, track
from services.gateway.pages.find import Wanted
from services.gateway.web.forms import Form
from services.gateway.web.pages import PageOf
from services.gateway.web.routing import pages

router = pages()
Typed = Annotated[str, Query(max_length=2_000)]
Word = Annotated[str, Query(max_length=100)]
Number = Annotated[str, Path(max_length=40)]


@router.get("/")
async def home(page: PageOf) -> Response:
    return track.home(page)


@router.get("/track")
async def track_form(page: PageOf, numbers: Typed = "") -> Response:
    return track.form(page, numbers)


@router.get("/track/{numbers}")
async def track_numbers(page: PageOf, numbers: Annotated[str, Path(max_length=2_000)]) -> Response:
    return await track.show(page, numbers)


@router.post("/track/{number}")
async def track_details(page: PageOf, number: Number) -> Response:
    return await track.details(page, number, await page.form())


async def _wanted(
    q: Word = "",
    town: Word = "",
    service: Word = "",
    here: Word = "",
    open_now: Word = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Wanted:
    return Wanted(q.strip(), town, service, here, open_now == "yes", cursor)


@router.get("/find")
async def find_offices(page: PageOf, wanted: Annotated[Wanted, Depends(_wanted)]) -> Response:
    return await find.find(page, wanted)


@router.get("/find/{code}")
async def show_office(page: PageOf, code: Number) -> Response:
    return await find.office(page, code)


@router.get("/price")
async def show_price(page: PageOf) -> Response:
    return await price.price(page, page.request.query_params)


@router.get("/complain")
async def complaint_form(page: PageOf, barcode: Word = "", office: Word = "") -> Response:
    kind = "office" if office else "parcel"
    return await complain.form(page, Form({"kind": kind, "barcode": barcode, "office": office}))


@router.post("/complain")
async def file_complaint(page: PageOf) -> Response:
    return await complain.file(page, await page.form())


@router.get("/complain/follow")
async def follow_form(page: PageOf) -> Response:
    return page.render("pages/follow.html")


@router.post("/complain/follow")
async def open_case(page: PageOf) -> Response:
    return await complain.open_case(page, await page.form())


@router.get("/complain/{number}")
async def show_case(page: PageOf, number: Number) -> Response:
    return await complain.show(page, number)


@router.post("/complain/{number}/{what}")
async def act_on_case(page: PageOf, number: Number, what: Number) -> Response:
    return await complain.act(page, number, what, await page.form())


@router.get("/rate")
async def rate_form(page: PageOf) -> Response:
    return page.render("pages/rate_open.html")


@router.post("/rate")
async def open_survey(page: PageOf) -> Response:
    return await complain.open_survey(page, await page.form())


@router.post("/rate/{survey}")
async def rate(page: PageOf, survey: UUID) -> Response:
    return await complain.rate(page, str(survey), await page.form())
