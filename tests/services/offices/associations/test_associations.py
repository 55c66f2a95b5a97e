"""The federation, provincial associations, their members and who speaks for them."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.offices.associations import domain
from shared.errors import Conflict
from shared.validity import Span
from tests.conftest import Api
from tests.factories.offices import create

pytestmark = pytest.mark.anyio

WRITE = "associations:write"


async def send(
    api: Api, path: str, body: Any = None, *, method: str = "POST", **headers: str
) -> httpx.Response:
    answer: httpx.Response = await api.client.request(
        method,
        f"/v1/associations{path}",
        json=body,
        headers={**api.headers(WRITE, kind="staff"), **headers},
    )
    return answer


async def made(api: Api, path: str, body: Any) -> dict[str, Any]:
    answer = await send(api, path, body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def refusal(api: Api, path: str, body: Any) -> str:
    answer = await send(api, path, body)
    assert answer.status_code == 409, answer.text
    return str(answer.json()["code"])


async def provincial(api: Api, name: str = "انجمن صنفی دفاتر خوزستان", **fields: Any) -> str:
    body = {"level": "provincial", "name": name, "name_en": "Association", "province": "khuzestan"}
    return str((await made(api, "", {**body, **fields}))["id"])


async def federation(api: Api) -> str:
    body = {"level": "federation", "name": "کانون کشوری", "name_en": "Federation"}
    return str((await made(api, "", body))["id"])


async def read(api: Api, path: str, **params: Any) -> Any:
    answer = await api.client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_federation_associations_offices(api: Api) -> None:
    body = await federation(api)
    own, other = await provincial(api), await provincial(api, "انجمن دیگر", province="ilam")
    assert (
        await refusal(api, "", {"level": "federation", "name": "کانون دوم", "name_en": "Second"})
        == "association_exists"
    )
    joined = await made(api, f"/{body}/members", {"association": own, "valid_from": "2010-01-01"})
    assert (joined["name"], joined["association"]) == ("انجمن صنفی دفاتر خوزستان", own)

    post, counter, rural = [
        (await create(api, kind=kind))["code"] for kind in ("post_office", "pishkhan", "rural_ict")
    ]
    first = {"office": counter, "valid_from": "2012-01-01"}
    for association, member, code in (
        (own, {**first, "office": post}, "not_for_this_member"),
        (other, first, "not_for_this_member"),
        (body, first, "not_for_this_member"),
        (own, {**first, "office": "KZ99999"}, "unknown_member"),
        (own, {"association": other, "valid_from": "2012-01-01"}, "not_for_this_member"),
        (body, {"association": own, "valid_from": "2012-01-01"}, "overlapping"),
    ):
        assert await refusal(api, f"/{association}/members", member) == code
    one = await made(api, f"/{own}/members", first)
    assert await refusal(api, f"/{own}/members", first) == "overlapping"
    ending = {"on": "2018-12-31", "reason": "درخواست عضو"}
    ended = await send(api, f"/{own}/members/{one['id']}/end", ending)
    assert (ended.json()["valid_until"], ended.json()["version"]) == ("2018-12-31", 2)
    again = await send(api, f"/{own}/members/{one['id']}/end", ending)
    assert (again.status_code, again.json()["code"]) == (409, "already_ended")
    assert (await send(api, f"/{other}/members/{one['id']}/end", ending)).status_code == 404
    two = await made(api, f"/{own}/members", {**first, "valid_from": "2019-01-01"})
    await made(api, f"/{own}/members", {"office": rural, "valid_from": "2019-01-01"})

    path = f"/v1/offices/{counter}/membership"
    now = await read(api, path)
    assert (now["on"], now["membership"]["id"]) == ("2019-03-21", two["id"])
    assert [item["id"] for item in now["history"]] == [two["id"], one["id"]]
    assert (await read(api, path, on="2018-12-31"))["membership"]["id"] == one["id"]
    assert (await read(api, path, on="2011-12-31"))["membership"] is None
    members = await read(api, f"/v1/associations/{own}/members", on="2019-01-01", limit=1)
    rest = await read(
        api, f"/v1/associations/{own}/members", on="2019-01-01", cursor=members["next"]
    )
    assert [m["office"] for m in members["items"] + rest["items"]] == [counter, rural]
    listed = await read(api, "/v1/associations", level="provincial", province="khuzestan")
    assert [item["id"] for item in listed["items"]] == [own]

    events = await api.events("membership.started", "membership.ended")
    assert [event["type"] for event in events].count("membership.ended") == 1
    assert events[1]["data"]["membership"]["office"] == counter
    for statement in ("DELETE FROM membership", "UPDATE membership SET office_id = 1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await api.database.hot.execute(statement)


async def test_an_association_changes_and_is_dissolved_after_its_members_left(api: Api) -> None:
    own = await provincial(api, founded_on="2010-01-01")
    office = (await create(api, kind="agency"))["code"]
    early = {"office": office, "valid_from": "2009-12-31"}
    assert await refusal(api, f"/{own}/members", early) == "outside_the_association"
    one = await made(api, f"/{own}/members", {"office": office, "valid_from": "2010-01-01"})

    async def change(**fields: Any) -> httpx.Response:
        return await send(api, f"/{own}", fields, method="PATCH")

    for fields in ({"dissolved_on": "2019-06-01"}, {"founded_on": "2010-01-02"}):
        answer = await change(**fields)
        assert (answer.status_code, answer.json()["code"]) == (409, "runs_outside")
    assert (await change(dissolved_on="2009-01-01")).status_code == 422
    assert (await change(name="نام تازه")).json()["version"] == 2
    assert (await change(name="نام تازه")).json()["version"] == 2
    await send(api, f"/{own}/members/{one['id']}/end", {"on": "2019-05-01", "reason": "انحلال"})
    assert (await change(dissolved_on="2019-06-01")).json()["dissolved_on"] == "2019-06-01"
    late = {"office": office, "valid_from": "2019-05-02"}
    assert await refusal(api, f"/{own}/members", late) == "outside_the_association"
    await made(api, f"/{own}/members", {**late, "valid_until": "2019-06-01"})
    events = await api.events("association.created", "association.changed")
    assert [event["data"]["association"]["version"] for event in events] == [1, 2, 3]
    twin = await send(api, f"/{await provincial(api)}", {"name": "نام تازه"}, method="PATCH")
    assert (twin.status_code, twin.json()["code"]) == (409, "association_exists")


async def test_a_representative_fills_the_seat_and_leaves_it(api: Api) -> None:
    own, body = await provincial(api), await federation(api)
    person = {"name": "رضا کریمی", "mobile": "09123456789", "valid_from": "2018-01-01"}
    seated = {**person, "seat": "trade_association"}
    assert await refusal(api, f"/{body}/representatives", seated) == "not_for_this_seat"
    key = {"Idempotency-Key": "k"}
    answers = [await send(api, f"/{own}/representatives", seated, **key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert "رضا" not in answers[0].text
    one = answers[0].json()
    assert await refusal(api, f"/{own}/representatives", seated) == "seat_taken"
    await made(api, f"/{own}/representatives", {**person, "name": "بی کرسی"})
    hot = api.database.hot
    member = await hot.fetchrow("SELECT * FROM member WHERE id = $1", one["member_id"])
    assert (member["seat"], member["valid_until"]) == ("trade_association", None)

    ending = {"on": "2019-02-01", "reason": "پایان دوره"}
    path = f"/{own}/representatives/{one['id']}"
    early = await send(api, f"{path}/erase")
    assert (early.status_code, early.json()["code"]) == (409, "still_serving")
    ended = await send(api, f"{path}/end", ending)
    assert ended.json()["valid_until"] == "2019-02-01"
    assert await hot.fetchval(
        "SELECT valid_until FROM member WHERE id = $1", one["member_id"]
    ) == date(2019, 2, 1)
    await made(api, f"/{own}/representatives", {**seated, "valid_from": "2019-02-02"})
    url = f"/v1/associations/{own}/representatives"
    headers = api.headers(WRITE, kind="staff")
    assert (await api.client.get(url)).status_code == 401
    on_day = await api.client.get(url, params={"on": "2019-02-01"}, headers=headers)
    assert [item["name"] for item in on_day.json()["items"]] == ["رضا کریمی", "بی کرسی"]
    erased = [await send(api, f"{path}/erase") for _ in range(2)]
    assert [answer.json()["version"] for answer in erased] == [3, 3]
    first = (await api.client.get(url, params={"limit": 1}, headers=headers)).json()
    assert (first["items"][0]["name"], first["items"][0]["seat"]) == (None, "trade_association")
    assert (
        await hot.fetchval(
            "SELECT count(*) FROM member_person WHERE member_id = $1", one["member_id"]
        )
        == 0
    )
    events = await api.events()
    told = [event["type"] for event in events if not event["type"].startswith("association.")]
    assert told == [
        "member.seated",
        "representative.appointed",
        "representative.appointed",
        "member.left",
        "representative.ended",
        "member.seated",
        "representative.appointed",
        "representative.erased",
    ]
    assert not any("رضا" in str(event) or "9123456789" in str(event) for event in events)


async def test_of_many_at_once_one_joins_and_one_is_seated(api: Api) -> None:
    own = await provincial(api)
    twin = await provincial(api, "انجمن دوم")
    for n in range(3):
        office = (await create(api, kind="agency"))["code"]
        answers = await asyncio.gather(
            *(
                send(api, f"/{one}/members", {"office": office, "valid_from": "2019-01-01"})
                for one in (own, twin) * 2
            ),
            *(
                send(
                    api,
                    f"/{one}/representatives",
                    {
                        "name": "ب ب",
                        "seat": "trade_association",
                        "valid_from": f"201{n}-01-01",
                        "valid_until": f"201{n}-12-31",
                    },
                )
                for one in (own, twin) * 2
            ),
        )
        for group in (answers[:4], answers[4:]):
            assert sorted(answer.status_code for answer in group) == [201, 409, 409, 409]
    assert (await api.database.hot.fetchval("SELECT count(*) FROM member")) == 3


async def test_what_must_be_refused(api: Api) -> None:
    own = await provincial(api)
    new = {"level": "provincial", "name": "انجمن", "name_en": "A b", "province": "ilam"}
    member = {"office": "KZ00001", "valid_from": "2019-01-01"}
    person = {"name": "ب ب", "valid_from": "2019-01-01"}
    bad: list[tuple[str, dict[str, Any]]] = [
        ("", {**new, "province": None}),
        ("", {**new, "level": "federation"}),
        ("", {**new, "name": "\ud800"}),
        ("", {**new, "founded_on": "1389"}),
        (f"/{own}/members", {**member, "association": own}),
        (f"/{own}/members", {"valid_from": "2019-01-01"}),
        (f"/{own}/members", {**member, "valid_until": "2018-01-01"}),
        (f"/{own}/representatives", {**person, "seat": "governor"}),
        (f"/{own}/representatives", {**person, "mobile": "1"}),
        (f"/{own}/representatives", {**person, "valid_from": "9999-12-31"}),
    ]
    headers = {**api.headers(WRITE), "Content-Type": "application/json"}
    for path, body in bad:
        url, content = f"/v1/associations{path}", json.dumps(body).encode()
        answer = await api.client.post(url, content=content, headers=headers)
        assert answer.status_code == 422, (path, body, answer.text)
        assert (await api.client.post(url, content=content)).status_code in {401, 422}
        other = await api.client.post(url, content=content, headers=api.headers("offices:write"))
        assert other.status_code in {403, 422}
    nobody = "00000000-0000-0000-0000-000000000000"
    for path in ("", "/members", "/representatives"):
        answer = await send(api, f"/{nobody}{path}", method="GET")
        assert (answer.status_code, answer.json()["code"]) == (404, "association_not_found")
    assert (await send(api, "/x/members", method="GET")).status_code == 422
    assert (await send(api, f"/{own}/members?cursor=WzFd", method="GET")).status_code == 422
    assert (await read(api, "/v1/associations", cursor="")) is not None


START = date(2019, 1, 1)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.none() | st.integers(0, 20)),
        max_size=10,
    )
)
def test_memberships_that_are_let_in_never_overlap(wanted: list[tuple[int, int | None]]) -> None:
    held: list[Span] = []
    for first, length in wanted:
        start = START + timedelta(days=first)
        span = Span(start, None if length is None else start + timedelta(days=length))
        try:
            domain.check_apart(span, held)
        except Conflict:
            assert any(
                span.covers(day) and other.covers(day)
                for other in held
                for day in (span.first, other.first)
            )
            continue
        held.append(span)
    for n in range(70):
        assert sum(span.covers(START + timedelta(days=n)) for span in held) <= 1
