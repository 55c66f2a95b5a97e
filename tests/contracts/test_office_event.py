"""Parcels' own copy of the offices' events still fits them, and acts on them."""

from typing import Any, get_args

import pytest

from services.offices.contracts.domain import Product
from services.offices.events import OfficeEvent
from services.parcels.events import OfficeEvent as Copy
from services.parcels.vocabulary import PRODUCT_BY_WIRE
from tests.conftest import Serve
from tests.contracts.test_gateway_copies import misfits
from tests.factories.contracts import sign
from tests.factories.offices import add_towns, create
from tests.services.parcels.conftest import Parcels


def test_the_copy_fits() -> None:
    own, theirs = Copy.model_json_schema(), OfficeEvent.model_json_schema(mode="serialization")
    assert "gate" in own["$defs"]["OfficePayload"]["properties"]
    assert misfits(own, own, theirs, theirs, "office") == []


def test_contracts_know_the_products_that_are_booked() -> None:
    assert set(get_args(Product)) == set(PRODUCT_BY_WIRE)


@pytest.mark.anyio
async def test_what_offices_tell_is_what_parcels_goes_by(serve: Serve) -> None:
    offices, parcels = await serve("offices"), Parcels(await serve("parcels"))
    await add_towns(offices)
    codes = [
        (await create(offices, **fields))["code"]
        for fields in ({"kind": "agency"}, {"kind": "agency"}, {"kind": "post_office"})
    ]
    await sign(offices, codes[0], products=["adi", "pishtaz"], weight_max_g=1_000)
    await parcels.follow(*await offices.events("office.created", "office.changed"))

    async def booked(office: str, **order: Any) -> int:
        return (await parcels.book(origin_office=office, **order)).status_code

    assert [await booked(code) for code in codes] == [201, 409, 201]
    assert await booked(codes[0], product="vijeh") == 409
    assert await booked(codes[0], weight_g=1_001) == 409
    assert await booked(codes[2], weight_g=1_001) == 201
    parcels.api.clock.at = parcels.api.clock.at.replace(year=2021)
    refused = await parcels.book(origin_office=codes[0])
    assert "its contract C000001 ends on 2020-03-19" in refused.json()["detail"]
