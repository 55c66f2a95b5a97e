"""An application's way, from the counter to the licence, and what is refused on it."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.offices.applications import timers
from tests.conftest import START, Api
from tests.factories.catalogue import add_rule, add_services
from tests.factories.licensing import (
    LETTER,
    NATIONAL_ID,
    SCOPES,
    agreed,
    answer_all,
    application,
    ask,
    at,
    file,
    letter,
    meeting,
    refused,
    refuses,
    rule,
    seat,
    step,
    visited,
    voted,
)
from tests.factories.offices import create

pytestmark = pytest.mark.anyio

ISSUE = letter("issue", number="72-11-98", valid_from="2019-03-21", valid_until="2024-03-19")


CLEAR = {"transition": "clear", "text": "پاسخ‌ها رسید"}


def decisions(application_id: str) -> str:
    return f"/applications/{application_id}/decisions"


class TestWholeWay:
    async def test_a_pishkhan_is_voted_on_inquired_about_and_licensed(self, api: Api) -> None:
        await seat(api)
        open_meeting = await meeting(api, "governor", "regulator", "trade_association")
        made = await visited(api)
        votes = {"governor": "for", "regulator": "abstain", "trade_association": "for"}
        item = await voted(api, f"/applications/{made}", open_meeting, "agree", **votes)
        body = {"transition": "agree", "text": "موافقت اصولی", "item": item}
        agreement = await rule(api, made, body)
        assert agreement["decision"]["authority"] == "working_group"
        assert len(agreement["application"]["inquiries"]) == 7
        code, detail = await refuses(api, made, CLEAR, to="steps")
        assert (code, "security (open)" in detail) == ("inquiries_open", True)
        await answer_all(api, made)
        await step(api, made, "clear")
        issued = await rule(api, made, ISSUE)
        assert issued["application"]["state"] == "licensed"
        licence = issued["licence"]
        assert (licence["status"], licence["number"]) == ("active", "72-11-98")
        assert licence["holder"]["national_id"] == NATIONAL_ID
        founded = (await api.client.get(f"/v1/offices/{licence['office']}")).json()
        assert (founded["kind"], founded["status"]) == ("pishkhan", "active")

        told = (await ask(api, "GET", decisions(made)))["items"]
        assert [each["transition"] for each in told] == [
            "complete",
            "visit",
            "agree",
            "clear",
            "issue",
        ]
        states = [each["before"] for each in told] + [told[-1]["after"]]
        assert states == ["received", "complete", "visited", "agreed", "cleared", "licensed"]
        (issue,) = (await ask(api, "GET", f"/licences/{licence['id']}/decisions"))["items"]
        assert (issue["authority"], issue["reference"]) == ("regulator", LETTER)

        events = [event["type"] for event in await api.events()]
        assert [e for e in events if e.startswith("application.")] == [
            "application.filed",
            "application.completed",
            "application.visited",
            "application.agreed",
            "application.cleared",
            "application.licensed",
        ]
        assert events.index("office.created") < events.index("licence.issued")
        assert events.count("inquiry.opened") == events.count("inquiry.answered") == 7
        assert "مریم" not in str(await api.events())

    async def test_a_rural_office_takes_the_regulators_letters_and_no_vote(self, api: Api) -> None:
        office = await create(api, kind="rural_ict")
        made = await visited(api, kind="rural_ict", office=office["code"])
        code, detail = await refuses(api, made, {"transition": "agree", "text": "موافقت"})
        assert (code, "reference" in detail) == ("decision_missing", True)
        agenda = {"meeting": await meeting(api), "matter": "agree"}
        code, _ = await refused(api, f"/applications/{made}/agenda", agenda)
        assert code == "step_not_possible"
        await rule(api, made, letter("agree"))
        await answer_all(api, made)
        await step(api, made, "clear")
        licence = (await rule(api, made, ISSUE))["licence"]
        assert licence["office"] == office["code"]

        again = await agreed(api, kind="rural_ict", office=office["code"])
        await answer_all(api, again)
        await step(api, again, "clear")
        for number in ("72-11-98", "72-12"):
            code, detail = await refuses(api, again, {**ISSUE, "number": number})
            assert (code, "72-11-98" in detail) == (
                "number_taken" if number == "72-11-98" else "licence_in_force",
                True,
            )


class TestNothingIsSkipped:
    async def test_out_of_order(self, api: Api) -> None:
        made = await file(api, kind="rural_ict")
        for path, body in (
            ("steps", CLEAR),
            ("decisions", letter("agree")),
            ("decisions", letter("refuse")),
            ("decisions", ISSUE),
        ):
            code, detail = await refuses(api, made, body, to=path)
            assert code == "step_not_possible"
            assert "possible: complete, return, withdraw" in detail
        await step(api, made, "return")
        await step(api, made, "resubmit")
        await step(api, made, "withdraw")
        code, detail = await refuses(api, made, {**CLEAR, "transition": "complete"}, to="steps")
        assert (code, "nothing more" in detail) == ("step_not_possible", True)

    async def test_an_item_is_of_this_matter_and_used_once(self, api: Api) -> None:
        await seat(api)
        open_meeting = await meeting(api, "governor", "regulator")
        first, second = await visited(api), await visited(api)
        body = {"transition": "agree", "text": "موافقت"}
        code, detail = await refuses(api, first, letter("agree"))
        assert (code, "item" in detail) == ("decision_missing", True)
        item = await voted(api, f"/applications/{second}", open_meeting, "agree")
        code, _ = await refuses(api, first, {**body, "item": item})
        assert code == "decision_missing"
        against = {"governor": "for", "regulator": "against"}
        tie = await voted(api, f"/applications/{first}", open_meeting, "agree", **against)
        code, detail = await refuses(api, first, {**body, "item": tie})
        assert (code, "rejected" in detail) == ("decision_missing", True)
        # what rejects agreement is the decision to refuse
        refusal = {"transition": "refuse", "text": "رأی نیاورد", "item": tie}
        told = await rule(api, first, refusal)
        assert told["application"]["state"] == "refused"
        # returned and sent again, an application needs a new vote
        api.clock.at += timedelta(hours=1)
        for transition in ("return", "resubmit", "complete", "visit"):
            await step(api, second, transition)
        code, detail = await refuses(api, second, {**body, "item": item})
        assert (code, "before the last step" in detail) == ("decision_missing", True)
        absent = "00000000-0000-7000-8000-00000000dead"
        missing = await at(api, {**body, "item": absent}, second)
        assert (await ask(api, "POST", decisions(second), missing, status=404))[
            "code"
        ] == "item_not_found"

    async def test_kinds_without_a_licence_and_offices_that_do_not_fit(self, api: Api) -> None:
        code, _ = await refused(api, "/applications", application(kind="agency"))
        assert code == "no_licence_needed"
        office = await create(api)
        code, _ = await refused(api, "/applications", application(office=office["code"]))
        assert code == "office_unfit"
        post = "post.parcels"
        code, detail = await refused(api, "/applications", application(services=[post]))
        assert (code, post in detail) == ("unknown_service", True)
        both = application() | {"office": office["code"]}
        await ask(api, "POST", "/applications", both, status=422)

    async def test_a_licence_that_breaks_a_rule_is_refused_by_its_name(self, api: Api) -> None:
        await add_services(api, "post.letters", "post.parcels", "bank.payments")
        named = await add_rule(
            api, "post.letters", "post.parcels", "bank.payments", kind="rural_ict", at_least=2
        )
        made = await agreed(api, kind="rural_ict", services=["post.letters"])
        await answer_all(api, made)
        await step(api, made, "clear")
        code, detail = await refuses(api, made, ISSUE)
        assert (code, named["name"] in detail) == ("rule_broken", True)
        assert (await api.client.get("/v1/offices")).json()["items"] == []


class TestInquiries:
    async def test_clocks_overdue_and_told_once(self, api: Api) -> None:
        term = {"valid_from": "2019-03-21", "days": 2, "source": "بخشنامه نمونه"}
        await ask(api, "PUT", "/inquiry-terms/bank", term)
        made = await agreed(api, kind="rural_ict")
        due = {
            each["kind"]: each["due_at"]
            for each in (await ask(api, "GET", f"/applications/{made}"))["inquiries"]
        }
        # noon of 21 March in Tehran: two whole days follow, the second ends with 23 March,
        # which is 19:30 UTC in summer time
        assert due["bank"] == "2019-03-23T19:30:00Z"
        assert due["security"] == "2019-04-20T19:30:00Z"
        assert (await ask(api, "GET", "/applications?overdue=true"))["items"] == []
        api.clock.at = START + timedelta(days=5)
        for _ in range(2):
            await timers.tick(api.database, api.clock)
        (event,) = await api.events("inquiry.overdue")
        assert event["data"]["inquiry"]["kind"] == "bank"
        listed = await ask(api, "GET", f"/inquiries?due_before={api.clock.at:%Y-%m-%dT%H:%M:%SZ}")
        assert [each["kind"] for each in listed["items"]] == ["bank"]
        (late,) = (await ask(api, "GET", "/applications?overdue=true&state=agreed"))["items"]
        assert late["id"] == made

    async def test_an_unfavourable_answer_is_asked_again_or_ends_it(self, api: Api) -> None:
        made = await agreed(api, kind="rural_ict")
        await answer_all(api, made, but="tax")
        code, _ = await refused(api, f"/applications/{made}/inquiries", {"kind": "tax"})
        assert code == "inquiry_stands"
        whole = await ask(api, "GET", f"/applications/{made}")
        (tax,) = (each for each in whole["inquiries"] if each["kind"] == "tax")
        path = f"/inquiries/{tax['id']}/answer"
        body = {"answer": "unfavourable", "reference": "بدهی مالیاتی"}
        await ask(api, "POST", path, body)
        assert (await refused(api, path, body))[0] == "inquiry_answered"
        _, detail = await refuses(api, made, CLEAR, to="steps")
        assert detail == "clear: tax (unfavourable)"
        await ask(api, "POST", f"/applications/{made}/inquiries", {"kind": "tax"})
        await answer_all(api, made)
        await step(api, made, "clear")
        told = await rule(api, made, letter("refuse"))
        assert told["application"]["state"] == "refused"


class TestLists:
    async def test_filters_sort_and_keyset(self, api: Api) -> None:
        ids = []
        for n in range(3):
            api.clock.at = START + timedelta(minutes=n)
            ids.append(await file(api, kind="rural_ict"))
        api.clock.at = START + timedelta(hours=1)
        await step(api, ids[0], "complete")

        async def listed(query: str) -> list[str]:
            found, path = [], f"/applications?limit=2&{query}"
            page = await ask(api, "GET", path)
            found += page["items"]
            while page["next"]:
                page = await ask(api, "GET", f"{path}&cursor={page['next']}")
                found += page["items"]
            return [each["id"] for each in found]

        assert await listed("") == ids[::-1]
        assert await listed("sort=updated_at") == [ids[0], ids[2], ids[1]]
        assert await listed("state=complete&county=ahvaz&town=ahvaz&kind=rural_ict") == [ids[0]]
        assert await listed("county=bavi") == []
        for cursor in ("W10", "WyJhIiwgMV0", "WyIyMDE5LTAzLTIxVDA4OjAwOjAwKzAwOjAwIl0", "%00"):
            await ask(api, "GET", f"/applications?cursor={cursor}", status=422)

        # only staff with the scope may
        made = ids[0]
        for headers in ({}, api.headers("licensing:write"), api.headers("offices:write")):
            answer = await api.client.get(f"/v1/applications/{made}", headers=headers)
            assert answer.status_code == (403 if headers else 401)
        answer = await api.client.post(
            f"/v1{decisions(made)}", json=letter("agree"), headers=api.headers("licensing:write")
        )
        assert answer.status_code == 403


class TestRetries:
    async def test_a_key_makes_one_application_and_one_decision(self, api: Api) -> None:
        async def send(path: str, body: Any, key: str) -> Any:
            headers = {**api.headers(*SCOPES), "Idempotency-Key": key}
            return await api.client.post(f"/v1{path}", json=body, headers=headers)

        first, again = [await send("/applications", application(), "k1") for _ in range(2)]
        assert (first.status_code, first.content) == (201, again.content)
        other = await send("/applications", application(kind="rural_ict"), "k1")
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        made = await visited(api, kind="rural_ict")
        agree = letter("agree", version=3)
        first, again = [await send(decisions(made), agree, "k2") for _ in range(2)]
        assert (first.status_code, first.content) == (201, again.content)
        elsewhere = await send(decisions(first.json()["decision"]["id"]), agree, "k2")
        assert elsewhere.status_code == 422

        # and what is decided is only added to
        for statement in ("DELETE FROM decision", "UPDATE decision SET text = ''"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await api.database.hot.execute(statement)
