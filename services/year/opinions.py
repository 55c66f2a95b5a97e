"""What recipients think: a small sample is asked, and some of them answer over the public API.

How many answer does not grow with the scale: two hundred a year tell a share within some points,
and leave the load what it was.
"""

import asyncio
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from services.year.bounded import bounded
from services.year.client import Api
from services.year.days import Month, rfc3339
from services.year.errors import Refused
from services.year.figures import ITEMS, SATISFIED_PERCENT, SATISFIED_PERCENT_BEFORE

ANSWERS_PER_YEAR = 200
RESPONDING_PERCENT = 40
DELIVERED_HERE_PERCENT = 60
"""Of all items, about; the others leave the province."""
PER_PAGE = 200
POLL_SECONDS = 0.5
LANES = 8
# What the dissatisfied say; ours.
COMPLAINTS = (
    "دیر رسید",
    "نامه‌رسان خیلی دیر آمد و خبر نداد",
    "بسته شکسته بود",
    "برخورد باجه خوب نبود",
    "هزینه گران است",
    "صف دفتر طولانی بود",
    "به همسایه تحویل دادند",
    None,
)


class Opinion(NamedTuple):
    """What one invitation is answered with."""

    survey: str
    secret: str
    at: int
    score: int
    words: str | None


def rate_basis_points(scale: int) -> int:
    """So that some two hundred a year answer, of those who would; all where there are fewer."""
    asked = ANSWERS_PER_YEAR * 100 / RESPONDING_PERCENT
    delivered = ITEMS / scale * DELIVERED_HERE_PERCENT / 100
    return min(10_000, max(1, round(10_000 * asked / delivered)))


def satisfied_percent(year: int, of: int) -> int:
    """Before the year `of` fewer were; nothing is published of the half after it."""
    return SATISFIED_PERCENT_BEFORE if year < of else SATISFIED_PERCENT


@dataclass(slots=True)
class Opinions:
    """`key`: surveys:write, surveys:send and backfill; `manager`: reports:read."""

    api: Api
    key: str
    manager: str
    year: int
    seed: int
    given: int = 0
    """Answers of this run."""
    _counted: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Answered and satisfied, by year."""

    async def ask(self, since: date, scale: int) -> None:
        """The rule by which recipients are asked; an earlier run's stays."""
        rule = {
            "rate_basis_points": rate_basis_points(scale),
            "seed": f"year/{self.seed}",
            "valid_from": since.isoformat(),
        }
        try:
            await self.api.post("/v1/survey-rules", self.key, rule)
        except Refused as refused:
            if refused.code != "survey_rules_overlap":
                raise

    async def finish(self, deliveries: Mapping[Month, int], wait_seconds: float) -> bool:
        """Answer what there is to be answered of these months; whether all was heard of in time."""
        by_year: Counter[int] = Counter()
        for month, count in deliveries.items():
            by_year[month.year] += count
        heard = await self._heard(by_year, time.monotonic() + wait_seconds)
        asked = await self.api.pages(
            "/v1/surveys", PER_PAGE, {"answered": "false", "kind": "delivery"}, self.key
        )
        opinions = list(self._opinions(asked, set(deliveries)))
        await bounded(LANES, (self._answer(one) for one in opinions))
        self.given += len(opinions)
        return heard

    async def _heard(self, deliveries: Mapping[int, int], until: float) -> bool:
        """Whether the surveys have heard of all deliveries; what they know now is counted on."""
        for year, times in deliveries.items():
            while True:
                total = (await satisfaction(self.api, self.manager, year))["total"]
                self._counted[year] = total["answered"], total["satisfied"]
                if total["occasions"] >= times:
                    break
                if time.monotonic() >= until:
                    return False
                await asyncio.sleep(POLL_SECONDS)
        return True

    def _opinions(
        self, asked: Iterable[Mapping[str, Any]], months: set[Month]
    ) -> Iterator[Opinion]:
        """Of those who respond: as many satisfied as the year's share, as nearly as they can."""
        for one in asked:
            lot = zlib.crc32(one["subject"].encode())
            at = datetime.fromisoformat(one["invited_at"])
            year = year_of(datetime.fromisoformat(one["occurred_at"]), months)
            if year is None or lot % 100 >= RESPONDING_PERCENT:
                continue
            answered, satisfied = self._counted.get(year, (0, 0))
            share = satisfied_percent(year, self.year)
            is_satisfied = 100 * (satisfied + 1) <= share * (answered + 1) + 50
            self._counted[year] = answered + 1, satisfied + is_satisfied
            kept = lot // 100
            yield Opinion(
                one["id"],
                one["secret"],
                int((at + timedelta(hours=1 + kept % 72)).timestamp()),
                4 + kept % 3 % 2 if is_satisfied else 1 + kept % 3,
                None if is_satisfied else COMPLAINTS[kept // 3 % len(COMPLAINTS)],
            )

    async def _answer(self, one: Opinion) -> None:
        """The same answer again changes nothing, so a lost one is sent again."""
        body = {"score": one.score, "words": one.words, "occurred_at": rfc3339(one.at)}
        await self.api.put(
            f"/v1/surveys/{one.survey}/answer", self.key, body, {"Susa-Survey-Secret": one.secret}
        )


def year_of(at: datetime, months: Iterable[Month]) -> int | None:
    """The Jalali year of an instant, if it falls in one of the months."""
    instant = int(at.timestamp())
    for month in months:
        if month.starts_at() <= instant < month.next.starts_at():
            return month.year
    return None


async def satisfaction(api: Api, manager: str, year: int) -> Any:
    query: dict[str, str | int] = {"period": str(year), "kind": "delivery"}
    return await api.get("/v1/statistics/satisfaction", manager, query)
