"""Complaints' own copies of its sisters' answers still fit what the sisters document."""

import pytest
from pydantic import BaseModel

from services.complaints.clients import CallerParcels, OfficeRecord, ParcelCustody, ParcelHistory
from tests.contracts.documents import document
from tests.contracts.test_gateway_copies import misfits


@pytest.mark.parametrize(
    ("copy", "service", "method", "path"),
    [
        (ParcelHistory, "parcels", "get", "/internal/parcels/{barcode}/history"),
        (ParcelCustody, "parcels", "get", "/internal/parcels/{barcode}/custody"),
        (CallerParcels, "parcels", "post", "/internal/parcels/by-phone"),
        (OfficeRecord, "offices", "get", "/v1/offices/{code}"),
    ],
)
def test_copy_fits(copy: type[BaseModel], service: str, method: str, path: str) -> None:
    theirs_all = document(service)
    answer = theirs_all["paths"][path][method]["responses"]["200"]
    theirs = answer["content"]["application/json"]["schema"]
    own = copy.model_json_schema()
    assert misfits(own, own, theirs, theirs_all, copy.__name__) == []
