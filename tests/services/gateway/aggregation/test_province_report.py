"""The province's report from several sisters: whole, partial, or none."""

from typing import Any

import httpx
import pytest

from tests.services.gateway.aggregation.province import (
    SERVICES,
    TASKS,
    VOLUMES,
    WORKFORCE,
    Province,
)
from tests.services.gateway.conftest import Gateway, bearer
from tests.services.gateway.webhooks.support import booked, event, follow

pytestmark = pytest.mark.anyio


def share(
    task: str, count: int, outside: int, percent: float | None, weight: float
) -> dict[str, Any]:
    return {
        "task": task,
        "count": count,
        "outside_count": outside,
        "outside_percent": percent,
        "weight": weight,
    }


def shown(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["value"], row["previous"], row["growth_percent"]


ROWS: dict[str, tuple[Any, ...]] = {
    "items": (515, 400, 28.75),
    "express_items": (111, 100, 11.0),
    "postal_items": (242, 200, 21.0),
    "ecommerce_packages": (162, 100, 62.0),
    "electronic_services": (583, 350, 66.57),
    "within_promise": (93.5, None, None),
    "satisfaction": (95.0, 80.0, 18.75),
    "compensation": (900_000_000, 0, None),
    "people": (2400, None, None),
    "people_on_the_payroll": (600, None, None),
    "people_outside_the_state_part": (75.0, None, None),
    "tasks_outside_the_state_part": (73.83, None, None),
    "delegated_services": (400, None, None),
    "online_shops": (0, None, None),
    "banks": (0, None, None),
    "years_of_unchanged_tariff": (3.0, None, None),
}


class TestProvinceReport:
    async def report(self, gateway: Gateway, period: str = "1397") -> httpx.Response:
        self.key = getattr(self, "key", None) or await gateway.issue("reports:read")
        url = f"/v1/reports/province?period={period}"
        return await gateway.client.get(url, headers=bearer(self.key))

    async def test_everything(self, gateway: Gateway, province: Province) -> None:
        answer = (await self.report(gateway, "۱۳۹۸-h1")).json()
        assert {row["name"]: shown(row) for row in answer.pop("rows")} == ROWS
        assert answer == {
            "period": "1398-H1",
            "volumes": VOLUMES | {"period": "1398-H1"},
            "complaints": {"period": "1398-H1", "filed": 2},
            "satisfaction": {
                "period": "1398-H1",
                "total": {"satisfied_percent": 95.0, "previous": {"satisfied_percent": 80.0}},
            },
            "compensation": {
                "period": "1398-H1",
                "paid_rials": 900_000_000,
                "previous_paid_rials": 0,
            },
            "transit": {"accepted": 9, "within_promise_percent": 93.5},
            "partners": {"shops": 0, "banks": 0, "others": 0},
            "services": SERVICES | {"period": "1398-H1"},
            "workforce": WORKFORCE | {"on": "2019-03-21"},  # today: the half is not over
            "tasks": {
                "state_kinds": ["post_office", "sorting_centre"],
                "rows": [
                    share("acceptance", 4, 3, 75.0, 0.3),
                    share("sorting", 5, 0, 0.0, 0.1),
                    share("transport", 6, 2, 33.33, 0.1),
                    share("delivery", 4, 4, 100.0, 0.3),
                    share("delegated", 10, 9, 90.0, 0.2),
                ],
                "total_outside_percent": 73.83,
            },
            "partial": False,
            "missing": [],
        }
        past = (await self.report(gateway)).json()["workforce"]
        assert past["on"] == "2019-03-20"  # the last day of 1397
        runtime = gateway.api.app.state.runtime
        asked_as = runtime.verifier.caller(province.callers["/v1/statistics/volumes"])
        assert asked_as.id == str(gateway.partner_id)  # the sister checks the caller's own scope

    @pytest.mark.parametrize("trouble", ["broken", "wary"])
    async def test_partial_and_none(
        self, gateway: Gateway, province: Province, trouble: str
    ) -> None:
        province.trouble = {"parcels": trouble}
        answer = (await self.report(gateway)).json()
        assert (answer["partial"], answer["missing"]) == (True, ["parcels"])
        assert answer["volumes"] is None
        assert answer["tasks"] is None
        assert answer["services"]["services"] == {"in_force": 400}
        values = {row["name"]: row["value"] for row in answer["rows"]}
        assert values["delegated_services"] == 400
        assert {values["items"], values["electronic_services"], values["within_promise"]} == {None}
        province.trouble |= {"complaints": "broken", "offices": "broken"}
        assert (await self.report(gateway)).status_code == 503

    async def test_a_sister_that_lacks_a_part_is_missing(
        self, gateway: Gateway, province: Province
    ) -> None:
        """Without delegated services, or without a task, there is no total to state."""
        province.trouble = {"satisfaction": "unknown"}
        answer = (await self.report(gateway)).json()
        assert (answer["missing"], answer["satisfaction"]) == (["complaints"], None)
        province.trouble = {"services": "unknown"}
        answer = (await self.report(gateway)).json()
        assert (answer["missing"], answer["services"]) == (["offices"], None)
        assert answer["workforce"]["total"] == 2400
        assert answer["tasks"]["rows"][-1] == share("delegated", 0, 0, None, 0.2)
        assert answer["tasks"]["total_outside_percent"] is None
        province.trouble, province.tasks = {}, TASKS[1:]
        answer = (await self.report(gateway)).json()
        assert answer["tasks"]["total_outside_percent"] == 51.33
        province.tasks = [{"task": "customs", "kind": "agency", "count": 1}]
        assert (await self.report(gateway)).json()["missing"] == ["parcels"]

    async def test_shops_and_banks_are_those_with_a_booking_in_the_period(
        self, gateway: Gateway
    ) -> None:
        accounts = {}
        for kind in ("shop", "shop", "bank", "integrator"):
            await gateway.issue("parcels:book", kind=kind)
            accounts[str(gateway.partner_id)] = kind
        shops = [account for account, kind in accounts.items() if kind == "shop"]
        others = [account for account, kind in accounts.items() if kind != "shop"]
        at = {"booked_at": "2018-06-01T08:00:00Z", "backfill": True}  # 11 Khordad 1397
        await follow(
            gateway.api,
            event(
                booked(1, partner=shops[0], **at),
                booked(2, partner=shops[0], **at),
                booked(3, partner=shops[1]),  # the first of Farvardin 1398
                booked(4, partner=others[0], **at),
                booked(5, partner=others[1], **at),
                booked(6, partner=None, **at),
                type_="parcel.booked",
            ),
        )
        year, half = [(await self.report(gateway, p)).json() for p in ("1397", "1398-H1")]
        assert year["partners"] == {"shops": 1, "banks": 1, "others": 1}
        values = {row["name"]: row["value"] for row in year["rows"]}
        assert (values["online_shops"], values["banks"]) == (1, 1)
        assert half["partners"] == {"shops": 1, "banks": 0, "others": 0}

    @pytest.mark.parametrize("period", ["", "1397-13", "x", "1397-05-12"])
    async def test_bad_periods(self, gateway: Gateway, period: str) -> None:
        refused = await self.report(gateway, period)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "query.period"

    async def test_needs_its_scope(self, gateway: Gateway) -> None:
        url = "/v1/reports/province?period=1397"
        assert (await gateway.client.get(url)).status_code == 401
        key = await gateway.issue("parcels:read")
        assert (await gateway.client.get(url, headers=bearer(key))).status_code == 403
