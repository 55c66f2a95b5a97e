"""Who sits in the working group, from when to when."""

from typing import Any

import pytest

from tests.conftest import START, Api
from tests.factories.licensing import ask, meeting, refused, seat

pytestmark = pytest.mark.anyio

GROUP = "/working-group"


def composition(valid_from: str, **fields: Any) -> dict[str, Any]:
    seats = [
        {"seat": "governor", "vote": True, "chair": True},
        {"seat": "regulator", "vote": True},
        {"seat": "post", "vote": False},
    ]
    return {
        "valid_from": valid_from,
        "seats": seats,
        "paper_reference": "مصوبه نمونه",
        **fields,
    }


async def in_order(api: Api) -> list[tuple[str, str | None]]:
    found = (await ask(api, "GET", f"{GROUP}/compositions"))["items"]
    return [(each["valid_from"], each["valid_until"]) for each in found]


async def test_the_two_on_record_and_a_third(api: Api) -> None:
    assert await in_order(api) == [("1999-03-21", "2009-03-20"), ("2009-03-21", None)]
    old, _ = (await ask(api, "GET", f"{GROUP}/compositions"))["items"]
    roles = {each["seat"]: (each["chair"], each["observer"]) for each in old["seats"]}
    assert roles == {"post": (True, False), "trade_association": (False, True)}
    made = await ask(api, "POST", f"{GROUP}/compositions", composition("2019-06-01"))
    assert await ask(api, "GET", f"{GROUP}/compositions/{made['id']}") == made
    assert (await in_order(api))[1:] == [("2009-03-21", "2019-05-31"), ("2019-06-01", None)]
    assert (await refused(api, f"{GROUP}/compositions", composition("2000-01-01")))[0] == (
        "composition_overlaps"
    )
    types = [event["type"] for event in await api.events()]
    assert types == ["composition.ended", "composition.created"]
    page = await ask(api, "GET", f"{GROUP}/compositions?limit=1")
    page = await ask(api, "GET", f"{GROUP}/compositions?limit=1&cursor={page['next']}")
    assert [each["valid_from"] for each in page["items"]] == ["2009-03-21"]
    await ask(api, "GET", f"{GROUP}/compositions?cursor=WyJhIl0", status=422)


async def test_one_that_has_met_is_not_ended_before(api: Api) -> None:
    await meeting(api)
    today = START.date().isoformat()
    code, _ = await refused(api, f"{GROUP}/compositions", composition(today))
    assert code == "composition_overlaps"
    await ask(api, "POST", f"{GROUP}/compositions", composition("2019-03-22"))
    api.clock.at = START.replace(year=2020)
    view = await ask(api, "GET", f"{GROUP}/meetings/{await meeting(api)}")
    assert view["composition"]["valid_from"] == "2019-03-22"


async def test_what_is_no_composition(api: Api) -> None:
    for fields in (
        {"quorum": 3},
        {"seats": [{"seat": "governor", "vote": True}]},
        {"seats": [{"seat": "governor", "vote": True, "chair": True}] * 2},
        {"valid_until": "2018-01-01"},
    ):
        body = composition("2019-06-01", **fields)
        await ask(api, "POST", f"{GROUP}/compositions", body, status=422)


async def test_members_hold_a_seat_in_turn(api: Api) -> None:
    body = {"name": "بانک نمونه", "name_en": "A bank"}
    await ask(api, "PUT", f"{GROUP}/seats/post_bank", body)
    seats = (await ask(api, "GET", f"{GROUP}/seats"))["items"]
    assert {"slug": "post_bank", **body} in seats
    first = (await seat(api, "governor"))["governor"]
    second = {"seat": "governor", "name": "دومی", "valid_from": "2019-01-01"}
    assert (await refused(api, f"{GROUP}/members", second))[0] == "seat_taken"
    unknown = {**second, "seat": "nobody"}
    assert (await refused(api, f"{GROUP}/members", unknown))[0] == "unknown_seat"
    leave = {"valid_until": "2018-12-31"}
    await ask(api, "POST", f"{GROUP}/members/{first}/leave", leave)
    made = (await ask(api, "POST", f"{GROUP}/members", second))["id"]
    assert (await refused(api, f"{GROUP}/members/{first}/leave", {"valid_until": "2019-01-01"}))[
        0
    ] == "seat_taken"
    for day, expected in (("2018-12-31", first), ("2019-01-01", made)):
        (found,) = (await ask(api, "GET", f"{GROUP}/members?seat=governor&on={day}"))["items"]
        assert found["id"] == expected
    events = await api.events()
    assert [event["type"] for event in events][-3:] == [
        "member.seated",
        "member.left",
        "member.seated",
    ]
    assert "دومی" not in str(events)
