"""A sorting centre's pages over ASGI, with real sisters behind them."""

import re
import uuid
from datetime import timedelta

import pytest

from tests.factories.transport import line
from tests.services.gateway.portal_floor.conftest import OFFICE, Browser, Floor

pytestmark = pytest.mark.anyio
SORTER = ("scans:write", "custody:decide", "reports:read", "transport:write")
HERE = "/portal/sorting"
TRIP = {"line": "AHV-DEZ-1", "day": "2019-03-21"}
THERE = "KZ00002"


def key() -> str:
    return str(uuid.uuid4())


async def test_a_bag_from_filling_to_what_is_missing_and_its_settlement(floor: Floor) -> None:
    here = await floor.staff(*SORTER)
    there = await floor.staff(*SORTER, office=THERE)
    first, second, surplus = await floor.office.arrived(3)
    assert "You" not in await here.get(HERE)

    await here.post(f"{HERE}/bags", to_office="KZ99999", key=key())
    assert here.status == 422
    await here.post(f"{HERE}/bags", to_office="kz00002", key=key())
    path = here.at
    bag = path.rpartition("/")[2]
    packed = await here.post(path, do="packed", code=f"{first}\n{second}", key=key())
    assert packed.count('data-result="packed"') == 2
    assert "in_two_bags" not in packed
    wrong = await here.post(path, do="packed", code="6100", key=key())
    assert 'data-result="malformed"' in wrong
    out = await here.post(path, do="packed", code=surplus, key=key())
    assert surplus in out
    floor.gateway.api.clock.at += timedelta(seconds=1)
    await here.post(path, do="removed", code=surplus, key=key())
    assert f'value="{surplus}"' not in here.page
    floor.gateway.api.clock.at += timedelta(seconds=1)  # a stay has both its ends
    await here.post(path, do="closed", seal="S-1", key=key())
    assert here.at == path
    assert "S-1" in here.page
    await here.post(path, do="loaded", trip="AHV-DEZ-1.2019-03-21", key=key())

    assert bag in await there.get(HERE)
    await there.post(f"{HERE}/scan", code=bag, event="arrival", key=key())
    assert there.at == path
    await there.post(path, do="unloaded", seal="S-1", key=key())
    page = await there.get(path)
    assert page.count("data-code=") == 2
    opening = key()
    for _ in range(2):
        page = await there.post(path, do="opened", items=f"{first}\r\n{surplus}", key=opening)
        assert "2 items found, 1 missing, 1 unexpected" in page

    await _settled(there)


async def _settled(there: Browser) -> None:
    """What was missing is handed on, and closed with its reason."""
    listed = await there.get(f"{HERE}/discrepancies?all=yes")
    assert "Missing at opening" in listed
    mine = re.search(rf'href="({HERE}/discrepancies/[0-9a-f-]+)">Missing at opening', listed)
    assert mine
    one = await there.get(mine[1])
    assert "It was put into the bag and was not there" in one
    assert "Acceptance" in one
    await there.post(mine[1], do="assign", office="kz00003")
    assert "KZ00003" in there.page
    await there.post(mine[1], do="close", reason="x")
    assert there.status == 422
    assert 'id="reason-error"' in there.page
    await there.post(mine[1], do="close", reason="found on the belt")
    closed = await there.get(f"{HERE}/discrepancies?all=yes&status=closed")
    assert mine[1] in closed
    assert "found on the belt" in await there.get(mine[1])


async def test_dispatches_and_single_items(floor: Floor) -> None:
    here = await floor.staff("scans:write")
    headers = floor.parcels.api.headers("transport:write", kind="staff")
    body = {"code": "CARRIER", "name": "A carrier", "country": "IR", "valid_from": "2019-01-01"}
    made = await floor.parcels.client.post("/v1/operators", json=body, headers=headers)
    assert made.status_code == 201, made.text
    await here.post(f"{HERE}/bags", key=key())
    bag = here.at.rpartition("/")[2]
    await here.post(f"{HERE}/dispatches", operator="CARRIER", key=key())
    path = here.at
    await here.post(path, do="bags", code=bag, key=key())
    assert here.status == 409
    assert "has to be closed" in here.page
    await here.post(f"{HERE}/bags/{bag}", do="closed", seal="", key=key())
    assert bag in await here.get(path)
    await here.post(path, do="bags", bag=bag, key=key())
    assert f"{HERE}/bags/{bag}" in here.page
    await here.post(path, do="close", key=key())
    assert here.at == path
    page = await here.post(path, do="handover", receipt="R-7", key=key())
    assert "handed over" in page
    assert "R-7" in await here.get(f"{HERE}/dispatches")

    (item,) = await floor.parcels.booked(1)
    await floor.parcels.results(floor.parcels.one(item, "acceptance", -5))
    page = await here.post(f"{HERE}/scan", code=item, event="departure", key=key())
    assert 'data-result="recorded"' in page
    assert "in transit" in page
    await here.get(f"{HERE}/trips")
    assert here.status == 403
    await here.get(f"{HERE}/discrepancies")
    assert here.status == 403


async def test_trips_that_call_here_today(floor: Floor) -> None:
    planner = await floor.staff(*SORTER)
    assert "No trip calls here today" in await planner.get(f"{HERE}/trips")
    headers = floor.parcels.api.headers("transport:write", kind="staff")
    planned = line("AHV-DEZ-1", OFFICE, "12:30", THERE, "15:00")
    for path, body in (("/v1/lines", planned), ("/v1/trips", TRIP)):
        made = await floor.parcels.client.post(path, json=body, headers=headers)
        assert made.status_code == 201, made.text
    page = await planner.get(f"{HERE}/trips")
    assert "AHV-DEZ-1" in page
    assert "12:30" in page
    call = {"trip": "AHV-DEZ-1.2019-03-21", "call": "1"}
    await planner.post(f"{HERE}/trips", **call, do="departure", items="many")
    assert planner.status == 422
    assert "on its way" in await planner.post(f"{HERE}/trips", **call, do="departure", items="۱۲")
    there = await floor.staff(*SORTER, office=THERE)
    await there.get(HERE)
    assert "Has come" in there.page
    await there.post(f"{HERE}/trips", **call | {"call": "2"}, do="arrival")
    assert "Has come" not in there.page
    reader = await floor.staff("scans:write", "reports:read")
    assert "Has left" not in await reader.get(f"{HERE}/trips")
    await reader.post(f"{HERE}/trips", **call, do="departure")
    assert reader.status == 403
