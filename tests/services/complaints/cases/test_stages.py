"""A case's stages through the API: each with an actor and a time, on record for good."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import pytest

from services.complaints.cases import domain
from tests.conftest import START, Api
from tests.services.complaints.conftest import OFFICE, STAFF, File, secret

pytestmark = pytest.mark.anyio

OFFICER = "00000000-0000-7000-8000-0000000000c1"


async def post(api: Api, filed: Any, rest: str, body: Any = None, *, own: bool = False) -> Any:
    headers = secret(filed) if own else api.headers(*STAFF)
    path = f"/v1/complaints/{filed['number']}/{rest}"
    return await api.client.post(path, json=body, headers=headers)


async def read(api: Api, filed: Any, *, own: bool = False) -> Any:
    headers = secret(filed) if own else api.headers(*STAFF)
    path = f"/v1/complaints/{filed['number']}"
    return (await api.client.get(path, headers=headers)).json()


async def test_from_filing_to_reopening(api: Api, file: File) -> None:
    filed = await file()
    steps: tuple[tuple[str, Any, bool, int, str], ...] = (
        ("assessment", {"severity": "high", "text": "فوری"}, False, 201, "assessed"),
        ("investigation", {"text": "در انبار دزفول بود"}, False, 201, "investigated"),
        ("answers", {"text": "فردا می‌رسد"}, False, 201, "answered"),
        ("contest", {"text": "نرسید"}, True, 201, "contested"),
        ("answers", {"text": "امروز رسید"}, False, 201, "answered"),
        ("accept", None, True, 200, "accepted"),
        ("close", None, False, 200, "closed"),
        ("reopen", {"text": "باز هم نرسیده"}, True, 201, "received"),
        ("acknowledgment", None, False, 200, "acknowledged"),
    )
    for hours, (rest, body, own, code, status) in enumerate(steps, 1):
        api.clock.at = START + timedelta(hours=hours)
        done = await post(api, filed, rest, body, own=own)
        assert (done.status_code, done.json()["status"]) == (code, status), done.text
    case = await read(api, filed)
    assert [(s["stage"], s["actor"], s["account"] is not None) for s in case["stages"]] == [
        ("received", "complainant", False),
        ("acknowledged", "system", False),
        ("assessed", "staff", True),
        ("investigated", "staff", True),
        ("answered", "staff", True),
        ("contested", "complainant", False),
        ("answered", "staff", True),
        ("accepted", "complainant", False),
        ("closed", "staff", True),
        ("received", "complainant", False),
        ("acknowledged", "staff", True),
    ]
    assert [s["occurred_at"] for s in case["stages"]][2] == "2019-03-21T09:00:00Z"
    assert (case["severity"], case["reopened_count"], case["closed_at"]) == ("high", 1, None)
    # the first response is the first public answer, whatever is answered later
    assert case["answered_at"] == "2019-03-21T11:00:00Z"
    seen = await read(api, filed, own=True)
    assert [m["text"] for m in seen["messages"]] == [
        "بسته هنوز نرسیده است",
        "فردا می‌رسد",
        "نرسید",
        "امروز رسید",
        "باز هم نرسیده",
    ]
    assert "account" not in seen["stages"][2]


async def test_internal_notes_are_for_staff(api: Api, file: File) -> None:
    filed = await file()
    noted = await post(api, filed, "notes", {"text": "مشتری پرخاش کرد"})
    assert (noted.status_code, noted.json()["status"]) == (201, "acknowledged")
    assert noted.json()["messages"][-1]["internal"] is True
    assert "پرخاش" not in str(await read(api, filed, own=True))
    assert (await read(api, filed, own=True))["answered_at"] is None  # a note is no answer
    refused = await post(api, filed, "notes", {"text": "x"}, own=True)
    assert refused.status_code == 401
    await post(api, filed, "answers", {"text": "x"})
    await post(api, filed, "close")
    assert (await post(api, filed, "notes", {"text": "پس از پایان"})).status_code == 201
    events = await api.events("case.noted")
    assert len(events) == 2
    assert "پرخاش" not in str(events)


async def test_what_is_not_its_turn_is_refused(api: Api, file: File) -> None:
    filed = await file()
    for rest, body, own, code in (
        ("investigation", {"text": "x"}, False, "case_stage"),
        ("accept", None, True, "case_unanswered"),
        ("contest", {"text": "x"}, True, "case_unanswered"),
        ("close", None, False, "case_unanswered"),
        ("reopen", {"text": "x"}, True, "case_stage"),
        ("acknowledgment", None, False, "case_stage"),
    ):
        refused = await post(api, filed, rest, body, own=own)
        assert (refused.status_code, refused.json()["code"]) == (409, code), rest
    case = await read(api, filed)
    assert (case["version"], len(case["stages"]), case["reopened_count"]) == (1, 2, 0)
    assert case["message_count"] == 1


async def test_reopening_has_its_end(api: Api, file: File) -> None:
    filed = await file()
    await post(api, filed, "answers", {"text": "x"})
    await post(api, filed, "close")
    api.clock.at = START + timedelta(days=30, seconds=1)
    late = await post(api, filed, "reopen", {"text": "x"}, own=True)
    assert (late.status_code, late.json()["code"]) == (409, "reopened_too_late")
    api.clock.at = START + timedelta(days=30)
    stranger = await post(api, {**filed, "secret": "x"}, "reopen", {"text": "x"}, own=True)
    assert stranger.status_code == 404
    by_staff = await post(api, filed, "reopen", {"text": "خود ما"})
    assert by_staff.json()["stages"][-1]["actor"] == "staff"
    assert "خود ما" not in str(await read(api, filed, own=True))


async def test_said_again_under_its_key_it_is_said_once(api: Api, file: File) -> None:
    filed, other = await file(), await file()
    path = f"/v1/complaints/{filed['number']}"

    async def say(rest: str, text: str, headers: dict[str, str], key: str = "k-1") -> Any:
        keyed = {**headers, "Idempotency-Key": key}
        return await api.client.post(f"{path}/{rest}", json={"text": text}, headers=keyed)

    staff = api.headers(*STAFF)
    for rest, headers in (
        ("messages", secret(filed)),
        ("answers", staff),
        ("contest", secret(filed)),
        ("notes", staff),
    ):
        first, again = [await say(rest, "یک بار", headers) for _ in range(2)]
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
    changed = await say("messages", "دو بار", secret(filed))
    assert (changed.status_code, changed.json()["code"]) == (422, "idempotency_key_reused")
    assert (await say("messages", "یک بار", secret(other))).status_code == 404
    said = await asyncio.gather(*(say("messages", "با هم", secret(filed), "k-2") for _ in range(6)))
    assert {one.status_code for one in said} <= {201, 409}
    case = await read(api, filed)
    texts = [m["text"] for m in case["messages"]]
    assert (texts.count("یک بار"), texts.count("با هم")) == (4, 1)
    # no words are kept for replays, beside the thread
    stored = await api.database.hot.fetch("SELECT convert_from(body, 'UTF8') FROM idempotency")
    assert "یک بار" not in str(stored)


async def test_a_step_is_taken_once_under_its_key(api: Api, file: File) -> None:
    filed, closed = await file(), await file()
    officer = {"level": "office", "office": OFFICE}
    who = f"/v1/complaint-officers/{OFFICER}"
    saved = await api.client.put(who, json=officer, headers=api.headers(*STAFF))
    assert saved.status_code == 200, saved.text
    steps: list[tuple[Any, str, Any, bool]] = [
        (filed, "assignments", {"reason": "نوبت"}, False),
        (filed, "answers", {"text": "x"}, False),
        (filed, "messages", {"text": "x"}, True),
        (filed, "acknowledgment", None, False),
        (filed, "answers", {"text": "y"}, False),
        (filed, "accept", None, True),
        (closed, "pauses", {"reason": "information_requested", "question": "کدام روز؟"}, False),
        (closed, "pauses/end", None, False),
        (closed, "answers", {"text": "x"}, False),
        (closed, "close", None, False),
    ]
    for n, (case, rest, body, own) in enumerate(steps):
        headers = secret(case) if own else api.headers(*STAFF)
        headers["Idempotency-Key"] = f"k-{n}"
        path = f"/v1/complaints/{case['number']}/{rest}"
        first, again = [await api.client.post(path, json=body, headers=headers) for _ in range(2)]
        assert first.is_success, (rest, first.text)
        assert (again.status_code, again.content) == (first.status_code, first.content), rest


async def test_of_acts_at_once_each_follows_the_one_before(api: Api, file: File) -> None:
    """Ten who answer, accept, contest and close together: a history that the rules allow."""
    filed = await file()
    await post(api, filed, "answers", {"text": "x"})
    acts: list[tuple[str, Any, bool]] = [
        ("accept", None, True),
        ("contest", {"text": "y"}, True),
        ("close", None, False),
        ("answers", {"text": "z"}, False),
        ("messages", {"text": "w"}, True),
    ] * 2
    done = await asyncio.gather(
        *(post(api, filed, rest, body, own=own) for rest, body, own in acts)
    )
    assert {one.status_code for one in done} <= {200, 201, 409}
    case = await read(api, filed)
    stages = case["stages"]
    assert case["status"] == stages[-1]["stage"]
    assert case["version"] == 2 + sum(one.status_code < 300 for one in done)
    for before, after in pairwise(stages[1:]):
        reached = domain.next_stage(before["stage"], after["act"])
        assert reached == after["stage"], (before, after)
    rows = await api.database.hot.fetch("SELECT nth FROM case_stage ORDER BY nth")
    assert [row["nth"] for row in rows] == list(range(1, len(stages) + 1))
    told = [event["data"] for event in await api.events()]
    events = [data["case"]["version"] for data in told if "case" in data]
    assert events == list(range(1, case["version"] + 1))


@pytest.mark.parametrize(
    "table",
    ["case_stage", "case_party", "case_liability", "case_assignment", "case_erasure", "call_case"],
)
async def test_the_app_cannot_rewrite_what_was_done(api: Api, file: File, table: str) -> None:
    await file()
    for statement in (f"UPDATE {table} SET case_id = 1", f"DELETE FROM {table}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await api.database.hot.execute(statement)


async def test_the_words_of_a_thread_cannot_be_changed(api: Api, file: File) -> None:
    filed = await file()
    await post(api, filed, "answers", {"text": "پاسخ"})
    for statement in (
        "UPDATE case_message SET text = 'other'",
        "UPDATE case_message SET internal = true",
        "DELETE FROM case_message WHERE nth = 1",
        "ALTER TABLE case_message DISABLE TRIGGER ALL",
        "DROP FUNCTION case_erase(bigint, smallint)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await api.database.hot.execute(statement)
    # the one thing that it may do: blank a complainant's words, never staff's
    await api.database.hot.execute("SELECT case_erase(id, 0::smallint) FROM complaint_case")
    case = await read(api, filed)
    assert [m["text"] for m in case["messages"]] == [None, "پاسخ"]
