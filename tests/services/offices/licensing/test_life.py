"""A licence's life over HTTP: what its holder, the working group and the clock do to it."""

from datetime import timedelta
from typing import Any

import pytest

from services.offices.applications import timers
from tests.conftest import START, Api
from tests.factories.licensing import (
    agreed,
    ask,
    decide,
    imported,
    letter,
    meeting,
    record,
    refused,
    rule,
    seat,
    step,
    voted,
)
from tests.factories.offices import command, create

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


@pytest.fixture
async def office(api: Api) -> str:
    code: str = (await create(api, kind="rural_ict"))["code"]
    return code


@pytest.fixture
async def licence(api: Api, office: str) -> str:
    return await imported(api, office)


async def status_of(api: Api, office: str) -> str:
    told: str = (await api.client.get(f"/v1/offices/{office}")).json()["status"]
    return told


async def history(api: Api, licence: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = (await ask(api, "GET", f"/licences/{licence}/decisions"))["items"]
    return told


class TestSuspension:
    async def test_holder_heard_office_stopped_appeal_and_reinstatement(
        self, api: Api, office: str, licence: str
    ) -> None:
        decisions = f"/licences/{licence}/decisions"
        await decide(api, licence, "warn")
        await record(api, licence, "inspect", reference="گزارش ۷")
        code, detail = await refused(api, decisions, letter("suspend"))
        assert (code, "defence" in detail) == ("holder_not_heard", True)
        await record(api, licence, "defend")
        told = await decide(api, licence, "suspend")
        assert told["licence"]["status"] == "suspended"
        assert await status_of(api, office) == "suspended"
        reopened = await command(api, f"{office}/reopen")
        assert (reopened.status_code, reopened.json()["code"]) == (409, "licence_stops_office")
        assert told["decision"]["id"] in reopened.json()["detail"]

        assert (await refused(api, decisions, letter("overturn")))[0] == "no_appeal"
        await record(api, licence, "appeal")
        assert (await decide(api, licence, "uphold"))["licence"]["status"] == "suspended"
        assert (await refused(api, decisions, letter("overturn")))[0] == "no_appeal"
        assert (await decide(api, licence, "reinstate"))["licence"]["status"] == "active"
        assert await status_of(api, office) == "active"
        # the hearing of the old matter does not serve a new one
        assert (await refused(api, decisions, letter("revoke")))[0] == "holder_not_heard"

        assert [each["transition"] for each in await history(api, licence)] == [
            "import",
            "warn",
            "inspect",
            "defend",
            "suspend",
            "appeal",
            "uphold",
            "reinstate",
        ]
        types = [event["type"] for event in await api.events()]
        types = [each for each in types if each != "office.changed"]  # the gate follows
        assert types[-7:] == [
            "licence.holder_heard",
            "office.suspended",
            "licence.suspended",
            "licence.appealed",
            "licence.decision_upheld",
            "office.reopened",
            "licence.reinstated",
        ]

    async def test_a_summons_serves_once_its_day_has_passed(self, api: Api, licence: str) -> None:
        decisions = f"/licences/{licence}/decisions"
        await record(api, licence, "summon", hearing_on="2019-03-25")
        api.clock.at = START + 4 * DAY  # the day itself
        assert (await refused(api, decisions, letter("revoke")))[0] == "holder_not_heard"
        api.clock.at = START + 5 * DAY
        assert (await decide(api, licence, "revoke"))["licence"]["status"] == "revoked"
        await record(api, licence, "appeal")
        told = await decide(api, licence, "overturn")
        assert told["licence"]["status"] == "active"

    async def test_an_office_stopped_by_others_stays_so(
        self, api: Api, office: str, licence: str
    ) -> None:
        await command(api, f"{office}/suspend", {"reason": "بازسازی ساختمان"})
        await record(api, licence, "defend")
        await decide(api, licence, "suspend")
        # nor does a suspended licence run out of its suspension
        api.clock.at = START.replace(year=2021)
        await timers.tick(api.database, api.clock)
        assert (await ask(api, "GET", f"/licences/{licence}"))["status"] == "suspended"
        assert (await command(api, f"{office}/reopen")).status_code == 409
        await decide(api, licence, "reinstate")
        assert await status_of(api, office) == "suspended"
        assert (await command(api, f"{office}/reopen")).status_code == 200

    async def test_the_working_group_decides_for_a_pishkhan(self, api: Api) -> None:
        code = (await create(api, kind="pishkhan"))["code"]
        licence = await imported(api, code, kind="pishkhan")
        await record(api, licence, "defend")
        decisions = f"/licences/{licence}/decisions"
        problem, detail = await refused(api, decisions, letter("suspend"))
        assert (problem, "send item" in detail) == ("decision_missing", True)
        await seat(api)
        open_meeting = await meeting(api, "governor", "regulator")
        path = f"/licences/{licence}"
        body = {"meeting": open_meeting, "matter": "reinstate"}
        assert (await refused(api, f"{path}/agenda", body))[0] == "transition_not_possible"
        item = await voted(api, path, open_meeting, "suspend")
        shown = {"transition": "suspend", "text": "به شرح صورتجلسه", "item": item}
        told = await ask(api, "POST", decisions, shown)
        assert (told["decision"]["authority"], told["licence"]["status"]) == (
            "working_group",
            "suspended",
        )
        assert told["decision"]["item_id"] == item
        again = await voted(api, path, open_meeting, "reinstate")
        shown = {"transition": "reinstate", "text": "به شرح صورتجلسه", "item": item}
        assert (await refused(api, decisions, shown))[0] == "decision_missing"
        told = await ask(api, "POST", decisions, {**shown, "item": again})
        assert told["licence"]["status"] == "active"


class TestTheClock:
    async def test_what_is_decided_takes_effect_when_due_in_order_and_once(
        self, api: Api, office: str, licence: str
    ) -> None:
        await record(api, licence, "defend")
        later = [(START + n * DAY).isoformat().replace("+00:00", "Z") for n in (2, 4, 6)]
        await decide(api, licence, "suspend", effective_from=later[0])
        await decide(api, licence, "reinstate", effective_from=later[1])
        shown = await ask(api, "GET", f"/licences/{licence}")
        assert (shown["status"], [each["effective_from"] for each in shown["pending"]]) == (
            "active",
            later[:2],
        )
        # at that instant the licence will be suspended: nothing to suspend again
        body = letter("suspend", effective_from=(START + 3 * DAY).isoformat())
        problem, _ = await refused(api, f"/licences/{licence}/decisions", body)
        assert problem == "transition_not_possible"
        past = letter("warn", effective_from=(START - DAY).isoformat())
        await ask(api, "POST", f"/licences/{licence}/decisions", past, status=422)
        api.clock.at = START + DAY
        await timers.tick(api.database, api.clock)
        assert await status_of(api, office) == "active"
        api.clock.at = START + 3 * DAY
        for _ in range(2):
            await timers.tick(api.database, api.clock)
        assert await status_of(api, office) == "suspended"
        # the worker was away: both are applied, each in its turn
        await decide(api, licence, "warn", effective_from=later[2])
        api.clock.at = START + 7 * DAY
        for _ in range(2):
            await timers.tick(api.database, api.clock)
        assert await status_of(api, office) == "active"
        told = await history(api, licence)
        assert [each["effect"] for each in told] == ["applied"] * 5
        events = [event["type"] for event in await api.events() if "licence" in event["type"]]
        assert events == [
            "licence.imported",
            "licence.holder_heard",
            "licence.decided",
            "licence.decided",
            "licence.suspended",
            "licence.decided",
            "licence.reinstated",
            "licence.warned",
        ]

    async def test_a_pending_decision_is_rescinded_by_a_new_one_or_lapses(
        self, api: Api, office: str, licence: str
    ) -> None:
        await record(api, licence, "defend")
        soon = (START + 2 * DAY).isoformat()
        pending = (await decide(api, licence, "suspend", effective_from=soon))["decision"]["id"]
        rescission = letter("rescind", decision=pending)
        await ask(api, "POST", f"/licences/{licence}/decisions", rescission)
        problem, _ = await refused(api, f"/licences/{licence}/decisions", rescission)
        assert problem == "not_pending"
        await record(api, licence, "defend")
        await decide(api, licence, "warn", effective_from=soon)
        await decide(api, licence, "suspend", effective_from=soon)
        await record(api, licence, "defend")
        await decide(api, licence, "revoke")
        api.clock.at = START + 3 * DAY
        await timers.tick(api.database, api.clock)
        assert await status_of(api, office) == "suspended"
        effects = {(d["transition"], d["effect"]) for d in await history(api, licence)}
        assert {("suspend", "rescinded"), ("suspend", "lapsed"), ("warn", "lapsed")} <= effects
        reasons = {d["effect_reason"] for d in await history(api, licence)}
        assert "the licence is revoked" in reasons

    async def test_it_expires_and_is_renewed(self, api: Api, licence: str) -> None:
        shown = await ask(api, "GET", "/licences?expiring_before=2020-03-20&sort=valid_until")
        assert [each["id"] for each in shown["items"]] == [licence]
        body = letter("renew", valid_until="2020-03-19")
        await ask(api, "POST", f"/licences/{licence}/decisions", body, status=422)
        api.clock.at = START.replace(year=2020, month=3, day=19)  # the last day is included
        await timers.tick(api.database, api.clock)
        assert (await ask(api, "GET", f"/licences/{licence}"))["status"] == "active"
        api.clock.at += DAY
        await timers.tick(api.database, api.clock)
        assert (await ask(api, "GET", f"/licences/{licence}"))["status"] == "expired"
        ended = (await history(api, licence))[-1]
        assert (ended["authority"], ended["effective_from"]) == ("clock", "2020-03-19T20:30:00Z")
        told = await decide(api, licence, "renew", valid_until="2025-03-20")
        assert (told["licence"]["status"], told["licence"]["valid_until"]) == (
            "active",
            "2025-03-20",
        )


class TestImport:
    async def test_a_result_per_row_and_nothing_twice(self, api: Api, office: str) -> None:
        other = (await create(api, kind="pishkhan"))["code"]

        def row(number: str, **fields: Any) -> dict[str, Any]:
            return {
                "number": number,
                "office": office,
                "kind": "rural_ict",
                "valid_from": "2015-03-21",
                "valid_until": "2020-03-19",
                "paper_reference": "پروانه کاغذی",
                **fields,
            }

        holder = {"name": "مریم احمدی", "national_id": "0084575948"}
        rows = [
            row("72-1", valid_until="2018-03-20", kind="communication_office", holder=holder),
            row("72-2"),
            row("72-3"),  # the office has one
            row("72-4", office=other),  # of another kind
            row("72-5", office="KZ99999"),
            row("72-6", office=other, kind="pishkhan", valid_from="2019-04-01"),
            row("72-2", office=other, kind="pishkhan"),  # the number is taken
            row("72-7", office=other, kind="pishkhan", valid_until=None),
        ]
        told = await ask(api, "POST", "/licences/import", {"licences": rows})
        assert told["imported"] == 3
        assert [each["result"] for each in told["results"]] == [
            "imported", "imported", *["refused"] * 5, "imported"
        ]  # fmt: skip
        assert [each["problem"].split(":")[0] for each in told["results"] if each["problem"]] == [
            "office", "kind", "office", "valid_from", "number"
        ]  # fmt: skip
        again = await ask(api, "POST", "/licences/import", {"licences": rows})
        assert again["imported"] == 0
        assert [each["result"] for each in again["results"]] == [
            "duplicate", "duplicate", *["refused"] * 5, "duplicate"
        ]  # fmt: skip
        listed = await ask(api, "GET", "/licences?limit=2")
        assert [each["number"] for each in listed["items"]] == ["72-1", "72-2"]
        rest = await ask(api, "GET", f"/licences?limit=2&cursor={listed['next']}")
        assert [(each["number"], each["status"]) for each in rest["items"]] == [("72-7", "active")]
        (old,) = (await ask(api, "GET", "/licences?status=expired&county=ahvaz"))["items"]
        assert (old["number"], old["holder"]["name"]) == ("72-1", "مریم احمدی")
        assert [d["transition"] for d in await history(api, old["id"])] == ["import", "expire"]
        assert [e["type"] for e in await api.events("licence.imported")] == ["licence.imported"] * 3
        assert "مریم" not in str(await api.events())

        # bad input
        await ask(api, "POST", "/licences/import", {"licences": []}, status=422)
        for path in ("/licences?cursor=W10", "/licences?sort=valid_until&cursor=WyJhIl0"):
            await ask(api, "GET", path, status=422)
        absent = "00000000-0000-7000-8000-00000000dead"
        await ask(api, "GET", f"/licences/{absent}", status=404)
        for body in ({}, {"transition": "expire"}, letter("suspend", text="\x00 بد")):
            await ask(api, "POST", f"/licences/{absent}/decisions", body, status=422)
        body = letter("warn", effective_from="9999-12-31T23:59:59Z")
        await ask(api, "POST", f"/licences/{absent}/decisions", body, status=422)
        await ask(api, "POST", f"/licences/{absent}/decisions", letter("warn"), status=404)


async def test_an_appeal_cannot_make_a_second_active_licence(api: Api, office: str) -> None:
    first = await imported(api, office)
    await record(api, first, "defend")
    await decide(api, first, "revoke")
    made = await agreed(api, kind="rural_ict", office=office)
    await api.database.hot.execute(
        "UPDATE inquiry SET answer = 'favourable', reference = 'x',"
        " answered_at = asked_at, answered_by = 'x'"
    )
    await step(api, made, "clear")
    await rule(api, made, letter("issue", number="72-2", valid_from="2019-03-21"))
    assert (await command(api, f"{office}/reopen")).status_code == 200
    await record(api, first, "appeal")
    code, detail = await refused(api, f"/licences/{first}/decisions", letter("overturn"))
    assert (code, "72-2" in detail) == ("licence_in_force", True)
