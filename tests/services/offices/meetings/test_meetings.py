"""Meetings over HTTP: who sits, who votes, what stands."""

import asyncio
import base64
import hashlib
from typing import Any

import asyncpg
import httpx
import pytest

from tests.conftest import Api
from tests.factories.licensing import SCOPES, ask, meeting, refused, refuses, seat, visited, voted

pytestmark = pytest.mark.anyio

GROUP = "/working-group"
SINCE_1388 = "00000000-0000-7000-8000-000000001388"


async def item_of(api: Api, meeting_id: str) -> str:
    """An application's agreement on the agenda; the item's id."""
    body = {"meeting": meeting_id, "matter": "agree"}
    path = f"/applications/{await visited(api)}/agenda"
    made: str = (await ask(api, "POST", path, body))["id"]
    return made


async def vote(api: Api, item: str, seat_: str, choice: str, **wanted: Any) -> Any:
    body = {"seat": seat_, "choice": choice}
    return await ask(api, "POST", f"{GROUP}/items/{item}/votes", body, **wanted)


class TestVotes:
    async def test_one_each_which_stands_and_the_count(self, api: Api) -> None:
        await seat(api, "governor", "regulator", "trade_association", "post")
        open_meeting = await meeting(api, "governor", "regulator", "post")
        item = await item_of(api, open_meeting)
        votes, decide = f"{GROUP}/items/{item}/votes", f"{GROUP}/items/{item}/decide"

        async def problem(seat_: str) -> str:
            return (await refused(api, votes, {"seat": seat_, "choice": "for"}))[0]

        await vote(api, item, "governor", "for")
        assert await problem("governor") == "has_voted"
        assert await problem("trade_association") == "seat_absent"
        assert await problem("post") == "seat_has_no_vote"
        code, detail = await refused(api, decide, None)
        assert (code, "regulator" in detail) == ("votes_missing", True)
        leave = f"{GROUP}/meetings/{open_meeting}/attendance/governor"
        assert (await refused(api, leave, {"present": False}, method="PUT"))[0] == "has_voted"
        await vote(api, item, "regulator", "abstain")
        told = await ask(api, "POST", decide)
        assert (told["outcome"], told["present"]) == ("adopted", 2)
        assert (told["votes_for"], told["votes_against"], told["abstentions"]) == (1, 0, 1)
        assert (await refused(api, decide, None))[0] == "item_decided"
        await ask(api, "PUT", f"{leave[:-8]}trade_association", {"present": True})
        assert await problem("trade_association") == "item_decided"
        for statement in ("UPDATE ballot SET choice = 'against'", "DELETE FROM ballot"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await api.database.hot.execute(statement)
        types = [event["type"] for event in await api.events()]
        assert [each for each in types if each.split(".")[0] in {"vote", "item"}] == [
            "item.added",
            "vote.cast",
            "vote.cast",
            "item.decided",
        ]

    async def test_no_quorum_decides_nothing(self, api: Api) -> None:
        await seat(api)
        item = await item_of(api, await meeting(api, "governor"))
        told = await ask(api, "POST", f"{GROUP}/items/{item}/decide")
        assert told["outcome"] == "no_quorum"
        subject = told["subject_id"]
        body = {"transition": "agree", "text": "موافقت", "item": item}
        code, detail = await refuses(api, subject, body)
        assert (code, "no_quorum" in detail) == ("decision_missing", True)
        other = await meeting(api, "governor", "regulator")
        assert await voted(api, f"/applications/{subject}", other, "agree")

    async def test_a_member_with_a_stake_abstains(self, api: Api) -> None:
        await seat(api)
        open_meeting = await meeting(api, "governor", "regulator", "trade_association")
        item = await item_of(api, open_meeting)
        body = {"seat": "trade_association", "reason": "متقاضی برادر اوست"}
        # a vote cast before counts no more
        await vote(api, item, "trade_association", "for")
        await ask(api, "POST", f"{GROUP}/items/{item}/stakes", body)
        assert (await refused(api, f"{GROUP}/items/{item}/stakes", body))[0] == "stake_known"
        await vote(api, item, "governor", "for")
        await vote(api, item, "regulator", "against")
        told = await ask(api, "POST", f"{GROUP}/items/{item}/decide")
        assert (told["outcome"], told["present"], told["abstentions"]) == ("rejected", 3, 1)
        # and in the same subject at another meeting it may only abstain
        other = await meeting(api, "governor", "trade_association")
        path = f"/applications/{told['subject_id']}/agenda"
        again = (await ask(api, "POST", path, {"meeting": other, "matter": "refuse"}))["id"]
        ballot = {"seat": "trade_association", "choice": "against"}
        code, detail = await refused(api, f"{GROUP}/items/{again}/votes", ballot)
        assert (code, "متقاضی برادر اوست" in detail) == ("stake_declared", True)
        await vote(api, again, "trade_association", "abstain")
        view = await ask(api, "GET", f"{GROUP}/meetings/{other}")
        assert [(each["seat"], each["reason"]) for each in view["stakes"]] == [
            ("trade_association", body["reason"])
        ]

    async def test_the_same_vote_sent_at_once_is_one(self, api: Api) -> None:
        await seat(api)
        item = await item_of(api, await meeting(api, "governor", "regulator"))

        async def send(path: str, body: Any) -> httpx.Response:
            return await api.client.post(f"/v1{path}", json=body, headers=api.headers(*SCOPES))

        ballots = [
            send(f"{GROUP}/items/{item}/votes", {"seat": "governor", "choice": choice})
            for choice in ("for", "against") * 3
        ]
        answers = await asyncio.gather(*ballots)
        assert sorted(each.status_code for each in answers) == [201] + [409] * 5
        await vote(api, item, "regulator", "abstain")
        decisions = [send(f"{GROUP}/items/{item}/decide", None) for _ in range(4)]
        answers = await asyncio.gather(*decisions)
        assert sorted(each.status_code for each in answers) == [200] + [409] * 3


class TestMeeting:
    async def test_its_states(self, api: Api) -> None:
        await seat(api, "governor")
        body = {"scheduled_for": "2019-03-22T06:00:00Z", "place": "استانداری"}
        made = (await ask(api, "POST", f"{GROUP}/meetings", body))["id"]
        path = f"{GROUP}/meetings/{made}"
        attend = f"{path}/attendance/governor"
        assert (await refused(api, attend, {"present": True}, method="PUT"))[0] == (
            "meeting_not_open"
        )
        item = await item_of(api, made)  # the agenda may be made before
        await ask(api, "POST", f"{path}/open")
        assert (await refused(api, f"{path}/open", None))[0] == "meeting_not_planned"
        vacant = f"{path}/attendance/regulator"
        assert (await refused(api, vacant, {"present": True}, method="PUT"))[0] == "seat_vacant"
        assert (await refused(api, f"{path}/minutes", {"text": "پیش از پایان"}))[0] == (
            "meeting_not_closed"
        )
        await ask(api, "PUT", attend, {"present": True})
        view = await ask(api, "GET", path)
        assert (view["composition"]["id"], view["composition"]["quorum"]) == (SINCE_1388, 2)
        assert [(each["seat"], each["present"]) for each in view["attendance"]] == [
            ("governor", True)
        ]
        assert view["items"][0]["saturation"] == (
            "/v1/coverage/saturation?kind=pishkhan&town=ahvaz&latitude=31.35&longitude=48.69"
        )
        subject = view["items"][0]["subject_id"]
        gain = await ask(api, "GET", f"/applications/{subject}/coverage")
        assert (gain["kind"], gain["latitude"]) == ("pishkhan", 31.35)
        assert [one["people"] for one in gain["gained"]] == [
            after["people"] - before["people"]
            for before, after in zip(gain["before"]["within"], gain["after"]["within"], strict=True)
        ]
        assert gain["gained"][-1]["people"] > 0
        assert "ahvaz" in [each["place"] for each in gain["places"]]
        await ask(api, "GET", f"/applications/{made}/coverage", status=404)
        await ask(api, "POST", f"{path}/close")
        view = await ask(api, "GET", path)
        assert [(each["id"], each["outcome"]) for each in view["items"]] == [(item, "adjourned")]
        again = {"meeting": await meeting(api), "matter": "agree"}
        subject = view["items"][0]["subject_id"]
        assert (await ask(api, "POST", f"/applications/{subject}/agenda", again))["nth"] == 1
        code, _ = await refused(api, f"/applications/{subject}/agenda", again)
        assert code == "item_on_agenda"
        listed = await ask(api, "GET", f"{GROUP}/meetings?status=closed&limit=1")
        assert [each["id"] for each in listed["items"]] == [made]
        await ask(api, "GET", f"{GROUP}/meetings?cursor=WzFd", status=422)

    async def test_minutes_anyone_can_verify(self, api: Api) -> None:
        open_meeting = await meeting(api)
        path = f"{GROUP}/meetings/{open_meeting}"
        await ask(api, "POST", f"{path}/close")
        await ask(api, "GET", f"{path}/minutes", status=404)
        told = await ask(api, "POST", f"{path}/minutes", {"text": "صورتجلسه \r\nمصوبه ۱"})
        assert (await refused(api, f"{path}/minutes", {"text": "متن دیگر"}))[0] == (
            "minutes_recorded"
        )
        answer = await api.client.get(f"/v1{path}/minutes", headers=api.headers(*SCOPES))
        digest = hashlib.sha256(answer.content)
        assert answer.content.decode() == "صورتجلسه\nمصوبه ۱\n"
        assert told["sha256"] == digest.hexdigest()
        encoded = base64.b64encode(digest.digest()).decode()
        assert answer.headers["repr-digest"] == f"sha-256=:{encoded}:"
        assert (await ask(api, "GET", path))["minutes_sha256"] == digest.hexdigest()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await api.database.hot.execute("UPDATE minutes SET text = 'x'")
