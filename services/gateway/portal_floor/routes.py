"""Pages of counters, sorting centres and couriers."""

from typing import Annotated

from fastapi import Depends, Path, Response

from services.gateway.portal_floor import bags as of_bags
from services.gateway.portal_floor import cash as of_cash
from services.gateway.portal_floor import counter as of_counter
from services.gateway.portal_floor import courier as of_couriers
from services.gateway.portal_floor import disputes as of_disputes
from services.gateway.portal_floor import sorting as of_sorting
from services.gateway.web.pages import Page
from services.gateway.web.routing import pages
from services.gateway.web.signed_in import require

router = pages()

Booker = Annotated[Page, Depends(require("parcels:book", "scans:write"))]
Scanner = Annotated[Page, Depends(require("scans:write"))]
Counter = Annotated[Page, Depends(require("cash:count"))]
Planner = Annotated[Page, Depends(require("transport:write"))]
Reporter = Annotated[Page, Depends(require("reports:read"))]
Decider = Annotated[Page, Depends(require("custody:decide"))]
Courier = Annotated[Page, Depends(require("delivery:write"))]
Code = Annotated[str, Path(max_length=60)]


@router.get("/portal/counter")
async def counter(page: Booker) -> Response:
    return await of_counter.home(page)


@router.post("/portal/counter/accept")
async def accept(page: Booker) -> Response:
    return await of_counter.accept(page)


@router.get("/portal/counter/accept")
async def accept_again(page: Booker) -> Response:
    """Where the language is changed after a scan."""
    return await of_counter.home(page)


@router.get("/portal/counter/book")
async def new_parcel(page: Booker) -> Response:
    return await of_counter.new_parcel(page)


@router.post("/portal/counter/book")
async def book(page: Booker) -> Response:
    return await of_counter.book(page)


@router.get("/portal/counter/parcels/{barcode}")
async def parcel(page: Booker, barcode: Code) -> Response:
    return await of_counter.parcel(page, barcode)


@router.post("/portal/counter/parcels/{barcode}")
async def change_parcel(page: Booker, barcode: Code) -> Response:
    return await of_counter.change(page, barcode)


@router.get("/portal/counter/parcels/{barcode}/label")
async def label(page: Booker, barcode: Code) -> Response:
    return await of_counter.label(page, barcode)


@router.get("/portal/counter/manifests/{code}")
async def manifest(page: Booker, code: Code) -> Response:
    return await of_counter.manifest(page, code)


@router.post("/portal/counter/manifests/{code}")
async def accept_manifest(page: Booker, code: Code) -> Response:
    return await of_counter.accept_manifest(page, code)


@router.get("/portal/counter/handover")
async def handover(page: Scanner) -> Response:
    return await of_counter.handover(page)


@router.post("/portal/counter/handover")
async def hand_over(page: Scanner) -> Response:
    return await of_counter.hand_over(page)


@router.get("/portal/counter/cash")
async def cash(page: Counter) -> Response:
    return await of_cash.cash(page)


@router.post("/portal/counter/cash")
async def count_cash(page: Counter) -> Response:
    return await of_cash.count(page)


@router.get("/portal/sorting")
async def sorting(page: Scanner) -> Response:
    return await of_sorting.home(page)


@router.get("/portal/sorting/scan")
async def scan_again(page: Scanner) -> Response:
    """Where the language is changed after a scan."""
    return await of_sorting.home(page)


@router.post("/portal/sorting/scan")
async def scan(page: Scanner) -> Response:
    return await of_sorting.scan(page)


@router.get("/portal/sorting/bags")
async def bags(page: Scanner) -> Response:
    return await of_bags.listing(page)


@router.post("/portal/sorting/bags")
async def create_bag(page: Scanner) -> Response:
    return await of_bags.create(page)


@router.get("/portal/sorting/bags/{code}")
async def bag(page: Scanner, code: Code) -> Response:
    return await of_bags.bag(page, code)


@router.post("/portal/sorting/bags/{code}")
async def change_bag(page: Scanner, code: Code) -> Response:
    return await of_bags.act(page, code)


@router.get("/portal/sorting/dispatches")
async def dispatches(page: Scanner) -> Response:
    return await of_sorting.dispatches(page)


@router.post("/portal/sorting/dispatches")
async def create_dispatch(page: Scanner) -> Response:
    return await of_sorting.create_dispatch(page)


@router.get("/portal/sorting/dispatches/{dispatch_id}")
async def dispatch(page: Scanner, dispatch_id: Code) -> Response:
    return await of_sorting.dispatch(page, dispatch_id)


@router.post("/portal/sorting/dispatches/{dispatch_id}")
async def change_dispatch(page: Scanner, dispatch_id: Code) -> Response:
    return await of_sorting.change_dispatch(page, dispatch_id)


@router.get("/portal/sorting/trips")
async def trips(page: Reporter) -> Response:
    return await of_sorting.trips(page)


@router.post("/portal/sorting/trips")
async def call_of_trip(page: Planner) -> Response:
    return await of_sorting.call(page)


@router.get("/portal/sorting/discrepancies")
async def discrepancies(page: Decider) -> Response:
    return await of_disputes.listing(page)


@router.get("/portal/sorting/discrepancies/{discrepancy_id}")
async def discrepancy(page: Decider, discrepancy_id: Code) -> Response:
    return await of_disputes.show(page, discrepancy_id)


@router.post("/portal/sorting/discrepancies/{discrepancy_id}")
async def settle(page: Decider, discrepancy_id: Code) -> Response:
    return await of_disputes.settle(page, discrepancy_id)


@router.get("/portal/courier")
async def courier(page: Courier) -> Response:
    return await of_couriers.shell(page)


@router.get("/portal/courier/who")
async def who(page: Courier) -> Response:
    return await of_couriers.who(page)


@router.post("/portal/courier/who")
async def choose(page: Courier) -> Response:
    return await of_couriers.choose(page)


@router.get("/portal/courier/round")
async def round_of_day(page: Courier) -> Response:
    return await of_couriers.round_(page)


@router.post("/portal/courier/round")
async def go(page: Courier) -> Response:
    return await of_couriers.go(page)


@router.get("/portal/courier/run.json")
async def run(page: Courier) -> Response:
    return await of_couriers.run(page)


@router.post("/portal/courier/sync")
async def sync(page: Courier) -> Response:
    return await of_couriers.sync(page)


@router.get("/portal/courier/worker.js")
async def worker() -> Response:
    """Of nobody: it holds nothing of a run."""
    return of_couriers.worker()
