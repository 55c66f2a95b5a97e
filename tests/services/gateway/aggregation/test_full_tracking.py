"""A parcel with its offices and cases: whole, partial, or none."""

import httpx
import pytest

from services.gateway.traffic.breaker import FAILURES_MIN
from tests.services.gateway.aggregation.province import BARCODE, Province, office
from tests.services.gateway.conftest import Gateway, give_up_soon

pytestmark = pytest.mark.anyio


async def full(gateway: Gateway, barcode: str = BARCODE) -> httpx.Response:
    return await gateway.client.get(f"/v1/tracking/{barcode}/full")


class TestFullTracking:
    async def test_everything(self, gateway: Gateway) -> None:
        assert (await full(gateway)).json() == {
            "tracking": {"barcode": BARCODE, "status": "in_transit"},
            "origin": office("KZ00012"),
            "current": office("KZ00001"),
            "cases": {"open": 1, "numbers": ["C-1"]},
            "partial": False,
            "missing": [],
        }

    async def test_persian_digits(self, gateway: Gateway) -> None:
        persian = BARCODE.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
        assert (await full(gateway, persian)).json()["tracking"]["barcode"] == BARCODE

    async def test_before_any_scan_it_is_where_it_was_booked(
        self, gateway: Gateway, province: Province
    ) -> None:
        province.events = []
        answer = (await full(gateway)).json()
        assert answer["current"] == answer["origin"] == office("KZ00012")

    @pytest.mark.parametrize("trouble", ["broken", "strange"])
    async def test_a_part_may_be_missing(
        self, gateway: Gateway, province: Province, trouble: str
    ) -> None:
        province.trouble = {"complaints": trouble, "offices": trouble}
        answer = (await full(gateway)).json()
        assert (answer["partial"], answer["missing"]) == (True, ["complaints", "offices"])
        assert (answer["cases"], answer["origin"], answer["current"]) == (None, None, None)
        assert answer["tracking"]["status"] == "in_transit"

    async def test_a_slow_sister_is_not_waited_for(
        self, gateway: Gateway, province: Province, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        give_up_soon(monkeypatch, "complaints")
        province.trouble = {"complaints": "late"}
        assert (await full(gateway)).json()["missing"] == ["complaints"]

    async def test_an_office_that_offices_does_not_know_is_missing(
        self, gateway: Gateway, province: Province
    ) -> None:
        province.events = [{"event": "arrival", "office": "KZ99999"}]
        answer = (await full(gateway)).json()
        assert (answer["missing"], answer["origin"]) == (["offices"], office("KZ00012"))

    @pytest.mark.parametrize("trouble", ["broken", "wary"])
    async def test_without_parcels_there_is_no_answer(
        self, gateway: Gateway, province: Province, trouble: str
    ) -> None:
        province.trouble = {"parcels": trouble}
        for _ in range(FAILURES_MIN + 1):  # nor is the gateway away: parcels is
            refused = await full(gateway)
            assert (refused.status_code, refused.json()["code"]) == (503, "sister_unavailable")
        assert not gateway.gate.traffic.lane("gateway", "live").breaker.open

    @pytest.mark.parametrize("barcode", ["RB123456785GB", "x", "%2e%2e"])
    async def test_an_unknown_parcel_is_404(self, gateway: Gateway, barcode: str) -> None:
        refused = await full(gateway, barcode)
        assert refused.status_code == 404
        assert refused.headers["content-type"] == "application/problem+json"
