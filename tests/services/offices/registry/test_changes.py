"""Changing, suspending and reopening offices, alone and against each other."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from tests.conftest import START, Api
from tests.factories.offices import HOURS, WRITE, command, create

pytestmark = pytest.mark.anyio

COMMANDS = [
    ("PATCH", "KZ00001", {"name": "نام تازه"}),
    ("POST", "KZ00001/suspend", {"reason": "بازدید"}),
    ("POST", "KZ00001/reopen", None),
]


class TestCallers:
    @pytest.mark.parametrize(("method", "path", "body"), COMMANDS)
    async def test_only_writers_may(self, api: Api, method: str, path: str, body: Any) -> None:
        await create(api)
        url = f"/v1/offices/{path}"
        anonymous = await api.client.request(method, url, json=body)
        other = await api.client.request(method, url, json=body, headers=api.headers("scans:write"))
        assert (anonymous.status_code, other.status_code) == (401, 403)
        assert (await api.client.get("/v1/offices/KZ00001")).json()["version"] == 1

    @pytest.mark.parametrize(("method", "path", "body"), COMMANDS)
    async def test_an_absent_office(self, api: Api, method: str, path: str, body: Any) -> None:
        answer = await command(api, path, body, method=method)
        assert (answer.status_code, answer.json()["code"]) == (404, "office_not_found")


class TestChange:
    async def change(self, api: Api, code: str, **fields: Any) -> Any:
        return await command(api, code, fields, method="PATCH")

    async def test_changes_what_was_sent_and_nothing_else(self, api: Api) -> None:
        before = await create(api)
        api.clock.at = START + timedelta(hours=1)
        hours = {**HOURS, "thu": [], "fri": ["09:00-12:00"]}
        answer = await self.change(api, before["code"], name="نام تازه", town="veys", hours=hours)
        assert answer.status_code == 200
        assert answer.json() == {
            **before,
            "name": "نام تازه",
            "town": "veys",
            "county": "bavi",
            "hours": hours,
            "version": 2,
            "updated_at": "2019-03-21T09:00:00Z",
        }
        (event,) = await api.events("office.changed")
        assert event["time"] == "2019-03-21T09:00:00Z"
        state = event["data"]["office"]
        assert (state["town_name"], state["county"], state["version"]) == ("ویس", "bavi", 2)

    @pytest.mark.parametrize("fields", [{}, {"name": "دفتر پستی کیانپارس", "hours": HOURS}])
    async def test_no_difference_is_no_version_and_no_event(
        self, api: Api, fields: dict[str, Any]
    ) -> None:
        before = await create(api)
        assert (await self.change(api, before["code"], **fields)).json() == before
        assert await api.events("office.changed") == []

    async def test_days_left_out_of_hours_are_closed(self, api: Api) -> None:
        made = await create(api)
        answer = await self.change(api, made["code"], hours={"sat": ["۸:۰۰-۱۲:۰۰"]})
        assert answer.json()["hours"] == {**{day: [] for day in HOURS}, "sat": ["08:00-12:00"]}

    async def test_null_takes_the_assignment_away_and_nothing_else(self, api: Api) -> None:
        centre = await create(api, kind="sorting_centre")
        made = await create(api, sorting_centre=centre["code"])
        answer = await self.change(api, made["code"], sorting_centre=None)
        assert answer.json()["sorting_centre"] is None
        assert (await self.change(api, made["code"], name=None)).status_code == 422

    async def test_who_sorts_for_whom_stays_sound(self, api: Api) -> None:
        centre, other = [await create(api, kind="sorting_centre") for _ in range(2)]
        made = await create(api, sorting_centre=centre["code"])

        async def refusal(code: str, **fields: Any) -> str:
            answer = await self.change(api, code, **fields)
            assert answer.status_code == 409
            return str(answer.json()["code"])

        assert await refusal(made["code"], sorting_centre=made["code"]) == "not_a_sorting_centre"
        assert await refusal(made["code"], kind="sorting_centre") == "sorts_for_itself"
        assert await refusal(centre["code"], kind="agency") == "sorting_centre_in_use"
        assert await refusal(centre["code"], sorting_centre=other["code"]) == "sorts_for_itself"
        assert await refusal(made["code"], town="shiraz") == "unknown_town"
        moved = await self.change(api, made["code"], sorting_centre=other["code"])
        assert moved.json()["sorting_centre"] == other["code"]
        assert (await self.change(api, centre["code"], kind="agency")).status_code == 200
        promoted = await self.change(api, made["code"], kind="sorting_centre", sorting_centre=None)
        assert promoted.status_code == 200

    async def test_concurrent_changes_each_get_a_version(self, api: Api) -> None:
        made = await create(api)
        answers = await asyncio.gather(
            *(self.change(api, made["code"], name=f"نام {n}") for n in range(20))
        )
        assert sorted(answer.json()["version"] for answer in answers) == list(range(2, 22))
        events = await api.events("office.changed")
        assert [event["data"]["office"]["version"] for event in events] == list(range(2, 22))
        last = (await api.client.get(f"/v1/offices/{made['code']}")).json()
        assert last["name"] == events[-1]["data"]["office"]["name"]

    async def test_a_move_and_a_suspension_both_take_effect(self, api: Api) -> None:
        """The one that waits for the row must not lose it because its town changed."""
        made = await create(api)
        code = made["code"]
        for town in ("veys", "ahvaz") * 5:
            moved, suspended = await asyncio.gather(
                self.change(api, code, town=town),
                command(api, f"{code}/suspend", {"reason": "بازدید"}),
            )
            assert (moved.status_code, suspended.status_code) == (200, 200)
            assert (await command(api, f"{code}/reopen")).json()["town"] == town

    async def test_crossed_assignments_do_not_deadlock(self, api: Api) -> None:
        a, b = [(await create(api, kind="sorting_centre"))["code"] for _ in range(2)]
        for _ in range(10):
            answers = await asyncio.gather(
                self.change(api, a, kind="agency", sorting_centre=b),
                self.change(api, b, kind="agency", sorting_centre=a),
            )
            assert sorted(answer.status_code for answer in answers) == [200, 409]
            winner = a if answers[0].status_code == 200 else b
            await self.change(api, winner, kind="sorting_centre", sorting_centre=None)


class TestSuspendAndReopen:
    async def test_back_and_forth(self, api: Api) -> None:
        made = await create(api)
        suspended = await command(api, "KZ00001/suspend", {"reason": "نبود بیمه‌نامه"})
        assert suspended.status_code == 200
        assert suspended.json() == {**made, "status": "suspended", "version": 2}
        reopened = await command(api, "KZ00001/reopen")
        assert reopened.json() == {**made, "version": 3}
        events = await api.events()
        assert [event["type"] for event in events] == [
            "office.created",
            "office.suspended",
            "office.reopened",
        ]
        states = [event["data"]["office"] for event in events]
        assert [state["status"] for state in states] == ["active", "suspended", "active"]
        assert [state["version"] for state in states] == [1, 2, 3]

    async def test_what_is_so_already_is_refused(self, api: Api) -> None:
        await create(api)
        early = await command(api, "KZ00001/reopen")
        assert (early.status_code, early.json()["code"]) == (409, "office_not_suspended")
        await command(api, "KZ00001/suspend", {"reason": "بازدید"})
        again = await command(api, "KZ00001/suspend", {"reason": "بازدید"})
        assert (again.status_code, again.json()["code"]) == (409, "office_not_active")

    async def test_under_its_key_a_lost_answer_comes_again(self, api: Api) -> None:
        """Also of what would be refused by now; the office's history has each step once."""
        await create(api)

        async def keyed(path: str, body: Any = None, key: str = "k-1") -> httpx.Response:
            headers = {**api.headers(WRITE), "Idempotency-Key": key}
            return await api.client.post(f"/v1/offices/KZ00001/{path}", json=body, headers=headers)

        moved = {"town": "veys", "address": "خیابان دوم", "latitude": 31.48, "longitude": 48.87}
        steps: list[tuple[str, Any]] = [
            ("suspend", {"reason": "بازدید"}),
            ("reopen", None),
            (
                "relocate",
                {**moved, "postal_code": "6135743338", "on": "2019-03-20", "reason": "جای بزرگ‌تر"},
            ),
            ("close", {"reason": "پایان کار"}),
        ]
        firsts = [await keyed(*step) for step in steps]
        assert [first.status_code for first in firsts] == [200] * 4, firsts[2].text
        for step, first in zip(steps, firsts, strict=True):
            again = await keyed(*step)
            assert (again.status_code, again.content) == (200, first.content)
        assert (await keyed("close", {"reason": "پایان کار"}, "k-2")).status_code == 409
        other = await keyed("close", {"reason": "دیگر"})
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        told = [event["type"] for event in await api.events()]
        assert len(told) == len(set(told))

    async def test_who_and_why_are_kept_for_good(self, api: Api) -> None:
        await create(api)
        await command(api, "KZ00001/suspend", {"reason": "  نبود بیمه‌نامه "})
        await command(api, "KZ00001/reopen")
        hot = api.database.hot
        rows = await hot.fetch("SELECT * FROM office_status_change ORDER BY version")
        assert [(row["version"], row["status"], row["reason"]) for row in rows] == [
            (2, "suspended", "نبود بیمه‌نامه"),
            (3, "active", None),
        ]
        assert {row["changed_by"] for row in rows} == {"00000000-0000-7000-8000-000000000001"}
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await hot.execute("DELETE FROM office_status_change")

    async def test_of_many_at_once_one_wins(self, api: Api) -> None:
        await create(api)
        for _ in range(5):
            for path, body in (("suspend", {"reason": "بازدید"}), ("reopen", None)):
                answers = await asyncio.gather(
                    *(command(api, f"KZ00001/{path}", body) for _ in range(6))
                )
                assert sorted(a.status_code for a in answers) == [200, 409, 409, 409, 409, 409]

    async def test_mixed_commands_leave_a_gapless_history(self, api: Api) -> None:
        await create(api)
        answers = await asyncio.gather(
            *(
                command(api, f"KZ00001/{path}", body)
                for path, body in [("suspend", {"reason": "بازدید"}), ("reopen", None)] * 15
            )
        )
        done = [answer for answer in answers if answer.status_code == 200]
        assert {answer.status_code for answer in answers} <= {200, 409}
        events = await api.events("office.suspended", "office.reopened")
        assert len(events) == len(done) >= 1
        states = [event["data"]["office"] for event in events]
        assert [state["version"] for state in states] == list(range(2, len(done) + 2))
        expected = ["suspended", "active"] * len(done)
        assert [state["status"] for state in states] == expected[: len(done)]
