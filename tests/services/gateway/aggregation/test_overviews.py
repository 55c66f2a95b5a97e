"""Overviews of a partner and of an office: whole, partial, or none."""

import httpx
import pytest

from tests.services.gateway.aggregation.province import (
    AT_OFFICE,
    FIGURES,
    OPEN_CASES,
    Province,
    office,
)
from tests.services.gateway.conftest import Gateway, bearer

pytestmark = pytest.mark.anyio


class TestOverviews:
    async def get(self, gateway: Gateway, path: str, *scopes: str) -> httpx.Response:
        key = await gateway.issue(*scopes)
        return await gateway.client.get(path, headers=bearer(key))

    async def test_a_partners(self, gateway: Gateway, province: Province) -> None:
        path = "/v1/overview?period=1397-12"
        own = (await self.get(gateway, path, "parcels:read")).json()
        account = str(gateway.partner_id)
        assert own == {
            "period": "1397-12",
            "parcels": FIGURES | {"period": "1397-12", "account": account},
            "cases": OPEN_CASES,
            "partial": False,
            "missing": [],
        }
        province.trouble = {"complaints": "broken"}
        part = (await self.get(gateway, path, "parcels:read")).json()
        assert (part["missing"], part["cases"]) == (["complaints"], None)
        assert part["parcels"]["booked"] == 7
        province.trouble |= {"parcels": "strange"}
        assert (await self.get(gateway, path, "parcels:read")).status_code == 503
        assert (await self.get(gateway, path, "reports:read")).status_code == 403
        assert (await gateway.client.get(path)).status_code == 401
        bad = await self.get(gateway, "/v1/overview?period=1397-13", "parcels:read")
        assert bad.status_code == 422

    async def test_an_offices(self, gateway: Gateway, province: Province) -> None:
        path = "/v1/reports/offices/KZ00012?period=1397"
        whole = (await self.get(gateway, path, "reports:read")).json()
        assert whole == {
            "period": "1397",
            "office": office("KZ00012") | {"address": "not for the public's tracking"},
            "parcels": AT_OFFICE,
            "transit": {"accepted": 5, "within_promise_percent": 93.5},
            "cases": OPEN_CASES,
            "partial": False,
            "missing": [],
        }
        province.trouble = {"parcels": "broken", "offices": "broken"}
        part = (await self.get(gateway, path, "reports:read")).json()
        assert (part["missing"], part["cases"]) == (["offices", "parcels"], OPEN_CASES)
        province.trouble |= {"complaints": "broken"}
        assert (await self.get(gateway, path, "reports:read")).status_code == 503
        province.trouble = {}
        unknown = await self.get(gateway, path.replace("00012", "99999"), "reports:read")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "office_not_found")
        assert (await self.get(gateway, path, "parcels:read")).status_code == 403
        for own, status in (("KZ00012", 200), ("KZ00013", 403)):  # its drawer is its own
            key = await gateway.issue("reports:read", kind="staff", office=own)
            answer = await gateway.client.get(path, headers=bearer(key))
            assert answer.status_code == status
