"""A complaints desk with short targets of its own: working minutes that one can count."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from services.complaints.clocks.keeping import Keeper
from shared.calendar import TEHRAN
from tests.conftest import Api
from tests.services.complaints.conftest import COMPLAINT, OFFICE, STAFF

SETTER: Final = ("targets:write", "backfill", "complaints:read")
ABOUT_OFFICE: Final = {"kind": "office", "office": OFFICE}

# the example week, of the installation: 07:30-12:00 and 12:45-15:30, Thursday 07:30-12:30
MONDAY: Final = "2019-04-08 08:00"
"""In Tehran; no holiday until Saturday the 20th."""


def level(minutes: int, *before: int) -> dict[str, Any]:
    return {"minutes": minutes, "remind_before_minutes": list(before)}


def rule(
    first: list[dict[str, Any]], resolution: list[dict[str, Any]], **fits: str
) -> dict[str, Any]:
    match = {"category": None, "severity": None, "channel": None, **fits}
    return {**match, "first_response": first, "update": [level(120)], "resolution": resolution}


TARGETS: Final[dict[str, Any]] = {
    "code": "short",
    "valid_from": "2019-03-01",
    "source": "Example data: the desk of these tests",
    "pause_max_minutes": 100,
    "pauses_total_max_minutes": 150,
    "rules": [
        rule([level(60, 15), level(30)], [level(480, 60), level(240), level(60)]),
        rule([level(30)], [level(120, 30), level(60)], severity="critical"),
        rule([level(60)], [level(600)], category="price"),
    ],
}


def tehran(wall: str) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=TEHRAN).astimezone(UTC)


def wall(instant: str | None) -> str | None:
    """As the clock on the wall in Tehran shows it, for people who count."""
    if instant is None:
        return None
    local = datetime.fromisoformat(instant).astimezone(TEHRAN)
    return local.strftime("%Y-%m-%d %H:%M")


@dataclass
class ComplaintsDesk:
    api: Api
    keeper: Keeper = field(default_factory=Keeper)

    def at(self, moment: str) -> None:
        self.api.clock.at = tehran(moment)

    async def send(self, method: str, path: str, *scopes: str, **sent: Any) -> Any:
        headers = self.api.headers(*(scopes or STAFF)) | sent.pop("headers", {})
        return await self.api.client.request(method, path, headers=headers, **sent)

    async def ask(
        self, method: str, path: str, *scopes: str, status: int = 200, **sent: Any
    ) -> Any:
        response = await self.send(method, path, *scopes, **sent)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    async def file(self, **changes: Any) -> dict[str, Any]:
        """On the web, about an office: complaints about one parcel would be joined."""
        body = {**COMPLAINT, "about": ABOUT_OFFICE, **changes}
        response = await self.api.client.post("/v1/complaints", json=body)
        assert response.status_code == 201, response.text
        filed: dict[str, Any] = response.json()
        return filed

    async def say(self, filed: dict[str, Any], text: str = "چه شد؟") -> None:
        path = f"/v1/complaints/{filed['number']}/messages"
        secret = {"Susa-Case-Secret": filed["secret"]}
        await self.ask("POST", path, status=201, json={"text": text}, headers=secret)

    async def answer(self, filed: dict[str, Any], **more: Any) -> None:
        path = f"/v1/complaints/{filed['number']}/answers"
        scopes = (*STAFF, "backfill") if more else STAFF
        await self.ask("POST", path, *scopes, status=201, json={"text": "فردا می‌رسد", **more})

    async def close(self, filed: dict[str, Any]) -> None:
        await self.ask("POST", f"/v1/complaints/{filed['number']}/close")

    async def pause(self, filed: dict[str, Any], *, status: int = 201) -> Any:
        body = {"reason": "information_requested", "question": "نشانی درست چیست؟"}
        path = f"/v1/complaints/{filed['number']}/pauses"
        return await self.ask("POST", path, status=status, json=body)

    async def resume(self, filed: dict[str, Any], *, status: int = 200) -> Any:
        path = f"/v1/complaints/{filed['number']}/pauses/end"
        return await self.ask("POST", path, status=status)

    async def clocks(self, filed: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = await self.ask("GET", f"/v1/complaints/{filed['number']}/clocks")
        return found

    async def clock(
        self, filed: dict[str, Any], measure: str = "resolution", nth: int = 1, level: int = 0
    ) -> dict[str, Any]:
        wanted = {"measure": measure, "nth": nth, "level": level}
        found = (await self.clocks(filed))["clocks"]
        (one,) = (c for c in found if {name: c[name] for name in wanted} == wanted)
        return dict(one)

    async def tick(self, keeper: Keeper | None = None) -> int:
        """Two looks at the clock, which believe it however far it went."""
        mine = keeper or self.keeper
        done = 0
        for _ in range(2):
            done += await mine.tick("live", self.api.database, self.api.clock)
        return done

    async def assess(self, filed: dict[str, Any], severity: str) -> None:
        path = f"/v1/complaints/{filed['number']}/assessment"
        await self.ask("POST", path, status=201, json={"severity": severity})

    async def reopen(self, filed: dict[str, Any]) -> None:
        path = f"/v1/complaints/{filed['number']}/reopen"
        await self.ask("POST", path, status=201, json={"text": "باز هم نرسید"})

    async def told(self, *kinds: str) -> list[tuple[Any, ...]]:
        """Of the clocks' events: what, of which clock, and when it was."""
        names = [f"clock.{kind}" for kind in kinds]
        return [
            (
                event["type"].removeprefix("clock."),
                event["data"]["clock"]["measure"],
                event["data"]["clock"]["level"],
                wall(event["data"]["occurred_at"]),
            )
            for event in await self.api.events(*names)
        ]


@pytest.fixture
async def desk(api: Api) -> ComplaintsDesk:
    made = ComplaintsDesk(api)
    made.at(MONDAY)
    await made.ask("POST", "/v1/complaint-targets", *SETTER, status=201, json=TARGETS)
    return made
