"""Example lines between Khuzestan's six sorting centres, for the command; once.

Example data: no timetable of the post's is public. A star: in the evening what the other five have
collected goes to Ahvaz, after midnight what is sorted there goes out, in time for the morning's
distribution. Distances are those of the roads, in round figures.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, get_args

from services.parcels.transport import repository
from services.parcels.transport.domain import Weekday
from services.parcels.transport.schemas import NewLine
from services.parcels.transport.service import LINE_CREATED, add, tell
from shared.auth import World
from shared.runtime import Runtime

SEEDING: Final = "seeding"
FROM: Final = date(2016, 3, 20)  # the first of 1395
EVENING, NIGHT = "20:15", "00:30"
_Call = tuple[str, str | None, str | None]
_LINES: Final[tuple[tuple[str, str, int, tuple[_Call, ...]], ...]] = (
    ("DEZ-AHV-1", "دزفول به اهواز", 155, (("dezful", None, EVENING), ("ahvaz", "22:15", None))),
    ("ABD-AHV-1", "آبادان به اهواز", 125, (("abadan", None, EVENING), ("ahvaz", "22:00", None))),
    ("IZE-AHV-1", "ایذه به اهواز", 190, (("izeh", None, EVENING), ("ahvaz", "23:00", None))),
    (
        "BEH-AHV-1",
        "بهبهان به اهواز",
        215,
        (("behbahan", None, EVENING), ("mahshahr", "21:45", "22:00"), ("ahvaz", "23:20", None)),
    ),
    ("AHV-DEZ-1", "اهواز به دزفول", 155, (("ahvaz", None, NIGHT), ("dezful", "02:30", None))),
    ("AHV-ABD-1", "اهواز به آبادان", 125, (("ahvaz", None, NIGHT), ("abadan", "02:15", None))),
    ("AHV-IZE-1", "اهواز به ایذه", 190, (("ahvaz", None, NIGHT), ("izeh", "03:15", None))),
    (
        "AHV-BEH-1",
        "اهواز به بهبهان",
        215,
        (("ahvaz", None, NIGHT), ("mahshahr", "01:50", "02:05"), ("behbahan", "03:35", None)),
    ),
)


def plan(centres: Mapping[str, str]) -> list[NewLine]:
    """The lines between those of the towns that have a centre; `centres`: its code by town."""
    return [
        NewLine.model_validate(
            {
                "code": code,
                "name": f"{name} (نمونه)",
                "mode": "road",
                "days": get_args(Weekday),
                "calls": [_call(centres[town], *times) for town, *times in calls],
                "capacity_items": 4_000,
                "capacity_kg": 9_000,
                "distance_km": distance_km,
                "valid_from": FROM,
            }
        )
        for code, name, distance_km, calls in _LINES
        if all(town in centres for town, *_ in calls)
    ]


def _call(office: str, arrives: str | None, departs: str | None) -> dict[str, Any]:
    return {
        "office": office,
        "arrives": None if arrives is None else {"time": arrives},
        "departs": None if departs is None else {"time": departs},
    }


async def seed(runtime: Runtime, world: World, centres: Mapping[str, str]) -> int:
    """Add the example lines whose codes no line ever had; how many.

    Their offices are not looked for: the replica may not have heard of them yet.
    """
    added = 0
    now = runtime.clock.now()
    async with runtime.databases[world].transaction() as session:
        await repository.lock_lines(session)
        for wanted in plan(centres):
            if await repository.versions(session, wanted.code):
                continue
            calls = tuple(call.call() for call in wanted.calls)
            told = await add(session, wanted.code, wanted, calls, (SEEDING, now))
            await tell(session, LINE_CREATED, told, now)
            added += 1
    return added
